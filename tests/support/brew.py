"""Formulas and casks evaluated by the Ruby stand-in for brew, and the order of stanzas that brew's style demands."""

from __future__ import annotations

import json
import re
from itertools import pairwise
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
    "deprecate!",
    "disable!",
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
    "os",
    "version",
    "sha256",
    "on_arm",
    "on_intel",
    "on_macos",
    "on_linux",
    "url",
    "name",
    "desc",
    "homepage",
    "livecheck",
    "deprecate!",
    "disable!",
    "auto_updates",
    "conflicts_with",
    "depends_on",
    "app",
    "app_image",
    "pkg",
    "binary",
    "manpage",
    "bash_completion",
    "fish_completion",
    "zsh_completion",
    "uninstall",
    "zap",
    "caveats",
]


#: Stanzas of a cask that stand together; between two groups there is an empty line.
CASK_GROUPS = [
    {"arch", "os"},
    {"version", "sha256"},
    {"url", "name", "desc", "homepage"},
    {"livecheck"},
    {"deprecate", "disable"},
    {"auto_updates", "conflicts_with", "depends_on"},
    {"app", "app_image", "pkg", "binary", "manpage", "bash_completion", "fish_completion", "zsh_completion"},
    {"uninstall"},
    {"zap"},
    {"caveats"},
]


def evaluate(file: Path, system: str, arch: str) -> dict[str, Any]:
    """What a formula or cask says to one machine: ``name``, ``version`` (as brew finds it), ``order``, ``inside`` (the same of each block), ``stanzas``; or
    ``unsupported``, why it is not for that machine, and ``stanzas``. Fails where brew could not load it as that machine.
    """
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


def assert_style(text: str, rule: list[str]) -> None:
    """Rules of style about the text: groups apart by one empty line, no trailing blanks, dependencies sorted, no ``verified:``, nothing left of a template."""
    assert "\n\n\n" not in text
    assert text.endswith("\nend\n")
    assert not re.search(r"[ \t]+\n|do\n\n|\n\n *end\n|verified:|>= :", text)
    for indent in ("  ", "    "):
        for block in re.findall(rf"(?:^{indent}depends_on .*\n)+", text, re.MULTILINE):
            names = [re.sub(r'[":]', "", line.split()[1]).lower() for line in block.splitlines()]
            assert rule is CASK_ORDER or names == sorted(names)
    lines = text.splitlines()
    for above, below in pairwise(lines):
        if above.startswith("  ") and not above.startswith("   ") and below.startswith("  ") and not below.startswith("   "):
            words = [re.split(r"\W", line.strip(), maxsplit=1)[0] for line in (above, below)]
            groups = [next((group for group in (CASK_GROUPS if rule is CASK_ORDER else ()) if word in group), None) for word in words]
            assert groups[0] == groups[1], (above, below)
