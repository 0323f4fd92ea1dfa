"""macOS disk images, and the application in them.

The usual image (UDIF) ends with a trailer of 512 bytes that begins with ``koly``; see ``udif``. A raw image has none. Neither says a version,
so the file's name must. The application's name is read where the volume is HFS+ or ISO 9660; an APFS volume keeps it to itself.
"""

from __future__ import annotations

from pathlib import Path

from repogen.artifact import InstallerFacts, Kind
from repogen.errors import InputError
from repogen.readers import Digests, Reading
from repogen.readers.udif import Image, ImageError, RawImage, open_udif
from repogen.readers.volume import root_names


def read(path: Path, digests: Digests) -> Reading:
    """The application in a disk image. Raises InputError for a damaged one."""
    try:
        with path.open("rb") as file:
            image: Image = open_udif(file, digests.size) or RawImage(file)
            names = root_names(image)
    except ImageError as error:
        raise InputError(f"{path.name} is damaged: {error}", hint="it may be cut short; build or copy it again") from error
    bundles = sorted(name for name in names if name.endswith(".app") and "/" not in name)
    bundle = bundles[0] if len(bundles) == 1 else ""
    return Reading(kind=Kind.DMG, facts=InstallerFacts(bundle=bundle), os="macos", title=bundle.removesuffix(".app"))
