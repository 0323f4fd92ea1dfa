"""updateinfo.xml: an advisory for each release that has rpms and release notes, for ``dnf updateinfo`` and ``zypper list-patches``.

The notes say what an advisory is. A line ``Type: security`` (bugfix, enhancement, newpackage) or ``Severity: important`` (critical, moderate, low)
settles it; without one, a CVE or GHSA number or a heading with the word Security makes it a security update, a word such as "fixed" a
bug fix, and a product's first release in a channel is a new package. The form is Fedora's, as in
https://github.com/rpm-software-management/createrepo_c/blob/master/src/xml_dump_updateinfo.c .
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from repogen import dates, layout
from repogen.artifact import Artifact, RpmFacts
from repogen.catalog import Catalog, Release
from repogen.config import Config
from repogen.templates import render
from repogen.version import version_key

_SAID: Final = r"^[ \t]*(?:[-*+][ \t]+)?[*_]*{}[*_]*[ \t]*:[*_ \t]*({})\b"
_TYPE: Final = re.compile(_SAID.format("type", "security|bugfix|enhancement|newpackage"), re.IGNORECASE | re.MULTILINE)
_SEVERITY: Final = re.compile(_SAID.format("severity", "critical|important|moderate|low"), re.IGNORECASE | re.MULTILINE)
_NUMBER: Final = re.compile(r"\b(?:CVE-[0-9]{4}-[0-9]{4,7}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3})\b")
_SECURITY: Final = re.compile(r"^#{1,6}[ \t].*\bsecurity\b", re.IGNORECASE | re.MULTILINE)
_FIXES: Final = re.compile(r"\b(?:bug ?)?fix(?:e[sd])?\b", re.IGNORECASE)
_SOURCES: Final = {"CVE": ("cve", "https://www.cve.org/CVERecord?id="), "GHS": ("other", "https://github.com/advisories/")}


@dataclass(frozen=True, slots=True)
class Package:
    """An rpm of an advisory."""

    facts: RpmFacts
    filename: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Advisory:
    """One release as clients list it."""

    id: str
    title: str
    type: str
    severity: str
    date: str
    """``2026-11-20 10:00:00``"""
    description: str
    references: tuple[tuple[str, str, str], ...]
    """Type, id and address of each."""
    packages: tuple[Package, ...]


def text(catalog: Catalog, config: Config, channel: str, packages: Iterable[Artifact]) -> bytes:
    """The advisories of a channel in a repository with these packages, oldest release first; empty when there is none."""
    found = list(_advisories(catalog, config, channel, {a.path for a in packages})) if config.yum.updateinfo else []
    if not found:
        return b""
    values = {"maintainer": config.repo.maintainer or config.title, "title": config.title, "name": f"{config.repo.name}-{channel}"}
    return render("yum/updateinfo.xml.j2", advisories=found, **values).encode()


def _advisories(catalog: Catalog, config: Config, channel: str, paths: AbstractSet[str]) -> Iterator[Advisory]:
    noted = [release for release in catalog.releases if release.channel == channel and release.notes.strip()]
    for release in sorted(noted, key=lambda r: (r.date, r.product, version_key(r.version))):
        files = (a for a in catalog.files_of(release) if a.path in paths)
        packages = tuple(_package(a, a.facts) for a in files if isinstance(a.facts, RpmFacts) and a.facts.architecture != "src")
        if packages:
            yield _advisory(catalog, config, release, packages)


def _advisory(catalog: Catalog, config: Config, release: Release, packages: tuple[Package, ...]) -> Advisory:
    type = advisory_type(release.notes, first=catalog.releases_of(release.product, release.channel)[-1] == release)
    severity = _SEVERITY.search(release.notes)
    numbers = tuple(dict.fromkeys(_NUMBER.findall(release.notes)))
    return Advisory(
        id=f"{config.repo.name}-{release.product}-{release.version}",
        title=f"{catalog.product(release.product).title} {release.version}",
        type=type,
        severity=severity[1].capitalize() if severity else "None",
        date=f"{dates.parse(release.date):%Y-%m-%d %H:%M:%S}",
        description=release.notes.strip(),
        references=(("self", release.version, layout.url(config.url, layout.PAGE)), *map(_reference, numbers)),
        packages=packages,
    )


def advisory_type(notes: str, *, first: bool) -> str:
    """``security``, ``bugfix``, ``enhancement`` or ``newpackage``; ``first``: whether it is the first release of its product."""
    if said := _TYPE.search(notes):
        return said[1].lower()
    if _NUMBER.search(notes) or _SECURITY.search(notes):
        return "security"
    if first:
        return "newpackage"
    return "bugfix" if _FIXES.search(notes) else "enhancement"


def _reference(number: str) -> tuple[str, str, str]:
    type, address = _SOURCES[number[:3]]
    return type, number, address + number


def _package(artifact: Artifact, facts: RpmFacts) -> Package:
    return Package(facts, artifact.path.rpartition("/")[2], artifact.sha256)
