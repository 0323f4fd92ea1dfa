"""Unsigned rpms become signed ones before they enter the catalog.

rpm 6 installs no unsigned package, so what is published carries our signature. Signing changes the bytes: the artifact
remembers the digest that its file came in with (``source_sha256``), and the same file again is the package signed before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from repogen.artifact import Artifact, Kind, RpmFacts
from repogen.digests import digest_file
from repogen.readers import rpm
from repogen.rpm_signature import sign_package
from repogen.signing import Signer


class SignedPackages(Struct, frozen=True):
    """Artifacts as they are published, and the local file of each path."""

    artifacts: tuple[Artifact, ...]
    sources: dict[str, Path]


def sign_packages(artifacts: Iterable[Artifact], sources: Mapping[str, Path], before: Iterable[Artifact], signer: Signer, work: Path) -> SignedPackages:
    """Sign every unsigned rpm into the folder ``work``, unless ``before`` holds the result already.

    ``before`` are artifacts of the published catalog and of the last build; the bytes of these are where they were put then.
    """
    known = {(a.path, a.source_sha256): a for a in before if a.source_sha256}
    work.mkdir(parents=True, exist_ok=True)

    def signed(artifact: Artifact) -> tuple[Artifact, Path | None]:
        source = sources.get(artifact.path)
        if artifact.kind is not Kind.RPM or not isinstance(artifact.facts, RpmFacts) or artifact.facts.signed or source is None:
            return artifact, source
        earlier = known.get((artifact.path, artifact.sha256))
        if earlier is not None:
            return earlier, None
        target = work / f"{artifact.sha256}.rpm"
        sign_package(source, target, signer.detached_binary)
        return _as_published(artifact, target), target

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(signed, artifacts))
    return SignedPackages(tuple(artifact for artifact, _ in results), {artifact.path: source for artifact, source in results if source is not None})


def _as_published(artifact: Artifact, signed: Path) -> Artifact:
    digests = digest_file(signed, sha512=bool(artifact.sha512))
    reading = rpm.read(signed, digests)
    return replace(artifact, size=digests.size, sha256=digests.sha256, sha512=digests.sha512, source_sha256=artifact.sha256, facts=reading.facts)


def discard(work: Path, artifacts: Iterable[Artifact]) -> None:
    """Remove the signed copies that a build has put in their places."""
    for artifact in artifacts:
        if artifact.source_sha256:
            (work / f"{artifact.source_sha256}.rpm").unlink(missing_ok=True)
