"""Which formulas of the tap cannot stand beside each other in brew's prefix: https://docs.brew.sh/Formula-Cookbook.

Formulas of a product's channels install the same programs; others are named in the products' tables. ``brew audit`` wants it said by both of
them. A formula that is not linked is in nobody's way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from repogen import homebrew_rule
from repogen.catalog import Product

SAME_PROGRAMS = "both install the same programs"
SAME_FILES = "they install the same files"


def conflicts(products: Iterable[Product], linked: Mapping[str, tuple[str, ...]], tap: str) -> dict[str, dict[str, str]]:
    """Name of a formula to the names that it conflicts with and the reasons, sorted. ``linked``: the formulas that each product has in the prefix."""
    found: dict[str, dict[str, str]] = {name: {} for names in linked.values() for name in names}
    owners = {homebrew_rule.formula_name(product, "stable"): product for product in linked}
    for product in products:
        own = linked.get(product.id, ())
        for name in own:
            found[name] |= {f"{tap}/{other}": SAME_PROGRAMS for other in own if other != name}
            for asked in product.homebrew.conflicts:
                owner = owners.get(asked.removeprefix(f"{tap}/"), "")
                found[name].setdefault(asked, SAME_FILES)
                for other in linked.get(owner, ()):
                    if other != name:
                        found[other].setdefault(f"{tap}/{name}", SAME_FILES)
    return {name: dict(sorted(some.items())) for name, some in found.items()}
