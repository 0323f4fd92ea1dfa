"""The real apt-get fetches Contents and Translation-en, and shows what is in them."""

from __future__ import annotations

import re
from pathlib import Path

from tests.clients.test_apt_suites import sources_of
from tests.support.apt import AptRoot
from tests.support.clients import require, run
from tests.support.packages import make_deb
from tests.support.server import serving
from tests.support.site import Project

#: What the package apt-file puts into apt's configuration.
CONTENTS = """
Acquire::Languages "en";
Acquire::IndexTargets::deb::Contents-deb {
  MetaKey "$(COMPONENT)/Contents-$(ARCHITECTURE)"; ShortDescription "Contents-$(ARCHITECTURE)"; Description "$(RELEASE)/$(COMPONENT) Contents";
  KeepCompressed "true";
};
"""


def test_contents_and_translations_are_fetched(tmp_path: Path) -> None:
    project = Project(tmp_path / "project", apt={"contents": True, "translations": True, "hashes": ["sha256", "sha512"], "zst": True})
    project.release(make_deb(tmp_path, "hello"), make_deb(tmp_path, "hello-doc", architecture="all", compression="zstd"))
    with serving(project.site) as server:
        root = AptRoot(tmp_path / "root", sources_of(project.site, server.url))
        root.configuration.write_text(root.configuration.read_text().replace('Acquire::Languages "none";', CONTENTS))
        root.update()
        assert not server.paths(404)
        assert [path for path in server.paths(200) if path.startswith("/apt/dists/stable/main/by-hash/SHA512/")]
        assert [path for path in server.paths(200) if path.startswith("/apt/dists/stable/main/i18n/by-hash/SHA512/")]
        target = root.apt("apt-get", "indextargets", "--format", "$(FILENAME)", "Created-By: Contents-deb").stdout.strip()
        lines = root.apt("/usr/lib/apt/apt-helper", "cat-file", target).stdout.splitlines()
        assert [line.split() for line in lines] == [["usr/bin/hello", "utils/hello"], ["usr/bin/hello-doc", "utils/hello-doc"]]
        shown = root.apt("apt-cache", "show", "hello").stdout
        assert re.search(r"^Description(-en)?: says hello\n A program that greets.\n .\n It has two paragraphs.\n", shown, re.MULTILINE)
        root.install("hello")
    assert root.installed() == {"hello": "1.0.0"}


def test_apt_finds_changelogs(tmp_path: Path) -> None:
    """By component, source package and its version, whatever the package itself is called."""
    site = tmp_path / "project/site"
    with serving(site) as server:
        project = Project(tmp_path / "project", url=server.url, apt={"changelogs": f"{server.url}/changelogs/@CHANGEPATH@.txt"})
        project.release(make_deb(tmp_path, "libgreet", "2:1.0+b1", extra="Source: greet (1:0.9~rc1+x)"))
        root = AptRoot(tmp_path / "root", (site / "acme.sources").read_text())
        root.update()
        changelog = site / "changelogs/main/g/greet/greet_0.9~rc1+x.txt"
        changelog.parent.mkdir(parents=True)
        changelog.write_text("greet (1:0.9~rc1+x) stable; urgency=low\n")
        assert changelog.read_text() in root.apt("apt-get", "changelog", "libgreet").stdout


def test_contents_and_descriptions_are_those_of_apt_ftparchive(tmp_path: Path) -> None:
    require("apt-ftparchive")
    project = Project(tmp_path / "project", apt={"contents": True, "translations": True})
    project.release(make_deb(tmp_path, "hello"), make_deb(tmp_path, "tool", extra="Multi-Arch: foreign"))
    (tmp_path / "generate.conf").write_text(
        f'Dir::ArchiveDir "{project.site}/apt"; Dir::CacheDir "{tmp_path}";\n'
        'TreeDefault { Packages "$(DIST)/theirs-Packages"; Contents "$(DIST)/theirs-Contents"; Directory "pool/$(SECTION)"; SrcDirectory "pool/none"; };\n'
        'Default { LongDescription "false"; Packages::Compress "."; Contents::Compress "."; };\n'
        'Tree "dists/stable" { Sections "main"; Architectures "amd64"; };\n'
    )
    run("apt-ftparchive", "generate", tmp_path / "generate.conf")
    suite = project.site / "apt/dists/stable"
    ours = run("zcat", suite / "main/Contents-amd64.gz").stdout
    theirs = (suite / "theirs-Contents").read_text()
    assert [line.split() for line in ours.splitlines()] == [line.split() for line in theirs.splitlines()]
    digests = [
        re.findall(r"^Description-md5: .*$", path.read_text(), re.MULTILINE) for path in (suite / "main/binary-amd64/Packages", suite / "theirs-Packages")
    ]
    assert digests[0] == digests[1] != []


def test_contents_asked_for_later_list_what_comes_in_from_then_on(tmp_path: Path) -> None:
    """And a file list that the cache knows is in no catalog that did not ask for it."""
    project = Project(tmp_path / "project")
    project.release(make_deb(tmp_path, "hello"))
    project.configure(url="https://dl.acme.example", to="site", apt={"contents": True})
    project.release(make_deb(tmp_path, "tool"))
    listed = run("zcat", project.site / "apt/dists/stable/main/Contents-amd64.gz").stdout.split()
    assert listed == ["usr/bin/tool", "utils/tool"]
    other = Project(tmp_path / "other")
    other.add(*project.dist.iterdir())
    plain = other.folder / "cache"
    plain.mkdir()
    (project.folder / "cache/repogen").rename(plain / "repogen")
    other.build()
    assert not list(other.output.rglob("Contents*"))
