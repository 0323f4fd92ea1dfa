"""The output folder: what is set aside while a site is rendered."""

from __future__ import annotations

from pathlib import Path

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
