"""``updates/<channel>/latest.json``: the static manifest of Tauri's updater, for files that Tauri's bundler has signed.

https://v2.tauri.app/plugin/updater/#static-json-file. The updater looks for ``<os>-<arch>-<bundle>``, then for ``<os>-<arch>``, and believes a file whose
signature is by the key that the application was built with.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from repogen import layout
from repogen.artifact import Artifact, InstallerFacts, Kind, SignatureFacts
from repogen.catalog import Catalog, Product, Release
from repogen.config import Config
from repogen.formats.updates import offers
from repogen.quoting import plain

_SYSTEMS = {"linux": "linux", "macos": "darwin", "windows": "windows"}
_ARCHITECTURES = {"amd64": ("x86_64",), "arm64": ("aarch64",), "i386": ("i686",), "armv7": ("armv7",), "universal": ("x86_64", "aarch64"), "any": ("x86_64",)}
#: The first one of a system stands for those that do not say their bundle.
_BUNDLES = ("app", "nsis", "msi", "appimage", "deb", "rpm")


def manifests(catalog: Catalog, config: Config, product: Product, folder: str) -> Iterator[tuple[str, bytes]]:
    """Path and content of each manifest of a product; ``folder`` is its name, or empty for the short address."""
    for channel in offers.channels(catalog, config, product):
        for release in offers.releases(catalog, config, product, channel):
            if platforms := _platforms(catalog.files_of(release), config):
                yield f"{layout.updates(channel, folder)}/latest.json", _text(release, platforms)
                break


def nothing() -> bytes:
    """What stands at the address of a manifest when no release is offered there any more: older than every installed version, so that nobody updates."""
    return _json({"version": "0.0.0", "notes": "", "platforms": {}})


def _platforms(artifacts: Sequence[Artifact], config: Config) -> dict[str, dict[str, str]]:
    """Address and signature of each signed file, by the names under which the updater looks for it."""
    signatures = {a.filename: a.facts.text for a in artifacts if isinstance(a.facts, SignatureFacts)}
    signed = [(a, bundle, text) for a in artifacts if (text := signatures.get(f"{a.filename}.sig")) and (bundle := _bundle(a))]
    found: dict[str, dict[str, str]] = {}
    for artifact, bundle, text in sorted(signed, key=lambda one: (_BUNDLES.index(one[1]), one[0].arch in {"universal", "any"}, one[0].plainness)):
        entry = {"signature": text, "url": layout.url(config.url, artifact.path)}
        for arch in _ARCHITECTURES.get(artifact.arch, ()):
            target = f"{_SYSTEMS[artifact.os]}-{arch}"
            found.setdefault(f"{target}-{bundle}", entry)
            found.setdefault(target, entry)
    return dict(sorted(found.items()))


def _bundle(artifact: Artifact) -> str:
    """What Tauri calls a file's kind; empty where its updater does not take it."""
    if artifact.os == "macos":
        return "app" if artifact.kind is Kind.TAR else ""
    nsis = isinstance(artifact.facts, InstallerFacts) and artifact.facts.technology == "nsis"
    kinds = {Kind.MSI: "msi", Kind.APPIMAGE: "appimage", Kind.DEB: "deb", Kind.RPM: "rpm", Kind.EXE: "nsis" if nsis else ""}
    return kinds.get(artifact.kind, "") if artifact.os in _SYSTEMS else ""


def _text(release: Release, platforms: dict[str, dict[str, str]]) -> bytes:
    return _json({"version": release.version, "notes": plain(release.notes), "pub_date": release.date, "platforms": platforms})


def _json(about: dict[str, object]) -> bytes:
    return json.dumps(about, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n"
