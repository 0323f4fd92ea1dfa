"""The real electron-updater in node, as an application of some version that is installed somewhere."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import NamedTuple

from tests.support.clients import run
from tests.support.node_client import node_client, node_program

_TOP = Path(__file__).parents[2]
_KINDS = {
    "nsis": ("NsisUpdater", "win32"),
    "mac": ("MacUpdater", "darwin"),
    "appimage": ("AppImageUpdater", "linux"),
    "deb": ("DebUpdater", "linux"),
    "rpm": ("RpmUpdater", "linux"),
}
#: Names under which the updater finds what is installed, for a differential download.
_INSTALLED = {"nsis": "installer.exe", "mac": "update.zip"}


class Answer(NamedTuple):
    """What became of a check."""

    events: list[str]
    version: str | None
    notes: str | None
    downloaded: Path | None
    log: str
    error: str | None


class Installed:
    """An application of a version, built with this feed. ``file`` is what it was installed from."""

    def __init__(self, folder: Path, kind: str, version: str, url: str, *, feed_channel: str = "", arch: str = "x64", file: Path | None = None) -> None:
        self.node = node_program("node")
        modules = node_client("electron")
        self.folder, self.kind, self.version, self.arch, self.file = folder, kind, version, arch, file
        self.modules = str(modules)
        self.folder.mkdir(parents=True)
        channel = f"channel: {feed_channel}\n" if feed_channel else ""
        (folder / "app-update.yml").write_text(f"provider: generic\nurl: {url}\n{channel}updaterCacheDirName: app-updater\n", encoding="utf-8")
        if file and kind in _INSTALLED:
            cache = folder / "cache/app-updater"
            cache.mkdir(parents=True)
            shutil.copy2(file, cache / _INSTALLED[kind])

    def be_user(self, identity: str) -> None:
        """Become the installation of this UUID, which a staged rollout draws by."""
        (self.folder / "data").mkdir(exist_ok=True)
        (self.folder / "data/.updaterId").write_text(identity, encoding="utf-8")

    def update(self, *, download: bool = True, channel: str = "") -> Answer:
        """Look for an update, and fetch it where there is one; ``channel`` is one that the user chose."""
        updater, platform = _KINDS[self.kind]
        asked = {
            "modules": self.modules, "folder": str(self.folder), "updater": updater, "platform": platform, "arch": self.arch, "version": self.version,
            "channel": channel, "download": download, "appimage": str(self.file) if self.kind == "appimage" and self.file else None,
        }  # fmt: skip
        said = json.loads(run(self.node, _TOP / "tests/clients/electron/app.js", json.dumps(asked), timeout=60).stdout)
        downloaded = Path(said["files"][0]) if said["files"] else None
        return Answer(said["events"], said["version"], said["notes"], downloaded, "\n".join(said["log"]), said["error"])
