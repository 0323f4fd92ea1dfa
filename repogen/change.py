"""An edit from the published catalog to the published site, in one go: nothing but the destination and the key is needed.

    head -> edit -> render, sign -> plan -> the same way as publish

The output folder of the user's own builds is left alone: the next build stands upon the edited catalog anyway.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct
from msgspec.structs import replace

from repogen.assemble import assemble, open_signing, stand_upon
from repogen.build_memory import keep_one_heap
from repogen.catalog import Catalog, Release, Repodata
from repogen.config import Config
from repogen.edits import Edit, Reinstate, Rollback, returning
from repogen.errors import ProtectionError, UsageError
from repogen.manifest import Entry, Manifest
from repogen.options import Options
from repogen.output import Output
from repogen.publish import Published, Told, bring, outlook
from repogen.record import Additions, Record
from repogen.state import Snapshot, before, load
from repogen.stores import Store
from repogen.tree import Stage
from repogen.upload import Progress

_ANEW = "release it again under a new version"


class Change(Struct, frozen=True, kw_only=True):
    """An edit, as it is to be applied."""

    edit: Edit
    only_upon: int = 0
    """Number of the snapshot that it is meant for; 0: for any."""
    held: Manifest = {}
    """Payload that the destination still holds, though what is published does not name it."""
    prunes: int = 0
    """How often files had been deleted from the destination when that was looked up."""


def change(
    config: Config, options: Options, store: Store, edit: Edit, progress: Progress = lambda _: None, told: Told = lambda _: None, *, dry_run: bool = False
) -> Published:
    """Apply an edit to what is published, and publish the result; ``told`` as in ``bring``. Raises UsageError when the edit does not fit it."""
    now = load(store, environ=options.environ)
    held = _held(store, now, edit) if isinstance(edit, Reinstate) else {}
    return _brought(config, options, store, Change(edit=edit, held=held, prunes=now.head.prunes), progress, told, dry_run=dry_run)


def roll_back(
    config: Config,
    options: Options,
    store: Store,
    number: int | None = None,
    progress: Progress = lambda _: None,
    told: Told = lambda _: None,
    *,
    dry_run: bool = False,
) -> Published:
    """Publish again what an earlier snapshot offered; when no number is given, the last one whose publish was finished and that offered something else.

    Raises ProtectionError when somebody else publishes meanwhile: what they brought is not what was to be taken back.
    """
    now = load(store, environ=options.environ)
    _check_published(now, store)
    wanted = (_cut_rollback(now) or _last_other(now, store)) if number is None else number
    if not 0 < wanted < now.number:
        raise UsageError(f"there is no snapshot {wanted} to go back to: the current one is {now.number}", hint="`repogen releases --history` shows them")
    then = load(store, number=wanted, environ=options.environ)
    edit = Rollback(number=wanted, catalog=then.catalog)
    change = Change(edit=edit, only_upon=now.number, held=then.manifest, prunes=now.head.prunes)
    return _brought(config, options, store, change, progress, told, dry_run=dry_run)


def _cut_rollback(now: Snapshot) -> int:
    """Where the last rollback was to go, if it was cut: saying it again must not lead back to what was to be left. Else 0."""
    found = re.fullmatch(r"rollback to ([0-9]+)", now.head.what)
    return int(found[1]) if found and not now.complete else 0


def _last_other(now: Snapshot, store: Store) -> int:
    """Number of the last finished snapshot that offered something else: one that was cut has the content of the one that finished it."""
    offered = _offered(now.catalog)
    found = (former.number for former in before(now) if former.complete and _offered(former.catalog) != offered)
    number = next(found, 0)
    if not number:
        raise UsageError(
            f"{store.address} keeps no earlier snapshot that offered anything else than snapshot {now.number} does",
            hint="`repogen releases --history` shows them",
        )
    return number


def _offered(catalog: Catalog) -> tuple[list[Release], set[tuple[str, str]], tuple[Repodata, ...]]:
    """What a rollback brings back of a catalog: releases, the path and channel of their files, and what the yum repositories carry as it came."""
    releases = [release for release in catalog.releases if release.product not in catalog.keyrings]
    return releases, {(a.path, a.channel) for a in catalog.artifacts if a.product not in catalog.keyrings}, catalog.repodata


def _brought(config: Config, options: Options, store: Store, change: Change, progress: Progress, told: Told, *, dry_run: bool) -> Published:
    """Publish the change by way of an output folder that lives as long; or tell what that would do."""
    keep_one_heap()
    with _workplace() as output:

        def current(snapshot: Snapshot) -> Record:
            return _record(config, options, store, output, change, snapshot)

        if dry_run:
            done = outlook(store, current, change.held, options.environ)
            told(done)
            return done
        return bring(config, store, output, current, progress, change.held, environ=options.environ, told=told)


@contextmanager
def _workplace() -> Iterator[Output]:
    with TemporaryDirectory(prefix="repogen-") as folder:
        yield Output(Path(folder))


def _record(config: Config, options: Options, store: Store, output: Output, change: Change, snapshot: Snapshot) -> Record:
    """The record of the change upon this snapshot."""
    _check_published(snapshot, store)
    if change.only_upon not in {0, snapshot.number}:
        raise ProtectionError(f"somebody else published snapshot {snapshot.number} meanwhile", hint="look at `repogen releases`, then say it again")
    if change.held and change.prunes != snapshot.head.prunes:
        raise ProtectionError(f"somebody else pruned {store.address} meanwhile", hint="say it again: it is refused if the files are gone")
    catalog = snapshot.catalog
    options = replace(options, unsigned=not catalog.keys)
    upon = stand_upon(options, output, store, snapshot)
    with open_signing(config, options, upon) as signer:
        additions = Additions(package_keys=catalog.package_keys, edits=(change.edit,))
        return assemble(config, upon, signer, additions, {}).record


def _check_published(snapshot: Snapshot, store: Store) -> None:
    if not snapshot.number:
        raise UsageError(f"nothing is published in {store.address}", hint="`repogen build` and `repogen publish` bring the first release there")


def _held(store: Store, now: Snapshot, edit: Reinstate) -> dict[str, Entry]:
    """The files of a withdrawn version, which only the store has. One that was deleted since is copied from where another channel offers it.

    Raises ProtectionError when none does, and when no file of it is known, as where it was deleted before the state was rebuilt.
    """
    held, offered, files = {}, {a.sha256 for a in now.catalog.artifacts}, returning(now.catalog, edit)
    if not files and any(edit.names(withdrawal.release) for withdrawal in now.catalog.gone):
        raise ProtectionError(f"no file of {edit.product} {edit.version} is known any more", hint=_ANEW)
    for artifact in files:
        if store.stat(artifact.path) is not None:
            held[artifact.path] = Entry(artifact.size, artifact.sha256, Stage.PAYLOAD)
        elif artifact.sha256 not in offered:
            raise ProtectionError(f"{artifact.path} was deleted after {edit.product} {edit.version} was withdrawn", hint=_ANEW)
    return held
