"""Formulas and casks evaluated by the Ruby stand-in for brew, and the order of stanzas that brew's style demands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.clients import require, run

_DSL = Path(__file__).parent.parent / "clients/brew_dsl.rb"
MACHINES = tuple((system, arch) for system in ("macos", "linux") for arch in ("arm", "intel"))

FORMULA_ORDER = [
    "desc",
    "homepage",
    "url",
    "version",
    "sha256",
    "license",
    "livecheck",
    "keg_only",
    "depends_on",
    "on_macos",
    "on_linux",
    "on_arm",
    "on_intel",
    "conflicts_with",
    "install",
    "caveats",
    "service",
    "test",
]
CASK_ORDER = [
    "arch",
    "version",
    "sha256",
    "url",
    "name",
    "desc",
    "homepage",
    "livecheck",
    "auto_updates",
    "conflicts_with",
    "depends_on",
    "app",
    "pkg",
    "uninstall",
    "zap",
    "caveats",
]


def evaluate(file: Path, system: str, arch: str) -> dict[str, Any]:
    """What a formula or cask says to one machine: ``name``, ``order``, ``stanzas``; or ``unsupported``."""
    require("ruby")
    return json.loads(run("ruby", "-w", _DSL, "facts", file, system, arch).stdout)  # type: ignore[no-any-return]


def install(file: Path, system: str, arch: str, keg: Path, *, check: bool = True) -> str:
    """Download, check and install it into ``keg`` and run its test; returns what went wrong, if it did."""
    require("ruby", "unzip")
    return run("ruby", _DSL, "install", file, system, arch, keg, check=check).stderr


def assert_order(order: list[str], rule: list[str]) -> None:
    """Stanzas stand in the order of style's rule, and it knows them all."""
    assert [word for word in order if word not in rule] == []
    assert order == sorted(order, key=rule.index)
