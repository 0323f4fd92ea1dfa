"""Debian binary packages (https://manpages.debian.org/bookworm/dpkg-dev/deb.5.en.html).

Only the headers and the control member at the front are read. The archive is :mod:`repogen.readers.deb_archive`, the control file
:mod:`repogen.readers.deb_control`; here both become a Reading.
"""

from __future__ import annotations

import lzma
import re
import tarfile
import zlib

import zstandard

from repogen.artifact import DebFacts, Kind
from repogen.errors import InputError
from repogen.packed_text import Text
from repogen.platforms import ARCHITECTURE_WORDS
from repogen.readers import Digests, Reading
from repogen.readers.ar import ArError
from repogen.readers.deb_archive import control_file, package_members
from repogen.readers.deb_control import Control, ControlError, parse, remarks
from repogen.readers.source import Source
from repogen.version import release_version

_SOURCE = re.compile(r"([A-Za-z0-9][A-Za-z0-9+._-]*)\s*(?:\([^()]*\))?")
_LOOKS_LIKE = {
    b"PK\x03\x04": "a zip archive",
    b"\xed\xab\xee\xdb": "an rpm",
    b"\x1f\x8b": "a gzip file",
    b"<": "an HTML or XML page",
    b"MZ": "a Windows program",
}


def read(path: Source, digests: Digests) -> Reading:
    """What a Debian package says of itself. Raises InputError for a package that dpkg or apt could not use."""
    try:
        with path.open("rb", buffering=1 << 14) as file:
            members = package_members(file, digests.size)
            control = parse(control_file(file, members[0]))
    except (ArError, ControlError) as error:
        raise InputError(
            f"{path.name} {_sentence(path, error)}", hint="build or fetch it again; `dpkg-deb --info` and `dpkg --dry-run -i` look at it"
        ) from error
    except (zlib.error, lzma.LZMAError, zstandard.ZstdError, tarfile.TarError, EOFError) as error:
        raise InputError(f"{path.name} is damaged: its control.tar cannot be unpacked ({error})", hint="build or fetch it again") from error
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror}", hint="look at its permissions") from error
    return _reading(control, packed="zstd" if any(member.name.endswith(".zst") for member in members) else "")


def _sentence(path: Source, error: ValueError) -> str:
    """What is wrong, and for a file that is no package at all what it seems to be."""
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        return "is empty"
    names = [name for magic, name in _LOOKS_LIKE.items() if start.startswith(magic)]
    return f"is no Debian package but {names[0]}" if names else str(error)


def facts_of(control: Control) -> DebFacts:
    """The facts of a package by its control paragraph, which a stanza of an index is too."""
    fields = control.fields
    package = fields["Package"]
    # dpkg does not look at Source, and some packers write a title there; the pool then goes by the package.
    source = _SOURCE.fullmatch(fields.get("Source", ""))
    return DebFacts(
        package=package,
        version=fields["Version"],
        architecture=fields["Architecture"],
        source=source[1] if source else package,
        packed_stanza=Text(control.stanza),
        description=fields.get("Description", "").split("\n")[0].strip(),
        homepage=fields.get("Homepage", ""),
    )


def _reading(control: Control, packed: str) -> Reading:
    facts = facts_of(control)
    return Reading(
        kind=Kind.DEB,
        facts=facts,
        product=facts.package.removesuffix("-dbgsym"),
        version=release_version(facts.version),
        os="linux",
        arch=ARCHITECTURE_WORDS.get(facts.architecture, facts.architecture),
        description=facts.description,
        homepage=facts.homepage,
        license=control.fields.get("License", ""),
        packed=packed,
        doubt=", ".join(f"{remark}, of which apt warns every user" for remark in remarks(control.fields)),
    )
