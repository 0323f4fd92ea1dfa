"""Side files and release notes join the release that they are about.

A side file is named after the file that it accompanies (``x.tar.gz.sig``, ``x.exe.blockmap``), or it names its release itself (an update
manifest, ``quiet-1.2.0.spdx.json``), or there is one release only. A signature over a checksum list is dropped with it: ours replace both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from repogen import markdown
from repogen.artifact import AppcastFacts, Kind, ManifestFacts, PackageListFacts
from repogen.catalog import Product
from repogen.electron_manifests import named_by
from repogen.paths import slug
from repogen.placing.names import parse_name
from repogen.placing.settle import Settled
from repogen.readers import endings
from repogen.scanning.scan import Scanned
from repogen.version import channel_of, release_version, version_key

_NOTES_WORDS = re.compile(r"(?:^|[-_ .])(?:release[-_ ]?notes?|notes?|changelog|changes|news)(?=[-_ .]|$)", re.IGNORECASE)
_CHANGELOG = re.compile(r"(?:.*[-_ .])?(?:changelog|changes|news|history)(?:[-_ .].*)?\.(?:md|markdown)", re.IGNORECASE)
_IN_HEADING = re.compile(r"(?<![\w.])v?(\d+(?:\.\d+)+(?:[-.+~]?[0-9A-Za-z]+(?:[.-][0-9A-Za-z]+)*)?)")
#: Level of the smallest headings that name versions.
_DEEPEST = 3


class _Release(Struct, frozen=True):
    product: str
    version: str
    channel: str


def place_sides(
    sides: Sequence[Scanned], files: Sequence[Settled], known: Sequence[Product], channel: str | None
) -> tuple[tuple[Settled, ...], tuple[Scanned, ...]]:
    """Side files settled into the releases of ``files`` or of published products, and those that belong nowhere."""
    by_name = {one.file.name: one for one in files}
    releases = sorted({_Release(one.product, one.version, one.channel) for one in files}, key=lambda r: (r.product, r.version, r.channel))
    ids = {one.product for one in files} | {product.id for product in known}
    placed: list[Settled] = []
    lost: list[Scanned] = []
    for side in sides:
        if _about_sums(side.name):
            continue
        owner = _owner(side, by_name)
        if owner is not None:
            placed.append(replace(owner, file=side, doubt=""))
        elif release := _named(side, releases, ids, channel):
            placed.append(_settled(side, release))
        else:
            lost.append(side)
    return tuple(placed), tuple(lost)


def _about_sums(name: str) -> bool:
    base = endings.accompanied(name)
    while base and endings.kind_by_name(base) is Kind.SIDE:
        base = endings.accompanied(base)
    return bool(base) and endings.kind_by_name(base) is Kind.SUMS


def _owner(side: Scanned, by_name: dict[str, Settled]) -> Settled | None:
    """The file that a side file is named after, or the first of those that an update manifest lists, as far as it speaks for them all."""
    base = endings.accompanied(side.name)
    while base and base not in by_name:
        base = endings.accompanied(base)
    if base:
        return by_name[base]
    facts = side.reading.facts
    if isinstance(facts, PackageListFacts):
        return _newest(by_name[entry.name] for entry in facts.entries if entry.name in by_name)
    listed = facts.files if isinstance(facts, ManifestFacts) else facts.entries if isinstance(facts, AppcastFacts) else ()
    named = [one for entry in listed if (one := named_by(entry.url, by_name.items()))]
    if not named:
        return None
    alike = {field: len({getattr(one, field) for one in named}) == 1 for field in ("os", "arch", "libc")}
    first = named[0]
    return replace(first, os=first.os if alike["os"] else "any", arch=first.arch if alike["arch"] else "any", libc=first.libc if alike["libc"] else "")


def _newest(packages: Iterable[Settled]) -> Settled | None:
    """The newest of the update packages that a list names: it lists those before as well."""
    return max(packages, key=lambda one: version_key(one.version), default=None)


def _named(side: Scanned, releases: Sequence[_Release], ids: Iterable[str], channel: str | None) -> _Release | None:
    """The release that a side file's own name or content says; else the only one that there is."""
    facts = parse_name(_bare(side.name))
    version = side.reading.version or facts.version
    product = slug(facts.product)
    if version and product in ids:
        same = next((r for r in releases if (r.product, r.version) == (product, version)), None)
        return same or _Release(product, version, channel or channel_of(version))
    fitting = [r for r in releases if (not version or r.version == version) and product in {r.product, *_NAMELESS}]
    return fitting[0] if len(fitting) == 1 else None


