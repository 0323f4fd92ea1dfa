"""The packages that bring a repository's keys and source file (see :mod:`repogen.keyring_drafts`) become artifacts of their own product.

One is made when there is none yet and when what it would hold has changed: the published one is written again, with its own date, to compare
the two. They enter the catalog where other payload is derived, but here and not in a format, since an rpm needs a signature.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from repogen import dates, layout
from repogen.artifact import Artifact, DebFacts, Kind, RpmFacts
from repogen.catalog import KEYRING, Catalog, Product
from repogen.config import Config
from repogen.errors import UsageError
from repogen.formats import Derived
from repogen.keyring_drafts import Draft, drafts, version
from repogen.manifest import Manifest
from repogen.placing.place import artifact_of
from repogen.placing.settle import Settled
from repogen.readers import reader_for
from repogen.rpm_signature import sign_package
from repogen.scanning.digests import digest_file
from repogen.scanning.scan import Scanned
from repogen.signing.signer import Signer
from repogen.tree import Blob, File, Stage, Tree


def derive(catalog: Catalog, config: Config, published: Manifest, signer: Signer) -> Derived:
    """The catalog with these packages, and the bytes of those that ``published`` does not hold as they should be."""
    wanted = drafts(catalog, config) if config.repo.keyring_packages else ()
    if not wanted:
        return Derived(catalog)
    _refuse_namesakes(catalog, wanted)
    product = keyring_product(config)
    made: list[Artifact] = []
    files: dict[str, File] = {}
    for draft in wanted:
        standing = _standing(draft, catalog, product, published)
        if standing is not None:
            files[draft.address] = File(Blob(standing.sha256, standing.size), Stage.INDEX)
            continue
        artifact, content = _make(draft, product, catalog.date, signer, sha512=config.takes_sha512)
        everywhere = [_in_channel(artifact, channel) for channel in draft.channels]
        made += everywhere
        files |= {one.path: File(content, Stage.PAYLOAD) for one in everywhere} | {draft.address: File(content, Stage.INDEX)}
    return Derived(catalog.with_product(product).add(made), Tree(files))


def keyring_product(config: Config) -> Product:
    """The product that both packages make."""
    id = layout.archive_keyring(config.repo.name)
    return Product(id=id, title=f"{config.title} keyring", description=f"Keys and source files of {config.title}", type=KEYRING)


def _refuse_namesakes(catalog: Catalog, wanted: tuple[Draft, ...]) -> None:
    names = {draft.name for draft in wanted}
    for artifact in catalog.select(Kind.DEB, Kind.RPM):
        name = artifact.facts.package if isinstance(artifact.facts, DebFacts) else artifact.facts.name if isinstance(artifact.facts, RpmFacts) else ""
        if name in names and artifact.product not in catalog.keyrings:
            raise UsageError(
                f"{artifact.filename} is a package {name}, which [repo] keyring_packages makes as well",
                hint="take keyring_packages out, or rename that package",
            )


def _standing(draft: Draft, catalog: Catalog, product: Product, published: Manifest) -> Artifact | None:
    """The newest published package, if it is what would be made now and stands in every channel and at the fixed address too."""
    some = catalog.select(draft.kind, product=product.id)
    newest = max(some, key=lambda artifact: artifact.date, default=None)
    if newest is None or draft.address not in published or published[draft.address].sha256 != newest.sha256:
        return None
    if not {a.channel for a in some if a.version == newest.version}.issuperset(draft.channels):
        return None
    return newest if hashlib.sha256(draft.write(newest.date)).hexdigest() == (newest.source_sha256 or newest.sha256) else None


def _in_channel(artifact: Artifact, channel: str) -> Artifact:
    return replace(artifact, channel=channel, path=layout.in_channel(artifact.path, artifact.channel, channel))


def _make(draft: Draft, product: Product, date: str, signer: Signer, *, sha512: bool) -> tuple[Artifact, bytes]:
    """Write the package, read it as any other one is read, and sign it if it is an rpm."""
    with TemporaryDirectory(prefix="repogen-") as folder:
        written = Path(folder) / f"{draft.name}.{draft.kind.value}"
        written.write_bytes(draft.write(date))
        seconds = dates.parse(date).timestamp()
        os.utime(written, (seconds, seconds))  # the indices of yum tell it
        before = digest_file(written, sha512=False)
        file = _signed(written, signer) if draft.kind is Kind.RPM else written
        digests = digest_file(file, sha512=sha512)
        scanned = Scanned(str(file), file.name, digests, reader_for(draft.kind).read(file, digests))
        settled = Settled(file=scanned, product=product.id, display=product.title, version=version(date), channel=draft.channels[0], os="linux", arch="any")
        artifact = artifact_of(settled, date)
        source = before.sha256 if file is not written else ""
        return replace(artifact, filename=artifact.path.rpartition("/")[2], source_sha256=source), file.read_bytes()


def _signed(package: Path, signer: Signer) -> Path:
    target = package.with_name(f"signed-{package.name}")
    sign_package(package, target, signer.detached_binary)
    return target
