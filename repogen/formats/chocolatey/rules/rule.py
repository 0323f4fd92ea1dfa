"""A rule as a value, and the questions that many of them ask."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from repogen.formats.chocolatey.rules.contents import Contents

#: What a rule finds: a word for its sentence, or whether there is something. Nothing is found in a package that follows the rule.
Found = Callable[[Contents], str | bool]


class Level(StrEnum):
    """How much the validator makes of a fault."""

    REQUIREMENT = "requirement"
    GUIDELINE = "guideline"
    SUGGESTION = "suggestion"
    NOTE = "note"


class Rule(Struct, frozen=True):
    """One rule."""

    number: int
    """Of CPMR0001 and so on; 0 for what we recommend ourselves."""
    sentence: str
    """What is wrong; ``{}`` stands for what was found."""
    found: Found


def missing(element: str) -> Found:
    return lambda package: not package.said.get(element)


def same(one: str, other: str) -> Found:
    """Whether two elements are there and say the same."""
    return lambda package: bool(package.said.get(one)) and package.said.get(one) == package.said.get(other)


def scripted(pattern: str) -> Found:
    """The first script with this in it, comments too: the validator asks no more."""
    search = re.compile(pattern, re.IGNORECASE | re.MULTILINE).search
    return lambda package: next((name for name, text in package.scripts.items() if search(text)), "")


def packed(pattern: str) -> Found:
    """The first file whose path, in lower case, has this in it."""
    search = re.compile(pattern).search
    return lambda package: next((name for name in package.names if search(name.lower())), "")
