from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from repogen.catalog import Product
from repogen.config import ProductConfig, parse
from repogen.errors import InputError, UsageError
from repogen.placing.place import Placed, place
from repogen.scanning.input_files import find_files
from repogen.scanning.scan import scan
from repogen.yum_config import YumConfig, YumTargetConfig
from tests.support.catalogs import DATE, config
from tests.support.installers import make_appimage, make_dmg, make_msi, make_nsis
from tests.support.packages import make_deb, make_rpm, make_tar, make_zip
from tests.support.programs import elf, mach_o, pe, universal
from tests.support.release_files import SCRIPT, audio_application, electron_application, go_program, rust_program


def placed(folder: Path, *tables: ProductConfig, channel: str | None = None, known: tuple[Product, ...] = ()) -> Placed:
    return place(scan(find_files([str(folder)], folder)), config(product=tables), channel=channel, date=DATE, known=known)


def rows(release: Placed) -> list[tuple[str, ...]]:
    return [(a.path, a.product, a.version, a.channel, a.os, a.arch, a.libc) for a in release.artifacts]


def tool(path: Path, content: bytes | str = SCRIPT) -> Path:
    return make_tar(path, {"tool": content}, ("tool",))


# -- whole releases ------------------------------------------------------------------------


def test_an_audio_application(tmp_path: Path) -> None:
    release = placed(audio_application(tmp_path))
    assert rows(release) == [
        ("apt/pool/main/q/quiet/quiet_1.0.0_amd64.deb", "quiet", "1.0.0", "stable", "linux", "amd64", ""),
        ("downloads/quiet/1.0.0/QUIET-1.0.0-Linux.AppImage", "quiet", "1.0.0", "stable", "linux", "amd64", ""),
        ("downloads/quiet/1.0.0/QUIET-1.0.0-Windows.msi", "quiet", "1.0.0", "stable", "windows", "amd64", ""),
        ("downloads/quiet/1.0.0/QUIET-1.0.0-macOS.dmg", "quiet", "1.0.0", "stable", "macos", "universal", ""),
    ]
    (product,) = release.products
    assert (product.title, product.type, product.description) == ("QUIET", "app", "plays nothing")


def test_a_beta_whose_msi_cannot_say_so(tmp_path: Path) -> None:
    release = placed(audio_application(tmp_path, "2.0.0-beta.3"))
    assert {(a.version, a.channel) for a in release.artifacts} == {("2.0.0-beta.3", "beta")}


def test_a_go_program(tmp_path: Path) -> None:
    release = placed(go_program(tmp_path))
    assert rows(release) == [
        ("apt/pool/main/t/taskguard/taskguard_1.4.0_amd64.deb", "taskguard", "1.4.0", "stable", "linux", "amd64", ""),
        ("downloads/taskguard/1.4.0/taskguard_1.4.0_Darwin_arm64.tar.gz", "taskguard", "1.4.0", "stable", "macos", "arm64", ""),
        ("downloads/taskguard/1.4.0/taskguard_1.4.0_Darwin_x86_64.tar.gz", "taskguard", "1.4.0", "stable", "macos", "amd64", ""),
        ("downloads/taskguard/1.4.0/taskguard_1.4.0_Linux_arm64.tar.gz", "taskguard", "1.4.0", "stable", "linux", "arm64", ""),
        ("downloads/taskguard/1.4.0/taskguard_1.4.0_Linux_x86_64.tar.gz", "taskguard", "1.4.0", "stable", "linux", "amd64", ""),
        ("downloads/taskguard/1.4.0/taskguard_1.4.0_Windows_x86_64.zip", "taskguard", "1.4.0", "stable", "windows", "amd64", ""),
        ("yum/stable/Packages/t/taskguard-1.4.0-1.x86_64.rpm", "taskguard", "1.4.0", "stable", "linux", "amd64", ""),
    ]
    (product,) = release.products
    assert (product.type, product.license, product.homepage) == ("cli", "MIT", "https://acme.example/taskguard")


