"""Signatures over what is published, made by gpg in a private home.

Everything is signed by the primary key (dnf 5 and rpm trust no subkey), with SHA-512, and dated with the build's date, so
that the same bytes, key and date give the same signature: Ed25519 and RSA are deterministic. Whether the key is expired or
revoked is judged by the real clock, before anything is signed. https://www.rfc-editor.org/rfc/rfc9580

Detached signatures may be thousands (each rpm, each release), so they are asked of gpg's agent directly, once it has
been seen to give the very bytes that gpg gives for this key; otherwise gpg makes them all.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from repogen import openpgp_key, signing_key
from repogen.agent import Agent
from repogen.catalog import PublicKey
from repogen.errors import SigningError
from repogen.gpg_home import as_gpg_text, from_gpg_text, open_gpg, private_home
from repogen.openpgp_signature import armor, signatures

_LOG = logging.getLogger("repogen")
#: How many gpg processes may sign side by side, where the agent is not asked.
_PROCESSES = 4


class Signer:
    """Signs with one open key; made by :func:`open_signer`. Its methods may be called from several threads."""

    def __init__(self, gpg: Any, key: PublicKey, *, source: str, passphrase: str | None, date: str) -> None:
        self.public_keys: tuple[PublicKey, ...] = (key,)
        self._gpg = gpg
        self._source = source
        self._passphrase = passphrase
        self._key_made = _seconds(key.created)
        self._moment = max(_seconds(date), self._key_made)
        self._extra = ["--local-user", f"{key.fingerprint}!", "--digest-algo", "SHA512", "--no-escape-from-lines"]
        self._fast: Callable[[Sequence[bytes], Sequence[int]], list[bytes]] | None = None

    def clear(self, data: bytes) -> bytes:
        """One clear-signed message and nothing else, as apt wants InRelease. ``data`` ends in a newline."""
        return self._sign(data, self._moment, clearsign=True)

    def detached(self, data: bytes) -> bytes:
        """An armored detached signature."""
        return self.detached_all([data])[0]

    def detached_all(self, texts: Sequence[bytes]) -> list[bytes]:
        """An armored detached signature of each text."""
        return [armor(packet) for packet in self.packets(texts)]

    def detached_binary(self, data: bytes) -> bytes:
        """A detached signature as a bare OpenPGP packet, as rpm headers hold it."""
        return self.packets([data])[0]

    def packets(self, texts: Sequence[bytes], made: Sequence[int] = ()) -> list[bytes]:
        """A detached signature of each text, as a bare OpenPGP packet. Many at once are much quicker than one after another.

        With ``made``, in seconds since 1970, a signature bears the date at which its text was made instead of the build's, so that it
        is the same in every build; but never a date after the build's or before the key's.
        """
        moments = [max(self._key_made, min(seconds, self._moment)) for seconds in made] or [self._moment] * len(texts)
        if self._fast:
            return self._fast(texts, moments)
        with ThreadPoolExecutor(_PROCESSES) as pool:
            return list(pool.map(lambda text, moment: self._sign(text, moment, clearsign=False, detach=True, binary=True), texts, moments))

    def try_key(self, agent: Agent | None, algorithm: int) -> None:
        """Make a signature, so that a wrong passphrase is found before anything is half done; from then on ask ``agent`` where it agrees."""
        by_gpg = self._sign(b"", self._moment, clearsign=False, detach=True, binary=True)
        if agent is None:
            return
        fast = partial(signatures, fingerprint=self.public_keys[0].fingerprint, algorithm=algorithm, sign=agent.sign)
        if fast([b""], [self._moment]) == [by_gpg]:
            self._fast = fast

    def _sign(self, data: bytes, moment: int, **form: bool) -> bytes:
        extra = [*self._extra, "--faked-system-time", f"{moment}!"]
        done = self._gpg.sign(data, passphrase=self._passphrase and as_gpg_text(self._passphrase), extra_args=extra, **form)
        if done.returncode == 0 and done.data:
            return bytes(done.data)
        said = str(done.stderr)
        if re.search(r"passphrase|canceled|No pinentry|can't query", said, re.IGNORECASE):
            raise signing_key.wrong_passphrase(self._source, given=self._passphrase is not None)
        reason = next((line.removeprefix("gpg: ") for line in reversed(said.splitlines()) if line.startswith("gpg: ")), "it gave no reason")
        raise SigningError(f"gpg cannot sign with {self._source}: {reason}", hint="`gpg --clear-sign` with this key must work")


def _seconds(date: str) -> int:
    return int(datetime.fromisoformat(date).timestamp())


@contextmanager
def open_signer(key: str, *, base: Path, environ: Mapping[str, str], date: str) -> Iterator[Signer]:
    """A signer for ``[signing] key`` (a path relative to ``base``, or a fingerprint) or REPOGEN_SIGNING_KEY; signatures bear ``date``.

    Raises SigningError when there is no key, it does not open, or it must not sign any more. The passphrase is tried here, so
    that nothing is half done when it is wrong.
    """
    text = signing_key.find(key, base, environ)
    passphrase = signing_key.passphrase(environ)
    with private_home(environ) as home:
        gpg = open_gpg(home, environ)
        listed = _only_secret(gpg, text)
        openpgp_key.check_usable(listed, text.source)
        public = _public(gpg, listed)
        for sentence in openpgp_key.warnings(public, time.time()):
            _LOG.warning(sentence)
        signer = Signer(gpg, public, source=text.source, passphrase=passphrase, date=date)
        with ExitStack() as stack:
            agent = _agent(home, listed, public, passphrase)
            if agent is not None:
                stack.enter_context(closing(agent))
            signer.try_key(agent, int(listed["algo"]))
            yield signer


def _agent(home: Path, listed: Mapping[str, Any], public: PublicKey, passphrase: str | None) -> Agent | None:
    """A connection to the agent for a key that signs deterministically; None: gpg makes every signature."""
    if public.algorithm != "ed25519" and not public.algorithm.startswith("rsa"):
        return None
    try:
        return Agent(home, str(listed["keygrip"]), passphrase)
    except OSError as error:
        _LOG.info("gpg-agent cannot be asked directly (%s); signing takes longer", error)
        return None


def read_public_key(key: str, *, base: Path, environ: Mapping[str, str]) -> PublicKey:
    """The public part of the configured key, whether or not it may still sign. Raises SigningError."""
    text = signing_key.find(key, base, environ)
    with private_home(environ) as home:
        gpg = open_gpg(home, environ)
        return _public(gpg, _only_secret(gpg, text))


def _only_secret(gpg: Any, text: signing_key.SecretText) -> Mapping[str, Any]:
    """Import the key and return gpg's listing of it."""
    imported = gpg.import_keys(text.data)
    listed = gpg.list_keys(secret=True)
    if not listed:
        _refuse_no_secret(text, bool(imported.fingerprints))
    if len(listed) > 1:
        names = ", ".join(sorted(str(one["fingerprint"]) for one in listed))
        raise SigningError(
            f"{text.source} holds {len(listed)} secret keys: {names}", hint="export one of them alone with `gpg --armor --export-secret-keys FINGERPRINT`"
        )
    return listed[0]  # type: ignore[no-any-return]


