"""repogen doctor, as a user types it, on sites that are well and on sites that are not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from repogen.checks.published_check import check_published
from repogen.stores import open_store
from tests.support.catalogs import config
from tests.support.clients import require
from tests.support.keys import fingerprint, secret_key
from tests.support.packages import make_deb
from tests.support.site import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    require("gpg", "gpg-agent", "dpkg-deb")
    project = Project(tmp_path / "project")
    project.add(make_deb(tmp_path / "packages", "hello", "1.0.0"))
    return project


@pytest.fixture
def published(project: Project) -> Project:
    project.release()
    return project


def doctor(project: Project, *arguments: str, code: int = 0) -> list[dict[str, str]]:
    """All findings but those that are well."""
    told = json.loads(project.run("doctor", "--json", *arguments, code=code).stdout)
    rows = [row for row in told["findings"] if row["severity"] != "ok"]
    assert all(row["message"] and row["remedy"] for row in rows)
    assert told["errors"] == sum(row["severity"] == "error" for row in rows)
    assert (told["errors"] > 0) is (code == 1)
    return rows


def checks(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(row["severity"], row["check"]) for row in rows]


def test_before_the_first_publish_all_is_well(project: Project) -> None:
    done = project.run("doctor")
    lines = done.stdout.splitlines()
    assert all(line.startswith("ok: ") for line in lines), done.stdout
    for words in (
        "GnuPG ",
        "is for Acme Tools at https://dl.acme.example/",
        "1 release file in dist",
        "opens and signs",
        "can be read and written",
        "nothing is published",
    ):
        assert words in done.stdout
    assert project.run("-q", "doctor").stdout == ""


def test_it_leaves_nothing_behind(published: Project) -> None:
    before = {path: path.read_bytes() for path in published.site.rglob("*") if path.is_file()}
    said = published.run("doctor").stdout
    assert "is at snapshot 1 of" in said
    assert "published files are there" in said
    assert {path: path.read_bytes() for path in published.site.rglob("*") if path.is_file()} == before


def test_no_configuration(project: Project) -> None:
    (project.folder / "repogen.toml").unlink()
    (row,) = doctor(project, code=1)
    assert row["check"] == "configuration"
    assert "does not exist" in row["message"]


def test_addresses_that_users_cannot_reach_or_trust(project: Project) -> None:
    for url, words in (("http://127.0.0.1:8080", "this machine alone"), ("http://dl.acme.example", "not protected")):
        project.configure(url=url, to="site")
        (row,) = doctor(project)
        assert words in row["message"]


def test_no_release_file(project: Project) -> None:
    project.empty()
    assert checks(doctor(project)) == [("warning", "input")]


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"REPOGEN_SIGNING_KEY": ""}, "there is no signing key"),
        ({"REPOGEN_SIGNING_KEY": "absent.asc"}, "does not exist"),
        ({"REPOGEN_SIGNING_KEY": "expired"}, "expired on 2026-01-31"),
        ({"REPOGEN_SIGNING_KEY": "locked"}, "needs a passphrase"),
    ],
)
def test_keys_that_cannot_sign(environment: dict[str, str], words: str, project: Project) -> None:
    keys = {"expired": secret_key(expires="30"), "locked": secret_key(passphrase="secret")}
    project.environment |= {name: keys.get(value, value) for name, value in environment.items()}
    (row,) = doctor(project, code=1)
    assert row["check"] == "key"
    assert words in row["message"]


def test_a_weak_key(project: Project) -> None:
    project.environment["REPOGEN_SIGNING_KEY"] = secret_key("rsa2048")
    assert checks(doctor(project)) == [("warning", "algorithm")]
    project.environment["REPOGEN_SIGNING_KEY"] = secret_key(digest="SHA1")
    assert checks(doctor(project, code=1)) == [("error", "self-signature")]
    assert project.run("doctor", code=1).stderr == "", "said once, on standard output"


def test_gpg_is_not_there(project: Project, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    rows = json.loads(project.run("doctor", "--json", code=1, env={"PATH": str(tmp_path / "empty")}).stdout)["findings"]
    assert rows[0]["check"] == "tools"
    assert "is not installed" in rows[0]["message"]


# -- destination ---------------------------------------------------------------------------


def test_no_destination(project: Project) -> None:
    project.configure(url="https://dl.acme.example", to="")
    (row,) = doctor(project, code=1)
    assert row["check"] == "destination"
    assert "no destination" in row["message"]


def test_a_destination_that_cannot_be_written(project: Project) -> None:
    (project.folder / "file").write_text("x")
    rows = doctor(project, "--to", str(project.folder / "file"), code=1)
    assert ("error", "destination") in checks(rows)


def test_a_bucket(published: Project, s3_bucket: str, s3_client: Any) -> None:
    published.run("publish", "--to", f"s3://{s3_bucket}/site")
    before = [item["Key"] for item in s3_client.list_objects_v2(Bucket=s3_bucket)["Contents"]]
    said = published.run("doctor", "--to", f"s3://{s3_bucket}/site").stdout
    assert "can be read and written, and keeps publishers apart" in said
    assert "is at snapshot 1" in said
    assert [item["Key"] for item in s3_client.list_objects_v2(Bucket=s3_bucket)["Contents"]] == before
    rows = doctor(published, "--to", f"s3://{s3_bucket}-absent", code=1)
    assert {row["check"] for row in rows} == {"destination", "published"}


# -- what is published ---------------------------------------------------------------------


def test_files_that_are_gone_or_changed(published: Project) -> None:
    next(published.site.rglob("*.deb")).unlink()
    (published.site / "index.html").write_text("changed")
    rows = doctor(published, code=1)
    assert checks(rows) == [("error", "files"), ("error", "files")]
    assert "hello_1.0.0_amd64.deb is missing" in rows[0]["message"]
    assert "index.html is of another size" in rows[1]["message"]


def test_a_damaged_state(published: Project) -> None:
    (published.site / ".repogen/head.json").write_text("{")
    (row,) = doctor(published, code=1)
    assert "head.json" in row["message"]
    assert row["check"] == "published"


def test_a_publish_that_was_cut(published: Project) -> None:
    head = published.site / ".repogen/head.json"
    head.write_text(head.read_text().replace('"complete": true', '"complete": false'))
    (published.site / "repo.json").unlink()
    for path in ("index.html", "keys/acme.asc"):
        (published.site / path).write_text("of before")
    (row,) = doctor(published)
    assert "was cut" in row["message"]
    published.publish()
    assert doctor(published) == []


def test_payload_that_is_gone_after_a_publish_that_was_cut(published: Project) -> None:
    head = published.site / ".repogen/head.json"
    head.write_text(head.read_text().replace('"complete": true', '"complete": false'))
    next(published.site.rglob("*.deb")).unlink()
    assert checks(doctor(published, code=1)) == [("warning", "published"), ("error", "files")]


def test_another_key(published: Project) -> None:
    old, new = published.environment["REPOGEN_SIGNING_KEY"], secret_key("rsa3072")
    published.environment["REPOGEN_SIGNING_KEY"] = new
    (row,) = doctor(published, code=1)
    assert row["check"] == "keys"
    assert fingerprint(old) in row["message"]
    published.environment["REPOGEN_SIGNING_KEY"] = old + new
    (row,) = doctor(published)
    assert row["message"] == f"the key {fingerprint(new)} is not published yet"
    published.release()
    assert doctor(published) == []
    published.environment["REPOGEN_SIGNING_KEY"] = new
    (row,) = doctor(published)
    assert f"would not sign with the published key {fingerprint(old)}" in row["message"]


def test_a_changed_key_file(published: Project) -> None:
    path = published.site / "keys/acme.asc"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    rows = doctor(published, code=1)
    assert {row["check"] for row in rows} == {"files", "form", "keys"}
    (published.site / "keys/acme.gpg").write_text(secret_key())
    assert "secret" in {row["check"] for row in doctor(published, code=1)}


@pytest.mark.parametrize(("days", "severity"), [(-1, "error"), (2, "warning"), (4, "")])
def test_a_release_that_ends(days: int, severity: str, published: Project) -> None:
    path = published.site / "apt/dists/stable/InRelease"
    until = datetime.now(UTC) + timedelta(days=days, hours=1 if days > 0 else 0)
    text = path.read_text()
    line = f"Valid-Until: {until:%a, %d %b %Y %H:%M:%S} UTC\n"
    path.write_text(text.replace("Date: ", f"{line}Date: ", 1))
    rows = [row for row in doctor(published, code=1) if row["check"] == "validity"]
    assert [row["severity"] for row in rows] == [severity] * bool(severity)
    assert "files" in {row["check"] for row in doctor(published, code=1)}, "this test made the file longer"


def test_a_clock_that_is_behind(published: Project) -> None:
    store = open_store("site", base=published.folder)
    years_before = datetime.now(UTC).timestamp() - 86400 * 365 * 5
    assert "clock" in [finding.check for finding in check_published(store, config(), (), years_before)]


def test_rollouts_and_withdrawn_releases_are_told_of(published: Project, tmp_path: Path) -> None:
    published.release(make_deb(tmp_path / "next", "hello", "1.1.0"))
    published.run("rollout", "hello", "25")
    published.run("yank", "hello", "1.0.0")
    said = published.run("doctor").stdout
    assert "with 1 release, and 1 withdrawn" in said
    assert "hello 1.1.0 (stable) of " in said
    later = (datetime.now(UTC) + timedelta(days=31)).timestamp()
    (forgotten,) = (found for found in check_published(open_store(str(published.site), base=tmp_path), config(), (), later) if found.check == "rollout")
    assert forgotten.message.endswith("is for 25 % of the machines still")
    assert "`repogen rollout hello 100 --version 1.1.0 --channel stable`" in forgotten.remedy
