"""What the destination holds and nobody needs any more, and deleting it: the only place where published files are deleted.

    chain of snapshots -> kept and dropped -> files that only dropped ones name -> claim -> delete -> head

A file goes when a manifest of a dropped snapshot names it and none of a kept one does, so that nothing goes that repogen did not write. What a publish
that was killed has left is told by its manifest, which it puts before everything else. Publishers wait while this run has its claim on the head, and what
they knew of the destination from before counts no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from repogen.claim import Claim, is_conditional, load_settled
from repogen.config import Config
from repogen.errors import ProtectionError, StoreError, UsageError
from repogen.retention_config import RetentionConfig
from repogen.state import OBJECTS, Snapshot, chain, load, manifest_objects, object_key, objects_of, paths_in, paths_told
from repogen.stores import ConflictError, Listed, Store, UnfinishedUpload
from repogen.stores.conditions import PROBE, Unconditional
from repogen.stores.turns import Turns

_ATTEMPTS = 5
_THREADS = 16
_AT_ONCE = 100
#: How long the mark in the head holds; renewed with every batch.
_HOLDS = timedelta(minutes=10)
#: Files of a run that was not finished might be those of one that is under way.
_UNFINISHED = timedelta(days=1)

Progress = Callable[[int], None]


class Pruning(Struct, frozen=True, kw_only=True):
    """What a prune does."""

    kept: tuple[int, ...]
    """Numbers of the snapshots that stay, the current one first."""
    dropped: tuple[int, ...]
    files: tuple[Listed, ...]
    """Files of the site to delete."""
    state: tuple[Listed, ...]
    """Objects of repogen's own state to delete."""
    uploads: tuple[UnfinishedUpload, ...] = ()
    """Large files that runs before have not finished."""
    total: int
    """Bytes in the destination."""

    @property
    def anything(self) -> bool:
        return bool(self.files or self.state or self.uploads)

    @property
    def size(self) -> int:
        """Bytes to delete."""
        return sum(listed.size for listed in (*self.files, *self.state))

    @property
    def share(self) -> int:
        """How much of the destination that is, in percent."""
        return 100 * self.size // self.total if self.total else 0


def plan_prune(store: Store, retention: RetentionConfig, now: datetime) -> Pruning:
    """What there is to delete at ``now``. Raises UsageError where nothing is published."""
    return _planned(store, list(chain(store)), retention, now)


def prune(store: Store, config: Config, now: datetime, *, most: int = 100, progress: Progress = lambda _: None) -> Pruning:
    """Delete what there is to delete at ``now``. Raises ProtectionError when that is more than ``most`` percent of the destination."""
    with store.lock() as alone, _writer(store) as writer:
        silence = 0.0 if alone else config.publish.silence
        for _ in range(_ATTEMPTS):
            load_settled(writer, silence)
            snapshots = list(chain(writer))
            planned = _planned(writer, snapshots, config.retention, now)
            if planned.share > most:
                raise ProtectionError(
                    f"{planned.share} % of {store.address} would be deleted, more than the {most} % of [retention] most",
                    hint="look at it with --dry-run, and say --yes if it is right",
                )
            if not planned.anything:
                return planned
            try:
                _delete(writer, snapshots[0], planned, silence, progress)
            except ConflictError:
                continue
            return planned
    raise StoreError(f"others published to {store.address} {_ATTEMPTS} times in between", hint="prune again when fewer runs are under way")


@contextmanager
def _writer(store: Store) -> Iterator[Store]:
    """The store, for a run that is alone where conditional puts are not honoured."""
    conditional = is_conditional(store, load(store).head)
    writer = store if conditional else Unconditional(store)
    with Turns(writer, atomic=conditional) as turns:
        if not conditional:
            turns.take()
        yield writer


def _planned(store: Store, snapshots: list[Snapshot], retention: RetentionConfig, now: datetime) -> Pruning:
    if not snapshots:
        raise UsageError(f"nothing is published in {store.address}", hint="`repogen publish` brings the first release there")
    if not snapshots[0].complete:
        raise ProtectionError(f"the last publish to {store.address} was cut, so clients may need what came before", hint="publish again first")
    there = {listed.key: listed for listed in store.list("")}
    since = (now - timedelta(days=retention.days)).timestamp()
    kept = snapshots[: _kept(snapshots, there, retention.snapshots, since)]
    dropped = snapshots[len(kept) :]
    needed = _objects(kept)
    named = set(paths_in(kept[0].reader, set().union(*(manifest_objects(snapshot) for snapshot in kept))))
    unfinished = min(since, (now - _UNFINISHED).timestamp())
    old = _objects(dropped)
    gone = {
        digest: listed
        for key, listed in there.items()
        if key.startswith(OBJECTS) and (digest := key.removeprefix(OBJECTS)) not in needed and (digest in old or listed.written < unfinished)
    }
    probes = [listed for key, listed in there.items() if key == PROBE and listed.written < unfinished]
    files = {path for path in paths_told(kept[0].reader, gone) if path not in named and path in there}
    return Pruning(
        kept=tuple(snapshot.number for snapshot in kept),
        dropped=tuple(snapshot.number for snapshot in dropped),
        files=tuple(there[path] for path in sorted(files)),
        state=(*(gone[digest] for digest in sorted(gone)), *probes),
        uploads=tuple(upload for upload in store.unfinished_uploads() if upload.started < unfinished),
        total=sum(listed.size for listed in there.values()),
    )


def _kept(snapshots: list[Snapshot], there: dict[str, Listed], number: int, since: float) -> int:
    """How many snapshots stay: the current one, so many before it, and each that was current after ``since``."""
    for index, snapshot in enumerate(snapshots):
        former = there.get(object_key(snapshot.digest))  # a head is stored as an object when the next one takes its place
        if index > number and former is not None and former.written < since:
            return index
    return len(snapshots)


def _objects(snapshots: Iterable[Snapshot]) -> set[str]:
    return set().union(*(objects_of(snapshot) for snapshot in snapshots))


def _delete(store: Store, current: Snapshot, planned: Pruning, silence: float, progress: Progress) -> None:
    """Delete the files, and then the state that tells of them. Raises ConflictError when somebody else was first."""
    head = replace(current.head, oldest=planned.kept[-1], prunes=current.head.prunes + 1)
    claim = Claim(store, head, current.etag, silence)
    try:
        _delete_all(store, planned, claim, progress)
    except BaseException:
        claim.give_up()
        raise
    claim.complete(head)


def _delete_all(store: Store, planned: Pruning, claim: Claim, progress: Progress) -> None:
    keys = iter([listed.key for listed in (*planned.files, *planned.state)])
    done = 0
    with ThreadPoolExecutor(_THREADS) as pool:
        while batch := list(islice(keys, _AT_ONCE)):
            claim.renew()
            list(pool.map(store.delete, batch))
            done += len(batch)
            progress(done)
    for upload in planned.uploads:
        store.abort_upload(upload)
