"""SPDX expressions as the value of brew's ``license``: https://docs.brew.sh/License-Guidelines."""

from __future__ import annotations

import re

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from repogen.formats.homebrew.wrapping import bracketed
from repogen.quoting import ruby

UNKNOWN = ":cannot_represent"
#: SPDX has withdrawn the bare names, and brew refuses them.
_GNU = re.compile(r"(?:A|L)?GPL-\d\.\d|GFDL-\d\.\d")


def license_value(expression: str) -> str:
    """The Ruby value of ``license``. What SPDX does not know is ``:cannot_represent``; nothing stays nothing."""
    if not expression.strip():
        return ""
    try:
        words = re.findall(r"[()]|[^\s()]+", canonicalize_license_expression(expression))
    except InvalidLicenseExpression:
        return UNKNOWN
    if any(word.startswith("LicenseRef-") for word in words):
        return UNKNOWN
    value = _either(words)
    return value.removeprefix("{ ").removesuffix(" }") if value.startswith("{") else value


def _either(words: list[str]) -> str:
    operands = [_together(words)]
    while _next_is(words, "OR"):
        operands.append(_together(words))
    return _hash("any_of", operands)


def _together(words: list[str]) -> str:
    operands = [_one(words)]
    while _next_is(words, "AND"):
        operands.append(_one(words))
    return _hash("all_of", operands)


def _one(words: list[str]) -> str:
    if _next_is(words, "("):
        inside = _either(words)
        words.pop(0)
        return inside
    license = _current(words.pop(0))
    return f"{{ {license} => {{ with: {ruby(words.pop(0))} }} }}" if _next_is(words, "WITH") else license


def _next_is(words: list[str], word: str) -> bool:
    """Take ``word`` off the front when it is there."""
    found = words[:1] == [word]
    if found:
        words.pop(0)
    return found


def _current(id: str) -> str:
    plain = id.removesuffix("+")
    if _GNU.fullmatch(plain):
        id = plain + ("-or-later" if id.endswith("+") else "-only")
    return ruby(id)


def _hash(key: str, operands: list[str]) -> str:
    if len(operands) == 1:
        return operands[0]
    opening, separator, _, words = bracketed(operands)
    return f"{{ {key}: {opening}{separator.join(words)}] }}"
