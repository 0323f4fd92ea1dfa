"""Public keys by which some rpms are signed, but not the repository: those of others, ``[yum] extra_keys``, and our own that sign no more.

Their own file on the site, beside ours in ``gpgkey=``, keeps them away from apt, which would trust them for every package. dnf imports all keys that a
repository names before it installs anything from it, and gives up, also for packages that we signed, where rpm does not import one of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from repogen.artifact import Artifact, RpmFacts
from repogen.errors import ProtectionError, UsageError

if TYPE_CHECKING:
    from repogen.signing.openpgp_certificate import Certificate

_VERSION_4 = b"\x04"


def read_package_keys(names: Sequence[str], base: Path) -> tuple[str, ...]:
    """The armored blocks in these files, which are relative to ``base``. Raises UsageError, and ProtectionError for a key that locks users out."""
    return tuple(block for name in names for block in _blocks(name, base / name))


def _blocks(name: str, path: Path) -> Iterator[str]:
    from repogen.signing.openpgp_certificate import certificates
    from repogen.signing.openpgp_packets import armored_blocks, dearmor, holds_secret

    try:
        content = path.read_bytes().replace(b"\r\n", b"\n")
    except OSError as error:
        raise UsageError(f"[yum] extra_keys: {name} cannot be read: {error.strerror or error}", hint="name the file of an armored public key") from error
    blocks = armored_blocks(content)
    if not blocks:
        raise UsageError(f"[yum] extra_keys: {name} holds no armored key", hint="write it with `gpg --armor --export FINGERPRINT`")
    for block in blocks:
        keys = dearmor(block, name)
        if holds_secret(keys, name):
            raise UsageError(f"[yum] extra_keys: {name} holds a SECRET key", hint="publish what `gpg --armor --export FINGERPRINT` writes")
        for key in certificates(keys, name):
            _check_importable(key, name)
        yield block.decode("ascii", "replace")


def _check_importable(key: Certificate, name: str) -> None:
    from repogen.signing.key_check import not_imported_by_rpm

    if why := not_imported_by_rpm(key):
        raise ProtectionError(
            f"[yum] extra_keys: {name} holds the key {key.fingerprint}, which {why}; dnf there would install nothing from this site",
            hint="take it out, and write `resign = true` under [yum] to replace its signatures by ours",
        )


def kept_keys(former: Iterable[str], keys: Iterable[str], packages: Iterable[Artifact]) -> tuple[str, ...]:
    """Those of the armored ``former`` keys that are not among ``keys``, but have signed some of these rpms: nobody could install them without.

    One that some rpm does not import is no such: dnf there would install nothing at all.
    """
    known = {*keys}
    gone = [key for key in dict.fromkeys(former) if key not in known]
    if not gone:
        return ()
    ids = key_ids(key.encode() for key in known)
    signers = {signer for a in packages if isinstance(a.facts, RpmFacts) and ids.isdisjoint(a.facts.signers) for signer in a.facts.signers}
    return tuple(key for key in gone if signers and not signers.isdisjoint(key_ids([key.encode()])) and _is_importable(key))


def _is_importable(key: str) -> bool:
    from repogen.signing.key_check import not_imported_by_rpm
    from repogen.signing.openpgp_certificate import certificates
    from repogen.signing.openpgp_packets import dearmor

    return not any(not_imported_by_rpm(one) for one in certificates(dearmor(key.encode(), "a key"), "a key"))


def key_ids(keys: Iterable[bytes]) -> set[str]:
    """The ids (16 hexadecimal digits) of all version 4 keys and subkeys in these armored or binary keys."""
    from repogen.signing.openpgp_packets import PUBLIC_KEY, PUBLIC_SUBKEY, dearmor, is_armored, packets

    parts = (packet for key in keys for packet in packets(dearmor(key, "a key") if is_armored(key) else key, "a key"))
    return {_key_id(packet.body) for packet in parts if packet.tag in {PUBLIC_KEY, PUBLIC_SUBKEY} and packet.body.startswith(_VERSION_4)}


def _key_id(body: bytes) -> str:
    """https://www.rfc-editor.org/rfc/rfc9580#name-key-ids-and-fingerprints ."""
    return hashlib.sha1(b"\x99" + len(body).to_bytes(2, "big") + body, usedforsecurity=False).hexdigest()[-16:].upper()
