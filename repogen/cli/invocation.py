"""What every command shares: where to work, what to read, how much to say."""

from __future__ import annotations

import functools
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from msgspec import Struct
from msgspec.structs import replace

from repogen.cdn_config import CdnConfig
from repogen.config import Config, load
from repogen.errors import UsageError
from repogen.home_paths import expanded
from repogen.options import Options
from repogen.scanning.input_folders import check_apart
from repogen.stores import Store, check_prefix, open_store

_SHARED = (
    click.option("-C", "--directory", metavar="DIR", default=None, help="Work as if started there."),
    click.option("--config", "config_file", metavar="FILE", default=None, help="Configuration file (default: repogen.toml)."),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing but warnings and errors."),
    click.option("-v", "--verbose", is_flag=True, help="Say more."),
)


class Invocation(Struct, frozen=True, kw_only=True):
    """One run of a command."""

    directory: Path
    config_path: Path
    verbosity: int
    """-1 quiet, 0 as usual, 1 verbose."""

    def config(self, to: str | None = None) -> Config:
        """The configuration; raises UsageError. The CDN stands before ``[publish] to``, so that there is none for another destination ``to``."""
        config = load(self.config_path)
        elsewhere = to and config.publish.to and _place(to, self.directory) != _place(config.publish.to, self.base)
        return replace(config, cdn=CdnConfig()) if elsewhere else config

    @property
    def base(self) -> Path:
        """Folder that relative paths of the configuration start from."""
        return self.config_path.parent

    def say(self, text: str, *, level: int = 0) -> None:
        """A line for people, on standard error; ``level`` 1 only with -v."""
        if self.verbosity >= level:
            click.echo(text, err=True)

    def options(self, output: str | None, **more: Any) -> Options:
        """The options of a build; ``output`` as given, else ``public`` beside repogen.toml."""
        folder = self.directory / output if output else self.base / "public"
        return Options(base=self.base, output=folder, environ=os.environ, **more)

    def store(self, settings: Config, to: str | None = None) -> Store | None:
        """The destination: ``--to`` (from the working folder) or ``[publish] to`` (from repogen.toml's); None when neither is given. Raises UsageError."""
        if to == "":  # as of a variable that is not set; the usual destination is hardly meant
            raise UsageError("--to is empty", hint="name a folder or s3://bucket/prefix, or leave --to out for [publish] to")
        destination, base = to or settings.publish.to, self.directory if to else self.base
        if not destination:
            return None
        if "://" in destination:
            check_prefix(destination)
        else:
            check_apart(base / expanded(destination), settings.input.paths, self.base)
        return open_store(destination, base=base, endpoint_url=settings.publish.endpoint_url, s3=settings.publish.s3)

    def destination(self, settings: Config, to: str | None) -> Store:
        """Like ``store``, for commands that need one; raises UsageError."""
        store = self.store(settings, to)
        if store is None:
            raise UsageError("no destination is given", hint='name it with --to, or as `to = "site"` under [publish] in repogen.toml')
        return store


def _place(destination: str, base: Path) -> str:
    """A destination in the one form that can be compared."""
    return destination.rstrip("/") if "://" in destination else os.path.normpath(base / expanded(destination))


class _Handler(logging.Handler):
    """Warnings go to standard error in the tool's own voice."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(f"repogen: {record.levelname.lower()}: {record.getMessage()}", err=True)


def shared(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the shared options, before or after its name, and an Invocation as first argument."""

    @functools.wraps(function)
    def command(directory: str | None, config_file: str | None, quiet: bool, verbose: bool, **arguments: Any) -> Any:
        outer = click.get_current_context().find_root().params
        return function(
            _invocation(directory or outer["directory"], config_file or outer["config"], quiet or outer["quiet"], verbose or outer["verbose"]), **arguments
        )

    for option in reversed(_SHARED):
        command = option(command)
    return command


def _invocation(directory: str | None, config_file: str | None, quiet: bool, verbose: bool) -> Invocation:
    folder = Path(directory or ".")
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder", hint="-C takes an existing folder")
    verbosity = -1 if quiet else int(verbose)
    logger = logging.getLogger("repogen")
    logger.handlers[:] = [_Handler()]
    logger.setLevel(logging.INFO if verbosity > 0 else logging.WARNING)
    logger.propagate = False
    folder = folder.absolute()
    return Invocation(directory=folder, config_path=folder / (config_file or "repogen.toml"), verbosity=verbosity)


def on_terminal() -> bool:
    """Whether someone watches standard error."""
    return sys.stderr.isatty()
