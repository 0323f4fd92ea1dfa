"""The command ``repogen rollback``."""

from __future__ import annotations

from functools import partial

import click

from repogen.change import roll_back
from repogen.cli.invocation import Invocation, shared
from repogen.cli.outcome import changing, report
from repogen.cli.progress import PutCounter
from repogen.cli.whereto import told_apart
from repogen.errors import UsageError


@click.command(short_help="Offer again what an earlier snapshot offered.", epilog="Example: repogen rollback --to 41 --to s3://acme-downloads/site")
@click.option("--snapshot", metavar="N", help="Number of the snapshot to go back to (default: the last one that offered something else).")
@click.option("--to", "to", metavar="N|DESTINATION", multiple=True, help="A plain number is a snapshot, anything else a destination; may be given for both.")
@changing
@shared
def rollback(invocation: Invocation, snapshot: str | None, to: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Offer again what an earlier snapshot offered, for every client at once, and print what machines that have a newer version must type.

    It is a new snapshot, dated now and signed again, since clients pass over anything older than what they have. Releases that are newer than the
    snapshot are withdrawn, so a later build of the same files leaves them out (`repogen yank --undo` offers one again). Keys, the tap's history and
    keyring packages stay as they are. `repogen releases --history` lists the snapshots. Said a second time without a number it leads back again.

    Stops with exit code 3 when somebody else publishes meanwhile.
    """
    where = told_apart(to, str.isdecimal, snapshot, "snapshot")
    number = _number(where.target) if where.target is not None else None
    config = invocation.config(where.destination)
    store = invocation.destination(config, where.destination)
    told = partial(report, invocation, config, store, dry_run=dry_run, as_json=as_json)
    roll_back(config, invocation.options(None), store, number, PutCounter(invocation), told, dry_run=dry_run)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise UsageError(f"--snapshot {text!r} is no number", hint="`repogen releases --history` shows the snapshots")
    return int(text)
