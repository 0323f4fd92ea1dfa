"""A mark that changes with repogen's own files, for what is kept from one run to the next."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

#: The package itself, beside its folders below it.
PACKAGE = "."


def code_mark(*folders: str) -> str:
    """Sixteen digits for names, sizes and times of all files in these folders of the package, and below all but the package itself."""
    marks: list[str] = []
    for folder in folders:
        _add(marks, str(Path(__file__).parent / folder), whole=folder != PACKAGE)
    return hashlib.sha256("\n".join(sorted(marks)).encode()).hexdigest()[:16]


def _add(marks: list[str], folder: str, *, whole: bool) -> None:
    if not Path(folder).is_dir():
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_dir():
                status = entry.stat()
                marks.append(f"{entry.path}:{status.st_size}:{status.st_mtime_ns}")
            elif whole and entry.name != "__pycache__":
                _add(marks, entry.path, whole=True)
