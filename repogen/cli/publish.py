"""The command ``repogen publish``."""

from __future__ import annotations

import click

from repogen import amounts
from repogen.cli.invocation import Invocation, shared
from repogen.cli.progress import PutCounter
from repogen.publish import publish as publish_site
from repogen.saved_plan import read_plan


@click.command(short_help="Bring the destination to what was built.", epilog="Example: repogen publish --to s3://acme-downloads/site")
@click.option("--to", metavar="DESTINATION", help="A folder or s3://bucket/prefix (default: [publish] to).")
@click.option("--output", metavar="DIR", help="Folder that `repogen build` wrote (default: public).")
@click.option("--plan", "plan_file", metavar="FILE", help="Carry out exactly this plan of `repogen plan --out FILE`, or refuse.")
@shared
def publish(invocation: Invocation, to: str | None, output: str | None, plan_file: str | None) -> None:
    """Bring the destination to what was built, in an order in which no client sees half of it.

    Builds again by itself when someone else has published since; with --plan it refuses then.
    """
    only = read_plan(invocation.directory / plan_file) if plan_file else None
    config = invocation.config(to)
    store = invocation.destination(config, to)
    done = publish_site(config, invocation.options(output), store, PutCounter(invocation), only)
    if not done.plan.puts:
        invocation.say(f"{store.address} is up to date (snapshot {done.number})")
        return
    written = f"{amounts.count(len(done.plan.puts), 'file')} written ({amounts.size(done.plan.size)}), {done.plan.unchanged} unchanged"
    invocation.say(f"{store.address} is at snapshot {done.number}: {written}")
    invocation.say(f"it is served from {config.url}/")
