"""Casks: golden files, both Macs, and texts that try to leave their quotes."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from repogen.artifact import ArchiveFacts, Artifact, InstallerFacts, Kind
from repogen.catalog import Catalog, Product
from repogen.edits import Yank, edited
from repogen.formats import homebrew
from repogen.homebrew_config import ProductHomebrewConfig
from tests.support.brew import CASK_ORDER, MACHINES, assert_order, assert_style, evaluate
from tests.support.catalogs import catalog, config
from tests.support.clients import require, run
from tests.support.golden import assert_golden
from tests.support.releases import archive, download

QUIET = Product(id="quiet", title="Quiet", description="Noise suppression for macOS calls.", homepage="https://acme.example/quiet", type="app")


def cask(catalog: Catalog, name: str = "quiet") -> str:
    """The text of a cask as it is on the site."""
    derived = homebrew.derive(catalog, config())
    content = homebrew.render(derived.catalog, config())[f"homebrew/Casks/{name}.rb"].content
    assert isinstance(content, bytes)
    return content.decode()


def mac(name: str, kind: Kind, arch: str, facts: object = None, **fields: object) -> Artifact:
    return download("quiet", "1.2.0", name, kind, "macos", arch, facts=facts, **fields)


BUNDLE = ArchiveFacts(members=("Quiet.app/Contents/MacOS/Quiet",), executables=("Quiet.app/Contents/MacOS/Quiet",), bundles=("Quiet.app",), top="Quiet.app")
DMGS = (
    mac("Quiet-1.2.0-arm64.dmg", Kind.DMG, "arm64", InstallerFacts(bundle="Quiet Calls.app")),
    mac("Quiet-1.2.0-x64.dmg", Kind.DMG, "amd64", InstallerFacts(bundle="Quiet Calls.app")),
)
UNIVERSAL = mac("QUIET-1.2.0-macOS.dmg", Kind.DMG, "universal")
PACKAGES = (
    mac("quiet-1.2.0.pkg", Kind.PKG, "amd64", InstallerFacts(package_ids=("example.acme.quiet", "example.acme.driver"))),
    mac("quiet-arm64-1.2.0.pkg", Kind.PKG, "arm64", InstallerFacts(package_ids=("example.acme.quiet",))),
)
APPIMAGES = tuple(
    download("quiet", "1.2.0", f"Quiet-1.2.0-{word}.AppImage", Kind.APPIMAGE, "linux", arch) for word, arch in (("arm64", "arm64"), ("x86_64", "amd64"))
)
#: An application that says all that a cask can say.
ASKED = ProductHomebrewConfig(
    macos="big_sur",
    auto_updates=True,
    zap=("~/Library/Preferences/q.plist", "~/Library/Caches/q"),
    uninstall={"pkgutil": ("z.id", "a.id"), "quit": ("example.acme.quiet",), "launchctl": ("a", "b")},
    conflicts=("hush",),
    caveats="Grant the microphone.",
    appimage=True,
)
#: Whose names differ in single words between all four machines.
FACTORED = tuple(
    download("quiet", "1.2.0", f"quiet-1.2.0-{os}-{word}.{suffix}", kind, os, arch)
    for os, kind, suffix in (("macos", Kind.DMG, "dmg"), ("linux", Kind.APPIMAGE, "AppImage"))
    for word, arch in (("arm64", "arm64"), ("x64", "amd64"))
)


def packed(os: str, arch: str, word: str) -> Artifact:
    """A program for a terminal, with what belongs to it, in a folder of the archive's name."""
    top = f"quiet-1.2.0-{word}"
    members = tuple(sorted(f"{top}/{name}" for name in ("quiet", "README", "man/quiet.1", "complete/_quiet", "complete/quiet.bash", "complete/quiet.fish")))
    facts = ArchiveFacts(members=members, executables=(f"{top}/quiet",), top=top)
    return download("quiet", "1.2.0", f"{top}.tar.gz", Kind.TAR, os, arch, facts=facts)


