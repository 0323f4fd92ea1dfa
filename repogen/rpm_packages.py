"""Unsigned rpms become signed ones before they enter the catalog.

rpm 6 installs no unsigned package, so what is published carries our signature. Signing changes the bytes: the artifact
remembers the digest that its file came in with (``source_sha256``), and the same file again is the package signed before.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from repogen.artifact import Artifact, RpmFacts
from repogen.digests import digest_file
from repogen.readers import rpm
from repogen.rpm_signature import is_signed_by, sign_package, signed_part
from repogen.signing import Signer

_LOG = logging.getLogger(__name__)
_SHARE = 64
_REMEDY = "remove that signature with `rpmsign --delsign` and build again"


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

    settled: dict[tuple[str, str], tuple[Artifact, Path | None]] = {}
    unsigned: list[tuple[Artifact, Path]] = []
    for artifact in artifacts:
        source = sources.get(artifact.path)
        earlier = known.get((artifact.path, artifact.sha256))
        settled[artifact.path, artifact.channel] = (artifact, source) if earlier is None else (earlier, None)
        if earlier is None and source is not None and isinstance(artifact.facts, RpmFacts):
            if not artifact.facts.signed:
                unsigned.append((artifact, source))
            elif not is_signed_by(source, [key.fingerprint for key in signer.public_keys]):
                _LOG.warning("%s is signed by another key, so dnf and zypper will not install it from this site; %s", source.name, _REMEDY)
    for artifact, target in _signed(unsigned, signer, work):
        settled[artifact.path, artifact.channel] = artifact, target
    return SignedPackages(
        tuple(artifact for artifact, _ in settled.values()), {artifact.path: source for artifact, source in settled.values() if source is not None}
    )


def _signed(packages: Sequence[tuple[Artifact, Path]], signer: Signer, work: Path) -> Iterator[tuple[Artifact, Path]]:
    """Sign these in shares, so that gpg's agent works at one share while another is written."""
    shares = [packages[start : start + _SHARE] for start in range(0, len(packages), _SHARE)]
    with ThreadPoolExecutor(2) as pool:
        for share in pool.map(lambda share: _signed_share(share, signer, work), shares):
            yield from share


def _signed_share(packages: Sequence[tuple[Artifact, Path]], signer: Signer, work: Path) -> list[tuple[Artifact, Path]]:
    # Dated as the packages are: a build after a publish that was cut must come to the very bytes that were uploaded then.
    headers, built = zip(*(signed_part(source) for _, source in packages), strict=True)
    packets = dict(zip(headers, signer.packets(headers, built), strict=True))
    done = []
    for artifact, source in packages:
        target = work / f"{artifact.sha256}.rpm"
        sign_package(source, target, lambda header: packets.get(header) or signer.detached_binary(header))
        done.append((_as_published(artifact, target), target))
    return done


def _as_published(artifact: Artifact, signed: Path) -> Artifact:
    digests = digest_file(signed, sha512=bool(artifact.sha512))
    reading = rpm.read(signed, digests)
    return replace(artifact, size=digests.size, sha256=digests.sha256, sha512=digests.sha512, source_sha256=artifact.sha256, facts=reading.facts)


def discard(work: Path, artifacts: Iterable[Artifact]) -> None:
    """Remove the signed copies that a build has put in their places."""
    for artifact in artifacts:
        if artifact.source_sha256:
            (work / f"{artifact.source_sha256}.rpm").unlink(missing_ok=True)
