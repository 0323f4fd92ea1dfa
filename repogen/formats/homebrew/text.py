"""Names and descriptions as Homebrew's style and audit want them: https://docs.brew.sh/Formula-Cookbook."""

from __future__ import annotations

import re
import unicodedata

from repogen.quoting import line

_LONGEST = 79
_SHORTEST = 20
_ENDS = (r"[.!?](?=\s)", r"[,;:](?=\s)|\s(?=[\u2013\u2014(]|-\s)")
_PLATFORM = re.compile(r"\s*\b(?:(?:for|on)\s+(?:the\s+)?)?(?:macOS|Mac ?OS(?: ?X)?|Mac|OS ?X)\b", re.IGNORECASE)
_JOINT = re.compile(r"^(?:\s+is\b)?[\s:,;\u2013\u2014-]*")


def class_name(formula: str) -> str:
    """The Ruby class of a formula: ``hello-world`` is HelloWorld, ``hello@1.2`` is HelloAT12."""
    name = re.sub(r"[-_.\s]([a-zA-Z0-9])", lambda match: match[1].upper(), formula.capitalize())
    return re.sub(r"(.)@(\d)", r"\1AT\2", name.replace("+", "x"), count=1)


def description(text: str, names: tuple[str, ...], fallback: str, *, cask: bool = False) -> str:
    """A ``desc``: under 80 characters, without article, full stop, symbols or (for a cask) platform, not beginning with one of the names."""
    for candidate in (text, fallback):
        short = _tidy(candidate, names, cask=cask)
        if short:
            return short
    return "Software"


def _tidy(text: str, names: tuple[str, ...], *, cask: bool) -> str:
    text = line("".join(c for c in text if unicodedata.category(c) != "So"))
    text = re.sub(r"(c)ommand ?line", r"\1ommand-line", text, flags=re.IGNORECASE)
    if cask:
        text = _PLATFORM.sub("", text).strip()
    before = None
    while text != before:  # "The Hello, a program" loses one thing after another
        before = text
        text = re.sub(r"^(?:the|an?)\s+", "", text, flags=re.IGNORECASE)
        for name in names:
            text = _without_name(text, name)
    text = _shorten(text)
    return text if text.startswith(("iOS", "iPhone", "macOS")) else text[:1].upper() + text[1:]


def _without_name(text: str, name: str) -> str:
    """Without the name at its front, whether written with spaces, with dashes or in one word."""
    letters = [c for c in name.lower() if c not in "- "]
    end = 0
    for letter in letters:
        if end and text[end : end + 1] in {" ", "-"}:
            end += 1
        if text[end : end + 1].lower() != letter:
            return text
        end += 1
    rest = text[end:]
    return text if not letters or re.match(r"\w", rest) else _JOINT.sub("", rest)


def _shorten(text: str) -> str:
    """Whole sentences of a long text, else what comes before a comma or dash, else as many words as there is room for."""
    if len(text) > _LONGEST:
        room = text[: _LONGEST + 1]
        ends = (max((found.start() for found in re.finditer(end, room)), default=0) for end in _ENDS)
        end = next((end for end in ends if end >= _SHORTEST), 0)
        text = room[:end] if end else room.rpartition(" ")[0] or text[:_LONGEST]
    text = text.rstrip(" ,;:-")
    return text if text.endswith("etc.") else text.rstrip(". ")
