"""What stands at the addresses of update manifests."""

from __future__ import annotations

import pytest

from repogen.update_addresses import Address, parsed


@pytest.mark.parametrize(
    ("path", "kind", "product", "channel", "name"),
    [
        ("stable/windows/latest.json", "plain", "", "stable", "windows"),
        ("quiet/beta/linux-arm64/latest.json", "plain", "quiet", "beta", "linux-arm64"),
        ("windows/stable/macos/latest.json", "plain", "windows", "stable", "macos"),
        ("stable/latest.json", "tauri", "", "stable", "latest.json"),
        ("quiet/stable/latest.json", "tauri", "quiet", "stable", "latest.json"),
        ("stable/beta-linux.yml", "electron", "", "stable", "beta-linux.yml"),
        ("quiet/nightly/appcast.xml", "sparkle", "quiet", "nightly", "appcast.xml"),
        ("stable/quiet-latest-x86_64.AppImage.zsync", "zsync", "", "stable", "quiet-latest-x86_64.AppImage.zsync"),
        ("stable/RELEASES", "squirrel", "", "stable", "RELEASES"),
        ("quiet/stable/releases.win-beta.json", "velopack", "quiet", "stable", "releases.win-beta.json"),
    ],
)
def test_each_says_what_it_is(path: str, kind: str, product: str, channel: str, name: str) -> None:
    assert parsed(f"updates/{path}") == Address(kind, product, channel, name)


@pytest.mark.parametrize(
    "path", ["updates/latest.schema.json", "updates/release-notes/1.0.0.md", "updates/stable/Quiet-1.0.0-full.nupkg", "downloads/a/RELEASES"]
)
def test_other_files_are_none(path: str) -> None:
    assert parsed(path) is None
