"""What `repogen --help` and the help of each command promise to a reader."""

from __future__ import annotations

import os

import click
import pytest
from click.testing import CliRunner, Result

from repogen import __version__
from repogen.cli import COMMANDS, repogen

#: Commands of later issues: until they exist, nobody may read of them.
LATER = ("verify", "mirror")


def ask(*words: str) -> Result:
    return CliRunner().invoke(repogen, [*words], prog_name="repogen")


def commands() -> list[list[str]]:
    """Every command as words, those of groups too."""
    found = []
    for name in COMMANDS:
        command = repogen.get_command(None, name)
        found.append([name])
        found += [[name, inner] for inner in getattr(command, "commands", {})]
    return found


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_help_has_an_example_and_fits_a_terminal(words):
    result = ask(*words, "--help")
    assert result.exit_code == 0, result.output
    assert f"repogen {' '.join(words)}" in result.output
    assert "Example" in result.output
    assert max(len(line) for line in result.output.splitlines()) <= 100


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_option_is_explained(words):
    command = repogen
    for word in words:
        command = command.get_command(None, word)
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]  # arguments are told of in the text
    silent = [option.name for option in options if not option.help]
    assert not silent


def test_the_first_help_lists_every_command_with_a_whole_sentence():
    result = ask("--help")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    listed = lines[lines.index("Commands:") + 1 :]
    for name in COMMANDS:
        (line,) = (line for line in listed if line.split()[:1] == [name])
        assert not line.endswith("..."), line
    assert max(len(line) for line in lines) <= 100


@pytest.mark.parametrize("name", LATER)
def test_what_is_not_there_yet_is_neither_listed_nor_run(name):
    assert f"\n  {name} " not in ask("--help").output
    assert ask(name).exit_code == 2


def test_version():
    assert ask("--version").output == f"repogen {__version__}\n"


def test_an_unknown_command_is_wrong_use():
    result = ask("biuld")
    assert result.exit_code == 2
    assert "biuld" in result.output


def test_help_does_not_depend_on_the_width_of_the_terminal(monkeypatch):
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((500, 50)))
    assert max(len(line) for line in ask("build", "--help").output.splitlines()) <= 100
