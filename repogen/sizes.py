"""Sizes for people."""

from __future__ import annotations


def human(size: int) -> str:
    """``1536`` is ``1.5 KB``: powers of 1,000, as download pages and disks count."""
    if size < 1000:
        return f"{size} bytes" if size != 1 else "1 byte"
    number, units = size / 1000, ["TB", "GB", "MB", "KB"]
    while number >= 999.95 and len(units) > 1:
        number /= 1000
        units.pop()
    return f"{number:.1f} {units[-1]}"
