"""The rules of the community's validator, on packages that repogen made and on faulty ones."""

from __future__ import annotations

import io
import zipfile

import pytest
from msgspec.structs import replace

from repogen.artifact import Kind
from repogen.catalog import Product
from repogen.chocolatey_config import ChocolateyConfig, ProductChocolateyConfig, product_faults
from repogen.config import ProductConfig
from repogen.errors import InputError
from repogen.formats import chocolatey
from repogen.formats.chocolatey.rules import RULES, Level, faults_of
from repogen.formats.chocolatey.rules.contents import read_contents
from repogen.formats.chocolatey.rules.guidelines import GUIDELINES
from tests.formats.test_chocolatey_package import GOLDEN, HELLO, ZIPS
from tests.support.catalogs import catalog, config

TABLE = ProductChocolateyConfig(
    icon_url="https://acme.example/icon.png",
    license_url="https://acme.example/licence",
    package_source_url="https://acme.example/packages",
    project_source_url="https://acme.example/source",
    docs_url="https://acme.example/docs",
    mailing_list_url="https://acme.example/forum",
    bug_tracker_url="https://acme.example/bugs?a=1&b=2",
    copyright="2026 Acme, Inc.",
    tags=("greeting",),
)
NOTES = {("hello", "1.2.0"): "New: it greets."}


def package(product: Product = HELLO, table: ProductChocolateyConfig = TABLE, **settings: object) -> bytes:
    asked = config(product=(ProductConfig(id=product.id, chocolatey=table),), chocolatey=ChocolateyConfig(**{"owners": "acme", **settings}))
    derived = chocolatey.derive(catalog(*ZIPS, products=(product,)).with_notes(NOTES), asked)
    (artifact,) = derived.catalog.select(Kind.NUPKG)
    return bytes(derived.tree[artifact.path].content)


def changed(content: bytes, texts: dict[str, str], files: dict[str, str]) -> bytes:
    """The package with other texts and with more files; without the one that is named under ``-``."""
    copy = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(copy, "w") as after:
        own = {name: before.read(name).decode() for name in before.namelist() if name != files.get("-")}
        for old, new in texts.items():
            assert any(old in text for text in own.values()), old
            own = {name: text.replace(old, new) for name, text in own.items()}
        for name, text in (*own.items(), *((name, text) for name, text in files.items() if name != "-")):
            after.writestr(name, text)
    return copy.getvalue()


def test_a_package_that_says_everything_has_no_fault() -> None:
    content = package(community=True)
    assert faults_of(content) == ()
    nuspec = zipfile.ZipFile(io.BytesIO(content)).read("hello.nuspec").decode("utf-8-sig")
    assert "<bugTrackerUrl>https://acme.example/bugs?a=1&amp;b=2</bugTrackerUrl>" in nuspec
    assert "<owners>acme</owners>" in nuspec
    assert "<tags>hello cli greeting</tags>" in nuspec


@pytest.mark.parametrize("name", GOLDEN)
def test_what_repogen_makes_by_itself_meets_every_requirement(name: str) -> None:
    artifacts, product = GOLDEN[name]
    derived = chocolatey.derive(catalog(*artifacts, products=(product,)), config())
    (artifact,) = derived.catalog.select(Kind.NUPKG)
    assert [str(fault) for fault in faults_of(bytes(derived.tree[artifact.path].content)) if fault.required] == []


INSTALL = "Install-ChocolateyZipPackage @packageArgs"
PROJECT, LICENCE = "https://acme.example/hello", "https://acme.example/licence"
LINKS = ("docs", "mailingList", "bugTracker", "packageSource", "projectSource")

