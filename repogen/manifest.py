"""What a site consists of, without its bytes: size, digest and stage of every path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from repogen.tree import Blob, File, Stage, Tree


class Entry(Struct, frozen=True, array_like=True, gc=False):
    """One path of a published site. There may be hundreds of thousands, which hold nothing that could hold them."""

    size: int
    sha256: str
    stage: int
    signs: str = ""
    """For a signature: digest of what it is over and the fingerprints that made it, so that it can stay as it is."""


Manifest = Mapping[str, Entry]


def manifest_of(tree: Tree) -> dict[str, Entry]:
    """The manifest of a signed tree, in the order of its paths."""
    return {path: Entry(file.size, file.sha256, file.stage, file.signs) for path, file in sorted(tree.items())}


def published_file(entry: Entry) -> File:
    """A file that the store already has, to carry it into the next tree."""
    return File(Blob(entry.sha256, entry.size), Stage(entry.stage), signs=entry.signs)


def published_tree(manifest: Manifest, prefixes: Iterable[str] = ("",)) -> Tree:
    """What stands below any of the prefixes, as files that the store already has."""
    wanted = tuple(prefixes)
    return Tree({path: published_file(entry) for path, entry in manifest.items() if path.startswith(wanted)})
