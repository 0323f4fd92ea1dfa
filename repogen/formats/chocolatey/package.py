"""A package before it is packed, and the artifact that it becomes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import BinaryIO

from msgspec import Struct

from repogen import layout
from repogen.artifact import Artifact, Kind, NupkgFacts
from repogen.catalog import Release
from repogen.config import Config
from repogen.errors import InputError
from repogen.formats.chocolatey.metadata import Metadata, metadata, nuspec
from repogen.formats.chocolatey.nupkg import BOM, Pieces, write_nupkg
from repogen.formats.chocolatey.rules import Level, faults_of
from repogen.formats.chocolatey.scripts import scripts
from repogen.formats.chocolatey.wanted import Wanted

_LOG = logging.getLogger(__name__)
_LEVELS = {Level.GUIDELINE: logging.WARNING, Level.SUGGESTION: logging.WARNING, Level.NOTE: logging.INFO}


class Draft(Struct, frozen=True):
    """What a package says and holds."""

    release: Release
    about: Metadata
    specification: bytes
    files: Mapping[str, bytes | Pieces]
    """By their paths in the package."""

    def write(self, file: BinaryIO) -> None:
        write_nupkg(file, self.about, self.specification, self.files)


def draft(wanted: Wanted, config: Config, held: Mapping[str, bytes | Pieces] | None = None) -> Draft:
    """The package of a release: one that fetches its installers, or one with these files, which are its installers and what is said of them."""
    about = metadata(wanted.product, wanted.release, wanted.version, config)
    files = {**scripts(wanted.installers, wanted.product, config, embeds=held is not None), **(held or {})}
    return Draft(wanted.release, about, BOM + nuspec(about).encode(), files)


def artifact_of(draft: Draft, *, size: int, sha256: str, sha512: str, date: str) -> Artifact:
    about = draft.about
    facts = NupkgFacts(
        id=about.id,
        version=about.version,
        nuspec=draft.specification,
        description=about.description,
        title=about.title,
        authors=about.authors,
        tags=about.tags,
        project_url=about.project_url,
    )
    return Artifact(
        path=layout.nupkg(about.id, about.version),
        filename=f"{about.id}.{about.version}.nupkg",
        kind=Kind.NUPKG,
        product=draft.release.product,
        version=draft.release.version,
        channel=draft.release.channel,
        os="windows",
        arch="any",
        size=size,
        sha256=sha256,
        sha512=sha512,
        date=date,
        facts=facts,
    )


def check(draft: Draft, package: BinaryIO) -> None:
    """Raises InputError for what would keep the package out of the community repository, and tells the rest."""
    id, version = draft.about.id, draft.about.version
    found = faults_of(package)
    for fault in found:
        if fault.level is not Level.REQUIREMENT:
            _LOG.log(_LEVELS[fault.level], "the Chocolatey package of %s %s: %s", id, version, fault)
    required = [str(fault) for fault in found if fault.level is Level.REQUIREMENT]
    if required:
        raise InputError(
            f"the community repository would refuse the Chocolatey package of {id} {version}: {'; '.join(required)}",
            hint="set it in [[product]] or [product.chocolatey], or leave out [chocolatey] community",
        )
