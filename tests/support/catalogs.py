"""Catalogs and configurations for tests of a format alone."""

from __future__ import annotations

from repogen.catalog import Catalog, Product
from repogen.config import Config, RepoConfig

DATE = "2026-01-01T12:00:00Z"


def config(**tables: object) -> Config:
    """A configuration for ``https://dl.acme.example``; keyword arguments replace whole tables."""
    repo = RepoConfig(name="acme", url="https://dl.acme.example", title="Acme Tools", maintainer="Acme Releases <releases@acme.example>")
    return Config(**{"repo": repo, **tables})


def catalog(*artifacts: object, products: tuple[Product, ...] = (), **fields: object) -> Catalog:
    """A catalog dated DATE; a product is made for every artifact that has none."""
    known = {product.id for product in products}
    more = tuple(Product(id=id, title=id.title()) for id in sorted({a.product for a in artifacts} - known))
    return Catalog(date=DATE, products=tuple(sorted(products + more, key=lambda p: p.id)), **fields).add(artifacts)
