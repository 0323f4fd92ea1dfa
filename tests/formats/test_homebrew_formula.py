"""Formulas: golden files, every machine, and texts that try to leave their quotes."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from repogen.artifact import ArchiveFacts, Artifact, Kind
from repogen.catalog import Catalog, Product
from repogen.formats import homebrew
from repogen.formats.homebrew.text import class_name
from tests.support.brew import FORMULA_ORDER, MACHINES, assert_order, evaluate
from tests.support.catalogs import catalog, config
from tests.support.clients import require, run
from tests.support.golden import assert_golden
from tests.support.releases import archive, download

HELLO = Product(id="hello", title="Hello", description="A program that greets.", homepage="https://acme.example/hello", license="MIT OR Apache-2.0")


def formula(catalog: Catalog, name: str = "hello") -> str:
    """The text of a formula as it is on the site."""
    derived = homebrew.derive(catalog, config())
    content = homebrew.render(derived.catalog, config())[f"homebrew/Formula/{name}.rb"].content
    assert isinstance(content, bytes)
    return content.decode()


def packed(name: str, os: str, arch: str, members: tuple[str, ...], executables: tuple[str, ...], top: str = "", **fields: object) -> Artifact:
    facts = ArchiveFacts(members=tuple(sorted(members)), executables=tuple(sorted(executables)), top=top)
    return download("hello", "1.2.0", name, Kind.TAR, os, arch, facts=facts, **fields)


def binary(os: str, arch: str, version: str = "1.2.0") -> Artifact:
    return download("hello", version, f"hello-{os}-{arch}", Kind.BINARY, os, arch)


FOUR = tuple(archive("hello", "1.2.0", os, arch) for os in ("macos", "linux") for arch in ("arm64", "amd64"))
SCRIPTS = packed(
    "hello-1.2.0.tar.gz", "any", "any", ("hello-1.2.0/hello", "hello-1.2.0/install.sh"), ("hello-1.2.0/hello", "hello-1.2.0/install.sh"), "hello-1.2.0"
)
SEVERAL = (
    packed("hello_linux.tar.gz", "linux", "amd64", ("h/bin/hello", "h/bin/hello-admin", "h/share/x"), ("h/bin/hello", "h/bin/hello-admin"), "h"),
    packed("hello_macos.tar.gz", "macos", "universal", ("hello", "hello-admin", "README"), ("hello", "hello-admin")),
)
LIBRARIES = packed("hello.tar.gz", "linux", "amd64", ("h/bin/hello", "h/lib/libhello.so.1"), ("h/bin/hello", "h/lib/libhello.so.1"), "h")
RENAMED = packed("h.tar.gz", "linux", "arm64", ("hello-v1.2.0-linux-arm64",), ("hello-v1.2.0-linux-arm64",))
DOCUMENTED = packed(
    "hello.tar.gz",
    "linux",
    "amd64",
    ("h/hello", "h/README", "h/man/hello.1", "h/man/hello-say.1.gz", "h/man/other.1", "h/complete/_hello", "h/complete/hello.bash", "h/complete/hello.fish"),
    ("h/hello",),
    "h",
)
LINUX_TREE = ("bin/hello", "lib/libhello.so.1", "share/man/man1/hello.1", "share/bash-completion/completions/hello", "share/zsh/site-functions/_hello")

GOLDEN = {
    "four-archives": (FOUR, replace(HELLO, depends=("openssl@3", "gettext"))),
    "macos-universal-linux-musl": (
        (archive("hello", "1.2.0", "macos", "universal"), archive("hello", "1.2.0", "linux", "amd64", libc="musl")),
        replace(HELLO, license="GPL-2.0+"),
    ),
    "bare-binaries": (
        (binary("macos", "arm64"), binary("linux", "amd64"), binary("linux", "arm64")),
        replace(HELLO, license="Proprietary", test_args="say 'hello world'"),
    ),
    "scripts-for-any-system": ((SCRIPTS,), HELLO),
    "several-programs": (SEVERAL, replace(HELLO, license="")),
    "programs-with-libraries": ((LIBRARIES,), HELLO),
    "renamed-program": ((RENAMED,), HELLO),
    "completions-and-manuals": ((DOCUMENTED,), HELLO),
    "completions-and-libraries": ((packed("hello.tar.gz", "linux", "amd64", LINUX_TREE, LINUX_TREE[:2]),), HELLO),
}

#: How many of the four machines each of them serves.
SERVED = {
    "four-archives": 4,
    "macos-universal-linux-musl": 3,
    "bare-binaries": 3,
    "scripts-for-any-system": 4,
    "several-programs": 3,
    "programs-with-libraries": 1,
    "renamed-program": 1,
    "completions-and-manuals": 1,
    "completions-and-libraries": 1,
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str) -> None:
    artifacts, product = GOLDEN[name]
    assert_golden(f"homebrew/{name}.rb", formula(catalog(*artifacts, products=(product,))))


@pytest.mark.parametrize("name", GOLDEN)
def test_every_machine_gets_one_file_in_the_order_of_style(tmp_path: Path, name: str) -> None:
    artifacts, product = GOLDEN[name]
    file = tmp_path / "hello.rb"
    file.write_text(formula(catalog(*artifacts, products=(product,))))
    require("ruby")
    assert run("ruby", "-wc", file).stdout == "Syntax OK\n"
    addresses = {f"https://dl.acme.example/{a.path}": a.sha256 for a in artifacts}
    served = 0
    for system, arch in MACHINES:
        said = evaluate(file, system, arch)
        if "unsupported" in said:
            continue
        served += 1
        assert said["name"] == "Hello"
        assert_order(said["order"], FORMULA_ORDER)
        assert addresses[said["stanzas"]["url"]] == said["stanzas"]["sha256"]
    assert served == SERVED[name]


def test_a_glibc_build_comes_before_a_musl_one() -> None:
    builds = [archive("hello", "1.2.0", "linux", "amd64", libc=libc) for libc in ("musl", "gnu")]
    text = formula(catalog(*builds, products=(HELLO,)))
    assert "amd64-gnu" in text
    assert "musl" not in text


def test_a_build_for_the_processor_comes_before_a_universal_one(tmp_path: Path) -> None:
    file = tmp_path / "hello.rb"
    file.write_text(formula(catalog(archive("hello", "1.2.0", "macos", "universal"), archive("hello", "1.2.0", "macos", "arm64"), products=(HELLO,))))
    assert "arm64" in evaluate(file, "macos", "arm")["stanzas"]["url"]
    assert "universal" in evaluate(file, "macos", "intel")["stanzas"]["url"]


def test_a_version_that_brew_reads_from_the_address_is_not_repeated() -> None:
    assert "\n  version " not in formula(catalog(SCRIPTS, products=(HELLO,)))
    odd = replace(SCRIPTS, path="downloads/hello/1.2.0/hello-v1.2.0-all.tar.gz")
    assert '\n  version "1.2.0"\n' in formula(catalog(odd, products=(HELLO,)))


def test_the_newest_release_with_programs_is_the_formula() -> None:
    old, new = (archive("hello", version, "linux", "amd64") for version in ("1.9.0", "1.10.0"))
    only_sources = download("hello", "2.0.0", "hello-2.0.0.tar.gz", Kind.TAR, "any", "any", facts=ArchiveFacts(members=("a.c",), executables=()))
    assert 'version "1.10.0"' in formula(catalog(old, new, only_sources, products=(HELLO,)))


def test_another_channel_has_a_formula_of_its_own() -> None:
    beta = archive("hello", "2.0.0-beta.1", "linux", "amd64", channel="beta")
    text = formula(catalog(*FOUR, beta, products=(HELLO,)), "hello-beta")
    assert text.startswith("class HelloBeta < Formula\n")
    assert 'conflicts_with "acme/tap/hello", because:' in text
    assert "conflicts_with" not in formula(catalog(beta, products=(HELLO,)), "hello-beta")


def test_a_class_cannot_begin_with_a_digit() -> None:
    zipper = archive("7zip", "1.0.0", "linux", "amd64")
    assert formula(catalog(zipper), "sevenzip").startswith("class Sevenzip < Formula\n")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hello", "Hello"),
        ("hello-world", "HelloWorld"),
        ("hello@1.2", "HelloAT12"),
        ("webrtc-desktop-host", "WebrtcDesktopHost"),
        ("a.b_c", "ABC"),
        ("gtk+", "Gtkx"),
    ],
)
def test_class_names_are_brews(name: str, expected: str) -> None:
    assert class_name(name) == expected


HOSTILE = 'a"b #{`touch /tmp/x`} #$0 #@a \\" \' $(id) `id` %{x}\n=begin\nend\x00\u2028'


def test_no_text_leaves_its_quotes(tmp_path: Path) -> None:
    product = Product(id="hello", title=HOSTILE, description=HOSTILE, homepage=f"https://x/{HOSTILE}", license=HOSTILE, depends=(HOSTILE,), test_args=HOSTILE)
    member = 'bin/he"llo #{exit 7} $(id)'
    artifact = packed("hello.tar.gz", "linux", "amd64", (member,), (member,))
    file = tmp_path / "hello.rb"
    file.write_text(formula(catalog(artifact, products=(product,))))
    said = evaluate(file, "linux", "intel")
    assert "#{`touch /tmp/x`}" in said["stanzas"]["desc"]
    assert said["stanzas"]["homepage"] == "https://dl.acme.example/"
    assert_order(said["order"], FORMULA_ORDER)
    require("ruby")
    assert run("ruby", "-c", file).stdout == "Syntax OK\n"


def test_files_for_no_machine_of_brews_are_no_formula() -> None:
    others = (
        archive("hello", "1.2.0", "linux", "armv7"),
        archive("hello", "1.2.0", "windows", "amd64", suffix="zip"),
        archive("hello", "1.2.0", "freebsd", "amd64"),
    )
    derived = homebrew.derive(catalog(*others), config())
    assert not derived.tree
    assert not homebrew.render(derived.catalog, config())
