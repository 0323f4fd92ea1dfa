"""Real clients against a site that answers 403 for what is not there, as Amazon's buckets do: nginx set up so, and, under
`make test-rgw`, a public bucket of Ceph's gateway.

No client asks for a file that is not there, and none says a word that would trouble its user.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.support.apt import AptRoot
from tests.support.bucket import PublicBucket
from tests.support.clients import require, run
from tests.support.dnf import ALONE, Dnf
from tests.support.nginx import nginx
from tests.support.packages import make_deb, make_rpm, make_tar
from tests.support.server import Served
from tests.support.site import Project
from tests.support.sources import make_source
from tests.support.zypper import Zypper

pytestmark = pytest.mark.slow

#: Names and versions with every character that their formats know.
DEBS = {"libstdc++6": "1:14.2.0+git5-1+deb13u1", "g++-tools": "2.0+git20260102.abc-0.1~bpo12+1"}
RPMS = {"libstdc++": "14.2.0+git5", "gtk+extra": "1.0^20260102"}

_TROUBLE = re.compile(r"error|warning(?!: Enforced setting)|forbidden|not found|failed|^[EW]:|^err:|^ign:|\b40[34]\b(?! +[kM]?B)", re.IGNORECASE | re.MULTILINE)


class Site(Served, Protocol):
    def requests(self) -> list[tuple[str, int]]: ...


Release = Callable[..., Site]


@pytest.fixture(params=["nginx", pytest.param("rgw", marks=pytest.mark.rgw)])
def release(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Release]:
    """Publish files, once or again."""
    folder = tmp_path / "project"
    tables = {"apt": {"contents": True, "translations": True}}

    def release_of(project: Project, site: Site) -> Release:
        def published(*files: Path) -> Site:
            project.release(*files)
            return site

        return published

    if request.param == "nginx":
        with nginx(tmp_path / "nginx", folder / "site") as site:
            yield release_of(Project(folder, url=site.url, **tables), site)
    else:
        name = request.getfixturevalue("s3_bucket")
        bucket = PublicBucket(request.getfixturevalue("s3_client"), name, folder / "public")
        yield release_of(Project(folder, to=f"s3://{name}", url=bucket.url, **tables), bucket)


def in_peace(done: subprocess.CompletedProcess[str]) -> str:
    """What a client said, in which no word may trouble its user."""
    said = done.stdout + done.stderr
    assert not _TROUBLE.search(said), said
    return said


def assert_all_was_there(site: Site, *wanted: str) -> None:
    """Whatever the clients asked for; and they did ask for these."""
    asked = site.requests()
    assert {status for _, status in asked} <= {200, 206, 304}, asked
    assert {path for path, _ in asked} >= set(wanted)
    assert not [path for path, _ in asked if "+" in path], "S3 reads a raw + as a space"


def test_it_refuses_as_amazon_does(release: Release, tmp_path: Path) -> None:
    site = release(make_deb(tmp_path))
    urlopen(f"{site.url}/index.html").close()
    for absent in ("/absent", "/apt/dists/stable/absent", "/"):
        with pytest.raises(HTTPError) as refused:
            urlopen(site.url + absent)
        refused.value.close()
    assert site.requests() == [("/index.html", 200), ("/absent", 403), ("/apt/dists/stable/absent", 403), ("/", 403)]


def test_apt(release: Release, tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    site = release(*(make_deb(packages, name, version) for name, version in DEBS.items()), *make_source(packages, version="1.1.0-1"))
    root = AptRoot(tmp_path / "apt", (site.root / "acme.sources").read_text())
    in_peace(root.update())
    in_peace(root.install(*DEBS))
    assert root.installed() == DEBS
    sources = tmp_path / "sources"
    sources.mkdir()
    in_peace(root.apt("sh", "-c", f"cd {sources} && apt-get source --download-only hello"))
    assert len(list(sources.iterdir())) == 3

    release(make_deb(packages, "libstdc++6", "1:14.2.0+git6-1"))
    in_peace(root.update())
    in_peace(root.install("libstdc++6"))
    assert root.installed() == {**DEBS, "libstdc++6": "1:14.2.0+git6-1"}
    assert_all_was_there(site, "/apt/dists/stable/InRelease")


def test_dnf(release: Release, tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    site = release(*(make_rpm(packages, name, version, "0.1~bpo12+1", preamble=f"Epoch: 2\n{ALONE}") for name, version in RPMS.items()))
    dnf = Dnf(tmp_path / "dnf", site)
    in_peace(dnf("makecache"))
    assert dnf.repoquery() == ["gtk+extra-2:1.0^20260102-0.1~bpo12+1.x86_64", "libstdc++-2:14.2.0+git5-0.1~bpo12+1.x86_64"]
    in_peace(dnf("install", *RPMS))

    release(make_rpm(packages, "libstdc++", "14.2.0+git6", preamble=f"Epoch: 2\n{ALONE}"))
    in_peace(dnf("makecache", "--refresh"))
    in_peace(dnf("upgrade"))
    assert dnf.versions() == {"gtk+extra": "2:1.0^20260102", "libstdc++": "2:14.2.0+git6"}
    assert_all_was_there(site, "/yum/stable/repodata/repomd.xml.asc")


def test_zypper(release: Release, tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    site = release(*(make_rpm(packages, name, version, "0.1~bpo12+1", preamble=f"Epoch: 2\n{ALONE}") for name, version in RPMS.items()))
    zypper = Zypper(tmp_path / "zypper", site)
    in_peace(zypper("--gpg-auto-import-keys", "refresh"))
    in_peace(zypper("install", "--download-in-advance", *RPMS))

    release(make_rpm(packages, "libstdc++", "14.2.0+git6", preamble=f"Epoch: 2\n{ALONE}"))
    in_peace(zypper("--gpg-auto-import-keys", "refresh"))
    in_peace(zypper("update", "--download-in-advance"))
    assert zypper.versions() == {"gtk+extra": "2:1.0^20260102", "libstdc++": "2:14.2.0+git6"}
    assert_all_was_there(site, "/yum/stable/repodata/repomd.xml.key", "/yum/stable/media.1/media")


def test_git(release: Release, tmp_path: Path) -> None:
    require("git")
    quiet = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_TERMINAL_PROMPT": "0"}

    def archive(version: str) -> Path:
        return make_tar(tmp_path / f"hello-{version}-linux-amd64.tar.gz", {"hello": f"#!/bin/sh\necho hello {version}\n"}, ("hello",))

    site = release(archive("1.0.0"))
    clone = tmp_path / "clone"
    in_peace(run("git", "clone", f"{site.url}/homebrew/acme.git", clone, env=quiet))
    release(archive("1.1.0"))
    in_peace(run("git", "-C", clone, "pull", "--rebase", "origin", "main", env=quiet))
    assert 'version "1.1.0"' in (clone / "Formula/hello.rb").read_text()
    assert run("git", "-C", clone, "fsck", "--strict", "--full", env=quiet).stdout == ""
    assert_all_was_there(site, "/homebrew/acme.git/HEAD")
