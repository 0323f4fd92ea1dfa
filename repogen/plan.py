"""What a publish would write, worked out from two manifests alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct

from repogen.errors import ProtectionError
from repogen.manifest import Entry, Manifest
from repogen.state.stored_manifest import StoredManifest
from repogen.tree import Stage

#: Larger files go to S3 in parts of this size, and two requests around them.
_PART = 16 << 20
#: To put a smaller file takes no longer than to have it copied.
_WORTH_COPYING = 64 << 10
#: Around the files: the head read twice and swapped twice, and the state that it names.
_AROUND = 8


_NOTHING: Mapping[str, str] = {}


class Put(Struct, frozen=True):
    """One file to write."""

    path: str
    size: int
    stage: Stage
    replaces: bool
    """Whether other bytes stand at the path now, or may."""
    sha256: str = ""
    copy_of: str = ""
    """Path where the destination holds the same bytes already, so that it can copy them by itself."""


class Plan(Struct, frozen=True, kw_only=True):
    """The puts of a publish in their order, and the paths that no index names any more."""

    puts: tuple[Put, ...]
    stale: tuple[str, ...]
    unchanged: int

    @property
    def size(self) -> int:
        """Bytes to upload."""
        return sum(put.size for put in self.puts if not put.copy_of)

    @property
    def copied(self) -> int:
        """Bytes that the destination copies by itself."""
        return sum(put.size for put in self.puts if put.copy_of)

    @property
    def requests(self) -> int:
        """About how many requests of S3 that takes."""
        return _AROUND + sum(_requests(put) for put in self.puts) if self.puts else 1

    def of(self, stage: Stage) -> tuple[Put, ...]:
        return tuple(put for put in self.puts if put.stage == stage)


def make_plan(
    wanted: Manifest,
    published: Manifest,
    *,
    sure: Manifest | None = None,
    held: Manifest | None = None,
    here: Collection[str] = (),
    there: Mapping[str, str] = _NOTHING,
) -> Plan:
    """Order what differs by stage and path.

    After a publish that was cut nobody knows which indices it had written, so that all are written but what is ``sure`` to stand there.
    ``held`` is what the destination still holds, although what is published does not name it any more: of that, payload need not be put.
    Payload that is not ``here``, on this machine, is copied from where the destination has the same bytes; so is what ``there`` names a path for, by its
    digest, and all but the first of several new files that are alike.
    """
    new, old = _unlike(wanted, published) if sure is None else (wanted, published)
    differing = {path: entry for path, entry in new.items() if _differs(path, entry, old, sure) and not _is_held(path, entry, held or {})}
    copies = _copies({path: entry for path, entry in differing.items() if path not in here}, held or {}, published)
    copies = {**_repeated(differing, {**there, **{differing[path].sha256: source for path, source in copies.items()}}), **copies}
    standing = [manifest for manifest in (old, held) if manifest]
    puts = [
        Put(path, entry.size, Stage(entry.stage), any(path in manifest for manifest in standing), entry.sha256, copies.get(path, ""))
        for path, entry in differing.items()
    ]
    stale = tuple(path for path in old if path not in new)
    return Plan(puts=tuple(sorted(puts, key=lambda put: (put.stage, put.path))), stale=stale, unchanged=len(wanted) - len(puts))


def _unlike(wanted: Manifest, published: Manifest) -> tuple[Manifest, Manifest]:
    """The parts of two manifests in which all that differs is."""
    if isinstance(wanted, StoredManifest) and isinstance(published, StoredManifest):
        return wanted.besides(published), published.besides(wanted)
    return wanted, published


def _requests(put: Put) -> int:
    if put.copy_of or put.size <= _PART:
        return 1 + (put.replaces or bool(put.copy_of))
    return 3 - -put.size // _PART


def is_there(path: str, entry: Entry, there: Manifest) -> bool:
    """Whether these bytes are what a manifest has at the path."""
    return path in there and there[path].sha256 == entry.sha256


def _is_held(path: str, entry: Entry, held: Manifest) -> bool:
    return entry.stage == Stage.PAYLOAD and is_there(path, entry, held)


def _copies(absent: Manifest, *there_now: Manifest) -> dict[str, str]:
    """Where the destination has the bytes of new payload under another path."""
    wanted = {entry.sha256 for entry in absent.values() if entry.stage == Stage.PAYLOAD}
    manifests = there_now if wanted else ()
    there = {entry.sha256: path for manifest in manifests for path, entry in manifest.items() if entry.sha256 in wanted and entry.stage == Stage.PAYLOAD}
    return {path: there[entry.sha256] for path, entry in absent.items() if entry.stage == Stage.PAYLOAD and entry.sha256 in there}


def _repeated(differing: Manifest, there: Mapping[str, str]) -> dict[str, str]:
    """Where the bytes of new payload are, or will be once the first of its kind is put; as far as a copy costs less than to put it again."""
    first: dict[str, str] = dict(there)
    payload = ((path, entry.sha256) for path, entry in differing.items() if entry.stage == Stage.PAYLOAD and entry.size >= _WORTH_COPYING)
    return {path: source for path, digest in payload if (source := first.setdefault(digest, path)) != path}


def _differs(path: str, entry: Entry, published: Manifest, sure: Manifest | None) -> bool:
    old = published.get(path)
    if old is None:
        return True
    if old.sha256 == entry.sha256:
        return sure is not None and entry.stage != Stage.PAYLOAD and not is_there(path, entry, sure)
    if Stage(entry.stage) is Stage.PAYLOAD:
        raise ProtectionError(
            f"{path} is published with other bytes (it was {old.sha256[:12]}…, it is {entry.sha256[:12]}… now)",
            hint="published files never change; give the new build a new version",
        )
    return True
