"""Source packages that must be signed by a developer's key: signed by gpg as debsign does."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from repogen.signing.gpg_home import private_home
from tests.support.keys import fingerprint, gpg_in, public_key, secret_key
from tests.support.site import Project
from tests.support.sources import make_source

DEVELOPER = secret_key(email="dev@acme.example")
OTHER = secret_key("rsa3072", email="other@acme.example")
EXPIRED = secret_key(expires="30", email="gone@acme.example")
NONE_OF_THEM = r"which is none of them: it must be signed by a key in developers\.asc \(\[apt\] developer_keys\)"


def sign(dsc: Path, *keys: str, options: tuple[str, ...] = ()) -> None:
    """Put the text into one message that these keys sign."""
    with private_home(os.environ) as home:
        for key in keys:
            gpg_in(home, "--import", stdin=key.encode())
        users = [word for key in keys for word in ("--local-user", fingerprint(key))]
        dsc.write_bytes(gpg_in(home, *options, *users, "--clear-sign", "--output", "-", dsc))


@pytest.fixture
def source(tmp_path: Path) -> list[Path]:
    (tmp_path / "source").mkdir()
    return make_source(tmp_path / "source")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project", apt={"developer_keys": ["developers.asc"]})
    (made.folder / "developers.asc").write_bytes(public_key(DEVELOPER, "--armor") + public_key(EXPIRED, "--armor"))
    return made


def refused(project: Project, source: list[Path], code: int = 1) -> str:
    project.add(*source)
    return project.build(code=code).stderr


@pytest.mark.parametrize("keys", [(DEVELOPER,), (OTHER, DEVELOPER)], ids=["alone", "beside another"])
def test_a_developers_signature_is_enough(project: Project, source: list[Path], keys: tuple[str, ...]) -> None:
    sign(source[0], *keys)
    project.release(*source)
    (published,) = project.site.rglob("*.dsc")
    assert published.read_bytes() == source[0].read_bytes()
    assert "nothing changed" in (project.build(), project.build())[1].stderr


def test_binary_key_files_do_too(project: Project, source: list[Path]) -> None:
    (project.folder / "developers.asc").write_bytes(public_key(OTHER) + public_key(DEVELOPER))
    sign(source[0], DEVELOPER)
    project.release(*source)


def test_an_unsigned_one_is_refused(project: Project, source: list[Path]) -> None:
    assert re.search(r"hello_1\.0\.0-1\.dsc is not signed: it must be signed by a key in developers\.asc", refused(project, source))
    assert not project.output.joinpath("index.html").exists()


def test_another_key_is_refused(project: Project, source: list[Path]) -> None:
    sign(source[0], OTHER)
    said = refused(project, source)
    assert re.search(rf"hello_1\.0\.0-1\.dsc is signed by the key {fingerprint(OTHER)}, {NONE_OF_THEM}", said)


def test_a_changed_text_is_refused(project: Project, source: list[Path]) -> None:
    sign(source[0], DEVELOPER)
    text = source[0].read_text()
    source[0].write_text(text.replace("Maintainer: Acme ", "Maintainer: Evil "))
    assert re.search(r"hello_1\.0\.0-1\.dsc was changed after the key [0-9A-F]{16} had signed it", refused(project, source))


def test_an_expired_key_is_refused(project: Project, source: list[Path]) -> None:
    sign(source[0], EXPIRED, options=("--faked-system-time", "20260110T000000"))
    assert re.search(r"hello_1\.0\.0-1\.dsc is signed by the key [0-9A-F]{16}, which has expired", refused(project, source))


def test_a_weak_digest_is_refused(project: Project, source: list[Path]) -> None:
    (project.folder / "developers.asc").write_bytes(public_key(OTHER, "--armor"))
    sign(source[0], OTHER, options=("--digest-algo", "SHA1"))
    assert "that gpg cannot check, or takes for too weak" in refused(project, source)


def test_what_is_published_is_not_asked_again(project: Project, source: list[Path]) -> None:
    sign(source[0], DEVELOPER)
    project.release(*source)
    (project.folder / "developers.asc").write_bytes(public_key(OTHER, "--armor"))
    project.build()


def test_without_keys_everything_is_as_it_comes(tmp_path: Path, source: list[Path]) -> None:
    Project(tmp_path / "plain").release(*source)


def test_key_files_that_cannot_be(project: Project, source: list[Path]) -> None:
    (project.folder / "developers.asc").write_text("no key\n")
    assert "[apt] developer_keys: developers.asc" in refused(project, source, code=2)
    (project.folder / "developers.asc").unlink()
    assert "developers.asc cannot be read" in refused(project, source, code=2)
