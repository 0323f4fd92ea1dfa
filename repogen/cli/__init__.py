"""The command line: one click command a file, imported when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from repogen import __version__

#: Every command, in the order in which a user meets them, with the module that holds it.
COMMANDS = ("init", "build", "publish", "plan", "serve", "releases", "yank", "rollback", "promote", "rollout", "prune", "push", "adopt", "keys", "doctor")


class Commands(click.Group):
    """A group that imports a command only when it is needed, so that `repogen build` does not pay for the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's interface
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's interface
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"repogen.cli.{cmd_name}"), cmd_name)
        return command if isinstance(command, click.Command) else None


# The line with \b tells click to leave the lines below it as they are.
_EXAMPLE = """\b
Example, in the folder that holds your release files:
  repogen init       write repogen.toml and make a signing key
  repogen build      make the site in public/
  repogen serve      look at it
  repogen publish    bring it to your folder or bucket
"""


@click.command(cls=Commands, epilog=_EXAMPLE, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", message="repogen %(version)s")
@click.option("-C", "--directory", "directory", metavar="DIR", default=None, help="Work as if started there.")
@click.option("--config", "config", metavar="FILE", default=None, help="Configuration file (default: repogen.toml).")
@click.option("-q", "--quiet", "quiet", is_flag=True, help="Say nothing but warnings and errors.")
@click.option("-v", "--verbose", "verbose", is_flag=True, help="Say more.")
def repogen(**_options: object) -> None:
    """Release files in, a signed static site out, for apt, dnf, zypper, brew, choco and browsers."""
