"""Which files a Debian package installs, out of its data member (https://manpages.debian.org/bookworm/dpkg-dev/deb.5.en.html).

This unpacks the whole package as a stream, so it is only done where an index of contents is asked for. Folders are left out, as apt-ftparchive
leaves them out. So are names with control characters, which would break the lines of that index.
"""

from __future__ import annotations

import re
from pathlib import Path

from repogen.errors import InputError
from repogen.readers import tar
from repogen.readers.ar import ArError
from repogen.readers.deb_archive import package_members
from repogen.readers.streams import DAMAGE, Section, unpacked

_CONTROL = re.compile(rb"[\0-\x1f\x7f]")
_LARGEST = 64 << 20
_LZMA_ALONE = ".lzma"


def installed_files(path: Path, size: int) -> bytes:
    """Paths of the files in a package of ``size`` bytes, sorted, one a line. Raises InputError."""
    try:
        with path.open("rb") as file:
            data = package_members(file, size)[1]
            pieces = unpacked(Section(file, data.offset, data.size), lzma_alone=data.name.endswith(_LZMA_ALONE))
            names = {_relative(member.name) for member in tar.members(pieces) if member.type != "5"}
    except (ArError, tar.TarError, *DAMAGE) as error:
        raise InputError(f"{path.name} is damaged: its data.tar cannot be unpacked ({error})", hint="build or fetch it again") from error
    listed = b"".join(name + b"\n" for name in sorted(names) if name and not _CONTROL.search(name))
    if len(listed) > _LARGEST:
        raise InputError(f"{path.name} installs files whose names take more than {_LARGEST >> 20} MiB", hint="leave [apt] contents out, or split the package")
    return listed


def _relative(name: str) -> bytes:
    return name.removeprefix("./").lstrip("/").encode("utf-8", "surrogateescape")
