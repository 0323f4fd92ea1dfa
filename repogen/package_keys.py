"""Public keys of others, by which some rpms are signed that are published as they are: ``[yum] extra_keys``.

Their own file on the site, beside ours in ``gpgkey=``, keeps them away from apt, which would trust them for every package.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from repogen.errors import UsageError

_VERSION_4 = b"\x04"


def read_package_keys(names: Sequence[str], base: Path) -> tuple[str, ...]:
    """The armored blocks in these files, which are relative to ``base``. Raises UsageError."""
    return tuple(block for name in names for block in _blocks(name, base / name))


def _blocks(name: str, path: Path) -> Iterator[str]:
    from repogen.signing.openpgp_packets import armored_blocks, dearmor, holds_secret

    try:
        content = path.read_bytes().replace(b"\r\n", b"\n")
    except OSError as error:
        raise UsageError(f"[yum] extra_keys: {name} cannot be read: {error.strerror or error}", hint="name the file of an armored public key") from error
    blocks = armored_blocks(content)
    if not blocks:
        raise UsageError(f"[yum] extra_keys: {name} holds no armored key", hint="write it with `gpg --armor --export FINGERPRINT`")
    for block in blocks:
        if holds_secret(dearmor(block, name), name):
            raise UsageError(f"[yum] extra_keys: {name} holds a SECRET key", hint="publish what `gpg --armor --export FINGERPRINT` writes")
        yield block.decode("ascii", "replace")


def key_ids(keys: Iterable[bytes]) -> set[str]:
    """The ids (16 hexadecimal digits) of all version 4 keys and subkeys in these armored or binary keys."""
    from repogen.signing.openpgp_packets import PUBLIC_KEY, PUBLIC_SUBKEY, dearmor, is_armored, packets

    parts = (packet for key in keys for packet in packets(dearmor(key, "a key") if is_armored(key) else key, "a key"))
    return {_key_id(packet.body) for packet in parts if packet.tag in {PUBLIC_KEY, PUBLIC_SUBKEY} and packet.body.startswith(_VERSION_4)}


def _key_id(body: bytes) -> str:
    """https://www.rfc-editor.org/rfc/rfc9580#name-key-ids-and-fingerprints ."""
    return hashlib.sha1(b"\x99" + len(body).to_bytes(2, "big") + body, usedforsecurity=False).hexdigest()[-16:].upper()
