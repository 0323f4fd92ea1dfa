"""updateinfo.xml: an advisory for each release that has rpms and release notes or was withdrawn, for ``dnf updateinfo`` and ``zypper list-patches``.

The notes say what an advisory is. A line ``Type: security`` (bugfix, enhancement, newpackage) or ``Severity: important`` (critical, moderate, low)
settles it; without one, a CVE or GHSA number or a heading with the word Security makes it a security update, a word such as "fixed" a
bug fix, and a product's first release in a channel is a new package. The form is Fedora's, as in
https://github.com/rpm-software-management/createrepo_c/blob/master/src/xml_dump_updateinfo.c . The advisory of a withdrawn release stays with the
status ``retracted``, which zypper knows (https://github.com/openSUSE/libsolv/blob/master/ext/repo_updateinfoxml.c), but without packages: dnf goes by
these alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from repogen import dates, layout
from repogen.artifact import Artifact, RpmFacts
from repogen.catalog import Catalog, Release, Withdrawal
from repogen.config import Config
from repogen.quoting import line
from repogen.templates import render
from repogen.version import version_key
from repogen.yum_repositories import Repository, takes

_SAID: Final = r"^[ \t]*(?:[-*+][ \t]+)?[*_]*{}[*_]*[ \t]*:[*_ \t]*({})\b"
_TYPE: Final = re.compile(_SAID.format("type", "security|bugfix|enhancement|newpackage"), re.IGNORECASE | re.MULTILINE)
_SEVERITY: Final = re.compile(_SAID.format("severity", "critical|important|moderate|low"), re.IGNORECASE | re.MULTILINE)
_NUMBER: Final = re.compile(r"\b(?:CVE-[0-9]{4}-[0-9]{4,7}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3})\b")
_SECURITY: Final = re.compile(r"^#{1,6}[ \t].*\bsecurity\b", re.IGNORECASE | re.MULTILINE)
_FIXES: Final = re.compile(r"\b(?:bug ?)?fix(?:e[sd])?\b", re.IGNORECASE)
_SOURCES: Final = {"CVE": ("cve", "https://www.cve.org/CVERecord?id="), "GHS": ("other", "https://github.com/advisories/")}


class Package(Struct, frozen=True):
    """An rpm of an advisory."""

    facts: RpmFacts
    filename: str
    sha256: str


class Advisory(Struct, frozen=True):
    """One release as clients list it."""

    id: str
    title: str
    type: str
    severity: str
    date: str
    """``2026-11-20 10:00:00``"""
    updated: str
    """Same form; when it was withdrawn, else ``date``."""
    retracted: bool
    description: str
    references: tuple[tuple[str, str, str], ...]
    """Type, id and address of each."""
    packages: tuple[Package, ...]


def text(catalog: Catalog, config: Config, repository: Repository) -> bytes:
    """The advisories of a repository, oldest release first; empty when there is none."""
    found = list(_advisories(catalog, config, repository)) if config.yum.updateinfo else []
    if not found:
        return b""
    values = {"maintainer": config.repo.maintainer or config.title, "title": config.title, "name": f"{config.repo.name}-{repository.channel}"}
    return render("yum/updateinfo.xml.j2", advisories=found, **values).encode()


def _advisories(catalog: Catalog, config: Config, repository: Repository) -> Iterator[Advisory]:
    noted = [(release, catalog.files_of(release), None) for release in catalog.releases if release.notes.strip()]
    gone = [(withdrawal.release, withdrawal.artifacts, withdrawal) for withdrawal in catalog.gone]
    told = [one for one in (*noted, *gone) if one[0].channel == repository.channel]
    for release, artifacts, withdrawal in sorted(told, key=lambda one: (one[0].date, one[0].product, version_key(one[0].version))):
        taken = (a for a in artifacts if takes(repository, a, config.yum))
        packages = tuple(_package(a, a.facts) for a in taken if isinstance(a.facts, RpmFacts) and a.facts.architecture != "src")
        if packages:
            yield _advisory(catalog, config, release, packages, withdrawal)


def _advisory(catalog: Catalog, config: Config, release: Release, packages: tuple[Package, ...], withdrawal: Withdrawal | None) -> Advisory:
    type = advisory_type(release.notes, first=catalog.releases_of(release.product, release.channel)[-1:] == (release,))
    severity = _SEVERITY.search(release.notes)
    withdrawn = (f"Withdrawn: {line(withdrawal.reason)}" if withdrawal.reason else "Withdrawn.") if withdrawal else ""
    numbers = tuple(dict.fromkeys(_NUMBER.findall(release.notes)))
    return Advisory(
        id=f"{config.repo.name}-{release.product}-{release.version}",
        title=f"{catalog.product(release.product).title} {release.version}",
        type=type,
        severity=severity[1].capitalize() if severity else "None",
        date=_date(release.date),
        updated=_date(withdrawal.date if withdrawal else release.date),
        retracted=withdrawal is not None,
        description="\n\n".join(filter(None, (withdrawn, release.notes.strip()))),
        references=(("self", release.version, layout.url(config.url, layout.PAGE)), *map(_reference, numbers)),
        packages=() if withdrawal else packages,
    )


def _date(stamp: str) -> str:
    return f"{dates.parse(stamp):%Y-%m-%d %H:%M:%S}"


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
