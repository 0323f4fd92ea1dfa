"""A yum repository for each channel: primary, filelists, other and repomd.xml, and the ``.repo`` file for dnf and zypper.

Follows https://github.com/rpm-software-management/createrepo_c; clients: https://dnf.readthedocs.io/en/latest/conf_ref.html and libzypp. The three
indices bear their digest in their name, so that a client that holds an older repomd.xml still finds what it names. They are gzip, which every
client down to EL7 reads. All architectures and source packages of a channel share one repository, as createrepo_c puts them.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from repogen import client_files, dates, layout
from repogen.artifact import Kind, RpmFacts
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.templates import render as render_template
from repogen.tree import File, SignMode, Stage, Tree

_DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'
#: Root element of each index, and its namespaces.
_ROOTS: Final = {
    "primary": ("metadata", 'xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm"'),
    "filelists": ("filelists", 'xmlns="http://linux.duke.edu/metadata/filelists"'),
    "other": ("otherdata", 'xmlns="http://linux.duke.edu/metadata/other"'),
}
_LEVEL: Final = 6


@dataclass(frozen=True, slots=True)
class Index:
    """One of the three indices, packed, and what repomd.xml says of it."""

    type: str
    content: bytes
    sha256: str
    open_sha256: str
    open_size: int

    @property
    def name(self) -> str:
        return f"{self.sha256}-{self.type}.xml.gz"

    @property
    def size(self) -> int:
        return len(self.content)


def render(catalog: Catalog, config: Config) -> Tree:
    """Every channel that has rpms, and ``<name>.repo``; nothing where there is no rpm."""
    packages = {channel: _facts(catalog, channel) for channel in catalog.channels}
    channels = tuple(channel for channel, facts in packages.items() if facts)
    if not channels:
        return Tree()
    key = layout.url(config.url, layout.key_armored(config.repo.name))
    source = client_files.yum_repo(catalog, config, channels[0], key)
    tree = Tree({layout.yum_repo(config.repo.name): File(source.encode(), Stage.ENTRY)})
    for channel in channels:
        tree |= _repodata(catalog, f"{layout.yum_base(channel)}/repodata", packages[channel])
        tree |= Tree({f"{layout.yum_base(channel)}/media.1/media": File(_medium(config.repo.name, channel), Stage.INDEX)})
    return tree


def _medium(name: str, channel: str) -> bytes:
    """Vendor, identity and number of media: always the same. zypper asks for it, and gives up where S3 answers 403 for what is not there."""
    return f"{name}\n{name}-{channel}\n1\n".encode()


def _facts(catalog: Catalog, channel: str) -> list[RpmFacts]:
    return [a.facts for a in catalog.by_kind.get(Kind.RPM, ()) if a.channel == channel and isinstance(a.facts, RpmFacts)]


def _repodata(catalog: Catalog, folder: str, packages: list[RpmFacts]) -> Tree:
    indices = [
        _index("primary", len(packages), (p.primary for p in packages)),
        _index("filelists", len(packages), (p.filelists for p in packages)),
        _index("other", len(packages), (p.other for p in packages)),
    ]
    seconds = int(dates.parse(catalog.date).timestamp())
    repomd = render_template("yum/repomd.xml.j2", indices=indices, seconds=seconds)
    files = {f"{folder}/{index.name}": File(index.content, Stage.PAYLOAD) for index in indices}
    files[f"{folder}/repomd.xml"] = File(repomd.encode(), Stage.ENTRY, signatures={f"{folder}/repomd.xml.asc": SignMode.DETACHED})
    if catalog.keys:
        # zypper looks for the key beside what it signs; it must be there before anything that a new key signed.
        files[f"{folder}/repomd.xml.key"] = File("".join(key.armored.rstrip("\n") + "\n" for key in catalog.keys).encode(), Stage.INDEX)
    return Tree(files)


def _index(kind: str, count: int, elements: Iterable[bytes]) -> Index:
    root, namespaces = _ROOTS[kind]
    parts = [_DECLARATION, f'<{root} {namespaces} packages="{count}">\n'.encode()]
    for element in elements:
        parts += (element, b"\n")
    plain = b"".join([*parts, f"</{root}>\n".encode()])
    packed = gzip.compress(plain, _LEVEL, mtime=0)
    return Index(kind, packed, hashlib.sha256(packed).hexdigest(), hashlib.sha256(plain).hexdigest(), len(plain))
