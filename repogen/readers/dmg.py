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
from repogen.readers.volume import is_volume, root_names

_DOUBT = "has neither the trailer of a disk image nor a volume that repogen knows"


#: How packed chunks begin, which only an image with a trailer has: zlib, bzip2, LZFSE.
_PACKED = (b"\x78\x01", b"\x78\x9c", b"\x78\xda", b"BZh", b"bvx")


def read(path: Path, digests: Digests) -> Reading:
    """The application in a disk image. Raises InputError for a damaged one."""
    try:
        with path.open("rb") as file:
            trailed = open_udif(file, digests.size)
            image: Image = trailed or RawImage(file)
            names = root_names(image)
            known = trailed is not None or is_volume(image)
            cut = not known and _was_cut(image, digests.size)
    except ImageError as error:
        raise InputError(f"{path.name} is damaged: {error}", hint="it may be cut short; build or copy it again") from error
    if cut:
        raise InputError(f"{path.name} is damaged: its trailer is missing or incomplete", hint="it may be cut short; build or copy it again")
    bundles = sorted(name for name in names if name.endswith(".app") and "/" not in name)
    bundle = bundles[0] if len(bundles) == 1 else ""
    return Reading(kind=Kind.DMG, facts=InstallerFacts(bundle=bundle), os="macos", title=bundle.removesuffix(".app"), doubt="" if known else _DOUBT)


def _was_cut(image: Image, size: int) -> bool:
    return image.read(0, 4).startswith(_PACKED) or b"koly" in image.read(max(0, size - 1024), 1024)
