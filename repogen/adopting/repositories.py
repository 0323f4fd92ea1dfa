"""The suites and yum repositories that stand in a source, with the packages that their indices name."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from repogen.adopting.source import Source
from repogen.errors import InputError, SigningError
from repogen.indices.apt import Release, read_packages, read_release, read_sources
from repogen.indices.indexed import Indexed
from repogen.indices.packing import unpacked
from repogen.indices.yum import read_primary, read_repomd
from repogen.signing.verification import Verifier

_RELEASE = re.compile(r"(?P<root>(?:.+/)?)dists/(?P<suite>.+)/(?:In)?Release")
_PART = re.compile(r"/(?:binary-[^/]+|source|i18n|dep11)/Release$")
_FLAT = re.compile(r"(?:.+/)?Packages(?:\.gz|\.xz|\.bz2|\.zst)?")
_REPOMD = "repodata/repomd.xml"
#: What repogen makes anew for its own packages, in whatever form it was.
_MADE_ANEW = frozenset({"primary", "filelists", "filelists-ext", "other"})
_FORM = re.compile(r"_(?:db|gz|bz2|xz|zck|zst)$")
_AGAIN = "let the tool that made the repository write its indices again"


class Old(Struct, frozen=True, kw_only=True):
    """One suite or yum repository of another tool."""

    kind: str
    """``apt`` or ``yum``."""
    name: str
    """The suite, or the folder of the yum repository; ``.`` for the source itself."""
    suite: str = ""
    """What Release calls Suite."""
    files: tuple[Indexed, ...]
    """What its indices name, by paths from the source's root; each once, sorted."""
    modules: bytes = b""
    """Its module metadata (modules.yaml), without which dnf installs no package of a module."""
    left: tuple[str, ...] = ()
    """Kinds of its metadata that are not taken over, such as ``updateinfo``."""

    def __str__(self) -> str:
        return f"the apt suite {self.name}" if self.kind == "apt" else f"the yum repository {self.name}"


def find_repositories(source: Source, ours: Iterable[str], verifier: Verifier | None) -> tuple[Old, ...]:
    """Read all indices. ``ours`` are paths that repogen wrote itself; with a verifier, all entry files must be signed by its keys.

    Raises InputError for what is damaged, of no known form, or not signed as it must be.
    """
    own = frozenset(ours)
    paths = [path for path in source.paths() if path not in own]
    there = frozenset(paths)
    suites = {(m["root"], m["suite"]): None for path in paths if not _PART.search(path) and (m := _RELEASE.fullmatch(path))}
    found = [_suite(source, there, root, suite, verifier) for root, suite in suites]
    found += [_yum(source, path.removesuffix(_REPOMD), there, verifier) for path in paths if path == _REPOMD or path.endswith(f"/{_REPOMD}")]
    if not found:
        raise _nothing(source, paths)
    return tuple(found)


def _nothing(source: Source, paths: Sequence[str]) -> InputError:
    flat = next((path for path in paths if _FLAT.fullmatch(path)), "")
    if flat:
        return InputError(
            f"{source.address} is a flat apt repository ({flat} stands outside of dists/), which names no suite",
            hint="put its .deb files into a folder of [input] paths, and say `repogen build`",
        )
    return InputError(f"{source.address} holds neither dists/ nor repodata/", hint="name the folder or s3:// address that does")


# -- apt ---------------------------------------------------------------------------------------


def _suite(source: Source, there: frozenset[str], root: str, suite: str, verifier: Verifier | None) -> Old:
    base = f"{root}dists/{suite}"
    release = read_release(_release_text(source, there, base, verifier), f"{base}/Release")
    files: dict[str, Indexed] = {}
    for index in release.indices():
        text = _index(source, there, base, release, index)
        packages = read_sources(text, index) if index.endswith("/Sources") else read_packages(text, f"{base}/{index}")
        for file in (file for package in packages for file in package.files):
            path = _joined(root, file.path, source)
            files[path] = Indexed(path=path, size=file.size, digests=file.digests)
    return Old(kind="apt", name=suite, suite=release.fields.get("suite", ""), files=tuple(files[path] for path in sorted(files)))


