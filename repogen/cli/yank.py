"""The command ``repogen yank``."""

from __future__ import annotations

from functools import partial

import click

from repogen.change import change
from repogen.cli.invocation import Invocation, shared
from repogen.cli.outcome import changing, report
from repogen.cli.progress import PutCounter
from repogen.edits import Reinstate, Yank
from repogen.errors import UsageError
from repogen.quoting import line


@click.command(short_help="Withdraw a version, for every client at once.", epilog='Example: repogen yank app 1.3.0 --reason "loses data on upgrade"')
@click.argument("product")
@click.argument("version")
@click.option("--channel", metavar="NAME", default="", help="Withdraw it from this channel alone.")
@click.option("--reason", metavar="TEXT", default="", help="Why, for the users: shown on the page and in repo.json.")
@click.option("--undo", is_flag=True, help="Offer a withdrawn version again, as long as its files are there.")
@click.option("--to", metavar="DESTINATION", help="A folder or s3://bucket/prefix (default: [publish] to).")
@changing
@shared
def yank(invocation: Invocation, product: str, version: str, channel: str, reason: str, undo: bool, to: str | None, dry_run: bool, as_json: bool) -> None:
    """Withdraw a version: no client is offered it any more, and the older one is the newest again. Prints what machines that have it must type.

    Its files stay until `repogen prune` finds the grace period over, for those who are about to fetch them. A later build of the same files leaves
    them out. Said again, it changes the reason if there is another one, and prints the lines again.
    """
    if undo and reason:
        raise UsageError("--reason goes with a version that is withdrawn, not with --undo", hint="leave --reason out")
    config = invocation.config(to)
    store = invocation.destination(config, to)
    edit = (
        Reinstate(product=product, version=version, channel=channel) if undo else Yank(product=product, version=version, channel=channel, reason=line(reason))
    )
    told = partial(report, invocation, config, store, dry_run=dry_run, as_json=as_json)
    change(config, invocation.options(None), store, edit, PutCounter(invocation), told, dry_run=dry_run)
