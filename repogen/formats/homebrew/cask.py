"""A cask: https://docs.brew.sh/Cask-Cookbook.

One stanza ``url`` serves all machines where the addresses differ in single words only: these are interpolated from ``arch``, ``os`` and ``version``. Where
macOS and Linux have too little in common, each has its own block. An AppImage and an application for macOS always stand in such blocks, by style's rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from repogen import homebrew_rule, layout
from repogen.artifact import Artifact, InstallerFacts, Kind
from repogen.catalog import Catalog, Product
from repogen.config import Config
from repogen.formats.homebrew.cask_artifacts import Installed, installed
from repogen.formats.homebrew.extras import caveats, lifecycle, value
from repogen.formats.homebrew.formula import ARCHITECTURES, SYSTEMS
from repogen.formats.homebrew.interpolation import Words, by_architecture, interpolated
from repogen.formats.homebrew.offers import Offer
from repogen.formats.homebrew.text import description
from repogen.formats.homebrew.wrapping import bracketed
from repogen.homebrew_config import UNINSTALL
from repogen.homepage import homepage
from repogen.quoting import ruby
from repogen.templates import render

#: A package asks for the administrator's password, so an application to be copied comes first.
_ORDER = {"macos": (Kind.DMG, Kind.ZIP, Kind.TAR, Kind.PKG, Kind.BINARY), "linux": (Kind.APPIMAGE, Kind.TAR, Kind.ZIP, Kind.BINARY)}
#: Kinds that hold the same application or programs, so that brew installs and removes them alike.
_ALIKE = {Kind.DMG, Kind.ZIP, Kind.TAR}
#: Keys of ``sha256`` in the order of style.
_DIGESTS = {("macos", "arm"): "arm", ("macos", "intel"): "intel", ("linux", "arm"): "arm64_linux", ("linux", "intel"): "x86_64_linux"}
_DEPENDS = {"arm": ":arm64", "intel": ":x86_64"}

Cells = dict[tuple[str, str], Artifact]


Value = TypeVar("Value")
_Groups = list[list[str]]
"""Ruby lines in groups, between which style wants an empty line."""


def cask(catalog: Catalog, config: Config, offer: Offer) -> str:
    """The text of the cask for an offer that has files for one."""
    release, product = offer.release, catalog.product(offer.release.product)
    own = f"{homebrew_rule.tap_name(config.repo.name)}/{product.id}"
    cells = choose(offer.files)
    shape = _shape(cells, {cell: layout.url(config.url, artifact.path) for cell, artifact in cells.items()}, product)
    return render(
        "homebrew/cask.rb.j2",
        token=homebrew_rule.token(release.product, release.channel, offer.line),
        title=product.title,
        desc=description(product.description, (product.id, product.title), f"Application from {config.title}", cask=True),
        homepage=homepage(product, config),
        lifecycle=lifecycle(offer, product, own, "cask"),
        download=shape.download,
        blocks=shape.blocks,
        url=shape.url,
        installation=[group for group in (_relations(offer, product, own) + shape.depends, *shape.rest) if group],
        caveats=caveats(product),
        has_zap=bool(product.homebrew.zap),
    )


class _Shape(NamedTuple):
    """The stanzas that depend on the files: those at the top, and those in a block of each system."""

    download: _Groups
    blocks: list[tuple[str, _Groups]]
    url: str
    depends: list[str]
    rest: _Groups


def _shape(cells: Cells, urls: Mapping[tuple[str, str], str], product: Product) -> _Shape:
    """By how much the addresses have in common."""
    version = next(iter(cells.values())).version
    systems = list(dict.fromkeys(system for system, _ in cells))
    shared = interpolated(urls, version)
    if shared is None:
        return _Shape([_version(version)], [(system, _block(_of(cells, system), _of(urls, system), product)) for system in systems], "", [], [])
    url, words = shared
    download = [group for group in (_words(words), [*_version(version), *_digests(cells)]) if group]
    if len(systems) == 1:
        body = _body(cells, product, words, alone=True)
        return _Shape(download, [(word, [lines]) for word, lines in body.own], url, body.depends, body.rest)
    if everywhere := _for_everyone(cells, product, words):
        return _Shape(download, [], url, [], [everywhere])
    bodies = [(system, _body(_of(cells, system), product, words, alone=False)) for system in systems]
    return _Shape(download, [(system, [group for group in (body.depends, *body.rest) if group]) for system, body in bodies], url, [], [])


def _for_everyone(cells: Cells, product: Product, words: Words) -> list[str]:
    """Artifacts that macOS and Linux have alike; nothing where one of them is for one system only, by style's rule."""
    found = {cell: installed(artifact, product) for cell, artifact in cells.items()}
    bound = product.homebrew.oldest_macos or product.homebrew.uninstall or product.homebrew.zap
    if bound or any(one.stanza in {"app", "pkg", "app_image"} for some in found.values() for one in some):
        return []
    return _artifacts(found, words, next(iter(cells.values())).version)


