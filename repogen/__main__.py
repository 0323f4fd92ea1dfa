"""The program. Every failure ends here as one sentence and an exit code; see errors.py for the codes."""

from __future__ import annotations

import gc
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

import click

from repogen.cli import repogen
from repogen.errors import RepogenError

_INTERRUPTED = 130


class _Terminated(BaseException):
    """SIGTERM, raised so that temporary files and gpg's agent are cleaned up."""


def main() -> NoReturn:
    """Run the command line and exit."""
    gc.set_threshold(50_000)  # a run makes many values and few cycles; looking for them more often takes a tenth of its time
    signal.signal(signal.SIGTERM, _on_terminate)
    code = run(sys.argv[1:])
    gc.freeze()  # the process ends here: looking once more at all that it holds would take a seventh of an unchanged build
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command; returns the exit code and lets no exception out."""
    try:
        return repogen.main(arguments, prog_name="repogen", standalone_mode=False) or 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read us has gone; say nothing more
        return 1
    except (Exception, KeyboardInterrupt, _Terminated) as error:
        if os.environ.get("REPOGEN_TRACEBACK"):
            raise
        message, hint, code = _explain(error)
        click.echo(f"repogen: {message}", err=True)
        if hint:
            click.echo(f"  hint: {hint}", err=True)
        return code


def _explain(error: BaseException) -> tuple[str, str, int]:  # noqa: PLR0911 - one return for each kind of failure
    """The sentence, the hint and the exit code of a failure."""
    stays = "what is published stays whole, and the next run goes on"
    match error:
        case RepogenError():
            return error.message, error.hint, error.exit_code
        case click.UsageError():
            return error.format_message(), f"`{error.ctx.command_path} --help` shows what there is" if error.ctx else "", 2
        case click.ClickException():
            return error.format_message(), "", 1
        case KeyboardInterrupt() | click.Abort():
            return f"interrupted; {stays}", "", _INTERRUPTED
        case _Terminated():
            return f"terminated; {stays}", "", 128 + signal.SIGTERM
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return f"{where}{error.strerror or error}", "check that the file or folder exists and may be read and written", 1
    return f"repogen met something that it did not expect ({type(error).__name__}: {error})", "REPOGEN_TRACEBACK=1 shows where; please report it", 1


def _on_terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise _Terminated


if __name__ == "__main__":
    main()
