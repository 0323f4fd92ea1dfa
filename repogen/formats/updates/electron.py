"""``latest.yml``, ``latest-mac.yml``, ``latest-linux.yml``, ``latest-linux-arm64.yml``: what electron-updater asks for.

https://www.electron.build/auto-update and GenericProvider of electron-updater. Addresses in a manifest are relative to it and lead to the release's own
folder, whose name holds the version: out of that the updater makes the address of the old block map. A manifest that electron-builder wrote says which files
there are and whatever else it says; addresses, sizes and digests are those of what is published.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from repogen import layout
from repogen.artifact import AppImageFacts, ArchiveFacts, Artifact, InstallerFacts, Kind, ManifestFacts
from repogen.catalog import Catalog, Product, Release
from repogen.config import Config
from repogen.electron_manifests import named_by
from repogen.electron_versions import is_readable
from repogen.formats.updates import offers
from repogen.quoting import plain
from repogen.templates import render

_WORD = re.compile(r"[a-z]{2}[A-Za-z0-9]{2,}", re.ASCII)
_NAME = re.compile(r"(?P<channel>[^-]+)(?P<suffix>|-mac|-linux(?:-[a-z0-9]+)?)\.ya?ml")

#: System and architectures of the file of each suffix. Windows and macOS have one for all.
_PLATFORMS = {
    "": ("windows", None),
    "-mac": ("macos", None),
    "-linux": ("linux", "amd64"),
    "-linux-arm64": ("linux", "arm64"),
    "-linux-arm": ("linux", "armv7"),
    "-linux-ia32": ("linux", "i386"),
}
_KINDS = (Kind.EXE, Kind.ZIP, Kind.DMG, Kind.APPIMAGE, Kind.DEB, Kind.RPM, Kind.PACMAN)
#: The updater takes the first one when no name says its own architecture.
_ARCHITECTURES = ("universal", "any", "amd64", "arm64", "i386", "armv7")


class _File(Struct, frozen=True):
    """A file of a manifest, and what electron-builder says of it beyond digest and size."""

    artifact: Artifact
    sha512: str
    """In base64."""
    more: dict[str, Any]


class _Offer(Struct, frozen=True):
    release: Release
    version: str
    files: tuple[_File, ...]
    more: dict[str, Any]


def manifests(catalog: Catalog, config: Config, product: Product, folder: str) -> Iterator[tuple[str, bytes]]:
    """Path and content of each manifest of a product; ``folder`` is its name, or empty for the short address."""
    channels = offers.channels(catalog, config, product)
    for channel in channels:
        for suffix in _PLATFORMS:
            offer = _offer(catalog, offers.releases(catalog, config, product, channel), suffix)
            for where, name in _addresses(channel, channels) if offer else ():
                base = layout.updates(where, folder)
                yield f"{base}/{name}{suffix}.yml", _text(offer, base)  # type: ignore[arg-type]  # there is one


def nothing() -> bytes:
    """What stands at the address of a manifest when no release is offered there any more: older than every installed version, so that nobody updates."""
    return render("updates/latest.yml.j2", version="0.0.0", files=[], more={}).encode()


def _addresses(channel: str, channels: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Folder and name: a channel's own folder is a feed of one channel, and the stable one has all, for applications that switch between them."""
    yield channel, "latest"
    if channel != offers.DEFAULT:
        yield channel, channel
        if offers.DEFAULT in channels:
            yield offers.DEFAULT, channel


def _offer(catalog: Catalog, releases: Sequence[Release], suffix: str) -> _Offer | None:
    """The newest release that has files for a platform."""
    found = (_of_release(catalog.files_of(release), release, suffix) for release in releases)
    return next((offer for offer in found if offer and is_readable(offer.version)), None)


def versions(catalog: Catalog, release: Release) -> set[str]:
    """The versions that manifests would have for a release, be they readable ones or not."""
    found = (_of_release(catalog.files_of(release), release, suffix) for suffix in _PLATFORMS)
    return {offer.version for offer in found if offer}


