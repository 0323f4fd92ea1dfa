"""One key that is open in the private home, and the signatures that it makes.

Detached signatures may be thousands (each rpm, each release), so they are asked of gpg's agent directly, once it has
been seen to give the very bytes that gpg gives for this key; otherwise gpg makes them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from repogen.errors import SigningError
from repogen.signing import signing_key
from repogen.signing.agent import Agent
from repogen.signing.gpg_home import as_gpg_text
from repogen.signing.key_import import ImportedKey
from repogen.signing.openpgp_signature import signatures

#: How many gpg processes may sign side by side, where the agent is not asked.
_PROCESSES = 4


class OpenKey:
    """Signs with one key. Its signatures bear the date ``moment`` (seconds since 1970) unless they are asked for with another."""

    def __init__(self, gpg: Any, key: ImportedKey, passphrase: str | None, moment: int) -> None:
        self.public = key.public
        self.source = key.source
        self.fast: Callable[[Sequence[bytes], Sequence[int]], list[bytes]] | None = None
        """The agent's signatures, where it may be asked for them."""
        self._gpg = gpg
        self._algorithm = int(key.listed["algo"])
        self._earliest = key.earliest
        self._passphrase = passphrase
        self._moment = moment

    def packets(self, texts: Sequence[bytes], made: Sequence[int] = ()) -> list[bytes]:
        """A detached signature of each text, as a bare OpenPGP packet. For ``made`` see :meth:`repogen.signing.signer.Signer.packets`."""
        moments = [max(self._earliest, min(seconds, self._moment)) for seconds in made] or [self._moment] * len(texts)
        if self.fast:
            return self.fast(texts, moments)
        with ThreadPoolExecutor(_PROCESSES) as pool:
            return list(pool.map(self._detached, texts, moments))

    def clear(self, data: bytes, also: Sequence[OpenKey]) -> bytes:
        """One clear-signed message by this key and others. Their passphrases are known to the agent since they were tried."""
        return self._sign(data, self._moment, [self, *also], clearsign=True)

    def try_it(self, agent: Agent | None) -> None:
        """Make a signature, so that a wrong passphrase is found before anything is half done; from then on ask ``agent`` where it agrees."""
        by_gpg = self._detached(b"", self._moment)
        if agent is None:
            return
        fast = partial(signatures, fingerprint=self.public.fingerprint, algorithm=self._algorithm, sign=agent.sign)
        by_agent = fast([b""], [self._moment])
        # Where the time that it is given is the present second, gpg takes the clock's own, which may tick before it signs. So it is asked once more.
        if by_agent == [by_gpg] or by_agent == [self._detached(b"", self._moment)]:
            self.fast = fast

    def _detached(self, data: bytes, moment: int) -> bytes:
        return self._sign(data, moment, [self], clearsign=False, detach=True, binary=True)

    def _sign(self, data: bytes, moment: int, keys: Sequence[OpenKey], **form: bool) -> bytes:
        users = [word for key in keys for word in ("--local-user", f"{key.public.fingerprint}!")]
        extra = [*users, "--digest-algo", "SHA512", "--no-escape-from-lines", "--faked-system-time", f"{moment}!"]
        done = self._gpg.sign(data, passphrase=self._passphrase and as_gpg_text(self._passphrase), extra_args=extra, **form)
        if done.returncode == 0 and done.data:
            return bytes(done.data)
        said = str(done.stderr)
        if re.search(r"passphrase|canceled|No pinentry|can't query", said, re.IGNORECASE):
            raise signing_key.wrong_passphrase(self.source, given=self._passphrase is not None)
        reason = next((line.removeprefix("gpg: ") for line in reversed(said.splitlines()) if line.startswith("gpg: ")), "it gave no reason")
        raise SigningError(f"gpg cannot sign with {self.source}: {reason}", hint="`gpg --clear-sign` with this key must work")
