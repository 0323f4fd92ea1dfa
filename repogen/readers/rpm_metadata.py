"""An rpm's header as the three XML elements of a yum repository.

The reference is createrepo_c 1.2: the elements are equal to its own, attribute by attribute and text by text. What it leaves out
(``rpmlib()`` requirements, a package's own primary files, requirements that the package provides itself, all but the newest libc) clients
do not miss, and what it adds (``pre``) they need. Format: https://github.com/rpm-software-management/createrepo_c (src/parsehdr.c).
A fourth one, with the digests of the files, is made where it is asked for: nine tenths of it is digests, which no compression shortens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, repeat
from typing import Final

from msgspec import Struct

from repogen.readers.rpm_header import Header

_CHANGELOGS: Final = 10
_GHOST: Final = 1 << 6
_FILE_DIGESTS: Final = 1035
_DIGEST_ALGORITHM: Final = 5011
#: https://www.rfc-editor.org/rfc/rfc9580#name-hash-algorithms
_DIGEST_ALGORITHMS: Final = {1: "md5", 2: "sha1", 8: "sha256", 9: "sha384", 10: "sha512", 11: "sha224"}
_DIRECTORY: Final = 0o040000
_TYPE_MASK: Final = 0o170000
_MISSING_OK: Final = 1 << 19
_STRONG: Final = 1 << 27
#: A requirement that must be installed before: prereq, and those of %posttrans, %pretrans, %pre and %post.
_BEFORE: Final = 1 << 6 | 1 << 5 | 1 << 7 | 1 << 9 | 1 << 10
_RELATIONS: Final = {2: "LT", 4: "GT", 8: "EQ", 10: "LE", 12: "GE"}
#: Name, flags and version tag of each kind of dependency, in the order in which they are read.
_DEPENDENCIES: Final = {
    "provides": (1047, 1112, 1113),
    "conflicts": (1054, 1053, 1055),
    "obsoletes": (1090, 1114, 1115),
    "requires": (1049, 1048, 1050),
    "suggests": (5049, 5051, 5050),
    "enhances": (5055, 5057, 5056),
    "recommends": (5046, 5048, 5047),
    "supplements": (5052, 5054, 5053),
    "oldsuggests": (1156, 1158, 1157),
    "oldenhances": (1159, 1161, 1160),
}
_WRITTEN: Final = ("provides", "requires", "conflicts", "obsoletes", "suggests", "enhances", "recommends", "supplements")
_NO_SOURCE: Final = "  <rpm:sourcerpm>(none)</rpm:sourcerpm>"  # rpm's own word, which tells a binary package from a source package
_EPOCH: Final = re.compile(r"(?:\s*[+-]?\d+)?:", re.ASCII)
_LATIN1_CONTROLS: Final = bytes(range(0x80, 0xC0)) + bytes(c for c in range(0x20) if c not in b"\t\n\r")
_DIGEST: Final = re.compile(r"[0-9a-f]+")
_SPECIAL: Final = re.compile(r'[&<>"\t\n\r]')
_ESCAPES: Final = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}
_ATTRIBUTE_ESCAPES: Final = {**_ESCAPES, ord('"'): "&quot;", ord("\n"): "&#10;", ord("\t"): "&#9;"}


class Identity(Struct, frozen=True):
    """What stands in all three elements."""

    name: str
    arch: str
    epoch: int
    version: str
    release: str
    pkgid: str
    """SHA-256 of the package as it is published."""


class Place(Struct, frozen=True):
    """What the file, and not its header, says."""

    href: str
    size: int
    """Bytes of the package."""
    mtime: int
    """Seconds since 1970."""
    archive_size: int
    """Bytes of the payload when unpacked."""


def decode(text: bytes) -> str:
    """UTF-8, else Latin-1 without its control characters, as createrepo_c takes it."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.translate(None, _LATIN1_CONTROLS).decode("latin-1")


def elements(header: Header, identity: Identity, place: Place) -> tuple[str, str, str]:
    """The ``<package>`` elements of primary.xml, filelists.xml and other.xml, without a line end. Raises IndexError for a folder that is not there."""
    files = _files(header)
    return _primary(header, identity, place, files), _filelists(identity, files), _other(header, identity)


def extended_filelists(header: Header, identity: Identity) -> str:
    """The ``<package>`` element of filelists-ext.xml: that of filelists.xml with the digest of each file that has one."""
    algorithm = _DIGEST_ALGORITHMS.get(header.number(_DIGEST_ALGORITHM) or 0, "unknown")
    digests = chain(decode_all(header.texts(_FILE_DIGESTS)), repeat(""))
    entries = (f"  {_digested_file(path, kind, digest)}" for (path, kind), digest in zip(_files(header), digests, strict=False))
    return f'{_opening(identity)}  <checksum type="{algorithm}"/>\n{"".join(entries)}</package>'


