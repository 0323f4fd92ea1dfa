"""Environment variables by which an installer is told what its options say."""

from __future__ import annotations

import re


def variable_prefix(name: str) -> str:
    """What they begin with: ``ACME``; a name cannot begin with a digit."""
    plain = re.sub(r"[^A-Z0-9]", "_", name.upper())
    return f"_{plain}" if plain[0].isdigit() else plain
