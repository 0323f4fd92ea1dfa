"""What Chocolatey's community repository demands of a package, as far as the package itself tells.

Its validator knows requirements, which keep a version out, guidelines and suggestions, which make it better, and notes for those who look at it:
https://docs.chocolatey.org/en-us/community-repository/moderation/package-validator/rules/. Each has a number there, and is one line here.
"""

from __future__ import annotations

import io
from typing import BinaryIO

from msgspec import Struct

from repogen.formats.chocolatey.rules.contents import read_contents
from repogen.formats.chocolatey.rules.guidelines import GUIDELINES
from repogen.formats.chocolatey.rules.notes import NOTES, SUGGESTIONS
from repogen.formats.chocolatey.rules.requirements import REQUIREMENTS
from repogen.formats.chocolatey.rules.rule import Level, Rule

__all__ = ["RULES", "Fault", "Level", "faults_of"]

RULES: tuple[tuple[Level, tuple[Rule, ...]], ...] = (
    (Level.REQUIREMENT, REQUIREMENTS),
    (Level.GUIDELINE, GUIDELINES),
    (Level.SUGGESTION, SUGGESTIONS),
    (Level.NOTE, NOTES),
)


class Fault(Struct, frozen=True):
    """What a package is against."""

    rule: str
    """``CPMR0009``; empty for what has no number."""
    level: Level
    sentence: str

    @property
    def required(self) -> bool:
        """Whether it keeps the package out."""
        return self.level is Level.REQUIREMENT

    def __str__(self) -> str:
        return f"{self.sentence} ({self.rule})" if self.rule else self.sentence


def faults_of(package: bytes | BinaryIO) -> tuple[Fault, ...]:
    """The faults of a nupkg, requirements first."""
    contents = read_contents(io.BytesIO(package) if isinstance(package, bytes) else package)
    found = ((level, rule, rule.found(contents)) for level, rules in RULES for rule in rules)
    return tuple(
        Fault(f"CPMR{rule.number:04}" if rule.number else "", level, rule.sentence.replace("{}", str(evidence))) for level, rule, evidence in found if evidence
    )
