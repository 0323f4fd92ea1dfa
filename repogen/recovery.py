"""What to type on a machine that has installed a release which is offered no more: go to the one that takes its place, or remove it.

Package managers do not go back by themselves, and each one has its own word for it. Follows apt-get(8), zypper(8),
https://dnf.readthedocs.io/en/latest/command_ref.html, https://docs.brew.sh/Manpage and https://docs.chocolatey.org/en-us/choco/commands/upgrade.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec import Struct

from repogen import apt_suites, client_files, homebrew_rule, layout, windows_rule
from repogen.artifact import Artifact, DebFacts, Kind, NupkgFacts, RpmFacts
from repogen.catalog import Catalog, Release, in_order
from repogen.config import Config
from repogen.instructions import CASK_PURPOSE, FORMULA_PURPOSE, Instruction, Step, direct_download, powershell_line, script_files
from repogen.package_order import deb_key, rpm_key
from repogen.version import version_key
from repogen.yum_repositories import Repository, repositories, takes

_DEBIAN, _RED_HAT, _SUSE = "Debian, Ubuntu and relatives", "Fedora, Red Hat and relatives", "openSUSE and SUSE"
_WINDOWS, _BREW, _SCRIPT = "Windows, as administrator", "macOS and Linux", "where install.sh unpacked an archive"
_SCOOP = "Windows, with Scoop"
_POWERSHELL = "Windows, where install.ps1 installed it"
_BY_HAND = "what was downloaded by hand"


class Recovery(Struct, frozen=True, kw_only=True):
    """The way away from one release."""

    product: str
    version: str
    """Of the release; of its packages, where these alone are offered no more in some revision."""
    channel: str
    instead: str
    """Version that takes its place; empty when there is none."""
    instructions: tuple[Instruction, ...]


class _Way(Struct, frozen=True, kw_only=True):
    """What a client's instruction is made of."""

    catalog: Catalog
    """What is offered now."""
    config: Config
    bad: Release
    files: tuple[Artifact, ...]
    """Of the bad release."""
    candidates: tuple[Release, ...]
    """Releases that may take its place, the best first."""

    @property
    def others(self) -> Iterator[tuple[Artifact, ...]]:
        """Files of each candidate."""
        return (self.catalog.files_of(release) for release in self.candidates)


def recoveries(before: Catalog, after: Catalog, config: Config) -> tuple[Recovery, ...]:
    """The way away from every release that was withdrawn between these catalogs and that machines may have installed, for each client; and from every
    packaging revision that a rollback took out of a release.

    One that ``keep`` left no room for is no such: nothing is wrong with it, and whoever has it upgrades in their own time.
    """
    withdrawn = {withdrawal.release.key for withdrawal in after.gone}
    offered = {(a.path, a.channel) for a in after.artifacts}
    fewer = {a.release for a in before.artifacts if (a.path, a.channel) not in offered} & {release.key for release in after.releases}
    releases = [release for release in before.releases if release.product not in before.keyrings]
    found = [_recovery(before, after, config, release) for release in releases if release.key in withdrawn and not _still_offered(after, release)]
    found += [_recovery_of_revision(before, after, config, release) for release in releases if release.key in fewer]
    return tuple(way for way in found if way.instructions)


def _still_offered(after: Catalog, bad: Release) -> bool:
    """Whether a channel that the same machines follow has it yet."""
    return any(r.version == bad.version and r.channel in _followed(after, bad.channel) for r in after.releases_of(bad.product))


def _followed(catalog: Catalog, channel: str) -> tuple[str, ...]:
    """Channels whose packages reach someone who follows this one: itself, and those before it."""
    order = in_order((*catalog.channels, channel))
    return (channel, *order[: order.index(channel)])


def _recovery(before: Catalog, after: Catalog, config: Config, bad: Release) -> Recovery:
    way = _way(after, config, bad, before.files_of(bad))
    found = (*_by_packages(way), _brew(way), _choco(way), _scoop(way, before), _script(way, before), _powershell(way, before), _download(way))
    return _told_of(way, bad.version, found)


