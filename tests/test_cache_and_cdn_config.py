"""The tables [cache] and [cdn]: what they take, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from repogen.cdn_config import KINDS
from repogen.compose import rendering
from repogen.config import parse
from repogen.content_types import cache_control
from repogen.errors import UsageError
from repogen.tree import Stage
from tests.support.cdn import DISTRIBUTION, ZONE

REPO = {"name": "acme", "url": "https://dl.acme.example"}


def test_each_class_has_a_cache_control_of_its_own() -> None:
    cache = parse({"repo": REPO, "cache": {"entry": "public, max-age=0, s-maxage=86400, must-revalidate", "page": "no-store"}}, Path("repogen.toml")).cache
    assert [cache_control(stage, cache) for stage in Stage] == [
        "public, max-age=31536000, immutable",
        "public, max-age=0, must-revalidate",
        "public, max-age=0, s-maxage=86400, must-revalidate",
        "no-store",
    ]


@pytest.mark.parametrize("value", ['private, no-cache="set-cookie"', "max-age=60,must-revalidate", "no-store", "public, max-age=60, stale-while-revalidate=30"])
def test_every_cache_control_can_be_said(value: str) -> None:
    assert parse({"repo": REPO, "cache": {"index": value}}, Path("repogen.toml")).cache.index == value


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_cdn_needs_its_id(kind: str) -> None:
    id = {"cloudfront": DISTRIBUTION, "cloudflare": ZONE}[kind]
    assert parse({"repo": REPO, "cdn": {"kind": kind, KINDS[kind]: id}}, Path("repogen.toml")).cdn.timeout == 900
    with pytest.raises(UsageError, match=rf"\[cdn\] has no {KINDS[kind]}"):
        parse({"repo": REPO, "cdn": {"kind": kind}}, Path("repogen.toml"))


@pytest.mark.parametrize(
    ("table", "said", "hint"),
    [
        ({"cache": {"entry": ""}}, "[cache] entry '' is no Cache-Control", "max-age=60"),
        ({"cache": {"entry": "public\r\nSet-Cookie: a=b"}}, "is no Cache-Control", "max-age=60"),
        ({"cache": {"payload": "für immer"}}, "is no Cache-Control", "max-age=60"),
        ({"cache": {"index": "public, Immutable"}}, "[cache] index cannot be immutable", "old ones"),
        ({"cdn": {"kind": "akamai"}}, "[cdn] kind 'akamai' is unknown", "known are: cloudfront, cloudflare"),
        ({"cdn": {"kind": "cloudflare", "zone": ZONE, "distribution": "E1"}}, "[cdn] distribution belongs to cloudfront", 'kind = "cloudfront"'),
        ({"cdn": {"zone": ZONE}}, "[cdn] zone belongs to cloudflare", 'kind = "cloudflare"'),
        ({"cdn": {"kind": "cloudflare", "zone": "../a"}}, "is no id", "32 hexadecimal digits"),
        ({"cdn": {"kind": "cloudflare", "zone": "xyz"}}, "[cdn] zone 'xyz' is no id", "32 hexadecimal digits"),
        ({"cdn": {"kind": "cloudflare", "zone": ZONE.upper()}}, "is no id", "32 hexadecimal digits"),
        ({"cdn": {"kind": "cloudfront", "distribution": "E-1"}}, "[cdn] distribution 'E-1' is no id", "letters and digits"),
        ({"cdn": {"kind": "cloudflare", "zone": ZONE, "endpoint_url": "api"}}, "no http(s) address", "leave it out"),
        ({"cdn": {"kind": "cloudflare", "zone": ZONE, "timeout": 0}}, "[cdn] timeout is 0", "1 to 7200 seconds"),
    ],
)
def test_what_cannot_be(table: dict[str, object], said: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse({"repo": REPO, **table}, Path("repogen.toml"))
    assert said in caught.value.message
    assert hint in caught.value.hint


def test_neither_changes_what_is_rendered() -> None:
    plain = parse({"repo": REPO}, Path("repogen.toml"))
    other = parse({"repo": REPO, "cache": {"page": "no-store"}, "cdn": {"kind": "cloudflare", "zone": ZONE}}, Path("repogen.toml"))
    assert rendering(other) == rendering(plain)