def _release_text(source: Source, there: frozenset[str], base: str, verifier: Verifier | None) -> bytes:
    inline = f"{base}/InRelease"
    if verifier is None:
        return source.read(f"{base}/Release") if f"{base}/Release" in there else _inside(source.read(inline))
    try:
        if inline in there:
            return verifier.message(inline, source.read(inline))
        return verifier.detached(f"{base}/Release", source.read(f"{base}/Release"), source.read(f"{base}/Release.gpg"))
    except SigningError as error:
        raise InputError(f"{error.message}, in {source.address}", hint="give the keys of the old repository with --keyring") from error


def _inside(message: bytes) -> bytes:
    """The text of a clear-signed message whose signature nobody asked for."""
    text = message.partition(b"\n\n")[2].partition(b"-----BEGIN PGP SIGNATURE-----")[0]
    return re.sub(rb"(?m)^- ", b"", text)


def _index(source: Source, there: frozenset[str], base: str, release: Release, index: str) -> bytes:
    """The text of an index, in the first of its forms that is there. An empty one need not be there at all."""
    for form in release.forms(index):
        path = f"{base}/{form.path}"
        if path in there:
            return unpacked(path, _checked(source, path, form))
    if index in release.files and not release.files[index].size:
        return b""
    raise InputError(f"{base}/{index} in {source.address} is missing in all its forms, though Release names it", hint=_AGAIN)


# -- yum ---------------------------------------------------------------------------------------


def _yum(source: Source, base: str, there: frozenset[str], verifier: Verifier | None) -> Old:
    path = f"{base}{_REPOMD}"
    content = source.read(path)
    if verifier is not None:
        if f"{path}.asc" not in there:
            raise InputError(f"{path} in {source.address} is not signed", hint="leave --keyring out to take it as it is")
        try:
            verifier.detached(path, content, source.read(f"{path}.asc"))
        except SigningError as error:
            raise InputError(f"{error.message}, in {source.address}", hint="give the keys of the old repository with --keyring") from error
    indices = read_repomd(content, path)
    primary, modules = indices.get("primary"), indices.get("modules")
    if primary is None:
        raise InputError(f"{path} in {source.address} names no primary index", hint="let createrepo_c write the indices again")
    files = {}
    for rpm in read_primary(_unpacked(source, base, primary), _joined(base, primary.path, source)):
        where = _joined(base, rpm.file.path, source)
        files[where] = Indexed(path=where, size=rpm.file.size, digests=rpm.file.digests)
    return Old(
        kind="yum",
        name=base.rstrip("/") or ".",
        files=tuple(files[where] for where in sorted(files)),
        modules=_unpacked(source, base, modules) if modules else b"",
        left=tuple(sorted({_FORM.sub("", type) for type in indices} - _MADE_ANEW - ({"modules"} if modules else set()))),
    )


def _unpacked(source: Source, base: str, index: Indexed) -> bytes:
    """The text of an index that repomd.xml names."""
    path = _joined(base, index.path, source)
    return unpacked(path, _checked(source, path, index))


# -- both --------------------------------------------------------------------------------------


def _joined(base: str, path: str, source: Source) -> str:
    """A path from the source's root. One that leads away is refused: it comes out of an index."""
    joined = posixpath.normpath(f"{base}{path}")
    if joined.startswith(("../", "/")) or "://" in path:
        raise InputError(f"an index in {source.address} names {path!r}, which is outside of it", hint="name a folder further up, which holds both")
    return joined


def _checked(source: Source, path: str, indexed: Indexed) -> bytes:
    """The bytes of an index, as the entry file names it."""
    content = source.read(path)
    algorithm, digest = indexed.strongest
    if hashlib.new(algorithm, content, usedforsecurity=False).hexdigest() != digest:
        raise InputError(f"{path} in {source.address} is not what its repository names", hint=_AGAIN)
    return content
