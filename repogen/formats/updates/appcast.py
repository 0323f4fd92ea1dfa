"""``updates/<channel>/appcast.xml``: the feed of Sparkle on macOS and of WinSparkle on Windows, for files with an Ed25519 signature.

https://sparkle-project.org/documentation/publishing/ and https://github.com/vslavik/winsparkle/wiki/Appcast-Feeds. Each item has one file; the system that it
is for stands beside it, so that both updaters pass over what is not theirs.

``updates/stable/appcast-channels.xml`` has the Mac's items of all channels, each but the stable ones with ``sparkle:channel``, for applications that
let their users choose (https://sparkle-project.org/documentation/publishing/#channels). It is a feed of its own, since Sparkle 1 and WinSparkle take no
heed of that element and would offer everyone a beta.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from email.utils import format_datetime
from typing import Any

from msgspec import Struct

from repogen import dates, layout, markdown
from repogen.artifact import AppcastEntry, AppcastFacts, Artifact, Kind
from repogen.catalog import Catalog, Product, Release
from repogen.config import Config
from repogen.content_types import content_type
from repogen.electron_manifests import named_by
from repogen.formats.updates import offers
from repogen.templates import render

#: Releases in a feed; older ones are of no use to an updater.
_MOST = 5
_KINDS = {"macos": (Kind.ZIP, Kind.TAR, Kind.DMG, Kind.PKG), "windows": (Kind.EXE, Kind.MSI, Kind.ZIP)}
#: Sparkle takes one file for all Macs; a build for Intel runs on both kinds.
_MACS = ("universal", "any", "amd64", "arm64")
_WINDOWS = {"any": "windows", "amd64": "windows-x64", "arm64": "windows-arm64", "i386": "windows-x86"}


class _Signed(Struct, frozen=True):
    artifact: Artifact
    said: AppcastEntry


def manifests(catalog: Catalog, config: Config, product: Product, folder: str) -> Iterator[tuple[str, bytes]]:
    """Path and content of each appcast of a product; ``folder`` is its name, or empty for the short address."""
    channels = offers.channels(catalog, config, product)
    items = {channel: list(_items(catalog, config, product, channel)) for channel in channels}
    for channel in channels:
        if items[channel]:
            yield f"{layout.updates(channel, folder)}/appcast.xml", _text(config, product.title, items[channel])
    every = _of_all_channels(item for channel in channels for item in items[channel])
    choice = f"{layout.updates(offers.DEFAULT, folder)}/appcast-channels.xml"
    if offers.DEFAULT in channels and every and (choice in catalog.served or any(item["channel"] for item in every)):
        yield choice, _text(config, product.title, every)


def _of_all_channels(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The Mac's items, each once and with its channel; what several channels offer belongs to the first."""
    found: dict[str, dict[str, Any]] = {}
    for item in items:
        if item["os"] == "macos":
            found.setdefault(item["url"], {**item, "channel": "" if item["home"] == offers.DEFAULT else item["home"]})
    return list(found.values())


def nothing(config: Config) -> bytes:
    """What stands at the address of an appcast when no release is offered there any more."""
    return _text(config, config.title, [])


def _items(catalog: Catalog, config: Config, product: Product, channel: str) -> Iterator[dict[str, Any]]:
    """Those of the newest versions, each system's once, though a channel that this one follows may have the same version."""
    versions: dict[str, dict[str, tuple[Release, _Signed]]] = {}
    for release in offers.releases(catalog, config, product, channel):
        for os, one in _signed(catalog.files_of(release)):
            versions.setdefault(release.version, {}).setdefault(os, (release, one))
    yield from (_item(config, product, release, os, one) for found in list(versions.values())[:_MOST] for os, (release, one) in found.items())


def _signed(artifacts: Sequence[Artifact]) -> list[tuple[str, _Signed]]:
    """What each system and architecture is offered of a release: the system as an appcast writes it, and the file with its signature."""
    names = [(a.filename, a) for a in artifacts]
    entries = (entry for a in artifacts if isinstance(a.facts, AppcastFacts) for entry in a.facts.entries)
    said = {file.path: entry for entry in entries if (file := named_by(entry.url, names))}
    signed = [_Signed(a, said.get(a.path, AppcastEntry(url=a.filename))) for a in artifacts if a.os in _KINDS and a.kind in _KINDS[a.os]]
    signed = sorted((one for one in signed if one.artifact.eddsa or one.said.signature), key=lambda one: _order(one.artifact))
    found: dict[str, _Signed] = {}
    for one in signed:
        found.setdefault("macos" if one.artifact.os == "macos" else _WINDOWS.get(one.artifact.arch, "windows"), one)
    return list(found.items())


def _order(artifact: Artifact) -> tuple[object, ...]:
    mac = _MACS.index(artifact.arch) if artifact.os == "macos" and artifact.arch in _MACS else len(_MACS)
    portable = artifact.kind is Kind.EXE and not re.search(r"setup|install", artifact.filename, re.IGNORECASE)
    return artifact.os, mac, _KINDS[artifact.os].index(artifact.kind), portable, artifact.path


def _item(config: Config, product: Product, release: Release, os: str, one: _Signed) -> dict[str, Any]:
    artifact, said = one.artifact, one.said
    return {
        "title": f"{product.title} {release.version}",
        "date": format_datetime(dates.parse(release.date)),
        "build": said.build or release.version,
        "version": release.version,
        "minimum_system": said.minimum_system,
        "notes": markdown.to_html(release.notes, top=2) if release.notes else "",
        "url": layout.url(config.url, artifact.path),
        "size": artifact.size,
        "type": content_type(artifact.path),
        "os": os,
        "home": release.channel,
        "channel": "",
        "signature": artifact.eddsa or said.signature,
    }


def _text(config: Config, title: str, items: Sequence[dict[str, Any]]) -> bytes:
    return render("updates/appcast.xml.j2", title=title, link=f"{config.url}/", items=items).encode()
