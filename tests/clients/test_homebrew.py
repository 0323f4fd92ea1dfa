"""git and the Ruby stand-in for brew against sites that ``repogen build`` and ``repogen publish`` made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.brew import MACHINES, evaluate, install
from tests.support.clients import require, run
from tests.support.packages import make_linked_tar, make_tar, make_zip, program
from tests.support.server import StaticServer, serving
from tests.support.site import Project

GIT = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_TERMINAL_PROMPT": "0"}
HOSTILE = "a \"b\" #{`touch hacked`} #$0 $(touch hacked) 'c' \\ end"
PRODUCTS = [
    {"id": "hello", "files": ["hello-*"], "description": HOSTILE, "license": "MIT OR Apache-2.0"},
    {"id": "tidy", "files": ["tidy-*"]},
    {"id": "quiet", "files": ["quiet-*"], "title": "Quiet Calls"},
]


def release(folder: Path, version: str) -> list[Path]:
    """A program in an archive for each machine (those for Linux in bin/), scripts for any system, and an application."""
    made = []
    for system, arch in (("linux", "amd64"), ("linux", "arm64"), ("darwin", "amd64"), ("darwin", "arm64")):
        stem = f"hello-{version}-{system}-{arch}"
        member = f"{stem}/bin/hello" if system == "linux" else f"{stem}/hello"
        beside = {f"{stem}/man/hello.1": ".TH hello 1", f"{stem}/complete/hello.bash": "complete hello", f"{stem}/complete/_hello": "#compdef hello"}
        made.append(make_tar(folder / f"{stem}.tar.gz", {member: program("hello", version), f"{stem}/README": "hello", **beside}, (member,)))
    script = f"tidy-{version}/tidy"
    made.append(make_tar(folder / f"tidy-{version}.tar.xz", {script: program("tidy", version)}, (script,)))
    app, facts = "Quiet Calls.app/Contents/MacOS/Quiet", "Quiet Calls.app/Contents/Info.plist"
    made.append(make_zip(folder / f"quiet-{version}-macos-universal.zip", {app: program("quiet", version), facts: "<plist/>"}, (app,)))
    return made


class Tap:
    """A project whose site is served, and the folder that its users' git and brew work in."""

    def __init__(self, folder: Path, missing: int) -> None:
        served = folder / "served"
        served.mkdir()
        self.server = StaticServer(served, missing)
        self.folder = folder
        self.clone = folder / "clone"
        self.project = Project(folder / "project", url=self.server.url, to=str(served), key=None, product=PRODUCTS)

    def release(self, version: str) -> None:
        """Publish a version from a machine that has this version's files only."""
        self.project.empty()
        self.project.add(*release(self.folder / version, version))
        self.project.build("--unsigned")
        self.project.publish()

    def git(self, *arguments: str | Path) -> str:
        """Run git in the clone; all that it says to people must be good news."""
        done = run("git", "-C", self.clone, *arguments, env=GIT)
        assert "error" not in done.stderr
        return done.stdout

    def tap(self) -> None:
        """What ``brew tap`` does."""
        done = run("git", "clone", f"{self.server.url}/homebrew/acme.git", self.clone, "--origin=origin", "--template=", env=GIT)
        assert "error" not in done.stderr


@pytest.fixture(params=[404, 403], ids=["missing-is-404", "missing-is-403"])
def tap(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tap]:
    require("git", "ruby", "unzip", "xz")
    made = Tap(tmp_path, request.param)
    yield made
    made.server.close()


def test_the_tap_is_cloned_and_pulled(tap: Tap) -> None:
    tap.release("1.0.0")
    tap.tap()
    assert sorted(tap.git("ls-files").split()) == ["Casks/quiet.rb", "Formula/hello.rb", "Formula/tidy.rb", "README.md"]
    asked = len(tap.server.requests)

    tap.release("1.1.0")
    tap.git("pull", "--rebase", "origin", "main")
    assert tap.git("log", "--format=%s").splitlines() == [f"{product} {version}" for version in ("1.1.0", "1.0.0") for product in ("tidy", "quiet", "hello")]
    assert tap.git("fsck", "--strict", "--full") == ""
    # Only what is new is fetched: info/refs, HEAD, three commits with seven trees, and six files (three are those of the kept version), each found at once.
    news = tap.server.requests[asked:]
    assert len([path for _, path, _ in news if "/objects/" in path]) == 16
    assert {status for _, _, status in news} == {200}


def test_every_machine_installs_and_tests_what_is_published(tap: Tap) -> None:
    tap.release("1.0.0")
    tap.tap()
    for system, arch in (("macos", "arm"), ("linux", "intel")):
        keg = tap.folder / f"{system}-{arch}"
        install(tap.clone / "Formula/hello.rb", system, arch, keg / "hello")
        install(tap.clone / "Formula/tidy.rb", system, arch, keg / "tidy")
        assert run(keg / "hello/bin/hello").stdout == "hello 1.0.0\n"
        assert run(keg / "tidy/bin/tidy").stdout == "tidy 1.0.0\n"
        assert (keg / "hello/share/man/man1/hello.1").is_file()
        assert (keg / "hello/etc/bash_completion.d/hello").read_text() == "complete hello"
        assert (keg / "hello/share/zsh/site-functions/_hello").is_file()
    install(tap.clone / "Casks/quiet.rb", "macos", "intel", tap.folder / "keg")
    said = evaluate(tap.clone / "Formula/hello.rb", "linux", "arm")["stanzas"]
    assert "#{`touch hacked`}" in said["desc"]
    assert not list(tap.folder.rglob("hacked"))


