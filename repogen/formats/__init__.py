"""The registry of outputs.

A format is a module with ``render(catalog, config) -> Tree``. One that makes payload of its own (a nupkg, a
commit of the tap) also has ``derive(catalog, config) -> Derived``, called before any rendering. One whose clients look for a file at another
address too has ``copies(catalog, config)``, which yields that path, the artifact and the stage. Formats are
pure: no other format, no secret key, no clock, no network, no path outside the tree. ``BY_RELEASE = True`` says that each of its files
depends on the artifacts of one (product, version) alone: it is not asked again for releases whose files are published already, but for their
``addresses(catalog, config)``; all of them are of Stage.ENTRY.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from msgspec import Struct, field

from repogen.catalog import Catalog
from repogen.tree import Tree

#: Module of each output, in the order of rendering: what asks for most signatures comes first, so that they are made while the rest is rendered.
#: They are imported when a build renders, not before.
FORMATS = ("checksums", "apt", "yum", "homebrew", "chocolatey", "scoop", "winget", "updates", "keys", "installers", "repo_json", "site")


class Derived(Struct, frozen=True):
    """What ``derive`` returns: the catalog with what the format made, and the payload that was made."""

    catalog: Catalog
    tree: Tree = field(default_factory=Tree)


def load_formats() -> tuple[ModuleType, ...]:
    return tuple(import_module(f"repogen.formats.{name}") for name in FORMATS)
