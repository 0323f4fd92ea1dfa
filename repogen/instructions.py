"""How people get a product: the lines to type for each client, in one model.

The page, repo.json and install.sh all take them from here, so they never disagree. Which clients a product has follows from its
artifacts alone. Every line can be pasted as it is: one command, quoted for the shell that it is meant for.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import Struct

from repogen import apt_suites, client_files, homebrew_rule, layout, quoting, windows_rule
from repogen.artifact import Artifact, DebFacts, Kind, NupkgFacts, RpmFacts
from repogen.catalog import Catalog, Release
from repogen.chocolatey_rule import is_listed, is_prerelease
from repogen.config import Config
from repogen.platforms import SYSTEM_TITLES
from repogen.remembered import remembered

_HELPERS = re.compile(r"-(?:dbg|dbgsym|debuginfo|debugsource|dev|devel|doc|docs|common|data)$")

#: The distribution of a system, for a shell.
CODENAME = "$(. /etc/os-release; echo $VERSION_CODENAME)"

#: Systems that install.sh knows, and those that it is for where its files are for any.
_SCRIPT_SYSTEMS, _USUAL = ("linux", "macos", "freebsd", "openbsd", "netbsd"), ("linux", "macos")

#: What the formula and the cask of one product are for, where it has both.
FORMULA_PURPOSE, CASK_PURPOSE = "Program for the terminal", "Application"


class Step(Struct, frozen=True, kw_only=True):
    """One command and, where a client needs several, what it is for."""

    line: str
    purpose: str = ""


class Instruction(Struct, frozen=True, kw_only=True):
    """The commands of one client for one product in one channel."""

    client: str
    """``apt``, ``dnf``, ``zypper``, ``brew``, ``Brewfile``, ``choco``, ``scoop``, ``install.sh``, ``install.ps1`` or ``download``."""
    systems: str
    """For whom it is: ``Debian, Ubuntu and relatives``."""
    steps: tuple[Step, ...]


def instructions(catalog: Catalog, config: Config, product: str, channel: str) -> tuple[Instruction, ...]:
    """Every way to get this product from this channel, in the order in which people see them."""
    found = (
        _apt(catalog, config, product, channel),
        *_rpm_clients(catalog, config, product, channel),
        *_brew(catalog, config, product, channel),
        _choco(catalog, config, product, channel),
        _scoop(catalog, config, product, channel),
        _script(catalog, config, product, channel),
        _powershell(catalog, config, product, channel),
    )
    return tuple(instruction for instruction in found if instruction is not None)


def short(instruction: Instruction) -> str:
    """The command of someone who has the repository already: the last one."""
    return instruction.steps[-1].line.rpartition(" && ")[2]


@remembered
def deb_name(catalog: Catalog, config: Config, product: str, channel: str) -> str:
    """Name of the Debian package that installs the product; empty when the channel has none, or none that a suite takes."""
    suites = apt_suites.takers(config, channel)
    for release in catalog.releases_of(product, channel):
        debs = ((a.filename, a.facts) for a in _of_kind(catalog, release, Kind.DEB) if isinstance(a.facts, DebFacts))
        if names := [facts.package for name, facts in debs if any(suite.takes(name, facts.version) for suite in suites)]:
            return main_name(names, product)
    return ""


@remembered
def rpm_name(catalog: Catalog, product: str, channel: str) -> str:
    """Name of the rpm that installs the product; empty when the channel has none."""
    binary = (a.facts.name for a in _newest(catalog, product, channel, Kind.RPM) if isinstance(a.facts, RpmFacts) and a.facts.architecture != "src")
    return main_name(binary, product)


def default_channel(catalog: Catalog) -> str:
    """The channel that install.sh takes unasked."""
    return catalog.channels[0] if catalog.channels else "stable"


def _script_systems(catalog: Catalog, config: Config, product: str, channel: str) -> tuple[str, ...]:
    """The systems on which install.sh can bring this product: by a package, or by an archive of programs."""
    found = {a.os for a in script_files(catalog, product, channel)}
    if deb_name(catalog, config, product, channel) or rpm_name(catalog, product, channel):
        found.add("linux")
    return tuple(id for id in _SCRIPT_SYSTEMS if id in found or ("any" in found and id in _USUAL))


def script_files(catalog: Catalog, product: str, channel: str) -> tuple[Artifact, ...]:
    """Those of its newest release that install.sh can unpack."""
    release = catalog.newest(product, channel)
    return unpackable(catalog, release) if release else ()


def unpackable(catalog: Catalog, release: Release) -> tuple[Artifact, ...]:
    """The files of a release that install.sh can unpack: programs for Unix systems, and AppImages."""
    files = (a for a in catalog.files_of(release) if a.os not in {"windows", "android"} and (a.kind is Kind.APPIMAGE or homebrew_rule.holds_program(a)))
    return tuple(sorted(files, key=lambda a: a.plainness))


def direct_download(config: Config, artifact: Artifact) -> Step:
    """One line that fetches a file and checks its SHA-256, for the shell of the file's own system."""
    url, name = layout.url(config.url, artifact.path), artifact.path.rpartition("/")[2]
    if artifact.os == "windows":
        file = quoting.powershell(name)
        check = f"if ((Get-FileHash {file}).Hash -ne '{artifact.sha256}') {{ throw 'wrong checksum' }}"
        return Step(line=f"curl.exe -fLo {file} {quoting.powershell(url)}; {check}", purpose="PowerShell")
    program = "shasum -a 256" if artifact.os == "macos" else "sha256sum"
    return Step(line=f"curl -fLo {shlex.quote(name)} {shlex.quote(url)} && echo {shlex.quote(f'{artifact.sha256}  {name}')} | {program} -c", purpose="Terminal")