def _primary(header: Header, identity: Identity, place: Place, files: list[tuple[str, str]]) -> str:
    usual = [file for file in files if _is_primary(file[0])]
    return f"""<package type="rpm">
  <name>{_text(identity.name)}</name>
  <arch>{_text(identity.arch)}</arch>
  {_version(identity)}
  <checksum type="sha256" pkgid="YES">{identity.pkgid}</checksum>
{_element(header, "summary", 1004)}
{_element(header, "description", 1005)}
{_element(header, "packager", 1015)}
{_element(header, "url", 1020)}
  <time file="{place.mtime}" build="{header.number(1006) or 0}"/>
  <size package="{place.size}" installed="{header.number(5009, 1009) or 0}" archive="{place.archive_size}"/>
  <location href="{_attribute(place.href)}"/>
  <format>
  {_element(header, "rpm:license", 1014)}
  {_element(header, "rpm:vendor", 1011)}
  {_element(header, "rpm:group", 1016)}
  {_element(header, "rpm:buildhost", 1007)}
  {_element(header, "rpm:sourcerpm", 1044) if identity.arch == "src" or 1044 in header.entries else _NO_SOURCE}
    <rpm:header-range start="{header.start}" end="{header.end}"/>
{"".join(_dependency_elements(header, {path for path, _ in usual}))}{"".join(f"    {_file(*f)}" for f in usual)}  </format>
</package>"""


def _filelists(identity: Identity, files: list[tuple[str, str]]) -> str:
    return f"{_opening(identity)}{''.join(f'  {_file(*f)}' for f in files)}</package>"


def _other(header: Header, identity: Identity) -> str:
    entries = (f'  <changelog author="{_attribute(author)}" date="{date}">{_text(text)}</changelog>\n' for author, date, text in _changelogs(header))
    return f"{_opening(identity)}{''.join(entries)}</package>"


def _files(header: Header) -> list[tuple[str, str]]:
    """Each file's path and its type: ``dir``, ``ghost`` or empty."""
    folders = header.texts(1118)
    names = header.texts(1117)
    if not names:
        return []
    paths = [folders[i] + name for i, name in zip(header.numbers(1116), names, strict=False)]
    attributes = zip(header.numbers(1037), header.numbers(1030), strict=False)
    types = ("dir" if mode & _TYPE_MASK == _DIRECTORY else "ghost" if flags & _GHOST else "" for flags, mode in attributes)
    return list(zip(decode_all(paths), types, strict=False))


def decode_all(texts: list[bytes]) -> list[str]:
    """Each text decoded; in one step where all are UTF-8. None holds a NUL, since a NUL ends it in the header."""
    try:
        return b"\0".join(texts).decode().split("\0") if texts else []
    except UnicodeDecodeError:
        return [decode(text) for text in texts]


# -- dependencies --------------------------------------------------------------------------


class _Dependency(Struct, frozen=True):
    name: str
    flags: int
    version: str

    @property
    def relation(self) -> str:
        return _RELATIONS.get(self.flags & 15, "")

    @property
    def nfv(self) -> str:
        """Name, relation and version; equal ones are the same dependency."""
        return f"{self.name}{self.relation}{self.version}"

    @property
    def pre(self) -> bool:
        return bool(self.flags & _BEFORE)


def _dependency_elements(header: Header, own_files: set[str]) -> Iterator[str]:
    kinds = _dependencies(header, own_files)
    for kind in _WRITTEN:
        if found := kinds[kind]:
            entries = "".join([_entry(d.name, d.relation, d.version, kind == "requires" and d.pre) for d in found])
            yield f"    <rpm:{kind}>\n{entries}    </rpm:{kind}>\n" if entries else f"    <rpm:{kind}/>\n"


def _dependencies(header: Header, own_files: set[str]) -> dict[str, list[_Dependency]]:
    kinds = {kind: _read(header, *tags) if tags[0] in header.entries else [] for kind, tags in _DEPENDENCIES.items()}
    provided = {d.nfv for d in kinds["provides"]}
    wanted = [d for d in kinds["requires"] if not d.name.startswith("rpmlib(") and d.name not in own_files and d.nfv not in provided]
    kinds["requires"] = list(_without_repeats(d for d in wanted if not d.flags & _MISSING_OK))
    # Before rpm 4.12, weak dependencies had other tags and a flag that said how strong they are.
    kinds["recommends"] = [*(d for d in wanted if d.flags & _MISSING_OK), *kinds["recommends"], *(d for d in kinds["oldsuggests"] if d.flags & _STRONG)]
    kinds["suggests"] += (d for d in kinds["oldsuggests"] if not d.flags & _STRONG)
    kinds["supplements"] += (d for d in kinds["oldenhances"] if d.flags & _STRONG)
    kinds["enhances"] += (d for d in kinds["oldenhances"] if not d.flags & _STRONG)
    return kinds


