"""What the validator asks to be mended, though it lets the package pass."""

from __future__ import annotations

import re

from repogen.formats.chocolatey.rules.contents import Contents
from repogen.formats.chocolatey.rules.rule import Rule, missing, same, scripted

_MOST_LINES, _MOST_SCRIPTS = 100, 3
#: What changes the machine beside the installer.
_CHANGES = (
    r"Install-ChocolateyPath|Install-ChocolateyEnvironmentVariable|Install-ChocolateyExplorerMenuItem|Install-ChocolateyShortcut|"
    r"Install-ChocolateyFileAssociation|(?:Install|Generate|Add)-BinFile"
)
#: Roughly what its site says that it takes.
_LARGEST = 150_000_000
_ADDRESS = re.compile(r"https?:[^\s<>\"')\]]*", re.IGNORECASE)
_WHOLE_ADDRESS = re.compile(r"https?://(?:[\w-]+(?:\.[\w-]+)*\.?|\[[0-9a-f:.]+\])(?::\d+)?(?:[/?#,;:!].*)?", re.IGNORECASE)


def _shims_stay(package: Contents) -> str:
    return "" if scripted("(?:Remove|Uninstall)-BinFile")(package) else str(scripted("(?:Install|Generate|Add)-BinFile")(package))


def _changes_stay(package: Contents) -> str:
    return "" if package.has("chocolateyuninstall.ps1") else str(scripted(_CHANGES)(package))


def _long_script(package: Contents) -> str:
    return next((name for name, text in package.scripts.items() if len(text.splitlines()) >= _MOST_LINES), "")


def _open_dependency(package: Contents) -> str:
    return next((id for id, version in package.dependencies.items() if not version), "")


def _badly_deprecated(package: Contents) -> bool:
    title = package.said.get("title", "")
    return "deprecated" in title.lower() and not title.startswith("[Deprecated] ")


def _is_not_utf8(package: Contents) -> bool:
    try:
        package.nuspec.decode()
    except UnicodeDecodeError:
        return True
    declared = re.match(rb"(?:\xef\xbb\xbf)?<\?xml[^>]*encoding=[\"']([^\"']+)", package.nuspec)
    return declared is not None and declared[1].lower() != b"utf-8"


def _broken_address(package: Contents) -> str:
    """An address in a text for people that is none by its form; whether anything is there, only the net knows."""
    found = (address for name in ("description", "releaseNotes") for address in _ADDRESS.findall(package.said.get(name, "")))
    return next((address for address in found if not _WHOLE_ADDRESS.fullmatch(address)), "")


GUIDELINES = (
    Rule(33, "there is no iconUrl", missing("iconUrl")),
    Rule(34, "{} fetches from SourceForge", scripted("sourceforge")),
    Rule(35, "{} uses Get-BinRoot, which is Get-ToolsLocation now", scripted("Get-BinRoot")),
    Rule(36, "{} makes shims that no script removes", _shims_stay),
    Rule(37, "{} changes the machine, but there is no script of removal", _changes_stay),
    Rule(38, "licenseUrl is projectUrl again", same("licenseUrl", "projectUrl")),
    Rule(39, "there is no licenseUrl", missing("licenseUrl")),
    Rule(40, "there is no packageSourceUrl", missing("packageSourceUrl")),
    Rule(41, "projectSourceUrl is projectUrl again", same("projectSourceUrl", "projectUrl")),
    Rule(42, "there are no release notes", missing("releaseNotes")),
    Rule(43, "{} has 100 lines or more", _long_script),
    Rule(44, "{} uses Install-ChocolateyDesktopLink, which is Install-ChocolateyShortcut now", scripted("Install-ChocolateyDesktopLink")),
    Rule(45, "{} uses Write-ChocolateySuccess or Write-ChocolateyFailure, which errors replace", scripted(r"Write-Chocolatey(?:Success|Failure)")),
    Rule(46, "{} uses Start-Process, in place of Start-ChocolateyProcessAsAdmin", scripted("Start-Process")),
    Rule(47, "there is no summary", missing("summary")),
    Rule(48, "a tag is 'chocolatey'", lambda p: "chocolatey" in p.said.get("tags", "").lower().split()),
    Rule(49, "there is no title", missing("title")),
    Rule(50, "the title is the id again", same("title", "id")),
    Rule(51, "it has more than three scripts", lambda p: len(p.scripts) > _MOST_SCRIPTS),
    Rule(52, "it depends on {} of any version", _open_dependency),
    Rule(53, "the title of a deprecated package begins with [Deprecated]", _badly_deprecated),
    Rule(54, "the nuspec is not in UTF-8", _is_not_utf8),
    Rule(55, "{} fetches by other means than choco's own", scripted(r"\biwr |Invoke-WebRequest|\.DownloadFile|Start-BitsTransfer|\.GetResponse")),
    Rule(56, "{} in a text is no address", _broken_address),
    Rule(0, "there is no copyright", missing("copyright")),
    Rule(0, "it has more than 150 MB, which is more than the community repository takes", lambda p: p.size > _LARGEST),
)