def _recovery_of_revision(before: Catalog, after: Catalog, config: Config, release: Release) -> Recovery:
    """The way away from the packaging revisions that a release has no more; without instructions where it has each of them yet."""
    followed = _followed(after, release.channel)
    same = (other for other in after.releases_of(release.product) if other.version == release.version and other.channel in followed)
    there = {a.package_version for other in same for a in after.files_of(other)}
    files = tuple(a for a in before.files_of(release) if a.kind in {Kind.DEB, Kind.RPM} and a.package_version not in there)
    packages = filter(None, (_deb(a) or _rpm(a) for a in files))
    way = _way(after, config, release, files)
    return _told_of(way, ", ".join(sorted({package.version for package in packages})), _by_packages(way))


def _way(after: Catalog, config: Config, bad: Release, files: tuple[Artifact, ...]) -> _Way:
    candidates = tuple(release for channel in _followed(after, bad.channel) for release in after.releases_of(bad.product, channel))
    return _Way(catalog=after, config=config, bad=bad, files=files, candidates=candidates)


def _by_packages(way: _Way) -> tuple[Instruction | None, ...]:
    return _apt(way), _dnf(way), _zypper(way)


def _told_of(way: _Way, version: str, found: Iterable[Instruction | None]) -> Recovery:
    instead = way.candidates[0].version if way.candidates else ""
    return Recovery(product=way.bad.product, version=version, channel=way.bad.channel, instead=instead, instructions=tuple(filter(None, found)))


# -- the clients -------------------------------------------------------------------------------


def _apt(way: _Way) -> Instruction | None:
    lines: dict[str, list[str]] = {}
    for names, versions, suite in _debs(way):
        wanted = [_words(f"{name}={version}" for name, version in versions.items())]
        if left := _left(names, versions):
            wanted.append(_installed_debs(left, mark="-"))
        only = "--only-upgrade " if len(names) > 1 else ""  # of several packages it takes those that are installed
        back = f"sudo apt-get update && sudo apt-get install {only}--allow-downgrades {' '.join(wanted)}"
        installed = _words(names) if len(names) == 1 else _installed_debs(names)
        lines.setdefault(back if versions else f"sudo apt-get remove {installed}", []).append(suite)
    return _for_each("apt", _DEBIAN, lines)


def _debs(way: _Way) -> Iterator[tuple[list[str], dict[str, str], str]]:
    """The bad packages of each suite, the versions that take their place for those who follow it, and its name."""
    suites = [(suite, [a for a in way.files if apt_suites.holds(suite, a)]) for suite in apt_suites.suites(way.catalog, way.config)]
    for suite, files in suites:
        there = {a.path for a in apt_suites.debs_of(way.catalog, suite)}  # by way of another channel that it takes
        names = _names((a for a in files if a.path not in there), _deb)
        followed = (suite, *apt_suites.followed(way.catalog, way.config, way.bad.channel, suite.distribution))
        offered = ([a for a in files if any(apt_suites.holds(one, a) for one in followed)] for files in way.others)
        if names:
            yield names, _versions(names, offered, _deb), suite.name
    everywhere = _names(way.files, _deb)
    if everywhere and not any(files for _, files in suites):  # by today's configuration no suite has them
        yield everywhere, {}, ""


def _dnf(way: _Way) -> Instruction | None:
    lines: dict[str, list[str]] = {}
    for names, versions, release in _rpms(way):
        wanted, left = _words(f"{name}-{version}" for name, version in versions.items()), _left(names, versions)
        # It goes up or down, whichever it takes: an epoch may make the newer version the lower one.
        options = ["--allowerasing "] if left else []
        options += ["--setopt=skip_unavailable=1 "] if len(names) > 1 else []  # else dnf 5 refuses all where one is not installed
        line = f"sudo dnf --refresh distro-sync {''.join(options)}{wanted}"
        remove = f"sudo dnf remove {_words(left)}"
        lines.setdefault(" && ".join(([line] if versions else []) + ([remove] if left else [])), []).append(release)
    return _for_each("dnf", _RED_HAT, lines)


def _zypper(way: _Way) -> Instruction | None:
    lines: dict[str, list[str]] = {}
    for names, versions, release in _rpms(way):
        wanted = _words(f"{name}={version}" for name, version in versions.items())
        if len(names) > 1:  # it would install those that are not there
            wanted = f'$(for package in {wanted}; do rpm -q --quiet "${{package%%=*}}" && echo "$package"; done)'
        if left := _left(names, versions):
            wanted = f"-- {wanted} {_installed_rpms(left, mark='-')}"
        installed = _words(names) if len(names) == 1 else _installed_rpms(names)
        section = client_files.section(way.catalog, way.config.repo.name, way.bad.channel)
        back = f"sudo zypper refresh {section} && sudo zypper install --oldpackage {wanted}"
        lines.setdefault(back if versions else f"sudo zypper remove {installed}", []).append(release)
    return _for_each("zypper", _SUSE, lines)


