"""Descriptions, licences and program names by brew's rules."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repogen.artifact import ArchiveFacts
from repogen.formats.homebrew.licenses import license_value
from repogen.formats.homebrew.programs import needs_neighbours, program_name, programs
from repogen.formats.homebrew.text import description


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A program that greets.", "Program that greets"),
        ("The Hello is an app, etc.", "App, etc."),
        ("says hello", "Says hello"),
        ("Hello: greets people", "Greets people"),
        ("command line greeter ☃", "Command-line greeter"),
        ("iOS tester", "iOS tester"),
        ("", "Command-line program from Acme"),
        ("Hello.", "Command-line program from Acme"),
        (
            "Runs your scheduled jobs. It watches them too. And it tells you whenever one of them did not happen.",
            "Runs your scheduled jobs. It watches them too",
        ),
        ("Runs your scheduled jobs, watches every one of them, and tells you when one did not happen", "Runs your scheduled jobs, watches every one of them"),
        ("Runs your scheduled jobs \u2014 on every machine that you have got at home or in the cloud", "Runs your scheduled jobs"),
        (
            "Runs. " + "All the jobs that you have scheduled on any machine that you have got, at home too",
            "Runs. All the jobs that you have scheduled on any machine that you have got",
        ),
        ("a" * 100, "A" + "a" * 78),
    ],
)
def test_descriptions(text: str, expected: str) -> None:
    assert description(text, ("hello",), "Command-line program from Acme") == expected


def test_a_cask_does_not_name_the_platform() -> None:
    assert description("Noise suppression for macOS", ("quiet",), "x", cask=True) == "Noise suppression"
    assert description("A Mac app", ("quiet",), "x", cask=True) == "App"


@given(st.text(max_size=200), st.booleans())
def test_every_description_passes_brews_rules(text: str, cask: bool) -> None:
    found = description(text, ("hello",), "Program from Acme", cask=cask)
    assert 0 < len(found) < 80
    assert found == found.strip()
    assert not re.match(r"(?:the|an?)\s|hello\b", found, re.IGNORECASE)
    assert not re.match(r"[a-z]", found) or found.startswith(("iOS", "iPhone", "macOS"))
    assert not found.endswith(".") or found.endswith("etc.")
    assert not any(unicodedata.category(c) == "So" for c in found)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", '"MIT"'),
        ("mit or apache-2.0", 'any_of: ["MIT", "Apache-2.0"]'),
        ("GPL-2.0+", '"GPL-2.0-or-later"'),
        ("LGPL-2.1", '"LGPL-2.1-only"'),
        ("(MIT OR Apache-2.0) AND ISC", 'all_of: [{ any_of: ["MIT", "Apache-2.0"] }, "ISC"]'),
        ("GPL-2.0-only WITH Classpath-exception-2.0", '"GPL-2.0-only" => { with: "Classpath-exception-2.0" }'),
        ("MIT OR GPL-2.0-only WITH Classpath-exception-2.0", 'any_of: ["MIT", { "GPL-2.0-only" => { with: "Classpath-exception-2.0" } }]'),
        ("Proprietary", ":cannot_represent"),
        ("LicenseRef-Acme", ":cannot_represent"),
        ("MIT AND", ":cannot_represent"),
        ("MIT OR ISC OR Zlib OR 0BSD", "any_of: %w[MIT ISC Zlib 0BSD]"),
        ("", ""),
    ],
)
def test_licences(expression: str, expected: str) -> None:
    assert license_value(expression) == expected


@pytest.mark.parametrize(
    ("executables", "top", "expected"),
    [
        (("h/hello", "h/tools/x"), "h", ("hello",)),
        (("h/bin/hello", "h/hello.sh"), "h", ("bin/hello",)),
        (("hello", "install.sh", "libhello.so.1"), "", ("hello",)),
        (("install.sh",), "", ("install.sh",)),
        (("a/deep/hello",), "", ("a/deep/hello",)),
        (("bin/hello",), "bin", ("hello",)),
        (("usr/local/bin/deep", "usr/local/libexec/helper"), "usr", ("local/bin/deep",)),
        (("x.jdk/Contents/Home/bin/java", "x.jdk/Contents/Home/lib/jspawnhelper"), "x.jdk", ("Contents/Home/bin/java",)),
        (("j/bin/java", "j/jre/bin/java", "j/lib/x"), "", ("j/bin/java",)),
        (("a/bin/a", "b/bin/b", "b/cabin/c"), "", ("a/bin/a", "b/bin/b")),
        (("hello", "jre/bin/java"), "", ("hello",)),
    ],
)
def test_programs_of_an_archive(executables: tuple[str, ...], top: str, expected: tuple[str, ...]) -> None:
    assert programs(ArchiveFacts(members=executables, executables=executables, top=top)) == expected


@pytest.mark.parametrize(
    ("program", "beside", "expected"),
    [
        ("bin/hello", "libexec/helper", True),
        ("bin/hello", "share/hello.txt", False),
        ("local/bin/hello", "local/libexec/helper", True),
        ("local/bin/hello", "local/share/hello.txt", False),
    ],
)
def test_what_a_program_looks_for_beside_itself(program: str, beside: str, expected: bool) -> None:
    facts = ArchiveFacts(members=(f"usr/{program}", f"usr/{beside}"), executables=(f"usr/{program}",), top="usr")
    assert needs_neighbours(facts, programs(facts)) == expected


@pytest.mark.parametrize(
    ("member", "alone", "expected"),
    [
        ("hello-1.2.0-linux-amd64", True, "hello"),
        ("hello_v1.2.0_Darwin_x86_64", True, "hello"),
        ("bin/hello-aarch64-unknown-linux-musl", True, "hello"),
        ("hello-linux-amd64", False, "hello-linux-amd64"),
        ("hello-admin", True, "hello-admin"),
        ("helloworld", True, "helloworld"),
        ("other", True, "other"),
    ],
)
def test_a_lone_program_loses_its_platform(member: str, alone: bool, expected: str) -> None:
    assert program_name(member, "hello", "1.2.0", alone=alone) == expected
