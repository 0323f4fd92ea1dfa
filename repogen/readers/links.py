"""Where the links in an archive lead, as an unpacker and the system after it would follow them."""

from __future__ import annotations

from collections.abc import Mapping

#: As Linux bounds them: links on one way, and bytes of what a link says.
_MOST_LINKS = 40
_LONGEST_TARGET = 4096


def leads_to(name: str, links: Mapping[str, str]) -> str:
    """The path at the end of ``name``, below the archive's root; empty when it leaves the archive, or never ends.

    ``links`` tells what each link says, from the folder in which it stands.
    """
    found: list[str] = []
    ahead = name.split("/")[::-1]
    followed = 0
    while ahead:
        part = ahead.pop()
        if part in {"", "."}:
            continue
        if part == "..":
            if not found:
                return ""
            found.pop()
            continue
        target = links.get("/".join((*found, part)))
        if target is None:
            found.append(part)
            continue
        followed += 1
        if followed > _MOST_LINKS or target.startswith("/") or len(target) > _LONGEST_TARGET:
            return ""
        ahead += reversed(target.split("/"))
    return "/".join(found)
