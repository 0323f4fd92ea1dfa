"""AppImages whose update information leads elsewhere than to this site: whoever has one would never hear of a newer version.

https://github.com/AppImage/AppImageSpec/blob/master/draft.md#update-information
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from repogen import layout
from repogen.artifact import AppImageFacts, Artifact
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.update_addresses import ZSYNC


def strays(artifacts: Iterable[Artifact], grown: Catalog, config: Config) -> Iterator[str]:
    """A sentence for each AppImage among these that will not find its successor; ``grown`` is the catalog with them."""
    informed = [a for a in artifacts if isinstance(a.facts, AppImageFacts) and a.facts.update_information]
    if not informed:
        return
    from repogen.formats.updates import feeds, zsync

    folders: dict[str, list[str]] = {}
    for product, folder in feeds.folders(feeds.settled(grown, config), config, ZSYNC):
        folders.setdefault(product.id, []).append(folder)
    for image in informed:
        served = [layout.url(config.url, zsync.address(image.channel, folder, image.product, image.arch)) for folder in folders.get(image.product, [])]
        said = image.facts.update_information  # type: ignore[union-attr]  # of an AppImage
        if served and said not in {f"zsync|{url}" for url in served}:
            yield f"{image.filename} looks for updates at {said}, but this site has them at zsync|{served[-1]}; build it with that as update information"
