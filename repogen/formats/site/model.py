"""What the download page shows, as plain values: the template only lays them out.

All text is cleaned of control characters here; the template engine escapes it.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from itertools import groupby

from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from repogen import amounts, layout, markdown
from repogen.artifact import Artifact
from repogen.catalog import Catalog, Product, PublicKey, Release, Withdrawal
from repogen.config import Config
from repogen.formats.site import words
from repogen.instructions import Instruction, Step, direct_download, instructions, short
from repogen.platforms import SYSTEM_TITLES, SYSTEMS
from repogen.quoting import line, plain
from repogen.update_addresses import BY_FOLDER, TITLES, manifests_of
from repogen.version import version_key

#: Older versions of a channel that are shown with all their files; repo.json has every one.
OLDER = 20
#: Files of one release that are shown; its checksum list and repo.json have every one. And how many of them are buttons for one architecture.
MOST_FILES, MOST_BUTTONS = 300, 60
#: With more products than this the page is a directory: a line each, and repo.json for the rest.
MOST_PRODUCTS = 60
_HUES = 6


class FileView(Struct, frozen=True, kw_only=True):
    """One file with its address relative to the page."""

    name: str
    href: str
    size: str
    sha256: str
    what: str
    suffix: str
    os: str
    system: str
    arch: str
    arch_title: str
    libc: str
    rank: int


class ArchitectureView(Struct, frozen=True, kw_only=True):
    """A system's downloads for one architecture, the usual one first."""

    title: str
    files: tuple[FileView, ...]
    omitted: int
    """Further downloads that only the list of files has."""


class SystemView(Struct, frozen=True, kw_only=True):
    """All downloads for one system."""

    id: str
    title: str
    primary: FileView
    architectures: tuple[ArchitectureView, ...]


class ReleaseView(Struct, frozen=True, kw_only=True):
    version: str
    stamp: str
    date: str
    notes: Markup
    files: tuple[FileView, ...]
    count: int
    """Of all files; those that are not shown are in the checksum list."""
    sums: str


class GoneView(Struct, frozen=True, kw_only=True):
    """A version that was withdrawn."""

    version: str
    channel: str
    stamp: str
    date: str
    reason: str


class GoneProductView(Struct, frozen=True, kw_only=True):
    """A product of which nothing is offered any more."""

    id: str
    title: str
    withdrawn: tuple[GoneView, ...]


class ClientView(Struct, frozen=True, kw_only=True):
    """A tab of install lines."""

    name: str
    systems: str
    steps: tuple[Step, ...]


class FeedView(Struct, frozen=True, kw_only=True):
    """Update manifests of one kind."""

    title: str
    """What asks for them."""
    address: str
    """What an application is built with, where that is one address."""
    manifests: tuple[tuple[str, str], ...]
    """Name and address of each, relative to the page."""


class ChannelView(Struct, frozen=True, kw_only=True):
    """One product in one channel."""

    id: str
    """Unique on the page, for anchors and controls."""
    name: str
    newest: ReleaseView
    systems: tuple[SystemView, ...]
    clients: tuple[ClientView, ...]
    older: tuple[ReleaseView, ...]
    omitted: int
    """Still older versions that only repo.json lists."""
    withdrawn: tuple[GoneView, ...]
    """The newest first; the main channel's also has those of channels in which nothing is left."""
    feeds: tuple[FeedView, ...]


class ProductView(Struct, frozen=True, kw_only=True):
    id: str
    title: str
    initial: str
    hue: int
    description: str
    homepage: str
    license: str
    main: ChannelView
    others: tuple[ChannelView, ...]


class RowView(Struct, frozen=True, kw_only=True):
    """One product in a directory of many."""

    id: str
    title: str
    description: str
    channel: str
    newest: ReleaseView
    commands: tuple[str, ...]
    """What to type once the repository is added."""


class KeyView(Struct, frozen=True, kw_only=True):
    groups: tuple[str, ...]
    """The fingerprint in groups of four."""
    bars: tuple[int, ...]
    """The fingerprint's 40 digits as heights from 1 to 16, for its picture."""
    algorithm: str
    created: str
    expires: str
    user_id: str


class PageView(Struct, frozen=True, kw_only=True):
    """The whole page."""

    title: str
    name: str
    description: str
    homepage: str
    stamp: str
    date: str
    products: tuple[ProductView, ...]
    directory: tuple[RowView, ...]
    """Instead of ``products`` where there are very many."""
    gone: tuple[GoneProductView, ...]
    example: ProductView | None
    """Its first product, to show how a repository is added."""
    keys: tuple[KeyView, ...]
    key_armored: str
    key_binary: str
    key_url: str


