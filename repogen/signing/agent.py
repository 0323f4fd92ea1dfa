"""A conversation with the private home's gpg-agent, for many signatures in a short time.

Starting gpg costs some milliseconds for each signature; asking its agent costs a fraction of one. The agent does what it does for
gpg: it holds the key and signs a digest. https://www.gnupg.org/documentation/manuals/gnupg/Agent-PKSIGN.html
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from urllib.parse import quote_from_bytes, unquote_to_bytes

from repogen.errors import SigningError
from repogen.signing.gpg_home import AGENT

#: Requests that are sent before an answer is read: few enough for the socket's buffer.
_AT_ONCE = 256
_VALUE = re.compile(rb"\(1:[rs](\d+):")


class Agent:
    """One connection to the agent, for one key; threads take turns, as they would inside the agent. Close it after use."""

    def __init__(self, home: Path, keygrip: str, passphrase: str | None) -> None:
        self._passphrase = (passphrase or "").encode()
        self._turn = Lock()
        self._knows_passphrase = False
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.connect(str(home / AGENT))
            self._stream = self._socket.makefile("rwb")
            self._answer()
            self._ask("OPTION pinentry-mode=loopback")
            self._ask(f"SIGKEY {keygrip}")
        except BaseException:
            self._socket.close()
            raise

    def close(self) -> None:
        with suppress(OSError):  # what was not sent to an agent that has ended
            self._stream.close()
        self._socket.close()

    def sign(self, digests: Sequence[bytes]) -> list[tuple[bytes, ...]]:
        """The numbers of a signature over each SHA-512 digest: (s) for RSA, (r, s) for EdDSA. Raises SigningError.

        Once the agent has signed without asking for the passphrase, it hears many requests before the first answer is read: so it
        works on while this process does something else.
        """
        made: list[tuple[bytes, ...]] = []
        while len(made) < len(digests):
            with self._turn:
                some = digests[len(made) : len(made) + (_AT_ONCE if self._knows_passphrase else 1)]
                self._knows_passphrase = True
                made += self._sign(some)
        return made

    def _sign(self, digests: Sequence[bytes]) -> list[tuple[bytes, ...]]:
        self._send("".join(f"SETHASH --hash=sha512 {digest.hex().upper()}\nPKSIGN\n" for digest in digests))
        made = []
        for _ in digests:
            self._answer()
            made.append(_numbers(self._answer()))
        return made

    def _ask(self, command: str) -> bytes:
        self._send(command + "\n")
        return self._answer()

    def _send(self, lines: str) -> None:
        try:
            self._stream.write(lines.encode("ascii"))
            self._stream.flush()
        except OSError as error:
            raise _ended() from error

    def _answer(self) -> bytes:
        """Data lines up to OK, giving the passphrase when the agent inquires for it."""
        data = b""
        for line in iter(self._line, b""):
            word, _, rest = line.rstrip(b"\n").partition(b" ")
            if word == b"OK":
                return data
            if word == b"D":
                data += unquote_to_bytes(rest)
            elif word == b"INQUIRE":
                self._knows_passphrase = False
                self._stream.write(b"D " + quote_from_bytes(self._passphrase).encode() + b"\nEND\n" if rest.startswith(b"PASSPHRASE") else b"CAN\n")
                self._stream.flush()
            elif word == b"ERR":
                raise SigningError(f"gpg-agent cannot sign: {rest.decode(errors='replace')}", hint="`gpg --clear-sign` with this key must work")
        raise _ended()

    def _line(self) -> bytes:
        try:
            return self._stream.readline()
        except OSError as error:
            raise _ended() from error


def _ended() -> SigningError:
    return SigningError("gpg-agent ended while it was signing", hint="build again; if it ends again, look for it in the system's log")


def _numbers(expression: bytes) -> tuple[bytes, ...]:
    """The values of the canonical S-expression ``(7:sig-val(5:eddsa(1:r32:...)(1:s32:...)))``."""
    found, at = [], 0
    while match := _VALUE.search(expression, at):
        at = match.end() + int(match[1])
        found.append(expression[match.end() : at])
    if not found:
        raise SigningError("gpg-agent gave no signature", hint="GnuPG 2.2 or later is needed")
    return tuple(found)
