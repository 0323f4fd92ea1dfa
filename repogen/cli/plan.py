"""The command ``repogen plan``."""

from __future__ import annotations

from collections.abc import Iterator

import click

from repogen import amounts
from repogen.cli.invocation import Invocation, shared
from repogen.errors import UsageError
from repogen.publish import preview
from repogen.saved_plan import SavedPlan
from repogen.tree import Stage

#: Exit code where there is something to publish.
CHANGES = 10


@click.command(epilog="Example: repogen plan --json | jq .puts[].path")
@click.option("--to", metavar="DESTINATION", help="A folder or s3://bucket/prefix (default: [publish] to).")
@click.option("--output", metavar="DIR", help="Folder that `repogen build` wrote (default: public).")
@click.option("--out", metavar="FILE", help="Keep the plan for `repogen publish --plan FILE`.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON, which publish --plan takes too.")
@shared
def plan(invocation: Invocation, to: str | None, output: str | None, out: str | None, as_json: bool) -> None:
    """Show what `publish` would change, without changing it.

    Exits with 0 when there is nothing to do, and with 10 when there are changes.
    """
    config = invocation.config(to)
    store = invocation.destination(config, to)
    planned = preview(config, invocation.options(output), store)
    if out:
        _write(invocation, planned, out)
    click.echo(planned.encode() if as_json else "\n".join(_lines(planned)), nl=not as_json)
    if not planned.is_nothing:
        click.get_current_context().exit(CHANGES)


def _write(invocation: Invocation, planned: SavedPlan, out: str) -> None:
    path = invocation.directory / out
    try:
        path.write_bytes(planned.encode())
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint="give --out a file in a folder that is there") from error


def _lines(planned: SavedPlan) -> Iterator[str]:
    if planned.is_nothing:
        yield "nothing to do"
        return
    for stage in Stage:
        puts = [put for put in planned.puts if put.stage == stage.name.lower()]
        if puts:
            yield f"{stage.name.lower()}: {amounts.count(len(puts), 'file')}, {amounts.size(sum(put.size for put in puts))}"
            for put in puts:
                source = f", copied from {put.copy_of}" if put.copy_of else ""
                yield f"  {'~' if put.replaces else '+'} {put.path} ({amounts.size(put.size)}{source})"
    if planned.stale:
        yield f"withdrawn: {amounts.count(len(planned.stale), 'file')} that nothing names any more, deleted by `repogen prune` in time"
        yield from (f"  - {path}" for path in planned.stale)
    if planned.purged:
        yield f"{amounts.count(len(planned.purged), 'file')} to purge at the CDN"
    yield from _effects(planned)
    copied = f", {amounts.size(planned.copied)} copied by the destination" if planned.copied else ""
    requests = f"about {amounts.count(planned.requests, 'request')} on S3"
    yield f"{amounts.count(len(planned.puts), 'file')} to write ({amounts.size(planned.size)}{copied}; {requests}), {planned.unchanged} unchanged"


def _effects(planned: SavedPlan) -> Iterator[str]:
    found = planned.effects
    yield from (f"{version} appears" for version in found.appear)
    yield from (f"{version} disappears" for version in found.disappear)
    yield from (f"{change}: every user of it must act" for change in found.identity)
    yield from (f"the key {fingerprint} signs from now on" for fingerprint in found.keys_added)
    yield from (f"the key {fingerprint} signs no more" for fingerprint in found.keys_removed)
