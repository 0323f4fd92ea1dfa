"""The command ``repogen publish``."""

from __future__ import annotations

import click

from repogen import amounts
from repogen.cli.invocation import Invocation, on_terminal, shared
from repogen.plan import Put
from repogen.publish import publish as publish_site


@click.command(short_help="Bring the destination to what was built.", epilog="Example: repogen publish --to s3://acme-downloads/site")
@click.option("--to", metavar="DESTINATION", help="A folder or s3://bucket/prefix (default: [publish] to).")
@click.option("--output", metavar="DIR", help="Folder that `repogen build` wrote (default: public).")
@shared
def publish(invocation: Invocation, to: str | None, output: str | None) -> None:
    """Bring the destination to what was built, in an order in which no client sees half of it.

    Builds again by itself when someone else has published since.
    """
    config = invocation.config()
    store = invocation.destination(config, to)
    done = publish_site(config, invocation.options(output), store, _progress(invocation))
    if not done.plan.puts:
        invocation.say(f"{store.address} is up to date (snapshot {done.number})")
        return
    written = f"{amounts.count(len(done.plan.puts), 'file')} written ({amounts.size(done.plan.size)}), {done.plan.unchanged} unchanged"
    invocation.say(f"{store.address} is at snapshot {done.number}: {written}")
    invocation.say(f"it is served from {config.url}/")


class _Counter:
    """Says how far it is: one line that changes on a terminal, and with -v a line a file elsewhere."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        self._written = 0

    def __call__(self, put: Put) -> None:
        self._written += 1
        if on_terminal() and self._invocation.verbosity == 0:
            click.echo(f"\r\x1b[Kwriting {put.stage.name.lower()}: {amounts.count(self._written, 'file')}", nl=False, err=True)
        else:
            self._invocation.say(f"{put.stage.name.lower()} {put.path} ({amounts.size(put.size)})", level=1)


def _progress(invocation: Invocation) -> _Counter:
    return _Counter(invocation)
