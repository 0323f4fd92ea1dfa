"""install.ps1 as a text: it parses, holds what it fetches with its SHA-256, and runs nothing when it is cut short."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from repogen.artifact import ArchiveFacts, Artifact, InstallerFacts, Kind
from repogen.catalog import Catalog, Product
from repogen.config import RepoConfig
from repogen.edits import Yank, edited
from repogen.formats import installers
from repogen.quoting import powershell_ascii
from repogen.tree import Stage
from tests.support.catalogs import catalog, config
from tests.support.golden import assert_golden
from tests.support.powershell import parse, runs, strings, value
from tests.support.releases import acme, archive, download

HOSTILE = "'; calc; $(calc) `calc` \"\\\n\u2019; calc; \u00e9 #"
HELLO = Product(id="hello", title="Hello")


def script(made: Catalog, **repo: str) -> str:
    """The script, after a look at its bytes: ASCII without a byte order mark, with the line ends of Windows."""
    settings = config(repo=RepoConfig(**{"name": "acme", "url": "https://dl.acme.example", "title": "Acme Tools", **repo}))
    data = installers.render(made, settings)["install.ps1"].content
    assert data.isascii()
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    return data.decode().replace("\r\n", "\n")


def rows(text: str) -> list[dict[str, str]]:
    """The files that a script may fetch."""
    table = text.partition("$files = @(\n")[2].partition("\n)\n")[0]
    return [dict(re.findall(r"(\w+) = '((?:[^']|'')*)'", row)) for row in table.split("\n  @{\n") if "sha256" in row]


def windows(name: str, kind: Kind, arch: str, technology: str, **facts: str) -> Artifact:
    return download("hello", "1.2.0", name, kind, "windows", arch, facts=InstallerFacts(technology=technology, **facts))


def hostile() -> Catalog:
    facts = ArchiveFacts(members=(f"{HOSTILE}.exe",), executables=(f"{HOSTILE}.exe",))
    made = catalog(archive("hello", f"1{HOSTILE}", "windows", "amd64", suffix="zip"), products=(Product(id="hello", title=HOSTILE, silent_args=HOSTILE),))
    (artifact,) = made.artifacts
    msi = replace(windows("hello.msi", Kind.MSI, "arm64", "msi", product_name=HOSTILE, product_code=HOSTILE), version=artifact.version)
    made = made.add([msi])
    made = replace(made, artifacts=tuple(replace(a, facts=facts) if a.kind is Kind.ZIP else a for a in made.artifacts))
    older = catalog(archive("hello", "0.9.0", "windows", "amd64", suffix="zip")).artifacts
    return edited(made.add(older), Yank(product="hello", version="0.9.0", reason=HOSTILE), made.date)


ZIP = archive("hello", "1.2.0", "windows", "amd64", suffix="zip")
MSI = windows("hello.msi", Kind.MSI, "amd64", "msi", product_name="Hello", product_code="{74A27351-55AA-5BCC-81D5-153C2CF64AAD}")
SITES = {"acme": acme(), "empty": catalog(), "hostile": hostile(), "linux": catalog(archive("hello", "1.2.0", "linux", "amd64"))}


def test_golden() -> None:
    assert_golden("installers/install.ps1", script(catalog(ZIP, replace(MSI, arch="i386"), products=(HELLO,))))


@pytest.mark.parametrize("name", SITES)
def test_it_parses(name: str) -> None:
    parse(script(SITES[name], title=HOSTILE.replace("\n", "")))


def test_no_value_leaves_its_quoting() -> None:
    root = parse(script(hostile(), title=HOSTILE.replace("\n", "")))
    outside = re.sub(r"'(?:[^']|'')*'", "", script(hostile(), title=HOSTILE.replace("\n", "")))
    assert "calc" not in outside
    assert sum("calc" in value(text) for text in strings(root)) >= 7


@pytest.mark.parametrize("text", ["plain", "it's", "Ünï", "a\u2019b", "\\d 'é' \\", "😀", ""])
def test_texts_beyond_ascii_are_written_in_ascii(text: str) -> None:
    written = powershell_ascii(text)
    assert written.isascii()
    (literal,) = strings(parse(f"$x = {written}"))
    inner = value(literal)
    if not text.isascii():  # what [regex]::Unescape makes of it
        units = re.sub(r"\\u([0-9a-f]{4})|\\\\", lambda m: chr(int(m[1], 16)) if m[1] else "\\", inner)
        inner = units.encode("utf-16", "surrogatepass").decode("utf-16")
    assert inner == text


def test_a_script_that_is_cut_short_runs_nothing() -> None:
    whole = script(catalog(ZIP))
    call = whole.rindex("& {")
    for cut in [*range(0, call, 487), *range(call - 40, len(whole) - 2)]:
        assert not runs(whole[:cut]), whole[:cut][-60:]
    assert runs(whole)
    assert whole.count("\n& {") == 1


def test_nothing_closes_the_window_or_changes_the_session() -> None:
    text = script(acme())
    code = re.sub(r"#.*", "", text)
    assert not re.search(r"^\s*exit\b|[;{]\s*exit\b", code, re.MULTILINE)
    assert "$global:" not in code
    assert "Set-ExecutionPolicy" not in code


def test_every_file_has_its_own_digest() -> None:
    made = acme()
    found = rows(script(made))
    assert {(row["path"], row["sha256"]) for row in found} == {(a.path, a.sha256) for a in made.artifacts if a.os == "windows" and a.kind is not Kind.NUPKG}
    assert [(row["channel"], row["version"], row["arch"]) for row in found if row["product"] == "taskguard"] == [
        ("stable", "1.4.0", "amd64"), ("stable", "1.4.0", "arm64"), ("stable", "1.3.0", "amd64"), ("stable", "1.3.0", "arm64"),
        ("beta", "1.5.0-beta.2", "amd64"), ("beta", "1.5.0-beta.2", "arm64"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ((MSI, ZIP), [("zip", "amd64", "")]),
        ((MSI, windows("Hello-Setup.exe", Kind.EXE, "amd64", "nsis")), [("msi", "amd64", "/qn /norestart")]),
        ((windows("Hello-Setup.exe", Kind.EXE, "any", "nsis"), ZIP), [("zip", "amd64", ""), ("exe", "any", "/S")]),
        ((windows("hello-windows-amd64.exe", Kind.EXE, "amd64", "portable"), MSI), [("portable", "amd64", "")]),
        ((archive("hello", "1.2.0", "windows", "amd64"), MSI), [("tar", "amd64", "")]),
        ((windows("hello-setup.exe", Kind.EXE, "amd64", ""),), []),
    ],
)
def test_an_archive_is_taken_before_an_installer(files: tuple[Artifact, ...], expected: list[tuple[str, str, str]]) -> None:
    found = rows(script(catalog(*files, products=(HELLO,))))
    assert [(row["form"], row["arch"], row.get("arguments", "")) for row in found] == expected


def test_programs_are_named_as_people_run_them() -> None:
    facts = ArchiveFacts(members=("h/hello-1.2.0-windows-amd64.exe", "h/run.sh"), executables=("h/hello-1.2.0-windows-amd64.exe", "h/run.sh"), top="h")
    assert "@{ member = 'h/hello-1.2.0-windows-amd64.exe'; name = 'hello' }" in script(catalog(replace(ZIP, facts=facts)))


def test_an_installed_product_is_known_after_it_was_withdrawn() -> None:
    gone = edited(catalog(MSI, products=(HELLO,)), Yank(product="hello", version="1.2.0"), "2026-02-01T00:00:00Z")
    text = script(gone)
    assert rows(text) == []
    assert "codes = @('{74A27351-55AA-5BCC-81D5-153C2CF64AAD}')" in text
    assert "@{ product = 'hello'; channel = 'stable'; version = '1.2.0'; reason = '' }" in text


@pytest.mark.parametrize(
    ("listed", "ours"),
    [
        ("Git", True), ("git", True), ("Git 2.3", True), ("Git v2.3", True), ("Git version 2.3", True), ("Git (x64)", True), ("Git 2.3 (64-bit)", True),
        ("GitHub Desktop", False), ("Git Extensions", False), ("Git LFS version 3.4.0", False), ("TortoiseGit", False), ("", False),
    ],
)  # fmt: skip
def test_no_program_is_uninstalled_for_its_name_that_only_begins_alike(listed: str, ours: bool) -> None:
    """The pattern as the script has it, which means the same to Python."""
    text = script(catalog(MSI, products=(HELLO,)))
    assert "-match ('^' + [regex]::Escape($each) + $rest)" in text
    rest = re.search(r"\$rest = '([^']*)'", text)
    assert rest
    assert bool(re.search(f"^Git{rest[1]}", listed, re.IGNORECASE)) == ours


def test_a_plus_is_escaped_in_its_address() -> None:
    made = archive("hello", "1.0.0", "windows", "amd64", suffix="zip")
    (row,) = rows(script(catalog(replace(made, path="downloads/hello/1.0.0/a+b.zip"))))
    assert row["path"] == "downloads/hello/1.0.0/a%2Bb.zip"


def test_it_is_what_people_ask_for_first() -> None:
    assert installers.render(acme(), config())["install.ps1"].stage is Stage.ENTRY
