"""Objects and repositories, compared with git's own."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repogen.git_objects import REF, Identity, commit, git_object, head_file, object_path, ref_file, snapshot, stored
from tests.support.clients import require, run

ACME = Identity("Acme", "acme@acme.example")


def _repository(folder: Path, commits: list[dict[str, bytes]], author: Identity = ACME, message: str = "hello 1.0.0") -> Path:
    """A bare repository with one commit for each set of files."""
    repository = folder / "tap.git"
    parents: tuple[str, ...] = ()
    for number, files in enumerate(commits):
        tree, objects = snapshot(files)
        head = commit(tree, parents, author, 1767225600 + number, message)
        for made in (*objects, head):
            path = folder / object_path("tap.git", made.id)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(made.loose)
        parents = (head.id,)
    (repository / REF).parent.mkdir(parents=True)
    (repository / "HEAD").write_bytes(head_file())
    (repository / REF).write_bytes(ref_file(parents[0]))
    return repository


def test_a_blob_has_the_id_that_git_gives_it(tmp_path: Path) -> None:
    require("git")
    (tmp_path / "file").write_bytes(b"hello\n")
    assert git_object("blob", b"hello\n").id == run("git", "hash-object", tmp_path / "file").stdout.strip()


def test_git_finds_nothing_wrong(tmp_path: Path) -> None:
    require("git")
    first = {"README.md": b"# Acme\n", "Formula/hello.rb": b"class Hello < Formula\nend\n", "Formula.txt": b"", "Casks/quiet.rb": b"x" * 200_000}
    repository = _repository(tmp_path, [first, {**first, "Formula/a/b.rb": b"deep"}])
    said = run("git", "-C", repository, "fsck", "--strict", "--full", "--no-dangling")
    assert said.stderr == ""
    assert run("git", "-C", repository, "log", "--format=%an <%ae> %at %s", "main").stdout.splitlines() == [
        "Acme <acme@acme.example> 1767225601 hello 1.0.0",
        "Acme <acme@acme.example> 1767225600 hello 1.0.0",
    ]
    assert run("git", "-C", repository, "cat-file", "-p", "main:Formula/a/b.rb").stdout == "deep"
    # Sorted as git sorts: "Formula.txt" before the folder "Formula".
    assert run("git", "-C", repository, "ls-tree", "--name-only", "main").stdout.split() == ["Casks", "Formula.txt", "Formula", "README.md"]


@pytest.mark.parametrize(
    "author",
    [
        Identity("Ev<il>\nauthor nobody", "a b\n<c>@d"),
        Identity("", ""),
        Identity(" . ", "x"),
        Identity("Zoë Łuk\u2028", "zoë@acme.example"),
        Identity("\ud800", "a@b"),
    ],
)
def test_no_author_can_leave_its_line(tmp_path: Path, author: Identity) -> None:
    require("git")
    repository = _repository(tmp_path, [{"a": b"b"}], author, "subject\n\nauthor X <x@x> 0 +0000")
    run("git", "-C", repository, "fsck", "--strict", "--full")
    assert run("git", "-C", repository, "rev-list", "--count", "main").stdout == "1\n"


def test_the_same_files_are_the_same_objects_in_any_order() -> None:
    files = {"b/x": b"1", "a": b"2", "b/a": b"1"}
    assert snapshot(files) == snapshot(dict(reversed(files.items())))
    assert len(snapshot(files)[1]) == 4  # two trees, two different contents


@given(st.binary(max_size=70_000))
def test_stored_streams_are_zlib(data: bytes) -> None:
    assert zlib.decompress(stored(data)) == data


def test_long_streams_are_cut_into_blocks() -> None:
    data = bytes(range(256)) * 1024
    assert zlib.decompress(stored(data)) == data
