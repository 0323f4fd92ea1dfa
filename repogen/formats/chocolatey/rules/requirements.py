"""What keeps a package out of the community repository."""

from __future__ import annotations

import re
from collections.abc import Iterator

from repogen.formats.chocolatey.rules.contents import Contents
from repogen.formats.chocolatey.rules.rule import Found, Rule, missing, packed, scripted

_URLS = ("projectUrl", "projectSourceUrl", "docsUrl", "bugTrackerUrl", "mailingListUrl", "iconUrl", "licenseUrl", "packageSourceUrl")
_URL = re.compile(r"https?://[^\s/]+(?:/\S*)?")
_EMAIL = re.compile(r"\S@\S+\.\S")
_SHORTEST_COPYRIGHT, _SHORTEST_DESCRIPTION, _LONGEST_DESCRIPTION = 5, 30, 4000
#: Words that say that a package is for tests of a version; they belong into the version.
_PRERELEASE = re.compile(r"(?:^|[-._])(?:alpha|beta|rc|pre|prerelease|preview|nightly|canary|dev|unstable)(?:[-._]|\d|$)")
_INTERNAL = (
    "nugetChocolateyPath", "nugetPath", "nugetExePath", "nugetLibPath", "chocoInstallVariableName", "nugetExe", "extensionsPath", "badLibPath", "ShimGen",
    "checksumExe",
)  # fmt: skip
_PRIVATE = (
    "chocolateyToolsLocation", "chocolateyBinRoot", "chocolatey_bin_root", "chocolateyPackageFolder", "packageFolder", "chocolateyChecksum32",
    "chocolateyChecksum64", "chocolateyChecksumType32", "chocolateyChecksumType64", "downloadCacheAvailable",
)  # fmt: skip
#: What fetches a file and checks it itself, if it is told the checksum.
_FETCHES = re.compile(
    r"^[^#\n]*\b(?:Install-ChocolateyPackage|Install-ChocolateyZipPackage|Get-ChocolateyWebFile|Install-ChocolateyPowershellCommand|"
    r"Install-ChocolateyVsixPackage)\b",
    re.IGNORECASE | re.MULTILINE,
)
_FETCHES_UNCHECKED = re.compile(r"\b(?:Get-WebFile|Get-FtpFile)\b", re.IGNORECASE)


def _said(element: str, pattern: str) -> Found:
    return lambda package: bool(re.search(pattern, package.said.get(element, ""), re.MULTILINE))


def _template_value(package: Contents) -> str:
    return next((name for name, text in package.said.items() if re.search(r"__\w+__|space_separated|\btag1\b", text, re.IGNORECASE)), "")


def _email(package: Contents) -> str:
    return next((name for name in ("authors", "owners", "copyright") if _EMAIL.search(package.said.get(name, ""))), "")


def _no_url(package: Contents) -> str:
    return next((name for name in _URLS if name in package.said and not _URL.fullmatch(package.said[name])), "")


def _misnamed(what: str) -> Found:
    """A script of installation or removal that choco would not find."""
    right = f"tools/chocolatey{what}.ps1"

    def found(package: Contents) -> str:
        last = ((name, name.lower().rpartition("/")[2]) for name in package.names)
        return next((name for name, short in last if short in {f"{what}.ps1", f"chocolatey{what}.ps1"} and name.lower() != right), "")

    return found


def _portable_in_program_files(package: Contents) -> str:
    is_portable = package.said.get("id", "").lower().endswith((".portable", ".commandline"))
    return str(scripted(r"Program Files|\$env:ProgramFiles")(package)) if is_portable else ""


def _calls_uninstall(package: Contents) -> str:
    texts = ((name, text.lower()) for name, text in package.scripts.items() if name.lower().endswith("chocolateyinstall.ps1"))
    return next((name for name, text in texts if "chocolateyuninstall.ps1" in text), "")


def _is_deprecated_alone(package: Contents) -> bool:
    return "deprecated" in package.said.get("title", "").lower() and not package.dependencies


def _without_checksum(package: Contents) -> str:
    """A script with more addresses than checksums."""
    counts = ((name, _count(r"url(?:64)?(?:bit)?", text), _count(r"checksum(?:64)?", text)) for name, text in package.scripts.items())
    return next((name for name, urls, sums in counts if urls > sums), "")


def _count(name: str, text: str) -> int:
    """How often a value of this name is set or given as a parameter."""
    return len(re.findall(rf"(?:\b{name}\s*=|\s-{name}\s)", text, re.IGNORECASE))


def _unvalidated(package: Contents) -> str:
    """A script that fetches a file which nothing compares with a checksum."""
    return next(_unvalidated_scripts(package), "")


def _unvalidated_scripts(package: Contents) -> Iterator[str]:
    for name, text in package.scripts.items():
        unchecked = _FETCHES_UNCHECKED.search(text) and "get-checksumvalid" not in text.lower()
        if unchecked or (_FETCHES.search(text) and _count("url(?:64)?(?:bit)?", text) and not _count("checksum(?:64)?", text)):
            yield name


