"""Homebrew: formulas and casks in a tap that the site itself serves as a bare git repository of loose objects.

https://docs.brew.sh/Taps and https://docs.brew.sh/How-to-Create-and-Maintain-a-Tap. brew clones a tap with plain git, which needs no
more than static files (see git_history).
"""

from __future__ import annotations

from functools import partial

from repogen import homebrew_rule, layout
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.formats import Derived
from repogen.formats.homebrew.cask import cask
from repogen.formats.homebrew.formula import formula
from repogen.formats.homebrew.names import tables
from repogen.formats.homebrew.offers import offers
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
    files |= {"README.md": TrackedFile(_readme(config)), **tables(catalog, config, files, head)}
    return Derived(*with_commit(catalog, config, repository, files))


def render(catalog: Catalog, config: Config) -> Tree:
    """The repository's own files, and readable copies of what the tap holds."""
    repository = layout.tap(config.repo.name)
    head = catalog.repositories.get(repository)
    if head is None:
        return Tree()
    files = _tap_files(catalog, config).items()
    copies = {f"homebrew/{path.replace('@', '-')}": File(file.content, Stage.INDEX) for path, file in files if not file.is_link}
    return Tree(copies) | repository_files(repository, head)


def _tap_files(catalog: Catalog, config: Config) -> dict[str, TrackedFile]:
    """Path in the tap to each formula and cask, and to the other names of formulas."""
    found: dict[str, TrackedFile] = {}
    for product in catalog.products:
        asked, lines = product.homebrew, config.homebrew.versions
        for offer in offers(catalog, product.id, partial(homebrew_rule.formula_files, asked=asked), lines):
            channel = offer.release.channel
            name = homebrew_rule.formula_name(product.id, channel, offer.line)
            found[f"Formula/{name}.rb"] = TrackedFile(formula(catalog, config, offer).encode(), offer.release)
            alias = "" if offer.line else homebrew_rule.alias_name(product.id, channel)
            if alias:
                found[f"Aliases/{alias}"] = TrackedFile(f"../Formula/{name}.rb".encode(), offer.release, is_link=True)
        for offer in offers(catalog, product.id, partial(homebrew_rule.cask_files, asked=asked), lines):
            token = homebrew_rule.token(product.id, offer.release.channel, offer.line)
            found[f"Casks/{token}.rb"] = TrackedFile(cask(catalog, config, offer).encode(), offer.release)
    return found


def _readme(config: Config) -> bytes:
    tap, url = homebrew_rule.tap_name(config.repo.name), layout.url(config.url, layout.tap(config.repo.name))
    return render_template("homebrew/README.md.j2", title=config.title, tap=tap, url=url).encode()
