"""The facts of rpms, out of the published yum repositories."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from repogen import layout
from repogen.artifact import RpmFacts
from repogen.catalog import Repodata
from repogen.indices.indexed import Indexed
from repogen.indices.packing import unpacked
from repogen.indices.yum import Rpm, elements, read_primary, read_repomd
from repogen.packed_text import Text
from repogen.rebuilding.published_site import PublishedSite

_REPOMD = "/repodata/repomd.xml"
#: Those of packages; the last one is there where it was asked for.
_INDICES = ("primary", "filelists", "other", "filelists-ext")
#: What a release may bring for a yum repository as it is.
_CARRIED = ("modules", "productid")


class YumFound(Struct, frozen=True, kw_only=True):
    """What the repositories say."""

    served: tuple[str, ...]
    """Their folders."""
    facts: Mapping[str, RpmFacts]
    """By the SHA-256 of the package."""
    files: Mapping[str, tuple[Indexed, str]]
    """By the path on the site: what the index says of it, and the channel."""
    repodata: tuple[Repodata, ...]


def read_repositories(site: PublishedSite) -> YumFound:
    """Read all repositories."""
    bases = tuple(path.removesuffix(_REPOMD) for path in sorted(site.listed) if path.startswith("yum/") and path.endswith(_REPOMD))
    facts: dict[str, RpmFacts] = {}
    files: dict[str, tuple[Indexed, str]] = {}
    repodata: dict[tuple[str, str], Repodata] = {}
    for base in bases:
        channel = layout.yum_channel(base)
        texts = _texts(site, base)
        primary, filelists, other, extended = (elements(texts.get(name, b"")) for name in _INDICES)
        for rpm in read_primary(texts["primary"], f"{base}{_REPOMD}"):
            _, digest = rpm.file.strongest
            files[f"{base}/{rpm.file.path}"] = rpm.file, channel
            facts[digest] = _facts(rpm, primary[digest], filelists[digest], other[digest], extended.get(digest))
        repodata |= {(channel, type): Repodata(channel=channel, type=type, content=texts[type]) for type in _CARRIED if type in texts}
    return YumFound(served=bases, facts=facts, files=files, repodata=tuple(repodata[key] for key in sorted(repodata)))


def _texts(site: PublishedSite, base: str) -> dict[str, bytes]:
    """The indices of one repository by type, of those types that tell facts."""
    named = read_repomd(site.signed(f"{base}{_REPOMD}"), f"{base}{_REPOMD}")
    wanted = {type: named[type] for type in (*_INDICES, *_CARRIED) if type in named}
    return {type: unpacked(index.path, site.checked(f"{base}/{index.path}", index)) for type, index in wanted.items()}


def _facts(rpm: Rpm, primary: bytes, filelists: bytes, other: bytes, extended: bytes | None) -> RpmFacts:
    return RpmFacts(
        name=rpm.name,
        epoch=rpm.epoch,
        version=rpm.version,
        release=rpm.release,
        architecture=rpm.architecture,
        packed_primary=Text(primary),
        packed_filelists=Text(filelists),
        packed_other=Text(other),
        packed_filelists_ext=Text(extended) if extended else None,
        summary=rpm.summary,
        license=rpm.license,
        homepage=rpm.homepage,
        signed=True,  # what a signed site publishes is signed; indices of an unsigned one are not believed
    )
