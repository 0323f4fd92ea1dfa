"""Bad input ends with one clear sentence, exit 1, 2 or 3, and leaves what was published as it was."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.keys import secret_key
from tests.support.packages import make_deb, make_rpm, make_tar, make_zip
from tests.support.programs import pe
from tests.support.site import DATE, Project


def digests(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with hello 1.0.0 published."""
    project = Project(tmp_path / "acme")
    project.release(make_deb(tmp_path), date=DATE)
    return project


def refused(project: Project, *said: str, code: int = 1, env: dict[str, str] | None = None) -> None:
    """The build fails with these words and a hint, in a few lines; the site and the output folder are as before."""
    site, output = digests(project.site), digests(project.output)
    done = project.run("build", code=code, env=env)
    for words in said:
        assert words in done.stderr
    assert done.stderr.startswith("repogen: "), done.stderr
    assert "hint: " in done.stderr
    assert digests(project.site) == site
    assert digests(project.output) == output
    project.run("publish")
    assert digests(project.site) == site


CUT = [0.02, 0.3, 0.6, 0.9, 0.999]


@pytest.mark.parametrize("part", CUT)
def test_truncated_deb(project: Project, tmp_path: Path, part: float) -> None:
    data = make_deb(tmp_path, version="1.1.0").read_bytes()
    (project.dist / "hello_1.1.0_amd64.deb").write_bytes(data[: int(len(data) * part)])
    refused(project, "hello_1.1.0_amd64.deb")


@pytest.mark.parametrize("part", CUT)
def test_truncated_rpm(project: Project, tmp_path: Path, part: float) -> None:
    data = make_rpm(tmp_path, version="1.1.0").read_bytes()
    (project.dist / "hello-1.1.0-1.x86_64.rpm").write_bytes(data[: int(len(data) * part)])
    refused(project, "hello-1.1.0-1.x86_64.rpm")


def _zip(folder: Path) -> bytes:
    return make_zip(folder / "x.zip", {"a": "b"}).read_bytes()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("hello_1.1.0_amd64.deb", _zip),
        ("hello-1.1.0-1.x86_64.rpm", _zip),
        ("hello_1.1.0_amd64.deb", lambda _: b"<!doctype html><title>404</title>"),
        ("hello_1.1.0_amd64.deb", lambda _: b""),
        ("hello-1.1.0-linux-amd64.tar.gz", lambda _: b""),
        ("hello-1.1.0-linux-amd64.tar.gz", lambda _: b"\x1f\x8b\x08 no gzip at all"),
        ("hello-1.1.0-linux-amd64.zip", lambda _: b"PK\x03\x04 cut"),
    ],
)
def test_a_file_that_is_not_what_its_name_says(project: Project, tmp_path: Path, name: str, content: Callable[[Path], bytes]) -> None:
    (project.dist / name).write_bytes(content(tmp_path))
    refused(project, name)


def test_a_name_that_is_too_long_to_be_written(project: Project) -> None:
    name = "hello-1.1.0-linux-amd64.tar.gz".rjust(251, "x")
    make_tar(project.dist / name, {"hello": "#!/bin/sh\n"}, ("hello",))
    refused(project, f"{name} cannot be published", "a name of 251 bytes is too long", "rename the release's file")


def test_two_debs_of_one_name_with_different_bytes(project: Project, tmp_path: Path) -> None:
    first, second = make_deb(tmp_path / "1", version="1.1.0"), make_deb(tmp_path / "2", version="1.1.0", description="other")
    project.add(first)
    shutil.copy(second, project.dist / "second.deb")
    refused(project, "second.deb", "hello_1.1.0_amd64.deb")


def test_changed_bytes_under_a_published_name(project: Project, tmp_path: Path) -> None:
    project.add(make_deb(tmp_path / "again", description="other"))
    refused(project, "hello_1.0.0_amd64.deb", "published", code=3)


def test_unreadable_file(project: Project, tmp_path: Path) -> None:
    project.add(make_deb(tmp_path, version="1.1.0"))
    file = project.dist / "hello_1.1.0_amd64.deb"
    if os.geteuid() == 0:  # root reads everything, but nobody reads a link that leads nowhere
        file.unlink()
        file.symlink_to(tmp_path / "nowhere")
    else:
        file.chmod(0)
    refused(project, "hello_1.1.0_amd64.deb")


def test_fifo_is_refused_and_does_not_hang(project: Project) -> None:
    os.mkfifo(project.dist / "hello_1.1.0_amd64.deb")
    refused(project, "hello_1.1.0_amd64.deb")


