"""The command ``repogen plan``."""

from __future__ import annotations

import click
import msgspec

from repogen import amounts
from repogen.cdn import purged_paths
from repogen.cli.invocation import Invocation, shared
from repogen.plan import Plan
from repogen.publish import preview
from repogen.tree import Stage


@click.command(epilog="Example: repogen plan --json | jq .puts[].path")
@click.option("--to", metavar="DESTINATION", help="A folder or s3://bucket/prefix (default: [publish] to).")
@click.option("--output", metavar="DIR", help="Folder that `repogen build` wrote (default: public).")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
@shared
def plan(invocation: Invocation, to: str | None, output: str | None, as_json: bool) -> None:
    """Show what `publish` would change, without changing it."""
    config = invocation.config(to)
    store = invocation.destination(config, to)
    planned = preview(config, invocation.options(output), store)
    purged = purged_paths(config, planned)
    click.echo(_json(planned, purged) if as_json else _text(planned, purged))


def _json(planned: Plan, purged: tuple[str, ...]) -> str:
    puts = [{"path": p.path, "size": p.size, "stage": p.stage.name.lower(), "replaces": p.replaces} for p in planned.puts]
    value = {"puts": puts, "stale": planned.stale, "purged": purged, "unchanged": planned.unchanged, "bytes": planned.size}
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _text(planned: Plan, purged: tuple[str, ...]) -> str:
    if not planned.puts:
        return "nothing to do"
    lines = []
    for stage in Stage:
        puts = planned.of(stage)
        if puts:
            lines.append(f"{stage.name.lower()}: {amounts.count(len(puts), 'file')}, {amounts.size(sum(put.size for put in puts))}")
            lines += [f"  {'~' if put.replaces else '+'} {put.path} ({amounts.size(put.size)})" for put in puts]
    if purged:
        lines.append(f"{amounts.count(len(purged), 'file')} to purge at the CDN: all of these but the payload")
    lines.append(f"{amounts.count(len(planned.puts), 'file')} to write ({amounts.size(planned.size)}), {planned.unchanged} unchanged")
    return "\n".join(lines)
