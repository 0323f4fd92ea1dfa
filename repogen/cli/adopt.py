"""The command ``repogen adopt``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click
import msgspec

from repogen import amounts, layout
from repogen.adopting.adopt import Adopted, Adoption, plan_adoption, summary
from repogen.adopting.adopt import adopt as adopt_all
from repogen.adopting.channels import parse_map
from repogen.adopting.source import open_source
from repogen.artifact import Kind
from repogen.cli.invocation import Invocation, shared
from repogen.cli.progress import PutCounter
from repogen.config import Config, is_channel
from repogen.errors import UsageError


@click.command(
    short_help="Take over a repository that another tool made.", epilog="Example: repogen adopt /srv/aptly/public --map bookworm=stable --map sid=nightly"
)
@click.argument("source")
@click.option("--channel", metavar="NAME", help="Channel for everything that no --map names.")
@click.option("--map", "maps", metavar="SUITE=CHANNEL", multiple=True, help="Channel for one suite or yum folder; may be given again.")
@click.option("--keyring", metavar="FILE", help="Public keys that must have signed the old indices.")
@click.option("--to", metavar="DESTINATION", help="A folder or s3://bucket/prefix (default: [publish] to).")
@click.option("--dry-run", is_flag=True, help="Show what would be taken over, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@shared
def adopt(
    invocation: Invocation, source: str, channel: str | None, maps: tuple[str, ...], keyring: str | None, to: str | None, dry_run: bool, as_json: bool
) -> None:
    """Take over a repository that aptly, reprepro, apt-ftparchive, createrepo_c or the like made, in a folder or at an s3:// address.

    All packages that its indices name are built and published, as if they were released now. The old repository is only read: its files stay where they are.
    """
    if channel is not None and not is_channel(channel):
        raise UsageError(f"--channel {channel!r} cannot be a channel", hint="use lower-case letters, digits and '-'")
    config = invocation.config(to)
    store = invocation.destination(config, to)
    old = open_source(source, invocation.directory, config.publish.endpoint_url)
    options = invocation.options(None)
    adoption = plan_adoption(config, options, store, old, parse_map(maps), channel, invocation.directory / keyring if keyring else None)
    for line in summary(adoption):
        invocation.say(line)
    done: list[Adopted] = []
    for adopted in () if dry_run else adopt_all(config, options, store, old, adoption, PutCounter(invocation)):
        done.append(adopted)
        invocation.say(f"{adopted.channel}: {amounts.count(len(adopted.new), 'new file')}; {store.address} is at snapshot {adopted.published.number}")
    if as_json:
        click.echo(_json(adoption, done))
    elif done:
        click.echo("\n".join(_words(config, done)))


def _json(adoption: Adoption, done: Sequence[Adopted]) -> str:
    value = {
        "repositories": [
            {"kind": old.kind, "name": old.name, "files": len(old.files), "channel": channel, "left": old.left} for old, channel in adoption.channels
        ],
        "channels": [{"channel": one.channel, "new": len(one.new), "snapshot": one.published.number} for one in done],
    }
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _words(config: Config, done: Sequence[Adopted]) -> Iterator[str]:
    """What users must change."""
    kinds = {artifact.kind for one in done for artifact in one.published.record.additions.artifacts}
    yield "The old addresses keep working while their files stay, but nothing new arrives there. Users change to the new ones:"
    if Kind.DEB in kinds:
        name = layout.apt_sources(config.repo.name)
        yield f"  apt     sudo curl -fsSLo /etc/apt/sources.list.d/{name} {layout.url(config.url, name)}"
    if Kind.RPM in kinds:
        name = layout.yum_repo(config.repo.name)
        yield f"  dnf     sudo curl -fsSLo /etc/yum.repos.d/{name} {layout.url(config.url, name)}"
        yield f"  zypper  sudo curl -fsSLo /etc/zypp/repos.d/{name} {layout.url(config.url, name)}"
    yield "  and take their old source file away. docs/publishing.md tells how to keep an old address instead."