# -- the clients -------------------------------------------------------------------------------


def _apt(catalog: Catalog, config: Config, product: str, channel: str) -> Instruction | None:
    package = deb_name(catalog, config, product, channel)
    if not package:
        return None
    ways = _suite_words(catalog, config, channel).items()
    steps = tuple(Step(line=_apt_line(config, suites, package, chosen=bool(distribution)), purpose=distribution) for distribution, suites in ways)
    return Instruction(client="apt", systems="Debian, Ubuntu and relatives", steps=steps)


def _apt_line(config: Config, suites: tuple[str, ...], package: str, *, chosen: bool) -> str:
    """``chosen``: these suites are for one distribution, and the source file may name those of another one."""
    file = f"/etc/apt/sources.list.d/{layout.apt_sources(config.repo.name)}"
    commands = [f"sudo curl -fsSLo {file} {_url(config, layout.apt_sources(config.repo.name))}"]
    choice = ""
    if chosen or len(suites) > 1 or CODENAME in suites[0]:
        quote = '"' if CODENAME in suites[0] else "'"
        commands.append(f"sudo sed -i {quote}s/^Suites:.*/Suites: {' '.join(suites)}/{quote} {file}")
    if len(suites) > 1:
        choice = f"-t {suites[-1]} "  # apt takes nothing from a suite that is NotAutomatic unless it is named
    commands += ["sudo apt-get update", f"sudo apt-get install {choice}{shlex.quote(package)}"]
    return " && ".join(commands)


def _suite_words(catalog: Catalog, config: Config, channel: str) -> dict[str, tuple[str, ...]]:
    """Names of the suites to follow for a channel, as shell words, by distribution.

    One for any ("") where there is one suite for all, or where the names follow from those of the distributions alone.
    """
    distributions = apt_suites.distributions(catalog, config, channel)
    if not distributions:
        return {"": tuple(suite.name for suite in apt_suites.followed(catalog, config, channel))}
    followed = {d: tuple(suite.name for suite in apt_suites.followed(catalog, config, channel, d)) for d in distributions}
    forms = {tuple(name.replace(d, CODENAME) for name in names) for d, names in followed.items()}
    return {"": forms.pop()} if len(forms) == 1 else followed


