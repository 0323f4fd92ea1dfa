"""A formula: https://docs.brew.sh/Formula-Cookbook.

Addresses stand in ``on_arm`` and ``on_intel`` inside ``on_macos`` and ``on_linux``, since style allows no ``url`` directly below
``on_macos``. Where not every machine has a file of its own, the first address stands at the top: brew loads a formula as each system and
architecture when a tap is added, and refuses the whole tap if it has no address there; ``depends_on`` then says where it runs. On Linux a
glibc build comes before a static or musl one: Homebrew itself runs on glibc only, and names and locales then resolve as in the rest of the system.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from repogen import homebrew_rule, layout
from repogen.artifact import Artifact, Kind
from repogen.catalog import Catalog, Product
from repogen.config import Config
from repogen.formats.homebrew import programs
from repogen.formats.homebrew.extras import caveats, keg_only, lifecycle
from repogen.formats.homebrew.licenses import license_value
from repogen.formats.homebrew.offers import Offer
from repogen.formats.homebrew.scanned import scanned
from repogen.formats.homebrew.text import class_name, description
from repogen.formats.homebrew.wrapping import Argument, array, call, nested
from repogen.homepage import homepage
from repogen.quoting import ruby
from repogen.templates import render

SYSTEMS = ("macos", "linux")
#: Architectures in brew's words and ours.
ARCHITECTURES = {"arm": "arm64", "intel": "amd64"}
_DEPENDS = {"arm": ":arm64", "intel": ":x86_64"}
_LIBC = {"gnu": 0, "": 1, "musl": 2}
_KINDS = {Kind.TAR: 0, Kind.ZIP: 1, Kind.BINARY: 2}

Cells = dict[tuple[str, str], Artifact]


class Source(NamedTuple):
    """An address with the digest of what is there."""

    url: str
    sha256: str


def formula(catalog: Catalog, config: Config, offer: Offer, conflicts: Mapping[str, str]) -> str:
    """The text of the formula for an offer that has files for one; ``conflicts``: names of others with the reason, sorted."""
    release, product = offer.release, catalog.product(offer.release.product)
    name = homebrew_rule.formula_name(release.product, release.channel, offer.line)
    tap, own = homebrew_rule.tap_name(config.repo.name), homebrew_rule.formula_name(product.id, "stable")
    cells = choose(offer.files)
    sources = {cell: _source(artifact, config) for cell, artifact in cells.items()}
    everywhere = _everywhere(sources)
    install = programs.installation(cells, product)
    return render(
        "homebrew/formula.rb.j2",
        class_name=class_name(name),
        desc=description(product.description, (name, product.id, product.title), f"Command-line program from {config.title}"),
        homepage=homepage(product, config),
        version="" if all(scanned(source.url, release.version) for source in sources.values()) else release.version,
        license=nested(license_value(product.license), "license ", 2),
        keg_only=keg_only(offer, product),
        lifecycle=lifecycle(offer, product, f"{tap}/{own}", "formula"),
        depends=_dependencies(cells, product),
        everywhere=everywhere,
        systems=_systems(sources, product, everywhere),
        conflicts=[call("conflicts_with", [Argument(other, is_text=True), Argument(why, "because", is_text=True)], 2) for other, why in conflicts.items()],
        install=install.lines,
        caveats=caveats(product),
        service=_service(product),
        log=name,
        keep_alive=product.homebrew.keep_alive,
        test=_test(install.main, product),
    )


def choose(artifacts: Iterable[Artifact]) -> Cells:
    """The best file for each (system, architecture) in brew's words; those without one are absent."""
    artifacts = tuple(artifacts)
    cells: Cells = {}
    for system in SYSTEMS:
        for word, arch in ARCHITECTURES.items():
            fit = [a for a in artifacts if a.os in {system, "any"} and a.arch in {arch, "universal", "any"}]
            if fit:
                cells[system, word] = min(fit, key=lambda a: (a.os == "any", a.arch != arch, _LIBC.get(a.libc, 3), _KINDS[a.kind], a.plainness))
    return cells


def _source(artifact: Artifact, config: Config) -> Source:
    return Source(layout.url(config.url, artifact.path), artifact.sha256)


def _everywhere(sources: Mapping[tuple[str, str], Source]) -> Source | None:
    """The address at the top; None where each machine has one of its own."""
    first = next(iter(sources.values()))
    return first if len(sources) < len(SYSTEMS) * len(ARCHITECTURES) or set(sources.values()) == {first} else None


def _systems(sources: Mapping[tuple[str, str], Source], product: Product, everywhere: Source | None) -> tuple[dict[str, object], ...]:
    """For the template: each system with what it alone depends on and its addresses other than that at the top; empty ones are left out."""
    found: list[dict[str, object]] = []
    for system in SYSTEMS:
        blocks = [(word, source) for (name, word), source in sources.items() if name == system and source != everywhere]
        depends = _system_dependencies(system, sources, product)
        if blocks or depends:
            found.append({"name": system, "blocks": blocks, "depends": depends})
    return tuple(found)


def _system_dependencies(system: str, cells: Iterable[tuple[str, str]], product: Product) -> tuple[str, ...]:
    """Ruby values in the alphabetical order that style asks for; none for a system without a file."""
    here = _words(cell for cell in cells if cell[0] == system)
    if not here:
        return ()
    asked = product.homebrew
    values = {name: ruby(name) for name in (asked.macos_depends if system == "macos" else asked.linux_depends) if name not in product.depends}
    if len(here) < len(_words(cells)):
        values["arch"] = f"arch: {_DEPENDS[here.pop()]}"
    if system == "macos" and asked.oldest_macos:
        values["macos"] = f"macos: :{asked.oldest_macos}"
    return tuple(values[name] for name in sorted(values))


def _dependencies(cells: Iterable[tuple[str, str]], product: Product) -> tuple[str, ...]:
    """Ruby values in the alphabetical order that style asks for; with the only system and architecture, where there is but one."""
    values = {name: ruby(name) for name in product.depends}
    systems, words = {system for system, _ in cells}, _words(cells)
    if len(systems) == 1:
        values.update({system: f":{system}" for system in systems})
    if len(words) == 1:
        values["arch"] = f"arch: {_DEPENDS[words.pop()]}"
    return tuple(values[name] for name in sorted(values, key=str.lower))


def _words(cells: Iterable[tuple[str, str]]) -> set[str]:
    """Architectures, in brew's words."""
    return {word for _, word in cells}


def _service(product: Product) -> str:
    """The value of ``run``; empty without a service."""
    program, *arguments = product.homebrew.service or ("",)
    return array([f"opt_bin/{ruby(program)}", *(ruby(word) for word in arguments)], "run ", 4) if program else ""


def _test(program: str, product: Product) -> str:
    """The line of ``test do``: runs the program, and looks for the version where it is asked for one."""
    try:
        words = shlex.split(product.test_args)
    except ValueError:  # a lone quotation mark
        words = product.test_args.split()
    if [word.lstrip("-").lower() for word in words] in (["version"], ["v"]):
        command = ruby(f"/{shlex.quote(program)} {shlex.join(words)}")
        return f'assert_match version.to_s, shell_output("#{{bin}}{command[1:]})'
    return call("system", [Argument(f"bin/{ruby(program)}"), *(Argument(word, is_text=True) for word in words)], 4)