def test_an_electron_application_is_one_product(tmp_path: Path) -> None:
    release = placed(electron_application(tmp_path))
    base = "downloads/webrtc-desktop-host/0.2.0"
    assert [(a.path, a.os, a.arch) for a in release.artifacts] == [
        ("apt/pool/main/w/webrtc-desktop-host/webrtc-desktop-host_0.2.0_amd64.deb", "linux", "amd64"),
        (f"{base}/WebRTC-Desktop-Host-0.2.0-arm64.dmg", "macos", "arm64"),
        (f"{base}/WebRTC-Desktop-Host-0.2.0-arm64.dmg.blockmap", "macos", "arm64"),
        (f"{base}/WebRTC-Desktop-Host-0.2.0-mac.zip", "macos", "amd64"),
        (f"{base}/WebRTC-Desktop-Host-0.2.0-mac.zip.blockmap", "macos", "amd64"),
        (f"{base}/WebRTC-Desktop-Host-0.2.0.AppImage", "linux", "amd64"),
        (f"{base}/WebRTC-Desktop-Host-0.2.0.exe", "windows", "any"),
        (f"{base}/WebRTC-Desktop-Host-Setup-0.2.0.exe", "windows", "any"),
        (f"{base}/WebRTC-Desktop-Host-Setup-0.2.0.exe.blockmap", "windows", "any"),
        (f"{base}/latest-linux.yml", "linux", "amd64"),
        (f"{base}/latest-mac.yml", "macos", "any"),
        (f"{base}/latest.yml", "windows", "any"),
    ]
    assert {a.version for a in release.artifacts} == {"0.2.0"}
    (product,) = release.products
    assert (product.title, product.type, product.description) == ("WebRTC Desktop Host", "app", "shares a desktop")
    assert release.sources[f"{base}/latest.yml"] == str(tmp_path / "latest.yml")


def test_a_rust_program_in_musl_and_gnu_side_by_side(tmp_path: Path) -> None:
    release = placed(rust_program(tmp_path))
    assert sorted((a.os, a.arch, a.libc) for a in release.artifacts) == [
        ("linux", "amd64", "gnu"), ("linux", "amd64", "musl"), ("linux", "arm64", "musl"),
        ("macos", "arm64", ""), ("macos", "universal", ""), ("windows", "amd64", ""),
    ]  # fmt: skip
    assert {(a.product, a.version) for a in release.artifacts} == {("pane", "0.3.1")}


# -- channels ------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "channel"), [("2.0.0-beta.3", "beta"), ("1.0.0-nightly.20260101", "nightly"), ("1.0.0", "stable")])
def test_the_channel_is_in_the_version(tmp_path: Path, version: str, channel: str) -> None:
    tool(tmp_path / f"tool-{version}-linux-amd64.tar.gz")
    assert [(a.version, a.channel) for a in placed(tmp_path).artifacts] == [(version, channel)]


def test_an_option_and_a_table_choose_the_channel(tmp_path: Path) -> None:
    make_rpm(tmp_path, "tool", "1.0.0", filename="tool-1.0.0-1.x86_64.rpm")
    table = ProductConfig(id="tool", channel="edge")
    assert placed(tmp_path, table).artifacts[0].path == "yum/edge/Packages/t/tool-1.0.0-1.x86_64.rpm"
    assert placed(tmp_path, table, channel="nightly").artifacts[0].channel == "nightly"


def test_an_nsis_program_beside_a_setup_is_the_portable_one(tmp_path: Path) -> None:
    make_nsis(tmp_path / "App 1.0.0.exe", "App", "1.0.0")
    assert [a.facts.technology for a in placed(tmp_path).artifacts] == ["nsis"]
    make_nsis(tmp_path / "App Setup 1.0.0.exe", "App", "1.0.0")
    make_nsis(tmp_path / "App 1.1.0.exe", "App", "1.1.0")
    assert {a.filename: a.facts.technology for a in placed(tmp_path).artifacts} == {
        "App 1.0.0.exe": "portable", "App Setup 1.0.0.exe": "nsis", "App 1.1.0.exe": "nsis",
    }  # fmt: skip


# -- platforms -----------------------------------------------------------------------------


def test_the_programs_inside_speak_where_the_name_is_silent(tmp_path: Path) -> None:
    tool(tmp_path / "tool-1.0.0.tar.gz", elf("arm64", "/lib/ld-musl-aarch64.so.1"))
    assert [(a.os, a.arch, a.libc) for a in placed(tmp_path).artifacts] == [("linux", "arm64", "musl")]


def test_scripts_alone_run_anywhere_unless_the_name_says_where(tmp_path: Path) -> None:
    tool(tmp_path / "tool-1.0.0.tar.gz")
    tool(tmp_path / "tool-1.0.0-linux.tar.gz")
    tool(tmp_path / "tool-1.0.0-darwin-arm64.tar.gz")
    tool(tmp_path / "tool-1.1.0-noarch.tar.gz")
    assert sorted((a.os, a.arch) for a in placed(tmp_path).artifacts) == [("any", "any"), ("any", "any"), ("linux", "any"), ("macos", "arm64")]


