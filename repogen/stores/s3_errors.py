"""What botocore and S3 say when they refuse, as sentences that name the permission or setting to look at.

Error codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from repogen.errors import StoreError
from repogen.stores.disk_errors import NO_ROOM

_CREDENTIALS = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give the machine a role"

#: Exception of botocore by name, because botocore is only imported where S3 is used: (what is wrong, remedy).
_LOCAL = {
    "NoCredentialsError": ("there are no AWS credentials", _CREDENTIALS),
    "PartialCredentialsError": ("the AWS credentials are incomplete", _CREDENTIALS),
    "CredentialRetrievalError": ("the AWS credentials cannot be fetched", _CREDENTIALS),
    "ProfileNotFound": ("the AWS profile does not exist", "look at AWS_PROFILE and ~/.aws/config"),
    "ConfigParseError": ("the AWS configuration cannot be read", "look at ~/.aws/config"),
    "NoRegionError": ("no AWS region is set", "set AWS_REGION"),
    "SSOTokenLoadError": ("the AWS single sign-on has ended", "run `aws sso login`"),
    "UnauthorizedSSOTokenError": ("the AWS single sign-on has ended", "run `aws sso login`"),
    "TokenRetrievalError": ("the AWS single sign-on has ended", "run `aws sso login`"),
    "EndpointConnectionError": ("the service does not answer", "look at the network and at AWS_ENDPOINT_URL or [publish] endpoint_url"),
    "ConnectTimeoutError": ("the service does not answer", "look at the network and at AWS_ENDPOINT_URL or [publish] endpoint_url"),
    "ReadTimeoutError": ("the service stopped answering", "publish again, nothing is lost"),
    "ConnectionClosedError": ("the service closed the connection", "publish again, nothing is lost"),
    "ResponseStreamingError": ("the answer was cut off", "publish again, nothing is lost"),
    "IncompleteReadError": ("the answer was cut off", "publish again, nothing is lost"),
    "FlexibleChecksumError": ("what arrived is not what was sent", "publish again, nothing is lost"),
    "ResponseParserError": ("the answer makes no sense", "look at AWS_ENDPOINT_URL or [publish] endpoint_url: is an S3 service there?"),
    "MetadataRetrievalError": ("the AWS credentials cannot be fetched", _CREDENTIALS),
    "ProxyConnectionError": ("the proxy does not answer", "look at HTTPS_PROXY and NO_PROXY"),
    "SSLError": ("the service has no certificate that this machine trusts", "look at AWS_CA_BUNDLE and at the address of the endpoint"),
    "ParamValidationError": ("this is no name that S3 takes", "look at [publish] to: s3://bucket/prefix"),
    # botocore follows a redirect that names no region until the interpreter stops it.
    "RecursionError": ("the bucket {bucket!r} is in another region", "set AWS_REGION to the bucket's region"),
}

_NO_BUCKET = ("the bucket {bucket!r} does not exist", "make it, or look at [publish] to and at the endpoint and region")
_FORBIDDEN = ("access is denied", "allow {action} on {bucket!r} to these credentials (s3:ListBucket too: without it S3 answers so for a key that is absent)")
_KEYS = ("the service does not know these credentials", "look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_PROFILE")
_EXPIRED = ("the AWS credentials have expired", "renew them and publish again, nothing is lost")
_REGION = ("the bucket {bucket!r} is in another region", "set AWS_REGION to the bucket's region")
#: Seconds.
_TOLERATED = 15 * 60
_CLOCK = ("this machine's clock is {skew}", "set the clock; S3 takes requests within 15 minutes of its own")
_CONDITION = ("the service knows no conditional puts", "it must honour If-Match and If-None-Match, as Amazon S3, R2 and Ceph do")
_KMS = ("the KMS key cannot be used", "look at [publish.s3] kms_key; these credentials need kms:GenerateDataKey and kms:Decrypt on it")
_BUSY = ("the service is too busy", "publish again in a while, nothing is lost")

#: Error code or HTTP status of the service.
_REMOTE = {
    "NoSuchBucket": _NO_BUCKET,
    "InvalidBucketName": ("{bucket!r} cannot be a bucket's name", "look at [publish] to: s3://bucket/prefix"),
    "AccessDenied": _FORBIDDEN,
    "AllAccessDisabled": _FORBIDDEN,
    "Forbidden": _FORBIDDEN,
    "403": _FORBIDDEN,
    "InvalidAccessKeyId": _KEYS,
    "SignatureDoesNotMatch": _KEYS,
    "InvalidToken": _KEYS,
    "InvalidClientTokenId": _KEYS,
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "RequestTimeTooSkewed": _CLOCK,
    "RequestExpired": _EXPIRED,
    "PermanentRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "301": _REGION,
    "400": ("the service does not understand the request", "look at AWS_REGION, at the endpoint and at when the credentials end"),
    "NotImplemented": _CONDITION,
    "501": _CONDITION,
    "SlowDown": _BUSY,
    "ServiceUnavailable": _BUSY,
    "429": _BUSY,
    "502": _BUSY,
    "503": _BUSY,
    "504": _BUSY,
    "TooManyRequests": _BUSY,
    "Throttling": _BUSY,
    "RequestTimeout": ("the service waited too long for the file", "publish again, nothing is lost"),
    "InternalError": _BUSY,
    "500": _BUSY,
    "BadDigest": ("what arrived is not what was sent", "publish again, nothing is lost"),
    "XAmzContentSHA256Mismatch": ("what arrived is not what was built", "build again, and look at the disk when it comes back"),
    "XAmzContentChecksumMismatch": ("what arrived is not what was sent", "publish again, nothing is lost"),
    "KMS.DisabledException": _KMS,
    "KMS.NotFoundException": _KMS,
    "KMS.AccessDeniedException": _KMS,
    "NoSuchUpload": ("another run ended this upload", "publish again, nothing is lost"),
    "InvalidPart": ("another run sends other bytes for this file", "publish again, nothing is lost"),
    "InvalidStorageClass": ("the service does not know the storage class", "look at [publish.s3] storage_class"),
    "InvalidTag": ("the service does not take the tags", "look at [publish.s3] tags"),
    "QuotaExceeded": ("the bucket is full", "make room and publish again, nothing is lost"),
}


def code_of(error: Exception) -> str:
    """The service's error code, ``NoSuchKey``, or the HTTP status where it gave none; empty for other exceptions."""
    answer: Any = getattr(error, "response", None)
    if not isinstance(answer, dict):
        return ""
    return str(answer.get("Error", {}).get("Code") or answer.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))


