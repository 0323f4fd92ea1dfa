from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repogen.placing.names import NameFacts, parse_name

# name, product, version, os, arch, libc
NAMES = [
    ("quiet-1.2.0-linux-amd64.tar.gz", "quiet", "1.2.0", "linux", "amd64", ""),
    ("pane-v0.3.1-aarch64-apple-darwin.tar.gz", "pane", "0.3.1", "macos", "arm64", ""),
    ("pane-aarch64-apple-darwin.tar.xz", "pane", "", "macos", "arm64", ""),
    ("pane-x86_64-pc-windows-msvc.zip", "pane", "", "windows", "amd64", ""),
    ("taskguard_1.4.0_Windows_x86_64.zip", "taskguard", "1.4.0", "windows", "amd64", ""),
    ("taskguard_1.4.0_Linux_i386.tar.gz", "taskguard", "1.4.0", "linux", "i386", ""),
    ("taskguard_1.4.0_linux_armv6.tar.gz", "taskguard", "1.4.0", "linux", "armv6", ""),
    ("taskguard_1.4.0_darwin_all.tar.gz", "taskguard", "1.4.0", "macos", "any", ""),
    ("taskguard_1.4.0_linux_amd64v1.tar.gz", "taskguard", "1.4.0", "linux", "amd64", ""),
    ("taskguard_linux_amd64_v1", "taskguard", "", "linux", "amd64", ""),
    ("taskguard_1.4.1-SNAPSHOT-5ce34de_linux_amd64.tar.gz", "taskguard", "1.4.1-SNAPSHOT-5ce34de", "linux", "amd64", ""),
    ("taskguard_1.4.1-next_linux_amd64.tar.gz", "taskguard", "1.4.1-next", "linux", "amd64", ""),
    ("QUIET-1.0.0-macOS.dmg", "QUIET", "1.0.0", "macos", "", ""),
    ("QUIET-1.0.0-Windows.msi", "QUIET", "1.0.0", "windows", "", ""),
    ("QUIET-1.0.0-Linux.AppImage", "QUIET", "1.0.0", "linux", "", ""),
    ("WebRTC Desktop Host-0.2.0.exe", "WebRTC Desktop Host", "0.2.0", "", "", ""),
    ("WebRTC Desktop Host Setup 0.2.0.exe", "WebRTC Desktop Host", "0.2.0", "", "", ""),
    ("WebRTC-Desktop-Host-0.2.0-arm64.dmg", "WebRTC-Desktop-Host", "0.2.0", "", "arm64", ""),
    ("webrtc-desktop-host_0.2.0_amd64.deb", "webrtc-desktop-host", "0.2.0", "", "amd64", ""),
    ("app-2.0.0-beta.3-linux-x64.tar.gz", "app", "2.0.0-beta.3", "linux", "amd64", ""),
    ("app-2.0.0-rc1-linux-x64.tar.gz", "app", "2.0.0-rc1", "linux", "amd64", ""),
    ("app-2.0.0rc1-linux-x64.tar.gz", "app", "2.0.0rc1", "linux", "amd64", ""),
    ("app_2.0.0~beta.3_amd64.deb", "app", "2.0.0-beta.3", "", "amd64", ""),
    ("app_2.0.0~beta.3-1_amd64.deb", "app", "2.0.0-beta.3", "", "amd64", ""),
    ("app_2.0.0_beta2_linux_amd64.zip", "app", "2.0.0-beta2", "linux", "amd64", ""),
    ("app-1.0.0-nightly.20260101-linux-x64.tar.gz", "app", "1.0.0-nightly.20260101", "linux", "amd64", ""),
    ("app-1.0.0-nightly.20260101.abcdef1-linux-x64.tar.gz", "app", "1.0.0-nightly.20260101.abcdef1", "linux", "amd64", ""),
    ("app-1.0.0-dev.5-win-x64.zip", "app", "1.0.0-dev.5", "windows", "amd64", ""),
    ("app-1.0.0-alpha-win-x64.zip", "app", "1.0.0-alpha", "windows", "amd64", ""),
    ("app-1.0.0+build.5-linux-x64.tar.gz", "app", "1.0.0+build.5", "linux", "amd64", ""),
    ("rg-14.1.0-x86_64-unknown-linux-musl.tar.gz", "rg", "14.1.0", "linux", "amd64", "musl"),
    ("rg-14.1.0-x86_64-unknown-linux-gnu.tar.gz", "rg", "14.1.0", "linux", "amd64", "gnu"),
    ("rg-14.1.0-armv7-unknown-linux-musleabihf.tar.gz", "rg", "14.1.0", "linux", "armv7", "musl"),
    ("rg-14.1.0-arm-unknown-linux-gnueabihf.tar.gz", "rg", "14.1.0", "linux", "armv6", "gnu"),
    ("rg-14.1.0-i686-pc-windows-msvc.zip", "rg", "14.1.0", "windows", "i386", ""),
    ("rg-14.1.0-aarch64-linux-android.tar.gz", "rg", "14.1.0", "android", "arm64", ""),
    ("rg-14.1.0-riscv64gc-unknown-linux-gnu.tar.zst", "rg", "14.1.0", "linux", "riscv64", "gnu"),
    ("rg-14.1.0-x86_64-unknown-freebsd.tgz", "rg", "14.1.0", "freebsd", "amd64", ""),
    ("rg-14.1.0-universal-apple-darwin.tar.gz", "rg", "14.1.0", "macos", "universal", ""),
    ("Tool Setup 1.2.3.exe", "Tool", "1.2.3", "", "", ""),
    ("ToolSetup-1.2.3.exe", "Tool", "1.2.3", "", "", ""),
    ("Tool-1.2.3-Setup.exe", "Tool", "1.2.3", "", "", ""),
    ("tool_1.2.3_x64-setup.exe", "tool", "1.2.3", "", "amd64", ""),
    ("tool_1.2.3_x64_en-US.msi", "tool", "1.2.3", "", "amd64", ""),
    ("tool-win32-x64-1.2.3.zip", "tool", "1.2.3", "windows", "amd64", ""),
    ("tool-1.2.3-win32.zip", "tool", "1.2.3", "windows", "i386", ""),
    ("tool-1.2.3-win64.zip", "tool", "1.2.3", "windows", "amd64", ""),
    ("tool-1.2.3-win-arm64.zip", "tool", "1.2.3", "windows", "arm64", ""),
    ("tool_linux_amd64", "tool", "", "linux", "amd64", ""),
    ("tool-linux-amd64-1.2.3.tar.gz", "tool", "1.2.3", "linux", "amd64", ""),
    ("tool_linux_amd64_v1.2.3.tar.gz", "tool", "1.2.3", "linux", "amd64", ""),
    ("tool-1.2.3.linux-amd64.tar.gz", "tool", "1.2.3", "linux", "amd64", ""),
    ("tool-1.2.3-linux64.tar.gz", "tool", "1.2.3", "linux", "amd64", ""),
    ("tool-1.2.3-linuxarm64.tar.gz", "tool", "1.2.3", "linux", "arm64", ""),
    ("tool-1.2.3-macos-11.0-arm64.tar.gz", "tool", "1.2.3", "macos", "arm64", ""),
    ("tool-1.2.3-darwin-x86-64.tar.gz", "tool", "1.2.3", "macos", "amd64", ""),
    ("Quiet-1.0.0-universal.dmg", "Quiet", "1.0.0", "", "universal", ""),
    ("Quiet-1.0.0-mac-universal.zip", "Quiet", "1.0.0", "macos", "universal", ""),
    ("app-1.0.0-arm64-mac.zip", "app", "1.0.0", "macos", "arm64", ""),
    ("app-1.0.0-mac.zip", "app", "1.0.0", "macos", "", ""),
    ("App-1.0.0.AppImage", "App", "1.0.0", "", "", ""),
    ("app-1.0.0-x86_64.AppImage", "app", "1.0.0", "", "amd64", ""),
    ("app-1.0.0-portable.exe", "app", "1.0.0", "", "", ""),
    ("app-portable-1.0.0.zip", "app", "1.0.0", "", "", ""),
    ("hello-1.0.0-1.x86_64.rpm", "hello", "1.0.0", "", "amd64", ""),
    ("hello-1.0.0-1.fc41.noarch.rpm", "hello", "1.0.0", "", "any", ""),
    ("hello_1.0.0-2_all.deb", "hello", "1.0.0", "", "any", ""),
    ("hello_1.0.0_amd64.snap", "hello", "1.0.0", "", "amd64", ""),
    ("hello-1.0.apk", "hello", "1.0", "", "", ""),
    ("universal-ctags-6.1.0-linux-x64.tar.gz", "universal-ctags", "6.1.0", "linux", "amd64", ""),
    ("linux-exporter-1.0.0-linux-amd64.tar.gz", "linux-exporter", "1.0.0", "linux", "amd64", ""),
    ("install-all-1.0.0-linux-amd64.tar.gz", "install-all", "1.0.0", "linux", "amd64", ""),
    ("git-for-windows-2.40.0.exe", "git-for-windows", "2.40.0", "", "", ""),
    ("node.js-20.1.0-linux-x64.tar.xz", "node.js", "20.1.0", "linux", "amd64", ""),
    ("python3.11-tool-1.2.0-linux-x64.tar.gz", "python3.11-tool", "1.2.0", "linux", "amd64", ""),
    ("notes-v15-linux-x64.tar.gz", "notes", "15", "linux", "amd64", ""),
    ("notes-20260101-linux-x64.tar.gz", "notes", "20260101", "linux", "amd64", ""),
    ("1.2.3-linux-amd64.tar.gz", "", "1.2.3", "linux", "amd64", ""),
    ("lib-2.0-tool-1.2.3-linux-amd64.tar.gz", "", "", "linux", "amd64", ""),
    ("tool-1.2.3.tar.gz", "tool", "1.2.3", "", "", ""),
    # systems that are not Linux, although their programs look so
    ("prometheus-3.0.1.dragonfly-amd64.tar.gz", "prometheus", "3.0.1", "dragonfly", "amd64", ""),
    ("prometheus-3.0.1.illumos-amd64.tar.gz", "prometheus", "3.0.1", "illumos", "amd64", ""),
    ("tool-1.2.3-x86_64-sun-solaris.tar.gz", "tool", "1.2.3", "solaris", "amd64", ""),
    ("tool-1.2.3-aarch64-apple-ios.tar.gz", "tool", "1.2.3", "ios", "arm64", ""),
    ("tool-1.2.3-aarch64-unknown-linux-ohos.tar.gz", "tool", "1.2.3", "openharmony", "arm64", ""),
    ("gitea-1.22.3-linux-mips64le-softfloat.zip", "gitea", "1.22.3", "linux", "mips64le", ""),
    # words for the architecture
    ("audacity-win-3.7.1-32bit.exe", "audacity", "3.7.1", "windows", "i386", ""),
    ("audacity-win-3.7.1-64bit.exe", "audacity", "3.7.1", "windows", "amd64", ""),
    ("hugo_0.9.0_Linux-32-bit.tar.gz", "hugo", "0.9.0", "linux", "i386", ""),
    ("tool-1.2.3-linux-arm-64bit.zip", "tool", "1.2.3", "linux", "arm64", ""),
    ("putty-64bit-0.82-installer.msi", "putty", "0.82", "", "amd64", ""),
    ("draw.io-universal-26.0.4.dmg", "draw.io", "26.0.4", "", "universal", ""),
    ("Tool-Intel-1.2.3.dmg", "Tool", "1.2.3", "", "amd64", ""),
    ("Tool-Apple-Silicon-1.2.3.dmg", "Tool", "1.2.3", "macos", "arm64", ""),
    ("Big-Apple-1.2.3.dmg", "Big-Apple", "1.2.3", "", "", ""),
    ("tool-macos-14-arm64-1.2.3.zip", "tool", "1.2.3", "macos", "arm64", ""),
    ("tool-windows-2022-1.2.3.zip", "tool", "1.2.3", "windows", "", ""),
    ("tool-macos-latest-1.2.3.zip", "tool", "1.2.3", "macos", "", ""),
    # what hangs on a version
    ("tool-v1.2.3-2-gabcdef0-linux-amd64.tar.gz", "tool", "1.2.3-2-gabcdef0", "linux", "amd64", ""),
    ("tool-v1.2.3-rc1-4-g0123abc-dirty_linux_amd64.tar.gz", "tool", "1.2.3-rc1-4-g0123abc-dirty", "linux", "amd64", ""),
    ("ImageMagick-7.1.1-44-linux-x64.tar.gz", "ImageMagick", "7.1.1-44", "linux", "amd64", ""),
    ("ImageMagick-7.1.1-44.x86_64.rpm", "ImageMagick", "7.1.1", "", "amd64", ""),
    ("tool-1.2.3-20260101-linux-x64.zip", "tool", "1.2.3-20260101", "linux", "amd64", ""),
    ("tool-1.2.3-build.77-linux-x64.zip", "tool", "1.2.3-build.77", "linux", "amd64", ""),
    ("tool-1.2.3-alpha.beta.1-linux-x64.zip", "tool", "1.2.3-alpha.beta.1", "linux", "amd64", ""),
    ("tool-1.2.3-a.1-linux-x64.zip", "tool", "1.2.3-a.1", "linux", "amd64", ""),
    ("tool-1.2.3-prerelease.2-linux-x64.zip", "tool", "1.2.3-prerelease.2", "linux", "amd64", ""),
    ("go1.23.4.windows-amd64.msi", "go", "1.23.4", "windows", "amd64", ""),
    ("python3.11-tool-linux-x64.tar.gz", "python3.11-tool", "", "linux", "amd64", ""),
    ("tool", "tool", "", "", "", ""),
]


