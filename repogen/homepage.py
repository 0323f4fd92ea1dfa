"""The address that stands for a product where an output must have one."""

from __future__ import annotations

import re

from repogen.catalog import Product
from repogen.config import Config

_ADDRESS = re.compile(r"https?://[^\s/?#<>\"'\\`\x00-\x20\x7f-\xa0][^\s<>\"'\\`\x00-\x20\x7f-\xa0]*")


def homepage(product: Product, config: Config) -> str:
    """The product's homepage, else the repository's, else the site itself; what is no http address does not count."""
    return next((url for url in (product.homepage, config.repo.homepage) if _ADDRESS.fullmatch(url)), f"{config.url}/")
