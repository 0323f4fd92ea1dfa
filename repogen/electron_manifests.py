"""Update manifests of electron-builder, as far as they speak of other files: which ones these are, and whether they are the ones that were released.

A manifest may be written for another host: GitHub allows no space in a name, so that ``App Setup 1.0.0.exe`` is ``App-Setup-1.0.0.exe`` there. What repogen
publishes names the files as they stand on the site.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import TypeVar
from urllib.parse import unquote

from repogen.artifact import AppcastFacts, Artifact, ManifestFacts
from repogen.catalog import Catalog
from repogen.errors import InputError
from repogen.version import version_key

T = TypeVar("T")
_REMEDY = "build both again, or leave the manifest out: repogen writes one"


def named_by(url: str, files: Iterable[tuple[str, T]]) -> T | None:
    """Which of these files, each with its name, an address means: the one of that very name, else the one that differs in spaces, dots and dashes alone."""
    name = unquote(url.partition("?")[0].rpartition("/")[2])
    named = list(files)
    exact = next((one for its, one in named if its == name), None)
    return exact or next((one for its, one in sorted(named, key=lambda pair: pair[0]) if _plain(its) == _plain(name)), None)


def _plain(name: str) -> str:
    return re.sub(r"[ .-]+", "-", name)


def check_manifests(artifacts: Iterable[Artifact], published: Catalog) -> None:
    """Compare what update manifests among these artifacts say with the files themselves. Raises InputError where they differ."""
    artifacts = tuple(artifacts)
    for manifest in (a for a in artifacts if isinstance(a.facts, ManifestFacts | AppcastFacts)):
        same = (a for a in (*published.artifacts, *artifacts) if (a.product, a.version) == (manifest.product, manifest.version))
        files = {a.filename: a for a in same}  # as they come in, where they are here
        if isinstance(manifest.facts, ManifestFacts):
            _check(manifest, manifest.facts, files)
        elif isinstance(manifest.facts, AppcastFacts):
            _check_sizes(manifest, manifest.facts, files)


def _check_sizes(manifest: Artifact, facts: AppcastFacts, files: dict[str, Artifact]) -> None:
    """An appcast lists older releases too, which need not be here."""
    for entry in facts.entries:
        file = named_by(entry.url, files.items())
        if file and entry.size and entry.size != file.size:
            raise InputError(f"{manifest.filename} says that {file.filename} has {entry.size} bytes, but it has {file.size}", hint="make the appcast again")


def _check(manifest: Artifact, facts: ManifestFacts, files: dict[str, Artifact]) -> None:
    if version_key(facts.version) != version_key(manifest.version):
        raise InputError(f"{manifest.filename} is for version {facts.version}, but the files that it names are {manifest.version}", hint=_REMEDY)
    for entry in facts.files:
        file = named_by(entry.url, files.items())
        if file is None:
            raise InputError(
                f"{manifest.filename} names {entry.url}, which is not among the release files of {manifest.product} {manifest.version}", hint=_REMEDY
            )
        if file.source_sha256:  # an rpm that was signed here has other bytes than it came in with, which the manifest is about
            continue
        if entry.size and entry.size != file.size:
            raise InputError(f"{manifest.filename} says that {file.filename} has {entry.size} bytes, but it has {file.size}", hint=_REMEDY)
        if entry.sha512 and file.sha512 and _digest(entry.sha512) != file.sha512:
            raise InputError(f"{manifest.filename} was written for another {file.filename}: its sha512 differs", hint=_REMEDY)


def _digest(text: str) -> str:
    """Hexadecimal digest of one that stands in base64 or is hexadecimal already; empty when it is neither."""
    if re.fullmatch(r"[0-9a-fA-F]{128}", text):
        return text.lower()
    try:
        return base64.b64decode(text, validate=True).hex()
    except ValueError:
        return ""
