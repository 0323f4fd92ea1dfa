"""The command ``repogen prune``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import click
import msgspec
from msgspec.structs import replace

from repogen import amounts
from repogen.cli.invocation import Invocation, on_terminal, shared
from repogen.prune import Pruning, plan_prune
from repogen.prune import prune as prune_store


@click.command(short_help="Delete what no kept snapshot refers to.", epilog="Example: repogen prune --dry-run")
@click.option("--to", metavar="DESTINATION", help="A folder or s3://bucket/prefix (default: [publish] to).")
@click.option("--snapshots", metavar="N", type=click.IntRange(0), help="Keep so many earlier snapshots (default: [retention] snapshots).")
@click.option("--days", metavar="N", type=click.IntRange(0), help="Grace period (default: [retention] days).")
@click.option("--dry-run", is_flag=True, help="Show what would be deleted, and delete nothing.")
@click.option("--yes", is_flag=True, help="Delete even if it is more than [retention] most.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@shared
def prune(invocation: Invocation, to: str | None, snapshots: int | None, days: int | None, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Delete what no kept snapshot refers to, after the grace period.

    Stays: the current snapshot, the last ones before it, and every one that was current within the grace period, with all of their files.
    Nothing is deleted that repogen did not write. It is not possible to roll back to what is deleted.
    """
    config = invocation.config()
    store = invocation.destination(config, to)
    asked = {name: value for name, value in (("snapshots", snapshots), ("days", days)) if value is not None}
    config = replace(config, retention=replace(config.retention, **asked))
    if dry_run:
        done = plan_prune(store, config.retention, datetime.now(UTC))
    else:
        done = prune_store(store, config, datetime.now(UTC), most=100 if yes else config.retention.most, progress=_progress(invocation))
    click.echo(_json(done) if as_json else _text(done, store.address, dry_run=dry_run))


def _json(done: Pruning) -> str:
    value = {
        "kept": done.kept,
        "dropped": done.dropped,
        "files": [listed.key for listed in done.files],
        "state": [listed.key for listed in done.state],
        "uploads": [upload.key for upload in done.uploads],
        "bytes": done.size,
        "percent": done.share,
    }
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _text(done: Pruning, address: str, *, dry_run: bool) -> str:
    if not done.anything:
        return f"{address} holds nothing to delete"
    lines = [f"- {listed.key} ({amounts.size(listed.size)})" for listed in done.files] if dry_run else []
    verb = "would be deleted" if dry_run else "deleted"
    what = f"{amounts.count(len(done.files), 'file')} and {amounts.count(len(done.state), 'object')} of state ({amounts.size(done.size)}, {done.share} %)"
    lines.append(f"{what} {verb}; {amounts.count(len(done.kept), 'snapshot')} kept, {len(done.dropped)} dropped")
    if done.uploads:
        lines.append(f"{amounts.count(len(done.uploads), 'unfinished upload')} {verb}")
    return "\n".join(lines)


def _progress(invocation: Invocation) -> Callable[[int], None]:
    """Says how far it is: one line that changes on a terminal."""
    if not on_terminal() or invocation.verbosity != 0:
        return lambda _: None
    return lambda done: click.echo(f"\r\x1b[Kdeleting: {amounts.count(done, 'file')}", nl=False, err=True)
