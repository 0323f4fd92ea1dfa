"""Names that lead elsewhere: ``formula_renames.json``, ``cask_renames.json`` and ``tap_migrations.json`` at the tap's root.

https://docs.brew.sh/Rename-A-Formula. A formula that became a cask, or the other way about, is a migration within the tap. What was renamed or
has moved follows from the products' tables; what turned into the other kind follows from the tap's own history.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from repogen import homebrew_rule
from repogen.catalog import Catalog, GitHead, Product
from repogen.config import Config
from repogen.git_history import TrackedFile

_NAMES = {"Formula": homebrew_rule.formula_name, "Casks": homebrew_rule.token}
_KINDS = tuple(_NAMES)


def tables(catalog: Catalog, config: Config, files: Mapping[str, TrackedFile], head: GitHead | None) -> dict[str, TrackedFile]:
    """The files of the tap that hold such names; those that would be empty are not there."""
    tap = homebrew_rule.tap_name(config.repo.name)
    renames: dict[str, dict[str, str]] = {kind: {} for kind in _KINDS}
    for product in catalog.products:
        for kind in _KINDS:
            name = _name(kind, product)
            if f"{kind}/{name}.rb" in files:
                renames[kind] |= {former: name for former in product.homebrew.formerly if f"{kind}/{former}.rb" not in files}
    migrations = {**_turned(files, head, tap), **_moved(catalog)}
    found = {"formula_renames.json": renames["Formula"], "cask_renames.json": renames["Casks"], "tap_migrations.json": migrations}
    return {path: TrackedFile(f"{json.dumps(names, indent=2, sort_keys=True)}\n".encode()) for path, names in found.items() if names}


def _name(kind: str, product: Product) -> str:
    return _NAMES[kind](product.id, "stable")


def _moved(catalog: Catalog) -> dict[str, str]:
    """Names of products that have gone to another tap."""
    gone = [product for product in catalog.products if product.homebrew.moved_to]
    return {name: product.homebrew.moved_to for product in gone for name in (_name("Formula", product), *product.homebrew.formerly)}


def _turned(files: Mapping[str, TrackedFile], head: GitHead | None, tap: str) -> dict[str, str]:
    """Names that were a formula once and are a cask now, or the other way about; in other channels than ``stable`` the two are named differently."""
    before = {*head.former, *head.files} if head else set()
    found = {}
    for path, file in files.items():
        now, _, name = path.removesuffix(".rb").partition("/")
        if file.release and now in _KINDS:
            was = next(kind for kind in _KINDS if kind != now)
            line = name.partition("@")[2] if file.release.channel == "stable" else ""
            former = _NAMES[was](file.release.product, file.release.channel, line)
            if f"{was}/{former}.rb" in before and f"{was}/{former}.rb" not in files:
                found[former] = f"{tap}/{name}"
    return found
