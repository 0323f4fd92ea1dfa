"""``updates/<channel>/<product>-latest-x86_64.AppImage.zsync``: the address that an AppImage is built with, at which AppImageUpdate finds the newest one.

https://github.com/AppImage/AppImageSpec/blob/master/draft.md#zsync. The control file there is the one that stands beside the AppImage (see zsync_files), which
names it with its whole address.
"""

from __future__ import annotations

from collections.abc import Iterator

from repogen import layout
from repogen.artifact import Artifact, Kind, ZsyncFacts
from repogen.catalog import Catalog, Product, Release
from repogen.config import Config
from repogen.formats.updates import offers

#: How AppImages call an architecture in their names.
_WORDS = {"amd64": "x86_64", "arm64": "aarch64", "i386": "i686", "armv7": "armhf"}


def addresses(catalog: Catalog, config: Config, product: Product, folder: str) -> Iterator[tuple[str, Artifact]]:
    """Each address of a product and the control file that stands there; ``folder`` is its name, or empty for the short address."""
    for channel in offers.channels(catalog, config, product):
        newest: dict[str, Artifact] = {}
        for release in offers.releases(catalog, config, product, channel):
            for file in _control_files(catalog, release):
                newest.setdefault(file.arch, file)
        for arch, file in newest.items():
            yield address(channel, folder, product.id, arch), file


def address(channel: str, folder: str, product: str, arch: str) -> str:
    """Where the control file of the newest AppImage for an architecture stands."""
    return f"{layout.updates(channel, folder)}/{product}-latest-{_WORDS.get(arch, arch)}.AppImage.zsync"


def nothing() -> bytes:
    """What stands at an address when no release is offered there any more: no control file, so that every client keeps what it has."""
    return b"No release is offered here any more.\n"


def _control_files(catalog: Catalog, release: Release) -> Iterator[Artifact]:
    """Those of a release that say where their AppImage stands; the ones of long ago, which came with the files, do not."""
    files = catalog.files_of(release)
    images = {f"{a.path}.zsync" for a in files if a.kind is Kind.APPIMAGE}
    yield from (a for a in files if a.path in images and isinstance(a.facts, ZsyncFacts) and "://" in a.facts.url)
