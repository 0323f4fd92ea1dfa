"""The tables [homebrew] and [product.homebrew]."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from repogen.config import Config, parse
from repogen.errors import UsageError


def parsed(homebrew: dict[str, Any] | None = None, product: dict[str, Any] | None = None) -> Config:
    data: dict[str, Any] = {"repo": {"name": "acme", "url": "https://dl.acme.example"}, "homebrew": homebrew or {}}
    data["product"] = [{"id": "hello", "homebrew": product or {}}]
    return parse(data, Path("repogen.toml"))


def test_everything_that_can_be_said() -> None:
    asked = {
        "kind": "both",
        "macos": "big_sur",
        "macos_depends": ["openssl@3"],
        "linux_depends": ["acme/tap/lib"],
        "conflicts": ["gtk+"],
        "service": ["hello", "serve"],
        "uninstall": {"quit": ["a.b"]},
        "formerly": ["hi"],
        "moved_to": "homebrew/core",
        "deprecated": "is old",
        "deprecated_on": "2026-11-20",
    }
    made = parsed({"versions": 0, "push": "git@github.com:acme/homebrew-tap.git", "branch": "release/main"}, asked)
    assert made.product[0].homebrew.uninstall == {"quit": ("a.b",)}
    assert made.homebrew.push == "git@github.com:acme/homebrew-tap.git"


@pytest.mark.parametrize(
    ("homebrew", "product", "message"),
    [
        ({"versions": -1}, {}, "[homebrew] versions -1 is negative"),
        ({"push": "https://me:secret@example.org/tap.git"}, {}, "[homebrew] push holds a password"),
        ({"push": "--upload-pack=x"}, {}, "is no address of a git repository"),
        ({"push": "ext::sh -c id"}, {}, "is no address of a git repository"),
        ({"branch": "-f"}, {}, "branch '-f' cannot be one"),
        ({"branch": "a..b"}, {}, "branch 'a..b' cannot be one"),
        ({"puhs": ""}, {}, "unknown key 'puhs' in [homebrew]"),
        ({}, {"kind": "bottle"}, "[product.homebrew] of hello: kind 'bottle' is unknown"),
        ({}, {"macos": "11"}, "macos '11' is unknown"),
        ({}, {"conflicts": ["a b"]}, "'a b' is no formula"),
        ({}, {"linux_depends": ["x; system(1)"]}, "is no formula"),
        ({}, {"formerly": ["../x"]}, "formerly '../x' is no name"),
        ({}, {"apps": ["/Applications/Quiet"]}, "is no application"),
        ({}, {"moved_to": "core"}, "moved_to 'core' is no tap"),
        ({}, {"uninstall": {"script": ["x"]}}, "uninstall 'script' is unknown"),
        ({}, {"service": [""]}, "service names no program"),
        ({}, {"deprecated": "is old"}, "deprecated and deprecated_on belong together"),
        ({}, {"deprecated": "is old", "deprecated_on": "soon"}, "deprecated_on 'soon' is no date"),
        ({}, {"sevrice": []}, "unknown key 'sevrice' in [product.homebrew]"),
    ],
)
def test_what_cannot_be_is_told(homebrew: dict[str, Any], product: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as told:
        parsed(homebrew, product)
    assert message in told.value.message
    assert told.value.hint
    assert "secret" not in str(told.value)
