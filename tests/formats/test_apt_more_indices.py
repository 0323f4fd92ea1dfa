"""Contents and Translation-en."""

from __future__ import annotations

import gzip
import hashlib

from debian.deb822 import Deb822, Packages
from msgspec.structs import replace

from repogen.apt_config import AptConfig
from repogen.artifact import Artifact
from repogen.formats import apt
from repogen.packed_text import Text
from repogen.tree import Tree
from tests.formats.test_apt import content, deb, packages, release
from tests.support.catalogs import catalog, config


def installing(artifact: Artifact, *files: str) -> Artifact:
    listed = "".join(f"{name}\n" for name in sorted(files)).encode()
    return replace(artifact, facts=replace(artifact.facts, packed_files=Text(listed)))


def rendered(*artifacts: Artifact, **settings: object) -> Tree:
    return apt.render(catalog(*artifacts), config(apt=AptConfig(**settings)))


DEBS = (
    installing(deb("hello", "1.0", more=b"Section: utils\n"), "usr/bin/hello", "usr/share/a b"),
    installing(deb("hello", "1.1", more=b"Section: utils\n"), "usr/bin/hello"),
    installing(deb("greet", "1.0", "arm64"), "usr/bin/hello"),
    installing(deb("doc", "1.0", "all", more=b"Section: contrib/doc\n"), "usr/bin/hello"),
    deb("old", "1.0"),
)


def test_contents_name_every_package_of_a_file() -> None:
    tree = rendered(*DEBS, contents=True)
    lines = gzip.decompress(content(tree, "apt/dists/stable/main/Contents-amd64.gz")).decode().splitlines()
    assert lines == [f"{'usr/bin/hello':55} contrib/doc/doc,utils/hello", f"{'usr/share/a b':55} utils/hello"]
    lines = gzip.decompress(content(tree, "apt/dists/stable/main/Contents-arm64.gz")).decode().splitlines()
    assert lines == [f"{'usr/bin/hello':55} contrib/doc/doc,greet"]


def test_release_names_contents_that_are_published_in_one_form_only() -> None:
    tree = rendered(*DEBS, contents=True)
    named = {entry["name"]: entry for entry in release(tree)["SHA256"]}
    plain = gzip.decompress(content(tree, "apt/dists/stable/main/Contents-amd64.gz"))
    assert named["main/Contents-amd64"]["sha256"] == hashlib.sha256(plain).hexdigest()
    assert f"apt/dists/stable/main/by-hash/SHA256/{named['main/Contents-amd64.gz']['sha256']}" in tree
    assert "apt/dists/stable/main/Contents-amd64" not in tree
    assert not [path for path in rendered(*DEBS) if "Contents" in path]


def test_translations_hold_the_long_descriptions() -> None:
    tree, whole = rendered(*DEBS, translations=True), rendered(*DEBS)
    for short, long in zip(packages(tree), packages(whole), strict=True):
        digest = hashlib.md5((long["Description"] + "\n").encode()).hexdigest()
        assert (short.pop("Description"), short.pop("Description-md5")) == ("says hello", digest)
        assert long.pop("Description").startswith("says hello\n A program")
        assert dict(short) == dict(long)
    entries = list(Packages.iter_paragraphs(content(tree, "apt/dists/stable/main/i18n/Translation-en"), use_apt_pkg=False))
    assert [(one["Package"], one["Description-md5"], one["Description-en"]) for one in entries] == [
        (name, digest, "says hello\n A program that greets.\n .\n It has two paragraphs.") for name in ("doc", "greet", "hello", "old")
    ]
    assert {f"main/i18n/Translation-en{form}" for form in ("", ".gz", ".xz")} < {entry["name"] for entry in release(tree)["SHA256"]}


def test_a_short_description_stays() -> None:
    plain = deb()
    brief = replace(plain, facts=replace(plain.facts, packed_stanza=Text(b"Package: hello\nDescription: short\nVersion: 1\n")))
    text = content(rendered(brief, translations=True), "apt/dists/stable/main/binary-amd64/Packages")
    assert Deb822(text)["Description"] == "short"
    assert "Description-md5" not in Deb822(text)


def test_translations_are_written_by_size() -> None:
    plain = deb()
    heavy = replace(plain, facts=replace(plain.facts, packed_stanza=Text(b"Package: hello\nDescription: x\n" + b" word word word\n" * 70_000)))
    assert "apt/dists/stable/main/i18n/Translation-en" in rendered(heavy)
    assert "apt/dists/stable/main/i18n/Translation-en" not in rendered(heavy, translations=False)
    assert "apt/dists/stable/main/i18n/Translation-en" not in rendered(plain)
