"""``repo.json``: the whole catalog for machines.

Format 1. Within it keys are only added, never renamed or given another meaning; every address is whole, every digest hexadecimal.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from repogen import layout
from repogen.artifact import Artifact, Kind
from repogen.catalog import Catalog, Product, PublicKey, Release, Withdrawal
from repogen.config import Config
from repogen.instructions import instructions
from repogen.tree import File, Stage, Tree

FORMAT = 1


def render(catalog: Catalog, config: Config) -> Tree:
    text = json.dumps(_site(catalog, config), ensure_ascii=False).encode("utf-8", "replace")
    return Tree({layout.CATALOG: File(msgspec.json.format(text, indent=2) + b"\n", Stage.ENTRY)})  # json's own indenting is ten times slower


def _site(catalog: Catalog, config: Config) -> dict[str, Any]:
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
        "products": [_product(product, catalog, config) for product in catalog.offered],
        "withdrawn": [_withdrawal(withdrawal) for withdrawal in catalog.withdrawn],
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


def _product(product: Product, catalog: Catalog, config: Config) -> dict[str, Any]:
    channels = [channel for channel in catalog.channels if catalog.newest(product.id, channel)]
    releases = [release for channel in channels for release in catalog.releases_of(product.id, channel)]
    return {
        "id": product.id,
        "title": product.title,
        "description": product.description,
        "homepage": product.homepage,
        "license": product.license,
        "type": product.type,
        "newest": {channel: catalog.releases_of(product.id, channel)[0].version for channel in channels},
        "install": {channel: _install(catalog, config, product.id, channel) for channel in channels},
        "releases": [_release(release, catalog, config) for release in releases],
    }


def _install(catalog: Catalog, config: Config, product: str, channel: str) -> dict[str, list[str]]:
    """Commands by client, in the order in which they are typed."""
    return {i.client: [step.line for step in i.steps] for i in instructions(catalog, config, product, channel)}


def _release(release: Release, catalog: Catalog, config: Config) -> dict[str, Any]:
    sums = layout.url(config.url, layout.checksums(release.product, release.version))
    return {
        "version": release.version,
        "channel": release.channel,
        "date": release.date,
        "rollout": release.rollout,
        "notes": release.notes,
        "checksums": {"url": sums, "signature_url": f"{sums}.asc" if catalog.keys else None},
        "files": [_file(artifact, config) for artifact in catalog.files_of(release)],
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
    }
