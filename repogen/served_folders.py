"""Folders that a web server reads: 0755, whatever the umask of the one who builds."""

from __future__ import annotations

from pathlib import Path


def make_served(folder: Path) -> None:
    """Make a folder and its missing parents. Those that are there stay as they are. Raises OSError."""
    if folder.is_dir():
        return
    make_served(folder.parent)
    try:
        folder.mkdir()
        folder.chmod(0o755)
    except FileExistsError as error:
        if not folder.is_dir():
            raise NotADirectoryError(20, "Not a directory", str(folder)) from error
