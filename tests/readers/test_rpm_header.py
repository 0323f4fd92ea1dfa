"""Headers whose counts and offsets lie: refused by name, and without an allocation by what they claim."""

from __future__ import annotations

import struct
import tracemalloc
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repogen.errors import InputError
from repogen.readers.rpm_header import LEAD_SIZE, Front, read_front
from tests.support import rpms


def front(path: Path) -> Front:
    with path.open("rb", buffering=0) as file:
        return read_front(file, path.name)


def changed(path: Path, at: int, *numbers: int) -> Path:
    """The package with these 32-bit numbers written at an offset."""
    data = bytearray(path.read_bytes())
    struct.pack_into(f">{len(numbers)}I", data, at, *numbers)
    path.write_bytes(data)
    return path


def refused(path: Path) -> str:
    tracemalloc.start()
    with pytest.raises(InputError) as caught:
        front(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000, "memory goes by the file's size, not by its claims"
    assert caught.value.message.startswith(f"{path.name} is ")
    return caught.value.message


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return rpms.handmade(tmp_path / "a.rpm")


@pytest.mark.parametrize("number", [0x10000, 0x7FFFFFFF, 0xFFFFFFFF, 0])
def test_count_of_entries(package: Path, number: int) -> None:
    for at in (LEAD_SIZE + 8, front(package).header.start + 8):
        copy = package.with_name(f"copy{at}.rpm")
        copy.write_bytes(package.read_bytes())
        assert "claims" in refused(changed(copy, at, number))


@pytest.mark.parametrize("number", [0x0FFFFFFF, 0x10000000, 0xFFFFFFFF])
def test_length_of_data(package: Path, number: int) -> None:
    for at in (LEAD_SIZE + 12, front(package).header.start + 12):
        copy = package.with_name(f"copy{at}.rpm")
        copy.write_bytes(package.read_bytes())
        assert "claims" in (said := refused(changed(copy, at, number))) or "cut short" in said


@pytest.mark.parametrize(
    "entry",
    [
        (1000, 6, 0x7FFFFFFF, 1),
        (1000, 6, 0xFFFFFFFF, 1),
        (1000, 4, 0, 0x7FFFFFFF),
        (1000, 5, 0, 0x20000000),
        (1000, 7, 1, 0xFFFFFFFF),
        (1000, 8, 0, 0x00FFFFFF),
        (1000, 6, 0, 0),
        (1000, 0, 0, 1),
        (1000, 10, 0, 1),
    ],
)
def test_entries_that_point_out_of_the_header(package: Path, entry: tuple[int, int, int, int]) -> None:
    said = refused(changed(package, front(package).header.start + 16 + 3 * 16, *entry))
    assert said.startswith("a.rpm is damaged: tag 1000 of its header")


def test_an_array_with_fewer_strings_than_it_claims(tmp_path: Path) -> None:
    path = rpms.handmade(tmp_path / "a.rpm", t1005=("x" * 5000,))
    assert "fewer than 4000 strings" in refused(changed(path, front(path).header.start + 16 + 16, 100, 8, 0, 4000))


def test_a_string_without_an_end(tmp_path: Path) -> None:
    path = rpms.handmade(tmp_path / "a.rpm", t6000=b"no end")
    found = front(path).header
    kind, offset, count = found.entries[6000]
    index = found.raw.index(struct.pack(">II", 6000, kind))
    last = len(found.raw) - 1
    assert count
    assert offset
    said = refused(changed(path, found.start + index, 6000, 6, last - 16 - 16 * struct.unpack_from(">I", found.raw, 8)[0], 1))
    assert "tag 6000" in said


@pytest.mark.parametrize("region", [(63, 7, 0, 16), (63, 6, 0, 16), (63, 7, 0xFFFFFF, 16), (63, 7, 8, 15)])
def test_a_wrong_region(package: Path, region: tuple[int, int, int, int]) -> None:
    assert refused(changed(package, front(package).header.start + 16, *region))


@pytest.mark.parametrize("where", ["signature", "header"])
def test_wrong_magic(package: Path, where: str) -> None:
    at = LEAD_SIZE if where == "signature" else front(package).header.start
    assert "does not begin with the right bytes" in refused(changed(package, at, 0))


def test_a_file_that_becomes_shorter(tmp_path: Path) -> None:
    whole = rpms.handmade(tmp_path / "whole.rpm", t1005=("x" * 100_000,))

    class Shrinking(BytesIO):
        def seek(self, offset: int, whence: int = 0) -> int:
            super().seek(offset, whence)
            return whole.stat().st_size if whence else offset

    with pytest.raises(InputError, match="became shorter while it was read"):
        read_front(Shrinking(whole.read_bytes()[:80_000]), "whole.rpm")


def test_absent_tags_are_empty(package: Path) -> None:
    header = front(package).header
    assert (header.numbers(9999), header.number(9999), header.texts(9999), header.text(9999), header.binary(9999)) == ((), None, [], b"", b"")


def test_tags_of_another_type_are_empty(package: Path) -> None:
    header = front(package).header
    assert (header.numbers(1000), header.texts(1006), header.text(1006), header.binary(1000)) == ((), [], b"", b"")


@given(data=st.data())
def test_no_damage_escapes_as_another_error(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = rpms.handmade(tmp_path_factory.getbasetemp() / "fuzz.rpm")
    found = front(path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        begin, end = data.draw(st.sampled_from([(LEAD_SIZE, LEAD_SIZE + 200), (found.header.start, found.header.end)]))
        content[data.draw(st.integers(begin, end - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        header = front(path).header
    except InputError:
        return
    for tag in header.entries:
        header.numbers(tag)
        header.texts(tag)
        header.binary(tag)
