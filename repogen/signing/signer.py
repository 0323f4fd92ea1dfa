"""Signatures over what is published, made by gpg in a private home.

Everything is signed by primary keys (dnf 5 and rpm trust no subkey), with SHA-512, and dated with the build's date, so
that the same bytes, keys and date give the same signatures: Ed25519 and RSA are deterministic. Whether a key is expired or
revoked is judged by the real clock, before anything is signed. https://www.rfc-editor.org/rfc/rfc9580

Several keys sign together, so that a client that trusts any one of them is content. An rpm's header has room for one
signature, which is the first key's.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from repogen.catalog import PublicKey
from repogen.checks.findings import Finding
from repogen.errors import SigningError
from repogen.signing import openpgp_key, signing_key
from repogen.signing.agent import Agent
from repogen.signing.gpg_home import open_gpg, private_home
from repogen.signing.key_file_check import check_public_key
from repogen.signing.key_import import ImportedKey, import_keys
from repogen.signing.open_key import OpenKey
from repogen.signing.openpgp_packets import dearmor
from repogen.signing.openpgp_signature import armor

_LOG = logging.getLogger("repogen")


class Signer:
    """Signs with every open key; made by :func:`open_signer`. Its methods may be called from several threads."""

    def __init__(self, gpg: Any, keys: Sequence[OpenKey], moment: int) -> None:
        self.public_keys: tuple[PublicKey, ...] = tuple(key.public for key in keys)
        self._gpg = gpg
        self._keys = keys
        self._home = Path(gpg.gnupghome)
        keyring = self._home / "exported.gpg"
        keyring.write_bytes(b"".join(dearmor(key.armored.encode(), key.fingerprint) for key in self.public_keys))
        self._checking = ["--no-default-keyring", "--keyring", str(keyring), "--faked-system-time", f"{moment}!"]

    def clear(self, data: bytes) -> bytes:
        """One clear-signed message and nothing else, as apt wants InRelease. ``data`` ends in a newline."""
        return self._keys[0].clear(data, self._keys[1:])

    def detached(self, data: bytes) -> bytes:
        """An armored detached signature."""
        return self.detached_all([data])[0]

    def detached_all(self, texts: Sequence[bytes]) -> list[bytes]:
        """An armored detached signature of each text, with a packet of each key in it."""
        return [armor(b"".join(packets)) for packets in zip(*(key.packets(texts) for key in self._keys), strict=True)]

    def detached_binary(self, data: bytes) -> bytes:
        """A detached signature by the first key as a bare OpenPGP packet, as rpm headers hold it."""
        return self.packets([data])[0]

    def packets(self, texts: Sequence[bytes], made: Sequence[int] = ()) -> list[bytes]:
        """A detached signature by the first key of each text, as a bare OpenPGP packet. Many at once are much quicker than one after another.

        With ``made``, in seconds since 1970, a signature bears the date at which its text was made instead of the build's, so that it
        is the same in every build; but never a date after the build's or before the key's.
        """
        return self._keys[0].packets(texts, made)

    def check(self, signature: bytes, text: bytes | None = None) -> None:
        """Verify a signature of every key, as a client would, by the public keys that users get. ``text``: what a detached one is over.

        Raises SigningError, so that a wrong export never reaches users.
        """
        if text is None:
            done = self._gpg.verify(signature, extra_args=self._checking)
        else:
            with NamedTemporaryFile(dir=self._home) as file:
                file.write(signature)
                file.flush()
                done = self._gpg.verify_data(file.name, text, extra_args=self._checking)
        valid = set(re.findall(r"^\[GNUPG:\] VALIDSIG ([0-9A-F]{40}) ", str(done.stderr), re.MULTILINE))
        for key in self.public_keys:
            if key.fingerprint not in valid:
                raise SigningError(
                    f"what {key.fingerprint} signed does not verify with the public key that would be published",
                    hint="export the secret key again with `gpg --armor --export-secret-keys`, and look at it with `repogen keys check`",
                )


def _warn(finding: Finding) -> None:
    _LOG.warning(finding.line)


@contextmanager
def open_signer(keys: Sequence[str], *, base: Path, environ: Mapping[str, str], date: str, report: Callable[[Finding], None] = _warn) -> Iterator[Signer]:
    """A signer for ``[signing] keys`` (paths relative to ``base``, or fingerprints) or REPOGEN_SIGNING_KEY; signatures bear ``date``.

    Raises SigningError when there is no key, one does not open, or one must not sign any more. The passphrases are tried here, so
    that nothing is half done when one is wrong. ``report`` hears of what clients refuse or will refuse.
    """
    texts = signing_key.find(keys, base, environ)
    passphrases = signing_key.passphrases(environ, len(texts))
    with private_home(environ) as home, ExitStack() as stack:
        gpg = open_gpg(home, environ)
        imported = import_keys(gpg, texts)
        _check(imported, report)
        moment = max(int(datetime.fromisoformat(date).timestamp()), *(key.earliest for key in imported))
        opened = []
        for key, passphrase in zip(imported, passphrases, strict=True):
            agent = _agent(home, key, passphrase) if key.is_deterministic else None
            if agent is not None:
                stack.enter_context(closing(agent))
            opened.append(OpenKey(gpg, key, passphrase, moment))
            opened[-1].try_it(agent)
        _warn_of_slowness(key for key, open_key in zip(imported, opened, strict=True) if key.is_deterministic and not open_key.fast)
        yield Signer(gpg, opened, moment)


def _warn_of_slowness(keys: Iterable[ImportedKey]) -> None:
    """Say once for all keys that the agent does not sign by itself."""
    if slow := [key.public.fingerprint for key in keys]:
        _LOG.warning("gpg-agent does not sign with %s as gpg does, so gpg is started for every signature, which takes longer", " and ".join(slow))


def _check(keys: Sequence[ImportedKey], report: Callable[[Finding], None]) -> None:
    """Refuse what cannot sign, and report what clients refuse or will refuse."""
    for key in keys:
        openpgp_key.check_usable(key.listed, key.source)
    for key in keys:
        for finding in check_public_key(key.public, time.time()):
            report(finding)


def _agent(home: Path, key: ImportedKey, passphrase: str | None) -> Agent | None:
    """A connection to the agent for a key; None where it cannot be asked."""
    try:
        return Agent(home, str(key.listed["keygrip"]), passphrase)
    except OSError as error:
        _LOG.info("gpg-agent cannot be asked directly: %s", error)
        return None


def read_public_keys(keys: Sequence[str], *, base: Path, environ: Mapping[str, str]) -> tuple[PublicKey, ...]:
    """The public parts of the configured keys, whether or not they may still sign. Raises SigningError."""
    texts = signing_key.find(keys, base, environ)
    with private_home(environ) as home:
        return tuple(key.public for key in import_keys(open_gpg(home, environ), texts))
