"""The order of packages, against dpkg's and rpm's own."""

from __future__ import annotations

from itertools import pairwise

from msgspec.structs import replace

from repogen.artifact import RpmFacts
from repogen.package_order import deb_key, rpm_key
from tests.support.clients import require, run
from tests.support.releases import rpm

_WORDS = "0 00 1 01 1.0 1.0.0 1.0~ 1.0~rc1 1.0~rc10 1.0~rc9 1.0~~ 1.0a 1.0a1 1.0alpha 1.0+b1 1.0+ 1.0. 1..0 1.0.1 1.10 1.9 10 2026.01"
VERSIONS = [*_WORDS.split(), f"1.{'9' * 5000}", f"1.1{'0' * 5000}"]


def test_debs_are_in_the_order_of_dpkg() -> None:
    """Sorted by the key, no version is less than the one before it, and each is equal to it where the keys are."""
    require("dpkg")
    versions = [*VERSIONS, *["1.0-1", "1.0-0", "1.0-10", "1.0-9", "1.0-1~deb12", "1.0-1~deb12u1", "1.0-1+b1", "1:0.9", "0:1.0", "10:1", "1.0-rc-1", "1.0-0~"]]
    for one, next_one in pairwise(sorted(versions, key=deb_key)):
        run("dpkg", "--compare-versions", one, "eq" if deb_key(one) == deb_key(next_one) else "lt", next_one)


def test_rpms_are_in_the_order_of_rpm() -> None:
    require("rpm")
    made = rpm("hello", "1.0").facts
    assert isinstance(made, RpmFacts)
    versions = [*VERSIONS, *["a", "A1", "1.0^", "1.0^git1", "1.0^git1~rc1", "1.0~rc1^git1", "1.0_1", "1.0.a"]]
    some = [replace(made, version=version) for version in versions]
    some += [replace(made, epoch=epoch, release=release) for epoch, release in ((0, "10"), (0, "9"), (0, "1.el9"), (1, "1"))]
    pairs = list(pairwise(sorted(some, key=rpm_key)))
    compared = "".join(f"print(rpm.vercmp('{one.evr}', '{next_one.evr}') .. ' ')" for one, next_one in pairs)
    said = run("rpm", "--eval", f"%{{lua:{compared}}}").stdout.split()
    assert [int(word) for word in said] == [0 if rpm_key(one) == rpm_key(next_one) else -1 for one, next_one in pairs]
