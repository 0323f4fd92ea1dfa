"""What a build brings and its users do not get, since it was withdrawn: told when it is built, and when it is published later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from repogen.artifact import Artifact
from repogen.catalog import Catalog


def left_out(artifacts: Sequence[Artifact], catalog: Catalog) -> Iterator[str]:
    """A word about what was withdrawn, which Catalog.add passes over."""
    out = catalog.withdrawn_among(artifacts)
    releases = dict.fromkeys(a.release for a in out if not catalog.is_taken_back(a))
    if releases:
        names = ", ".join(f"{product} {version} ({channel})" for product, version, channel in releases)
        product, version, _ = next(iter(releases))
        yield f"left out, since it was withdrawn: {names}; `repogen yank --undo {product} {version}` offers it again"
    single = [a for a in out if a.release not in releases]
    if single:
        names, (product, version, _) = ", ".join(f"{a.filename} ({a.channel})" for a in single), single[0].release
        yield f"left out, since a rollback took it back: {names}; `repogen yank --undo {product} {version}` offers it again"
