"""A vendor who makes do with ``repogen init``, ``build`` and ``publish``, release after release, from machines that are born empty."""

from __future__ import annotations

import hashlib
import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.support.clients import require, run
from tests.support.follow import apt, nuget, yum
from tests.support.nuget_feed import FeedClient
from tests.support.scoop_schema import check_manifest
from tests.support.server import StaticServer
from tests.support.site import Project

GIT = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_TERMINAL_PROMPT": "0"}
#: What is named by a digest gets a name that stays: git objects, by-hash, repodata, assets.
_DIGESTS = (
    (re.compile(r"/objects/[0-9a-f]{2}/[0-9a-f]{38}$"), "/objects/(git objects)"),
    (re.compile(r"^\.repogen/.*"), ".repogen/(state)"),
    (re.compile(r"[0-9a-f]{64}"), "(sha256)"),
    (re.compile(r"^(assets/\w+)\.[0-9a-f]{8}\."), r"\1.(digest)."),
)


class Vendor:
    """``make(folder, version)`` leaves the files of a release in a folder; the site is served while they come out."""

    def __init__(self, folder: Path, server: StaticServer, make: Callable[[Path, str], Path]) -> None:
        self.folder, self.server, self.site = folder, server, server.root
        self._make = make
        self.project = Project(folder / "project", key=None, configured=False)

    def release(self, version: str) -> list[str]:
        """Build and publish with what ``init`` wrote the first time; the warnings of it all."""
        said = ""
        if (self.project.folder / "repogen.toml").exists():
            self.project.empty()
        self._make(self.project.dist, version)
        if not (self.project.folder / "repogen.toml").exists():
            said = self.project.run("init", "--name", "acme", "--url", self.server.url, "--to", str(self.site)).stderr
        said += self.project.build().stderr + self.project.publish().stderr
        assert "not say" not in said, said
        return [line.partition("warning: ")[2] for line in said.splitlines() if "warning" in line]

    def listing(self) -> str:
        """Every path of the site; those that a digest names are told by their kind."""
        paths = [path.relative_to(self.site).as_posix() for path in self.site.rglob("*") if path.is_file()]
        for pattern, name in _DIGESTS:
            paths = [pattern.sub(name, path) for path in paths]
        return "".join(f"{path}\n" for path in sorted(set(paths)))

    # -- what clients find -----------------------------------------------------------------

    def read(self, path: str) -> bytes | None:
        file = self.site / path
        return file.read_bytes() if file.is_file() else None

    def packages(self, channel: str = "stable") -> dict[str, set[str]]:
        """What apt, yum and NuGet can be led to, every digest looked at."""
        return {"apt": set(apt(self.read, channel)), "yum": set(yum(self.read, channel)), "nuget": set(nuget(self.read, self.server.url))}

    def feed(self) -> FeedClient:
        return FeedClient(f"{self.server.url}/chocolatey/index.json", self.fetch)

    def fetch(self, url: str) -> bytes:
        assert url.startswith(f"{self.server.url}/")
        with urllib.request.urlopen(url, timeout=30) as answer:
            content: bytes = answer.read()
        return content

    def check_sums(self, product: str, version: str) -> list[str]:
        """Names of the release's own files that its signed list vouches for, as gpg and coreutils find them."""
        require("gpg", "sha256sum")
        folder, home = self.site / "downloads" / product / version, self.folder / "gnupg"
        home.mkdir(mode=0o700, exist_ok=True)
        run("gpg", "--homedir", home, "--batch", "--no-autostart", "--import", self.site / "keys/acme.asc")
        run("gpg", "--homedir", home, "--batch", "--no-autostart", "--verify", folder / "SHA256SUMS.asc", folder / "SHA256SUMS")
        done = run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=folder)
        names = (Path(line.removesuffix(": OK")).name for line in done.stdout.splitlines())
        return sorted(name for name in names if not name.endswith(".nupkg"))

    def links(self) -> set[str]:
        """Paths on this site that the page leads to; each of them is there."""
        found = _Links(self.server.url).of((self.site / "index.html").read_text())
        assert [path for path in sorted(found) if not (self.site / path).is_file()] == []
        return found

    def tap(self) -> Path:
        """The tap as ``brew tap`` and ``brew update`` have it."""
        require("git")
        clone = self.folder / "tap"
        if clone.exists():
            run("git", "-C", clone, "pull", "--rebase", "--quiet", "origin", "main", env=GIT)
        else:
            run("git", "clone", "--quiet", f"{self.server.url}/homebrew/acme.git", clone, env=GIT)
        run("git", "-C", clone, "fsck", "--strict", "--full", env=GIT)
        return clone

    def commits(self) -> list[str]:
        return run("git", "-C", self.tap(), "log", "--format=%s", env=GIT).stdout.splitlines()

    def scooped(self, name: str) -> str:
        """Version that Scoop finds in the bucket, as it clones and pulls it; what its manifest names has the digest that it says."""
        require("git")
        clone = self.folder / "bucket"
        command = ("-C", clone, "pull", "-q") if clone.exists() else ("clone", "-q", f"{self.server.url}/scoop/acme.git", clone)
        run("git", *command, env=GIT)
        said = json.loads((clone / f"bucket/{name}.json").read_bytes())
        check_manifest(said)
        for one in said["architecture"].values():
            for url, digest in zip(_list(one["url"]), _list(one["hash"]), strict=True):
                assert hashlib.sha256(self.fetch(url.partition("#/")[0])).hexdigest() == digest
        return str(said["version"])

    def offered(self, channel: str, platform: str, version: str) -> str | None:
        """Version that the JSON manifest offers to an application that has this one; it fetches and checks the file."""
        said = json.loads(self.fetch(f"{self.server.url}/updates/{channel}/{platform}/latest.json"))
        if said["version"] == version:
            return None
        content = self.fetch(said["download_url"])
        assert (len(content), hashlib.sha256(content).hexdigest()) == (said["size"], said["sha256"])
        return str(said["version"])

    def install_sh(self, to: Path, *arguments: str) -> str:
        """Run install.sh of the site for an archive, under dash; what it says."""
        require("dash", "curl", "tar")
        return run("dash", "-s", "--", "--dir", to, *arguments, stdin=self.fetch(f"{self.server.url}/install.sh")).stderr


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


class _Links(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = f"{url}/"
        self._found: set[str] = set()

    def of(self, page: str) -> set[str]:
        self.feed(page)
        return self._found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            address = (value or "").removeprefix(self._url)
            if name in {"href", "src"} and address and not address.startswith("#") and not urlsplit(address).scheme:
                self._found.add(unquote(urlsplit(address).path))


@contextmanager
def vendor(folder: Path, make: Callable[[Path, str], Path]) -> Iterator[Vendor]:
    site = folder / "site"
    site.mkdir(parents=True)
    server = StaticServer(site)
    try:
        yield Vendor(folder, server, make)
    finally:
        server.close()
