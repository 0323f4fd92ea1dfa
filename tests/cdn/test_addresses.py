"""Every address under which a CDN may hold a path."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repogen import layout
from repogen.cdn.addresses import cached_as, spellings


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("apt/dists/stable/InRelease", ["apt/dists/stable/InRelease"]),
        ("a+b", ["a%2Bb", "a+b"]),
        ("a~b", ["a~b", "a%7Eb"]),
        ("a+b~c", ["a%2Bb~c", "a+b~c", "a%2Bb%7Ec", "a+b%7Ec"]),
        ("homebrew/acme.git/info/refs", ["homebrew/acme.git/info/refs", "homebrew/acme.git/info/refs?service=git-upload-pack"]),
        ("index.html", ["index.html", ""]),
        ("docs/index.html", ["docs/index.html", "docs/"]),
    ],
)
def test_addresses(path: str, expected: list[str]) -> None:
    assert list(cached_as(path)) == expected


@given(st.from_regex(r"[a-z0-9._~+-]{1,12}(/[a-z0-9._~+-]{1,12}){0,3}", fullmatch=True))
def test_every_spelling_names_the_path_and_the_first_is_the_one_that_users_are_given(path: str) -> None:
    found = spellings(path)
    assert f"https://acme.example/{found[0]}" == layout.url("https://acme.example", path)
    assert {unquote(urlsplit(f"https://acme.example/{one}").path) for one in found} == {f"/{path}"}
    assert len(set(found)) == len(found)
