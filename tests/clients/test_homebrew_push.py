"""The tap's commits in a git repository elsewhere, which git's own http-backend serves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from repogen.config import load as load_config
from repogen.errors import PushError
from repogen.homebrew_push import push
from repogen.state import load
from repogen.stores import open_store
from tests.support.clients import run
from tests.support.git_remote import GitRemote, git_remote
from tests.support.packages import make_tar, program
from tests.support.site import Project

TOKEN = "ghp_s3cret/+token"


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[GitRemote]:
    (tmp_path / "remotes").mkdir()
    with git_remote(tmp_path / "remotes", TOKEN) as made:
        yield made


def project(tmp_path: Path, remote: GitRemote, name: str = "project", **homebrew: str) -> Project:
    made = Project(tmp_path / name, key=None, to=str(tmp_path / "site"), homebrew={"push": remote.url, **homebrew})
    made.environment["REPOGEN_HOMEBREW_TOKEN"] = TOKEN
    return made


def release(made: Project, version: str, code: int = 0) -> str:
    """Publish a version; what was said."""
    made.empty()
    stem = f"hello-{version}-linux-amd64"
    made.add(make_tar(made.folder / f"{stem}.tar.gz", {f"{stem}/hello": program("hello", version)}, (f"{stem}/hello",)))
    made.build("--unsigned")
    done = made.publish(code=code)
    return done.stdout + done.stderr


def subjects(repository: Path) -> list[str]:
    return run("git", "-C", repository, "log", "--format=%H %s", "main").stdout.splitlines()


def test_the_same_commits_are_pushed_release_by_release(tmp_path: Path, remote: GitRemote) -> None:
    made = project(tmp_path, remote)
    tap = tmp_path / "site/homebrew/acme.git"
    for version in ("1.0.0", "1.1.0"):
        assert TOKEN not in release(made, version)
        assert subjects(remote.folder) == subjects(tap)
    assert [line.split(" ", 1)[1] for line in subjects(tap)] == ["hello 1.1.0", "hello 1.0.0"]
    assert remote.git("fsck", "--strict", "--full") == ""
    made.run("yank", "hello", "1.1.0", "--reason", "eats files")
    assert subjects(remote.folder) == subjects(tap)
    assert len(subjects(tap)) == 3


def test_what_could_not_be_pushed_is_pushed_by_the_next_publish(tmp_path: Path, remote: GitRemote) -> None:
    made = project(tmp_path, remote)
    made.environment["REPOGEN_HOMEBREW_TOKEN"] = "wrong-one"
    said = release(made, "1.0.0", code=1)
    assert "the tap was not pushed to" in said
    assert "wrong-one" not in said
    assert "the site itself is published" in said
    assert (tmp_path / "site/homebrew/acme.git/info/refs").is_file()
    made.environment["REPOGEN_HOMEBREW_TOKEN"] = TOKEN
    asked = len(remote.asked)
    made.publish()
    assert subjects(remote.folder) == subjects(tmp_path / "site/homebrew/acme.git")
    made.publish()
    assert len(remote.asked) > asked
    assert not [path for path in remote.asked[-1:] if "receive-pack" in path]


def test_commits_of_others_are_not_overwritten(tmp_path: Path, remote: GitRemote) -> None:
    tree = remote.git("hash-object", "-t", "tree", "-w", "/dev/null").strip()
    other = run(
        "git", "-c", "user.name=o", "-c", "user.email=o@o", "-C", remote.folder, "commit-tree", tree, "-m", "mine"
    ).stdout.strip()  # fmt: skip
    remote.git("update-ref", "refs/heads/main", other)
    said = release(project(tmp_path, remote), "1.0.0", code=1)
    assert f"has commits that the site's tap does not have, the last one {other[:12]}" in said
    assert remote.git("rev-parse", "main").strip() == other


def test_who_was_overtaken_leaves_the_push_to_the_other(tmp_path: Path, remote: GitRemote) -> None:
    made = project(tmp_path, remote)
    config, store = load_config(made.folder / "repogen.toml"), open_store(str(tmp_path / "site"), base=tmp_path)
    release(made, "1.0.0")
    before = load(store)
    assert before.catalog.repositories
    release(made, "1.1.0")
    wrong = {"PATH": "/usr/bin:/bin", "REPOGEN_HOMEBREW_TOKEN": "wrong"}
    push(config, store, before, wrong)
    with pytest.raises(PushError, match="the tap was not pushed"):
        push(config, store, load(store), wrong)
    assert subjects(remote.folder) == subjects(tmp_path / "site/homebrew/acme.git")


def test_another_branch(tmp_path: Path, remote: GitRemote) -> None:
    release(project(tmp_path, remote, branch="taps/acme"), "1.0.0")
    assert remote.git("for-each-ref", "--format=%(refname)").split() == ["refs/heads/taps/acme"]


def test_the_token_is_in_no_argument_and_git_knows_no_key(tmp_path: Path, remote: GitRemote) -> None:
    made = project(tmp_path, remote)
    shim = tmp_path / "bin/git"
    shim.parent.mkdir()
    real = run("which", "git").stdout.strip()
    shim.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {tmp_path}/arguments\nenv >> {tmp_path}/environment\nexec {real} "$@"\n')
    shim.chmod(0o755)
    made.environment |= {"PATH": f"{shim.parent}:/usr/bin:/bin", "REPOGEN_SIGNING_PASSPHRASE": "of-the-key"}
    release(made, "1.0.0")
    arguments, environment = ((tmp_path / name).read_text() for name in ("arguments", "environment"))
    assert "push" in arguments
    assert TOKEN not in arguments
    assert "of-the-key" not in environment
    assert "REPOGEN_" not in environment


def test_without_git_it_is_told(tmp_path: Path, remote: GitRemote) -> None:
    made = project(tmp_path, remote)
    (tmp_path / "empty").mkdir()
    made.environment["PATH"] = str(tmp_path / "empty")
    assert "git is not installed, which [homebrew] push needs" in release(made, "1.0.0", code=1)
    assert remote.asked == []


def test_a_token_is_not_sent_in_the_clear(tmp_path: Path, remote: GitRemote) -> None:
    assert "would get the token unencrypted" in release(project(tmp_path, remote, push="http://git.acme.example/tap.git"), "1.0.0", code=1)
