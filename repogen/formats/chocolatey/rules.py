"""What Chocolatey's community repository demands of a package, as far as the package itself tells.

Its validator knows requirements, which keep a version out, and guidelines, which make it better:
https://docs.chocolatey.org/en-us/community-repository/moderation/package-validator/rules/.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator, Mapping

from msgspec import Struct

_NAMESPACE = "{http://schemas.microsoft.com/packaging/2015/06/nuspec.xsd}"
_BINARIES = (".exe", ".msi", ".msu", ".zip", ".7z", ".dll", ".cab", ".tar", ".gz")
_URLS = ("projectUrl", "projectSourceUrl", "docsUrl", "bugTrackerUrl", "mailingListUrl", "iconUrl", "licenseUrl", "packageSourceUrl")
#: Words that say that a package is for tests of a version; they belong into the version.
_PRERELEASE = re.compile(r"(?:^|[-._])(?:alpha|beta|rc|pre|prerelease|preview|nightly|canary|dev|unstable)(?:[-._]|\d|$)")
_OWN_PARTS = ("_rels/", "package/services/metadata/core-properties/")


class Fault(Struct, frozen=True):
    """What a package is against."""

    rule: str
    """``CPMR0009``; empty for what has no number."""
    required: bool
    sentence: str

    def __str__(self) -> str:
        return f"{self.sentence} ({self.rule})" if self.rule else self.sentence


def faults_of(package: bytes) -> tuple[Fault, ...]:
    """The faults of a nupkg, requirements first."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name != "[Content_Types].xml" and not name.startswith(_OWN_PARTS)}
    (specification,) = (name for name in files if name.endswith(".nuspec") and "/" not in name)
    said = {element.tag.removeprefix(_NAMESPACE): (element.text or "").strip() for element in ET.fromstring(files.pop(specification))[0]}  # noqa: S314  # ours
    found = (*_required(said), *_packed(files), *_scripted(files), *_recommended(said, files))
    return tuple(sorted(found, key=lambda fault: not fault.required))


def _required(said: Mapping[str, str]) -> Iterator[Fault]:
    description, id = said.get("description", ""), said.get("id", "")
    checks = (
        ("CPMR0001", "copyright" in said and len(said["copyright"]) < 5, "the copyright has fewer than five characters"),
        ("CPMR0002", not description, "there is no description"),
        ("CPMR0007", said.get("requireLicenseAcceptance") == "true" and not said.get("licenseUrl"), "a licence is to be accepted, but licenseUrl is missing"),
        ("CPMR0009", not said.get("projectUrl"), "there is no projectUrl"),
        ("CPMR0014", "," in said.get("tags", ""), "the tags have commas"),
        ("CPMR0019", any(re.search(r"__\w+__|SPACE_SEPARATED", text) for text in said.values()), "a value of a template is left in the nuspec"),
        ("CPMR0020", any(re.search(r"\S@\S+\.\S", said.get(name, "")) for name in ("authors", "owners", "copyright")), "the nuspec has an email address"),
        ("CPMR0023", not said.get("tags"), "there are no tags"),
        ("CPMR0024", bool(_PRERELEASE.search(id)), f"the id {id!r} has a word of a prerelease, which belongs into the version"),
        ("CPMR0026", len(description) > 4000, "the description has more than 4000 characters"),
        ("CPMR0029", id.endswith(".config"), "the id ends in .config"),
        ("CPMR0030", bool(re.search(r"^#{1,6}[^#\s]", description, re.MULTILINE)), "a heading of the description has no space after its #"),
        ("CPMR0032", bool(description) and len(description) < 30, "the description has fewer than 30 characters"),
        ("CPMR0076", "raw.githubusercontent" in said.get("iconUrl", ""), "the icon comes from raw.githubusercontent.com, which is no host for it"),
        ("", "chocolatey" in said.get("tags", "").lower().split(), "a tag is 'chocolatey'"),
    )
    yield from (Fault(rule, required=True, sentence=sentence) for rule, wrong, sentence in checks if wrong)
    for name in _URLS:
        if name in said and not re.fullmatch(r"https?://[^\s/]+(?:/\S*)?", said[name]):
            yield Fault("CPMR0031", required=True, sentence=f"{name} is no http(s) address")