def _refuse_no_secret(text: signing_key.SecretText, public: bool) -> None:
    if public or b"BEGIN PGP PUBLIC KEY" in text.data:
        raise SigningError(f"{text.source} is a public key", hint="signing needs the secret key: `gpg --armor --export-secret-keys FINGERPRINT`")
    raise SigningError(
        f"{text.source} holds no OpenPGP secret key", hint="it must be what `gpg --armor --export-secret-keys FINGERPRINT` or `repogen keys new` writes"
    )


def _public(gpg: Any, listed: Mapping[str, Any]) -> PublicKey:
    fingerprint = str(listed["fingerprint"])
    armored = gpg.export_keys(fingerprint).replace("\r\n", "\n")
    binary = bytes(gpg.export_keys(fingerprint, armor=False))
    if not armored or "PRIVATE KEY" in armored or openpgp_key.holds_secret(binary):
        raise SigningError(f"gpg did not export the public key {fingerprint}", hint=f"`gpg --armor --export {fingerprint}` must print a public key block")
    return PublicKey(
        fingerprint=fingerprint,
        algorithm=openpgp_key.algorithm(listed),
        created=openpgp_key.iso(str(listed["date"])),
        expires=openpgp_key.iso(str(listed["expires"])),
        user_id=from_gpg_text(str(next(iter(listed["uids"]), ""))),
        armored=armored,
        binary=binary,
    )
