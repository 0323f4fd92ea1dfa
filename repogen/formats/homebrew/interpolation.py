"""Addresses of several architectures and systems as one Ruby string, with ``#{arch}``, ``#{os}`` and ``#{version}`` where they differ.

https://docs.brew.sh/Cask-Cookbook#stanza-arch
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from repogen.quoting import ruby


class Difference(NamedTuple):
    """Where two texts differ: ``before`` + (``one`` or ``other``) + ``after``."""

    before: str
    one: str
    other: str
    after: str


class Words(NamedTuple):
    """What stands for ``#{os}`` and ``#{arch}``: by brew's word of the system and of the architecture. Empty where nothing does."""

    os: Mapping[str, str]
    arch: Mapping[str, str]


def difference(one: str, other: str) -> Difference:
    """The whole words in which the two differ; where only one has a word of its own, the other has nothing."""
    ones, others = _words(one), _words(other)
    start = _common(ones, others)
    end = _common(ones[start:][::-1], others[start:][::-1])
    return Difference(
        before="".join(ones[:start]),
        one="".join(ones[start : len(ones) - end]),
        other="".join(others[start : len(others) - end]),
        after="".join(ones[len(ones) - end :]),
    )


def by_architecture(texts: Mapping[str, str], version: str) -> tuple[str, Words]:
    """One Ruby string for the texts of the one or two architectures of a system, and the words for it."""
    words, values = list(texts), list(texts.values())
    if len(set(values)) == 1:
        return _quoted([(values[0], "")], version), Words({}, {})
    found = difference(values[0], values[1])
    return _quoted([(found.before, "arch"), (found.after, "")], version), Words({}, {words[0]: found.one, words[1]: found.other})


def interpolated(texts: Mapping[tuple[str, str], str], version: str) -> tuple[str, Words] | None:
    """One Ruby string for the text of each (system, architecture), and the words for it; None where they have too little in common."""
    systems, words = list(dict.fromkeys(system for system, _ in texts)), list(dict.fromkeys(word for _, word in texts))
    if len(systems) == 1:
        return by_architecture({word: text for (_, word), text in texts.items()}, version)
    if len(systems) * len(words) != len(texts):
        return None
    return _by_os(texts, systems, words, version) or (_by_both(texts, systems, words, version) if len(words) > 1 else None)


def _by_both(texts: Mapping[tuple[str, str], str], systems: list[str], words: list[str], version: str) -> tuple[str, Words] | None:
    """By the architecture, and by what of the rest differs between the systems: before it or after it."""
    archs = difference(texts[systems[0], words[0]], texts[systems[0], words[1]])
    arch, other = {words[0]: archs.one, words[1]: archs.other}, texts[systems[1], words[0]]
    for kept, start in ((f"{archs.one}{archs.after}", False), (f"{archs.before}{archs.one}", True)):
        if not (other.startswith(kept) if start else other.endswith(kept)):
            continue
        there = other[len(kept) :] if start else other[: len(other) - len(kept)]
        split = difference(archs.after if start else archs.before, there)
        os = {systems[0]: split.one, systems[1]: split.other}
        of_os = [(split.before, "os"), (split.after, "" if start else "arch")]
        parts = [(archs.before, "arch"), *of_os] if start else [*of_os, (archs.after, "")]
        if all(_filled(parts, os[system], arch[word]) == text for (system, word), text in texts.items()):
            return _quoted(parts, version), Words(os, arch)
    return None


def _by_os(texts: Mapping[tuple[str, str], str], systems: list[str], words: list[str], version: str) -> tuple[str, Words] | None:
    """By the system alone, or by nothing."""
    split = difference(texts[systems[0], words[0]], texts[systems[1], words[0]])
    names = dict(zip(systems, (split.one, split.other), strict=True))
    parts = [(split.before, "os"), (split.after, "")]
    same = all(_filled(parts, names[system], "") == text for (system, _), text in texts.items())
    return (_quoted(parts, version), Words(names, {})) if same else None


def _filled(parts: list[tuple[str, str]], os: str, arch: str) -> str:
    return "".join(text + {"os": os, "arch": arch, "": ""}[name] for text, name in parts)


def _quoted(parts: list[tuple[str, str]], version: str) -> str:
    """A Ruby string: each text, followed by the value of that name."""
    return '"' + "".join(_with_version(text, version) + (f"#{{{name}}}" if name else "") for text, name in parts) + '"'


def _with_version(text: str, version: str) -> str:
    parts = re.split(rf"(?<![A-Za-z0-9]){re.escape(version)}(?![A-Za-z0-9])", text)
    return "#{version}".join(ruby(part)[1:-1] for part in parts)


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z0-9]+|[^A-Za-z0-9]", text)


def _common(one: list[str], other: list[str]) -> int:
    """How many words the two have in common from their start."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
