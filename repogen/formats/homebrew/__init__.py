"""Homebrew: formulas and casks in a tap that the site itself serves as a bare git repository of loose objects.

https://docs.brew.sh/Taps and https://docs.brew.sh/How-to-Create-and-Maintain-a-Tap. brew clones a tap with plain git, which needs no
more than static files (see git_history).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from repogen import homebrew_rule, layout
from repogen.artifact import Artifact
from repogen.catalog import Catalog, Release
from repogen.config import Config
from repogen.formats import Derived
from repogen.formats.homebrew.cask import cask
from repogen.formats.homebrew.formula import formula
from repogen.git_history import TrackedFile, repository_files, with_commit
from repogen.templates import render as render_template
from repogen.tree import File, Stage, Tree


def derive(catalog: Catalog, config: Config) -> Derived:
    """Commit the current formulas and casks on top of the published history, when they differ from it."""
    repository = layout.tap(config.repo.name)
    head = catalog.repositories.get(repository)
    files = _tap_files(catalog, config)
    if head is None and not files:
        return Derived(catalog)
    return Derived(*with_commit(catalog, config, repository, files | {"README.md": TrackedFile(_readme(config))}))


def render(catalog: Catalog, config: Config) -> Tree:
    """The repository's own files, and readable copies of what the tap holds."""
    repository = layout.tap(config.repo.name)
    head = catalog.repositories.get(repository)
    if head is None:
        return Tree()
    copies = {f"homebrew/{path.replace('@', '-')}": File(file.content, Stage.INDEX) for path, file in _tap_files(catalog, config).items()}
    return Tree(copies) | repository_files(repository, head)


def _tap_files(catalog: Catalog, config: Config) -> dict[str, TrackedFile]:
    """Path in the tap to each formula and cask: for every product and channel the newest release that has files for one."""
    found: dict[str, TrackedFile] = {}
    for product in catalog.products:
        for channel in catalog.channels:
            brewed = _newest_with(homebrew_rule.formula_files, catalog, product.id, channel)
            if brewed:
                path = f"Formula/{homebrew_rule.formula_name(product.id, channel)}.rb"
                found[path] = TrackedFile(formula(catalog, config, brewed).encode(), brewed)
            poured = _newest_with(homebrew_rule.cask_files, catalog, product.id, channel)
            if poured:
                path = f"Casks/{homebrew_rule.token(product.id, channel)}.rb"
                found[path] = TrackedFile(cask(catalog, config, poured).encode(), poured)
    return found


def _newest_with(files: Callable[[Iterable[Artifact]], tuple[Artifact, ...]], catalog: Catalog, product: str, channel: str) -> Release | None:
    return next((release for release in catalog.releases_of(product, channel) if files(catalog.files_of(release))), None)


def _readme(config: Config) -> bytes:
    tap, url = homebrew_rule.tap_name(config.repo.name), layout.url(config.url, layout.tap(config.repo.name))
    return render_template("homebrew/README.md.j2", title=config.title, tap=tap, url=url).encode()
