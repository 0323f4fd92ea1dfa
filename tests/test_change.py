"""Yank, promote, rollout and rollback by their commands, from machines that hold nothing but repogen.toml and the key, on a folder and on S3."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from repogen.change import change, roll_back
from repogen.config import load
from repogen.edits import Reinstate
from repogen.errors import ProtectionError
from repogen.options import Options
from repogen.plan import Put
from repogen.state import load as read_snapshot
from repogen.state import swap_head
from repogen.stores import open_store
from repogen.tree import Stage
from tests.support.clients import require, run
from tests.support.follow import follow
from tests.support.packages import make_deb, make_rpm, make_tar
from tests.support.server import serving
from tests.support.site import Project

URL = "https://dl.acme.example"


class Published:
    """A project and what stands in its destination, from outside."""

    def __init__(self, folder: Path, to: str, files: Callable[[], Mapping[str, bytes]]) -> None:
        self.folder = folder
        self.project = Project(folder / "project", url=URL, to=to)
        self.files = files

    def release(self, version: str, *arguments: str) -> None:
        folder = self.folder / version
        self.project.empty()
        self.project.add(
            make_deb(folder, version=version), make_rpm(folder, version=version),
            make_tar(folder / f"hello-{version}-linux-amd64.tar.gz", {"hello": f"#!/bin/sh\necho {version}\n"}, ("hello",)),
        )  # fmt: skip
        self.project.build(*arguments)
        self.project.publish()
        self.project.empty()

    def run(self, *words: str) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.project.run(*words, "--json").stdout)
        return value

    def found(self) -> dict[str, set[str]]:
        """What each client finds in the stable channel; every file that an index names is looked at."""
        files = self.files()
        return follow(files.get, URL)

    def text(self, path: str) -> str:
        return self.files()[path].decode()


def folder_files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(params=["folder", pytest.param("s3", marks=[pytest.mark.s3, pytest.mark.slow])])
def published(request: pytest.FixtureRequest, tmp_path: Path) -> Published:
    """An empty destination."""
    if request.param == "folder":
        return Published(tmp_path, "site", lambda: folder_files(tmp_path / "project/site"))
    client, bucket = request.getfixturevalue("s3_client"), request.getfixturevalue("s3_bucket")

    def files() -> dict[str, bytes]:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="tools/")
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return {key.removeprefix("tools/"): client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}

    return Published(tmp_path, f"s3://{bucket}/tools", files)


@pytest.fixture
def local(tmp_path: Path) -> Published:
    return Published(tmp_path, "site", lambda: folder_files(tmp_path / "project/site"))


def payload(told: Mapping[str, Any]) -> list[str]:
    """Files of releases that were written."""
    return [
        put["path"]
        for put in told["puts"]
        if put["stage"] == "payload" and re.search(r"\.(deb|rpm|gz|nupkg)$", put["path"]) and "/repodata/" not in put["path"]
    ]


def versions(found: Mapping[str, set[str]]) -> dict[str, list[str]]:
    return {
        client: sorted(name.rpartition(" ")[2] for name in names if name.startswith("hello")) for client, names in found.items() if client in {"apt", "yum"}
    }


def test_a_yank_moves_no_payload_and_an_undo_neither(published: Published) -> None:
    published.release("1.0.0")
    published.release("1.1.0")
    before = published.found()

    told = published.run("yank", "hello", "1.1.0", "--reason", "data loss")
    assert (told["before"], told["snapshot"], told["published"], told["what"]) == (2, 3, True, "yank hello 1.1.0: data loss")
    assert told["disappears"] == [{"product": "hello", "version": "1.1.0", "channel": "stable"}]
    assert told["appears"] == []
    assert [way["instead"] for way in told["recovery"]] == ["1.0.0"]
    assert payload(told) == []
    assert versions(published.found()) == {"apt": ["1.0.0"], "yum": ["1.0.0"]}
    assert "downloads/hello/1.1.0/hello-1.1.0-linux-amd64.tar.gz" in published.files(), "for those who are about to fetch it"

    told = published.run("yank", "hello", "1.1.0", "--undo")
    assert told["appears"] == [{"product": "hello", "version": "1.1.0", "channel": "stable"}]
    assert payload(told) == []
    assert published.found().keys() == before.keys()
    assert versions(published.found()) == versions(before)


def test_a_rollback_offers_what_was_and_is_dated_now(published: Published) -> None:
    published.release("1.0.0")
    packages = published.text("apt/dists/stable/main/binary-amd64/Packages")
    published.release("1.1.0")
    date = parsedate_to_datetime(re.findall(r"Date: (.*)", published.text("apt/dists/stable/Release"))[0])

    told = published.run("rollback")
    assert payload(told) == []
    assert not [put["path"] for put in told["puts"] if "/by-hash/" in put["path"]], "the indices of then are held"
    assert published.text("apt/dists/stable/main/binary-amd64/Packages") == packages
    assert versions(published.found()) == {"apt": ["1.0.0"], "yum": ["1.0.0"]}
    again = parsedate_to_datetime(re.findall(r"Date: (.*)", published.text("apt/dists/stable/Release"))[0])
    assert date < again <= datetime.now(UTC)

    told = published.run("rollback", "--to", "2")
    assert payload(told) == [], "snapshot 2 alone names 1.1.0, and it is there yet"
    assert versions(published.found()) == {"apt": ["1.0.0", "1.1.0"], "yum": ["1.0.0", "1.1.0"]}
    history = published.run("releases", "--history")["snapshots"]
    assert [(row["number"], row["what"]) for row in history] == [(4, "rollback to 2"), (3, "rollback to 1"), (2, "publish"), (1, "publish")]


def test_promoting_uploads_nothing_but_indices(published: Published) -> None:
    published.release("1.0.0")
    (published.project.dist / "hello-2.0.0.md").write_text("# Hello 2.0.0\n\nAll is *new*.\n")
    published.release("2.0.0", "--channel", "beta")

    told = published.run("promote", "hello", "2.0.0", "--to", "stable")
    copies = {put["path"]: put["copy_of"] for put in told["puts"] if put["copy_of"]}
    assert copies == {"yum/stable/Packages/h/hello-2.0.0-1.x86_64.rpm": "yum/beta/Packages/h/hello-2.0.0-1.x86_64.rpm"}
    assert payload(told) == list(copies)
    assert told["recovery"] == []
    assert versions(published.found()) == {"apt": ["1.0.0", "2.0.0"], "yum": ["1.0.0", "2.0.0"]}
    files = published.files()
    assert files["yum/stable/Packages/h/hello-2.0.0-1.x86_64.rpm"] == files["yum/beta/Packages/h/hello-2.0.0-1.x86_64.rpm"]
    site = json.loads(files["repo.json"])
    assert site["products"][0]["newest"] == {"stable": "2.0.0", "beta": "2.0.0"}


@pytest.mark.s3
def test_a_rollback_stops_when_somebody_else_publishes_meanwhile(tmp_path: Path, s3_bucket: str, s3_environment: dict[str, str]) -> None:
    to = f"s3://{s3_bucket}/tools"
    mine, theirs = (Project(tmp_path / name, url=URL, to=to) for name in ("mine", "theirs"))
    for version in ("1.0.0", "1.1.0"):
        mine.empty()
        mine.release(make_tar(tmp_path / f"hello-{version}-linux-amd64.tar.gz", {"hello": f"#!/bin/sh\necho {version}\n"}, ("hello",)))
    theirs.add(make_deb(tmp_path / "1.2.0", version="1.2.0"))
    theirs.build()

    def interfere(put: Put) -> None:
        if put.stage is Stage.PAYLOAD and theirs.output.exists():
            theirs.publish()
            theirs.empty()

    options = Options(base=mine.folder, output=mine.output, environ={**os.environ, **mine.environment})
    with pytest.raises(ProtectionError, match="somebody else published snapshot 3 meanwhile") as caught:
        roll_back(
            load(mine.folder / "repogen.toml"), options, open_store(to, base=mine.folder, endpoint_url=s3_environment["AWS_ENDPOINT_URL"]), None, interfere
        )
    assert caught.value.exit_code == 3
    rows = json.loads(mine.run("releases", "--json").stdout)["releases"]
    assert [row["version"] for row in rows] == ["1.2.0", "1.1.0", "1.0.0"]


def test_a_rollback_passes_over_what_a_publish_that_was_cut_has_left(local: Published) -> None:
    local.release("1.0.0")
    local.release("1.1.0")
    cut(local, local.files())
    local.project.build()
    local.project.publish()
    lines = local.project.run("releases", "--history").stdout.splitlines()
    assert [line.endswith("not finished") for line in lines] == [False, False, True, False]
    assert lines[0].split() == ["SNAPSHOT", "DATE", "WHAT", "STATE"]
    assert local.run("rollback")["what"] == "rollback to 1"
    assert versions(local.found()) == {"apt": ["1.0.0"], "yum": ["1.0.0"]}
    assert local.run("rollback")["what"] == "rollback to 3"
    assert versions(local.found()) == {"apt": ["1.0.0", "1.1.0"], "yum": ["1.0.0", "1.1.0"]}


def test_a_rollback_after_a_yank_that_was_cut_and_said_again(local: Published) -> None:
    local.release("1.0.0")
    local.release("1.1.0")
    local.run("yank", "hello", "1.1.0")
    cut(local, local.files())
    local.run("yank", "hello", "1.1.0")
    assert local.run("rollback")["what"] == "rollback to 2"
    assert versions(local.found()) == {"apt": ["1.0.0", "1.1.0"], "yum": ["1.0.0", "1.1.0"]}


def test_a_rollback_passes_over_a_state_that_was_made_anew(local: Published) -> None:
    local.release("1.0.0")
    local.release("1.1.0")
    (local.project.site / ".repogen/head.json").unlink()
    local.project.run("doctor", "--rebuild-state")
    assert local.run("rollback")["what"] == "rollback to 1"
    assert versions(local.found()) == {"apt": ["1.0.0"], "yum": ["1.0.0"]}


def test_there_may_be_nothing_else_to_roll_back_to(local: Published) -> None:
    local.release("1.0.0")
    cut(local, local.files())
    local.project.build()
    local.project.publish()
    said = local.project.run("rollback", code=2).stderr
    assert "keeps no earlier snapshot that offered anything else than snapshot 2 does" in said


def test_a_yank_that_is_said_again_prints_the_lines_again(local: Published) -> None:
    local.release("1.0.0")
    local.release("1.1.0")
    first = local.run("yank", "hello", "1.1.0")
    again = local.run("yank", "hello", "1.1.0", "--dry-run")
    assert first["recovery"]
    assert again["recovery"] == first["recovery"]
    assert not again["published"]
    lines = local.project.run("yank", "hello", "1.1.0").stdout.splitlines()
    assert lines[1:3] == [
        "Machines that have hello 1.1.0 (stable) come to 1.0.0 with:",
        "  apt         sudo apt-get update && sudo apt-get install --allow-downgrades hello=1.0.0",
    ]


def test_what_was_held_may_be_pruned_meanwhile(local: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    local.release("1.0.0")
    local.release("1.1.0")
    local.run("yank", "hello", "1.1.0")
    project = local.project
    store = open_store("site", base=project.folder)
    lock = store.lock

    def lock_after_a_prune() -> AbstractContextManager[bool]:
        now = read_snapshot(store)
        swap_head(store, replace(now.head, prunes=now.head.prunes + 1), now.etag)
        return lock()

    monkeypatch.setattr(store, "lock", lock_after_a_prune)
    options = Options(base=project.folder, output=project.output, environ={**os.environ, **project.environment})
    config = load(project.folder / "repogen.toml")
    with pytest.raises(ProtectionError, match="somebody else pruned"):
        roll_back(config, options, store, 2)
    with pytest.raises(ProtectionError, match="somebody else pruned"):
        change(config, options, store, Reinstate(product="hello", version="1.1.0"))
    assert versions(local.found()) == {"apt": ["1.0.0"], "yum": ["1.0.0"]}


def test_a_dry_run_changes_nothing(local: Published) -> None:
    local.release("1.0.0")
    local.release("1.1.0")
    before = local.files()
    for words in (("yank", "hello", "1.1.0"), ("rollback",), ("promote", "hello", "1.1.0", "--to", "beta"), ("rollout", "hello", "10")):
        told = local.run(*words, "--dry-run")
        assert (told["published"], told["snapshot"]) == (False, 3)
        assert told["puts"]
    shown = local.project.run("rollback", "--dry-run")
    assert "~ apt/dists/stable/InRelease" in shown.stdout
    assert "would be at snapshot 3" in shown.stderr
    assert local.files() == before


def test_the_output_folder_of_ones_own_builds_is_left_alone(local: Published) -> None:
    local.release("1.0.0")
    local.project.add(make_deb(local.folder / "next", version="1.1.0"))
    local.project.build()
    built = folder_files(local.project.output)
    local.project.run("rollout", "hello", "50")
    assert folder_files(local.project.output) == built
    local.project.publish()
    assert {r["version"]: r["rollout"] for r in local.run("releases")["releases"]} == {"1.1.0": 100, "1.0.0": 50}


def test_a_build_of_withdrawn_files_leaves_them_out_and_says_so(local: Published) -> None:
    local.release("1.0.0")
    local.release("1.1.0")
    local.run("yank", "hello", "1.1.0")
    local.project.add(*(local.folder / "1.1.0").glob("hello*"))
    said = local.project.build().stderr
    assert said.count("warning") == 1
    assert "hello 1.1.0 (stable): 3 files" not in said
    assert "left out, since it was withdrawn: hello 1.1.0 (stable); `repogen yank --undo hello 1.1.0` offers it again" in said
    assert "up to date" in local.project.publish().stderr

    local.release("1.2.0")
    assert versions(local.found()) == {"apt": ["1.0.0", "1.2.0"], "yum": ["1.0.0", "1.2.0"]}


def test_a_file_that_came_later_is_taken_back_and_offered_again(local: Published) -> None:
    local.release("1.0.0")
    late = make_deb(local.folder / "late", version="1.0.0", architecture="arm64")
    local.project.release(late)
    told = local.run("rollback", "--dry-run")
    assert [(file["version"], file["path"]) for file in told["files_removed"]] == [("1.0.0", "apt/pool/main/h/hello/hello_1.0.0_arm64.deb")]
    assert "- hello_1.0.0_arm64.deb of hello 1.0.0 (stable)" in local.project.run("rollback").stderr
    rolled_back = local.found()

    local.project.empty()
    local.project.add(late)
    said = local.project.build().stderr
    assert "left out, since a rollback took it back: hello_1.0.0_arm64.deb (stable); `repogen yank --undo hello 1.0.0` offers it again" in said
    assert "up to date" in local.project.publish().stderr
    assert local.found() == rolled_back
    told = local.run("yank", "--undo", "hello", "1.0.0")
    assert [file["path"] for file in told["files_added"]] == ["apt/pool/main/h/hello/hello_1.0.0_arm64.deb"]
    assert payload(told) == []
    assert "hello_1.0.0_arm64.deb" in local.text("apt/dists/stable/main/binary-arm64/Packages")


def test_an_empty_repository_is_renewed_in_time(tmp_path: Path) -> None:
    project = Project(tmp_path, apt={"valid_for": 10})
    assert "there is no release file" in project.build(code=1).stderr
    past = datetime.now(UTC) - timedelta(days=9)
    project.release(make_deb(tmp_path / "packages"), date=f"{past:%Y-%m-%dT%H:%M:%SZ}")
    project.run("yank", "hello", "1.0.0", env={"SOURCE_DATE_EPOCH": f"{past.timestamp() + 60:.0f}"})
    project.empty()
    project.build()
    project.publish()
    end = re.findall(r"Valid-Until: (.*)", (project.site / "apt/dists/stable/Release").read_text())[0]
    assert parsedate_to_datetime(end) > datetime.now(UTC) + timedelta(days=9)


def test_a_yank_while_a_build_of_the_same_files_waits_wins(local: Published) -> None:
    local.release("1.0.0")
    local.release("1.1.0")
    local.project.add(*(local.folder / "1.1.0").glob("hello*"), make_deb(local.folder / "next", version="1.2.0"))
    local.project.build()
    local.project.run("yank", "hello", "1.1.0")
    said = local.project.publish().stderr
    assert said.count("left out, since it was withdrawn: hello 1.1.0 (stable); `repogen yank --undo hello 1.1.0` offers it again") == 1
    assert versions(local.found()) == {"apt": ["1.0.0", "1.2.0"], "yum": ["1.0.0"]}
    assert "left out" not in local.project.publish().stderr


def test_files_that_are_gone_are_not_offered_again(local: Published) -> None:
    local.release("1.0.0")
    local.release("1.1.0")
    local.run("yank", "hello", "1.1.0")
    (local.project.site / "apt/pool/main/h/hello/hello_1.1.0_amd64.deb").unlink()
    refused = local.project.run("yank", "--undo", "hello", "1.1.0", code=3)
    assert "hello_1.1.0_amd64.deb was deleted after hello 1.1.0 was withdrawn" in refused.stderr


def test_a_version_of_which_no_file_is_known_is_not_offered_again(local: Published) -> None:
    local.release("1.0.0")
    local.release("1.1.0")
    local.run("yank", "hello", "1.1.0")
    local.project.run("prune", "--snapshots", "0", "--days", "0", "--yes")
    shutil.rmtree(local.project.site / ".repogen")
    shutil.rmtree(local.project.folder / "cache")
    local.project.run("doctor", "--rebuild-state")
    assert "no file of hello 1.1.0 is known any more" in local.project.run("yank", "--undo", "hello", "1.1.0", code=3).stderr
    assert "come to 1.0.0" not in local.project.run("yank", "hello", "1.1.0", "--reason", "crashes").stdout
    assert versions(local.found()) == {"apt": ["1.0.0"], "yum": ["1.0.0"]}


def test_a_file_that_is_gone_is_copied_from_the_channel_that_offers_it(published: Published) -> None:
    published.release("1.0.0", "--channel", "beta")
    published.run("promote", "hello", "1.0.0", "--to", "stable")
    published.run("yank", "hello", "1.0.0", "--channel", "beta")
    published.project.run("prune", "--snapshots", "0", "--days", "0", "--yes")
    gone = "yum/beta/Packages/h/hello-1.0.0-1.x86_64.rpm"
    assert gone not in published.files()
    told = published.run("yank", "--undo", "hello", "1.0.0")
    assert {put["path"]: put["copy_of"] for put in told["puts"]}[gone] == gone.replace("beta", "stable")
    files = published.files()
    assert files[gone] == files[gone.replace("beta", "stable")]


def cut(published: Published, before: Mapping[str, bytes]) -> None:
    """Leave the site as a run that was killed after it had swapped the head: the indices are those from before."""
    site = published.project.site
    for path in before.keys() & published.files().keys():
        if not path.startswith(".repogen/"):
            (site / path).write_bytes(before[path])
    head = site / ".repogen/head.json"
    head.write_text(head.read_text().replace('"complete": true', '"complete": false'))


@pytest.mark.slow
def test_an_edit_that_was_cut_is_said_again(local: Published) -> None:
    local.release("1.0.0")
    local.release("1.1.0")
    for words in (
        ("yank", "hello", "1.1.0"),
        ("yank", "--undo", "hello", "1.1.0"),
        ("promote", "hello", "1.1.0", "--to", "beta"),
        ("rollback",),
        ("rollout", "hello", "9"),
    ):
        before = local.files()
        local.run(*words)
        wanted = {path: content for path, content in local.files().items() if path.endswith("/Packages")}
        cut(local, before)
        told = local.run(*words)
        assert {path: content for path, content in local.files().items() if path.endswith("/Packages")} == wanted, words
        assert local.found()
        assert (told["appears"], told["disappears"]) == ([], [])
    assert local.run("rollout", "hello", "9")["published"] is False
    assert "is so already (snapshot " in local.project.run("rollout", "hello", "9").stderr


def test_an_unsigned_preview_stays_one(tmp_path: Path) -> None:
    project = Project(tmp_path, key=None)
    project.add(make_deb(tmp_path / "packages"))
    project.build("--unsigned")
    project.publish()
    project.run("rollout", "hello", "50")
    assert not (project.site / "apt/dists/stable/InRelease").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("yank", "hello", "1.0.0"), "nothing is published in"),
        (("rollback",), "nothing is published in"),
        (("rollback", "--to", "1", "--to", "2"), "'1' and '2' are given as the snapshot"),
        (("rollback", "--snapshot", "one"), "--snapshot 'one' is no number"),
        (("rollback", "--to", "./site", "--to", "s3://bucket"), "'./site' and 's3://bucket' are given as the destination"),
        (("promote", "hello", "1.0.0"), "no channel is given"),
        (("promote", "hello", "1.0.0", "--to", "./site"), "no channel is given"),
        (("promote", "hello", "1.0.0", "--channel", "Stable"), "'Stable' cannot be a channel"),
        (("promote", "hello", "1.0.0", "--to", "dist"), "--to dist may mean the channel or the folder of that name"),
        (("promote", "hello", "1.0.0", "--to", "site"), "--to site may mean the channel or the folder of that name"),
        (("promote", "hello", "1.0.0", "--to", "stable", "--channel", "beta"), "'stable' and 'beta' are given as the channel"),
        (("yank", "hello", "1.0.0", "--undo", "--reason", "x"), "--reason goes with a version that is withdrawn"),
    ],
)
def test_wrong_use_is_told(words: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    assert sentence in Project(tmp_path).run(*words, code=2).stderr


def test_to_may_be_given_for_both(local: Published, tmp_path: Path) -> None:
    local.release("1.0.0")
    local.release("1.1.0")
    (local.project.folder / "repogen.toml").write_text((local.project.folder / "repogen.toml").read_text().replace('to = "site"', 'to = "elsewhere"'))
    assert local.run("rollback", "--to", "1", "--to", "./site")["snapshot"] == 3
    assert local.run("promote", "hello", "1.0.0", "--to", "beta", "--to", str(tmp_path / "project/site"))["snapshot"] == 4
    assert "there is no snapshot 9 to go back to: the current one is 4" in local.project.run("rollback", "--to", "9", "--to", "./site", code=2).stderr


def test_releases_shows_what_was_withdrawn_and_what_is_rolled_out(local: Published) -> None:
    local.release("1.0.0")
    local.release("1.1.0")
    local.release("1.2.0")
    local.run("yank", "hello", "1.1.0", "--reason", "data loss")
    local.run("rollout", "hello", "25")
    rows = [re.split(r"  +", line) for line in local.project.run("releases").stdout.splitlines()]
    today = datetime.now(UTC).date().isoformat()
    assert rows == [
        ["PRODUCT", "VERSION", "CHANNEL", "DATE", "FILES", "STATE"],
        ["hello", "1.2.0", "stable", today, "3", "for 25 % of machines"],
        ["hello", "1.0.0", "stable", today, "3"],
        ["hello", "1.1.0", "stable", today, "-", f"withdrawn {today}: data loss"],
    ]
    assert local.project.run("releases", "--history").stdout.splitlines()[1].endswith("rollout hello 25 %")


def test_the_tap_is_pulled_after_a_rollback(tmp_path: Path) -> None:
    require("git")
    with serving(tmp_path / "project/site") as server:
        published = Published(tmp_path, "site", dict)
        published.project.configure(url=server.url, to="site")
        published.release("1.0.0")
        published.release("1.1.0")
        run("git", "clone", "--quiet", f"{server.url}/homebrew/acme.git", tmp_path / "tap")
        published.run("rollback")
        run("git", "-C", tmp_path / "tap", "pull", "--quiet", "--ff-only")
        assert 'version "1.0.0"' in (tmp_path / "tap/Formula/hello.rb").read_text()
        published.run("yank", "hello", "1.0.0")
        run("git", "-C", tmp_path / "tap", "pull", "--quiet", "--ff-only")
        assert 'because: "was withdrawn"\n' in (tmp_path / "tap/Formula/hello.rb").read_text()
        assert len(run("git", "-C", tmp_path / "tap", "log", "--format=%s").stdout.splitlines()) == 4
