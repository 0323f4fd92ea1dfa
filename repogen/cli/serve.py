"""The command ``repogen serve``."""

from __future__ import annotations

import click

from repogen.cli.invocation import Invocation, shared
from repogen.errors import UsageError
from repogen.layout import PAGE
from repogen.preview_server import PreviewServer


@click.command(short_help="Show the site on a loopback address.", epilog="Example: repogen serve --port 8080")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Port on 127.0.0.1; 0 takes a free one.")
@click.option("--output", metavar="DIR", help="Folder that `repogen build` wrote (default: public).")
@shared
def serve(invocation: Invocation, port: int, output: str | None) -> None:
    """Show the output folder on a loopback address, as a static host would.

    Old versions that only the destination holds are fetched from there.
    """
    options = invocation.options(output)
    if not (options.output / PAGE).is_file():  # the folder alone says nothing: a plan or a publish that found no build has locked it
        raise UsageError(f"{options.output} holds no build", hint="run `repogen build` first")
    settings = invocation.config() if invocation.config_path.is_file() else None
    store = invocation.store(settings) if settings else None
    with PreviewServer(options.output, store, port) as server:
        click.echo(server.url)
        invocation.say("Ctrl-C ends it")
        if settings and settings.url != server.url.rstrip("/"):
            invocation.say(f"note: client files name {settings.url}, the [repo] url of repogen.toml")
        try:
            server.run()
        except KeyboardInterrupt:
            invocation.say("")
