"""Groups of packages for ``dnf group install``, as comps.xml: https://github.com/rpm-software-management/libcomps/blob/master/data/comps.rng ."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from repogen.templates import render
from repogen.yum_config import YumGroupConfig


def text(groups: Sequence[YumGroupConfig], names: AbstractSet[str]) -> bytes:
    """The groups that have a package among ``names``; empty when there is none."""
    there = [group for group in groups if not names.isdisjoint((*group.packages, *group.optional))]
    return render("yum/comps.xml.j2", groups=there).encode() if there else b""
