"""Release files become artifacts: each with a product, a version, a channel, a platform and its address on the site.

    settle each file -> side files and notes join their releases -> addresses -> products

A file that cannot be placed is an error that names everything that was understood of it; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from repogen import layout, repodata_files
from repogen.apt_suites import COMPONENT, DEBUG
from repogen.apt_targets import check_targets
from repogen.artifact import Artifact, DebFacts, Kind, RpmFacts, SourceFacts
from repogen.catalog import Product, Repodata
from repogen.config import Config
from repogen.errors import InputError, ProtectionError
from repogen.paths import check_site_path, safe_name
from repogen.placing import source_packages
from repogen.placing.companions import place_notes, place_sides
from repogen.placing.lookalikes import lookalikes
from repogen.placing.packer_output import with_versions
from repogen.placing.placement_error import cannot_place
from repogen.placing.portable import told_apart
from repogen.placing.products import products_of
from repogen.placing.rpm_homes import rpm_address
from repogen.placing.settle import Settled, settle
from repogen.placing.windows_warnings import windows_warnings
from repogen.readers import endings
from repogen.scanning.scan import Scanned

_BESIDE = {Kind.SIDE, Kind.NOTES, Kind.SUMS, *repodata_files.KINDS}


class Placed(Struct, frozen=True, kw_only=True):
    """The release as artifacts."""

    artifacts: tuple[Artifact, ...]
    """Sorted by (path, channel)."""
    sources: Mapping[str, str]
    """Local file of each site path."""
    products: tuple[Product, ...]
    """Products of these artifacts, sorted by id."""
    notes: Mapping[tuple[str, str], str]
    """Release notes in Markdown by (product, version)."""
    repodata: tuple[Repodata, ...] = ()
    """What the yum repositories carry as it came."""
    warnings: tuple[str, ...] = ()
    """Sentences about what was taken as it is said, although something speaks against it."""


def place(
    scanned: Sequence[Scanned],
    config: Config,
    *,
    channel: str | None,
    date: str,
    known: Sequence[Product] = (),
    stored: Mapping[str, str] | None = None,
    rpms: Mapping[tuple[str, str], str] | None = None,
) -> Placed:
    """Place every scanned file. ``channel`` overrides every other channel; ``known`` are the published products, which fill what these files do not say;
    ``stored`` has the SHA-256 of each published file of a source package by its name, ``rpms`` the address of each published rpm by channel and SHA-256.

    Raises InputError for files that cannot be placed and for two different files on one path.
    """
    gathered = source_packages.gather(scanned, stored or {})
    scanned = gathered.others
    settled = with_versions([settle(file, config.product, channel) for file in scanned if file.reading.kind not in _BESIDE])
    settled = told_apart(settled)
    settled = source_packages.beside_their_debs(settled)
    whole = [one for one in settled if not one.missing]
    sides, lost_sides = place_sides([file for file in scanned if file.reading.kind is Kind.SIDE], whole, known, channel)
    notes, lost_notes = place_notes([file for file in scanned if file.reading.kind is Kind.NOTES], whole)
    unplaced = [one for one in settled if one.missing]
    if unplaced or lost_sides or lost_notes:
        raise cannot_place(unplaced, (*lost_sides, *lost_notes))
    unreadable = list(check_targets(whole, config))
    every = (*whole, *source_packages.place_parts(gathered, whole), *sides)
    artifacts, sources = _unique([(artifact_of(one, date, rpm_address(one, config, rpms or {})), one.file) for one in every])
    products = products_of(whole, config.product, known)
    return Placed(
        artifacts=artifacts,
        sources=sources,
        products=products,
        notes=notes,
        repodata=repodata_files.place_repodata([file for file in scanned if file.reading.kind in repodata_files.KINDS], whole, channel),
        warnings=(
            *(one.doubt for one in whole if one.doubt),
            *unreadable,
            *lookalikes(artifacts),
            *windows_warnings(artifacts, {product.id: product for product in products}),
        ),
    )


def artifact_of(settled: Settled, date: str, address: str = "") -> Artifact:
    """The artifact of a settled file, first published at ``date``; at the usual address of its kind where none is given."""
    reading, digests = settled.file.reading, settled.file.digests
    return Artifact(
        path=_checked(address or site_path(settled), settled.file.name),
        filename=settled.file.name,
        kind=reading.kind,
        product=settled.product,
        version=settled.version,
        channel=settled.channel,
        os=settled.os,
        arch=settled.arch,
        libc=settled.libc,
        size=digests.size,
        sha256=digests.sha256,
        sha512=digests.sha512,
        date=date,
        facts=reading.facts,
    )


def site_path(settled: Settled) -> str:
    """Debs and source packages go to apt's pool, rpms to their channel's repository, everything else to the downloads of its release."""
    reading, facts = settled.file.reading, settled.file.reading.facts
    component = settled.table.component if settled.table else COMPONENT
    if isinstance(facts, SourceFacts):
        return layout.apt_source(component, facts.package, layout.dsc(facts.package, facts.version))
    if reading.kind is Kind.SOURCE:
        return layout.apt_source(component, reading.product, settled.file.name)
    if isinstance(facts, DebFacts):
        return layout.apt_pool(f"{component}/{DEBUG}" if _is_debug(facts) else component, facts.source, facts.package, facts.version, facts.architecture)
    if isinstance(facts, RpmFacts):
        return layout.yum_package(settled.channel, facts.name, facts.version, facts.release, facts.architecture)
    return f"{layout.download_folder(settled.product, settled.version)}/{_beside(settled.file.name)}"


def _beside(name: str) -> str:
    """A file's name on the site. That of a side file is the other file's with its own ending: clients make ``x.exe.blockmap`` of the address of ``x.exe``."""
    base = endings.accompanied(name) if endings.kind_by_name(name) is Kind.SIDE else ""
    return _beside(base) + name[len(base) :] if base else safe_name(name)


def _is_debug(facts: DebFacts) -> bool:
    """Whether a package holds debug symbols that were split off another one (https://wiki.debian.org/AutomaticDebugPackages)."""
    return facts.package.endswith("-dbgsym") or b"\nAuto-Built-Package: debug-symbols\n" in facts.stanza


def _checked(path: str, name: str) -> str:
    try:
        return check_site_path(path)
    except ProtectionError as error:
        raise InputError(f"{name} cannot be published as {path!r}", hint=error.hint) from error


def _unique(placed: Iterable[tuple[Artifact, Scanned]]) -> tuple[tuple[Artifact, ...], dict[str, str]]:
    """One artifact a path. The same bytes twice are one file; different bytes are an error that names both files."""
    artifacts: dict[tuple[str, str], Artifact] = {}
    files: dict[str, Scanned] = {}
    for artifact, file in placed:
        other = files.setdefault(artifact.path, file)
        if other.digests.sha256 != file.digests.sha256:
            raise InputError(
                f"{_shown(other, file)} would both be published as {artifact.path}, with different content",
                hint="keep the right one; two builds of one version need different versions",
            )
        artifacts.setdefault((artifact.path, artifact.channel), artifact)
    return tuple(artifacts[key] for key in sorted(artifacts)), {path: file.path for path, file in sorted(files.items())}


def _shown(first: Scanned, second: Scanned) -> str:
    """Both names, with their folders where the names are the same."""
    if first.name == second.name:
        return f"{first.path} and {second.path}"
    return f"{first.name} and {second.name}"