def page(catalog: Catalog, config: Config) -> PageView:
    repo = config.repo
    products = [p for p in catalog.offered if catalog.releases_of(p.id)]
    many = len(products) > MOST_PRODUCTS
    return PageView(
        title=line(config.title),
        name=repo.name,
        description=line(repo.description),
        homepage=_link(repo.homepage),
        stamp=catalog.date,
        date=words.date(catalog.date),
        products=() if many else tuple(_product(p, catalog, config) for p in products),
        directory=tuple(_row(p, catalog, config) for p in products) if many else (),
        gone=tuple(_gone_product(p, catalog) for p in catalog.products if _withdrawn(catalog, p.id) and not catalog.releases_of(p.id)),
        example=_product(products[0], catalog, config) if many else None,
        keys=tuple(_key(key) for key in catalog.keys),
        key_armored=layout.key_armored(repo.name),
        key_binary=layout.key_binary(repo.name),
        key_url=layout.url(config.url, layout.key_armored(repo.name)),
    )


def _product(product: Product, catalog: Catalog, config: Config) -> ProductView:
    channels = [_channel(product, name, catalog, config) for name in catalog.channels if catalog.newest(product.id, name)]
    title = line(product.title) or product.id
    return ProductView(
        id=product.id,
        title=title,
        initial=title[:1].upper(),
        hue=zlib.crc32(product.id.encode()) % _HUES,
        description=line(product.description),
        homepage=_link(product.homepage),
        license=line(product.license),
        main=channels[0],
        others=tuple(channels[1:]),
    )


def _row(product: Product, catalog: Catalog, config: Config) -> RowView:
    channel = next(name for name in catalog.channels if catalog.newest(product.id, name))
    lines = instructions(catalog, config, product.id, channel)
    return RowView(
        id=product.id,
        title=line(product.title) or product.id,
        description=line(product.description),
        channel=channel,
        newest=_release(catalog.releases_of(product.id, channel)[0], catalog),
        commands=tuple(short(instruction) for instruction in lines if instruction.client != "Brewfile"),
    )


def _channel(product: Product, name: str, catalog: Catalog, config: Config) -> ChannelView:
    newest, *older = catalog.releases_of(product.id, name)
    downloads = _downloads(catalog.files_of(newest), product)
    clients = [_client(instruction) for instruction in instructions(catalog, config, product.id, name)]
    direct = _direct(downloads, config)
    return ChannelView(
        id=f"{product.id}_{name}",
        name=name,
        newest=_release(newest, catalog),
        systems=tuple(_system(id, tuple(group), product) for id, group in groupby(downloads, key=lambda a: a.os)),
        clients=(*clients, direct) if direct.steps else tuple(clients),
        older=tuple(_release(release, catalog) for release in older[:OLDER]),
        omitted=max(0, len(older) - OLDER),
        withdrawn=_withdrawn(catalog, product.id, {name, *_emptied(catalog, product.id, name)}),
        feeds=tuple(_feed(kind, named, config) for kind, named in manifests_of(catalog, product.id, name).items()),
    )


def _feed(kind: str, named: Mapping[str, str], config: Config) -> FeedView:
    first = next(iter(named.values()))
    whole = first.rpartition("/")[0] if kind in BY_FOLDER else first if len(named) == 1 else ""
    return FeedView(
        title=TITLES[kind],
        address=layout.url(config.url, whole) if whole else "",
        manifests=tuple((name, path.replace("+", "%2B")) for name, path in named.items()),
    )


def _emptied(catalog: Catalog, product: str, channel: str) -> set[str]:
    """Channels of a product in which nothing is left, which the page shows with its first one."""
    first = next(name for name in catalog.channels if catalog.newest(product, name))
    return {w.release.channel for w in catalog.withdrawn if not catalog.newest(product, w.release.channel)} if channel == first else set()


def _withdrawn(catalog: Catalog, product: str, channels: Container[str] | None = None) -> tuple[GoneView, ...]:
    """Withdrawn versions of a product in these channels, or in all; the newest first."""
    found = [w for w in catalog.gone if w.release.product == product and (channels is None or w.release.channel in channels)]
    return tuple(_gone(w) for w in sorted(found, key=lambda w: version_key(w.release.version), reverse=True)[:OLDER])


def _gone(withdrawal: Withdrawal) -> GoneView:
    release = withdrawal.release
    return GoneView(
        version=line(release.version), channel=release.channel, stamp=withdrawal.date, date=words.date(withdrawal.date), reason=line(withdrawal.reason)
    )


