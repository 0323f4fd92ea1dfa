"""The commands ``repogen push``: what is published, brought to a repository of others."""

from __future__ import annotations

import os
import re

import click
import msgspec

from repogen.artifact import Artifact
from repogen.cli.invocation import Invocation, shared
from repogen.errors import StoreError, UsageError
from repogen.state import load
from repogen.stores import Store


@click.group(short_help="Bring what is published to a community repository.", epilog="Example: repogen push chocolatey")
def push() -> None:
    """Bring what is published to a community repository."""


@push.command(epilog="Example: repogen push chocolatey --product greet")
@click.option("--product", metavar="ID", default="", help="This product alone (default: all that have a package).")
@click.option("--channel", metavar="NAME", default="stable", show_default=True, help="Channel whose newest packages are pushed.")
@click.option("--source", metavar="URL", default="", help="Another repository than https://push.chocolatey.org.")
@click.option("--to", metavar="DESTINATION", help="Where the packages are published (default: [publish] to).")
@click.option("--dry-run", is_flag=True, help="Check the packages, and push none.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@shared
def chocolatey(invocation: Invocation, product: str, channel: str, source: str, to: str | None, dry_run: bool, as_json: bool) -> None:
    """Push the newest packages to Chocolatey's community repository, once they meet the requirements of its validator.

    The API key comes from REPOGEN_CHOCOLATEY_KEY. A version that the repository has, and one that must wait until people have looked at an earlier one, is
    told and no failure: the release is out already. Say it again later.
    """
    from repogen import community

    source = source or community.SOURCE
    if not re.fullmatch(r"https?://[^\s/?#]+(/\S*)?", source):
        raise UsageError(f"--source {source!r} is no http(s) address", hint="write it as https://push.chocolatey.org")
    key = "" if dry_run else community.api_key()
    store = invocation.destination(invocation.config(to), to)
    done: list[community.Pushed] = []
    for artifact, content in _contents(invocation, store, community.candidates(load(store, environ=os.environ).catalog, channel, product)):
        for fault in community.checked(artifact, content):
            if fault.level is not community.Level.NOTE or invocation.verbosity > 0:
                invocation.say(f"repogen: {'note' if fault.level is community.Level.NOTE else 'warning'}: {artifact.filename}: {fault}")
        if dry_run:
            invocation.say(f"{artifact.filename} would be pushed to {source}")
            continue
        pushed = community.push(artifact, content, key, source)
        invocation.say(f"{pushed.id} {pushed.version}: {pushed.said}")
        done.append(pushed)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode({"source": source, "packages": done}), indent=2).decode())


def _contents(invocation: Invocation, store: Store, artifacts: tuple[Artifact, ...]) -> list[tuple[Artifact, bytes]]:
    """The packages' bytes as they are published, all of them before the first is pushed."""
    from repogen import community

    found = []
    for artifact in artifacts:
        if not community.is_taken(artifact.filename.removesuffix(".nupkg").partition(".")[2]):
            invocation.say(f"{artifact.filename}: the community repository takes no version with a dot in its prerelease")
            continue
        stored = store.get(artifact.path)
        if stored is None:
            raise StoreError(f"{artifact.path} is not in {store.address}", hint="publish again; the state names it")
        found.append((artifact, stored.content))
    return found
