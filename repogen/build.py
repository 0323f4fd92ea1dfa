"""The story of a build on one page: release files in, a signed site in the output folder out.

    scan -> place -> sign rpms -> assemble (grow the catalog, render, sign, write)

Before everything is rendered and signed, nothing is written to the output folder but payload, which nothing names yet.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from msgspec.structs import replace

from repogen import electron_versions, outdated_signatures, rpm_packages, sparkle_signatures, templates, zsync_files
from repogen.artifact import Artifact, Kind
from repogen.assemble import Upon, assemble, open_signing, stand_upon
from repogen.beside import Beside, opened_beside
from repogen.build_memory import keep_one_heap, without_collecting
from repogen.catalog import Catalog
from repogen.compose import grow
from repogen.config import Config
from repogen.developer_keys import check_sources, read_key_files
from repogen.electron_manifests import check_manifests
from repogen.errors import InputError
from repogen.formats import load_formats
from repogen.left_out import left_out
from repogen.licence_files import read_licence_files
from repogen.options import Options
from repogen.output import Output
from repogen.package_keys import key_ids, read_package_keys
from repogen.package_lists import check_lists
from repogen.placing.place import Placed, place
from repogen.record import Additions, Built
from repogen.repodata_files import missing_modules
from repogen.rpm_packages import Before, Keep
from repogen.scanning import scan_cache
from repogen.scanning.scan import Scanned, scan
from repogen.signing.key_file_check import quiet_until
from repogen.signing.signer import Signer
from repogen.state import load
from repogen.stores import Store
from repogen.thrift import VERY_MANY, Room
from repogen.unchanged import Inputs, look_at_inputs
from repogen.update_information import strays

_LOG = logging.getLogger(__name__)


def build(config: Config, options: Options, store: Store | None, inputs: Inputs | None = None) -> Built:
    """Read the release files and bring the output folder to the site that they and the published catalog make.

    ``inputs`` is what there is to read, where somebody has just looked at it.
    """
    keep_one_heap()
    output = Output(options.output)
    with without_collecting(), output.locked(store) as waited, scan_cache.open_cache(options.environ) as cache:
        inputs = look_at_inputs(config, options) if waited or inputs is None else inputs
        found, mark = inputs.found, inputs.mark  # of the files as they are before they are read
        upon = stand_upon(options, output, store, load(store, environ=options.environ) if store else None)
        # gpg takes as long to start as a thousand packages to be read
        with opened_beside(open_signing(config, options, upon)) as signing, output.taking(upon.last) as copies:
            readings = scan(found, sha512=config.takes_sha512, contents=config.apt.contents, cache=cache, copies=copies, meanwhile=lambda: _prepare(signing))
            placed = _placed(readings, config, options, upon)
            found.clear()
            del readings  # what thousands of files said of themselves is in the artifacts now
            keep: Keep = Room().take if len(placed.artifacts) > VERY_MANY else lambda _: None
            keep(placed.artifacts)
            signer = signing.result()
            additions, sources = _additions(config, options, upon, placed, signer, keep)
            del placed
            keep(additions.artifacts)
            built = assemble(config, upon, signer, additions, sources)
            _warn_of_updates(config, upon, additions)
        output.seal(built.record, mark, quiet_until(built.record.additions.keys, time.time()))
        return built


def _prepare(signing: Beside[Signer | None]) -> None:
    """What can be done before anything is known of the release files."""
    signing.begin()
    load_formats()
    templates.prepare()


def _placed(scanned: Sequence[Scanned], config: Config, options: Options, upon: Upon) -> Placed:
    """Settle what each release file is and where it goes."""
    catalog = upon.published.catalog
    placed = place(scanned, config, channel=options.channel, date=upon.date, known=catalog.products, stored=_stored(catalog), rpms=_rpms(catalog))
    if not placed.artifacts and not upon.published.number:
        raise InputError(f"there is no release file in {', '.join(config.input.paths)}", hint="put the release's files there, or name them in [input] paths")
    check_manifests(placed.artifacts, catalog)
    check_lists(placed.artifacts, catalog)
    placed = replace(placed, artifacts=zsync_files.superseded(placed.artifacts, placed.sources))
    check_sources(placed.artifacts, placed.sources, catalog, read_key_files(config.apt.developer_keys, options.base), options.environ)
    without_module = missing_modules(placed.artifacts, (*catalog.repodata, *placed.repodata))
    for sentence in (*placed.warnings, *without_module, *left_out(placed.artifacts, catalog)):
        _LOG.warning("%s", sentence)
    return placed


def _warn_of_updates(config: Config, upon: Upon, additions: Additions) -> None:
    """A word about applications that will not find their updates, and about updates that no application is offered."""
    images = [a for a in additions.artifacts if a.kind is Kind.APPIMAGE]
    unread = electron_versions.unread(additions.artifacts)
    if images or unread:
        grown = grow(upon.published.catalog, additions, config, upon.date)
        for sentence in (*strays(images, grown, config), *electron_versions.left_out(unread, grown, config)):
            _LOG.warning("%s", sentence)


def _stored(catalog: Catalog) -> dict[str, str]:
    """SHA-256 of the published files of source packages by name: another revision may name them again."""
    return {a.filename: a.sha256 for a in catalog.by_kind.get(Kind.SOURCE, ())}


def _rpms(catalog: Catalog) -> dict[tuple[str, str], str]:
    """Addresses of the published rpms by channel and by the SHA-256 that each came in with, and that it has now."""
    return {(a.channel, digest): a.path for a in catalog.by_kind.get(Kind.RPM, ()) for digest in (a.sha256, a.source_sha256) if digest}


def _additions(config: Config, options: Options, upon: Upon, placed: Placed, signer: Signer | None, keep: Keep) -> tuple[Additions, dict[str, str]]:
    """What the release files bring, with signed rpms, and the local file of each new path."""
    output, published, last = upon.output, tuple(upon.published.catalog.kept), upon.last.additions.artifacts if upon.last else ()
    before = Before(published, tuple(a for a in last if a.source_sha256 and output.file(a.path)))  # what was left out is nowhere
    package_keys = read_package_keys(config.yum.extra_keys, options.base)
    artifacts, sources = placed.artifacts, dict(placed.sources)
    if signer:
        former = (*(key.armored for key in upon.published.catalog.keys), *upon.published.catalog.package_keys)  # which stay for what they signed
        trusted = key_ids(key.encode() for key in (*package_keys, *former))
        signed = rpm_packages.sign_packages(artifacts, sources, before, signer, output.work, trusted=trusted, resign=config.yum.resign, keep=keep)
        artifacts, sources = outdated_signatures.left_out(signed.artifacts, (*before.published, *before.built)), signed.sources
    if config.yum.filelists_ext:
        artifacts = tuple(rpm_packages.with_file_digests(artifacts, sources))
    artifacts = _seen_before(sparkle_signatures.signed(artifacts, sources, config.updates.sparkle_key, options.base, options.environ), (*published, *last))
    sources |= {a.path: str(local) for a in artifacts if a.path not in sources and (local := output.file(a.path))}
    additions = Additions(
        artifacts=artifacts,
        products=placed.products,
        notes=dict(placed.notes),
        repodata=placed.repodata,
        package_keys=package_keys,
        licences=read_licence_files(config, options.base),
        accepts_identity_change=options.accept_identity_change,
    )
    return additions, sources


def _seen_before(artifacts: tuple[Artifact, ...], before: tuple[Artifact, ...]) -> tuple[Artifact, ...]:
    """A file that a former build brought is the artifact that it became then: with its date, and with its signature if it is an rpm."""
    known = {(a.path, a.channel, digest): a for a in before for digest in (a.sha256, a.source_sha256)}
    return tuple(known.get((a.path, a.channel, a.sha256), a) for a in artifacts)
