"""Follows a published site as apt, dnf, git and NuGet do, from entry file to payload, and tells what does not fit.

It shares no code with repogen's formats. ``read(path)`` gives the bytes at a path of the site, or None.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterator
from xml.etree import ElementTree as ET

Read = Callable[[str], bytes | None]


class BrokenError(AssertionError):
    """Something that an index names is not there, or is something else."""


def follow(read: Read, url: str) -> dict[str, set[str]]:
    """Every version that each client finds: ``{"apt": {"hello 1.0.0"}, ...}``. Raises BrokenError."""
    return {"apt": set(apt(read)), "yum": set(yum(read)), "git": set(git(read)), "nuget": set(nuget(read, url))}


def apt(read: Read, suite: str = "stable") -> Iterator[str]:
    base = f"apt/dists/{suite}"
    release = read(f"{base}/InRelease")
    if release is None:
        return
    listed = re.findall(r"^ ([0-9a-f]{64}) +(\d+) (\S+)$", release.decode(), re.MULTILINE)
    for digest, size, name in listed:
        if name.endswith("Packages.gz"):
            folder = name.rpartition("/")[0]
            index = _checked(read, f"{base}/{folder}/by-hash/SHA256/{digest}", digest, int(size))
            yield from _stanzas(read, gzip.decompress(index).decode())


def _stanzas(read: Read, index: str) -> Iterator[str]:
    for stanza in filter(None, index.split("\n\n")):
        fields = dict(re.findall(r"^(\S+): (.*)$", stanza, re.MULTILINE))
        _checked(read, f"apt/{fields['Filename']}", fields["SHA256"], int(fields["Size"]))
        yield f"{fields['Package']} {fields['Version']}"


_COMMON = "{http://linux.duke.edu/metadata/common}"
_REPO = "{http://linux.duke.edu/metadata/repo}"


def yum(read: Read, channel: str = "stable") -> Iterator[str]:
    base = f"yum/{channel}"
    repomd = read(f"{base}/repodata/repomd.xml")
    if repomd is None:
        return
    for data in ET.fromstring(repomd).iter(f"{_REPO}data"):
        location, checksum, size = (data.find(f"{_REPO}{name}") for name in ("location", "checksum", "size"))
        packed = _checked(read, f"{base}/{location.get('href')}", checksum.text, int(size.text))
        if data.get("type") == "primary":
            for package in ET.fromstring(gzip.decompress(packed)).iter(f"{_COMMON}package"):
                href, size = package.find(f"{_COMMON}location").get("href"), package.find(f"{_COMMON}size").get("package")
                _checked(read, f"{base}/{href}", package.findtext(f"{_COMMON}checksum"), int(size))
                yield f"{package.findtext(f'{_COMMON}name')} {package.find(f'{_COMMON}version').get('ver')}"


def git(read: Read, name: str = "acme") -> Iterator[str]:
    base = f"homebrew/{name}.git"
    refs = read(f"{base}/info/refs")
    if refs is None:
        return
    commit = refs.decode().split("\t")[0]
    newest = _object(read, base, commit)
    tree = re.search(rb"^tree (\w+)", newest, re.MULTILINE)[1].decode()
    yield from _formulas(read, base, tree)
    while parent := re.search(rb"^parent (\w+)", _object(read, base, commit), re.MULTILINE):
        commit = parent[1].decode()


def _formulas(read: Read, base: str, tree: str) -> Iterator[str]:
    content = _object(read, base, tree)
    for mode, raw in re.findall(rb"(\d+) [^\0]+\0(.{20})", content, re.DOTALL):
        if mode == b"40000":
            yield from _formulas(read, base, raw.hex())
        elif version := re.search(rb'^  version "([^"]+)"', _object(read, base, raw.hex()), re.MULTILINE):
            yield f"hello {version[1].decode()}"


def _object(read: Read, base: str, id: str) -> bytes:
    content = zlib.decompress(_there(read, f"{base}/objects/{id[:2]}/{id[2:]}"))
    if hashlib.sha1(content).hexdigest() != id:
        raise BrokenError(f"git object {id} is another one")
    return content.partition(b"\0")[2]


def nuget(read: Read, url: str) -> Iterator[str]:
    index = read("chocolatey/index.json")
    if index is None:
        return
    resources = {resource["@type"]: resource["@id"] for resource in json.loads(index)["resources"]}
    found = json.loads(_there(read, _path(resources["SearchQueryService"], url)))
    for package in found["data"]:
        registration = json.loads(_there(read, _path(f"{resources['RegistrationsBaseUrl']}{package['id']}/index.json", url)))
        for leaf in (leaf for page in registration["items"] for leaf in page["items"]):
            _there(read, _path(leaf["packageContent"], url))
            yield f"{package['id']} {leaf['catalogEntry']['version']}"


def _path(address: str, url: str) -> str:
    if not address.startswith(url + "/"):
        raise BrokenError(f"{address} leads away from {url}")
    return address.removeprefix(url + "/")


def _there(read: Read, path: str) -> bytes:
    content = read(path)
    if content is None:
        raise BrokenError(f"{path} is named and not there")
    return content


def _checked(read: Read, path: str, digest: str, size: int) -> bytes:
    content = _there(read, path)
    if len(content) != size or hashlib.sha256(content).hexdigest() != digest:
        raise BrokenError(f"{path} is not what its index names")
    return content
