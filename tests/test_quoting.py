import json
import shutil
import subprocess
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repogen import quoting
from tests.support.clients import require, run

HOSTILE = [
    "",
    "a'b",
    'a"b',
    "$(id)",
    "`id`",
    "#{exit}",
    "#$x #@y #z",
    "\\",
    "\\#{x}",
    "a\nb",
    "a\0b",
    "\u2018'\u2019",
    "</script>",
    "&amp;",
    "--",
    "]]>",
    "\x1b[31m",
    "\u2028",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_shell_reads_back_the_text(text: str) -> None:
    assert run("sh", "-c", f"printf %s {quoting.sh(text)}").stdout == quoting.plain(text)


def test_ruby_reads_back_the_texts() -> None:
    require("ruby")
    program = f"require 'json'; print JSON.generate([{', '.join(quoting.ruby(text) for text in HOSTILE)}])"
    assert json.loads(run("ruby", "-e", program).stdout) == [quoting.plain(text) for text in HOSTILE]


@given(st.text())
def test_xml_text_cannot_leave_its_place(text: str) -> None:
    quoted = quoting.xml(text)
    assert not set("<>\"'") & set(quoted)
    assert unescape(quoted) == quoting.plain(text)


@given(st.text())
def test_powershell_quotes_are_doubled(text: str) -> None:
    quoted = quoting.powershell(text)
    inner = quoted[1:-1]
    for quote in "'\u2018\u2019\u201a\u201b":
        assert inner.replace(quote * 2, "").count(quote) == 0 or inner.count(quote) % 2 == 0


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30))
def test_any_text_survives_the_shell(text: str) -> None:
    shell = shutil.which("sh")
    assert shell
    done = subprocess.run([shell, "-c", f"printf %s {quoting.sh(text)}"], capture_output=True, check=True)
    assert done.stdout.decode() == quoting.plain(text)


def test_no_mark_turns_the_direction_of_what_follows() -> None:
    """Text that is written from right to left stays; a mark that would reorder a script for its reader goes."""
    assert quoting.plain("مرحبا \u202eevil\u202c \u2066x\u2069") == "مرحبا evil x"
