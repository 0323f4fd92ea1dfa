"""The command ``repogen build``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import click

from repogen import amounts
from repogen.cli.invocation import Invocation, shared
from repogen.config import Config, is_channel
from repogen.errors import UsageError
from repogen.options import Options
from repogen.stores import Store
from repogen.unchanged import Inputs, is_unchanged, look_at_inputs

if TYPE_CHECKING:
    from repogen.artifact import Artifact
    from repogen.record import Built

_MOST_SHOWN = 20
_MOST_NAMED = 3


@click.command(short_help="Read the release files and write the signed site.", epilog="Example: repogen build --channel beta")
@click.option("--output", metavar="DIR", help="Folder for the site (default: public, beside repogen.toml).")
@click.option("--channel", metavar="NAME", help="Channel of every file read now (default: by its version).")
@click.option("--date", metavar="ISO", help="Date of the new state (default: now; SOURCE_DATE_EPOCH is honoured).")
@click.option("--unsigned", is_flag=True, help="Make a preview without a key; clients will not trust it.")
@click.option("--to", metavar="DESTINATION", help="Build upon what this folder or s3:// address holds (default: [publish] to).")
@click.option(
    "--accept-identity-change",
    is_flag=True,
    help="Let [repo] name, or Origin, Label or Codename of a published apt suite, change, or a published suite, packages in it, or a yum repository go.",
)
@shared
def build(
    invocation: Invocation, output: str | None, channel: str | None, date: str | None, unsigned: bool, to: str | None, accept_identity_change: bool
) -> None:
    """Read the release files, add them to the published catalog and write the signed site."""
    if channel is not None and not is_channel(channel):
        raise UsageError(f"--channel {channel!r} cannot be a channel", hint="use lower-case letters, digits and '-'")
    config = invocation.config()
    options = invocation.options(output, channel=channel, date=date, unsigned=unsigned, accept_identity_change=accept_identity_change)
    store = invocation.store(config, to)
    inputs = look_at_inputs(config, options)
    if is_unchanged(inputs, config, options, store, logging.getLogger("repogen").warning):
        invocation.say(f"nothing changed in {options.output}")
    else:
        _build(invocation, config, options, store, inputs)
    if unsigned:
        invocation.say("it is an unsigned preview: apt and dnf will refuse it unless told to trust it blindly")


def _build(invocation: Invocation, config: Config, options: Options, store: Store | None, inputs: Inputs) -> None:
    from repogen.build import build as build_site  # here: when nothing has changed, nobody waits for it

    built = build_site(config, options, store, inputs)
    for line in summary(built):
        invocation.say(line)
    invocation.say(f"{'the site is in' if built.changed else 'nothing changed in'} {options.output}")


def summary(built: Built) -> list[str]:
    """A line for each release with files that are not published yet, and one for those that are left out."""
    releases: dict[str, list[str]] = {}
    for artifact in sorted(built.new, key=lambda a: a.release):
        releases.setdefault(_release(artifact), []).append(artifact.kind)
    lines = [f"{name}: {amounts.count(len(kinds), 'file')}: {', '.join(sorted(set(kinds)))}" for name, kinds in releases.items()]
    if len(lines) > _MOST_SHOWN:
        lines[_MOST_SHOWN:] = [f"and {amounts.count(len(lines) - _MOST_SHOWN, 'more release')}"]
    left = list(dict.fromkeys(map(_release, sorted(built.without_room, key=lambda a: a.release))))
    if left:
        more = f" and {len(left) - _MOST_NAMED} more" if len(left) > _MOST_NAMED else ""
        lines.append(f"left out, since `keep` leaves no room for it beside later releases: {', '.join(left[:_MOST_NAMED])}{more}")
    return lines or ["no file is new"]


def _release(artifact: Artifact) -> str:
    return f"{artifact.product} {artifact.version} ({artifact.channel})"
