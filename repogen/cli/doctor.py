"""The command ``repogen doctor``."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import click
import msgspec

from repogen import amounts
from repogen.checks import findings
from repogen.checks.cdn_check import check_cdn
from repogen.checks.destination_check import check_destination
from repogen.checks.doctor import check_configuration, check_input, check_signing, check_tools
from repogen.checks.findings import Finding, Severity
from repogen.checks.published_check import check_published
from repogen.cli.invocation import Invocation, shared
from repogen.cli.progress import PutCounter
from repogen.errors import RepogenError, UsageError


@click.command(short_help="Look at tools, keys and destination, and say what to mend.", epilog="Example: repogen doctor --to s3://acme-downloads/site")
@click.option("--to", metavar="DESTINATION", help="A folder or s3://bucket/prefix (default: [publish] to).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--rebuild-state", is_flag=True, help="Make lost or damaged state anew out of what is published.")
@click.option("--yes", is_flag=True, help="With --rebuild-state: also in place of a newer repogen's state.")
@shared
def doctor(invocation: Invocation, to: str | None, as_json: bool, rebuild_state: bool, yes: bool) -> int:
    """Look at tools, configuration, signing keys, destination and what is published, and say what to mend.

    Signs a line, and puts a small object into the destination and removes it again; changes nothing else. Exits with 1 when there is an error.

    --rebuild-state is for a destination whose .repogen/ is missing, damaged or cannot be read. It needs the key that signed the site: every index is
    checked against its signature, and what comes of them is published again. Packages stay as they are.
    """
    if rebuild_state:
        _rebuild(invocation, to, as_json=as_json, newer=yes)
        return 0
    found = [finding for finding in _examine(invocation, to) if finding.severity is not Severity.OK or as_json or invocation.verbosity >= 0]
    if as_json:
        counts = {f"{severity.value}s": sum(f.severity is severity for f in found) for severity in (Severity.ERROR, Severity.WARNING)}
        click.echo(msgspec.json.format(msgspec.json.encode({"findings": findings.rows(found), **counts}), indent=2).decode())
    elif found:
        click.echo(findings.text(found))
    return int(findings.failed(found))


def _rebuild(invocation: Invocation, to: str | None, *, as_json: bool, newer: bool) -> None:
    from repogen.rebuilding.rebuild import rebuild

    config = invocation.config(to)
    store = invocation.destination(config, to)
    done = rebuild(config, invocation.options(None), store, PutCounter(invocation), newer=newer)
    releases, files = len(done.catalog.releases), len(done.catalog.artifacts)
    if as_json:
        value = {"snapshot": done.number, "releases": releases, "withdrawn": len(done.catalog.withdrawn), "files": files, "notes": done.said}
        click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
        return
    found = f"{amounts.count(releases, 'release')} with {amounts.count(files, 'file')}"
    for sentence in done.said:
        invocation.say(sentence)
    if not done.number:
        if not done.said:
            invocation.say(f"the state of {store.address} is whole, so that there is nothing to rebuild: {found}")
        return
    invocation.say(f"{store.address} is at snapshot {done.number}, rebuilt from what is published: {found}, and {len(done.catalog.withdrawn)} withdrawn")


def _examine(invocation: Invocation, to: str | None) -> Iterator[Finding]:
    yield from check_tools(os.environ)
    try:
        config = invocation.config(to)
    except UsageError as caught:
        yield findings.of_error("configuration", caught)
        return
    yield from check_configuration(config, invocation.config_path)
    yield check_input(config, invocation.base)
    signing, keys = check_signing(config.signing.all_keys, invocation.base, os.environ)
    yield from signing
    try:
        store = invocation.destination(config, to)
    except RepogenError as caught:
        yield findings.of_error("destination", caught)
        return
    yield from check_destination(store)
    yield from check_published(store, config, keys, time.time())
    yield from check_cdn(config, store)