PROGRAMS = (
    packed("macos", "arm64", "aarch64-apple-darwin"),
    packed("macos", "amd64", "x86_64-apple-darwin"),
    packed("linux", "amd64", "x86_64-unknown-linux-musl"),
    packed("linux", "arm64", "aarch64-unknown-linux-musl"),
)
#: Programs that stand elsewhere in each archive.
APART = (
    download("quiet", "1.2.0", "quiet-m1.tar.gz", Kind.TAR, "macos", "arm64", facts=ArchiveFacts(members=("quiet",), executables=("quiet",))),
    download("quiet", "1.2.0", "quiet-x64.tar.gz", Kind.TAR, "macos", "amd64", facts=ArchiveFacts(members=("q/bin/quiet",), executables=("q/bin/quiet",))),
)
GOLDEN = {
    "dmg-for-each-mac": DMGS,
    "dmg-universal": (UNIVERSAL,),
    "zip-for-arm": (mac("Quiet-mac-arm64.zip", Kind.ZIP, "arm64", BUNDLE),),
    "packages": PACKAGES,
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str) -> None:
    assert_golden(f"homebrew/{name}.rb", cask(catalog(*GOLDEN[name], products=(QUIET,))))


@pytest.mark.parametrize("name", GOLDEN)
def test_each_mac_gets_its_file_in_the_order_of_style(tmp_path: Path, name: str) -> None:
    file = tmp_path / "quiet.rb"
    file.write_text(cask(catalog(*GOLDEN[name], products=(QUIET,))))
    require("ruby")
    assert run("ruby", "-wc", file).stdout == "Syntax OK\n"
    assert_style(file.read_text(), CASK_ORDER)
    served = set()
    for word, arch in (("arm", "arm64"), ("intel", "amd64")):
        said = evaluate(file, "macos", word)
        if "unsupported" in said:
            continue
        assert said["name"] == "quiet"
        assert_order(said["order"], CASK_ORDER)
        (mine,) = (a for a in GOLDEN[name] if a.arch in {arch, "universal"})
        assert said["stanzas"]["url"] == f"https://dl.acme.example/{mine.path}"
        assert said["stanzas"]["sha256"] == mine.sha256
        assert said["stanzas"].get("pkg", [mine.filename]) == [mine.filename]
        served.add(mine.path)
    assert served == {a.path for a in GOLDEN[name]}
    assert "unsupported" in evaluate(file, "linux", "intel")


#: With the product's own table.
ASKED_FOR = {
    "cask-everything-asked-for": (PACKAGES, ASKED),
    "cask-with-appimages": ((UNIVERSAL, *APPIMAGES), ASKED),
    "cask-of-four-alike": (FACTORED, ProductHomebrewConfig(appimage=True, macos="sonoma")),
    "cask-for-linux": (APPIMAGES[1:], ProductHomebrewConfig(appimage=True, zap=("~/.config/quiet",))),
    "cask-of-programs": (PROGRAMS, ProductHomebrewConfig(kind="cask")),
    "cask-of-programs-apart": (APART, ProductHomebrewConfig(kind="cask")),
    "cask-of-binaries": (
        tuple(download("quiet", "1.2.0", f"quiet-{arch}", Kind.BINARY, "linux", arch) for arch in ("arm64", "amd64")),
        ProductHomebrewConfig(kind="both"),
    ),
}


@pytest.mark.parametrize("name", ASKED_FOR)
def test_golden_of_what_is_asked_for(name: str) -> None:
    artifacts, asked = ASKED_FOR[name]
    assert_golden(f"homebrew/{name}.rb", cask(catalog(*artifacts, products=(replace(QUIET, depends=(), homebrew=asked),))))


