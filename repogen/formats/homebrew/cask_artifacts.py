"""What a cask puts where: https://docs.brew.sh/Cask-Cookbook#stanza-app and the stanzas after it.

brew does not enter the top folder of a cask's archive, so every path begins there.
"""

from __future__ import annotations

from typing import NamedTuple

from repogen.artifact import ArchiveFacts, Artifact, InstallerFacts, Kind
from repogen.catalog import Product
from repogen.formats.homebrew.completions import companions
from repogen.programs import program_name, programs


class Installed(NamedTuple):
    """One stanza: its name, the path in the download, and another name for what is installed, if it gets one."""

    stanza: str
    source: str
    target: str = ""


def installed(artifact: Artifact, product: Product) -> tuple[Installed, ...]:
    """The stanzas of one file, in the order of style."""
    name = artifact.path.rpartition("/")[2]
    facts = artifact.facts
    if artifact.kind is Kind.PKG:
        return (Installed("pkg", name),)
    if artifact.kind is Kind.APPIMAGE:
        return (Installed("app_image", name, f"{product.title.replace('/', '-')}.AppImage"),)
    if artifact.kind is Kind.BINARY:
        return (Installed("binary", name, product.id),)
    if isinstance(facts, ArchiveFacts):
        bundles = tuple(Installed("app", _place(bundle, facts.members)) for bundle in sorted(facts.bundles))
        return bundles or _programs(artifact, facts, product)
    known = facts.bundle if isinstance(facts, InstallerFacts) else ""
    return tuple(Installed("app", app) for app in product.homebrew.apps or (known or f"{product.title}.app",))


def _place(bundle: str, members: tuple[str, ...]) -> str:
    """The bundle with its folder."""
    inside = next((f"/{member}".partition(f"/{bundle}/")[0] for member in members if f"/{bundle}/" in f"/{member}"), "")
    return f"{inside}/{bundle}".lstrip("/")


def _programs(artifact: Artifact, facts: ArchiveFacts, product: Product) -> tuple[Installed, ...]:
    """Programs of a terminal, with their manual pages and completions. brew links them, so that they find their neighbours."""
    top = f"{facts.top}/" if facts.top else ""
    members = programs(facts)
    names = {member: program_name(member, product.id, artifact.version, alone=len(members) == 1) for member in members}
    found = [Installed("binary", f"{top}{member}", _other(member, name)) for member, name in names.items()]
    beside = companions(facts, names.values())
    found += [Installed("manpage", f"{top}{one.member}") for one in beside if one.folder.startswith("man")]
    for stanza in ("bash_completion", "fish_completion", "zsh_completion"):
        found += [Installed(stanza, f"{top}{one.member}", _other(one.member, one.name)) for one in beside if one.folder == stanza]
    return tuple(found)


def _other(path: str, name: str) -> str:
    """The name, if it is not the file's own."""
    return "" if path.rpartition("/")[2] == name else name
