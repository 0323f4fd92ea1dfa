"""What a site consists of, without its bytes: size, digest and stage of every path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

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


class Following(Mapping[str, Entry]):
    """The manifest of a site that follows a published one: some entries of its own, and for the rest those of the published one.

    The latter are looked up only when somebody asks for them, since there may be hundreds of thousands in which nothing has changed.
    """

    def __init__(self, own: Manifest, carried: Mapping[str, Stage], published: Manifest) -> None:
        """``carried`` are the paths that stand as they are published, each with its stage."""
        self.own, self.carried, self._published = own, carried, published

    def __getitem__(self, path: str) -> Entry:
        entry = self.own.get(path)
        if entry is None and path in self.carried:
            return self._published[path]
        if entry is None:
            raise KeyError(path)
        return entry

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    @cached_property
    def _paths(self) -> list[str]:
        return sorted({*self.own, *self.carried})


def published_file(entry: Entry) -> File:
    """A file that the store already has, to carry it into the next tree."""
    return File(Blob(entry.sha256, entry.size), Stage(entry.stage), signs=entry.signs)


def published_tree(manifest: Manifest) -> Tree:
    """All of a published site, as files that the store already has."""
    return Tree({path: published_file(entry) for path, entry in manifest.items()})
