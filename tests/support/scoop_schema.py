"""The rules of Scoop's schema.json, as far as our manifests have to do with them."""

from __future__ import annotations

import re
from typing import Any

_TOP = {"version", "description", "homepage", "license", "architecture", "checkver", "autoupdate", "bin", "extract_dir", "shortcuts"}
_DOWNLOAD = {"url", "hash", "bin", "extract_dir", "shortcuts"}
_WORDS = {"32bit", "64bit", "arm64"}


def check_manifest(made: dict[str, Any]) -> None:
    """Fails on a key, a type or a form that the schema refuses."""
    assert set(made) <= _TOP
    assert {"version", "homepage", "license"} <= set(made)
    assert re.fullmatch(r"[\w.\-+]+", made["version"])
    assert re.match(r"https?://", made["homepage"])
    assert made["license"]
    assert set(made["architecture"]) <= _WORDS
    for download in made["architecture"].values():
        assert set(download) <= _DOWNLOAD
        assert "$" not in download["url"]
        assert re.fullmatch(r"[a-fA-F0-9]{64}", download["hash"])
        _check_installed(download)
    _check_installed(made)
    assert set(made["checkver"]) <= {"url", "jsonpath"}
    assert re.match(r"\$[.[]", made["checkver"]["jsonpath"])
    update = made.get("autoupdate", {"architecture": {}, "hash": {}})
    assert set(update) <= {"architecture", "hash"}
    assert set(update["hash"]) <= {"url"}
    for download in update["architecture"].values():
        assert set(download) <= {"url", "extract_dir"}
        assert "$version" in download["url"]


def _check_installed(made: dict[str, Any]) -> None:
    bins = made.get("bin", "x")
    assert bins
    for each in bins if isinstance(bins, list) else [bins]:
        assert isinstance(each, str) or (len(each) >= 1 and all(isinstance(word, str) for word in each))
    for shortcut in made.get("shortcuts", []):
        assert 2 <= len(shortcut) <= 4
    assert isinstance(made.get("extract_dir", ""), str)
