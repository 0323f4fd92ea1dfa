"""Unsigned rpms become signed ones before they enter the catalog.

rpm 6 installs no unsigned package, so what is published carries a signature: that which it came with, or else ours. Signing changes the
bytes: the artifact remembers the digest that its file came in with (``source_sha256``), and the same file again is the package signed before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from repogen.artifact import Artifact, RpmFacts
from repogen.package_keys import key_ids
from repogen.packed_text import Text
from repogen.readers import rpm
from repogen.rpm_signature import sign_package, signed_part
from repogen.scanning.digests import digest_file
from repogen.signing.signer import Signer

#: Is given artifacts as soon as they are made.
Keep = Callable[[tuple[Artifact, ...]], object]

_LOG = logging.getLogger(__name__)
_SHARE = 64
#: A published file never changes, so a signature can be replaced only before.
_REMEDY = "name its public key in `extra_keys` under [yum]; or, before it is published, write `resign = true` there to replace that signature"
_LATE_REMEDY = "name its public key in `extra_keys` under [yum], or bring it with another Release and `resign = true` there, since published files never change"


class SignedPackages(Struct, frozen=True):
    """Artifacts as they are published, and the local file of each path."""

    artifacts: tuple[Artifact, ...]
    sources: dict[str, str]


class Before(Struct, frozen=True):
    """Artifacts that former builds made; their bytes are where they were put then."""

    published: tuple[Artifact, ...] = ()
    built: tuple[Artifact, ...] = ()
    """By the last build, and perhaps not published; their files are in the output folder."""

    @property
    def by_source(self) -> dict[tuple[str, str], Artifact]:
        """By path and digest of the file that came in. What was published with a signature of others stays so."""
        kept = {(a.path, a.sha256): a for a in self.published if isinstance(a.facts, RpmFacts) and a.facts.signed}
        return kept | {(a.path, a.source_sha256): a for a in (*self.published, *self.built) if a.source_sha256}


def sign_packages(
    artifacts: Iterable[Artifact],
    sources: Mapping[str, str],
    before: Before,
    signer: Signer,
    work: Path,
    *,
    trusted: Iterable[str] = (),
    resign: bool = False,
    keep: Keep = lambda _: None,
) -> SignedPackages:
    """Sign every unsigned rpm into the folder ``work``, unless ``before`` holds the result already.

    One that a key signed which is neither ours nor among ``trusted`` (key ids) is signed again where ``resign`` says so, else published with a warning.
    """
    known = before.by_source
    ours = key_ids(key.binary for key in signer.public_keys)
    welcome = {*ours, *trusted}
    work.mkdir(parents=True, exist_ok=True)

    settled: dict[tuple[str, str], tuple[Artifact, str | None]] = {}
    to_sign: list[tuple[Artifact, Path]] = []
    for artifact in artifacts:
        source = sources.get(artifact.path)
        earlier = known.get((artifact.path, artifact.sha256))
        settled[artifact.path, artifact.channel] = (artifact, source) if earlier is None else (earlier, None)
        if source is None or not isinstance(artifact.facts, RpmFacts):
            continue
        signed, signers = artifact.facts.signed, artifact.facts.signers
        if earlier is None and (not signed or (resign and ours.isdisjoint(signers))):
            to_sign.append((artifact, Path(source)))
        elif signed and welcome.isdisjoint(signers) and (earlier is None or earlier.sha256 == artifact.sha256):
            remedy = _LATE_REMEDY if earlier else _REMEDY
            _LOG.warning("%s is signed by another key, so dnf and zypper will not install it from this site; %s", artifact.filename, remedy)
    for artifact, target in _signed(to_sign, signer, work):
        keep((artifact,))
        settled[artifact.path, artifact.channel] = artifact, str(target)
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
    reading = rpm.read_again(signed, digests)
    return replace(artifact, size=digests.size, sha256=digests.sha256, sha512=digests.sha512, source_sha256=artifact.sha256, facts=reading.facts)


def with_file_digests(artifacts: Iterable[Artifact], sources: Mapping[str, str]) -> Iterator[Artifact]:
    """The artifacts, those of rpms that are here with their part of filelists-ext."""
    for artifact in artifacts:
        facts, source = artifact.facts, sources.get(artifact.path)
        if isinstance(facts, RpmFacts) and source is not None:
            yield replace(artifact, facts=replace(facts, packed_filelists_ext=Text(rpm.extended_filelists(Path(source), facts, artifact.sha256))))
        else:
            yield artifact


def discard(work: Path, artifacts: Iterable[Artifact]) -> None:
    """Remove the signed copies that a build has put in their places."""
    for artifact in artifacts:
        if artifact.source_sha256:
            (work / f"{artifact.source_sha256}.rpm").unlink(missing_ok=True)
