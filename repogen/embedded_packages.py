"""Chocolatey packages that hold the installers which they install: ``embed`` in ``[chocolatey]`` or ``[product.chocolatey]``.

They are made here and not by the format, since that takes the files themselves. Those are read in pieces and packed into the work folder of the
output, from where the package is moved to its places: none of it is ever in memory as a whole. A package is made when its release comes in; what
is not among the release files any more cannot be packed later.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from repogen.artifact import Artifact
from repogen.catalog import Catalog
from repogen.chocolatey_rule import embedding
from repogen.config import Config
from repogen.errors import InputError
from repogen.formats import Derived
from repogen.formats.chocolatey.evidence import licence_text, verification_text
from repogen.formats.chocolatey.feed import addresses
from repogen.formats.chocolatey.metadata import metadata
from repogen.formats.chocolatey.nupkg import Pieces
from repogen.formats.chocolatey.package import artifact_of, check, draft
from repogen.formats.chocolatey.scripts import held_files
from repogen.formats.chocolatey.wanted import Wanted, wanted
from repogen.licence_files import Licence, find_licence
from repogen.output import Output
from repogen.scanning.digests import digest_file
from repogen.tree import Blob, File, Stage, Tree

_LOG = logging.getLogger(__name__)
_PIECE = 1 << 20


def derive(catalog: Catalog, config: Config, licences: Mapping[str, str], sources: Mapping[str, str], output: Output) -> Derived:
    """The catalog with these packages, and the packages. ``licences`` has the texts that the configuration names, ``sources`` the local file of each path."""
    embeds = embedding(config)
    made: list[Artifact] = []
    files: dict[str, File] = {}
    for want in wanted(catalog):
        if not embeds(want.product.id):
            continue
        missing = [a.filename for a in want.installers.all if a.path not in sources]
        if missing:
            _LOG.info("%s %s gets no Chocolatey package: %s is not among the release files", want.product.id, want.release.version, ", ".join(missing))
            continue
        licence = _licence(catalog, want, licences, sources)
        artifact, blob = _packed(catalog, config, want, licence, sources, output)
        made.append(artifact)
        files |= {path: File(blob, Stage.PAYLOAD) for path in addresses(artifact)}
    return Derived(catalog.add(made) if made else catalog, Tree(files))


def _licence(catalog: Catalog, want: Wanted, licences: Mapping[str, str], sources: Mapping[str, str]) -> Licence | None:
    """The licence of the configuration, else that of the archives: those in the package come first, then the release's others."""
    if text := licences.get(want.product.id):
        return Licence(text=text, origin="the licence that its maker gives for it")
    found = find_licence((*want.installers.all, *catalog.files_of(want.release)), sources)
    if found is None:
        _LOG.warning(
            "the Chocolatey package of %s %s holds programs, but no licence: name its file in [product.chocolatey] license_file, or put it into an archive",
            want.product.id,
            want.release.version,
        )
    return found


def _packed(catalog: Catalog, config: Config, want: Wanted, licence: Licence | None, sources: Mapping[str, str], output: Output) -> tuple[Artifact, Blob]:
    held = held_files(want.installers)
    about = metadata(want.product, want.release, want.version, config)
    texts = {"tools/VERIFICATION.txt": verification_text(about, want.release, held, config, licence.origin if licence else "")}
    if licence:
        texts["tools/LICENSE.txt"] = licence_text(about, licence.text)
    programs = {path: Pieces(artifact.size, _pieces(Path(sources[artifact.path]), artifact)) for path, artifact in held.items()}
    package = draft(want, config, {**texts, **programs})
    with output.making(f"{about.id}.{about.version}.nupkg") as file:
        package.write(file)
        if config.chocolatey.community:
            check(package, file)
        target = Path(file.name)
    digests = digest_file(target, sha512=config.checksums.sha512)
    artifact = artifact_of(package, size=digests.size, sha256=digests.sha256, sha512=digests.sha512, date=catalog.date)
    return artifact, Blob(digests.sha256, digests.size, str(target))


def _pieces(source: Path, artifact: Artifact) -> Iterator[bytes]:
    """The content of a release file. Raises InputError where it is not what was read before."""
    digest = hashlib.sha256()
    try:
        with source.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                yield piece
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror or error}", hint="build again when it is there") from error
    if digest.hexdigest() != artifact.sha256:
        raise InputError(f"{source} changed while it was packed", hint="build again when nothing writes to it any more")