#: What side files are called that are named after nothing.
_NAMELESS = {
    "", "sbom", "bom", "source", "src", "symbols", "provenance", "multiple", "latest", "stable", "beta", "alpha", "nightly",
    *(f"{channel}-{system}" for channel in ("latest", "beta", "alpha") for system in ("mac", "linux", "linux-arm64")),
}  # fmt: skip


def _bare(name: str) -> str:
    """A side file's name without its endings and without the words of a source archive."""
    base = endings.accompanied(name) or name
    while next_one := endings.accompanied(base):
        base = next_one
    base = endings.strip_ending(re.sub(r"\.(?:ya?ml|json|xml)$", "", base))
    return endings.without_companion_word(re.sub(r"[-_.]s?bom(?=[-_.]|$)", "", base, flags=re.IGNORECASE))


def _settled(side: Scanned, release: _Release) -> Settled:
    return Settled(file=side, product=release.product, display="", version=release.version, channel=release.channel, os="any", arch="any")


def place_notes(notes: Sequence[Scanned], files: Sequence[Settled]) -> tuple[dict[tuple[str, str], str], tuple[Scanned, ...]]:
    """Release notes by (product, version), and those that belong nowhere. A file for one release comes before a changelog's section."""
    releases = sorted({(one.product, one.version) for one in files})
    found: dict[tuple[str, str], str] = {}
    lost: list[Scanned] = []
    for file in sorted(notes, key=lambda f: (bool(_CHANGELOG.fullmatch(f.name)) and not parse_name(_stem(f.name)).version, f.name)):
        about = _about(file.name, releases)
        if about:
            for release in about:
                found.setdefault(release, file.reading.text)
        elif _CHANGELOG.fullmatch(file.name):
            for release in releases:
                if section := changelog_section(file.reading.text, release[1]):
                    found.setdefault(release, section)
        else:
            lost.append(file)
    return found, tuple(lost)


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


def _about(name: str, releases: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The releases that a notes file is about by its name: of its product and version, of its version, or the only one."""
    facts = parse_name(f"x-{_stem(name)}") if re.match(r"v?\d", name) else parse_name(_NOTES_WORDS.sub("", _stem(name)))
    if facts.version:
        product = slug(facts.product) if not re.match(r"v?\d", name) else ""
        version = release_version(facts.version)
        return [r for r in releases if version in {r[1], release_version(r[1])} and (not product or r[0] == product)]
    product = slug(_NOTES_WORDS.sub("", _stem(name)))
    fitting = [r for r in releases if not product or r[0] == product]
    is_changelog = bool(_CHANGELOG.fullmatch(name))
    return fitting if len(fitting) == 1 and not is_changelog and (product or _NOTES_WORDS.search(_stem(name))) else []


def changelog_section(text: str, version: str) -> str:
    """The part of a changelog below the heading that names this version, up to the next heading of that level or above."""
    lines = re.split(r"\r\n?|\n", text)
    headings = [heading for heading in markdown.headings("\n".join(lines)) if heading.level <= _DEEPEST]
    for number, heading in enumerate(headings):
        named = _IN_HEADING.search(heading.text)
        if named and named[1] in {version, version.lstrip("v")}:
            end = next((later.line for later in headings[number + 1 :] if later.level <= heading.level), len(lines))
            return "\n".join(lines[heading.line + 1 : end]).strip() + "\n"
    return ""
