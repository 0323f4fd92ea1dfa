import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repogen.errors import ProtectionError
from repogen.paths import check_site_path, safe_name, slug


@given(st.text(max_size=60))
def test_a_safe_name_is_a_path_of_one_part(name: str) -> None:
    safe = safe_name(name)
    assert check_site_path(safe) == safe
    assert "/" not in safe
    assert "+" not in safe


@given(st.lists(st.text(max_size=20), min_size=2, max_size=2, unique=True))
def test_two_names_never_meet_unless_they_differ_by_spaces_alone(names: list[str]) -> None:
    import unicodedata

    plain = [" ".join(unicodedata.normalize("NFC", name).split(" ")) for name in names]
    first, second = (safe_name(name) for name in names)
    if first == second:
        assert plain[0].replace("-", " ").split() == plain[1].replace("-", " ").split()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("WebRTC Desktop Host-0.2.0.exe", "WebRTC-Desktop-Host-0.2.0.exe"),
        ("hello_1.0~rc1.deb", "hello_1.0~rc1.deb"),
        ("a  b.txt", "a-b.txt"),
        ("-rf.deb", "rf-38ea5ed9.deb"),
    ],
)
def test_safe_names(name: str, safe: str) -> None:
    assert safe_name(name).rsplit("-", 1)[0] == safe.rsplit("-", 1)[0]


@pytest.mark.parametrize(
    ("name", "safe"), [("1.2.0+5", r"1\.2\.0-5-[0-9a-f]{8}"), ("a_1.2.0+5_linux.tar.gz", r"a_1\.2\.0-5_linux-[0-9a-f]{8}\.tar\.gz"), ("a+b", "a-b-[0-9a-f]{8}")]
)
def test_what_was_lost_is_marked_before_the_ending(name: str, safe: str) -> None:
    assert re.fullmatch(safe, safe_name(name))


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../up", "a/../b", "a//b", "a/./b", "a b", "a?b", "a#b", "-rf", "a/-rf", "a\nb", "ä", "a/", "a\\b"])
def test_what_cannot_be_a_path_of_the_site(path: str) -> None:
    with pytest.raises(ProtectionError):
        check_site_path(path)


def test_a_name_is_as_long_as_file_systems_take_it() -> None:
    longest = f"{'a' * 250}/{'b' * 250}"
    assert check_site_path(longest) == longest
    with pytest.raises(ProtectionError) as caught:
        check_site_path(f"a/{'b' * 251}/c")
    assert "251 bytes" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("WebRTC Desktop Host", "webrtc-desktop-host"),
        ("QUIET", "quiet"),
        ("g++", "g-plus-plus"),
        ("Żółw", "zolw"),
        ("Füße", "fusse"),
        ("GRÜẞE", "grusse"),
        ("Smørrebrød", "smorrebrod"),
        ("Ærø", "aero"),
        ("Đorđe", "dorde"),
        ("***", ""),
    ],
)
def test_slugs(name: str, id: str) -> None:
    assert slug(name) == id