def _read(header: Header, names: int, flags: int, versions: int) -> list[_Dependency]:
    """The dependencies of one kind, without those whose epoch is no number."""
    found = zip(decode_all(header.texts(names)), header.numbers(flags), decode_all(header.texts(versions)), strict=False)
    return [_Dependency(name, flag, version) for name, flag, version in found if ":" not in version or _EPOCH.match(version)]


def _without_repeats(requires: Iterable[_Dependency]) -> Iterator[_Dependency]:
    """Each once, and of all the versions of libc only the newest, as the last one."""
    last: dict[str, tuple[str, str, bool]] = {}
    libc: _Dependency | None = None
    for dependency in requires:
        signature = (dependency.relation, dependency.version, dependency.pre)
        if last.get(dependency.name) == signature:
            continue
        if dependency.name.startswith("libc.so.6"):
            libc = dependency if libc is None or _libc_rank(dependency.name) > _libc_rank(libc.name) else libc
            continue
        last[dependency.name] = signature
        yield dependency
    if libc is not None:
        yield libc


def _libc_rank(name: str) -> tuple[int | tuple[int, str], ...]:
    """``libc.so.6(GLIBC_2.10)`` is newer than ``libc.so.6(GLIBC_2.9)``, and both are than ``libc.so.6()(64bit)``."""
    inside = re.search(r"\(([^)]*)\)", name)
    if not inside or not inside[1]:
        return (0,) if inside else ()
    numbers = (number.lstrip("0") for number in re.findall(r"[0-9]+", inside[1]))
    ranks = [(len(number), number) for number in numbers]  # as int() would order them, of any length
    return (2, *ranks) if ranks else (1,)


@lru_cache(maxsize=1 << 13)  # the same few are in most packages
def _entry(name: str, relation: str, version: str, pre: bool) -> str:
    if not name:
        return ""
    compared = f' flags="{relation}"{_evr(version)}' if relation else ""
    before = ' pre="1"' if pre else ""
    return f'      <rpm:entry name="{_attribute(name)}"{compared}{before}/>\n'


def _evr(full: str) -> str:
    """A dependency's version as attributes: epoch (0 when it has none), version, and release where there is one."""
    if not full:
        return ""
    epoch, colon, rest = full.partition(":")
    version, _, release = (rest if colon else full).partition("-")
    attributes = {"epoch": (epoch if colon else "") or "0", "ver": version, "rel": release}
    return "".join(f' {key}="{_attribute(value)}"' for key, value in attributes.items() if value)


# -- texts ---------------------------------------------------------------------------------


def _changelogs(header: Header) -> list[tuple[str, int, str]]:
    """Author, date and text of the newest ten entries, oldest first. Clients need a date to be there once, so equal ones move on by a second."""
    dates: list[int] = []
    for date in header.numbers(1080)[:_CHANGELOGS]:
        dates.append(date)
        free, i = date, len(dates) - 2
        while i >= 0 and dates[i] == free:
            dates[i] += 1
            free, i = free + 1, i - 1
    authors = (author[:1] + author[1:].rstrip(" ") for author in decode_all(header.texts(1081)[:_CHANGELOGS]))
    found = zip(authors, dates, decode_all(header.texts(1082)[:_CHANGELOGS]), strict=False)
    return list(found)[::-1]


def _is_primary(path: str) -> bool:
    return path.startswith("/etc/") or "bin/" in path or path == "/usr/lib/sendmail"


def _opening(identity: Identity) -> str:
    return f'<package pkgid="{identity.pkgid}" name="{_attribute(identity.name)}" arch="{_attribute(identity.arch)}">\n  {_version(identity)}\n'


def _version(identity: Identity) -> str:
    return f'<version epoch="{identity.epoch}" ver="{_attribute(identity.version)}" rel="{_attribute(identity.release)}"/>'


def _element(header: Header, name: str, tag: int) -> str:
    content = header.text(tag)
    return f"  <{name}>{_text(decode(content))}</{name}>" if content else f"  <{name}/>"


def _file(path: str, kind: str) -> str:
    return f'<file type="{kind}">{_text(path)}</file>\n' if kind else f"<file>{_text(path)}</file>\n"


def _digested_file(path: str, kind: str, digest: str) -> str:
    attributes = (f' type="{kind}"' if kind else "") + (f' hash="{digest}"' if _DIGEST.fullmatch(digest) else "")
    return f"<file{attributes}>{_text(path)}</file>\n"


def _text(text: str) -> str:
    return text.translate(_ESCAPES) if _SPECIAL.search(text) else text


def _attribute(text: str) -> str:
    return text.translate(_ATTRIBUTE_ESCAPES) if _SPECIAL.search(text) else text