def _rpms(way: _Way) -> Iterator[tuple[list[str], dict[str, str], str]]:
    """The bad packages of each repository, the versions that take their place there, and for whom it is."""
    yum, channel = way.config.yum, way.bad.channel
    for repository in repositories(way.catalog, yum, channel) or (Repository(channel=channel, base=""),):
        names = _names((a for a in way.files if takes(repository, a, yum)), _rpm)
        if names:
            yield names, _versions(names, ([a for a in files if takes(repository, a, yum)] for files in way.others), _rpm), f"release {repository.releasever}"


def _left(names: Iterable[str], versions: Mapping[str, str]) -> list[str]:
    """Packages that the bad release brought and that have no other version: they go, since they may need the bad version of the others."""
    return [name for name in names if name not in versions]


def _installed_debs(names: Iterable[str], mark: str = "") -> str:
    """Words of a shell for those of these packages that are installed, each with a mark behind it."""
    return f"$(dpkg-query --show --showformat '${{Package}}{mark}\\n' {_words(names)} 2>/dev/null)"


def _installed_rpms(names: Iterable[str], mark: str = "") -> str:
    """Words of a shell for those of these packages that are installed, each with a mark before it."""
    return f"$(rpm -q --qf '{mark}%{{name}}\\n' {_words(names)} | grep -v ' ')"


def _brew(way: _Way) -> Instruction | None:
    """For the formula, and for the cask where there is one too: brew takes a name for the formula's unless it is told otherwise."""
    own = [way.catalog.files_of(release) for release in way.candidates if release.channel == way.bad.channel]
    asked, tap = way.catalog.product(way.bad.product).homebrew, homebrew_rule.tap_name(way.config.repo.name)
    lines: dict[str, list[str]] = {}
    for chosen, name, flag, purpose in (
        (homebrew_rule.formula_files, homebrew_rule.formula_name(way.bad.product, way.bad.channel), "", FORMULA_PURPOSE),
        (homebrew_rule.cask_files, homebrew_rule.token(way.bad.product, way.bad.channel), "--cask ", CASK_PURPOSE),
    ):
        if chosen(way.files, asked):
            verb = "reinstall" if any(chosen(files, asked) for files in own) else "uninstall"
            lines[f"brew update && brew {verb} {flag}{shlex.quote(f'{tap}/{name}')}"] = [purpose]
    return _for_each("brew", _BREW, lines)


def _choco(way: _Way) -> Instruction | None:
    names = _names(way.files, _nupkg)
    versions = _versions(names, way.others, _nupkg)
    lines = [f"choco upgrade {name} --version={version} --allow-downgrade" for name, version in versions.items()]
    return _told("choco", _WINDOWS, (Step(line=line) for line in lines or [f"choco uninstall {name}" for name in names]))


def _script(way: _Way, before: Catalog) -> Instruction | None:
    """For the newest release alone: install.sh unpacks no other one unasked."""
    if before.newest(way.bad.product, way.bad.channel) != way.bad or not script_files(before, way.bad.product, way.bad.channel):
        return None
    replaced = [release.channel for release in way.candidates if script_files(way.catalog, release.product, release.channel)]
    options = f"--archive --channel {replaced[0]}" if replaced else "--archive --uninstall"
    url = shlex.quote(layout.url(way.config.url, layout.INSTALL_SH))
    return _one("install.sh", _SCRIPT, f"curl -fsSL {url} | sh -s -- --product {way.bad.product} {options}")


def _scoop(way: _Way, before: Catalog) -> Instruction | None:
    """Scoop takes a manifest with an older version for a newer one only when it is told to install again."""
    product = before.product(way.bad.product)
    if windows_rule.newest_for_scoop(before, product, way.bad.channel) != way.bad:
        return None
    name = windows_rule.manifest_name(product.id, way.bad.channel)
    there = windows_rule.newest_for_scoop(way.catalog, product, way.bad.channel)
    again = [f"scoop install {way.config.repo.name}/{name}"] if there else []
    return Instruction(client="scoop", systems=_SCOOP, steps=tuple(Step(line=line) for line in ("scoop update", f"scoop uninstall {name}", *again)))


