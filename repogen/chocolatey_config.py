"""The tables ``[chocolatey]`` and ``[product.chocolatey]`` of repogen.toml, as config.py reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct


class ChocolateyConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[chocolatey]``: what its packages say."""

    authors: str = ""
    """Who made the programs; ``[repo] maintainer`` without its address when absent."""
    owners: str = ""
    """Who maintains the packages, by their names on the community repository; the authors when absent."""
    community: bool = False
    """Packages are for the community repository too: a build fails on what its validator requires, and warns of what it recommends."""
    embed: bool = False
    """Packages hold their installers, in place of fetching them from this site. A product's own ``embed`` goes before."""


class ProductChocolateyConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[product.chocolatey]``: what a product's package says beside. A package that is published stays as it is."""

    icon_url: str = ""
    """A png or svg, on a host that is meant for it."""
    license_url: str = ""
    """Text of the licence; the page of its SPDX id when absent."""
    package_source_url: str = ""
    """Where this package is made."""
    project_source_url: str = ""
    """Where the program's source is."""
    docs_url: str = ""
    """Its documentation."""
    mailing_list_url: str = ""
    """Its forum or mailing list."""
    bug_tracker_url: str = ""
    """Where bugs are reported."""
    copyright: str = ""
    """``2026 Acme, Inc.``"""
    tags: tuple[str, ...] = ()
    """Words to find it by, beside its name."""
    embed: bool | None = None
    """Whether the package holds its installers, in place of ``[chocolatey] embed``."""
    license_file: str = ""
    """File with the text of the licence, for a package that holds installers; the one in the release's archives when absent."""


def faults(config: ChocolateyConfig) -> Iterator[tuple[str, str]]:
    """What cannot be in ``[chocolatey]``: pairs of a sentence and its remedy."""
    for text in (config.authors, config.owners):
        if re.search(r"[\x00-\x1f\x7f]", text):
            yield f"[chocolatey]: {text!r} has a line break or control character", "write it in one line"


def product_faults(product: str, config: ProductChocolateyConfig) -> Iterator[tuple[str, str]]:
    """What cannot be in ``[product.chocolatey]`` of this product."""
    for name in (name for name in config.__struct_fields__ if name.endswith("_url")):
        url = getattr(config, name)
        if url and not re.fullmatch(r"https?://[^\s/<>\"]+(/[^\s<>\"]*)?", url):
            yield f"[[product]] {product}: chocolatey.{name} {url!r} is no http(s) address", 'write it as "https://acme.example/icon.png"'
    for tag in config.tags:
        if not re.fullmatch(r"[^\s,\x00-\x1f]+", tag):
            yield f"[[product]] {product}: chocolatey.tags has {tag!r}", "a tag is one word without a comma"
