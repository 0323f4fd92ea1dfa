"""One manifest: https://github.com/ScoopInstaller/Scoop/wiki/App-Manifests, by the rules of Scoop's schema.json.

Scoop itself follows the bucket. ``checkver`` and ``autoupdate`` are for those who keep a copy of the manifest in a bucket of their own.
"""

from __future__ import annotations

import json
import re
from typing import Any

from repogen import layout, windows_rule
from repogen.artifact import ArchiveFacts, Artifact
from repogen.catalog import Catalog, Product, Release
from repogen.config import Config
from repogen.homepage import homepage
from repogen.quoting import line

#: Where nothing is said of the licence; the schema demands a word.
_UNKNOWN = "Unknown"


def manifest(catalog: Catalog, config: Config, product: Product, release: Release) -> bytes:
    """The manifest of a release that has files for Scoop, with the line ends that Scoop's own buckets have."""
    files = windows_rule.scoop_files(catalog.files_of(release), product)
    made: dict[str, Any] = {
        "version": _version(release.version),
        "description": line(product.description) or line(product.title) or product.id,
        "homepage": homepage(product, config),
        "license": line(product.license) or _UNKNOWN,
        "architecture": {word: _download(artifact, config, product) for word, artifact in files.items()},
        "checkver": {"url": layout.url(config.url, layout.CATALOG), "jsonpath": f"$.products[?(@.id == '{product.id}')].newest.{_key(release.channel)}"},
    }
    update = {word: again for word, artifact in files.items() if (again := _autoupdate(artifact, config))}
    if len(update) == len(files):
        made["autoupdate"] = {"architecture": update, "hash": {"url": "$baseurl/SHA256SUMS"}}
    text = json.dumps(_hoisted(made), indent=4, ensure_ascii=False) + "\n"
    return text.replace("\n", "\r\n").encode("utf-8", "replace")


def _version(version: str) -> str:
    """Scoop makes a folder of it, and takes no other characters."""
    return re.sub(r"[^\w.+-]", "-", version, flags=re.ASCII)


def _key(channel: str) -> str:
    return channel if channel.isalnum() else f"['{channel}']"


def _download(artifact: Artifact, config: Config, product: Product) -> dict[str, Any]:
    url = layout.url(config.url, artifact.path)
    if not isinstance(artifact.facts, ArchiveFacts):
        # What follows the # is the name that Scoop gives the file.
        return {"url": f"{url}#/{product.id}.exe", "hash": artifact.sha256, "bin": f"{product.id}.exe", **_shortcut(product, f"{product.id}.exe")}
    top = artifact.facts.top
    programs = {member.removeprefix(f"{top}/") if top else member: name for member, name in windows_rule.windows_programs(artifact, product.id).items()}
    bins = [_bin(member, name) for member, name in programs.items()]
    made: dict[str, Any] = {"url": url, "hash": artifact.sha256} | ({"extract_dir": top} if top else {})
    if bins:
        made["bin"] = bins[0] if len(bins) == 1 and isinstance(bins[0], str) else bins
        made |= _shortcut(product, next(iter(programs)))
    return made


def _bin(member: str, name: str) -> str | list[str]:
    """A program, with the name to run it by where that is not its own."""
    path = member.replace("/", "\\")
    return path if member.rpartition("/")[2] == f"{name}.exe" else [path, name]


def _shortcut(product: Product, member: str) -> dict[str, Any]:
    """An application stands in the start menu."""
    return {"shortcuts": [[member.replace("/", "\\"), line(product.title) or product.id]]} if product.type == "app" else {}


def _autoupdate(artifact: Artifact, config: Config) -> dict[str, str] | None:
    """The same addresses for any version; None where the version does not stand in them as it is."""
    version = artifact.version
    url = layout.url(config.url, artifact.path)
    if f"/{version}/" not in url or _version(version) != version:
        return None
    found = {"url": config.url + url.removeprefix(config.url).replace(version, "$version")}
    if not isinstance(artifact.facts, ArchiveFacts):
        return {"url": f"{found['url']}#/{artifact.product}.exe"}
    return found | ({"extract_dir": artifact.facts.top.replace(version, "$version")} if artifact.facts.top else {})


def _hoisted(made: dict[str, Any]) -> dict[str, Any]:
    """What all processors have in common stands once, above them."""
    each = made["architecture"].values()
    shared = {key: value for key, value in next(iter(each)).items() if key not in {"url", "hash"} and all(other.get(key) == value for other in each)}
    plain = {word: {key: value for key, value in own.items() if key not in shared} for word, own in made["architecture"].items()}
    above = {key: made.pop(key) for key in ("version", "description", "homepage", "license")}
    return above | made | {"architecture": plain} | shared
