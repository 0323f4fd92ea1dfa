"""A private GnuPG home that lives as long as one command.

gpg never sees the user's own ``~/.gnupg`` here: the home is a fresh folder of mode 0700, in memory where the system
offers that, with an agent of its own. A watcher holds a pipe to this process; when the pipe closes, for whatever
reason (also SIGKILL), it removes the home, and the agent ends because its home is gone.
https://www.gnupg.org/documentation/manuals/gnupg/
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from repogen.errors import SigningError

KEY_VARIABLE = "REPOGEN_SIGNING_KEY"
PASSPHRASE_VARIABLE = "REPOGEN_SIGNING_PASSPHRASE"  # noqa: S105 - a name, not a passphrase

#: For the private home: no prompt, no web of trust, no lines that differ from one machine to the next.
PRIVATE = (
    "--no-options",
    "--no-autostart",
    "--pinentry-mode",
    "loopback",
    "--trust-model",
    "always",
    "--no-auto-check-trustdb",
    "--no-comments",
    "--no-emit-version",
    "--display-charset",
    "utf-8",
)

#: For the user's own home, which is only read.
OWN = ("--pinentry-mode", "loopback")

_AGENT_OPTIONS = "allow-loopback-pinentry\ndefault-cache-ttl 86400\nmax-cache-ttl 86400\ndisable-scdaemon\n"

#: A key is here only while the command runs, so stretching its passphrase for each signature buys nothing and costs 0.1 s.
_NO_STRETCHING = "s2k-count 1024\n"

#: Link to the agent's socket, in the home.
AGENT = "agent"

_MEMORY = Path("/dev/shm")  # noqa: S108 - mkdtemp makes the folder

#: Says where the agent's sockets are (gpg keeps them below /run/user where there is such a folder), waits, and removes all.
#: It goes on when this process has ended before it could listen.
_WATCHER = """
trap '' PIPE
sockets=$(gpgconf --homedir "$1" --list-dirs socketdir)
echo "$sockets"
cat >/dev/null
rm -rf "$1"
case "$sockets" in */d.*) rm -rf "$sockets" ;; esac
"""


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for gpg: C locale, no home but ours, and neither key nor passphrase."""
    kept = {name: value for name, value in environ.items() if name not in {KEY_VARIABLE, PASSPHRASE_VARIABLE, "GNUPGHOME", "GPG_AGENT_INFO"}}
    return {**kept, "LC_ALL": "C"}


def as_gpg_text(text: str) -> str:
    """UTF-8 in the form in which python-gnupg passes it through: it reads and writes Latin-1, which no odd byte can break."""
    return text.encode().decode("latin-1")


def from_gpg_text(text: str) -> str:
    """The opposite of :func:`as_gpg_text`."""
    return text.encode("latin-1", "replace").decode(errors="replace")


def open_gpg(home: Path | None, environ: Mapping[str, str], options: tuple[str, ...] = PRIVATE) -> Any:
    """A ``gnupg.GPG`` over ``home``; None is the user's own home. Raises SigningError when gpg is absent."""
    import shutil

    import gnupg

    # Its debug messages hold the first lines of every imported key.
    logging.getLogger("gnupg").setLevel(logging.CRITICAL + 1)
    program = shutil.which("gpg", path=environ.get("PATH"))
    if program is None:
        raise SigningError(
            "gpg is not installed", hint="install GnuPG 2.2 or later: the package is called gnupg in Debian, gnupg2 in Fedora and gnupg in Homebrew"
        )
    own = {"GNUPGHOME": environ["GNUPGHOME"]} if home is None and "GNUPGHOME" in environ else {}
    try:
        return gnupg.GPG(gpgbinary=program, gnupghome=None if home is None else str(home), env=clean_environment(environ) | own, options=list(options))
    except (OSError, ValueError) as error:
        raise SigningError(f"{program} does not run: {error}", hint="`gpg --version` must work") from error


def given_passphrase(home: Path, passphrase: str | None) -> tuple[str, ...]:
    """Options with which gpg itself knows ``passphrase``, whatever its agent forgets; the file that they name goes with the private ``home``."""
    if not passphrase:
        return ()
    file = home / "passphrase"
    file.touch(mode=0o600)
    file.write_text(passphrase, encoding="utf-8")
    return "--passphrase-file", str(file)


@contextmanager
def private_home(environ: Mapping[str, str], *, exporting: bool = False) -> Iterator[Path]:
    """A fresh home with its agent running; both are gone afterwards. ``exporting``: secret keys leave it, so protect them as gpg does."""
    import shutil  # here, as below: an unchanged build looks for its key, but starts nothing
    import tempfile

    memory = os.access(_MEMORY, os.W_OK | os.X_OK)
    home = Path(tempfile.mkdtemp(prefix="repogen-", dir=_MEMORY if memory else None))
    try:
        (home / "gpg-agent.conf").write_text(_AGENT_OPTIONS + ("" if exporting else _NO_STRETCHING), encoding="ascii")
        with _agent(home, environ):
            yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _agent(home: Path, environ: Mapping[str, str]) -> Iterator[None]:
    import shutil
    import subprocess

    program = shutil.which("gpg-agent", path=environ.get("PATH"))
    if program is None:
        raise SigningError("gpg-agent is not installed", hint="it comes with GnuPG: the package is called gpg-agent in Debian, gnupg2 in Fedora")
    # A session of its own keeps the terminal's Ctrl-C from the watcher, which has yet to clear up.
    watcher = subprocess.Popen(
        [program, "--homedir", str(home), "--quiet", "--daemon", "--", "/bin/sh", "-c", _WATCHER, "sh", str(home)],
        env=clean_environment(environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with watcher:  # closes the pipe and waits
        sockets = watcher.stdout.readline().decode() if watcher.stdout else ""
        if not sockets:
            raise SigningError(
                f"{program} does not start", hint="`gpg-agent --version` must work, and the folder for temporary files must allow sockets (TMPDIR)"
            )
        (home / AGENT).symlink_to(Path(unquote(sockets.strip()) or home, "S.gpg-agent"))
        yield
