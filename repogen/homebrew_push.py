"""The tap's commits in a git repository elsewhere too, such as the one on GitHub that ``brew tap acme/tap`` finds by itself.

The same commits as on the site are pushed at the end of a publish, never by force. The remote's head is compared each time, so what one run could not push the
next one does. The token is told to git by its environment (``GIT_CONFIG_*``, see https://git-scm.com/docs/git-config), never in an argument.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import urlsplit

from repogen import layout
from repogen.catalog import GitHead
from repogen.config import Config
from repogen.crew import each
from repogen.errors import PushError
from repogen.git_objects import head_file, object_path
from repogen.state import Snapshot
from repogen.state.head import decode_head, read_head
from repogen.stores import Store

TOKEN = "REPOGEN_HOMEBREW_TOKEN"  # noqa: S105  the name of a variable
_SECONDS = 300
_THREADS = 16
_OWN = ("REPOGEN_", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_TRACE")


class _Remote(NamedTuple):
    """A branch of a repository elsewhere, and the environment in which git may speak to it."""

    address: str
    branch: str
    program: str
    environ: dict[str, str]
    token: str

    def head(self) -> str:
        """The commit that the branch is at; empty when there is none."""
        return self.git("ls-remote", "--", self.address, self.branch).partition("\t")[0]

    def git(self, *arguments: str) -> str:
        """What git prints. Raises PushError with what it says when it fails."""
        try:
            done = subprocess.run([self.program, *arguments], env=self.environ, capture_output=True, text=True, check=False, timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            raise PushError(f"{self.address} did not answer for {_SECONDS} seconds", hint=_AGAIN) from None
        if done.returncode:
            raise PushError(f"the tap was not pushed to {self.address}: {self._said(done.stderr)}", hint=_AGAIN)
        return done.stdout

    def _said(self, text: str) -> str:
        """Git's last words, on one line and without the token."""
        lines = [line.removeprefix("fatal: ").removeprefix("error: ").strip() for line in text.splitlines() if line and not line.startswith("hint:")]
        said = "; ".join(lines[-2:]) or "git gave no reason"
        return said.replace(self.token, "***") if self.token else said


_AGAIN = f"the site itself is published; mend the address, or the token in {TOKEN}, and run `repogen publish` again"


def push(config: Config, store: Store, snapshot: Snapshot, environ: Mapping[str, str]) -> None:
    """Bring the remote to the tap of this snapshot, if one is configured. Raises PushError; what is published stays so."""
    repository = layout.tap(config.repo.name)
    if not config.homebrew.push or repository not in snapshot.catalog.repositories:
        return
    head, remote = snapshot.catalog.repositories[repository], _remote(config, environ)
    try:
        _push(remote, repository, head, store)
    except PushError:
        if decode_head(read_head(store)[0], store.address).number != snapshot.number:
            return  # Somebody has published upon it since: theirs is the newer tap, and so is the push.
        raise


def _push(remote: _Remote, repository: str, head: GitHead, store: Store) -> None:
    there = remote.head()
    if there == head.commit:
        return
    if there and there not in head.objects:
        raise PushError(
            f"{remote.address} has commits that the site's tap does not have, the last one {there[:12]}",
            hint="push to an empty repository; the commits of the tap are only ever added to",
        )
    with TemporaryDirectory(prefix="repogen-") as folder:
        _write(Path(folder), repository, head, store)
        remote.git(f"--git-dir={folder}", "push", "--quiet", "--", remote.address, f"{head.commit}:{remote.branch}")


def _write(folder: Path, repository: str, head: GitHead, store: Store) -> None:
    """A bare repository with all objects, as the destination has them."""
    (folder / "refs/heads").mkdir(parents=True)
    (folder / "HEAD").write_bytes(head_file())

    def fetch(id: str) -> None:
        stored = store.get(object_path(repository, id))
        if stored is None:
            raise PushError(f"{object_path(repository, id)} is missing in {store.address}", hint="`repogen doctor` looks at what is published")
        path = folder / object_path("", id).lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stored.content)

    each(head.objects, fetch, threads=_THREADS, done=lambda _: None)


def _remote(config: Config, environ: Mapping[str, str]) -> _Remote:
    address, token = config.homebrew.push, environ.get(TOKEN, "").strip()
    program = shutil.which("git", path=environ.get("PATH"))
    if program is None:
        raise PushError("git is not installed, which [homebrew] push needs", hint="install git, or take [homebrew] push out")
    url = urlsplit(address)
    if token and url.scheme == "http" and url.hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise PushError(f"{address} would get the token unencrypted", hint="write it as https://")
    return _Remote(address, f"refs/heads/{config.homebrew.branch}", program, _environment(environ, address, token), token)


def _environment(environ: Mapping[str, str], address: str, token: str) -> dict[str, str]:
    """Git asks nobody, and knows neither our key nor the repository that it may have been started in."""
    kept = {name: value for name, value in environ.items() if not name.startswith(_OWN)}
    kept = {"GIT_SSH_COMMAND": "ssh -o BatchMode=yes", **kept, "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "LC_ALL": "C"}
    if token and address.startswith("http"):
        words = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        number = int(kept.get("GIT_CONFIG_COUNT", "0") or 0)
        settings = (f"http.{address}.extraHeader", f"Authorization: Basic {words}"), ("credential.helper", "")
        for place, (key, value) in enumerate(settings, number):
            kept |= {f"GIT_CONFIG_KEY_{place}": key, f"GIT_CONFIG_VALUE_{place}": value}
        kept["GIT_CONFIG_COUNT"] = str(number + len(settings))
    return kept
