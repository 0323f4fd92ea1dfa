"""From what is published and what is added to the whole site as a tree: pure, without keys, clock or store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from itertools import chain
from types import ModuleType

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from repogen import __version__, apt_suites, yum_repositories
from repogen.apt_targets import check_promoted
from repogen.artifact import Artifact, Kind
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.edits import Rollback, edited
from repogen.errors import ProtectionError
from repogen.formats import Derived, load_formats
from repogen.package_keys import kept_keys
from repogen.record import Additions
from repogen.repository_name import check_name
from repogen.retention import retain
from repogen.standing import parted, standing_paths, standing_versions
from repogen.state import Snapshot
from repogen.suite_identity import check_suites
from repogen.templates import resource
from repogen.tree import Blob, File, Stage, Tree


class Site(Struct, frozen=True):
    """A catalog and its rendered tree, before signatures."""

    catalog: Catalog
    tree: Tree
    carried: Mapping[str, Stage]
    """Paths that stand as they are published, which are not in the tree; with their stages."""


def grow(published: Catalog, additions: Additions, config: Config, date: str) -> Catalog:
    """The published catalog with what is added to it and done to it at ``date``; its own date stays. Equal to ``published`` when that comes to nothing."""
    products = {product.id: product for product in (*published.products, *additions.products)}
    grown = published.add(additions.artifacts).with_notes(additions.notes).with_repodata(additions.repodata)
    grown = replace(grown, products=tuple(products[id] for id in sorted(products)), keys=additions.keys, package_keys=additions.package_keys)
    for edit in additions.edits:
        grown = edited(grown, edit, date, apt_suites.tables(config))
    grown = retain(grown, config, additions.edits)
    return _with_package_keys(grown, (published, *(edit.catalog for edit in additions.edits if isinstance(edit, Rollback))))


def _with_package_keys(grown: Catalog, past: Iterable[Catalog]) -> Catalog:
    """With the keys of these former states that rpms need, those on offer now and those that may be again.

    A rollback and the end of a yank bring rpms back by keys that went with the last of what they had signed.
    """
    former = [key for catalog in past for key in (*(key.armored for key in catalog.keys), *catalog.package_keys, *catalog.keys_of_withdrawn)]
    known = (*(key.armored for key in grown.keys), *grown.package_keys)
    kept = kept_keys(former, known, grown.by_kind.get(Kind.RPM, ()))
    gone = kept_keys(former, (*known, *kept), chain(grown.taken_back, *(withdrawal.artifacts for withdrawal in grown.withdrawn)))
    return replace(grown, package_keys=(*grown.package_keys, *kept), keys_of_withdrawn=gone) if kept or gone or grown.keys_of_withdrawn else grown


def compose(
    published: Snapshot,
    additions: Additions,
    config: Config,
    date: str,
    sources: Mapping[str, str],
    rendered: Callable[[Tree], Tree] = lambda part: part,
    *extending: Callable[[Catalog], Derived],
) -> Site:
    """Render the whole site.

    ``sources`` holds the local file of each new payload path; ``rendered`` is given the payload and each format's part as soon as it is there, and returns it
    in the form to go on with; each of ``extending`` derives what only this machine can make, out of files that are here or with the key.

    Raises ProtectionError where the result would change or lock out what is published.
    """
    _check_keys(published.catalog, additions)
    catalog = replace(grow(published.catalog, additions, config, date), date=date, name=config.repo.name)
    check_promoted(published.catalog, catalog, additions.edits, config)
    formats = load_formats()
    made = Tree()
    deriving: list[Callable[[Catalog], Derived]] = [partial(format_.derive, config=config) for format_ in formats if hasattr(format_, "derive")]
    for derive in (*extending, *deriving):
        derived = derive(catalog)
        catalog, made = derived.catalog, made | derived.tree
    if not additions.accepts_identity_change:
        check_name(published.catalog.name, catalog.name)
        check_suites(published.catalog, catalog)
        yum_repositories.check_served(published.catalog.served, catalog.served)
    standing, changed = parted(catalog, standing_versions(published, catalog, rendering(config)))
    by_release = [format_ for format_ in formats if hasattr(format_, "BY_RELEASE")]
    carried = standing_paths(published, catalog, standing, config, by_release)
    tree = made | rendered(_payload(catalog, made, sources, carried) | _copies(catalog, config, made, sources, formats))
    for format_ in formats:
        tree |= rendered(format_.render(changed if format_ in by_release else catalog, config))
    return Site(catalog, tree, {path: stage for path, stage in carried.items() if path not in tree})


def _payload(catalog: Catalog, made: Tree, sources: Mapping[str, str], carried: Mapping[str, Stage]) -> Tree:
    """The files of artifacts that are on this machine, or that the store has though nothing published names them."""
    present = (a for a in catalog.artifacts if a.path not in made and (a.path in sources or a.path not in carried))
    return Tree({a.path: _file(a, sources) for a in present})


def _copies(catalog: Catalog, config: Config, made: Tree, sources: Mapping[str, str], formats: Sequence[ModuleType]) -> Tree:
    """Files that stand at other addresses too: packages that several yum repositories have, and what formats say."""
    packages = ((path, a, Stage.PAYLOAD) for path, a in yum_repositories.copies(catalog, config.yum))
    others = (copy for format_ in formats if hasattr(format_, "copies") for copy in format_.copies(catalog, config))
    return Tree({path: _copy(made.get(a.path) or _file(a, sources), a.path, stage) for path, a, stage in chain(packages, others)})


def _copy(file: File, path: str, stage: Stage) -> File:
    """A file at ``path`` as it stands at another address."""
    content = file.content
    return File(content if isinstance(content, bytes) else Blob(content.sha256, content.size, content.path, path), stage)


def _file(artifact: Artifact, sources: Mapping[str, str]) -> File:
    return File(Blob(artifact.sha256, artifact.size, sources.get(artifact.path)), Stage.PAYLOAD)


def _check_keys(published: Catalog, additions: Additions) -> None:
    """Users trust the published keys: a site signed by none of them would lock everybody out."""
    old, new = {k.fingerprint for k in published.keys}, {k.fingerprint for k in additions.keys}
    if old and not new:
        raise ProtectionError(
            "the published site is signed; an unsigned one in its place would break every client",
            hint="give the key, or publish the preview to another destination",
        )
    if old and not old & new:
        raise ProtectionError(
            f"users trust the key {min(old)}, but this build signs with {min(new)}",
            hint="sign with the published key; a new key must be announced under the old one first",
        )


def rendering(config: Config) -> str:
    """Digest of all that shapes the site besides its catalog."""
    apart = {name: type(getattr(config, name))() for name in ("input", "publish", "cache", "cdn", "signing")}
    shaping = replace(config, **apart)
    digest = hashlib.sha256(__version__.encode() + msgspec.json.encode(shaping))
    for name, content in _own_texts():
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()


@cache
def _own_texts() -> tuple[tuple[str, bytes], ...]:
    """Names and contents of all templates and of the page's files, which stay as they are for the whole run."""
    folders = (resource("templates"), resource("site"))
    return tuple((p.relative_to(folder).as_posix(), p.read_bytes()) for folder in folders for p in sorted(folder.rglob("*")) if p.is_file())
