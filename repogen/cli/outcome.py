"""What the commands that change what is published share: their options, and what they say when they are done.

What machines that have a withdrawn release must type goes to standard output, since it is what the user passes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import click
import msgspec

from repogen import amounts
from repogen.artifact import Artifact
from repogen.catalog import Catalog, Release
from repogen.cli.invocation import Invocation
from repogen.compose import grow
from repogen.config import Config
from repogen.edits import Reinstate, Yank, edited
from repogen.publish import Published
from repogen.recovery import Recovery, recoveries
from repogen.stores import Store
from repogen.tree import Stage

_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_MOST_SHOWN = 20


def changing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command --dry-run and --json."""
    return _DRY_RUN(_JSON(function))


def report(invocation: Invocation, config: Config, store: Store, done: Published, *, dry_run: bool, as_json: bool) -> None:
    """Say what a change came to, or would come to."""
    before = done.before.catalog
    after = grow(before, done.record.additions, config, done.record.date)
    ways = recoveries(_with_the_bad(before, done), after, config)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(_value(done, before, after, ways, dry_run=dry_run)), indent=2).decode())
        return
    for line in _changes(before, after):
        invocation.say(line)
    invocation.say(_summary(store, done, dry_run=dry_run))
    if dry_run:
        click.echo("\n".join(_plan(done)))
    for way in ways:
        click.echo("\n".join(_way(way)))


def _with_the_bad(before: Catalog, done: Published) -> Catalog:
    """What was published, with the releases that a yank withdraws, also those that it finds withdrawn: so it can be said again to see the lines again."""
    for edit in done.record.additions.edits:
        if isinstance(edit, Yank):
            before = edited(before, Reinstate(product=edit.product, version=edit.version, channel=edit.channel), done.record.date)
    return before


def _summary(store: Store, done: Published, *, dry_run: bool) -> str:
    files = f"{amounts.count(len(done.plan.puts), 'file')} {'to write' if dry_run else 'written'} ({amounts.size(done.plan.size)})"
    if done.number == done.before.number:
        return f"{store.address} is so already (snapshot {done.number})"
    return f"{store.address} would be at snapshot {done.number}: {files}" if dry_run else f"{store.address} is at snapshot {done.number}: {files}"


def _plan(done: Published) -> Iterator[str]:
    for stage in Stage:
        for put in done.plan.of(stage):
            yield f"{'~' if put.replaces else '+'} {put.path} ({f'a copy of {put.copy_of}' if put.copy_of else amounts.size(put.size)})"


def _changes(before: Catalog, after: Catalog) -> list[str]:
    """A line for each release that is offered from now on, no more, with other files, or to another share of machines."""
    old, new = {r.key: r for r in before.releases}, {r.key: r for r in after.releases}
    lines = [f"- {_name(old[key])}" for key in old if key not in new]
    lines += [f"+ {_name(new[key])}" for key in new if key not in old]
    lines += [f"~ {_name(new[key])}: for {new[key].rollout} % of machines" for key in new if key in old and old[key].rollout != new[key].rollout]
    less, more = _files(before, after)
    lines += [f"- {a.filename} of {_name(old[a.release])}" for a in less] + [f"+ {a.filename} of {_name(new[a.release])}" for a in more]
    return [*lines[:_MOST_SHOWN], f"and {len(lines) - _MOST_SHOWN} more"] if len(lines) > _MOST_SHOWN else lines


def _files(before: Catalog, after: Catalog) -> tuple[list[Artifact], list[Artifact]]:
    """Files that go, and that come, of releases which are offered before and after."""
    common = {r.key for r in before.releases} & {r.key for r in after.releases}
    old, new = ({(a.path, a.channel): a for a in catalog.artifacts if a.release in common} for catalog in (before, after))
    return [old[key] for key in old if key not in new], [new[key] for key in new if key not in old]


def _name(release: Release) -> str:
    return f"{release.product} {release.version} ({release.channel})"


def _way(way: Recovery) -> Iterator[str]:
    yield f"\nMachines that have {way.product} {way.version} ({way.channel}) " + (f"come to {way.instead} with:" if way.instead else "remove it with:")
    width = max(len(instruction.client) for instruction in way.instructions)
    for instruction in way.instructions:
        if not instruction.steps:
            yield f"  {instruction.client.ljust(width)}  ({instruction.systems})"
        for step in instruction.steps:
            yield f"  {instruction.client.ljust(width)}  {step.line}" + (f"   # {step.purpose}" if step.purpose else "")


def _value(done: Published, before: Catalog, after: Catalog, ways: tuple[Recovery, ...], *, dry_run: bool) -> dict[str, Any]:
    old, new = {r.key: r for r in before.releases}, {r.key: r for r in after.releases}
    less, more = _files(before, after)
    return {
        "snapshot": done.number,
        "before": done.before.number,
        "published": not dry_run and done.number != done.before.number,
        "what": done.record.additions.what,
        "appears": [_release(new[key]) for key in new if key not in old],
        "disappears": [_release(old[key]) for key in old if key not in new],
        "files_added": [_file(artifact) for artifact in more],
        "files_removed": [_file(artifact) for artifact in less],
        "rollouts": [{**_release(r), "rollout": r.rollout} for key, r in new.items() if key in old and old[key].rollout != r.rollout],
        "puts": [{"path": p.path, "size": p.size, "stage": p.stage.name.lower(), "replaces": p.replaces, "copy_of": p.copy_of or None} for p in done.plan.puts],
        "bytes": done.plan.size,
        "recovery": [{**_release(way), "instead": way.instead or None, "clients": _clients(way)} for way in ways],
    }


def _file(artifact: Artifact) -> dict[str, Any]:
    return {**_release(artifact), "path": artifact.path}


def _release(release: Release | Recovery | Artifact) -> dict[str, Any]:
    return {"product": release.product, "version": release.version, "channel": release.channel}


def _clients(way: Recovery) -> dict[str, list[str]]:
    return {instruction.client: [step.line for step in instruction.steps] for instruction in way.instructions}