def _packed(files: Mapping[str, bytes]) -> Iterator[Fault]:
    names = [name.lower() for name in files]
    last = {name.rpartition("/")[2] for name in names}
    embeds = any(name.endswith(_BINARIES) for name in names)
    checks = (
        ("CPMR0004", any(name.endswith((".psmdcp", ".rels", ".nupkg")) for name in names), "it holds files that packing makes"),
        ("CPMR0005", embeds and "license.txt" not in last, "it holds programs, but no LICENSE.txt"),
        ("CPMR0006", embeds and "verification.txt" not in last, "it holds programs, but no VERIFICATION.txt"),
        ("CPMR0013", any(re.search(r"(?:^|/)\.(?:git|svn|hg)", name) for name in names), "it holds files of a version control"),
        ("CPMR0021", bool(last & {"thumbs.db", "desktop.ini", ".ds_store"}), "it holds index files of a system"),
        ("CPMR0003", any(_misnamed(name, "install") for name in names), "its script of installation is not tools/chocolateyInstall.ps1"),
        ("CPMR0015", any(_misnamed(name, "uninstall") for name in names), "its script of removal is not tools/chocolateyUninstall.ps1"),
    )
    yield from (Fault(rule, required=True, sentence=sentence) for rule, wrong, sentence in checks if wrong)


def _misnamed(name: str, what: str) -> bool:
    return name.rpartition("/")[2] in {f"{what}.ps1", f"chocolatey{what}.ps1"} and name != f"tools/chocolatey{what}.ps1"


def _scripted(files: Mapping[str, bytes]) -> Iterator[Fault]:
    for name, content in files.items():
        if not name.lower().endswith((".ps1", ".psm1")):
            continue
        text = re.sub(r"^\s*#.*$", "", content.decode("utf-8-sig", "replace"), flags=re.MULTILINE)
        checks = (
            ("CPMR0010", re.search(r"^\s*(?:choco|cinst|cup|cuninst|clist)(?:\.exe)?\s", text, re.MULTILINE | re.IGNORECASE), "runs choco"),
            ("CPMR0011", re.search(r"Import-Module\s.*chocolatey", text, re.IGNORECASE), "imports choco's own modules"),
            ("CPMR0027", len(re.findall(r"\burl(?:64bit)?\s*=", text)) > len(re.findall(r"\bchecksum(?:64)?\s*=", text)), "fetches without a checksum"),
            ("CPMR0071", re.search(r"Get-ChocolateyLicensed|Install-ChocolateyWindowsService", text, re.IGNORECASE), "uses what only paid editions have"),
        )
        yield from (Fault(rule, required=True, sentence=f"{name} {sentence}") for rule, wrong, sentence in checks if wrong)


def _recommended(said: Mapping[str, str], files: Mapping[str, bytes]) -> Iterator[Fault]:
    source = b"".join(content for name, content in files.items() if name.endswith(".ps1"))
    checks = (
        ("CPMR0033", not said.get("iconUrl"), "there is no iconUrl"),
        ("CPMR0034", b"sourceforge" in source.lower(), "it fetches from SourceForge"),
        ("CPMR0040", not said.get("packageSourceUrl"), "there is no packageSourceUrl"),
        ("CPMR0041", bool(said.get("projectSourceUrl")) and said.get("projectSourceUrl") == said.get("projectUrl"), "projectSourceUrl is projectUrl again"),
        ("", not said.get("licenseUrl"), "there is no licenseUrl"),
        ("", not said.get("copyright"), "there is no copyright"),
        ("", not said.get("releaseNotes"), "there are no release notes"),
        ("", said.get("title") == said.get("id"), "the title is the id again"),
    )
    yield from (Fault(rule, required=False, sentence=sentence) for rule, wrong, sentence in checks if wrong)