@pytest.mark.parametrize("name", ASKED_FOR)
def test_each_machine_gets_its_file_of_what_is_asked_for(tmp_path: Path, name: str) -> None:
    artifacts, asked = ASKED_FOR[name]
    file = tmp_path / "quiet.rb"
    file.write_text(cask(catalog(*artifacts, products=(replace(QUIET, homebrew=asked),))))
    require("ruby")
    assert run("ruby", "-wc", file).stdout == "Syntax OK\n"
    assert_style(file.read_text(), CASK_ORDER)
    served = set()
    for system, word in MACHINES:
        said = evaluate(file, system, word)
        mine = [a for a in artifacts if a.os == system and a.arch in {{"arm": "arm64", "intel": "amd64"}[word], "universal"}]
        assert ("unsupported" in said) == (not mine)
        if mine:
            assert_order(said["order"], CASK_ORDER)
            for order in said["inside"].values():
                assert_order(order, CASK_ORDER)
            assert said["stanzas"]["url"] == f"https://dl.acme.example/{mine[0].path}"
            assert said["stanzas"]["sha256"] == mine[0].sha256
            served.add(mine[0].path)
    assert served == {a.path for a in artifacts}


def test_what_is_asked_for_is_what_brew_gets(tmp_path: Path) -> None:
    file = tmp_path / "quiet.rb"
    file.write_text(cask(catalog(*PACKAGES, products=(replace(QUIET, homebrew=ASKED, depends=("sox", "flac")),))))
    said = evaluate(file, "macos", "arm")["stanzas"]
    assert said["depends_on"] == ['{:formula=>["flac", "sox"]}', "{:macos=>:big_sur}"]
    assert said["uninstall"] == {
        "launchctl": ["a", "b"],
        "quit": "example.acme.quiet",
        "pkgutil": ["a.id", "example.acme.driver", "example.acme.quiet", "z.id"],
    }
    assert said["zap"] == ["~/Library/Caches/q", "~/Library/Preferences/q.plist"]
    assert (said["auto_updates"], said["conflicts_with"], said["caveats"]) == (True, "hush", "Grant the microphone.\n")


def test_an_oldest_macos_that_brew_knows_no_more_is_not_named() -> None:
    product = replace(QUIET, homebrew=ProductHomebrewConfig(macos="catalina"))
    assert "\n  depends_on :macos\n" in cask(catalog(UNIVERSAL, products=(product,)))


def test_an_image_may_hold_other_applications_than_its_title_says() -> None:
    product = replace(QUIET, homebrew=ProductHomebrewConfig(apps=("Hush.app", "Quiet 2.app")))
    assert '\n  app "Hush.app"\n  app "Quiet 2.app"\n' in cask(catalog(UNIVERSAL, products=(product,)))


def test_an_appimage_is_offered_only_where_it_is_asked_for() -> None:
    assert "AppImage" not in cask(catalog(UNIVERSAL, *APPIMAGES, products=(QUIET,)))
    derived = homebrew.derive(catalog(*APPIMAGES, products=(QUIET,)), config())
    assert not derived.tree


def test_programs_as_a_cask_are_no_formula_unless_both_are_asked_for() -> None:
    for kind, expected in (("cask", {"Casks"}), ("both", {"Casks", "Formula"}), ("formula", {"Formula"}), ("none", set()), ("", {"Formula"})):
        made = catalog(*PROGRAMS, products=(replace(QUIET, homebrew=ProductHomebrewConfig(kind=kind)),))
        tree = homebrew.render(homebrew.derive(made, config()).catalog, config())
        assert {path.split("/")[1] for path in tree if path.endswith(".rb")} == expected


def test_an_earlier_version_is_a_cask_of_its_own(tmp_path: Path) -> None:
    old = download("quiet", "1.1.4", "QUIET-1.1.4-macOS.dmg", Kind.DMG, "macos", "universal")
    made = catalog(UNIVERSAL, old, products=(QUIET,))
    text = cask(made, "quiet-1.1")
    assert text.startswith('cask "quiet@1.1" do\n')
    assert '\n  conflicts_with cask: "acme/tap/quiet"\n' in text
    gone = cask(edited(made, Yank(product="quiet", version="1.1.4", reason="Loud."), "2026-11-20T10:00:00Z"), "quiet-1.1")
    assert '\n\n  disable! date: "2026-11-20", because: "was withdrawn: Loud", replacement_cask: "acme/tap/quiet"\n\n' in gone
    file = tmp_path / "quiet@1.1.rb"
    file.write_text(gone)
    assert_style(gone, CASK_ORDER)
    assert_order(evaluate(file, "macos", "arm")["order"], CASK_ORDER)


