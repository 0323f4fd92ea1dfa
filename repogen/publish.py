"""The story of a publish on one page: from what the destination holds to what was built, in safe order.

    head -> (built upon an older state? build again) -> plan -> state, payload -> head -> indices -> entries -> pages -> head -> CDN -> tap elsewhere

Between one stage and the next there is a barrier: a client that finds a new index finds everything that it names. Nothing names state or payload before the
head is swapped, so both go up before, and when somebody else was first meanwhile, only what differs is made and put again. The head is swapped before the
first index changes: of two publishers at once the second one builds again upon the first one's state (see docs/adr/0006-two-publishers-at-once.md).
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Mapping
from functools import partial
from time import sleep

from msgspec import Struct
from msgspec.structs import replace

from repogen import dates, homebrew_push
from repogen.assemble import assemble, open_signing, stand_upon
from repogen.cdn import remembered
from repogen.certain import certain
from repogen.claim import Claim, is_conditional, load_settled
from repogen.config import Config
from repogen.errors import ProtectionError, StoreError, UsageError
from repogen.left_out import left_out
from repogen.manifest import Manifest
from repogen.options import Options
from repogen.output import Output
from repogen.plan import Plan, is_there, make_plan
from repogen.purging import purge, purged_paths
from repogen.record import Record
from repogen.saved_plan import SavedPlan, saved_plan
from repogen.state import Head, Snapshot, load
from repogen.state.head import read_head
from repogen.stores import ConflictError, Store
from repogen.stores.conditions import Unconditional
from repogen.stores.turns import LEASE, Turns
from repogen.tree import Stage
from repogen.upload import Progress, Upload

#: How often to begin again when others keep publishing in between. From the second time on, those who came too late take turns.
ATTEMPTS = 50
_LOG = logging.getLogger("repogen")
_NO_ENVIRONMENT: Mapping[str, str] = {}


class Published(Struct, frozen=True):
    """What a publish came to."""

    plan: Plan
    number: int
    """Of the snapshot that is current now."""
    before: Snapshot
    """What was published."""
    record: Record
    """What is published now."""


Told = Callable[[Published], None]


class Draft(Struct, frozen=True):
    """What would follow upon what is published."""

    before: Snapshot
    record: Record
    after: Snapshot
    plan: Plan

    @property
    def is_published(self) -> bool:
        return self.before.complete and self.before.identity == self.after.identity

    def outcome(self) -> Published:
        return Published(self.plan, self.before.number if self.is_published else self.after.number, self.before, self.record)


def publish(config: Config, options: Options, store: Store, progress: Progress = lambda _: None, only: SavedPlan | None = None) -> Published:
    """Bring the store to what was built; ``only`` by this plan. Raises UsageError when nothing was built, ProtectionError rather than harm what is there."""
    output = Output(options.output)
    with output.locked(store):
        return bring(config, store, output, partial(_current, config, options, output, store), progress, only=only, environ=options.environ)


def bring(
    config: Config,
    store: Store,
    output: Output,
    current: Callable[[Snapshot], Record],
    progress: Progress,
    held: Manifest | None = None,
    only: SavedPlan | None = None,
    environ: Mapping[str, str] = _NO_ENVIRONMENT,
    told: Told = lambda _: None,
) -> Published:
    """Bring the store to the record that ``current`` makes upon what is published, purge the CDN, push the tap; again when somebody else publishes meanwhile.

    ``held`` is payload that the store still holds from earlier, though nothing names it now. ``environ`` tells where the user's cache is.
    ``told`` hears of what was published before the CDN and the tap's remote are asked, which may fail. Raises ProtectionError where it is not
    ``only`` this plan.
    """
    with store.lock() as alone:
        draft, now = _brought(config, store, output, current, progress, held, only, environ, alone=alone)
    told(draft.outcome())
    purge(config, store, now)  # while others may publish: it can take minutes
    homebrew_push.push(config, store, now, environ)
    return draft.outcome()


def _brought(
    config: Config,
    store: Store,
    output: Output,
    current: Callable[[Snapshot], Record],
    progress: Progress,
    held: Manifest | None,
    only: SavedPlan | None,
    environ: Mapping[str, str],
    *,
    alone: bool,
) -> tuple[Draft, Snapshot]:
    """What was done in the end, and the snapshot that stands there now."""
    silence = 0 if alone else config.publish.silence
    snapshot = load_settled(store, silence, environ)
    draft = _draft(snapshot, current(snapshot), held)
    if _is_done(config, store, draft, only):
        return draft, snapshot
    conditional = is_conditional(store, snapshot.head)
    if not conditional:
        _LOG.warning("%s honours no conditional puts: runs take turns there, by a lease in %s", store.endpoint or store.address, LEASE)
    writer = store if conditional else Unconditional(store)
    upload = Upload(writer, output, config.cache, progress)
    with Turns(writer, atomic=conditional) as turns:
        for _ in range(ATTEMPTS):
            if only:
                only.check(saved_plan(config, store, draft.before, draft.after, draft.plan))
            try:
                return draft, _apply(config, writer, draft, upload, turns, conditional=conditional, alone=alone)
            except ConflictError:
                turns.take()
            snapshot = _as_it_stands(load_settled(store, silence, environ), upload)
            draft = _draft(snapshot, current(snapshot), held)
            if _is_done(config, store, draft, only):
                return draft, snapshot
    raise StoreError(f"others published to {store.address} {ATTEMPTS} times in between", hint="publish again when fewer runs are under way")


def _is_done(config: Config, store: Store, draft: Draft, only: SavedPlan | None) -> bool:
    """Whether what is to be published stands there. Raises ProtectionError where it is not what ``only`` this plan makes."""
    if draft.is_published and only and only.makes != draft.after.identity:
        only.check(saved_plan(config, store, draft.before, draft.after, draft.plan))
    return draft.is_published


def preview(config: Config, options: Options, store: Store) -> SavedPlan:
    """What publish would do now. It may build again in the output folder, but writes nothing to the store."""
    output = Output(options.output)
    with output.locked(store):
        snapshot = load(store, environ=options.environ)
        draft = _draft(snapshot, _current(config, options, output, store, snapshot), None)
        return saved_plan(config, store, draft.before, draft.after, draft.plan)


def outlook(store: Store, current: Callable[[Snapshot], Record], held: Manifest | None = None, environ: Mapping[str, str] = _NO_ENVIRONMENT) -> Published:
    """What ``bring`` would come to now."""
    snapshot = load(store, environ=environ)
    return _draft(snapshot, current(snapshot), held).outcome()


def _draft(snapshot: Snapshot, record: Record, held: Manifest | None) -> Draft:
    after = _after(snapshot, record)
    if snapshot.complete and snapshot.identity == after.identity:
        return Draft(snapshot, record, after, Plan(puts=(), stale=(), unchanged=len(after.manifest)))
    sure = None if snapshot.complete else certain(snapshot)
    plan = make_plan(after.manifest, snapshot.manifest, sure=sure, held=held, here=record.files, there=record.there)
    return Draft(snapshot, record, after, plan)


def _after(snapshot: Snapshot, record: Record) -> Snapshot:
    """The snapshot that a record makes upon another."""
    head = Head(
        date=record.date,
        what=record.additions.what,
        catalog=record.state.catalog,
        manifest=record.state.manifest,
        rendering=record.rendering,
        complete=False,
        oldest=snapshot.head.oldest,
        prunes=snapshot.head.prunes,
        unpurged=snapshot.head.unpurged,  # whoever goes on when this publish is cut does not write all of these
    )
    return snapshot.followed_by(head, record.state.objects)


def _suffices(record: Record, snapshot: Snapshot) -> bool:
    """Whether the output folder has all that may have to be put: after a publish that was cut, what is not certain to stand there."""
    if snapshot.complete or record.whole:
        return True
    sure, wanted = certain(snapshot), _after(snapshot, record).manifest
    return all(path in record.files or is_there(path, entry, sure) for path, entry in wanted.items() if entry.stage != Stage.PAYLOAD)


def _current(config: Config, options: Options, output: Output, store: Store, snapshot: Snapshot) -> Record:
    """The record of a build upon exactly this snapshot; made now when the one at hand is not."""
    record = output.record()
    if record is None:
        raise UsageError(f"{output.folder} holds no build", hint="run `repogen build` first")
    if snapshot.identity in {record.base, record.state.identity} and _suffices(record, snapshot):
        return record
    options = replace(options, unsigned=not record.additions.keys)
    for sentence in left_out(record.additions.artifacts, snapshot.catalog):
        _LOG.warning("%s", sentence)
    upon = stand_upon(options, output, store, snapshot)
    sources = {a.path: str(local) for a in record.additions.artifacts if (local := output.file(a.path))}
    with open_signing(config, options, upon) as signer:
        return assemble(config, upon, signer, record.additions, sources).record


def _as_it_stands(snapshot: Snapshot, upload: Upload) -> Snapshot:
    """The snapshot, or the same one as if it had been cut, when this run may have written over its files."""
    if snapshot.complete and upload.is_damaged(snapshot):
        return dataclasses.replace(snapshot, head=replace(snapshot.head, complete=False, previous=""))  # so that nothing is certain
    return snapshot


def _apply(config: Config, store: Store, draft: Draft, upload: Upload, turns: Turns, *, conditional: bool, alone: bool) -> Snapshot:
    """Carry the plan out; returns the new snapshot. Raises ConflictError when someone else was first."""
    before, plan = draft.before, draft.plan
    if not before.number:
        _refuse_strangers(plan, store)
    sleep(dates.until(draft.record.date, store.clock()))  # apt refuses what is dated ahead of its clock
    if upload.send(draft.after, plan) and read_head(store)[1] != before.etag:
        raise ConflictError(f"somebody else published to {store.address} meanwhile", hint="publish again")
    if not conditional:
        turns.take()
    head = replace(draft.after.head, endpoint=store.endpoint, conditional=conditional)
    claim = Claim(store, head, before.etag, config.publish.silence)
    try:
        upload.switch(plan, claim, alone=alone)
    except BaseException:
        claim.give_up()
        raise
    head = replace(head, complete=True, unpurged=remembered(before.head.unpurged, purged_paths(config, plan)))
    after = dataclasses.replace(draft.after, head=head, etag=claim.complete(head))
    after.reader.remember()
    return after


def _refuse_strangers(plan: Plan, store: Store) -> None:
    """A first publish must not write over files of someone else."""
    ours = {put.path for put in plan.puts if put.stage is not Stage.PAYLOAD}
    taken = sorted(ours & {listed.key for listed in store.list("")})
    if taken and read_head(store)[0]:
        raise ConflictError(f"somebody else published to {store.address} meanwhile", hint="publish again")
    if taken:
        raise ProtectionError(
            f"{store.address} holds {taken[0]}{f' and {len(taken) - 1} more files' if len(taken) > 1 else ''} that repogen did not write and would replace",
            hint="publish to an empty folder or prefix, or move these files away; if they are a site whose state was lost: `repogen doctor --rebuild-state`",
        )
