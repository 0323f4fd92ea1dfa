"""The command ``repogen releases``."""

from __future__ import annotations

import os
from typing import Any

import click
import msgspec

from repogen.catalog import Catalog, Release, Withdrawal
from repogen.cli.invocation import Invocation, shared
from repogen.state import Head, load, past


@click.command(short_help="Show what is published, and what was before.", epilog="Example: repogen releases --json")
@click.option("--history", is_flag=True, help="Show the snapshots that the destination keeps, the current one first.")
@click.option("--to", metavar="DESTINATION", help="A folder or s3://bucket/prefix (default: [publish] to).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@shared
def releases(invocation: Invocation, history: bool, to: str | None, as_json: bool) -> None:
    """Show what is published: products, versions, channels and dates, with what was withdrawn and what only a share of machines is upgraded to."""
    store = invocation.destination(invocation.config(), to)
    if history:
        heads = list(past(store, environ=os.environ))
        value, text = _history_value(heads), _history_text(heads, store.address)
    else:
        catalog = load(store, environ=os.environ).catalog
        value, text = _value(catalog), _text(catalog, store.address)
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() if as_json else text)


def _value(catalog: Catalog) -> dict[str, Any]:
    offered = [{**_release(r), "rollout": r.rollout, "files": [a.path for a in catalog.files_of(r)]} for r in catalog.releases]
    withdrawn = [{**_release(w.release), "withdrawn": w.date, "reason": w.reason} for w in catalog.withdrawn]
    return {"date": catalog.date, "releases": offered, "withdrawn": withdrawn}


def _release(release: Release) -> dict[str, Any]:
    return {"product": release.product, "version": release.version, "channel": release.channel, "date": release.date}


def _text(catalog: Catalog, address: str) -> str:
    if not catalog.releases and not catalog.withdrawn:
        return f"nothing is published in {address}"
    rows = [(r.product, r.version, r.channel, r.date[:10], str(len(catalog.files_of(r))), _share(r)) for r in catalog.releases]
    rows += [(w.release.product, w.release.version, w.release.channel, w.release.date[:10], "-", _withdrawn(w)) for w in catalog.withdrawn]
    return _table([("PRODUCT", "VERSION", "CHANNEL", "DATE", "FILES", "STATE" if any(row[-1] for row in rows) else ""), *rows])


def _share(release: Release) -> str:
    return f"for {release.rollout} % of machines" if release.rollout < 100 else ""


def _withdrawn(withdrawal: Withdrawal) -> str:
    return f"withdrawn {withdrawal.date[:10]}" + (f": {withdrawal.reason}" if withdrawal.reason else "")


def _history_value(heads: list[Head]) -> dict[str, Any]:
    return {"snapshots": [{"number": head.number, "date": head.date, "what": head.what, "complete": head.complete} for head in heads]}


def _history_text(heads: list[Head], address: str) -> str:
    if not heads:
        return f"nothing is published in {address}"
    rows = [(str(head.number), head.date[:16].replace("T", " "), head.what, "" if head.complete else "not finished") for head in heads]
    return _table([("SNAPSHOT", "DATE", "WHAT", "STATE" if any(row[-1] for row in rows) else ""), *rows])


def _table(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
