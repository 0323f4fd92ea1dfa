"""Folders that a web server reads: 0755, whatever the umask of the one who builds."""

from __future__ import annotations

import os

#: How often a parent may go while a folder is made in it, as when others remove what is empty. Where it is there and takes none, as ``/proc``
#: or a mount whose server is away, the system says the same each time.
_TRIES = 10


def make_served(folder: str, tries: int = _TRIES) -> bool:
    """Make a folder and its missing parents; returns whether it was missing. Those that are there stay as they are. Raises OSError."""
    try:
        os.mkdir(folder)
    except FileNotFoundError:
        if tries == 0:
            raise
        make_served(os.path.dirname(folder))
        return make_served(folder, tries - 1)
    except FileExistsError as error:
        if not os.path.isdir(folder):
            raise NotADirectoryError(20, "Not a directory", folder) from error
        return False
    os.chmod(folder, 0o755)
    return True
