"""A throwaway signing key, made once in the work folder, and a home that holds it for repogen, for rpmsign and for the peers that sign."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PARAMETERS = "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign\nName-Real: Bench\nName-Email: bench@example.org\nExpire-Date: 0\n%no-protection\n%commit\n"


@dataclass(frozen=True)
class Home:
    """A GnuPG home with one secret key without passphrase."""

    path: Path
    fingerprint: str

    @property
    def environment(self) -> dict[str, str]:
        return {"GNUPGHOME": str(self.path)}

    def secret_key(self) -> str:
        """The armored secret key."""
        return _gpg(self.path, "--armor", "--export-secret-keys", self.fingerprint)


@contextmanager
def gpg_home(work: Path) -> Iterator[Home]:
    """A fresh home with the key of this work folder. It stands in the system's folder for temporary files, because sockets need a short path."""
    path = Path(tempfile.mkdtemp(prefix="bench-"))
    key = work / "key.asc"
    try:
        if key.exists():
            _gpg(path, "--import", stdin=key.read_text())
        else:
            _gpg(path, "--gen-key", stdin=_PARAMETERS)
            key.write_text(_gpg(path, "--armor", "--export-secret-keys"))
        listed = _gpg(path, "--with-colons", "--list-secret-keys")
        yield Home(path, next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:")))
    finally:
        subprocess.run(["gpgconf", "--homedir", str(path), "--kill", "all"], stderr=subprocess.DEVNULL, timeout=30, check=False)
        shutil.rmtree(path, ignore_errors=True)


def _gpg(home: Path, *arguments: str, stdin: str = "") -> str:
    return subprocess.run(
        ["gpg", "--homedir", str(home), "--batch", "--quiet", *arguments],
        input=stdin,
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