def test_goreleasers_all_is_universal_on_macos(tmp_path: Path) -> None:
    tool(tmp_path / "tool_1.0.0_darwin_all.tar.gz")
    assert placed(tmp_path).artifacts[0].arch == "universal"


def test_win32_is_a_system_where_the_program_is_wider(tmp_path: Path) -> None:
    make_zip(tmp_path / "tool-1.0.0-win32.zip", {"tool.exe": pe("amd64")})
    release = placed(tmp_path)
    assert (release.artifacts[0].os, release.artifacts[0].arch, release.warnings) == ("windows", "amd64", ())


def test_a_program_for_another_platform_than_the_name_says_is_reported(tmp_path: Path) -> None:
    tool(tmp_path / "tool-1.0.0-linux-arm64.tar.gz", elf("amd64"))
    tool(tmp_path / "tool-1.0.0-darwin-amd64.tar.gz", mach_o("amd64"))
    assert placed(tmp_path).warnings == ("tool-1.0.0-linux-arm64.tar.gz is published for linux/arm64 by its name, but the programs in it are for linux/amd64",)


def test_a_system_whose_programs_look_like_linux_has_no_doubt(tmp_path: Path) -> None:
    tool(tmp_path / "tool-1.0.0.dragonfly-amd64.tar.gz", elf("amd64"))
    tool(tmp_path / "tool-1.0.0.linux-amd64.tar.gz", elf("amd64"))
    release = placed(tmp_path)
    assert [(a.os, a.arch) for a in release.artifacts] == [("dragonfly", "amd64"), ("linux", "amd64")]
    assert release.warnings == ()


def test_two_builds_that_no_client_can_tell_apart_are_named(tmp_path: Path) -> None:
    tool(tmp_path / "tool-1.0.0-linux-amd64-fast.tar.gz", elf("amd64"))
    tool(tmp_path / "tool-1.0.0-linux-amd64-small.tar.gz", elf("amd64"))
    (warning,) = placed(tmp_path).warnings
    assert warning.startswith("tool-1.0.0-linux-amd64-fast.tar.gz and tool-1.0.0-linux-amd64-small.tar.gz are both tool 1.0.0 for linux/amd64")


def test_a_variant_of_a_plain_build_is_no_matter(tmp_path: Path) -> None:
    tool(tmp_path / "tool-1.0.0-linux-amd64.tar.gz", elf("amd64"))
    tool(tmp_path / "tool-1.0.0-linux-amd64.tar.xz", elf("amd64"))
    tool(tmp_path / "tool-1.0.0-linux-amd64-debug.tar.gz", elf("amd64"))
    assert placed(tmp_path).warnings == ()


def test_a_product_whose_name_says_source(tmp_path: Path) -> None:
    tool(tmp_path / "source-highlight-3.1.9-linux-amd64.tar.gz", elf("amd64"))
    tool(tmp_path / "source-highlight-3.1.9-src.tar.gz")
    (tmp_path / "source-highlight-3.1.9.spdx.json").write_text("{}")
    assert [(a.product, a.version, a.kind.value) for a in placed(tmp_path).artifacts] == [
        ("source-highlight", "3.1.9", "tar"), ("source-highlight", "3.1.9", "side"), ("source-highlight", "3.1.9", "side")
    ]  # fmt: skip


def test_a_version_as_only_its_maker_writes_it_is_no_part_of_a_product(tmp_path: Path) -> None:
    make_nsis(tmp_path / "7z2409-x64.exe", "Greet", "24.9.0")
    make_nsis(tmp_path / "greet-x64-2409.exe", "Greet", "24.9.0")
    assert {(a.product, a.version) for a in placed(tmp_path).artifacts} == {("greet", "24.9.0")}


def test_a_deb_for_all_and_a_source_rpm_run_on_any_architecture(tmp_path: Path) -> None:
    make_deb(tmp_path, "tool", architecture="all")
    make_rpm(tmp_path, "tool", architecture="noarch")
    assert [(a.os, a.arch) for a in placed(tmp_path).artifacts] == [("linux", "any"), ("linux", "any")]


# -- tables --------------------------------------------------------------------------------


