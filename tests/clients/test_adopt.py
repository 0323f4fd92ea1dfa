"""Machines that were set up for aptly's and createrepo_c's repositories change to the adopted one, by the lines that are printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.adopting.old_repositories import aptly, createrepo
from tests.support.apt import AptRoot
from tests.support.dnf import ALONE, Dnf
from tests.support.packages import make_deb, make_rpm
from tests.support.server import serving
from tests.support.site import Project

pytestmark = pytest.mark.slow


def test_machines_change_to_the_new_addresses(tmp_path: Path) -> None:
    old = aptly(tmp_path / "aptly", {"bookworm": [make_deb(tmp_path / "debs"), make_deb(tmp_path / "debs", "world", architecture="all")]})
    createrepo(old / "rpm", [make_rpm(tmp_path / "rpms", preamble=ALONE)])
    with serving(old) as before, serving(tmp_path / "acme/site") as server:
        root = AptRoot(tmp_path / "apt", f"Types: deb\nURIs: {before.url}\nSuites: bookworm\nComponents: main\nTrusted: yes\n")
        root.update()
        root.install("hello")
        project = Project(tmp_path / "acme", url=server.url)
        said = project.run("adopt", str(old)).stdout
        assert re.findall(r"\S+/acme\.\w+(?=\n)", said) == [f"{server.url}/acme.{kind}" for kind in ("sources", "repo", "repo")]
        project.release(make_deb(tmp_path / "new", version="1.1.0"), make_rpm(tmp_path / "new", version="1.1.0", preamble=ALONE))

        root.update()  # the old address still answers, with what it had
        assert root.versions("hello") == ["1.0.0"]
        root.sources.write_text((project.site / "acme.sources").read_text())
        root.update()
        root.install("hello", "world")
        assert root.installed() == {"hello": "1.1.0", "world": "1.0.0"}
        dnf = Dnf(tmp_path / "dnf", server)
        dnf("install", "hello-1.0.0")
        dnf("upgrade", "hello")
        assert dnf.installed() == ["hello-1.1.0"]
