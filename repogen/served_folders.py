"""Folders that a web server reads: 0755, whatever the umask of the one who builds."""

from __future__ import annotations

import os


def make_served(folder: str) -> bool:
    """Make a folder and its missing parents; returns whether it was missing. Those that are there stay as they are. Raises OSError."""
    try:
        os.mkdir(folder)
    except FileNotFoundError:
        make_served(os.path.dirname(folder))
        return make_served(folder)
    except FileExistsError as error:
        if not os.path.isdir(folder):
            raise NotADirectoryError(20, "Not a directory", folder) from error
        return False
    os.chmod(folder, 0o755)
    return True