def _of_release(artifacts: Sequence[Artifact], release: Release, suffix: str) -> _Offer | None:
    given = _given(artifacts, suffix)
    version = given.version if given else release.version
    files = _listed(given, artifacts) if given else [(a, _own(a)) for a in _chosen(artifacts, suffix)]
    known = tuple(_File(a, _base64(a.sha512), more) for a, more in files if a.sha512)
    more = json.loads(given.more) if given else {}
    return _Offer(release, version, known, more) if known else None


def _given(artifacts: Sequence[Artifact], suffix: str) -> ManifestFacts | None:
    """The manifest that electron-builder wrote for a platform; the one of the usual name where there are several."""
    found = {}
    for artifact in artifacts:
        if isinstance(artifact.facts, ManifestFacts) and artifact.facts.files and (name := _NAME.fullmatch(artifact.filename)) and name["suffix"] == suffix:
            found[name["channel"]] = artifact.facts
    return found.get("latest") or next(iter(found.values()), None)


def _listed(given: ManifestFacts, artifacts: Sequence[Artifact]) -> list[tuple[Artifact, dict[str, Any]]]:
    names = [(a.filename, a) for a in artifacts]
    return [(a, _own(a) | json.loads(entry.more)) for entry in given.files if (a := named_by(entry.url, names))]


def _own(artifact: Artifact) -> dict[str, Any]:
    return {"blockMapSize": artifact.facts.block_map_size} if isinstance(artifact.facts, AppImageFacts) else {}


def _chosen(artifacts: Sequence[Artifact], suffix: str) -> list[Artifact]:
    """The files that electron-builder would list; none where the one that updates itself is not among them."""
    system, arch = _PLATFORMS[suffix]
    fit = [a for a in artifacts if a.os == system and (arch is None or a.arch in {arch, "any"})]
    chosen = {"windows": _installers, "macos": _of_mac, "linux": _of_linux}[system](fit)
    return sorted(chosen, key=lambda a: (_KINDS.index(a.kind), _ARCHITECTURES.index(a.arch) if a.arch in _ARCHITECTURES else len(_ARCHITECTURES), a.plainness))


def _installers(files: Sequence[Artifact]) -> list[Artifact]:
    """The NSIS installers. A portable program is made by NSIS too, and has neither a block map nor a name that says set-up."""
    nsis = [a for a in files if isinstance(a.facts, InstallerFacts) and a.facts.technology == "nsis"]
    mapped = {a.filename for a in files if a.filename.endswith(".blockmap")}
    likely = [a for a in nsis if f"{a.filename}.blockmap" in mapped] or [a for a in nsis if re.search(r"setup|install", a.filename, re.IGNORECASE)]
    return likely or nsis


def _of_mac(files: Sequence[Artifact]) -> list[Artifact]:
    zips = [a for a in files if a.kind is Kind.ZIP and isinstance(a.facts, ArchiveFacts) and a.facts.bundles]
    return [*zips, *(a for a in files if a.kind is Kind.DMG)] if zips else []


def _of_linux(files: Sequence[Artifact]) -> list[Artifact]:
    packages = (Kind.APPIMAGE, Kind.DEB, Kind.RPM, Kind.PACMAN)
    return [a for a in files if a.kind in packages and getattr(a.facts, "architecture", "") != "src"]


def _text(offer: _Offer, base: str) -> bytes:
    release = offer.release
    up = "/".join([".."] * (base.count("/") + 1))
    more = {"releaseDate": release.date.replace("Z", ".000Z"), **({"releaseNotes": plain(release.notes)} if release.notes else {}), **offer.more}
    if release.rollout < 100:
        more["stagingPercentage"] = release.rollout
    files = [
        {"url": layout.url(up, f.artifact.path), "sha512": f.sha512, "size": f.artifact.size, "more": _flow(f.more)}
        for f in offer.files
    ]  # fmt: skip
    return render("updates/latest.yml.j2", version=offer.version, files=files, more=_flow(more)).encode()


def _flow(values: Mapping[str, Any]) -> dict[str, str]:
    """Each value, and each key that is no plain word, as JSON, which is YAML too."""
    return {key if _WORD.fullmatch(key) else _scalar(key): _scalar(value) for key, value in sorted(values.items())}


def _scalar(value: Any) -> str:
    return plain(json.dumps(value, ensure_ascii=False))


def _base64(digest: str) -> str:
    return base64.b64encode(bytes.fromhex(digest)).decode()
