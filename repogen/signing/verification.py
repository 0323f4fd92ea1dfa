"""Whether somebody who trusts these public keys, and no others, takes a signature over what is published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from repogen.errors import SigningError
from repogen.signing.gpg_home import open_gpg
from repogen.signing.message_check import fault_of

_ARMOR = b"-----BEGIN PGP"


class Verifier:
    """Verifies by one keyring; made by :func:`open_verifier`. Its methods may be called from several threads."""

    def __init__(self, gpg: Any, keyring: Path) -> None:
        self._gpg = gpg
        self._checking = ["--no-default-keyring", "--keyring", str(keyring)]

    def message(self, name: str, content: bytes) -> bytes:
        """The text of a clear-signed message, without anything that may stand around it. Raises SigningError, which tells what ``name`` is."""
        if content.count(_ARMOR) != 2:
            raise SigningError(f"{name} is not one clear-signed message")
        done = self._gpg.decrypt(content, extra_args=self._checking)
        _refuse(name, str(done.stderr))
        return bytes(done.data)

    def detached(self, name: str, text: bytes, signature: bytes) -> bytes:
        """The text, which this detached signature is over. Raises SigningError."""
        with TemporaryDirectory(prefix="repogen-") as folder:
            file = Path(folder) / "signature"
            file.write_bytes(signature)
            done = self._gpg.verify_data(str(file), text, extra_args=self._checking)
        _refuse(name, str(done.stderr))
        return text


@contextmanager
def open_verifier(keys: bytes, environ: Mapping[str, str]) -> Iterator[Verifier]:
    """A verifier by these binary public keys."""
    with TemporaryDirectory(prefix="repogen-") as folder:
        home = Path(folder)
        (home / "keys.gpg").write_bytes(keys)
        yield Verifier(open_gpg(home, environ), home / "keys.gpg")


def _refuse(name: str, said: str) -> None:
    if fault := fault_of(said):
        raise SigningError(f"{name} {fault}")
