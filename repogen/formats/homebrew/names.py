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

_KINDS = ("Formula", "Casks")


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
    return homebrew_rule.formula_name(product.id, "stable") if kind == "Formula" else homebrew_rule.token(product.id, "stable")


def _moved(catalog: Catalog) -> dict[str, str]:
    """Names of products that have gone to another tap."""
    gone = [product for product in catalog.products if product.homebrew.moved_to]
    return {name: product.homebrew.moved_to for product in gone for name in (_name("Formula", product), *product.homebrew.formerly)}


def _turned(files: Mapping[str, TrackedFile], head: GitHead | None, tap: str) -> dict[str, str]:
    """Names that were a formula once and are a cask now, or the other way about."""
    before = {*head.former, *head.files} if head else set()
    found = {}
    for was, now in (_KINDS, _KINDS[::-1]):
        for path in before:
            name = path.removeprefix(f"{was}/").removesuffix(".rb")
            if path == f"{was}/{name}.rb" and path not in files and f"{now}/{name}.rb" in files:
                found[name] = f"{tap}/{name}"
    return found
