"""Amazon CloudFront: one invalidation, waited for until it is completed.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateInvalidation.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from repogen.cdn.addresses import cached_as
from repogen.cdn.patience import Patience
from repogen.config import Config
from repogen.errors import CdnError

#: A distribution takes so many paths in progress; with a wildcard at their end, so few.
MOST_PATHS = 3_000
MOST_WILDCARDS = 15
#: An invalidation that is done is not made again under its own reference; so many tries of the same paths get one.
_MOST_TRIES = 50
#: Of one request that got no answer.
ATTEMPTS = 5

_RIGHTS = "allow cloudfront:CreateInvalidation and cloudfront:GetInvalidation on the distribution to these credentials"
_CREDENTIALS = "CloudFront takes the credentials that every AWS tool takes: AWS_ACCESS_KEY_ID, AWS_PROFILE, a role"
_NETWORK = "look at the network and at AWS_ENDPOINT_URL_CLOUDFRONT, AWS_ENDPOINT_URL or [cdn] endpoint_url"
_REMEDIES = {
    "AccessDenied": ("access is denied", _RIGHTS),
    "403": ("access is denied", _RIGHTS),
    "NoSuchDistribution": ("there is no such distribution", "look at [cdn] distribution; the credentials must be of its account"),
    "InvalidClientTokenId": ("the credentials are unknown", _CREDENTIALS),
    "SignatureDoesNotMatch": ("the credentials are wrong", _CREDENTIALS),
    "ExpiredToken": ("the credentials have expired", "renew them"),
    "NoCredentialsError": ("there are no credentials", _CREDENTIALS),
    "PartialCredentialsError": ("the credentials are incomplete", _CREDENTIALS),
    "EndpointConnectionError": ("the service does not answer", _NETWORK),
    "ConnectTimeoutError": ("the service does not answer", _NETWORK),
    "ReadTimeoutError": ("the service stopped answering", _NETWORK),
    "TooManyInvalidationsInProgress": ("too many other invalidations are in progress", "wait until they are completed"),
}


def purge(config: Config, paths: Sequence[str], mark: str, patience: Patience) -> None:
    """Make the distribution forget these paths of the site. ``mark`` names them and their bytes. Raises CdnError."""
    distribution = config.cdn.distribution
    with _sentences(distribution):
        client = _client(config)
        try:
            id = _create(client, distribution, invalidation_paths(config.url, paths), mark, patience)
            while client.get_invalidation(DistributionId=distribution, Id=id)["Invalidation"]["Status"] != "Completed":
                if not patience.pause():
                    raise CdnError(
                        f"CloudFront has not completed invalidation {id} of {distribution} within {config.cdn.timeout} seconds",
                        hint="it goes on there; give it longer with [cdn] timeout",
                    )
        finally:
            client.close()


def invalidation_paths(url: str, paths: Iterable[str]) -> list[str]:
    """What to invalidate, as paths of the distribution; one wildcard over the whole site where these would be too many."""
    root = urlsplit(url).path.rstrip("/")
    forms = {f"{root}/{one}" for path in paths for one in _forms(path)}
    found = sorted(one for one in forms if f"{one}*" not in forms)
    wildcards = sum(one.endswith("*") for one in found)
    return found if wildcards <= MOST_WILDCARDS and len(found) - wildcards <= MOST_PATHS else [f"{root}/*"]


def _forms(path: str) -> Iterator[str]:
    """CloudFront takes no ``~`` in an invalidation, and ``%7E`` does not match what was asked for with ``~``: the part before it does, for both.

    https://github.com/aws/aws-sdk/issues/525
    """
    for spelling in cached_as(path):
        before, tilde, _ = spelling.replace("%7E", "~").partition("~")
        plain, query, _ = before.partition("?")
        yield f"{plain}*" if tilde or query else plain


def _create(client: Any, distribution: str, items: list[str], mark: str, patience: Patience) -> str:
    """Id of an invalidation of these paths that is still in progress: a new one, or that of a run that was killed meanwhile.

    CloudFront answers a reference that it knows with the invalidation of then. One that is completed was of an earlier try.
    """
    for number in range(_MOST_TRIES):
        batch = {"Paths": {"Quantity": len(items), "Items": items}, "CallerReference": f"repogen-{mark}-{number}"}
        while True:
            try:
                made = client.create_invalidation(DistributionId=distribution, InvalidationBatch=batch)["Invalidation"]
                break
            except client.exceptions.TooManyInvalidationsInProgress:
                if not patience.pause():
                    raise
        if made["Status"] != "Completed":
            return str(made["Id"])
    raise CdnError(
        f"CloudFront has completed {_MOST_TRIES} invalidations of the same files of {distribution}", hint="look at what stands between CloudFront and the store"
    )


def _client(config: Config) -> Any:
    import boto3
    from botocore.config import Config as ClientConfig

    settings = ClientConfig(retries={"mode": "standard", "total_max_attempts": ATTEMPTS}, connect_timeout=10, read_timeout=60, user_agent_extra="repogen")
    in_environment = os.environ.get("AWS_ENDPOINT_URL_CLOUDFRONT") or os.environ.get("AWS_ENDPOINT_URL")
    endpoint = None if in_environment else config.cdn.endpoint_url or None
    session = boto3.session.Session()
    # CloudFront has one endpoint for the whole world, and yet botocore wants a region.
    return session.client("cloudfront", region_name=session.region_name or "us-east-1", endpoint_url=endpoint, config=settings)


@contextmanager
def _sentences(distribution: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError, ValueError) as error:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
        problem, hint = _REMEDIES.get(code) or (str(error), _RIGHTS)
        raise CdnError(f"CloudFront could not purge {distribution}: {problem}", hint=hint) from error
