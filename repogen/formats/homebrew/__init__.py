"""Homebrew: formulas and casks in a tap that the site itself serves as a bare git repository of loose objects.

https://docs.brew.sh/Taps and https://docs.brew.sh/How-to-Create-and-Maintain-a-Tap. brew clones a tap with plain git, which needs no
more than static files (see git_history).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from repogen import homebrew_rule, layout
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.errors import InputError
from repogen.formats import Derived
from repogen.formats.homebrew.conflicts import conflicts
from repogen.formats.homebrew.names import tables
from repogen.formats.homebrew.offers import Offer, offers
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
    files = sorted(_tap_files(catalog, config).items(), key=lambda one: "@" not in one[0])  # the copy of a name without it comes before one made of it
    copies = {f"homebrew/{path.replace('@', '-')}": File(file.content, Stage.INDEX) for path, file in files if not file.is_link}
    return Tree(copies) | repository_files(repository, head)


def _tap_files(catalog: Catalog, config: Config) -> dict[str, TrackedFile]:
    """Path in the tap to each formula and cask, and to the other names of formulas. Raises InputError where two products claim one."""
    found: dict[str, TrackedFile] = {}
    for path, file in (*_formulas(catalog, config), *_casks(catalog, config)):
        other = found.setdefault(path, file)
        if other is not file:
            kind, name = ("cask" if path.startswith("Casks/") else "formula"), path.partition("/")[2].removesuffix(".rb")
            products = " and ".join(sorted({one.release.product for one in (file, other) if one.release}))
            raise InputError(
                f"{products} would both be the {kind} {name}",
                hint='name one of them otherwise with id in its [[product]] table, or keep it out of the tap with [product.homebrew] kind = "none"',
            )
    return found


def _formulas(catalog: Catalog, config: Config) -> Iterator[tuple[str, TrackedFile]]:
    """Formulas, and the names in the form of casks that those of channels have beside their own."""
    lines, tap = config.homebrew.versions, homebrew_rule.tap_name(config.repo.name)
    found = {p.id: tuple(offers(catalog, p.id, partial(homebrew_rule.formula_files, asked=p.homebrew), lines)) for p in catalog.products}
    linked = {p.id: tuple(_name(offer) for offer in found[p.id] if not offer.line) for p in catalog.products if found[p.id] and not p.homebrew.keg_only}
    known = conflicts(catalog.products, linked, tap)
    for offer in (offer for some in found.values() for offer in some):
        from repogen.formats.homebrew.formula import formula  # here, so that sites without one do without

        name = _name(offer)
        yield f"Formula/{name}.rb", TrackedFile(formula(catalog, config, offer, known.get(name, {})).encode(), offer.release)
        alias = "" if offer.line else homebrew_rule.alias_name(offer.release.product, offer.release.channel)
        if alias:
            yield f"Aliases/{alias}", TrackedFile(f"../Formula/{name}.rb".encode(), offer.release, is_link=True)


def _name(offer: Offer) -> str:
    return homebrew_rule.formula_name(offer.release.product, offer.release.channel, offer.line)


def _casks(catalog: Catalog, config: Config) -> Iterator[tuple[str, TrackedFile]]:
    for product in catalog.products:
        for offer in offers(catalog, product.id, partial(homebrew_rule.cask_files, asked=product.homebrew), config.homebrew.versions):
            from repogen.formats.homebrew.cask import cask

            token = homebrew_rule.token(product.id, offer.release.channel, offer.line)
            yield f"Casks/{token}.rb", TrackedFile(cask(catalog, config, offer).encode(), offer.release)


def _readme(config: Config) -> bytes:
    tap, url = homebrew_rule.tap_name(config.repo.name), layout.url(config.url, layout.tap(config.repo.name))
    return render_template("homebrew/README.md.j2", title=config.title, tap=tap, url=url).encode()