def test_a_table_settles_what_the_name_cannot(tmp_path: Path) -> None:
    (tmp_path / "tool_linux_amd64").write_bytes(elf())
    (tmp_path / "tool.exe").write_bytes(pe())
    make_tar(tmp_path / "Tool-data.tar.gz", {"data": "x"})
    tables = (
        ProductConfig(
            id="tool",
            version="1.2.0",
            title="The Tool",
            description="does it",
            license="MIT",
            type="app",
            depends=("jq",),
            silent_args="/Q",
            test_args="version",
        ),
        ProductConfig(id="tool-data", files=("Tool-data*",), version="7", os="any", arch="any"),
    )
    release = placed(tmp_path, *tables)
    assert [(a.filename, a.product, a.version, a.os, a.arch) for a in release.artifacts] == [
        ("Tool-data.tar.gz", "tool-data", "7", "any", "any"),
        ("tool.exe", "tool", "1.2.0", "windows", "amd64"),
        ("tool_linux_amd64", "tool", "1.2.0", "linux", "amd64"),
    ]
    product = release.products[0]
    assert (product.title, product.description, product.license, product.type) == ("The Tool", "does it", "MIT", "app")
    assert (product.depends, product.silent_args, product.test_args) == (("jq",), "/Q", "version")


def test_the_application_in_a_disk_image_says_the_architecture_where_its_name_does_not(tmp_path: Path) -> None:
    for name, program in (("Zed-1.2.3.dmg", mach_o("arm64")), ("Zed-1.2.3-x64.dmg", mach_o("amd64")), ("Zed-1.2.4.dmg", universal("amd64", "arm64"))):
        make_dmg(tmp_path / name, "Zed.app", hfs=True, program=program)
    found = {a.filename: (a.os, a.arch) for a in placed(tmp_path).artifacts}
    assert found == {"Zed-1.2.3.dmg": ("macos", "arm64"), "Zed-1.2.3-x64.dmg": ("macos", "amd64"), "Zed-1.2.4.dmg": ("macos", "universal")}


def test_a_glob_joins_files_of_several_names(tmp_path: Path) -> None:
    make_deb(tmp_path, "acme-quiet")
    make_dmg(tmp_path / "QUIET-1.0.0.dmg")
    release = placed(tmp_path, ProductConfig(id="quiet", files=("acme-quiet_*", "QUIET-*")))
    assert {a.product for a in release.artifacts} == {"quiet"}


def test_a_table_may_use_others_words_for_a_platform_but_no_unknown_ones(tmp_path: Path) -> None:
    make_tar(tmp_path / "tool-1.0.0.tar.gz", {"data": "x"})
    release = placed(tmp_path, ProductConfig(id="tool", os="darwin", arch="x86_64"))
    assert [(a.os, a.arch) for a in release.artifacts] == [("macos", "amd64")]
    with pytest.raises(UsageError, match=r"\[\[product\]\] tool: os 'windowz' is unknown"):
        placed(tmp_path, ProductConfig(id="tool", os="windowz"))


def test_two_tables_that_claim_one_file(tmp_path: Path) -> None:
    make_deb(tmp_path)
    with pytest.raises(UsageError, match=r"claimed by the .* tables 'a' and 'b'"):
        placed(tmp_path, ProductConfig(id="a", files=("*.deb",)), ProductConfig(id="b", files=("hello*",)))


# -- errors --------------------------------------------------------------------------------


def test_what_cannot_be_placed_is_listed_with_the_tables_to_write(tmp_path: Path) -> None:
    (tmp_path / "tool_linux_amd64").write_bytes(elf())
    make_tar(tmp_path / "data-1.0.0.tar.gz", {"data": "x"})
    (tmp_path / "odd.spdx.json").write_text("{}")
    with pytest.raises(InputError) as error:
        placed(tmp_path)
    message, hint = error.value.message, error.value.hint
    assert "3 release files cannot be placed" in message
    assert "tool_linux_amd64: binary, product tool, version ?, os linux, arch amd64" in message
    assert "data-1.0.0.tar.gz: tar, product data, version 1.0.0, os ?, arch ?" in message
    assert "odd.spdx.json: a side file of no release here" in message
    toml = hint[hint.index("[[product]]") : hint.index("name notes")]
    tables = tomllib.loads(toml)["product"]
    assert tables == [{"id": "data", "files": ["data-1.0.0.tar.gz"], "os": "", "arch": ""}, {"id": "tool", "files": ["tool_linux_amd64"], "version": ""}]


