"""The table ``[publish.s3]`` and what is wrong with one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

_ENCRYPTIONS = ("AES256", "aws:kms", "aws:kms:dsse")

#: Classes whose objects can be fetched at once. https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html
_CLASSES = ("STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "REDUCED_REDUNDANCY", "GLACIER_IR")
_TAG = re.compile(r"[\w +\-=.:/@]*")


class S3Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[publish.s3]``: how objects are stored in a bucket. What is absent is as the bucket has it."""

    encryption: str = ""
    """Server-side encryption: ``AES256`` (SSE-S3), ``aws:kms`` or ``aws:kms:dsse``; as the bucket's own default when absent."""
    kms_key: str = ""
    """ARN or identifier of the KMS key; the account's own key for S3 when absent."""
    storage_class: str = ""
    """Storage class, such as ``INTELLIGENT_TIERING``; ``STANDARD`` when absent. Classes that must be restored before they can be read are refused."""
    tags: dict[str, str] = {}
    """Tags that every object bears, ten at most."""


def faults(config: S3Config) -> Iterator[tuple[str, str]]:
    """What is wrong with the table: (sentence, remedy)."""
    if config.encryption and config.encryption not in _ENCRYPTIONS:
        yield f"[publish.s3] encryption {config.encryption!r} is unknown", f"write one of {', '.join(_ENCRYPTIONS)}"
    if config.kms_key and not config.encryption.startswith("aws:kms"):
        yield "[publish.s3] has a kms_key, but its encryption is not that of KMS", 'write encryption = "aws:kms"'
    if not re.fullmatch(r"[A-Za-z0-9:/_-]*", config.kms_key):
        yield f"[publish.s3] kms_key {config.kms_key!r} can be neither an ARN nor an identifier", "copy the key's ARN from the KMS console"
    if config.storage_class and config.storage_class not in _CLASSES:
        yield f"[publish.s3] storage_class {config.storage_class!r} cannot hold a site", f"write one of {', '.join(_CLASSES)}"
    if len(config.tags) > 10 or not all(0 < len(name) <= 128 and len(value) <= 256 for name, value in config.tags.items()):
        yield "[publish.s3] tags are more than S3 takes", "write at most ten, with names of 1 to 128 and values of at most 256 characters"
    if any(name.lower().startswith("aws:") for name in config.tags):
        yield "[publish.s3] tags has a name that begins with aws:, which S3 keeps to itself", "call the tag otherwise"
    for text in (*config.tags, *config.tags.values()):
        if not _TAG.fullmatch(text):
            yield f"[publish.s3] the tag {text!r} has a character that S3 does not take", "use letters, digits, blanks and + - = . _ : / @"
