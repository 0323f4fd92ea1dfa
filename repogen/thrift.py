"""Many thousands of values in little memory."""

from __future__ import annotations

from typing import Any, TypeVar

from msgspec.structs import force_setattr

from repogen.artifact import Artifact, DebFacts, RpmFacts
from repogen.catalog import Release
from repogen.packed_text import Packer

_Items = TypeVar("_Items", bound=tuple[Any, ...])

#: So many packages that it is worth a little time to hold them, and what is made of them, in less memory.
VERY_MANY = 10_000
#: Texts that many items have in common.
_COMMON: dict[type, tuple[str, ...]] = {
    Release: ("product", "version", "channel", "date"),
    Artifact: ("product", "version", "channel", "os", "arch", "date"),
    DebFacts: ("package", "version", "architecture", "source", "description", "homepage"),
    RpmFacts: ("name", "version", "release", "architecture", "summary", "license", "homepage"),
}


class Room:
    """Where items take little memory: one copy of each short text that they have in common, which is a fifth of them, and the long ones packed."""

    def __init__(self) -> None:
        self._words: dict[str, str] = {}
        self._packer = Packer()

    def take(self, items: _Items) -> _Items:
        """These items, which nobody else has seen yet, in the order in which indices are made of them. They stay equal to what they were."""
        for item in items:
            facts = getattr(item, "facts", None)
            self._share(item)
            if isinstance(facts, DebFacts | RpmFacts):
                self._share(facts)
                for text in facts.texts:
                    self._packer.pack(text)
        return items

    def _share(self, value: Any) -> None:
        for name in _COMMON.get(type(value), ()):
            word = getattr(value, name)
            kept = self._words.setdefault(word, word)
            if kept is not word:
                force_setattr(value, name, kept)
