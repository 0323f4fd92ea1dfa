"""How far a publish is."""

from __future__ import annotations

import click

from repogen import amounts
from repogen.cli.invocation import Invocation, on_terminal
from repogen.plan import Put


class PutCounter:
    """Says it: one line that changes on a terminal, and with -v a line a file elsewhere."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        self._written = 0
        self._line = on_terminal() and invocation.verbosity == 0

    def __call__(self, put: Put) -> None:
        self._written += 1
        if self._line:
            click.echo(f"\r\x1b[Kwriting {put.stage.name.lower()}: {amounts.count(self._written, 'file')}", nl=False, err=True)
        elif self._invocation.verbosity > 0:
            self._invocation.say(f"{put.stage.name.lower()} {put.path} ({amounts.size(put.size)})", level=1)
