"""The public keys as people and clients fetch them: ``keys/<name>.asc`` and ``keys/<name>.gpg``.

Several keys stand one after another in each file, which apt, rpm and gpg all read
(https://www.rfc-editor.org/rfc/rfc9580#name-ascii-armor). They are uploaded before any text that a new key signs.
"""

from __future__ import annotations

from repogen import key_texts, layout
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.tree import File, Stage, Tree


def render(catalog: Catalog, config: Config) -> Tree:
    """Both key files; nothing in an unsigned preview."""
    if not catalog.keys:
        return Tree()
    return Tree({
        layout.key_armored(config.repo.name): File(key_texts.armored(catalog.keys).encode(), Stage.INDEX),
        layout.key_binary(config.repo.name): File(key_texts.binary(catalog.keys), Stage.INDEX),
    })  # fmt: skip
