"""``repo.json``: the whole catalog for machines.

Format 1. Within it keys are only added, never renamed or given another meaning; every address is whole, every digest hexadecimal. Each product, release
and file begins a line and has no other line breaks in it: with many thousands of files, indentation would be a quarter of the bytes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from repogen import layout
from repogen.artifact import Artifact, InstallerFacts, Kind
from repogen.catalog import Catalog, Product, PublicKey, Release, Withdrawal
from repogen.config import Config
from repogen.instructions import instructions
from repogen.tree import File, Stage, Tree
from repogen.update_addresses import manifests_of

FORMAT = 1


_Item = TypeVar("_Item")


def render(catalog: Catalog, config: Config) -> Tree:
    text = io.BytesIO()  # piece by piece: the catalog as one value would take many times the room of its text
    text.writelines(_pieces(catalog, config))
    return Tree({layout.CATALOG: File(text.getvalue(), Stage.ENTRY)})


def _pieces(catalog: Catalog, config: Config) -> Iterator[bytes]:
    yield _open(_head(catalog, config), "products")
    for separator, product in _separated(catalog.offered):
        yield separator
        yield from _product_pieces(product, catalog, config)
    yield b'],\n"withdrawn":%s}\n' % _text([_withdrawal(withdrawal) for withdrawal in catalog.withdrawn])


def _product_pieces(product: Product, catalog: Catalog, config: Config) -> Iterator[bytes]:
    channels = [channel for channel in catalog.channels if catalog.newest(product.id, channel)]
    yield _open(_product(product, channels, catalog, config), "releases")
    releases = (release for channel in channels for release in catalog.releases_of(product.id, channel))
    for separator, release in _separated(releases):
        yield separator + _open(_release(release, catalog, config), "files")
        for before, artifact in _separated(catalog.files_of(release)):
            yield before + _text(_file(artifact, config))
        yield b"]}"
    yield b"]}"


def _separated(items: Iterable[_Item]) -> Iterator[tuple[bytes, _Item]]:
    """Items of an array and what stands before each, so that it begins a line."""
    separator = b"\n"
    for item in items:
        yield separator, item
        separator = b",\n"


def _open(object_: dict[str, Any], last: str) -> bytes:
    """An object that goes on with an array under its last key."""
    return b'%s,"%s":[' % (_text(object_)[:-1], last.encode())


def _text(value: Any) -> bytes:
    """JSON on one line. What UTF-8 has no bytes for becomes a question mark."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _head(catalog: Catalog, config: Config) -> dict[str, Any]:
    repo = config.repo
    return {
        "format": FORMAT,
        "name": repo.name,
        "title": config.title,
        "description": repo.description,
        "homepage": repo.homepage,
        "maintainer": repo.maintainer,
        "url": config.url,
        "date": catalog.date,
        "channels": list(catalog.channels),
        "keys": [_key(key) for key in catalog.keys],
        "key_urls": {form: layout.url(config.url, path(repo.name)) for form, path in _KEY_FILES.items()} if catalog.keys else {},
        "keyring_packages": _keyring_packages(catalog, config),
    }


def _withdrawal(withdrawal: Withdrawal) -> dict[str, Any]:
    release = withdrawal.release
    return {
        "product": release.product,
        "version": release.version,
        "channel": release.channel,
        "released": release.date,
        "date": withdrawal.date,
        "reason": withdrawal.reason,
    }


def _keyring_packages(catalog: Catalog, config: Config) -> dict[str, str]:
    """Addresses of the packages that add the repository, by kind."""
    keyring = layout.archive_keyring(config.repo.name)
    names = {Kind.DEB: keyring, Kind.RPM: layout.release_package(config.repo.name)}
    there = [kind for kind in names if catalog.select(kind, product=keyring)]
    return {kind.value: layout.url(config.url, layout.keyring_address(names[kind], kind)) for kind in there}


_KEY_FILES = {"armored": layout.key_armored, "binary": layout.key_binary}


def _key(key: PublicKey) -> dict[str, Any]:
    return {
        "fingerprint": key.fingerprint,
        "algorithm": key.algorithm,
        "created": key.created,
        "expires": key.expires or None,
        "user_id": key.user_id,
    }


def _product(product: Product, channels: Iterable[str], catalog: Catalog, config: Config) -> dict[str, Any]:
    return {
        "id": product.id,
        "title": product.title,
        "description": product.description,
        "homepage": product.homepage,
        "license": product.license,
        "type": product.type,
        "newest": {channel: catalog.releases_of(product.id, channel)[0].version for channel in channels},
        "install": {channel: _install(catalog, config, product.id, channel) for channel in channels},
        "updates": {channel: found for channel in channels if (found := _updates(catalog, config, product.id, channel))},
    }


def _install(catalog: Catalog, config: Config, product: str, channel: str) -> dict[str, list[str]]:
    """Commands by client, in the order in which they are typed."""
    return {i.client: [step.line for step in i.steps] for i in instructions(catalog, config, product, channel)}


def _updates(catalog: Catalog, config: Config, product: str, channel: str) -> dict[str, dict[str, str]]:
    """Addresses of update manifests by kind, and in it by platform or name."""
    kinds = manifests_of(catalog, product, channel)
    return {kind: {name: layout.url(config.url, path) for name, path in named.items()} for kind, named in kinds.items()}


def _release(release: Release, catalog: Catalog, config: Config) -> dict[str, Any]:
    sums = layout.url(config.url, layout.checksums(release.product, release.version))
    return {
        "version": release.version,
        "channel": release.channel,
        "date": release.date,
        "rollout": release.rollout,
        "notes": release.notes,
        "checksums": {"url": sums, "signature_url": f"{sums}.asc" if catalog.keys else None},
    }


def _file(artifact: Artifact, config: Config) -> dict[str, Any]:
    return {
        "name": artifact.filename,
        "path": artifact.path,
        "url": layout.url(config.url, artifact.path),
        "kind": artifact.kind.value,
        "os": artifact.os,
        "arch": artifact.arch,
        "libc": artifact.libc or None,
        "size": artifact.size,
        "sha256": artifact.sha256,
        "sha512": artifact.sha512 or None,
        **_signature(artifact),
    }


def _signature(artifact: Artifact) -> dict[str, Any]:
    """For programs and installers of Windows: whether they are signed, by whom and when, as far as they say."""
    said = artifact.facts.authenticode if isinstance(artifact.facts, InstallerFacts) else None
    if said is None:
        return {}
    who = {"signer": said.signer, "issuer": said.issuer, "timestamp": said.timestamp or None} if said.signer else {}
    return {"authenticode": {"signed": bool(said.signer), **who}}
