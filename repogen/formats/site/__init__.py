"""The download page: ``index.html`` with its style sheet, script and icon.

Plain HTML (https://html.spec.whatwg.org/) that needs no script; the script only picks the visitor's system and copies
lines. Nothing is fetched from another host and nothing is inline, so the page's own Content-Security-Policy is strict.
Its assets are named by their digest, so an old page in a cache keeps the assets that it was made for.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from markupsafe import Markup

from repogen import layout
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.formats.site.model import page
from repogen.templates import render_large, resource
from repogen.tree import File, Stage, Tree


def render(catalog: Catalog, config: Config) -> Tree:
    assets = _assets()
    addresses = {name: path for name, (path, _) in assets.items()}
    content = render_large("site/index.html.j2", page=page(catalog, config), icons=_icons(), assets=addresses, layout=layout)
    files = {path: File(asset, Stage.PAYLOAD) for path, asset in assets.values()}
    return Tree({**files, layout.PAGE: File(content, Stage.PAGE)})


@lru_cache(maxsize=1)
def _assets() -> dict[str, tuple[str, bytes]]:
    """Path and content of each asset, by its name in ``site/``."""
    return {name: _asset(name) for name in ("site.css", "site.js", "icon.svg")}


def _asset(name: str) -> tuple[str, bytes]:
    content = (resource("site") / name).read_bytes()
    stem, _, suffix = name.rpartition(".")
    return f"assets/{stem}.{hashlib.sha256(content).hexdigest()[:8]}.{suffix}", content


@lru_cache(maxsize=1)
def _icons() -> dict[str, Markup]:
    """The drawings of ``site/icons``, to stand in the page."""
    folder = resource("site") / "icons"
    return {file.stem: Markup(file.read_text(encoding="utf-8").strip()) for file in sorted(folder.glob("*.svg"))}  # noqa: S704  # our own
