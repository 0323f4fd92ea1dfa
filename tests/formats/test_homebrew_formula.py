"""Formulas: golden files, every machine, and texts that try to leave their quotes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from repogen.artifact import ArchiveFacts, Artifact, Kind
from repogen.catalog import Catalog, Product
from repogen.config import Config, RepoConfig
from repogen.edits import Yank, edited
from repogen.errors import InputError
from repogen.formats import homebrew
from repogen.formats.homebrew.text import class_name
from repogen.homebrew_config import HomebrewConfig, ProductHomebrewConfig
from tests.support.brew import FORMULA_ORDER, MACHINES, assert_order, assert_style, evaluate, install
from tests.support.catalogs import catalog, config
from tests.support.clients import require, run
from tests.support.golden import assert_golden
from tests.support.releases import archive, download

HELLO = Product(id="hello", title="Hello", description="A program that greets.", homepage="https://acme.example/hello", license="MIT OR Apache-2.0")


def formulas(catalog: Catalog, settings: Config | None = None) -> set[str]:
    """Names of the formulas as they are on the site."""
    derived = homebrew.derive(catalog, settings or config())
    paths = homebrew.render(derived.catalog, settings or config())
    return {path.removeprefix("homebrew/Formula/").removesuffix(".rb") for path in paths if path.startswith("homebrew/Formula/")}


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
ASKED = ProductHomebrewConfig(
    macos="big_sur",
    macos_depends=("libfoo", "gettext"),
    linux_depends=("systemd",),
    conflicts=("zhello", "acme/tap/ahoy"),
    service=("hello", "serve", "--port", "80"),
    keep_alive=False,
    caveats='Say "hello" to #{everybody}.\n\n  EOS\nC:\\\\home',
    deprecated="has been replaced by greet.",
    deprecated_on="2026-12-01",
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
    "everything-asked-for": (FOUR, replace(HELLO, depends=("openssl@3",), homebrew=ASKED)),
    "scripts-with-dependencies": ((SCRIPTS,), replace(HELLO, homebrew=ProductHomebrewConfig(linux_depends=("python@3.13",), keg_only="It shadows a program."))),
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
    "everything-asked-for": 4,
    "scripts-with-dependencies": 4,
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
    assert_style(file.read_text(), FORMULA_ORDER)
    addresses = {f"https://dl.acme.example/{a.path}": a.sha256 for a in artifacts}
    served = 0
    for system, arch in MACHINES:
        said = evaluate(file, system, arch)
        if "unsupported" in said:
            continue
        served += 1
        assert said["name"] == "Hello"
        assert_order(said["order"], FORMULA_ORDER)
        for order in said["inside"].values():
            assert_order(order, FORMULA_ORDER)
        assert addresses[said["stanzas"]["url"]] == said["stanzas"]["sha256"]
        assert said["version"] == "1.2.0"
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
    odd = replace(SCRIPTS, path="downloads/hello/1.2.0/hello-1.2.0-2.tar.gz")
    assert '\n  version "1.2.0"\n' in formula(catalog(odd, products=(HELLO,)))


@pytest.mark.parametrize(
    ("name", "is_read"),
    [
        ("hello-1.2.0.tar.gz", True),
        ("hello_v1.2.0.tgz", True),
        ("hello-say-v1.2.0-x86_64-unknown-linux-gnu.tar.xz", True),
        ("hello_1.2.0_Darwin_universal.zip", True),
        ("hello-macos.tar.gz", True),
        ("hello", True),
        ("hello-1.2.0-linux-arm64.tar.gz", False),
        ("hello_1.2.0_Linux_x86_64.tar.gz", False),
        ("hello-1.2.0-rc.tar.gz", False),
        ("hello-1.2.0-preview-macos.tar.gz", False),
        ("hello2-1.2.0-macos.tar.gz", False),
        ("hello-v1.2.0_macos.tar.gz", False),
        ("hello-1.2.0-2.tar.gz", False),
        ("hello-1.2.tar.gz", False),
        ("hello-linux-amd64", False),
        ("hello-r15b-1.2.0.tar.gz", False),
    ],
)
def test_what_is_taken_for_read_is_what_brew_reads(tmp_path: Path, name: str, is_read: bool) -> None:
    """brew's reading is the stand-in's. Where we say nothing of it, it may be the version or something else."""
    made = replace(SCRIPTS, path=f"downloads/hello/1.2.0/{name}")
    file = tmp_path / "hello.rb"
    file.write_text(formula(catalog(made, products=(HELLO,))))
    said = evaluate(file, "linux", "intel")["stanzas"]
    assert ("version" not in said) == is_read
    assert said["scanned"] == "1.2.0" or not is_read


def test_a_site_whose_own_address_holds_a_number_says_the_version() -> None:
    repo = RepoConfig(name="acme", url="https://acme.example/v2.0")
    derived = homebrew.derive(catalog(replace(SCRIPTS, path="downloads/hello/1.2.0/hello.tar.gz"), products=(HELLO,)), config(repo=repo))
    text = homebrew.render(derived.catalog, config(repo=repo))["homebrew/Formula/hello.rb"].content
    assert b'\n  version "1.2.0"\n' in text


#: What a release may lack.
PARTS = {
    "no-intel-mac": tuple(a for a in FOUR if (a.os, a.arch) != ("macos", "amd64")),
    "linux-alone": tuple(a for a in FOUR if a.os == "linux"),
    "macos-alone": tuple(a for a in FOUR if a.os == "macos"),
    "arm-alone": tuple(a for a in FOUR if a.arch == "arm64"),
    "one-of-each": (FOUR[0], FOUR[3]),
    "one": FOUR[3:],
}


@pytest.mark.parametrize("name", PARTS)
def test_brew_loads_a_formula_as_every_machine_and_installs_it_where_there_is_a_file(tmp_path: Path, name: str) -> None:
    """``brew tap`` refuses a whole tap when one formula has no address for some system and architecture."""
    file = tmp_path / "hello.rb"
    file.write_text(formula(catalog(*PARTS[name], products=(replace(HELLO, depends=("zlib", "curl")),))))
    assert_style(file.read_text(), FORMULA_ORDER)
    files = {(a.os, {"arm64": "arm", "amd64": "intel"}[a.arch]): a for a in PARTS[name]}
    for machine in MACHINES:
        said = evaluate(file, *machine)
        assert ("unsupported" in said) == (machine not in files)
        if machine in files:
            assert said["stanzas"]["url"] == f"https://dl.acme.example/{files[machine].path}"
            assert said["stanzas"]["sha256"] == files[machine].sha256
            assert said["stanzas"]["version"] == "1.2.0"


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


def test_formulas_that_cannot_stand_beside_each_other_say_so_both() -> None:
    """What ``brew audit`` demands."""
    channels = ("stable", "beta", "nightly")
    hello = tuple(archive("hello", f"{n}.0.0", "linux", "amd64", channel=channel) for n, channel in enumerate(channels, 1))
    ahoy, shy = archive("ahoy", "1.0.0", "linux", "amd64"), archive("shy", "1.0.0", "linux", "amd64")
    old = archive("hello", "0.9.0", "linux", "amd64")
    products = (
        replace(HELLO, homebrew=ProductHomebrewConfig(conflicts=("acme/tap/ahoy", "elsewhere", "shy"))),
        Product(id="ahoy", title="Ahoy"),
        Product(id="shy", title="Shy", homebrew=ProductHomebrewConfig(keg_only="it shadows hello")),
    )
    made = catalog(*hello, old, ahoy, shy, products=products)
    said = {name: set(re.findall(r'conflicts_with "([^"]+)"', formula(made, name.replace("@", "-")))) for name in formulas(made)}
    elsewhere = {"acme/tap/ahoy", "elsewhere", "shy"}
    assert said == {
        "hello": {"acme/tap/hello-beta", "acme/tap/hello-nightly", *elsewhere},
        "hello-beta": {"acme/tap/hello", "acme/tap/hello-nightly", *elsewhere},
        "hello-nightly": {"acme/tap/hello", "acme/tap/hello-beta", *elsewhere},
        "hello-0.9": set(),
        "ahoy": {"acme/tap/hello", "acme/tap/hello-beta", "acme/tap/hello-nightly"},
        "shy": set(),
    }


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        (archive("hello", "2.0.0", "linux", "amd64", channel="beta"), archive("hello-beta", "1.0.0", "linux", "amd64"), "formula hello-beta"),
        (archive("7zip", "2.0.0", "linux", "amd64"), archive("sevenzip", "1.0.0", "linux", "amd64"), "formula sevenzip"),
    ],
)
def test_two_products_cannot_have_one_name(first: Artifact, second: Artifact, name: str) -> None:
    with pytest.raises(InputError, match=f"{first.product} and {second.product} would both be the {name}"):
        homebrew.derive(catalog(first, second), config())


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


def test_what_is_asked_for_is_what_brew_gets(tmp_path: Path) -> None:
    file = tmp_path / "hello.rb"
    file.write_text(formula(catalog(*FOUR, products=(replace(HELLO, homebrew=ASKED),))))
    mac, linux = (evaluate(file, system, "arm")["stanzas"] for system in ("macos", "linux"))
    assert mac["depends_on"] == ['"gettext"', '"libfoo"', "{:macos=>:big_sur}"]
    assert linux["depends_on"] == ['"systemd"']
    assert mac["conflicts_with"] == [["acme/tap/ahoy", "they install the same files"], ["zhello", "they install the same files"]]
    log = "/var/log/hello.log"
    assert mac["service"] == {"run": ["/opt/bin/hello", "serve", "--port", "80"], "keep_alive": False, "log": log, "errors": log}
    assert mac["deprecate!"] == ["2026-12-01", "has been replaced by greet", None]
    assert mac["caveats"] == 'Say "hello" to #{everybody}.\n\n  EOS\nC:\\\\home\n'.replace("  EOS", "EOS")


def test_a_program_for_macos_alone_says_so_beside_the_oldest_release(tmp_path: Path) -> None:
    file = tmp_path / "hello.rb"
    file.write_text(formula(catalog(*FOUR[:2], products=(replace(HELLO, homebrew=ProductHomebrewConfig(macos="ventura")),))))
    assert evaluate(file, "macos", "arm")["stanzas"]["depends_on"] == [":macos", "{:macos=>:ventura}"]
    assert "catalina" not in formula(catalog(*FOUR[:2], products=(replace(HELLO, homebrew=ProductHomebrewConfig(macos="catalina")),)))
    assert "unsupported" in evaluate(file, "linux", "arm")


VERSIONS = tuple(archive("hello", version, "linux", "amd64") for version in ("1.0.0", "1.1.0", "1.1.3", "2.0.0", "2.1.0", "2.1.1"))


def test_earlier_minor_versions_stay_installable(tmp_path: Path) -> None:
    made = catalog(*VERSIONS, products=(HELLO,))
    assert formulas(made) == {"hello", "hello-1.0", "hello-1.1", "hello-2.0"}
    assert formulas(made, config(homebrew=HomebrewConfig(versions=1))) == {"hello", "hello-2.0"}
    assert formulas(made, config(homebrew=HomebrewConfig(versions=0))) == {"hello"}
    text = formula(made, "hello-1.1")
    assert_golden("homebrew/earlier-version.rb", text)
    file = tmp_path / "hello@1.1.rb"
    file.write_text(text)
    said = evaluate(file, "linux", "intel")
    assert (said["name"], said["stanzas"]["version"], said["stanzas"]["keg_only"]) == ("HelloAT11", "1.1.3", "versioned_formula")
    assert "conflicts_with" not in text


def test_a_version_without_numbers_has_no_formula_of_its_own() -> None:
    odd = (archive("hello", version, "linux", "amd64") for version in ("r7", "2025.11.20", "2026.1", "3rc"))
    assert formulas(catalog(*odd, products=(HELLO,))) == {"hello", "hello-2025.11", "hello-2026.1"}


def test_a_withdrawn_earlier_version_is_disabled_with_its_reason(tmp_path: Path) -> None:
    made = edited(catalog(*VERSIONS, products=(HELLO,)), Yank(product="hello", version="1.1.3", reason="It eats files!"), "2026-11-20T10:00:00Z")
    assert 'version "1.1.0"' in formula(made, "hello-1.1")
    assert "disable!" not in formula(made, "hello-1.1")
    made = edited(made, Yank(product="hello", version="1.1.0", reason='it eats "files" #{everywhere}!'), "2026-11-21T10:00:00Z")
    file = tmp_path / "hello@1.1.rb"
    file.write_text(formula(made, "hello-1.1"))
    said = evaluate(file, "linux", "intel")
    assert said["stanzas"]["disable!"] == ["2026-11-21", 'was withdrawn: it eats "files" #{everywhere}', "acme/tap/hello"]
    assert_order(said["order"], FORMULA_ORDER)
    assert_style(file.read_text(), FORMULA_ORDER)
    assert "has been disabled because it was withdrawn" in install(file, "linux", "intel", tmp_path / "keg", check=False)


def test_a_product_with_no_release_left_is_disabled() -> None:
    made = edited(catalog(*VERSIONS[-1:], products=(HELLO,)), Yank(product="hello", version="2.1.1"), "2026-11-20T10:00:00Z")
    assert '\n  disable! date: "2026-11-20", because: "was withdrawn"\n' in formula(made)


def test_a_newer_minor_version_that_was_withdrawn_is_not_kept() -> None:
    made = edited(catalog(*VERSIONS[:4], products=(HELLO,)), Yank(product="hello", version="2.0.0"), "2026-11-20T10:00:00Z")
    assert formulas(made) == {"hello", "hello-1.0"}


def test_a_product_that_is_no_formula_by_its_table() -> None:
    for kind in ("cask", "none"):
        assert not formulas(catalog(*FOUR, products=(replace(HELLO, homebrew=ProductHomebrewConfig(kind=kind)),)))
