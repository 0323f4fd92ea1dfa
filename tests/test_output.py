"""The output folder: what is set aside while a site is rendered."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from repogen.errors import RepogenError
from repogen.manifest import Following, manifest_of
from repogen.output import Output
from repogen.record import Additions, Record
from repogen.state import Encoded
from repogen.tree import Blob, File, SignMode, Stage, Tree

_LARGE = b"a line of an index\n" * 100_000
_RECORD = Record(base="", additions=Additions(), date="2026-11-20T10:00:00Z", rendering="", state=Encoded(catalog="", manifest=""))


def test_large_files_are_set_aside_and_end_in_all_their_places(tmp_path: Path) -> None:
    output = Output(tmp_path / "public")
    files = {
        "by-hash/1": File(_LARGE, Stage.PAYLOAD),
        "index": File(_LARGE, Stage.INDEX),
        "page": File(_LARGE[1:], Stage.PAGE),
        "small": File(b"1", Stage.PAGE),
    }
    aside = output.set_aside(Tree(files))
    assert {path for path, file in aside.items() if isinstance(file.content, Blob)} == {"by-hash/1", "index", "page"}
    assert manifest_of(aside) == manifest_of(Tree(files))
    record = output.write(aside, Following(manifest_of(aside), {}, {}), _RECORD, None, None)
    assert {path: (output.folder / path).read_bytes() for path in files} == {path: file.content for path, file in files.items()}
    assert not list(output.work.iterdir())
    again = output.set_aside(Tree(files))
    output.write(again, Following(manifest_of(again), {}, {}), _RECORD, record, None)
    assert not list(output.work.iterdir()), "although nothing had to be written"
    assert (output.folder / "index").read_bytes() == _LARGE


def test_what_asks_for_a_signature_stays_at_hand(tmp_path: Path) -> None:
    signed = File(_LARGE, Stage.ENTRY, {"Release.gpg": SignMode.DETACHED})
    part = Tree({"Release": signed})
    assert Output(tmp_path).set_aside(part)["Release"] == signed


def _payload(tmp_path: Path, count: int) -> Tree:
    files = {}
    for number in range(count):
        source = tmp_path / f"{number}.deb"
        source.write_bytes(b"%d" % number)
        content = Blob(hashlib.sha256(b"%d" % number).hexdigest(), source.stat().st_size, str(source))
        files[f"apt/pool/main/p/{number}.deb"] = File(content, Stage.PAYLOAD)
    return Tree(files)


def test_payload_is_placed_beside_other_work_and_once(tmp_path: Path) -> None:
    output, part = Output(tmp_path / "public"), _payload(tmp_path, 50)
    rendered = Tree({"index": File(_LARGE, Stage.INDEX)})
    with output.placing(None) as place:
        assert place(part) is part
        aside = place(output.set_aside(rendered))
    assert [(output.folder / path).read_bytes() for path in part] == [b"%d" % number for number in range(50)]
    assert not (output.folder / "index").exists(), "what is named by an entry file waits for write"
    for path in part.values():
        Path(path.content.path).unlink()  # type: ignore[union-attr, arg-type]  # they are not read again
    tree = part | aside
    record = output.write(tree, Following(manifest_of(tree), {}, {}), _RECORD, None, None)
    assert record.files.keys() == tree.keys()
    assert (output.folder / "index").read_bytes() == _LARGE


def _fails(_part: Tree) -> None:
    raise ZeroDivisionError


def test_where_the_work_fails_the_payload_goes_again(tmp_path: Path) -> None:
    output, part = Output(tmp_path / "public"), _payload(tmp_path, 50)
    with pytest.raises(ZeroDivisionError), output.placing(None) as place:
        _fails(place(part))
    assert not [path for path in output.folder.rglob("*") if path.is_file()]
    assert len(list(tmp_path.glob("*.deb"))) == 50


def test_payload_that_cannot_be_placed_is_a_sentence(tmp_path: Path) -> None:
    output, part = Output(tmp_path / "public"), _payload(tmp_path, 3)
    (tmp_path / "1.deb").unlink()
    with pytest.raises(RepogenError, match=r"1\.deb vanished before it was copied"), output.placing(None) as place:
        place(part)
    assert not [path for path in output.folder.rglob("*") if path.is_file()]


def test_a_path_that_the_file_system_does_not_take_is_a_sentence(tmp_path: Path) -> None:
    output, (file,) = Output(tmp_path / "public"), _payload(tmp_path, 1).values()
    with pytest.raises(RepogenError, match="too long") as caught, output.placing(None) as place:
        place(Tree({"/".join(["a" * 200] * 21): file}))
    assert "shorter" in caught.value.hint


def test_what_a_former_build_placed_stays_where_the_work_fails(tmp_path: Path) -> None:
    output, part = Output(tmp_path / "public"), _payload(tmp_path, 3)
    before = output.write(part, Following(manifest_of(part), {}, {}), _RECORD, None, None)
    again = Output(tmp_path / "public")
    with pytest.raises(ZeroDivisionError), again.placing(before) as place:
        _fails(place(part))
    assert again.holds(before)


def test_what_the_same_run_placed_before_stays_where_later_work_fails(tmp_path: Path) -> None:
    """A publish that was overtaken assembles again, and may be refused then."""
    output, part = Output(tmp_path / "public"), _payload(tmp_path, 6)
    first, second = (Tree(dict(list(part.items())[start : start + 3])) for start in (0, 3))
    with output.placing(None) as place:
        place(first)
    with pytest.raises(ZeroDivisionError), output.placing(None) as place:
        _fails(place(first | second))
    assert all((output.folder / path).is_file() for path in first)
    assert not any((output.folder / path).exists() for path in second)


def test_what_is_in_its_place_already_stays_where_the_work_fails(tmp_path: Path) -> None:
    """After a build that was killed there is no record, and the output folder's own files are read again."""
    output, part = Output(tmp_path / "public"), _payload(tmp_path, 1)
    with output.placing(None) as place:
        place(part)
    ((path, file),) = part.items()
    own = Tree({path: File(Blob(file.sha256, file.size, str(output.folder / path)), Stage.PAYLOAD)})
    again = Output(tmp_path / "public")
    with pytest.raises(ZeroDivisionError), again.placing(None) as place:
        _fails(place(own))
    assert (output.folder / path).is_file()


