"""The rules of winget's manifest schemas 1.10 to 1.28, as far as our manifests have to do with them."""

from __future__ import annotations

import re
from typing import Any

import yaml

_URL = re.compile(r"https?://.+")
_WORD = r"[^.\s\\/:*?\"<>|\x01-\x1f]{1,32}"
_TYPES = {"msi", "exe", "zip", "inno", "nullsoft", "burn", "portable"}
_LOCALE = {
    "Publisher": (2, 256), "PackageName": (2, 256), "License": (3, 512), "ShortDescription": (3, 256), "ReleaseNotes": (1, 10000), "Moniker": (1, 40),
}  # fmt: skip


def load(text: bytes) -> dict[str, Any]:
    """A manifest with every scalar as text, as winget reads them."""
    made: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    return made


def check_manifest(made: dict[str, Any]) -> None:
    """Fails on a key, a length or a form that the schema refuses."""
    assert re.fullmatch(rf"{_WORD}(?:\.{_WORD}){{1,7}}", made["PackageIdentifier"])
    assert len(made["PackageIdentifier"]) <= 128
    assert re.fullmatch(r"[^\\/:*?\"<>|\x01-\x1f]{1,128}", made["PackageVersion"])
    assert re.fullmatch(r"1\.\d+\.0", made["ManifestVersion"])
    {"version": _check_version, "installer": _check_installers, "defaultLocale": _check_locale}[made["ManifestType"]](made)


def _check_version(made: dict[str, Any]) -> None:
    assert set(made) == {"PackageIdentifier", "PackageVersion", "DefaultLocale", "ManifestType", "ManifestVersion"}


def _check_locale(made: dict[str, Any]) -> None:
    assert {"PackageLocale", "Publisher", "PackageName", "License", "ShortDescription"} <= set(made)
    for key, (least, most) in _LOCALE.items():
        assert least <= len(made.get(key, "x" * least)) <= most, key
    for key, value in made.items():
        assert not key.endswith("Url") or (_URL.fullmatch(value) and len(value) <= 2048)
    assert len(made["Tags"]) == len(set(made["Tags"])) <= 16
    assert all(1 <= len(tag) <= 40 for tag in made["Tags"])


def _check_installers(made: dict[str, Any]) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", made["ReleaseDate"])
    assert set(made["Platform"]) <= {"Windows.Desktop", "Windows.Universal"}
    assert made["Installers"]
    for each in made["Installers"]:
        assert each["Architecture"] in {"x86", "x64", "arm64", "neutral"}
        assert each["InstallerType"] in _TYPES
        assert _URL.fullmatch(each["InstallerUrl"])
        assert re.fullmatch(r"[0-9A-F]{64}", each["InstallerSha256"])
        assert each["UpgradeBehavior"] in {"install", "uninstallPrevious", "deny"}
        assert (each["InstallerType"] == "zip") == ("NestedInstallerFiles" in each) == ("NestedInstallerType" in each)
        assert each["InstallerType"] != "exe" or {"Silent", "SilentWithProgress"} <= set(each["InstallerSwitches"])
        for switch in each.get("InstallerSwitches", {}).values():
            assert 1 <= len(switch) <= 512
        for file in each.get("NestedInstallerFiles", []):
            assert 1 <= len(file["RelativeFilePath"]) <= 512
            assert 1 <= len(file["PortableCommandAlias"]) <= 40
        assert "ProductCode" not in each or each["ProductCode"]
    pairs = [(each["Architecture"], each["InstallerType"]) for each in made["Installers"]]
    assert len(set(pairs)) == len(pairs)