def _gone_product(product: Product, catalog: Catalog) -> GoneProductView:
    return GoneProductView(id=product.id, title=line(product.title) or product.id, withdrawn=_withdrawn(catalog, product.id))


def _client(instruction: Instruction) -> ClientView:
    return ClientView(name=instruction.client, systems=instruction.systems, steps=instruction.steps)


def _direct(downloads: Iterable[Artifact], config: Config) -> ClientView:
    """A line for the first download of each system and architecture."""
    steps: dict[tuple[str, str], Step] = {}
    for artifact in downloads:
        if (artifact.os, artifact.arch) not in steps:
            step = direct_download(config, artifact)
            title = " ".join(filter(None, (SYSTEM_TITLES[artifact.os], words.architecture(artifact))))
            steps[artifact.os, artifact.arch] = Step(line=step.line, purpose=f"{title}, {step.purpose}")
    return ClientView(name="download", systems="Any system: fetch one file and check its SHA-256", steps=tuple(steps.values()))


def _downloads(artifacts: tuple[Artifact, ...], product: Product) -> list[Artifact]:
    """What people choose from, grouped by system and ordered as they want it."""
    systems = {id: place for place, id in enumerate((*SYSTEMS, "any"))}
    return sorted((a for a in artifacts if words.is_download(a)), key=lambda a: (systems[a.os], words.order(a, product.type)))


def _system(id: str, artifacts: tuple[Artifact, ...], product: Product) -> SystemView:
    architectures = tuple(_architecture(title, tuple(group), product) for title, group in groupby(artifacts, key=words.architecture))
    return SystemView(id=id, title=SYSTEM_TITLES[id], primary=_button(artifacts[0], product), architectures=architectures)


def _architecture(title: str, artifacts: tuple[Artifact, ...], product: Product) -> ArchitectureView:
    shown = tuple(_button(artifact, product) for artifact in artifacts[:MOST_BUTTONS])
    return ArchitectureView(title=title, files=_distinct(shown), omitted=len(artifacts) - len(shown))


def _button(artifact: Artifact, product: Product) -> FileView:
    return _file(artifact, words.rank(artifact, product.type))


def _distinct(files: tuple[FileView, ...]) -> tuple[FileView, ...]:
    """Where two buttons would read the same, the whole file name tells them apart."""
    labels = Counter((f.suffix, f.libc) for f in files)
    return tuple(_renamed(f) if labels[f.suffix, f.libc] > 1 else f for f in files)


def _renamed(file: FileView) -> FileView:
    return replace(file, suffix=file.name)


def _release(release: Release, catalog: Catalog) -> ReleaseView:
    artifacts = sorted(catalog.files_of(release), key=lambda a: (not words.is_download(a), a.filename, a.path))
    return ReleaseView(
        version=line(release.version),
        stamp=release.date,
        date=words.date(release.date),
        notes=Markup(markdown.to_html(release.notes, top=4)),  # noqa: S704  # sanitised there
        files=tuple(_file(artifact, 0) for artifact in artifacts[:MOST_FILES]),
        count=len(artifacts),
        sums=layout.checksums(release.product, release.version),
    )


def _file(artifact: Artifact, rank: int) -> FileView:
    return FileView(
        name=line(artifact.filename),
        href=artifact.path.replace("+", "%2B"),
        size=amounts.size(artifact.size),
        sha256=artifact.sha256,
        what=words.kind(artifact),
        suffix=plain(words.suffix(artifact)),
        os=artifact.os,
        system=SYSTEM_TITLES[artifact.os],
        arch=artifact.arch,
        arch_title=words.architecture(artifact),
        libc=artifact.libc,
        rank=rank,
    )


def _key(key: PublicKey) -> KeyView:
    digits = key.fingerprint
    return KeyView(
        groups=tuple(digits[i : i + 4] for i in range(0, len(digits), 4)),
        bars=tuple(int(digit, 16) + 1 for digit in digits),
        algorithm=_ALGORITHMS.get(key.algorithm, key.algorithm),
        created=words.date(key.created),
        expires=words.date(key.expires) if key.expires else "",
        user_id=line(key.user_id),
    )


_ALGORITHMS = {"ed25519": "Ed25519", "rsa4096": "RSA 4096", "rsa3072": "RSA 3072", "rsa2048": "RSA 2048"}


def _link(address: str) -> str:
    """A homepage that may become a link; a ``javascript:`` one is left out."""
    return address if markdown.is_web_address(address) else ""