def test_an_application_to_be_copied_comes_before_a_package() -> None:
    text = cask(catalog(*PACKAGES, UNIVERSAL, products=(QUIET,)))
    assert 'app "Quiet.app"' in text
    assert "pkg" not in text


def test_an_application_in_a_folder_is_named_with_it() -> None:
    facts = ArchiveFacts(members=("Q 1.2/Quiet.app/Contents/MacOS/Quiet", "Q 1.2/README"), executables=(), top="Q 1.2", bundles=("Quiet.app",))
    assert '\n  app "Q 1.2/Quiet.app"\n' in cask(catalog(mac("Quiet.zip", Kind.ZIP, "universal", facts), products=(QUIET,)))


def test_what_serves_both_macs_comes_first() -> None:
    text = cask(catalog(*PACKAGES, DMGS[0], products=(QUIET,)))
    assert "pkg" in text
    assert "dmg" not in text


def test_a_package_without_receipts_is_no_cask() -> None:
    """brew could not remove it."""
    derived = homebrew.derive(catalog(mac("quiet.pkg", Kind.PKG, "universal", InstallerFacts())), config())
    assert not derived.tree


def test_a_product_can_have_both() -> None:
    derived = homebrew.derive(catalog(UNIVERSAL, archive("quiet", "1.2.0", "macos", "universal"), products=(QUIET,)), config())
    assert {"homebrew/Formula/quiet.rb", "homebrew/Casks/quiet.rb"} <= set(homebrew.render(derived.catalog, config()))


def test_an_application_packed_for_linux_is_no_formula() -> None:
    derived = homebrew.derive(catalog(UNIVERSAL, archive("quiet", "1.2.0", "linux", "amd64"), products=(QUIET,)), config())
    assert [path for path in homebrew.render(derived.catalog, config()) if path.endswith(".rb")] == ["homebrew/Casks/quiet.rb"]


def test_another_channel_has_a_cask_of_its_own() -> None:
    beta = download("quiet", "2.0.0-beta.1", "QUIET-2.0.0-beta.1-macOS.dmg", Kind.DMG, "macos", "universal", channel="beta")
    text = cask(catalog(UNIVERSAL, beta, products=(QUIET,)), "quiet-beta")
    assert text.startswith('cask "quiet@beta" do\n')
    assert 'conflicts_with cask: "acme/tap/quiet"' in text
    assert "/QUIET-#{version}-macOS.dmg" in text


@pytest.mark.parametrize(
    ("arm", "intel"),
    [
        ("Quiet-arm64.dmg", "Quiet-amd64.dmg"),
        ("Quiet-aarch64.dmg", "Quiet_x86_64.dmg"),
        ("Quiet-arm64.dmg", "Quiet.dmg"),
        ("arm64-1.2.0.dmg", "x64-1.2.0.dmg"),
        ("a.dmg", "aa.dmg"),
    ],
)
def test_any_two_addresses_become_one(tmp_path: Path, arm: str, intel: str) -> None:
    file = tmp_path / "quiet.rb"
    file.write_text(cask(catalog(mac(arm, Kind.DMG, "arm64"), mac(intel, Kind.DMG, "amd64"), products=(QUIET,))))
    for word, name in (("arm", arm), ("intel", intel)):
        assert evaluate(file, "macos", word)["stanzas"]["url"].endswith(f"/1.2.0/{name}")


def test_no_text_leaves_its_quotes(tmp_path: Path) -> None:
    hostile = 'a"b #{`touch /tmp/x`} #$0 \\" \' $(id)\nend\nexit 1\x00'
    facts = InstallerFacts(bundle=f"{hostile}.app")
    product = Product(id="quiet", title=hostile, description=hostile, homepage=hostile, license=hostile)
    file = tmp_path / "quiet.rb"
    file.write_text(cask(catalog(mac("quiet.dmg", Kind.DMG, "universal", facts), products=(product,))))
    said = evaluate(file, "macos", "arm")
    assert "#{`touch /tmp/x`}" in said["stanzas"]["name"][0]
    assert "#{`touch /tmp/x`}" in said["stanzas"]["app"][0]
    assert_order(said["order"], CASK_ORDER)