#: Number, what is changed in the nuspec and the scripts (text to other text), and files that are added.
FAULTY: tuple[tuple[int, dict[str, str], dict[str, str]], ...] = (
    (1, {"2026 Acme, Inc.": "Acme"}, {}),
    (2, {"<description>A program that greets.": "<other>A program that greets.", "</description>": "</other>"}, {}),
    (3, {}, {"tools/install.ps1": ""}),
    (4, {}, {"tools/hello.nupkg": ""}),
    (4, {}, {"tools/[Content_Types].xml": ""}),
    (5, {}, {"tools/hello.exe": "MZ", "legal/VERIFICATION.txt": "x"}),
    (6, {}, {"tools/hello.exe": "MZ", "legal/LICENSE.txt": "x"}),
    (7, {"Acceptance>false": "Acceptance>true", f"<licenseUrl>{LICENCE}</licenseUrl>": ""}, {}),
    (8, {"<id>hello": "<id>hello.portable", INSTALL: '$x = "$env:ProgramFiles\\hello"'}, {}),
    (9, {f"<projectUrl>{PROJECT}</projectUrl>": ""}, {}),
    (10, {INSTALL: "choco install other"}, {}),
    (10, {INSTALL: "  cinst other"}, {}),
    (11, {INSTALL: "Import-Module x\\chocolateyInstaller.psm1"}, {}),
    (12, {INSTALL: "$ShimGen = 1"}, {}),
    (13, {}, {".git/HEAD": ""}),
    (14, {"hello cli greeting": "hello, cli"}, {}),
    (15, {}, {"uninstall.ps1": ""}),
    (16, {INSTALL: "$x = $env:chocolateyInstallArguments"}, {}),
    (17, {"<title>Hello": "<title>[Deprecated] Hello"}, {}),
    (18, {INSTALL: '. "$toolsDir\\chocolateyUninstall.ps1"'}, {}),
    (19, {"2026 Acme, Inc.": "__REPLACE__"}, {}),
    (19, {"hello cli greeting": "tag1"}, {}),
    (20, {"2026 Acme, Inc.": "a@acme.example"}, {}),
    (21, {}, {"tools/desktop.ini": ""}),
    (22, {INSTALL: "## Main helper functions"}, {}),
    (23, {"<tags>hello cli greeting</tags>": ""}, {}),
    (24, {"<id>hello</id>": "<id>hello-beta</id>"}, {}),
    (25, {}, {".gitignore": ""}),
    (26, {"A program that greets.\n": "A program. " * 400 + "\n"}, {}),
    (27, {"checksum64 ": "other64 "}, {}),
    (28, {INSTALL: "# https://www.fosshub.com/hello.exe"}, {}),
    (29, {"<id>hello</id>": "<id>hello.config</id>"}, {}),
    (30, {"<description>A program that greets.": "<description>#Heading"}, {}),
    (31, {"https://acme.example/docs": "acme.example"}, {}),
    (32, {"<description>": "<description>Short.</description><other>", "</description>\n    <releaseNotes": "</other>\n    <releaseNotes"}, {}),
    (33, {"<iconUrl>https://acme.example/icon.png</iconUrl>": ""}, {}),
    (34, {INSTALL: "# https://sourceforge.net/hello"}, {}),
    (35, {INSTALL: "$x = Get-BinRoot"}, {}),
    (36, {INSTALL: "Install-BinFile -Name x -Path y"}, {}),
    (37, {INSTALL: "Install-ChocolateyPath x"}, {}),
    (38, {LICENCE: PROJECT}, {}),
    (39, {f"<licenseUrl>{LICENCE}</licenseUrl>": ""}, {}),
    (40, {"<packageSourceUrl>https://acme.example/packages</packageSourceUrl>": ""}, {}),
    (41, {"https://acme.example/source": PROJECT}, {}),
    (42, {"<releaseNotes>New: it greets.</releaseNotes>": ""}, {}),
    (43, {INSTALL: "$x = 1\r\n" * 100}, {}),
    (44, {INSTALL: "Install-ChocolateyDesktopLink x"}, {}),
    (45, {INSTALL: "Write-ChocolateySuccess 'hello'"}, {}),
    (46, {INSTALL: "Start-Process x"}, {}),
    (47, {"<summary>A program that greets.</summary>": ""}, {}),
    (48, {"hello cli greeting": "hello chocolatey"}, {}),
    (49, {"<title>Hello</title>": ""}, {}),
    (50, {"<title>Hello": "<title>hello"}, {}),
    (51, {}, {"tools/a.ps1": "", "tools/b.psm1": ""}),
    (52, {"</metadata>": '<dependencies><dependency id="other" /></dependencies></metadata>'}, {}),
    (53, {"<title>Hello": "<title>Hello (deprecated)", "</metadata>": '<dependencies><dependency id="o" version="1" /></dependencies></metadata>'}, {}),
    (54, {'encoding="utf-8"?>\n<package': 'encoding="us-ascii"?>\n<package', "\ufeff<?xml": "<?xml"}, {}),
    (55, {INSTALL: "Invoke-WebRequest x"}, {}),
    (56, {"New: it greets.": "New: http://, it greets."}, {}),
    (57, {f"{name}Url>": f"{name}Other>" for name in LINKS}, {}),
    (58, {"icon.png": "icon.ico"}, {}),
    (59, {INSTALL: "Get-WmiObject -Class Win32_Product"}, {}),
    (60, {}, {"tools/hello.exe": "MZ", "legal/LICENSE.txt": "x", "legal/VERIFICATION.txt": "x"}),
    (61, {"<id>hello</id>": "<id>he.llo</id>"}, {}),
    (62, {"</metadata>": '<dependencies><dependency id="chocolatey" version="1" /></dependencies></metadata>'}, {}),
    (63, {INSTALL: "$x = New-Object -ComObject WScript.Shell"}, {}),
    (64, {INSTALL: "$x.CreateShortcut('a')"}, {}),
    (65, {INSTALL: "rundll32 x"}, {}),
    (66, {INSTALL: "msiexec /i x"}, {}),
    (67, {"hello cli greeting": "hello notSilent"}, {}),
    (68, {"<owners>acme": "<owners>Acme Releases"}, {}),
    (69, {"<id>hello</id>": "<id>helloandgoodbyetoallofyou</id>"}, {}),
    (70, {"<id>hello</id>": "<id>he_llo</id>"}, {}),
    (71, {INSTALL: "Install-ChocolateyWindowsService x"}, {}),
    (72, {INSTALL: "$x = $env:chocolateyPackageFolder"}, {}),
    (73, {INSTALL: "Get-WebFile 'https://acme.example/x' x"}, {}),
    (74, {"</metadata>": '<dependencies><dependency id="x.hook" version="1" /></dependencies></metadata>'}, {}),
    (75, {"New: it greets.": "See https://github.com/user-attachments/files/1/a.zip"}, {}),
    (76, {"https://acme.example/icon.png": "https://raw.githubusercontent.com/a/b.png"}, {}),
    (0, {"<copyright>2026 Acme, Inc.</copyright>": ""}, {}),
)
#: Rules that cannot be broken alone.
ALSO = {5: (60,), 6: (60,), 7: (39,), 29: (61,), 57: (40,)}