def test_a_copy_that_was_made_while_a_file_was_read_is_what_is_placed(tmp_path: Path) -> None:
    output, source, content = Output(tmp_path / "public"), tmp_path / "a.deb", b"the bytes read"
    sha256 = hashlib.sha256(content).hexdigest()
    umask = os.umask(0o077)
    try:
        with output.taking(None) as copies:
            copies.take(content, sha256, 1_700_000_000_000_000_000)
            source.write_bytes(b"something else")
            with output.placing(None) as place:
                place(Tree({"pool/a.deb": File(Blob(sha256, len(content), str(source)), Stage.PAYLOAD)}))
    finally:
        os.umask(umask)
    placed = output.folder / "pool/a.deb"
    assert placed.read_bytes() == content
    assert (placed.stat().st_mode & 0o777, int(placed.stat().st_mtime)) == (0o644, 1_700_000_000)
    assert not list(output.work.iterdir()), "nothing is left of the copies"


def test_copies_that_nobody_placed_go_and_half_ones_of_a_killed_run_count_for_nothing(tmp_path: Path) -> None:
    output = Output(tmp_path / "public")
    with output.taking(None) as copies:
        copies.take(b"whole", hashlib.sha256(b"whole").hexdigest(), 0)
        (killed,) = (output.work / "taken").iterdir()
    assert not list(output.work.iterdir())
    killed.parent.mkdir()
    killed.write_bytes(b"wh")
    source = tmp_path / "a.deb"
    source.write_bytes(b"whole")
    with output.taking(None), output.placing(None) as place:
        place(Tree({"pool/a.deb": File(Blob(killed.name, 5, str(source)), Stage.PAYLOAD)}))
    assert (output.folder / "pool/a.deb").read_bytes() == b"whole"


def test_what_the_last_build_left_is_not_copied_again(tmp_path: Path) -> None:
    output, part = Output(tmp_path / "public"), _payload(tmp_path, 1)
    before = output.write(part, Following(manifest_of(part), {}, {}), _RECORD, None, None)
    ((_, file),) = part.items()
    with output.taking(before) as copies:
        copies.take(b"0", file.sha256, 0)
        assert not list((output.work / "taken").iterdir())


def test_where_there_is_no_room_for_a_copy_the_file_is_copied_later(tmp_path: Path) -> None:
    output, source = Output(tmp_path / "public"), tmp_path / "a.deb"
    source.write_bytes(b"whole")
    sha256 = hashlib.sha256(b"whole").hexdigest()
    with output.taking(None) as copies:
        (output.work / "taken").rmdir()
        copies.take(b"whole", sha256, 0)
        with output.placing(None) as place:
            place(Tree({"pool/a.deb": File(Blob(sha256, 5, str(source)), Stage.PAYLOAD)}))
    assert (output.folder / "pool/a.deb").read_bytes() == b"whole"
