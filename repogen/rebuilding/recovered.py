"""The catalog of a published site, joined from what its outputs say.

repo.json tells which releases there are, signed lists vouch for its digests, and each kind of index tells the facts of its files. Where an artifact is
still known from what is whole of the state, it is that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct
from msgspec.structs import replace

from repogen import amounts, apt_suites, layout
from repogen.artifact import AppcastFacts, Artifact, Facts, Kind, RpmFacts
from repogen.catalog import Catalog, Product, PublicKey, Release, sorted_artifacts, sorted_releases
from repogen.config import Config, ProductConfig
from repogen.errors import StoreError
from repogen.keyring_packages import keyring_product
from repogen.manifest import Entry
from repogen.placing.portable import told_apart
from repogen.placing.settle import Settled
from repogen.readers import Digests, Reading
from repogen.rebuilding import keyrings, updates, withdrawals
from repogen.rebuilding.apt import AptFound, read_suites
from repogen.rebuilding.git_history import read_history
from repogen.rebuilding.nuget import Registered, read_feed
from repogen.rebuilding.payload import facts_of_file
from repogen.rebuilding.published_site import PublishedSite
from repogen.rebuilding.releases import check_digests
from repogen.rebuilding.repo_json import PublishedCatalog, PublishedProduct, read_catalog
from repogen.rebuilding.salvage import Salvage
from repogen.rebuilding.yum import YumFound, read_repositories
from repogen.scanning.scan import Scanned
from repogen.signing.openpgp_packets import armored_blocks
from repogen.yum_config import MOST_CHANGELOGS

#: Kinds of which a reader says nothing, or only the feed does.
_SILENT = {Kind.SOURCE, Kind.NUPKG}
_REFS = "/info/refs"
_THREADS = 4


class Recovered(Struct, frozen=True, kw_only=True):
    """What a site tells of its state."""

    catalog: Catalog
    objects: Mapping[str, Entry]
    """The objects of git repositories, by their paths."""
    said: tuple[str, ...]
    """A sentence for each thing that could not be had again as it was."""


class Outputs(Struct, frozen=True, kw_only=True):
    """What the outputs of a site say."""

    published: PublishedCatalog
    apt: AptFound
    yum: YumFound
    feed: Mapping[str, Registered]


def recover(site: PublishedSite, config: Config, keys: tuple[PublicKey, ...], salvage: Salvage) -> Recovered:
    """Read the whole site. Raises StoreError for what is missing, damaged, or vouched for by none of the keys."""
    outputs = _outputs(site, config)
    artifacts = _artifacts(site, config, outputs, salvage)
    own = keyrings.read_keyrings(site, config, outputs.apt, outputs.yum, salvage)
    withdrawn = withdrawals.read_withdrawals(site, config, outputs.published, outputs.feed, salvage)
    releases = (*_releases(outputs.published), *_releases_of(own))
    products = {*(product.id for product in outputs.published.products), *(w.release.product for w in withdrawn)}
    served = [path.removesuffix(_REFS) for path in sorted(site.listed) if path.endswith(f".git{_REFS}")]
    histories = {repository: read_history(site, repository, (*releases, *(w.release for w in withdrawn))) for repository in served}
    known = next((rest for rest in salvage.rests if rest.date == outputs.published.date), Catalog(date=outputs.published.date))
    catalog = replace(
        known,
        name=config.repo.name,
        artifacts=sorted_artifacts((*artifacts, *own)),
        releases=sorted_releases(releases),
        products=_products(config, outputs.published, bool(own), salvage),
        keys=keys,
        repositories={repository: head for repository, (head, _) in histories.items()},
        suites=dict(outputs.apt.suites),
        repodata=outputs.yum.repodata,
        package_keys=_package_keys(site, config.repo.name),
        withdrawn=withdrawn,
        served=_served(site, outputs),
        update_feeds=updates.read_feeds(site, products),
    )
    return Recovered(
        catalog=catalog,
        objects={path: entry for _, objects in histories.values() for path, entry in objects.items()},
        said=(*_left_out(outputs, catalog), *_lost(catalog, salvage)),
    )


def _outputs(site: PublishedSite, config: Config) -> Outputs:
    published = read_catalog(site, config.repo.name)
    check_digests(site, published)
    channels = {release.channel for product in published.products for release in product.releases}
    rules = {suite.name: suite.channels for suite in apt_suites.rules(config, channels)}
    phased = {file.path for product in published.products for release in product.releases if release.rollout < 100 for file in release.files}
    return Outputs(published=published, apt=read_suites(site, rules, phased), yum=read_repositories(site), feed=read_feed(site))


def _artifacts(site: PublishedSite, config: Config, outputs: Outputs, salvage: Salvage) -> tuple[Artifact, ...]:
    """The files of all releases."""
    named = list(_named(outputs.published))
    whole = [salvage.artifacts.get((a.path, a.channel, a.sha256)) for a in named]

    def told(artifact: Artifact) -> Artifact:
        registered = outputs.feed.get(artifact.path) if artifact.kind is Kind.NUPKG else None
        date = registered.published if registered and registered.published else artifact.date
        return replace(artifact, date=date, facts=registered.facts if registered else _facts(site, config, outputs, artifact))

    with ThreadPoolExecutor(_THREADS) as pool:
        rest = iter(list(pool.map(told, [a for a, known in zip(named, whole, strict=True) if known is None])))
    return _signed_for_sparkle(site, _beside_setups([known or next(rest) for known in whole]))


def _signed_for_sparkle(site: PublishedSite, artifacts: Sequence[Artifact]) -> tuple[Artifact, ...]:
    """The same, with the signatures that stand in appcasts, but for releases that came with an appcast of their own."""
    signatures = updates.read_signatures(site)
    given = {a.release for a in artifacts if isinstance(a.facts, AppcastFacts)}
    said = {a.path: signatures[a.path].signature for a in artifacts if a.path in signatures and a.release not in given}
    return tuple(replace(a, eddsa=a.eddsa or said.get(a.path, "")) for a in artifacts) if said else tuple(artifacts)


def _beside_setups(artifacts: Sequence[Artifact]) -> tuple[Artifact, ...]:
    """The same, with what an installer for Windows is by those beside it (see placing.portable)."""
    files = [Scanned(a.filename, a.filename, Digests(size=a.size, sha256=a.sha256, mtime=0), Reading(kind=a.kind, facts=a.facts)) for a in artifacts]
    settled = [
        Settled(file=file, product=a.product, display="", version=a.version, channel=a.channel, os=a.os, arch=a.arch)
        for a, file in zip(artifacts, files, strict=True)
    ]
    return tuple(replace(a, facts=one.file.reading.facts) for a, one in zip(artifacts, told_apart(settled), strict=True))


def _named(published: PublishedCatalog) -> Iterator[Artifact]:
    for product in published.products:
        for release in product.releases:
            for file in release.files:
                yield Artifact(
                    path=file.path,
                    filename=file.name,
                    kind=file.kind,
                    product=product.id,
                    version=release.version,
                    channel=release.channel,
                    os=file.os,
                    arch=file.arch,
                    libc=file.libc or "",
                    size=file.size,
                    sha256=file.sha256,
                    sha512=file.sha512 or "",
                    date=release.date,
                )


def _facts(site: PublishedSite, config: Config, outputs: Outputs, artifact: Artifact) -> Facts | None:
    """By the index that names the file, as far as that tells all; else out of the file."""
    contents = config.apt.contents
    rpm = outputs.yum.facts.get(artifact.sha256)
    if rpm and site.is_signed and config.yum.changelog_limit >= MOST_CHANGELOGS:
        return rpm
    if artifact.path in outputs.apt.facts and not (contents and artifact.kind is Kind.DEB):
        indexed, _ = outputs.apt.files[artifact.path]
        if indexed.digests.get("sha256", artifact.sha256) != artifact.sha256:
            raise StoreError(
                f"{layout.CATALOG} and an apt index in {site.address} name different bytes for {artifact.path}", hint="find out who changed one of them"
            )
        return outputs.apt.facts[artifact.path]
    read = facts_of_file(site, artifact, contents=contents) if artifact.kind not in _SILENT else None
    if not rpm or not isinstance(read, RpmFacts):
        return read
    # Its index tells the time of the file, and the digests that were asked for.
    return replace(read, packed_primary=rpm.packed_primary, packed_filelists_ext=rpm.packed_filelists_ext)


def _releases(published: PublishedCatalog) -> Iterator[Release]:
    for product in published.products:
        for r in product.releases:
            yield Release(product=product.id, version=r.version, channel=r.channel, date=r.date, notes=r.notes, rollout=r.rollout)


def _releases_of(own: Iterable[Artifact]) -> Iterator[Release]:
    """A release for each version of our own packages."""
    yield from {a.release: Release(product=a.product, version=a.version, channel=a.channel, date=a.date) for a in own}.values()


def _products(config: Config, published: PublishedCatalog, has_keyrings: bool, salvage: Salvage) -> tuple[Product, ...]:
    """Those of repo.json, those of withdrawn releases alone, and our own. What repo.json does not tell is that of the state, else of the tables."""
    tables = {table.id: table for table in config.product}
    found = {product.id: _product(product, tables.get(product.id), salvage) for product in published.products}
    for withdrawal in published.withdrawn:
        id, table = withdrawal.product, tables.get(withdrawal.product) or ProductConfig(id=withdrawal.product)
        known = next((product for product in salvage.products if product.id == id), None)
        found.setdefault(id, known or Product(id=id, title=table.title or id, description=table.description, type=table.type or "cli"))
    if has_keyrings:
        product = keyring_product(config)
        found[product.id] = product
    return tuple(found[id] for id in sorted(found))


def _product(said: PublishedProduct, table: ProductConfig | None, salvage: Salvage) -> Product:
    told = {name: getattr(said, name) for name in Product.__struct_fields__ if name in PublishedProduct.__struct_fields__}
    known = next((product for product in salvage.products if all(getattr(product, name) == value for name, value in told.items())), None)
    product, untold = Product(**told), (name for name in Product.__struct_fields__ if name not in told)
    return known or replace(product, **{name: getattr(table, name, None) or getattr(product, name) for name in untold})


def _package_keys(site: PublishedSite, name: str) -> tuple[str, ...]:
    content = site.find(layout.package_keys(name)) or b""
    return tuple(block.decode("ascii", "replace") for block in armored_blocks(content))


def _served(site: PublishedSite, outputs: Outputs) -> tuple[str, ...]:
    feed = (layout.CHOCOLATEY,) if layout.CHOCOLATEY_FEED in site.listed else ()
    return tuple(sorted({*outputs.apt.served, *outputs.yum.served, *feed, *updates.manifests(site)}))


def _left_out(outputs: Outputs, catalog: Catalog) -> Iterator[str]:
    """What an index names and repo.json does not, as after a publish that was cut."""
    digests, paths = {a.sha256 for a in catalog.artifacts}, {a.path for a in catalog.artifacts}
    lost = [path for path in outputs.apt.files if path not in paths]
    lost += [path for path, (indexed, _) in outputs.yum.files.items() if indexed.strongest[1] not in digests]
    for path in sorted(lost):
        yield f"{path} is named by an index, but not by {layout.CATALOG}, and is left out: build and publish its release again"


def _lost(catalog: Catalog, salvage: Salvage) -> Iterator[str]:
    missing = [a for a in catalog.artifacts if (a.path, a.channel, a.sha256) not in salvage.artifacts]
    if missing:
        yield f"{amounts.count(len(missing), 'file')} read out of what is published; each is dated as its release now"
    if not salvage.former:
        yield "there is no earlier snapshot to roll back to any more"
