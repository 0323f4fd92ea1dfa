"""The command ``repogen releases``."""

from __future__ import annotations

import click
import msgspec

from repogen.catalog import Catalog
from repogen.cli.invocation import Invocation, shared
from repogen.snapshot import load


@click.command(epilog="Example: repogen releases --json")
@click.option("--to", metavar="DESTINATION", help="A folder or s3://bucket/prefix (default: [publish] to).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@shared
def releases(invocation: Invocation, to: str | None, as_json: bool) -> None:
    """Show what is published: products, versions, channels and dates."""
    store = invocation.destination(invocation.config(), to)
    catalog = load(store).catalog
    click.echo(_json(catalog) if as_json else _text(catalog, store.address))


def _json(catalog: Catalog) -> str:
    rows = [
        {"product": r.product, "version": r.version, "channel": r.channel, "date": r.date, "files": [a.path for a in catalog.files_of(r)]}
        for r in catalog.releases
    ]  # fmt: skip
    return msgspec.json.format(msgspec.json.encode({"date": catalog.date, "releases": rows}), indent=2).decode()


def _text(catalog: Catalog, address: str) -> str:
    if not catalog.releases:
        return f"nothing is published in {address}"
    rows = [("PRODUCT", "VERSION", "CHANNEL", "DATE", "FILES")]
    rows += [(r.product, r.version, r.channel, r.date[:10], str(len(catalog.files_of(r)))) for r in catalog.releases]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
