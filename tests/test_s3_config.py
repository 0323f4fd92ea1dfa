"""[publish.s3] in repogen.toml: what may stand there, and what is refused with a remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from repogen.config import parse
from repogen.errors import UsageError

_REPO = {"name": "acme", "url": "https://dl.acme.example"}


def _parse(table: dict[str, Any]) -> Any:
    return parse({"repo": _REPO, "publish": {"to": "s3://bucket", "s3": table}}, Path("repogen.toml")).publish.s3


def test_everything_may_be_said() -> None:
    table = {"encryption": "aws:kms", "kms_key": "arn:aws:kms:eu-west-1:1:key/ab-1", "storage_class": "INTELLIGENT_TIERING", "tags": {"team": "tools", "a": ""}}
    said = _parse(table)
    assert (said.encryption, said.kms_key, said.storage_class, said.tags) == tuple(table.values())


@pytest.mark.parametrize(
    ("table", "sentence", "remedy"),
    [
        ({"encryption": "kms"}, "encryption 'kms' is unknown", "aws:kms"),
        ({"kms_key": "alias/x", "encryption": "AES256"}, "its encryption is not that of KMS", 'encryption = "aws:kms"'),
        ({"kms_key": "my key\n", "encryption": "aws:kms"}, "neither an ARN nor an identifier", "KMS console"),
        ({"storage_class": "DEEP_ARCHIVE"}, "'DEEP_ARCHIVE' cannot hold a site", "STANDARD_IA"),
        ({"tags": {str(number): "x" for number in range(11)}}, "more than S3 takes", "at most ten"),
        ({"tags": {"": "x"}}, "more than S3 takes", "1 to 128"),
        ({"tags": {"a": "x" * 257}}, "more than S3 takes", "256"),
        ({"tags": {"aws:team": "x"}}, "begins with aws:", "otherwise"),
        ({"tags": {"a&b": "x"}}, "'a&b' has a character", "letters, digits"),
        ({"storage": "x"}, "unknown key 'storage' in [publish.s3]", "storage_class"),
    ],
)
def test_what_cannot_be(table: dict[str, Any], sentence: str, remedy: str) -> None:
    with pytest.raises(UsageError) as caught:
        _parse(table)
    assert sentence in caught.value.message
    assert remedy in caught.value.hint
