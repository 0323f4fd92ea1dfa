"""AppImages get a control file of zsync beside them, ``x.AppImage.zsync``, so that AppImageUpdate fetches only what differs.

https://docs.appimage.org/packaging-guide/optional/updates.html. It is made when the AppImage comes in, since its bytes are here then alone, and is payload from
then on; where the newest one of a channel stands is told by formats/updates/zsync.py. One that came with the files is compared with its AppImage
and superseded: it may name another host.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec.structs import replace

from repogen import layout
from repogen.artifact import Artifact, Kind, ZsyncFacts
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.errors import InputError
from repogen.formats import Derived
from repogen.readers.zsync import parse
from repogen.scanning.digests import digest_by
from repogen.tree import File, Stage, Tree

_ENDING = ".zsync"


def superseded(artifacts: Iterable[Artifact], sources: Mapping[str, str]) -> tuple[Artifact, ...]:
    """The artifacts without the control files of AppImages among them. Raises InputError for one that describes another file."""
    artifacts = tuple(artifacts)
    images = {f"{a.path}{_ENDING}": a for a in artifacts if a.kind is Kind.APPIMAGE}
    for given in artifacts:
        if isinstance(given.facts, ZsyncFacts) and (image := images.get(given.path)):
            _check(given.filename, given.facts, image, Path(sources[image.path]))
    return tuple(a for a in artifacts if a.path not in images) if images else artifacts


def _check(name: str, said: ZsyncFacts, image: Artifact, local: Path) -> None:
    if said.size != image.size or (said.sha1 and said.sha1 != digest_by(local, "sha1")):
        raise InputError(f"{name} was made for another {image.filename}: its length or SHA-1 differs", hint="leave it out: repogen writes one")


def derive(catalog: Catalog, config: Config, sources: Mapping[str, str]) -> Derived:
    """The catalog with the control file of each AppImage whose own file is here and that has none yet; ``sources`` holds these by their paths."""
    new = [a for a in catalog.by_kind.get(Kind.APPIMAGE, ()) if a.path in sources]
    known = {a.path: a for a in catalog.kept if a.path.endswith(_ENDING)} if new else {}
    made: dict[str, bytes] = {}
    for image in new:
        path = f"{image.path}{_ENDING}"
        if path not in known:
            made[path] = _write(image, config, Path(sources[image.path]))
            known[path] = _artifact(image, path, made[path], sha512=config.takes_sha512)
    beside = (replace(known[f"{image.path}{_ENDING}"], channel=image.channel, date=image.date) for image in new)
    return Derived(catalog.add(beside), Tree({path: File(content, Stage.PAYLOAD) for path, content in made.items()}))


def _write(image: Artifact, config: Config, local: Path) -> bytes:
    from repogen.writers.zsync import control

    name = image.path.rpartition("/")[2]
    with local.open("rb") as file:
        return control(file, image.size, filename=name, url=layout.url(config.url, image.path))


def _artifact(image: Artifact, path: str, content: bytes, *, sha512: bool) -> Artifact:
    name = f"{image.filename}{_ENDING}"
    return replace(
        image,
        path=path,
        filename=name,
        kind=Kind.SIDE,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        sha512=hashlib.sha512(content).hexdigest() if sha512 else "",
        facts=parse(name, content),
    )
