"""A cask: https://docs.brew.sh/Cask-Cookbook.

One stanza ``url`` serves both architectures: what differs is interpolated from ``arch``, and the version from ``version``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from repogen import homebrew_rule, layout
from repogen.artifact import ArchiveFacts, Artifact, InstallerFacts, Kind
from repogen.catalog import Catalog, Product, Release
from repogen.config import Config
from repogen.formats.homebrew.formula import ARCHITECTURES
from repogen.formats.homebrew.text import description
from repogen.homepage import homepage
from repogen.quoting import ruby
from repogen.templates import render

#: A package asks for the administrator's password, so an application to be copied comes first.
_ORDER = (Kind.DMG, Kind.ZIP, Kind.TAR, Kind.PKG)


class _Difference(NamedTuple):
    """Where the addresses of the two architectures differ: ``before`` + (``arm`` or ``intel``) + ``after``."""

    before: str
    arm: str
    intel: str
    after: str


def cask(catalog: Catalog, config: Config, release: Release) -> str:
    """The text of the cask for a release that has files for one."""
    product = catalog.product(release.product)
    token = homebrew_rule.token(release.product, release.channel)
    files = choose(homebrew_rule.cask_files(catalog.files_of(release)))
    urls = {word: layout.url(config.url, artifact.path) for word, artifact in files.items()}
    difference = _difference(urls["arm"], urls["intel"]) if len(set(urls.values())) == 2 else None
    first = next(iter(files.values()))
    stable = catalog.newest(release.product, "stable") if release.channel != "stable" else None
    return render(
        "homebrew/cask.rb.j2",
        token=token,
        difference=difference,
        version=release.version,
        digests={word: artifact.sha256 for word, artifact in files.items()} if difference else {"": first.sha256},
        url=_interpolated(next(iter(urls.values())), release.version, difference),
        title=product.title,
        desc=description(product.description, (product.id, product.title), f"Application from {config.title}", cask=True),
        homepage=homepage(product, config),
        conflicts=f"{homebrew_rule.tap_name(config.repo.name)}/{product.id}" if stable else "",
        arch={"arm": ":arm64", "intel": ":x86_64"}[next(iter(files))] if len(files) == 1 else "",
        apps=_apps(first, product),
        package=_interpolated(first.path.rpartition("/")[2], release.version, _in_name(difference)) if first.kind is Kind.PKG else "",
        package_ids=_package_ids(files),
    )


def choose(artifacts: tuple[Artifact, ...]) -> dict[str, Artifact]:
    """The file for each architecture in brew's words, all of one kind: the kind that serves most, in order of preference."""
    choices = []
    for kind in _ORDER:
        files: dict[str, Artifact] = {}
        for word, arch in ARCHITECTURES.items():
            fit = [a for a in artifacts if a.kind is kind and a.arch in {arch, "universal", "any"}]
            if fit:
                files[word] = min(fit, key=lambda a: (a.arch != arch, a.path))
        choices.append(files)
    return max(choices, key=len)


def _difference(arm: str, intel: str) -> _Difference:
    """The whole words in which the two differ; where only one has a word for its architecture, the other has nothing."""
    arms, intels = _words(arm), _words(intel)
    start = _common(arms, intels)
    end = _common(arms[start:][::-1], intels[start:][::-1])
    return _Difference(
        before="".join(arms[:start]),
        arm="".join(arms[start : len(arms) - end]),
        intel="".join(intels[start : len(intels) - end]),
        after="".join(arms[len(arms) - end :]),
    )


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z0-9]+|[^A-Za-z0-9]", text)


def _common(one: list[str], other: list[str]) -> int:
    """How many words the two have in common from their start."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _in_name(difference: _Difference | None) -> _Difference | None:
    """The same for the file's name alone."""
    return difference._replace(before=difference.before.rpartition("/")[2]) if difference else None


def _interpolated(text: str, version: str, difference: _Difference | None) -> str:
    """A Ruby string with ``#{arch}`` and ``#{version}`` where these stand."""
    if difference:
        return '"' + "#{arch}".join(_with_version(part, version) for part in (difference.before, difference.after)) + '"'
    return '"' + _with_version(text, version) + '"'


def _with_version(text: str, version: str) -> str:
    parts = re.split(rf"(?<![A-Za-z0-9]){re.escape(version)}(?![A-Za-z0-9])", text)
    return "#{version}".join(ruby(part)[1:-1] for part in parts)


def _apps(artifact: Artifact, product: Product) -> tuple[str, ...]:
    """Applications to be copied, as paths in the image or archive."""
    if artifact.kind is Kind.PKG:
        return ()
    if isinstance(artifact.facts, ArchiveFacts):
        return tuple(sorted(_place(bundle, artifact.facts.members) for bundle in artifact.facts.bundles))
    known = artifact.facts.bundle if isinstance(artifact.facts, InstallerFacts) else ""
    return (known or f"{product.title}.app",)


def _place(bundle: str, members: tuple[str, ...]) -> str:
    """The bundle with its folder: brew does not enter the top folder of a cask's archive."""
    inside = next((f"/{member}".partition(f"/{bundle}/")[0] for member in members if f"/{bundle}/" in f"/{member}"), "")
    return f"{inside}/{bundle}".lstrip("/")


def _package_ids(files: dict[str, Artifact]) -> tuple[str, ...]:
    facts = [a.facts for a in files.values() if a.kind is Kind.PKG]
    return tuple(sorted({id for some in facts if isinstance(some, InstallerFacts) for id in some.package_ids}))
