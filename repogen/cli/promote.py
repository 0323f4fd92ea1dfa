"""The command ``repogen promote``."""

from __future__ import annotations

from functools import partial

import click

from repogen.change import change
from repogen.cli.invocation import Invocation, shared
from repogen.cli.outcome import changing, report
from repogen.cli.progress import PutCounter
from repogen.cli.whereto import told_apart
from repogen.config import Config, is_channel
from repogen.edits import Promote
from repogen.errors import UsageError


@click.command(short_help="Offer a version in another channel, too.", epilog="Example: repogen promote app 2.0.0-beta.3 --to stable")
@click.argument("product")
@click.argument("version")
@click.option("--channel", metavar="NAME", help="Channel to offer it in.")
@click.option(
    "--to",
    "to",
    metavar="CHANNEL|DESTINATION",
    multiple=True,
    help="Lower-case letters, digits and '-' alone are a channel, anything else (./site, s3://…) a destination; may be given for both.",
)
@click.option("--from", "source", metavar="NAME", default="", help="Channel that it is taken from (default: the most stable one that has it).")
@changing
@shared
def promote(invocation: Invocation, product: str, version: str, channel: str | None, to: tuple[str, ...], source: str, dry_run: bool, as_json: bool) -> None:
    """Offer a version in another channel, too: the same files, with their release notes, for every client.

    Nothing is uploaded but indices; what stands elsewhere in the other channel is copied by the destination itself.
    """
    where = told_apart(to, is_channel, channel, "channel")
    if where.target is None:
        raise UsageError("no channel is given", hint=f"say where to: `repogen promote {product} {version} --to stable`")
    config = invocation.config(where.destination)
    _check_channel(invocation, config, where.target, named=channel is not None)
    store = invocation.destination(config, where.destination)
    edit = Promote(product=product, version=version, to=where.target, source=source)
    told = partial(report, invocation, config, store, dry_run=dry_run, as_json=as_json)
    change(config, invocation.options(None), store, edit, PutCounter(invocation), told, dry_run=dry_run)


def _check_channel(invocation: Invocation, config: Config, channel: str, *, named: bool) -> None:
    if not is_channel(channel):
        raise UsageError(f"{channel!r} cannot be a channel", hint="use lower-case letters, digits and '-'")
    if not named and (channel == config.publish.to or (invocation.directory / channel).is_dir()):
        raise UsageError(
            f"--to {channel} may mean the channel or the folder of that name", hint=f"write --channel {channel}, or --to ./{channel} for the folder"
        )