def _powershell(way: _Way, before: Catalog) -> Instruction | None:
    """For the newest release alone, as for install.sh. What an installer brought is removed first, since few go back by themselves."""
    product = before.product(way.bad.product)
    if windows_rule.newest_for_script(before, product, way.bad.channel) != way.bad:
        return None
    replaced = [r.channel for r in way.candidates if windows_rule.for_script(way.catalog.files_of(r), product)]
    unpacked = all(form in windows_rule.FOLDERS for form, _ in windows_rule.for_script(way.files, product))
    choices = ([f"-Channel {replaced[0]}"] if unpacked else ["-Uninstall", f"-Channel {replaced[0]}"]) if replaced else ["-Uninstall"]
    lines = (powershell_line(way.config, f"-Product {way.bad.product}", choice) for choice in choices)
    return Instruction(client="install.ps1", systems=_POWERSHELL, steps=tuple(Step(line=line) for line in lines))


def _download(way: _Way) -> Instruction | None:
    """The file that takes the place of each one that people download."""
    bad, other = _downloads(way.files), {key: a for files in reversed(list(way.others)) for key, a in _downloads(files).items()}
    steps = [direct_download(way.config, other[key]) for key in bad if key in other]
    systems = f"{_BY_HAND} is replaced by hand" if steps else f"{_BY_HAND} is deleted by hand"
    return Instruction(client="download", systems=systems, steps=tuple(steps)) if bad else None


def _downloads(files: Iterable[Artifact]) -> dict[tuple[str, ...], Artifact]:
    """The downloads among these by what tells them from each other."""
    return {(a.kind, a.os, a.arch, a.libc): a for a in files if a.path.startswith("downloads/") and a.kind not in {Kind.SIDE, Kind.UPDATE}}


def _one(client: str, systems: str, line: str) -> Instruction:
    return Instruction(client=client, systems=systems, steps=(Step(line=line),))


def _for_each(client: str, systems: str, lines: Mapping[str, Iterable[str]]) -> Instruction | None:
    """Lines, and for which suites, releases or kinds of program each one is, where there are several."""
    return _told(client, systems, (Step(line=line, purpose=", ".join(dict.fromkeys(names)) if len(lines) > 1 else "") for line, names in lines.items()))


def _told(client: str, systems: str, steps: Iterable[Step]) -> Instruction | None:
    steps = tuple(steps)
    return Instruction(client=client, systems=systems, steps=steps) if steps else None


def _words(words: Iterable[str]) -> str:
    """Words of a shell, quoted where they must be: a tilde within a version need not."""
    return " ".join(word if re.fullmatch(r"(?:[\w@%+=:,./^-]|(?<=[\w.+-])~)+", word, re.ASCII) else shlex.quote(word) for word in words)


# -- packages and their versions ---------------------------------------------------------------


class _Package(NamedTuple):
    """A package as its client names it."""

    name: str
    version: str
    order: tuple[object, ...]
    """By which its client tells the newest of several."""


_Reading = Callable[[Artifact], _Package | None]


def _deb(artifact: Artifact) -> _Package | None:
    facts = artifact.facts
    return _Package(facts.package, facts.version, deb_key(facts.version)) if isinstance(facts, DebFacts) else None


def _rpm(artifact: Artifact) -> _Package | None:
    facts = artifact.facts
    if not isinstance(facts, RpmFacts) or facts.architecture == "src":
        return None
    return _Package(facts.name, facts.evr, rpm_key(facts))


def _nupkg(artifact: Artifact) -> _Package | None:
    facts = artifact.facts
    return _Package(facts.id, facts.version, version_key(facts.version)) if isinstance(facts, NupkgFacts) else None


def _names(files: Iterable[Artifact], package: _Reading) -> list[str]:
    """Names of these packages, each once."""
    return sorted({found.name for a in files if (found := package(a))})


def _versions(names: Iterable[str], candidates: Iterable[Iterable[Artifact]], package: _Reading) -> dict[str, str]:
    """The version that takes the place, for each package that has one: from the first candidate that has it, and the newest there."""
    there: dict[str, str] = {}
    for files in candidates:
        for found in sorted(filter(None, map(package, files)), key=lambda one: one.order, reverse=True):
            there.setdefault(found.name, found.version)
    return {name: there[name] for name in names if name in there}