REQUIREMENTS = (
    Rule(1, "the copyright has fewer than five characters", lambda p: "copyright" in p.said and len(p.said["copyright"]) < _SHORTEST_COPYRIGHT),
    Rule(2, "there is no description", missing("description")),
    Rule(3, "its script of installation, {}, is not tools/chocolateyInstall.ps1", _misnamed("install")),
    Rule(4, "it holds {}, which packing makes", packed(r"\.psmdcp$|\.rels$|(?:^|/)_rels/|\[content_types\]\.xml$|\.nupkg$")),
    Rule(5, "it holds programs such as {}, but no LICENSE.txt", lambda p: p.binary if not p.has("license.txt") else ""),
    Rule(6, "it holds programs such as {}, but no VERIFICATION.txt", lambda p: p.binary if not p.has("verification.txt") else ""),
    Rule(
        7,
        "a licence is to be accepted, but licenseUrl is missing",
        lambda p: p.said.get("requireLicenseAcceptance") == "true" and not p.said.get("licenseUrl"),
    ),
    Rule(8, "it is portable, but {} uses Program Files", _portable_in_program_files),
    Rule(9, "there is no projectUrl", missing("projectUrl")),
    Rule(10, "{} runs choco", scripted(r"\bcinst\b|\bchoco(?:\.exe)? (?:install|upgrade|uninstall)\b|^\s*(?:choco|cup|cuninst|clist)(?:\.exe)?\s")),
    Rule(11, "{} imports choco's own modules", scripted(r"Import-Module\s.*chocolatey")),
    Rule(12, "{} uses a variable of choco's own", scripted(rf"\$(?:{'|'.join(_INTERNAL)})\b")),
    Rule(13, "it holds {}, which belongs to a version control", packed(r"(?:^|/)(?:\.git|\.svn|\.hg|cvs)/")),
    Rule(14, "the tags have commas", _said("tags", ",")),
    Rule(15, "its script of removal, {}, is not tools/chocolateyUninstall.ps1", _misnamed("uninstall")),
    Rule(16, "{} reads the installation arguments, which are choco's to pass on", scripted("chocolateyInstallArguments")),
    Rule(17, "its title says that it is deprecated, but it depends on nothing that takes its place", _is_deprecated_alone),
    Rule(18, "{} calls the script of removal", _calls_uninstall),
    Rule(19, "a value of a template is left in {}", _template_value),
    Rule(20, "the nuspec has an email address in {}", _email),
    Rule(21, "it holds {}, an index file of a system", packed(r"(?:^|/)(?:thumbs\.db|desktop\.ini|\.ds_store)$|(?:^|/)__macosx/")),
    Rule(22, "{} has comments of a template", scripted("# main helper")),
    Rule(23, "there are no tags", missing("tags")),
    Rule(
        24,
        "the id {} has a word of a prerelease, which belongs into the version",
        lambda p: p.said.get("id", "") if _PRERELEASE.search(p.said.get("id", "")) else "",
    ),
    Rule(25, "it holds {}, which tells a version control what to ignore", packed(r"(?:^|/)\.(?:git|hg|svn)ignore$")),
    Rule(26, "the description has more than 4000 characters", lambda p: len(p.said.get("description", "")) > _LONGEST_DESCRIPTION),
    Rule(27, "{} fetches without a checksum", _without_checksum),
    Rule(28, "{} fetches from FossHub, which does not want it", scripted(r"fosshub\.com")),
    Rule(29, "the id ends in .config", lambda p: p.said.get("id", "").lower().endswith(".config")),
    Rule(30, "a heading of the description has no space after its #", _said("description", r"^#{1,6}[^#\s]")),
    Rule(31, "{} is no http(s) address", _no_url),
    Rule(32, "the description has fewer than 30 characters", lambda p: 0 < len(p.said.get("description", "")) < _SHORTEST_DESCRIPTION),
    Rule(71, "{} uses what only paid editions have", scripted(r"Get-ChocolateyLicensed|Install-ChocolateyWindowsService|\bStart-ChocolateyWindowsService")),
    Rule(72, "{} uses an environment variable of choco's own", scripted(rf"env:(?:{'|'.join(_PRIVATE)})\b")),
    Rule(73, "{} does not validate what it fetches", _unvalidated),
    Rule(74, "it depends on {}, a package of hooks", lambda p: next((id for id in p.dependencies if id.lower().endswith(".hook")), "")),
    Rule(
        75,
        "it uses a file that was uploaded to a comment on GitHub: {}",
        lambda p: (
            match[0]
            if (
                match := re.search(
                    r"https?://(?:user-images\.githubusercontent\.com|github\.com/user-attachments|github\.com/[^/\s]+/[^/\s]+/files/\d)[^\s'\"<>)]*",
                    p.addresses,
                )
            )
            else ""
        ),
    ),
    Rule(76, "the icon comes from raw.githubusercontent.com, which is no host for it", _said("iconUrl", r"raw\.githubusercontent|rawgit\.com")),
)