def test_links_in_an_archive_are_programs_too(tmp_path: Path) -> None:
    require("git", "ruby", "tar")
    (tmp_path / "served").mkdir()
    with serving(tmp_path / "served") as server:
        project = Project(tmp_path / "project", url=server.url, to=str(server.root), key=None)
        project.add(make_linked_tar(tmp_path / "hello-1.0.0-linux-amd64.tar.gz", "1.0.0"))
        project.build("--unsigned")
        project.publish()
        install(server.root / "homebrew/Formula/hello.rb", "linux", "intel", tmp_path / "keg")
    for name, said in (("hello", "bin/hello"), ("hi", "bin/hello"), ("say", "share/say/say.sh")):
        assert run(tmp_path / "keg/bin" / name).stdout == f"{said} 1.0.0\n"


def test_another_archive_under_the_name_is_refused(tap: Tap) -> None:
    tap.release("1.0.0")
    tap.tap()
    (archive,) = tap.server.root.glob("downloads/hello/1.0.0/*darwin-arm64.tar.gz")
    archive.write_bytes(archive.read_bytes() + b"\0")
    said = install(tap.clone / "Formula/hello.rb", "macos", "arm", tap.folder / "keg", check=False)
    assert "SHA-256 mismatch" in said
    assert not (tap.folder / "keg").exists()


def test_readable_copies_equal_the_tap(tap: Tap) -> None:
    tap.release("1.0.0")
    tap.tap()
    for name in ("Formula/hello.rb", "Formula/tidy.rb", "Casks/quiet.rb"):
        assert (tap.server.root / "homebrew" / name).read_bytes() == (tap.clone / name).read_bytes()


def test_an_earlier_version_stays_and_a_withdrawn_one_is_refused(tap: Tap) -> None:
    for version in ("1.0.0", "1.1.0"):
        tap.release(version)
    tap.tap()
    install(tap.clone / "Formula/hello@1.0.rb", "linux", "intel", tap.folder / "old")
    assert run(tap.folder / "old/bin/hello").stdout == "hello 1.0.0\n"
    tap.project.run("yank", "hello", "1.0.0", "--reason", "eats files")
    tap.git("pull", "--rebase", "origin", "main")
    assert tap.git("log", "-1", "--format=%s") == "Change Formula/hello@1.0.rb\n"
    assert "disabled because it was withdrawn: eats files!" in install(tap.clone / "Formula/hello@1.0.rb", "linux", "intel", tap.folder / "no", check=False)
    install(tap.clone / "Formula/hello.rb", "linux", "intel", tap.folder / "new")
    tap.project.run("yank", "hello", "1.1.0")
    tap.git("pull", "--rebase", "origin", "main")
    assert "disabled because it was withdrawn!" in install(tap.clone / "Formula/hello.rb", "macos", "arm", tap.folder / "no", check=False)
    assert tap.git("fsck", "--strict", "--full") == ""


def test_the_history_only_grows_whatever_is_done(tap: Tap) -> None:
    tap.release("1.0.0")
    tap.tap()
    offered = []
    for command in (
        lambda: tap.release("1.1.0"),
        lambda: tap.release("2.0.0-beta.1"),
        lambda: tap.project.run("promote", "hello", "2.0.0-beta.1", "--channel", "stable"),
        lambda: tap.project.run("rollback"),
        lambda: tap.project.run("rollback"),
        lambda: tap.project.run("yank", "hello", "2.0.0-beta.1", "--reason", "eats files"),
        lambda: tap.release("2.0.0"),
    ):
        before = tap.git("rev-parse", "HEAD").strip()
        command()
        assert "Fast-forward" in tap.git("pull", "--rebase", "origin", "main")
        tap.git("merge-base", "--is-ancestor", before, "HEAD")
        assert tap.git("fsck", "--strict", "--full") == ""
        offered.append(evaluate(tap.clone / "Formula/hello.rb", "linux", "intel")["version"])
    assert offered == ["1.1.0", "1.1.0", "2.0.0-beta.1", "1.1.0", "2.0.0-beta.1", "1.1.0", "2.0.0"]
    assert {status for _, path, status in tap.server.requests if "/acme.git/" in path} == {200}


def test_programs_as_a_cask(tap: Tap) -> None:
    config = tap.project.folder / "repogen.toml"
    tables = '[[product]]\nid = "greet"\nfiles = ["greet-*"]\n[product.homebrew]\nkind = "cask"\n'
    config.write_text(config.read_text() + tables)
    for system in ("linux", "darwin"):
        for arch in ("amd64", "arm64"):
            stem = f"greet-1.0.0-{system}-{arch}"
            beside = {f"{stem}/greet.1": ".TH greet 1", f"{stem}/greet.fish": "complete greet"}
            tap.project.add(make_tar(tap.folder / f"{stem}.tar.gz", {f"{stem}/greet": program("greet", "1.0.0"), **beside}, (f"{stem}/greet",)))
    tap.project.build("--unsigned")
    tap.project.publish()
    tap.tap()
    assert tap.git("ls-files").split() == ["Casks/greet.rb", "README.md"]
    for system, arch in MACHINES:
        keg = tap.folder / f"{system}-{arch}"
        install(tap.clone / "Casks/greet.rb", system, arch, keg)
        assert run(keg / "bin/greet").stdout == "greet 1.0.0\n"
    told = json.loads((tap.server.root / "repo.json").read_text())["products"][0]["install"]["stable"]
    assert told["brew"][0].endswith(" && brew install --cask acme/tap/greet")
    assert told["Brewfile"][1] == 'cask "acme/tap/greet", trusted: true'