def _rpm_clients(catalog: Catalog, config: Config, product: str, channel: str) -> Iterator[Instruction]:
    package, name = shlex.quote(rpm_name(catalog, product, channel)), config.repo.name
    if package == "''":
        return
    url, repository = _url(config, layout.yum_repo(name)), client_files.section(catalog, name, channel)
    default = channel == client_files.rpm_channels(catalog)[0]
    file = f"/etc/yum.repos.d/{layout.yum_repo(name)}"
    switch = "" if default else f"sudo sed -i '/^\\[{repository}]$/,/^$/s/^enabled=0$/enabled=1/' {file} && "
    dnf = f"sudo curl -fsSLo {file} {url} && {switch}sudo dnf install {package}"
    yield Instruction(client="dnf", systems="Fedora, Red Hat and relatives", steps=(Step(line=dnf),))
    enable = "" if default else f"sudo zypper modifyrepo --enable {repository} && "
    zypper = f"sudo zypper addrepo {url} && {enable}sudo zypper --gpg-auto-import-keys refresh {repository} && sudo zypper install {package}"
    yield Instruction(client="zypper", systems="openSUSE and SUSE", steps=(Step(line=zypper),))


def _brew(catalog: Catalog, config: Config, product: str, channel: str) -> Iterator[Instruction]:
    """The line to type, and the lines of a Brewfile."""
    items = _brewed(catalog, product, channel)
    if not items:
        return
    tap, url = homebrew_rule.tap_name(config.repo.name), layout.url(config.url, layout.tap(config.repo.name))
    systems = {a.os for item in items for a in item.files}
    titles = " and ".join(SYSTEM_TITLES[id] for id in ("macos", "linux") if systems & {id, "any"})
    # The whole name also tells Homebrew 6 to trust just this one; a short one would be refused.
    lines = [f"brew tap {tap} {shlex.quote(url)} && brew install {item.flag}{shlex.quote(f'{tap}/{item.name}')}" for item in items]
    purposes = [item.purpose if len(items) > 1 else "" for item in items]
    steps = tuple(Step(line=line, purpose=purpose) for line, purpose in zip(lines, purposes, strict=True))
    yield Instruction(client="brew", systems=titles, steps=steps)
    words = [f"{'cask' if item.flag else 'brew'} {quoting.ruby(f'{tap}/{item.name}')}, trusted: true" for item in items]
    bundle = (Step(line=f"tap {quoting.ruby(tap)}, {quoting.ruby(url)}", purpose="Once"), *(Step(line=word, purpose="Then") for word in words))
    yield Instruction(client="Brewfile", systems=f"{titles}, lines for `brew bundle`", steps=bundle)


class _Brewed(NamedTuple):
    """A formula or cask as it is typed."""

    name: str
    flag: str
    purpose: str
    files: tuple[Artifact, ...]


def _brewed(catalog: Catalog, product: str, channel: str) -> list[_Brewed]:
    """Formula and cask of the newest release, what people mean first."""
    release, asked = catalog.newest(product, channel), catalog.product(product).homebrew
    files = catalog.files_of(release) if release else ()
    formula, cask = homebrew_rule.formula_files(files, asked), homebrew_rule.cask_files(files, asked)
    found = [_Brewed(homebrew_rule.formula_name(product, channel), "", FORMULA_PURPOSE, formula)] if formula else []
    return found + ([_Brewed(homebrew_rule.token(product, channel), "--cask ", CASK_PURPOSE, cask)] if cask else [])


def _choco(catalog: Catalog, config: Config, product: str, channel: str) -> Instruction | None:
    packages = {a.facts.id: a for a in _newest(catalog, product, channel, Kind.NUPKG) if isinstance(a.facts, NupkgFacts)}
    package = main_name(packages, product)
    if not package:
        return None
    add = f'choco source add -n={config.repo.name} -s="{layout.url(config.url, layout.CHOCOLATEY_FEED)}"'
    word = package if re.fullmatch(r"[A-Za-z0-9._-]+", package) else quoting.powershell(package)
    install = f"choco install {word}{_choco_option(catalog, packages[package])}"
    return Instruction(client="choco", systems="Windows, as administrator", steps=(Step(line=add, purpose="Once"), Step(line=install, purpose="Then")))


