"""What winget says of a package, within the lengths of its schema."""

from __future__ import annotations

from msgspec import Struct

from repogen import layout
from repogen.catalog import Product, Release
from repogen.config import Config
from repogen.formats.winget.names import publisher
from repogen.homepage import homepage
from repogen.quoting import line, plain


class Locale(Struct, frozen=True, kw_only=True):
    """The texts of a defaultLocale manifest; an empty one is left out."""

    publisher: str
    publisher_url: str
    name: str
    url: str
    license: str
    summary: str
    moniker: str
    tags: tuple[str, ...]
    notes: str
    notes_url: str


def locale(config: Config, product: Product, release: Release) -> Locale:
    title = line(product.title) or product.id
    summary = line(product.description) or f"{title} for Windows"
    tags = dict.fromkeys(word for word in (*product.id.split("-"), product.type) if word)
    return Locale(
        publisher=_within(publisher(config), 2, 256),
        publisher_url=config.repo.homepage if config.repo.homepage.startswith(("http://", "https://")) else f"{config.url}/",
        name=_within(title, 2, 256),
        url=homepage(product, config),
        license=_within(line(product.license) or "Unknown", 3, 512),
        summary=_within(summary, 3, 256),
        moniker=product.id[:40] if release.channel == "stable" else "",
        tags=tuple(tag[:40] for tag in tags)[:16],
        notes=_cut(plain(release.notes).strip(), 10_000),
        notes_url=layout.url(config.url, layout.PAGE) if release.notes.strip() else "",
    )


def _within(text: str, least: int, most: int) -> str:
    """What is too short for the schema is said twice: a program may be called ``q``."""
    return _cut(text if len(text) >= least else f"{text} {text}", most)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