@pytest.mark.parametrize(("number", "texts", "files"), FAULTY, ids=[f"{number:04}-{at}" for at, (number, _, _) in enumerate(FAULTY)])
def test_each_rule_finds_its_fault(number: int, texts: dict[str, str], files: dict[str, str]) -> None:
    if number == 37:  # a script of removal would do
        files = {"-": "tools/chocolateyUninstall.ps1", **files}
    found = faults_of(changed(package(), texts, files))
    assert sorted(fault.rule for fault in found) == sorted(f"CPMR{one:04}" if one else "" for one in (number, *ALSO.get(number, ())))
    assert all("{}" not in fault.sentence for fault in found)


def test_every_rule_of_the_validator_is_here_once() -> None:
    numbers = [rule.number for _, rules in RULES for rule in rules if rule.number]
    assert sorted(numbers) == list(range(1, 77))
    assert {number for number, _, _ in FAULTY if number} == set(numbers)
    levels = {rule.number: level for level, rules in RULES for rule in rules}
    assert [levels[number] for number in (32, 33, 56, 57, 59, 60, 70, 71, 76)] == [
        Level.REQUIREMENT, Level.GUIDELINE, Level.GUIDELINE, Level.SUGGESTION, Level.SUGGESTION, Level.NOTE, Level.NOTE, Level.REQUIREMENT, Level.REQUIREMENT,
    ]  # fmt: skip


def test_a_package_that_is_too_large_for_the_community_is_told() -> None:
    few = read_contents(io.BytesIO(package()))
    (rule,) = (rule for rule in GUIDELINES if "150 MB" in rule.sentence)
    assert not rule.found(few)
    assert rule.found(replace(few, size=150_000_001))


def test_a_requirement_fails_the_build_and_a_guideline_warns(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(InputError, match="a word of a prerelease"):
        chocolatey.derive(
            catalog(*(a.__class__(**{f: getattr(a, f) for f in a.__struct_fields__} | {"product": "hello-beta"}) for a in ZIPS[:1])),
            config(chocolatey=ChocolateyConfig(community=True)),
        )
    caplog.clear()
    package(table=ProductChocolateyConfig(), community=True)
    assert "the Chocolatey package of hello 1.2.0: there is no iconUrl (CPMR0033)" in [record.message for record in caplog.records]
    caplog.clear()
    package(table=ProductChocolateyConfig())
    assert not caplog.records, "nobody asked for it"


@pytest.mark.parametrize("table", [ProductChocolateyConfig(icon_url="icon.png"), *(ProductChocolateyConfig(tags=(tag,)) for tag in ("a b", "a,b"))])
def test_what_cannot_be_is_refused(table: ProductChocolateyConfig) -> None:
    assert len(list(product_faults("hello", table))) == 1
