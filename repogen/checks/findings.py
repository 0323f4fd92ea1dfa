"""What a check found: how bad it is, one sentence, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from msgspec import Struct

from repogen.errors import RepogenError


class Severity(StrEnum):
    """How bad a finding is, the worst last."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    """Clients of today refuse the site, or repogen cannot do its work."""


class Finding(Struct, frozen=True, kw_only=True):
    """One result of a check."""

    severity: Severity
    check: str
    """What was looked at, for scripts: ``expiry``, ``algorithm``, ``destination``."""
    message: str
    """One sentence, without a full stop."""
    remedy: str = ""
    """What to do; empty where there is nothing to do."""

    @property
    def line(self) -> str:
        return f"{self.message}: {self.remedy}" if self.remedy else self.message


def ok(check: str, message: str) -> Finding:
    return Finding(severity=Severity.OK, check=check, message=message)


def warning(check: str, message: str, remedy: str) -> Finding:
    return Finding(severity=Severity.WARNING, check=check, message=message, remedy=remedy)


def error(check: str, message: str, remedy: str) -> Finding:
    return Finding(severity=Severity.ERROR, check=check, message=message, remedy=remedy)


def of_error(check: str, caught: RepogenError) -> Finding:
    """An error that ended a check."""
    return error(check, caught.message, caught.hint)


def failed(findings: Iterable[Finding]) -> bool:
    """Whether one of them is an error."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def text(findings: Iterable[Finding]) -> str:
    """A line for each finding, and one below it for what to do."""
    lines = []
    for finding in findings:
        lines.append(f"{finding.severity.value + ':':9}{finding.message}")
        lines += [f"{'':9}{finding.remedy}"] if finding.remedy else []
    return "\n".join(lines)


def rows(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The findings as JSON's values."""
    return [{"severity": f.severity.value, "check": f.check, "message": f.message, "remedy": f.remedy} for f in findings]
