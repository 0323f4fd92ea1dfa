"""The command ``repogen rollout``."""

from __future__ import annotations

from functools import partial

import click

from repogen.change import change
from repogen.cli.invocation import Invocation, shared
from repogen.cli.outcome import changing, report
from repogen.cli.progress import PutCounter
from repogen.edits import Rollout


@click.command(short_help="Upgrade a share of the machines to a version.", epilog="Example: repogen rollout app 25, and later: repogen rollout app 100")
@click.argument("product")
@click.argument("percent", type=click.IntRange(0, 100))
@click.option("--version", metavar="VERSION", default="", help="The version (default: the newest one of the channel).")
@click.option("--channel", metavar="NAME", default="", help="The channel (default: the most stable one that the product is in).")
@click.option("--to", metavar="DESTINATION", help="A folder or s3://bucket/prefix (default: [publish] to).")
@changing
@shared
def rollout(invocation: Invocation, product: str, percent: int, version: str, channel: str, to: str | None, dry_run: bool, as_json: bool) -> None:
    """Upgrade PERCENT of the machines to a version; 100 ends it.

    apt (2.1.16 or later) draws by the machine's own id, so the same machines stay in when the share grows. It holds the others at the version that
    they have; who installs anew gets the new one. Other clients know no share, and offer the version to everyone.
    """
    config = invocation.config(to)
    store = invocation.destination(config, to)
    edit = Rollout(product=product, percent=percent, version=version, channel=channel)
    told = partial(report, invocation, config, store, dry_run=dry_run, as_json=as_json)
    change(config, invocation.options(None), store, edit, PutCounter(invocation), told, dry_run=dry_run)
