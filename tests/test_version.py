import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repogen.version import channel_of, for_every_distribution, release_version, version_key

IN_ORDER = [
    "0.9",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0rc1",
    "1.0.0",
    "1.0.0+9",
    "1.0.0+10",
    "1.0.0+10.1",
    "1.0.0-2-gabcdef0",
    "1.0.0-10-g0123abc",
    "1.0.1",
    "1.2",
    "1.10",
    "2.0.0-nightly.20260101",
    "2.0.0",
    "2026.1",
]


def test_versions_are_in_order() -> None:
    assert sorted(set(IN_ORDER), key=version_key) == IN_ORDER
    assert all(version_key(a) < version_key(b) for a, b in itertools.pairwise(IN_ORDER))


@pytest.mark.parametrize("early", ["1.1a1", "1.1b2", "1.1.Beta3", "1.1.0.rc1", "1.1_pre", "1.1.dev4", "1.1preview2", "1.1.CR1", "1.1ea"])
def test_every_word_that_makes_a_beta_or_nightly_comes_before_the_version(early: str) -> None:
    assert channel_of(early) != "stable"
    assert version_key("1.0.9") < version_key(early) < version_key("1.1") < version_key(early.replace("1.1", "1.1.1", 1))


def test_trailing_zeros_do_not_count() -> None:
    assert version_key("1.0") == version_key("1.0.0")


@given(st.lists(st.text(max_size=12), min_size=2, max_size=3))
def test_any_texts_can_be_compared(versions: list[str]) -> None:
    keys = [version_key(version) for version in versions]
    assert min(keys) <= max(keys)


@pytest.mark.parametrize(
    ("version", "channel"),
    [
        ("1.0.0", "stable"), ("1.0.0+build.5", "stable"), ("2026.11", "stable"), ("1.0.0-1", "stable"),
        ("2.0.0-beta.3", "beta"), ("2.0.0-rc1", "beta"), ("2.0.0rc1", "beta"), ("1.2.0b1", "beta"), ("0.9-preview", "beta"), ("2.0.0~alpha", "beta"),
        ("1.0.0-beta+exp.5", "beta"), ("1.2.3-prerelease.2", "beta"), ("1.2.3-a.1", "beta"), ("1.2.3-ea", "beta"), ("7.1.1-44", "stable"),
        ("1.2.3-2-gabcdef0", "nightly"), ("1.2.3-rc1-2-gabcdef0-dirty", "nightly"), ("1.2.3-pr45", "nightly"),
        ("1.0.0-nightly.20260101", "nightly"), ("1.0.0-dev.3", "nightly"), ("1.0-SNAPSHOT", "nightly"), ("nightly-20260101", "nightly"),
    ],
)  # fmt: skip
def test_channel_of_a_version(version: str, channel: str) -> None:
    assert channel_of(version) == channel


@pytest.mark.parametrize(
    ("package", "release"),
    [
        ("1:1.4.0-2", "1.4.0"),
        ("2.0.0~beta.3-1", "2.0.0-beta.3"),
        ("2.0.0-beta.3", "2.0.0-beta.3"),
        ("1.0", "1.0"),
        ("1.4.0-1~bpo12+1", "1.4.0"),
        ("1.4.0~bookworm1", "1.4.0"),
        ("1.4.0~rc1+deb12u1", "1.4.0-rc1"),
        ("1.4.0+ubuntu22.04.1~jammy", "1.4.0"),
        ("1.4.0~debug1", "1.4.0-debug1"),
        ("1.2.3-ubuntu1", "1.2.3"),
        ("1.0^git1~rc2", "1.0+git1-rc2"),
        ("1:1.2.3-5-gabcdef0", "1.2.3-5-gabcdef0"),
        ("1.2.3-5-gabcdef0-dirty", "1.2.3-5-gabcdef0-dirty"),
        ("1.2.3-5-gabcdef0-2", "1.2.3-5-gabcdef0"),
        ("1.2.3-5-gabcdef0~bookworm1", "1.2.3-5-gabcdef0"),
        ("1.2.3-rc1-5-gabcdef0", "1.2.3-rc1-5-gabcdef0"),
        ("1.2.3_5_gabcdef0", "1.2.3-5-gabcdef0"),
        ("1.2.3_5_green", "1.2.3_5_green"),
    ],
)
def test_release_of_a_package_version(package: str, release: str) -> None:
    assert release_version(package) == release


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1.0-1~bookworm1", "1.0-1~trixie1", True),
        ("1.0-1~bookworm1", "1.0-1~bookworm2", False),
        ("1.0-1~ubuntu22.04.1", "1.0-1~ubuntu24.04.1", True),
        ("1.0-1+deb12u1", "1.0-1+deb13u1", True),
        ("1.0-1+deb12u1", "1.0-1+deb12u2", False),
        ("1.0-1~bookworm1", "1.0-2~trixie1", False),
        ("0:1.0-1.el9", "0:1.0-1.fc42", True),
        ("0:1.0-1.el9_4", "0:1.0-2.el9_4", False),
        ("0:1.0-lp156.1.1", "0:1.0-bp157.1.1", True),
        ("0:1.0-lp156.1.1", "0:1.0-lp156.2.1", False),
        ("1.0+sidecar-1", "1.0-1", False),
    ],
)
def test_a_revision_is_the_same_for_every_distribution(one: str, other: str, same: bool) -> None:
    assert (for_every_distribution(one) == for_every_distribution(other)) is same