def test_what_a_build_leaves_behind_is_listed_with_its_folders(tmp_path: Path) -> None:
    for system in ("linux", "darwin"):
        (tmp_path / system).mkdir()
        (tmp_path / system / "tool").write_bytes(elf() if system == "linux" else mach_o())
    with pytest.raises(InputError) as error:
        placed(tmp_path)
    assert f"{tmp_path}/darwin/tool: binary, product tool" in error.value.message
    assert "[[product]]" not in error.value.hint
    assert "name the finished files in [input] paths" in error.value.hint


def test_the_tables_to_write_settle_it_once_filled_in(tmp_path: Path) -> None:
    (tmp_path / 'odd "name" [1]').write_bytes(elf())
    with pytest.raises(InputError) as error:
        placed(tmp_path)
    toml = error.value.hint[error.value.hint.index("[[product]]") :].replace('version = ""', 'version = "1.0"')
    whole = parse({"repo": {"name": "acme", "url": "https://dl.acme.example"}, **tomllib.loads(toml)}, Path("repogen.toml"))
    release = place(scan(find_files(["."], tmp_path)), whole, channel=None, date=DATE)
    assert [(a.filename, a.version) for a in release.artifacts] == [('odd "name" [1]', "1.0")]


def test_two_files_on_one_path(tmp_path: Path) -> None:
    make_deb(tmp_path / "a")
    make_deb(tmp_path / "b", description="another hello")
    with pytest.raises(InputError) as error:
        placed(tmp_path)
    assert f"{tmp_path}/a/hello_1.0.0_amd64.deb and {tmp_path}/b/hello_1.0.0_amd64.deb would both be published as apt/pool" in error.value.message