@contextmanager
def sentences(bucket: str, name: str, *, action: str = "", no_bucket: bool = False) -> Iterator[None]:
    """Turn whatever boto3 raises into a StoreError that begins with ``name``. ``no_bucket``: here a 404 is a missing bucket."""
    try:
        yield
    except StoreError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and not _is_botocore(error):  # some of botocore's are OSErrors too
            hint = NO_ROOM.get(error.errno or 0, "the file must stay as it is until it is published")
            raise StoreError(f"{error.filename or name}: {error.strerror or error}", hint=hint) from error
        skew = _skew(error, datetime.now(UTC))
        # A HEAD that comes at a wrong time is refused without a word.
        code = "RequestTimeTooSkewed" if code_of(error) == "403" and abs(skew) > _TOLERATED else code_of(error)
        found = _NO_BUCKET if no_bucket and code in {"404", "NoSuchBucket"} else _of_role(error) or _REMOTE.get(code) or _of_botocore(error)
        if found is None:
            raise
        problem, hint = (text.format(bucket=bucket, action=action, skew=_amount(skew)) for text in found)
        raise StoreError(f"{name}: {problem}", hint=hint) from error


def _is_botocore(error: Exception) -> bool:
    return type(error).__module__.split(".")[0] in {"botocore", "boto3", "s3transfer"}


def _of_role(error: Exception) -> tuple[str, str] | None:
    """Sentence for a refusal of the service that gives credentials, which is not S3; None for any other."""
    operation = str(getattr(error, "operation_name", ""))
    if not operation.startswith(("AssumeRole", "GetRoleCredentials", "CreateToken", "GetSessionToken")):
        return None
    code = code_of(error).replace("{", "{{").replace("}", "}}")
    return f"the role gives no credentials ({operation}: {code})", "look at AWS_ROLE_ARN and at the role's trust policy: who and what may assume it"


def moment_of(answer: Any) -> datetime | None:
    """When the service answered, by its own clock; None where the answer, or the error that it came as, does not bear it."""
    answer = getattr(answer, "response", answer)
    said = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "") if isinstance(answer, dict) else ""
    try:
        return parsedate_to_datetime(said).astimezone(UTC)
    except (TypeError, ValueError):
        return None


def _skew(error: Exception, now: datetime) -> float:
    """Seconds by which the service's clock is ahead of this one; 0 where the answer bears no time."""
    moment = moment_of(error)
    return (moment - now).total_seconds() if moment else 0.0


def _amount(seconds: float) -> str:
    """How this clock goes when the service's is so far ahead: "42 minutes behind"."""
    minutes = round(abs(seconds) / 60)
    if not minutes:
        return "wrong"
    amount = f"{minutes} minutes" if minutes < 2 * 60 else f"{round(minutes / 60)} hours" if minutes < 2 * 24 * 60 else f"{round(minutes / 1440)} days"
    return f"{amount} {'behind' if seconds > 0 else 'ahead'}"


def _of_botocore(error: Exception) -> tuple[str, str] | None:
    """Sentence for an exception of botocore, of its own classes or of one it is derived from; None for anything else.

    What it was raised upon counts too: botocore wraps a RecursionError when that meets it inside a request.
    """
    for kind in (*type(error).__mro__, type(error.__context__)):
        if kind.__name__ in _LOCAL:
            return _LOCAL[kind.__name__]
    if not _is_botocore(error) and not isinstance(error, ValueError):
        return None
    said = str(error).replace("{", "{{").replace("}", "}}")
    return f"the service refused: {said}", "look at the endpoint and the credentials; `aws s3 ls` with the same environment must work"
