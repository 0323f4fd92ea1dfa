"""``updates/<channel>/<platform>/latest.json``: the newest release for a platform, for applications that bring their own updater.

A platform is a system (``windows``), for which the usual architecture is taken, or a system and an architecture (``windows-arm64``). What the keys
mean stands in ``updates/latest.schema.json``; keys are only ever added.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from repogen import layout
from repogen.artifact import Artifact, InstallerFacts, Kind
from repogen.catalog import Catalog, Product, Release
from repogen.config import Config
from repogen.formats.updates import feeds, offers
from repogen.quoting import plain
from repogen.update_addresses import PLAIN

#: What an updater of any kind can best make use of.
_KINDS = (
    Kind.DMG, Kind.PKG, Kind.MSI, Kind.EXE, Kind.APPIMAGE, Kind.TAR, Kind.ZIP, Kind.BINARY, Kind.FLATPAK, Kind.SNAP, Kind.APK, Kind.PACMAN, Kind.DEB, Kind.RPM,
)  # fmt: skip
_EVERY = ("any", "universal")
_ARCHITECTURES = ("amd64", "arm64", "i386", "armv7", "armv6")


def manifests(catalog: Catalog, config: Config, product: Product, folder: str) -> Iterator[tuple[str, bytes]]:
    """Path and content of each manifest of a product; ``folder`` is its name, or empty for the short address."""
    for channel in offers.channels(catalog, config, product):
        releases = offers.releases(catalog, config, product, channel)
        downloads = {release: _downloads(catalog, release) for release in releases}
        for platform in _platforms([a for files in downloads.values() for a in files]):
            fitting = {release: found for release in releases if (found := _fitting(downloads[release], platform, product))}
            if fitting:
                about = _manifest(config, fitting, platform, channel, folder)
                yield f"{layout.updates(channel, folder)}/{platform}/latest.json", _json(about)


def nothing(path: str, catalog: Catalog, config: Config) -> bytes:
    """What stands at the address of a manifest when no release is offered there any more."""
    *folder, channel, platform, _ = path.split("/")[1:]
    product = folder[0] if folder else catalog.update_feeds.get(PLAIN, "")
    empty = dict.fromkeys(("version", "download_url", "size", "sha256", "kind", "arch", "released", "release_notes_url", "minimum_version"))
    return _json(_head(config, product, channel, platform) | empty | {"release_notes": "", "rollout": 0, "files": [], "steps": []})


def notes(catalog: Catalog, product: Product, folder: str) -> Iterator[tuple[str, bytes]]:
    """Path and content of the release notes of each version that has some."""
    for release in catalog.releases_of(product.id):
        if release.notes:
            yield layout.release_notes(release.version, folder), plain(release.notes).encode()


def _downloads(catalog: Catalog, release: Release) -> list[Artifact]:
    return [a for a in catalog.files_of(release) if feeds.is_download(a)]


def _platforms(files: Sequence[Artifact]) -> list[str]:
    """Each system, and each system with an architecture."""
    found = set()
    for file in files:
        both_macs = file.os == "macos" and file.arch in _EVERY
        arches = ("amd64", "arm64") if both_macs else () if file.arch in _EVERY else (file.arch,)
        found |= {file.os, *(f"{file.os}-{arch}" for arch in arches)}
    return sorted(found)


def _fitting(files: Sequence[Artifact], platform: str, product: Product) -> list[Artifact]:
    """The files for a platform, the one that most people want first."""
    system, _, arch = platform.partition("-")
    fit = [a for a in files if a.os == system and (not arch or a.arch in (arch, *_EVERY))]
    return sorted(fit, key=lambda a: _order(a, arch, product))


def _order(file: Artifact, arch: str, product: Product) -> tuple[object, ...]:
    usual = 0 if file.arch in ("amd64", *_EVERY) else 1 + (_ARCHITECTURES.index(file.arch) if file.arch in _ARCHITECTURES else len(_ARCHITECTURES))
    portable = isinstance(file.facts, InstallerFacts) and file.facts.technology == "portable"
    unlikely = file.kind is Kind.EXE and not re.search(r"setup|install", file.filename, re.IGNORECASE)
    package = getattr(file.facts, "package", "") or getattr(file.facts, "name", "")
    return (
        0 if arch else usual,
        _KINDS.index(file.kind) + 3 * portable,
        unlikely,
        file.libc == "musl",
        file.arch in _EVERY,
        package != product.id,
        file.plainness,
    )


def _manifest(config: Config, fitting: Mapping[Release, Sequence[Artifact]], platform: str, channel: str, folder: str) -> dict[str, Any]:
    """The manifest of the first of these releases, each with its files for the platform."""
    release, files = next(iter(fitting.items()))
    return {
        **_head(config, release.product, channel, platform),
        "version": release.version,
        **_file(config, files[0]),
        "released": release.date,
        "release_notes": plain(release.notes),
        "release_notes_url": layout.url(config.url, layout.release_notes(release.version, folder)) if release.notes else None,
        "minimum_version": offers.minimum_version(config, release) or None,
        "rollout": release.rollout,
        "files": [_file(config, file) for file in files],
        "steps": [_step(config, step, fitting[step][0]) for step in offers.steps(config, release, fitting)],
    }


def _head(config: Config, product: str, channel: str, platform: str) -> dict[str, Any]:
    return {"$schema": layout.url(config.url, layout.UPDATES_SCHEMA), "product": product, "channel": channel, "platform": platform}


def _file(config: Config, file: Artifact) -> dict[str, Any]:
    return {"download_url": layout.url(config.url, file.path), "size": file.size, "sha256": file.sha256, "kind": file.kind.value, "arch": file.arch}


def _step(config: Config, release: Release, file: Artifact) -> dict[str, Any]:
    return {"version": release.version, **_file(config, file), "minimum_version": offers.minimum_version(config, release) or None}


def _json(about: Mapping[str, Any]) -> bytes:
    return json.dumps(about, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n"