def _block(cells: Cells, urls: Mapping[tuple[str, str], str], product: Product) -> _Groups:
    """All that one system needs."""
    url, words = by_architecture({word: url for (_, word), url in urls.items()}, next(iter(cells.values())).version)
    body = _body(cells, product, words, alone=False)
    return [group for group in (_words(words), _digests(cells), [f"url {url}"], body.depends, *body.rest) if group]


def _version(version: str) -> list[str]:
    return [f"version {ruby(version)}"]


def _words(words: Words) -> list[str]:
    pairs = {"arch": words.arch, "os": words.os}
    return [f"{stanza} {', '.join(f'{name}: {ruby(word)}' for name, word in said.items() if word)}" for stanza, said in pairs.items() if any(said.values())]


def _relations(offer: Offer, product: Product, own: str) -> list[str]:
    """What an installation has to do with others."""
    conflicts = sorted({*product.homebrew.conflicts, *([own] if offer.has_stable else [])})
    return [
        *(["auto_updates true"] if product.homebrew.auto_updates else []),
        *(["conflicts_with cask: " + value(conflicts, "conflicts_with cask: ")] if conflicts else []),
        *(["depends_on formula: " + value(sorted(product.depends), "depends_on formula: ")] if product.depends else []),
    ]


def choose(artifacts: Iterable[Artifact]) -> Cells:
    """The file for each (system, architecture) in brew's words: of the kind that serves most machines of a system, in order of preference.

    Machines that it does not serve get another kind that holds the same: an image for Apple's processors and a zip for Intel's are one application.
    """
    artifacts, found = tuple(artifacts), Cells()
    for system in SYSTEMS:
        choices: list[Cells] = []
        for kind in _ORDER[system]:
            files: Cells = {}
            for word, arch in ARCHITECTURES.items():
                fit = [a for a in artifacts if a.os == system and a.kind is kind and a.arch in {arch, "universal", "any"}]
                if fit:
                    files[system, word] = min(fit, key=lambda a: (a.arch != arch, a.libc == "musl", a.plainness))
            choices.append(files)
        best: Cells = max(choices, key=len)
        if all(artifact.kind in _ALIKE for artifact in best.values()):
            for files in choices:
                best = {cell: artifact for cell, artifact in files.items() if artifact.kind in _ALIKE} | best
        found |= {(system, word): best[system, word] for word in ARCHITECTURES if (system, word) in best}
    return found


def _of(cells: Mapping[tuple[str, str], Value], system: str) -> dict[tuple[str, str], Value]:
    return {cell: value for cell, value in cells.items() if cell[0] == system}


def _digests(cells: Cells) -> list[str]:
    """The stanza ``sha256``, aligned as style wants it."""
    named = {key: cells[cell].sha256 for cell, key in _DIGESTS.items() if cell in cells}
    if len(set(named.values())) == 1:
        return [f"sha256 {ruby(next(iter(named.values())))}"]
    width = max(len(key) for key in named) + 2
    lines = [f"{f'{key}:'.ljust(width)}{ruby(digest)}" for key, digest in named.items()]
    return [f"{'       ' if number else 'sha256 '}{line}{',' if number < len(lines) - 1 else ''}" for number, line in enumerate(lines)]


