"""Ruby that would be longer than a line may be, on several lines: 118 characters by brew's style (``Layout/LineLength`` in its .rubocop.yml).

A text is broken into strings that stand below each other, a call into one argument a line with named ones aligned as a table, an array
into one element a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from repogen.quoting import ruby

LONGEST = 118
_WORD = re.compile(r"\w+(?:-\w+)*")
#: Style wants as many plain words as these to be written without quotation marks.
_WORDS = 4


class Argument(NamedTuple):
    """``value`` is Ruby, or a text to be quoted, which may be broken; ``name`` is empty for a positional one."""

    value: str
    name: str = ""
    is_text: bool = False


def call(stanza: str, arguments: Sequence[Argument], indent: int) -> str:
    """A stanza or method with its arguments, without the blanks before its first line, which are ``indent``."""
    words = ", ".join(f"{a.name}: {_source(a)}" if a.name else _source(a) for a in arguments)
    if indent + len(stanza) + 1 + len(words) <= LONGEST:
        return f"{stanza} {words}"
    column = indent + len(stanza) + 1
    width = max((len(a.name) + 2 for a in arguments if a.name), default=0)
    lines: list[str] = []
    for number, a in enumerate(arguments):
        before = f"{a.name}:".ljust(width) if a.name else ""
        parts = _strings(a.value, LONGEST - column - len(before) - 3) if a.is_text else [a.value]
        broken = f" \\\n{' ' * (column + len(before))}".join(parts)
        lines.append(f"{before}{broken}{',' if number < len(arguments) - 1 else ''}")
    return f"{stanza} " + f"\n{' ' * column}".join(lines)


def array(elements: Iterable[str], before: str, indent: int) -> str:
    """An array of Ruby values, behind ``before`` on its line."""
    opening, separator, comma, elements = bracketed(tuple(elements))
    whole = f"{opening}{separator.join(elements)}]"
    if indent + len(before) + len(whole) <= LONGEST:
        return whole
    return "\n".join([opening, *(f"{' ' * (indent + 2)}{element}{comma}" for element in elements), f"{' ' * indent}]"])


def bracketed(elements: Sequence[str]) -> tuple[str, str, str, Sequence[str]]:
    """How an array begins, what divides its elements on one line and ends each on several, and the elements: plain words have no quotation marks."""
    bare = [element[1:-1] for element in elements]
    if len(elements) >= _WORDS and all(element == f'"{word}"' and _WORD.fullmatch(word) for element, word in zip(elements, bare, strict=True)):
        return "%w[", " ", "", bare
    return "[", ", ", ",", elements


def nested(source: str, before: str, indent: int) -> str:
    """Nested arrays without commas or brackets in their strings, broken where they are too long; ``before`` stands on their line. Plain words stay together."""
    start, end = source.find("["), source.rfind("]")
    if start < 0 or source[start - 1] == "w" or indent + len(before) + len(source) <= LONGEST:
        return source
    inside = [nested(f"{element},", "", indent + 2) for element in _elements(source[start + 1 : end])]
    return "\n".join([source[: start + 1], *(f"{' ' * (indent + 2)}{element}" for element in inside), f"{' ' * indent}{source[end:]}"])


def _elements(text: str) -> list[str]:
    """What the commas outside of inner brackets divide."""
    found, depth = [""], 0
    for letter in text:
        depth += (letter in "[{") - (letter in "]}")
        if letter == "," and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return [element.strip() for element in found]


def _source(argument: Argument) -> str:
    return ruby(argument.value) if argument.is_text else argument.value


def _strings(text: str, room: int) -> list[str]:
    """The text as quoted strings of at most this length, broken after blanks and slashes."""
    found = [""]
    for word in re.findall(r"[^ /]*[ /]*", text):
        if found[-1] and len(ruby(found[-1] + word)) > room:
            found.append("")
        found[-1] += word
    return [ruby(part) for part in found]