def _choco_option(catalog: Catalog, package: Artifact) -> str:
    """What makes choco take this package, where it would not by itself."""
    facts = package.facts
    if not isinstance(facts, NupkgFacts):
        return ""
    return " --pre" if is_prerelease(facts) else "" if is_listed(catalog, package) else f" --version={facts.version}"


def _script(catalog: Catalog, config: Config, product: str, channel: str) -> Instruction | None:
    titles = [SYSTEM_TITLES[id] for id in _script_systems(catalog, config, product, channel)]
    if not titles:
        return None
    systems = " and ".join(filter(None, (", ".join(titles[:-1]), titles[-1])))
    options = [f"--product {product}"] if len(catalog.offered) > 1 else []
    options += [f"--channel {channel}"] if channel != default_channel(catalog) else []
    tail = f" -s -- {' '.join(options)}" if options else ""
    return Instruction(client="install.sh", systems=systems, steps=(Step(line=f"curl -fsSL {_url(config, layout.INSTALL_SH)} | sh{tail}"),))


def _scoop(catalog: Catalog, config: Config, product: str, channel: str) -> Instruction | None:
    if not windows_rule.newest_for_scoop(catalog, catalog.product(product), channel):
        return None
    name = config.repo.name
    add = f"scoop bucket add {name} {_powershell_word(layout.url(config.url, layout.bucket(name)))}"
    install = f"scoop install {name}/{windows_rule.manifest_name(product, channel)}"
    return Instruction(client="scoop", systems="Windows, with Scoop", steps=(Step(line=add, purpose="Once"), Step(line=install, purpose="Then")))


def _powershell(catalog: Catalog, config: Config, product: str, channel: str) -> Instruction | None:
    if not windows_rule.newest_for_script(catalog, catalog.product(product), channel):
        return None
    named = [f"-Product {product}"] if len(catalog.offered) > 1 else []
    default = next(c for c in catalog.channels if windows_rule.newest_for_script(catalog, catalog.product(product), c))
    line = powershell_line(config, *named, *([f"-Channel {channel}"] if channel != default else []))
    return Instruction(client="install.ps1", systems="Windows, in PowerShell", steps=(Step(line=line),))


def powershell_line(config: Config, *options: str) -> str:
    """The line that runs install.ps1 with these options."""
    word = _powershell_word(layout.url(config.url, layout.INSTALL_PS1))
    return f"& ([scriptblock]::Create((irm {word}))) {' '.join(options)}" if options else f"irm {word} | iex"


def _powershell_word(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9.:/_~-]+", text) else quoting.powershell(text)


# -- names -------------------------------------------------------------------------------------


def _url(config: Config, path: str) -> str:
    return shlex.quote(layout.url(config.url, path))


def _newest(catalog: Catalog, product: str, channel: str, kind: Kind) -> tuple[Artifact, ...]:
    """Files of this kind in the newest release that has any: a client would find these."""
    for release in catalog.releases_of(product, channel):
        if files := _of_kind(catalog, release, kind):
            return files
    return ()


def _of_kind(catalog: Catalog, release: Release, kind: Kind) -> tuple[Artifact, ...]:
    return tuple(a for a in catalog.files_of(release) if a.kind is kind)


def main_name(names: Iterable[str], product: str) -> str:
    """The package people mean among those of a product: the one of its name, else the shortest that is no -dev, -doc or the like."""
    known = set(names)
    if product in known:
        return product
    by_length = sorted(known, key=lambda name: (len(name), name))
    return next((name for name in by_length if not _HELPERS.search(name)), next(iter(by_length), ""))