class _Body(NamedTuple):
    """What becomes of the download on one system."""

    depends: list[str]
    own: list[tuple[str, list[str]]]
    """Artifacts of each architecture, where these differ."""
    rest: _Groups


def _body(cells: Cells, product: Product, words: Words, *, alone: bool) -> _Body:
    """``alone``: the cask is for no other system."""
    (system,) = {system for system, _ in cells}
    asked = product.homebrew
    found = {cell: installed(artifact, product) for cell, artifact in cells.items()}
    artifacts = _artifacts(found, words, next(iter(cells.values())).version)
    platform = (f"macos: :{asked.oldest_macos}" if asked.oldest_macos else ":macos" if alone else "") if system == "macos" else ":linux" if alone else ""
    depends = [f"depends_on arch: {_DEPENDS[word]}" for _, word in cells if len(cells) == 1] + ([f"depends_on {platform}"] if platform else [])
    own = [] if artifacts else [(word, [_line(one, ruby(one.source)) for one in found[system, word]]) for _, word in cells]
    nested = [[f"on_{word} do", *(f"  {line}" for line in lines), "end"] for word, lines in own] if not alone else []
    uninstall = _hash(_removal(cells, product), "uninstall ") if system == "macos" else []
    zap = _hash({"trash": sorted(set(asked.zap))} if asked.zap else {}, "zap ") if system == "macos" or alone else []
    return _Body(depends, own, [group for group in (*nested, artifacts, uninstall, zap) if group])


def _artifacts(found: Mapping[tuple[str, str], tuple[Installed, ...]], words: Words, version: str) -> list[str]:
    """One line for each artifact that all architectures have alike; nothing where they differ in more than the words of the address."""
    rows = list(zip(*found.values(), strict=False))
    if len({len(some) for some in found.values()}) > 1 or any(len({(one.stanza, one.target) for one in row}) > 1 for row in rows):
        return []
    lines = []
    for row in rows:
        joint = interpolated(dict(zip(found, (one.source for one in row), strict=True)), version)
        if joint is None or joint[1].arch not in ({}, words.arch) or joint[1].os not in ({}, words.os):
            return []
        lines.append(_line(row[0], joint[0]))
    return lines


def _line(one: Installed, source: str) -> str:
    return f"{one.stanza} {source}" + (f", target: {ruby(one.target)}" if one.target else "")


def _removal(cells: Cells, product: Product) -> dict[str, list[str]]:
    """What ``uninstall`` takes, in the order of style."""
    facts = [a.facts for a in cells.values() if a.kind is Kind.PKG]
    receipts = {id for some in facts if isinstance(some, InstallerFacts) for id in some.package_ids}
    asked = product.homebrew.uninstall
    taken = {key: sorted({*asked.get(key, ()), *(receipts if key == "pkgutil" else ())}) for key in UNINSTALL}
    return {key: values for key, values in taken.items() if values}


def _hash(values: Mapping[str, list[str]], stanza: str) -> list[str]:
    """Lines of a stanza with named lists, aligned as style wants it; nothing for none."""
    alone, width = len(values) == 1, max((len(key) for key in values), default=0) + 2
    column, lines = " " * len(stanza), list[str]()
    for key, items in values.items():
        name = f"{key}: " if alone else f"{key}:".ljust(width)
        margin, inner = (column if lines else stanza), ("" if alone else column)
        opening, _, comma, words = bracketed([ruby(item) for item in items])
        one = [ruby(items[0])] if len(items) == 1 else [opening, *(f"{inner}  {word}{comma}" for word in words), f"{inner}]"]
        lines += [f"{margin}{name}{one[0]}", *one[1:]]
        lines[-1] += "" if key == list(values)[-1] else ","
    return lines
