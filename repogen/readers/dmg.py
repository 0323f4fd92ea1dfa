"""macOS disk images, and the application in them.

The usual image (UDIF) ends with a trailer of 512 bytes that begins with ``koly``; see ``udif``. A raw image has none. Neither says a version,
so the file's name must. The application's name is read where the volume is HFS+ or ISO 9660, and where it is HFS+ the architecture of its programs;
an APFS volume keeps both to itself, and so does an image packed with LZFSE.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from repogen.artifact import InstallerFacts, Kind
from repogen.errors import InputError
from repogen.readers import Digests, Reading
from repogen.readers.program import agreed, native
from repogen.readers.udif import Image, ImageError, RawImage, open_udif
from repogen.readers.volume import is_volume, program_heads, root_names

_DOUBT = "has neither the trailer of a disk image nor a volume that repogen knows"


#: How packed chunks begin, which only an image with a trailer has: zlib, bzip2, LZFSE.
_PACKED = (b"\x78\x01", b"\x78\x9c", b"\x78\xda", b"BZh", b"bvx")


def read(path: Path, digests: Digests) -> Reading:
    """The application in a disk image. Raises InputError for a damaged one."""
    try:
        with path.open("rb") as file:
            trailed = open_udif(file, digests.size)
            image: Image = trailed or RawImage(file)
            bundle = _bundle(root_names(image))
            arch = _arch(image, bundle) if bundle else ""
            known = trailed is not None or is_volume(image)
            cut = not known and _was_cut(image, digests.size)
    except ImageError as error:
        raise InputError(f"{path.name} is damaged: {error}", hint="it may be cut short; build or copy it again") from error
    if cut:
        raise InputError(f"{path.name} is damaged: its trailer is missing or incomplete", hint="it may be cut short; build or copy it again")
    doubt = "" if known else _DOUBT
    return Reading(kind=Kind.DMG, facts=InstallerFacts(bundle=bundle), os="macos", arch=arch, title=bundle.removesuffix(".app"), doubt=doubt)


def _bundle(names: Iterable[str]) -> str:
    """The one application; empty where there is none, or several."""
    bundles = [name for name in names if name.endswith(".app") and "/" not in name]
    return bundles[0] if len(bundles) == 1 else ""


def _arch(image: Image, bundle: str) -> str:
    """What the application's programs are made for; empty where they cannot be read, or differ."""
    programs = (native(head, name) for name, head in program_heads(image, bundle))
    return agreed(program for program in programs if program is not None and program.runs).arch


def _was_cut(image: Image, size: int) -> bool:
    return image.read(0, 4).startswith(_PACKED) or b"koly" in image.read(max(0, size - 1024), 1024)
