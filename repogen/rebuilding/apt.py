"""The facts of debs and source packages, out of the published suites."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from msgspec import Struct

from repogen import layout
from repogen.artifact import DebFacts, SourceFacts, SourceFile
from repogen.catalog import SuiteIdentity
from repogen.errors import StoreError
from repogen.indices.apt import Package, Release, read_packages, read_release, read_sources
from repogen.indices.deb822 import fields, paragraphs, without, word
from repogen.indices.indexed import Indexed
from repogen.indices.packing import unpacked
from repogen.readers.deb import facts_of
from repogen.readers.deb_control import parse
from repogen.rebuilding.published_site import PublishedSite, fits

_SUITE = re.compile(r"apt/dists/(.+)/Release")
_FOLDER = re.compile(r".+/(?:binary-[^/]+(?=/Packages)|source(?=/Sources))")
_MARK = "Description-md5"
_SHORT = re.compile(rb"^Description: [^\n]*\nDescription-md5: ([0-9a-f]{32})\n", re.MULTILINE)
_PHASE = "phased-update-percentage"


class AptFound(Struct, frozen=True, kw_only=True):
    """What the suites say."""

    suites: Mapping[str, SuiteIdentity]
    """The identity of each suite; the channels are those that ``rules`` name, else the suite's own name."""
    served: tuple[str, ...]
    """Folders of the suites that clients may be set up for."""
    facts: Mapping[str, DebFacts | SourceFacts]
    """By the path on the site, of a deb or a .dsc."""
    files: Mapping[str, tuple[Indexed, str]]
    """By the path on the site: what the index says of it, and the suite in which it stands first."""


def read_suites(site: PublishedSite, channels: Mapping[str, tuple[str, ...]], phased: Iterable[str]) -> AptFound:
    """Read all suites. ``channels`` are those of the suites that the configuration knows; ``phased`` are the paths that are not for all machines."""
    found = {match[1]: _release(site, match[1]) for path in sorted(site.listed) if (match := _SUITE.fullmatch(path))}
    facts: dict[str, DebFacts | SourceFacts] = {}
    files: dict[str, tuple[Indexed, str]] = {}
    some = frozenset(phased)
    for suite, release in found.items():
        for indexed, package, source in _packages(site, suite, release):
            path = f"apt/{indexed.path}"
            if path not in facts:
                facts[path] = _source_facts(package, indexed) if source else deb_facts(package.stanza, phased=path in some)
                files[path] = indexed, suite
    return AptFound(
        suites={name: _identity(name, release, channels.get(name, (name,))) for name, release in found.items()},
        served=tuple(f"{layout.apt_suite(suite)}/{folder}" for suite, release in found.items() for folder in _folders(release)),
        facts=facts,
        files=files,
    )


def _release(site: PublishedSite, suite: str) -> Release:
    base = layout.apt_suite(suite)
    return read_release(site.message(f"{base}/InRelease", f"{base}/Release"), f"{base}/InRelease")


def _identity(name: str, release: Release, channels: tuple[str, ...]) -> SuiteIdentity:
    said = release.fields
    automatic = said.get("notautomatic", "no") != "yes"
    return SuiteIdentity(
        origin=said.get("origin", ""), label=said.get("label", ""), codename=said.get("codename", name), automatic=automatic, channels=channels
    )


def _folders(release: Release) -> Iterator[str]:
    return (match[0] for index in release.indices() if (match := _FOLDER.match(index)))


def _packages(site: PublishedSite, suite: str, release: Release) -> Iterator[tuple[Indexed, Package, bool]]:
    """The deb or .dsc of each package, the package, and whether it is a source package."""
    descriptions = _translations(site, suite, release)
    for index in release.indices():
        text, name = _index(site, suite, release.forms(index)), f"{layout.apt_suite(suite)}/{index}"
        if index.endswith("/Sources"):
            for package in read_sources(text, name):
                yield next(file for file in package.files if file.path.endswith(".dsc")), package, True
        else:
            for package in read_packages(_whole(text, descriptions), name):
                yield package.files[0], package, False


def _index(site: PublishedSite, suite: str, forms: Iterable[Indexed]) -> bytes:
    """The text of an index, from whichever place still has what the signed Release names: after a publish that was cut, only by-hash need have it."""
    base, tried = layout.apt_suite(suite), ""
    for form in forms:
        folder = form.path.rpartition("/")[0]
        digest = form.digests.get("sha256", "")
        for path in chain([f"{base}/{folder}/by-hash/SHA256/{digest}"] if digest else [], [f"{base}/{form.path}"]):
            content = site.find(path)
            if content is not None and fits(content, form):
                return unpacked(form.path, content)
            tried = path
    raise StoreError(f"{tried} in {site.address} is not what its signed Release names", hint="restore it from a backup or from an older version of the object")


def _translations(site: PublishedSite, suite: str, release: Release) -> dict[bytes, bytes]:
    """Whole descriptions by their MD5, where they stand apart."""
    found = {}
    for name in sorted(name for name in release.files if re.fullmatch(r".+/i18n/Translation-en", name)):
        forms = [release.files[name + ending] for ending in (".xz", ".gz", "") if name + ending in release.files]
        for paragraph in paragraphs(_index(site, suite, forms)):
            said = fields(paragraph)
            found[said.get(_MARK.lower(), b"")] = said.get("description-en", b"")
    return found


def _whole(text: bytes, descriptions: Mapping[bytes, bytes]) -> bytes:
    """The index with whole descriptions in their places."""
    return _SHORT.sub(lambda match: b"Description: %s\n" % _described(match, descriptions), text) if descriptions else text


def _described(match: re.Match[bytes], descriptions: Mapping[bytes, bytes]) -> bytes:
    described = descriptions.get(match[1], b"")
    whole = hashlib.md5(described + b"\n", usedforsecurity=False).hexdigest().encode() == match[1]
    return described if whole else match[0].removeprefix(b"Description: ").rstrip(b"\n")


def deb_facts(stanza: bytes, *, phased: bool = False) -> DebFacts:
    """The facts of a deb by its stanza. ``phased``: the share of machines in it is that of the release, not the package's own."""
    return facts_of(parse(without(stanza, {_PHASE}) if phased else stanza))


def _source_facts(package: Package, dsc: Indexed) -> SourceFacts:
    found = fields(package.stanza)
    files = (file for file in package.files if file is not dsc)
    return SourceFacts(
        package=word(found, "package"),
        version=word(found, "version"),
        stanza=without(package.stanza, {"directory"}),
        files=tuple(SourceFile(name=file.path.rpartition("/")[2], size=file.size, sha256=file.digests["sha256"]) for file in files),
    )
