"""Sizes and counts for people."""

from __future__ import annotations


def size(number: int) -> str:
    """``1536`` is ``1.5 KB``: powers of 1,000, as download pages and disks count."""
    if number < 1000:
        return count(number, "byte")
    amount, units = number / 1000, ["TB", "GB", "MB", "KB"]
    while amount >= 999.95 and len(units) > 1:
        amount /= 1000
        units.pop()
    return f"{amount:.1f} {units[-1]}"


def count(number: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
