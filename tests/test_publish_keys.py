"""The keys that a publish tells users of are those that sign it, also where it builds again because somebody was first: over a folder and over S3."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from repogen.errors import SigningError
from repogen.signing.verification import open_verifier
from repogen.stores import Store, open_store
from tests.support.keys import fingerprint, public_key, secret_key
from tests.support.packages import make_deb, make_rpm
from tests.support.site import Project

A, B = secret_key("ed25519"), secret_key("ed25519", email="other@acme.example")
KEY = "REPOGEN_SIGNING_KEY"


@pytest.fixture(params=["folder", "S3"])
def to(request: pytest.FixtureRequest) -> str:
    return "site" if request.param == "folder" else f"s3://{request.getfixturevalue('s3_bucket')}/tools"


def store_of(project: Project, to: str) -> Store:
    return open_store(to, base=project.folder)


def contents(store: Store) -> dict[str, bytes]:
    return {listed.key: found.content for listed in store.list("") if not listed.key.startswith(".repogen/") and (found := store.get(listed.key))}


def signers(store: Store) -> list[str]:
    """Who is content with the indices, of those who trust one key alone."""
    files = contents(store)
    found = []
    for name, key in (("A", A), ("B", B)):
        with open_verifier(public_key(key), os.environ) as verifier:
            try:
                verifier.message("InRelease", files["apt/dists/stable/InRelease"])
                verifier.detached("repomd.xml", files["yum/stable/repodata/repomd.xml"], files["yum/stable/repodata/repomd.xml.asc"])
            except SigningError:
                continue
            found.append(name)
    return found


def told(store: Store) -> list[str]:
    """The keys that users are told of."""
    files = contents(store)
    names = {fingerprint(A): "A", fingerprint(B): "B"}
    in_catalog = [names[key["fingerprint"]] for key in json.loads(files["repo.json"])["keys"]]
    assert files["keys/acme.gpg"] == b"".join(public_key({"A": A, "B": B}[name]) for name in in_catalog)
    return sorted(in_catalog)


def built_and_overtaken(tmp_path: Path, to: str, first: str, then: str) -> Project:
    """One release published with ``first``, another built with ``then``, and somebody's edit published with ``first`` meanwhile."""
    project = Project(tmp_path / "acme", to=to)
    project.environment[KEY] = first
    project.release(make_deb(tmp_path), make_rpm(tmp_path))
    project.add(make_deb(tmp_path, version="1.1.0"))
    project.environment[KEY] = then
    project.build()
    project.environment[KEY] = first
    project.run("rollout", "hello", "50")
    return project


def test_another_key_than_that_of_the_build_is_refused_where_users_do_not_trust_it(tmp_path: Path, to: str) -> None:
    project = built_and_overtaken(tmp_path, to, A, A)
    before = contents(store_of(project, to))
    project.environment[KEY] = B
    for command in ("plan", "publish"):
        assert f"users trust the key {fingerprint(A)}, but this build signs with {fingerprint(B)}" in project.run(command, code=3).stderr
    assert contents(store_of(project, to)) == before
    project.environment[KEY] = A
    project.publish()
    assert signers(store_of(project, to)) == told(store_of(project, to)) == ["A"]


@pytest.mark.parametrize(("built", "now", "keys"), [(A + B, A, ["A"]), (A, A + B, ["A", "B"])], ids=["fewer", "more"])
def test_what_is_told_is_what_signs(tmp_path: Path, to: str, built: str, now: str, keys: list[str]) -> None:
    project = built_and_overtaken(tmp_path, to, A, built)
    project.environment[KEY] = now
    planned = json.loads(project.run("plan", "--json", code=10).stdout)["effects"]
    assert planned["keys_added"] == [fingerprint(B) for _ in keys[1:]]
    project.publish()
    assert signers(store_of(project, to)) == told(store_of(project, to)) == keys


def test_a_key_that_signs_no_more_is_warned_about(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    project.environment[KEY] = A
    project.release(make_deb(tmp_path))
    project.environment[KEY] = A + B
    assert "signs no more" not in project.build().stderr
    project.publish()
    project.environment[KEY] = B
    warning = f"{fingerprint(A)} signs no more: once this is published, every client that trusts no other key refuses the site"
    assert warning in project.run("yank", "hello", "1.0.0", "--dry-run").stderr
    assert warning in project.build().stderr
    project.publish()
    project.add(make_deb(tmp_path, version="1.1.0"))
    assert "signs no more" not in project.build().stderr


def test_a_rebuild_without_all_keys_warns_too(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    project.environment[KEY] = A + B
    project.release(make_deb(tmp_path))
    (project.site / ".repogen/head.json").unlink()
    project.environment[KEY] = B
    assert f"{fingerprint(A)} signs no more" in project.run("doctor", "--rebuild-state").stderr
