"""Scoop: manifests in a bucket that the site itself serves as a bare git repository of loose objects.

https://github.com/ScoopInstaller/Scoop/wiki/Buckets. Scoop clones and pulls a bucket with plain git, which needs no more than static files (see git_history).
"""

from __future__ import annotations

from repogen import layout, windows_rule
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.errors import InputError
from repogen.formats import Derived
from repogen.formats.scoop.manifest import manifest
from repogen.git_history import TrackedFile, repository_files, with_commit
from repogen.templates import render as render_template
from repogen.tree import File, Stage, Tree


def derive(catalog: Catalog, config: Config) -> Derived:
    """Commit the current manifests on top of the published history, when they differ from it."""
    repository = layout.bucket(config.repo.name)
    files = _manifests(catalog, config)
    if not files and repository not in catalog.repositories:
        return Derived(catalog)
    return Derived(*with_commit(catalog, config, repository, files | {"README.md": TrackedFile(_readme(config))}))


def render(catalog: Catalog, config: Config) -> Tree:
    """The repository's own files, and readable copies of the manifests."""
    repository = layout.bucket(config.repo.name)
    head = catalog.repositories.get(repository)
    if head is None:
        return Tree()
    copies = {f"scoop/{path}": File(file.content, Stage.INDEX) for path, file in _manifests(catalog, config).items()}
    return Tree(copies) | repository_files(repository, head)


def _manifests(catalog: Catalog, config: Config) -> dict[str, TrackedFile]:
    """Path in the bucket to each manifest: for every product and channel the newest release that Scoop can unpack.

    Raises InputError where two products claim one.
    """
    found: dict[str, TrackedFile] = {}
    for product in catalog.holding(*windows_rule.KINDS):
        for channel in catalog.channels:
            release = windows_rule.newest_for_scoop(catalog, product, channel)
            if release:
                name = windows_rule.manifest_name(product.id, channel)
                made = TrackedFile(manifest(catalog, config, product, release), release)
                other = found.setdefault(f"bucket/{name}.json", made).release
                if other is not release:
                    products = " and ".join(sorted(one.product for one in (release, other) if one))
                    raise InputError(f"{products} would both be {name} to Scoop", hint="name one of them otherwise with id in its [[product]] table")
    return found


def _readme(config: Config) -> bytes:
    url = layout.url(config.url, layout.bucket(config.repo.name))
    return render_template("scoop/README.md.j2", title=config.title, name=config.repo.name, url=url).encode()
