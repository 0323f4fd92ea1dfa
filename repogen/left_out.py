"""What a build brings and its users do not get, since it was withdrawn: told when it is built, and when it is published later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from repogen.artifact import Artifact
from repogen.catalog import Catalog


def left_out(artifacts: Sequence[Artifact], catalog: Catalog) -> Iterator[str]:
    """A word about what was withdrawn, which Catalog.add passes over. Of a version that comes in another revision as well, the files are named."""
    out = catalog.withdrawn_among(artifacts)
    passed = {(a.path, a.channel) for a in out}
    revised = {a.release for a in artifacts if (a.path, a.channel) not in passed}
    withdrawn = [a for a in out if not catalog.is_taken_back(a)]
    if withdrawn:
        names = ", ".join(dict.fromkeys(_file(a) if a.release in revised else _release(a) for a in withdrawn))
        product, version, _ = withdrawn[0].release
        yield f"left out, since it was withdrawn: {names}; `repogen yank --undo {product} {version}` offers it again"
    releases = {a.release for a in withdrawn}
    single = [a for a in out if a.release not in releases]
    if single:
        names, (product, version, _) = ", ".join(map(_file, single)), single[0].release
        yield f"left out, since a rollback took it back: {names}; `repogen yank --undo {product} {version}` offers it again"


def _file(artifact: Artifact) -> str:
    return f"{artifact.filename} ({artifact.channel})"


def _release(artifact: Artifact) -> str:
    return f"{artifact.product} {artifact.version} ({artifact.channel})"
