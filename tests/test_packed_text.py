"""Long texts that are packed with their neighbours."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from repogen import stored
from repogen.artifact import DebFacts, RpmFacts
from repogen.packed_text import Packer, Text, to_stored


def _contents(count: int) -> list[bytes]:
    return [b"Package: %d\nDescription: \xe4 %s\n" % (number, b"word " * (number % 400)) for number in range(count)]


@pytest.mark.parametrize("count", [1, 50, 3000])
def test_packed_texts_are_what_they_were(count: int) -> None:
    contents, packer = _contents(count), Packer()
    texts = [Text(content) for content in contents]
    for text in texts:
        packer.pack(text)
    assert [text.content for text in texts] == contents
    assert texts == [Text(content) for content in contents]
    assert {hash(text) for text in texts} == {hash(Text(content)) for content in contents}
    assert texts[0] != Text(contents[0] + b"x")
    assert [text.content for text in reversed(texts)] == contents[::-1]


def test_texts_are_read_by_many_threads() -> None:
    contents, packer = _contents(3000), Packer()
    texts = [Text(content) for content in contents]
    for text in texts:
        packer.pack(text)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda step: [text.content for text in texts[::step]], range(1, 20)):
            assert found[:2] == contents[:1] + found[1:2]
        assert list(pool.map(lambda text: text.content, texts)) == contents


def test_a_text_that_is_packed_already_stays_where_it_is() -> None:
    text = Text(b"once")
    for packer in (Packer(), Packer()):
        packer.pack(text)
        packer.pack(text)
    assert text.content == b"once"


def test_stored_facts_are_what_they_were_before_texts_were_packed() -> None:
    """Their fields have kept names and form, so that older state is read."""
    deb = DebFacts(package="a", version="1", architecture="all", source="a", packed_stanza=Text(b"Package: a\n"), packed_files=Text(b"usr/bin/a\n"))
    rpm = RpmFacts(
        name="a",
        epoch=0,
        version="1",
        release="1",
        architecture="noarch",
        packed_primary=Text(b"<p/>"),
        packed_filelists=Text(b"<f/>"),
        packed_other=Text(b"<o/>"),
    )
    plain = msgspec.msgpack.decode(stored.encode(deb))
    assert (plain["stanza"], plain["files"]) == (b"Package: a\n", b"usr/bin/a\n")
    assert [msgspec.msgpack.decode(stored.encode(rpm))[field] for field in ("primary", "filelists", "other")] == [b"<p/>", b"<f/>", b"<o/>"]
    assert stored.decoder(DebFacts | RpmFacts).decode(stored.encode(deb)) == deb
    assert stored.decoder(DebFacts | RpmFacts).decode(stored.encode_exactly(rpm)) == rpm
    without = msgspec.msgpack.encode({name: value for name, value in plain.items() if name != "files"})
    assert stored.decoder(DebFacts).decode(without).files is None


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot be stored"):
        to_stored(object())
    with pytest.raises(msgspec.ValidationError):
        stored.decoder(DebFacts).decode(
            msgspec.msgpack.encode({"type": "deb", "package": "a", "version": "1", "architecture": "all", "source": "a", "stanza": 1})
        )
