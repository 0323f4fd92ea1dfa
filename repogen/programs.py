"""The programs of an archive: which of its members people run, and by which name.

Homebrew's formulas and install.sh install the same ones under the same names.
"""

from __future__ import annotations

import re

from repogen.artifact import ArchiveFacts
from repogen.platforms import ARCHITECTURE_WORDS, LIBC_WORDS, SYSTEM_WORDS

_LIBRARY = re.compile(r"\.(?:so(?:\.\d+)*|dylib|dll|a|o|node|exe)$", re.IGNORECASE)
_SETUP = {"install", "uninstall", "setup", "configure", "install.sh", "uninstall.sh", "setup.sh", "postinstall", "preinstall"}
_PLATFORM = {**SYSTEM_WORDS, **ARCHITECTURE_WORDS, **LIBC_WORDS}.keys()


def programs(facts: ArchiveFacts) -> tuple[str, ...]:
    """The archive's programs, relative to its top folder: those in ``bin/``, else at the top, else in the ``bin/`` next below, else all of them."""
    prefix = f"{facts.top}/" if facts.top else ""
    inside = [member.removeprefix(prefix) for member in facts.executables]
    usable = [member for member in inside if not _LIBRARY.search(member)] or inside
    wanted = [member for member in usable if member.rpartition("/")[2].lower() not in _SETUP] or usable
    nested = [folder for member in wanted if (folder := _folder(member)).endswith("/bin")]
    nearest = min((folder.count("/") for folder in nested), default=0)
    for folders in ({"bin"}, {""}, {folder for folder in nested if folder.count("/") == nearest}):
        here = [member for member in wanted if _folder(member) in folders]
        if here:
            return tuple(sorted(here))
    return tuple(sorted(wanted))


def _folder(member: str) -> str:
    return member.rpartition("/")[0]


def program_name(member: str, product: str, version: str, *, alone: bool) -> str:
    """The name to run it by: ``hello-1.2.0-linux-amd64`` is ``hello`` when it is the archive's only program."""
    name = member.rpartition("/")[2]
    rest = name.lower().removeprefix(product)
    if not alone or rest == name.lower() or not rest:
        return name
    words = re.split(r"[-_.]+", rest.replace(version.lower(), "").strip("-_."))
    plain = all(word in _PLATFORM or word in {"", "v", "64", "86"} or word.isdigit() for word in words)
    return product if plain and rest[0] in "-_." else name


def needs_neighbours(facts: ArchiveFacts, members: tuple[str, ...]) -> bool:
    """Whether the programs come with libraries or data of their own, which they look for beside themselves, or are links to other files."""
    prefix = f"{facts.top}/" if facts.top else ""
    if any(prefix + member in facts.links for member in members):
        return True
    others = [member.removeprefix(prefix) for member in facts.members if member.removeprefix(prefix) not in members]
    roots = {"", *(folder.removesuffix("bin") for member in members if (folder := _folder(member)).endswith("/bin"))}
    beside = tuple(root + folder for root in roots for folder in ("lib/", "libexec/", "resources/"))
    return any(_LIBRARY.search(member) or member.startswith(beside) for member in others)