@pytest.mark.parametrize(("name", "product", "version", "os", "arch", "libc"), NAMES, ids=[row[0] for row in NAMES])
def test_what_a_name_says(name: str, product: str, version: str, os: str, arch: str, libc: str) -> None:
    facts = parse_name(name)
    assert (facts.product, facts.version, facts.os, facts.arch, facts.libc) == (product, version, os, arch, libc)


def test_words_behind_the_version_that_are_no_platform_are_kept() -> None:
    assert parse_name("tool_1.2.3_x64-setup.exe").words == ("setup",)
    assert parse_name("App-1.0.0-portable.exe").words == ("portable",)


@given(st.text(max_size=60))
def test_no_name_makes_it_fail(name: str) -> None:
    assert isinstance(parse_name(name), NameFacts)


WORD = st.from_regex(r"[a-z]{2,8}", fullmatch=True).filter(lambda word: parse_name(f"zz-{word}").product == f"zz-{word}" and word != "zz")
VERSION = st.builds(
    "{}.{}.{}{}".format, st.integers(0, 99), st.integers(0, 99), st.integers(0, 999), st.sampled_from(["", "-beta.3", "-rc.1", "-nightly.20260101", "-alpha"])
)
SYSTEM = st.sampled_from([("linux", "linux"), ("darwin", "macos"), ("macOS", "macos"), ("windows", "windows"), ("Linux", "linux")])
ARCH = st.sampled_from([("amd64", "amd64"), ("x86_64", "amd64"), ("arm64", "arm64"), ("aarch64", "arm64"), ("i386", "i386")])


@given(st.lists(WORD, min_size=1, max_size=3), VERSION, SYSTEM, ARCH, st.sampled_from("-_"), st.booleans(), st.sampled_from([".tar.gz", ".zip", ".tar.xz", ""]))
def test_a_name_made_by_the_rule_is_read_back(
    words: list[str], version: str, system: tuple[str, str], arch: tuple[str, str], by: str, v: bool, ending: str
) -> None:
    product = "-".join(words)
    facts = parse_name(f"{product}{by}{'v' if v else ''}{version}{by}{system[0]}{by}{arch[0]}{ending}")
    assert (facts.product, facts.version, facts.os, facts.arch) == (product, version, system[1], arch[1])
