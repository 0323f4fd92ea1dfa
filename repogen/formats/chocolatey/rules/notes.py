"""Suggestions, and notes for the people who look at a package."""

from __future__ import annotations

from repogen.formats.chocolatey.rules.contents import Contents
from repogen.formats.chocolatey.rules.rule import Rule, scripted

_LINKS = ("docsUrl", "mailingListUrl", "bugTrackerUrl", "packageSourceUrl", "projectSourceUrl")
_LONGEST_WORD = 20


def _dotted_id(package: Contents) -> str:
    id = package.said.get("id", "")
    return id if "." in id and not id.lower().endswith((".install", ".portable", ".commandline", ".app", ".extension", ".template", ".hook")) else ""


def _long_id(package: Contents) -> str:
    id = package.said.get("id", "")
    return id if len(id) > _LONGEST_WORD and "-" not in id else ""


def _same_people(package: Contents) -> bool:
    owners, authors = package.said.get("owners", ""), package.said.get("authors", "")
    return bool(owners) and owners.lower() == authors.lower()


SUGGESTIONS = (
    Rule(57, f"there is none of {', '.join(_LINKS)}", lambda p: not any(p.said.get(name) for name in _LINKS)),
    Rule(
        58,
        "the icon is neither png nor svg",
        lambda p: bool(p.said.get("iconUrl")) and not p.said["iconUrl"].lower().partition("?")[0].endswith((".png", ".svg")),
    ),
    Rule(59, "{} asks Get-WmiObject for installed programs, which reconfigures them all", scripted(r"Win32_Product\b")),
)

NOTES = (
    Rule(60, "it holds programs such as {}", lambda p: p.binary),
    Rule(61, "the id {} has a dot", _dotted_id),
    Rule(62, "it depends on chocolatey itself", lambda p: any(id.lower() == "chocolatey" for id in p.dependencies)),
    Rule(63, "{} uses WScript", scripted("WScript")),
    Rule(64, "{} uses CreateShortcut, in place of Install-ChocolateyShortcut", scripted(r"\.CreateShortcut")),
    Rule(65, "{} uses rundll32", scripted("rundll32")),
    Rule(66, "{} uses msiexec, in place of Install-ChocolateyPackage", scripted(r"msiexec")),
    Rule(67, "a tag is 'notSilent'", lambda p: "notsilent" in p.said.get("tags", "").lower().split()),
    Rule(68, "owners and authors are the same, who must then be the makers of the program", _same_people),
    Rule(69, "the id {} is long and has no dashes", _long_id),
    Rule(70, "the id {} has an underscore", lambda p: p.said.get("id", "") if "_" in p.said.get("id", "") else ""),
)