def test_the_same_file_twice_is_one(tmp_path: Path) -> None:
    deb = make_deb(tmp_path / "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / deb.name).write_bytes(deb.read_bytes())
    (tmp_path / "b/renamed.deb").write_bytes(deb.read_bytes())
    assert [a.path for a in placed(tmp_path).artifacts] == ["apt/pool/main/h/hello/hello_1.0.0_amd64.deb"]


@pytest.mark.parametrize(
    "name",
    ["tool $(id)-1.0.0-linux-amd64.tar.gz", "tool-1.0.0-linux-amd64 <b>&'\".tar.gz", "tool..-1.0.0-linux-amd64.tar.gz", "-rf tool-1.0.0-linux-amd64.tar.gz"],
)
def test_odd_names_stand_on_a_safe_path(tmp_path: Path, name: str) -> None:
    tool(tmp_path / name)
    (artifact,) = placed(tmp_path).artifacts
    assert artifact.filename == name
    assert set(artifact.path) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._~-/")


def test_names_that_would_meet_on_one_path_stay_two(tmp_path: Path) -> None:
    tool(tmp_path / "tool-1.0.0+a-linux-amd64.tar.gz")
    tool(tmp_path / "tool-1.0.0-a-linux-amd64.tar.gz")
    assert len({a.path for a in placed(tmp_path).artifacts}) == 2


# -- products ------------------------------------------------------------------------------


def test_published_facts_fill_what_is_silent_now(tmp_path: Path) -> None:
    tool(tmp_path / "tool-1.1.0-linux-amd64.tar.gz")
    known = Product(id="tool", title="The Tool", description="does it", homepage="https://acme.example", license="MIT", type="app", depends=("jq",))
    (product,) = placed(tmp_path, known=(known, Product(id="other", title="Other"))).products
    assert product == known
    (product,) = placed(tmp_path, ProductConfig(id="tool", description="does more"), known=(known,)).products
    assert (product.title, product.description) == ("The Tool", "does more")


@pytest.mark.parametrize(("written", "version"), [("v1.2.0", "1.2.0"), ("V2", "2"), ("1.2.0", "1.2.0"), ("vista", "vista")])
def test_the_v_of_a_tag_belongs_to_no_version_of_a_table(tmp_path: Path, written: str, version: str) -> None:
    tool(tmp_path / "tool-linux-amd64.tar.gz")
    release = placed(tmp_path, ProductConfig(id="tool", version=written))
    assert [(a.version, a.path) for a in release.artifacts] == [(version, f"downloads/tool/{version}/tool-linux-amd64.tar.gz")]


def test_the_newest_version_describes_the_product(tmp_path: Path) -> None:
    make_deb(tmp_path, "tool", "1.10.0", description="new words")
    make_deb(tmp_path, "tool", "1.9.0", description="old words")
    make_rpm(tmp_path, "tool", "1.10.0")
    (product,) = placed(tmp_path).products
    assert (product.description, product.license) == ("new words", "MIT")


def test_an_installer_alone_is_an_application_and_beside_archives_it_is_not(tmp_path: Path) -> None:
    make_nsis(tmp_path / "Tool Setup 1.0.0.exe", "Tool", "1.0.0")
    make_deb(tmp_path, "tool")
    assert placed(tmp_path).products[0].type == "app"
    tool(tmp_path / "tool-1.0.0-linux-amd64.tar.gz")
    assert placed(tmp_path).products[0].type == "cli"
    make_appimage(tmp_path / "Tool-1.0.0.AppImage")
    assert placed(tmp_path).products[0].type == "app"


def test_debs_alone_are_programs_for_a_command_line(tmp_path: Path) -> None:
    make_deb(tmp_path, "tool")
    assert placed(tmp_path).products[0].type == "cli"


def test_an_msi_whose_name_is_silent_speaks_itself(tmp_path: Path) -> None:
    make_msi(tmp_path / "setup.msi", "Quiet Audio", "1.2.0")
    release = placed(tmp_path, ProductConfig(id="quiet-audio", files=("setup.msi",)))
    assert [(a.product, a.version) for a in release.artifacts] == [("quiet-audio", "1.2.0")]


# -- rpms by distribution ------------------------------------------------------------------


def by_release(folder: Path, *targets: YumTargetConfig, rpms: dict[tuple[str, str], str] | None = None) -> list[str]:
    settings = config(yum=YumConfig(path="el{releasever}/{basearch}", target=targets))
    return [a.path for a in place(scan(find_files([str(folder)], folder)), settings, channel=None, date=DATE, rpms=rpms).artifacts]


def test_an_rpm_stands_in_the_repository_that_it_is_for(tmp_path: Path) -> None:
    make_rpm(tmp_path, "hello", release="1.el9")
    make_rpm(tmp_path, "hello-data", release="1.el9", architecture="noarch")
    assert by_release(tmp_path) == [
        "yum/stable/Packages/h/hello-data-1.0.0-1.el9.noarch.rpm",
        "yum/stable/el9/x86_64/Packages/h/hello-1.0.0-1.el9.x86_64.rpm",
    ]
    (digest,) = (a.sha256 for a in placed(tmp_path).artifacts if a.path.endswith("/hello-1.0.0-1.el9.x86_64.rpm"))
    standing = "yum/stable/Packages/h/hello-1.0.0-1.el9.x86_64.rpm"
    assert by_release(tmp_path, rpms={("stable", digest): standing})[0] == standing, "what is published stays where it is"


def test_an_rpm_without_a_tag_is_for_every_release_of_the_tables(tmp_path: Path) -> None:
    make_rpm(tmp_path, "hello", release="1")
    assert by_release(tmp_path, YumTargetConfig(releasever="9")) == ["yum/stable/Packages/h/hello-1.0.0-1.x86_64.rpm"]
    with pytest.raises(InputError, match=r"hello-1\.0\.0-1\.x86_64\.rpm has no distribution's tag in its Release '1', which \[yum\] path asks for"):
        by_release(tmp_path)


def test_an_rpm_for_a_release_without_a_table_is_refused(tmp_path: Path) -> None:
    make_rpm(tmp_path, "hello", release="1.el7")
    with pytest.raises(InputError, match=r"\(Release 1\.el7\) is for none of the \[\[yum\.target\]\] tables: 9, 10"):
        by_release(tmp_path, YumTargetConfig(releasever="9"), YumTargetConfig(releasever="10"))


def test_a_block_map_stands_where_the_address_of_its_file_leads(tmp_path: Path) -> None:
    make_nsis(tmp_path / "Desk+Host (x64) Setup 1.0.0.exe", "Desk Host", "1.0.0")
    for ending in ("blockmap", "blockmap.sig"):
        (tmp_path / f"Desk+Host (x64) Setup 1.0.0.exe.{ending}").write_bytes(b"\x1f\x8b")
    setup, *others = sorted(a.path for a in placed(tmp_path, ProductConfig(id="desk-host", files=("Desk*",))).artifacts)
    assert others == [f"{setup}.blockmap", f"{setup}.blockmap.sig"]
