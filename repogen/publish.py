"""The story of a publish on one page: from what the destination holds to what was built, in safe order.

    head -> (built upon an older state? build again) -> plan -> payload -> state, head -> indices -> entries -> pages -> head

Between one stage and the next there is a barrier: a client that finds a new index finds everything that it names. The head is
swapped before the first index changes, so that of two publishers at once the second one builds again upon the first one's state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from repogen.assemble import assemble, open_signing, stand_upon
from repogen.config import Config
from repogen.content_types import cache_control, content_type
from repogen.errors import ProtectionError, RepogenError, StoreError, UsageError
from repogen.manifest import Manifest
from repogen.options import Options
from repogen.output import Output
from repogen.plan import Plan, Put, make_plan
from repogen.record import Record
from repogen.snapshot import Encoded, Head, Snapshot, encode, identity, load, store_objects, swap_head
from repogen.stores import ConflictError, Store
from repogen.tree import Stage

#: How often to build again when others keep publishing in between.
ATTEMPTS = 20
_THREADS = 16


class Published(Struct, frozen=True):
    """What a publish came to."""

    plan: Plan
    number: int
    """Of the snapshot that is current now."""
    before: Snapshot
    """What was published."""
    record: Record
    """What is published now."""


Progress = Callable[[Put], None]


def publish(config: Config, options: Options, store: Store, progress: Progress = lambda _: None) -> Published:
    """Bring the store to what was built. Raises UsageError when nothing was built, ProtectionError rather than harm what is there."""
    output = Output(options.output)
    with output.locked(store):
        return bring(store, output, partial(_current, config, options, output, store), progress)


def bring(store: Store, output: Output, current: Callable[[Snapshot], Record], progress: Progress, held: Manifest | None = None) -> Published:
    """Bring the store to the record that ``current`` makes upon what is published; again when somebody else publishes meanwhile.

    ``held`` is payload that the store still holds from earlier, though nothing names it now.
    """
    with store.lock():
        for _ in range(ATTEMPTS):
            snapshot = load(store)
            record = current(snapshot)
            plan = make_plan(record.manifest, snapshot.manifest, complete=snapshot.complete, held=held)
            if _identity(record) == snapshot.identity and snapshot.complete:
                return Published(plan, snapshot.number, snapshot, record)
            try:
                return Published(plan, _apply(plan, record, snapshot, store, output, progress), snapshot, record)
            except ConflictError:
                continue
    raise StoreError(f"others published to {store.address} {ATTEMPTS} times in between", hint="publish again when fewer runs are under way")


def preview(config: Config, options: Options, store: Store) -> Plan:
    """What publish would do now. It may build again in the output folder, but writes nothing to the store."""
    output = Output(options.output)
    with output.locked(store):
        snapshot = load(store)
        record = _current(config, options, output, store, snapshot)
        return make_plan(record.manifest, snapshot.manifest, complete=snapshot.complete)


def _current(config: Config, options: Options, output: Output, store: Store, snapshot: Snapshot) -> Record:
    """The record of a build upon exactly this snapshot; made now when the one at hand is not."""
    record = output.record()
    if record is None:
        raise UsageError(f"{output.folder} holds no build", hint="run `repogen build` first")
    if record.base == snapshot.identity or _identity(record) == snapshot.identity:
        return record
    options = replace(options, unsigned=not record.additions.keys)
    upon = stand_upon(options, output, store, snapshot)
    sources = {a.path: local for a in record.additions.artifacts if (local := output.file(a.path))}
    with open_signing(config, options, upon) as signer:
        return assemble(config, upon, signer, record.additions, sources).record


def _identity(record: Record) -> str:
    return identity(hashlib.sha256(record.catalog).hexdigest(), encode(record.manifest).digest)


def _apply(plan: Plan, record: Record, snapshot: Snapshot, store: Store, output: Output, progress: Progress) -> int:
    """Carry the plan out; returns the number of the new snapshot. Raises ConflictError when someone else was first."""
    if not snapshot.number:
        _refuse_strangers(plan, store)
    catalog, manifest = Encoded(hashlib.sha256(record.catalog).hexdigest(), record.catalog), encode(record.manifest)
    head = Head(
        number=snapshot.number + 1,
        date=record.date,
        catalog=catalog.digest,
        manifest=manifest.digest,
        rendering=record.rendering,
        complete=False,
    )
    _put_all(plan.of(Stage.PAYLOAD), store, output, progress)
    store_objects(store, catalog, manifest)
    etag = swap_head(store, head, snapshot.etag)
    for stage in (Stage.INDEX, Stage.ENTRY, Stage.PAGE):
        _put_all(plan.of(stage), store, output, progress)
    swap_head(store, replace(head, complete=True), etag)
    return head.number


def _refuse_strangers(plan: Plan, store: Store) -> None:
    """A first publish must not write over files of someone else."""
    ours = {put.path for put in plan.puts if put.stage is not Stage.PAYLOAD}
    taken = sorted(ours & {stat.key for stat in store.list("")})
    if taken:
        raise ProtectionError(
            f"{store.address} holds {taken[0]}{f' and {len(taken) - 1} more files' if len(taken) > 1 else ''} that repogen did not write and would replace",
            hint="publish to an empty folder or prefix, or move these files away",
        )


def _put_all(puts: Iterable[Put], store: Store, output: Output, progress: Progress) -> None:
    """Write the files of one stage, some at a time; the first failure stops the rest."""
    with ThreadPoolExecutor(_THREADS) as pool:
        futures = [pool.submit(_put, put, store, output) for put in puts]
        try:
            for future in futures:
                progress(future.result())
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _put(put: Put, store: Store, output: Output) -> Put:
    source = output.file(put.path)
    if put.copy_of:
        _copy(put, store)
        return put
    if source is None:
        raise RepogenError(f"{output.folder / put.path} is missing", hint="run `repogen build` again with the release's files")
    payload = put.stage is Stage.PAYLOAD
    try:
        store.put(
            put.path,
            source if payload else source.read_bytes(),
            content_type=content_type(put.path),
            cache_control=cache_control(put.stage),
            create_only=payload,
        )
    except ConflictError as error:
        if not _holds(store, put.path, source):
            raise ProtectionError(
                f"{put.path} stands in {store.address} with other bytes", hint="published files never change; give the new build a new version"
            ) from error
    return put


def _copy(put: Put, store: Store) -> None:
    """Let the store copy its own bytes. What stands at the path was left by a run that was cut: nothing names it yet."""
    store.copy(put.copy_of, put.path, content_type=content_type(put.path), cache_control=cache_control(put.stage))


def _holds(store: Store, path: str, source: Path) -> bool:
    """Whether the store has these very bytes at the path: a former run was cut after it had put them there."""
    stat = store.stat(path)
    if stat is None or stat.size != source.stat().st_size:
        return False
    stored = store.get(path)
    return stored is not None and hashlib.sha256(stored.content).digest() == hashlib.sha256(source.read_bytes()).digest()