@pytest.mark.parametrize("member", ["../../etc/passwd", "/etc/passwd"])
def test_paths_that_leave_an_archive(project: Project, member: str) -> None:
    make_tar(project.dist / "hello-1.1.0-linux-amd64.tar.gz", {member: "x"}, (member,))
    refused(project, "hello-1.1.0-linux-amd64.tar.gz")


def test_a_file_that_says_nothing_of_itself_shows_the_table_to_write(project: Project) -> None:
    (project.dist / "tool").write_bytes(b"#!/bin/sh\necho hi\n")
    refused(project, "tool", "[[product]]", "version")


def test_no_key(project: Project) -> None:
    project.environment.clear()
    refused(project, "key", "repogen keys new", "--unsigned")


def test_a_key_file_that_is_not_there(project: Project) -> None:
    project.environment.clear()
    project.configure(url="https://dl.acme.example", to="site", signing={"key": "nowhere.asc"})
    refused(project, "nowhere.asc")


def test_wrong_passphrase(project: Project) -> None:
    secret = "correct horse"
    project.environment["REPOGEN_SIGNING_KEY"] = secret_key("ed25519", passphrase=secret)
    refused(project, "passphrase", env={"REPOGEN_SIGNING_PASSPHRASE": "wrong horse"})


def test_an_expired_key(project: Project) -> None:
    project.environment["REPOGEN_SIGNING_KEY"] = secret_key("ed25519", expires="30")
    refused(project, "expired", "2026-01-31")


def test_another_key_than_the_published_one(project: Project, tmp_path: Path) -> None:
    project.environment["REPOGEN_SIGNING_KEY"] = secret_key("ed25519", passphrase="other")
    project.add(make_deb(tmp_path, version="1.1.0"))
    refused(project, "users trust the key", code=3, env={"REPOGEN_SIGNING_PASSPHRASE": "other"})


def test_unknown_configuration_key(project: Project) -> None:
    with (project.folder / "repogen.toml").open("a") as config:
        config.write("\n[signing]\nkye = 'x'\n")
    done = project.run("build", code=2)
    assert "unknown key 'kye' in [signing]" in done.stderr
    assert "did you mean 'key'?" in done.stderr


def test_an_empty_folder_is_no_release(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    done = project.run("build", code=1)
    assert "dist" in done.stderr
    assert not project.site.exists()


def test_an_output_folder_of_someone_else(project: Project, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/index.html").write_text("mine")
    done = project.run("build", "--output", str(tmp_path / "precious"), code=2)
    assert "not empty" in done.stderr
    assert (tmp_path / "precious/index.html").read_text() == "mine"


def test_a_destination_of_someone_else(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    project.site.mkdir()
    (project.site / "index.html").write_text("mine")
    project.add(make_deb(tmp_path))
    project.build()
    done = project.publish(code=3)
    assert "index.html" in done.stderr
    assert (project.site / "index.html").read_text() == "mine"


def test_an_unsigned_preview_does_not_replace_a_signed_site(project: Project, tmp_path: Path) -> None:
    project.add(make_deb(tmp_path, version="1.1.0"))
    assert "unsigned" in project.run("build", "--unsigned", code=3).stderr


def test_publish_without_a_build(tmp_path: Path) -> None:
    done = Project(tmp_path / "acme").publish(code=2)
    assert "repogen build" in done.stderr


def test_state_of_a_newer_repogen(project: Project) -> None:
    head = project.site / ".repogen/head.json"
    head.write_text(head.read_text().replace('"format": 2', '"format": 3'))
    assert "newer repogen" in project.run("build", code=1).stderr


def test_damaged_state(project: Project) -> None:
    (project.site / ".repogen/head.json").write_text("{")
    assert "damaged" in project.run("build", code=1).stderr


HOSTILE = "<script>alert(1)</script> $(touch /tmp/owned) `id` #{exit} '\" & %s {{ 7*7 }} ]]>"


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme", product=[{"id": "hello", "files": ["hello*"], "description": HOSTILE, "title": HOSTILE}])
    project.release(
        make_deb(tmp_path, description=HOSTILE),
        make_rpm(tmp_path),
        make_tar(tmp_path / "hello-1.0.0-linux-amd64.tar.gz", {"hello": "#!/bin/sh\n"}, ("hello",)),
        make_zip(tmp_path / "hello-1.0.0-windows-amd64.zip", {"hello.exe": pe()}),
    )
    page = (project.site / "index.html").read_text()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
