"""Packages: golden files, the layout of the Open Packaging Conventions, scripts that parse, and texts that try to get out."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
import zipfile

import pytest
from msgspec.structs import replace

from repogen.artifact import ArchiveFacts, Artifact, InstallerFacts, Kind, NupkgFacts
from repogen.catalog import Product, Release
from repogen.config import ChocolateyConfig
from repogen.edits import Yank, edited
from repogen.errors import ProtectionError
from repogen.formats import chocolatey
from repogen.formats.chocolatey.package import draft
from repogen.formats.chocolatey.scripts import held_files
from repogen.formats.chocolatey.versions import normalised
from repogen.formats.chocolatey.wanted import wanted
from repogen.tree import Stage
from tests.support.catalogs import catalog, config
from tests.support.golden import assert_golden
from tests.support.powershell import parse, strings
from tests.support.releases import archive, download

HELLO = Product(id="hello", title="Hello", description="A program that greets.", homepage="https://acme.example/hello", license="MIT")
NUSPEC = "{http://schemas.microsoft.com/packaging/2015/06/nuspec.xsd}"
PARTS = "{http://schemas.openxmlformats.org/package/2006/content-types}"
RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"


def windows(name: str, kind: Kind, arch: str, technology: str = "", **fields: object) -> Artifact:
    facts = InstallerFacts(technology=technology, product_name="Hello Program" if technology in {"nsis", "msi"} else "")
    return download("hello", "1.2.0", name, kind, "windows", arch, facts=facts, **fields)


ZIPS = tuple(archive("hello", "1.2.0", "windows", arch, suffix="zip") for arch in ("amd64", "arm64", "i386"))
MSI = windows("hello-1.2.0-x64.msi", Kind.MSI, "amd64", "msi")
NSIS = windows("Hello-Setup-1.2.0.exe", Kind.EXE, "any", "nsis")
INNO = windows("hello-setup.exe", Kind.EXE, "amd64", "inno")
PORTABLE = windows("hello-windows-amd64.exe", Kind.EXE, "amd64", "portable")
UNKNOWN = windows("hello-setup.exe", Kind.EXE, "amd64")

HELPERS = ArchiveFacts(
    members=("Hello-1.2.0-windows-amd64.exe", "resources/elevate.exe"), executables=("Hello-1.2.0-windows-amd64.exe", "resources/elevate.exe")
)

GOLDEN = {
    "zip-for-three-processors": (ZIPS, HELLO),
    "msi": ((MSI, INNO, ZIPS[0], PORTABLE), HELLO),
    "nsis": ((NSIS, ZIPS[0]), replace(HELLO, description="", license="MIT OR Apache-2.0", type="app")),
    "portable": ((PORTABLE,), HELLO),
    "own-arguments": ((UNKNOWN,), replace(HELLO, silent_args="--quiet --no'restart")),
    "arm-only": ((ZIPS[1],), HELLO),
    "msi-with-code": ((replace(MSI, facts=replace(MSI.facts, product_code="{74A27351-55AA-5BCC-81D5-153C2CF64AAD}")),), HELLO),
    "application-with-helpers": ((replace(ZIPS[0], facts=HELPERS),), replace(HELLO, type="app")),
}


def package(artifacts: tuple[Artifact, ...], product: Product = HELLO, **fields: object) -> tuple[Artifact, dict[str, bytes]]:
    """The artifact and the members of the one package that is made of these files."""
    derived = chocolatey.derive(catalog(*artifacts, products=(product,), **fields), config())
    (artifact,) = derived.catalog.select(Kind.NUPKG)
    content = derived.tree[artifact.path].content
    assert isinstance(content, bytes)
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.testzip() is None
        return artifact, {name: opened.read(name) for name in opened.namelist()}


def script(members: dict[str, bytes], name: str) -> str:
    """A script's text, after a look at its byte order mark and line ends."""
    data = members[f"tools/chocolatey{name}.ps1"]
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\n") == data.count(b"\r\n")
    return data.decode("utf-8-sig").replace("\r\n", "\n")


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str) -> None:
    _, members = package(*GOLDEN[name])
    assert_golden(f"chocolatey/{name}.nuspec", members["hello.nuspec"].decode("utf-8-sig"))
    for which in ("Install", "Uninstall"):
        assert_golden(f"chocolatey/{name}.{which.lower()}.ps1", script(members, which))


@pytest.mark.parametrize("name", GOLDEN)
def test_scripts_parse_and_check_what_they_fetch(name: str) -> None:
    artifacts, product = GOLDEN[name]
    _, members = package(artifacts, product)
    for which in ("Install", "Uninstall"):
        parse(script(members, which))
    install = script(members, "Install")
    digests = {f"https://dl.acme.example/{a.path}": a.sha256 for a in artifacts}
    fetched = re.findall(r"url(?:64bit)? += '([^']+)'\n +(?:\$packageArgs\.)?checksum(?:64)? += '([0-9a-f]{64})'\n.*checksumType(?:64)? += 'sha256'", install)
    assert fetched
    assert len(fetched) == install.count("https://")
    assert all(digests[url] == sha256 for url, sha256 in fetched)


@pytest.mark.parametrize("name", GOLDEN)
def test_the_package_follows_the_conventions(name: str) -> None:
    artifact, members = package(*GOLDEN[name])
    relations = {
        r.get("Type", "").rpartition("/")[2]: r.get("Target", "").lstrip("/") for r in ET.fromstring(members["_rels/.rels"]).iter(f"{RELATIONS}Relationship")
    }
    assert relations == {"manifest": "hello.nuspec", "core-properties": next(n for n in members if n.endswith(".psmdcp"))}
    known = {d.get("Extension") for d in ET.fromstring(members["[Content_Types].xml"]).iter(f"{PARTS}Default")}
    assert {name.rpartition(".")[2] for name in members} - {"xml"} <= known
    core = ET.fromstring(members[relations["core-properties"]])
    assert core.findtext("{http://purl.org/dc/elements/1.1/}identifier") == "hello"
    assert isinstance(artifact.facts, NupkgFacts)
    assert members["hello.nuspec"] == artifact.facts.nuspec


@pytest.mark.parametrize("name", GOLDEN)
def test_the_nuspec_says_what_choco_requires(name: str) -> None:
    artifact, members = package(*GOLDEN[name])
    nuspec = ET.fromstring(members["hello.nuspec"])
    said = {element.tag.removeprefix(NUSPEC): element.text or "" for element in nuspec[0]}
    assert all(said.values())
    assert {"id", "version", "title", "authors", "owners", "projectUrl", "summary", "description", "tags", "requireLicenseAcceptance"} <= set(said)
    assert not {"icon", "license", "readme", "repository", "packageTypes", "frameworkReferences", "serviceable"} & set(said)
    assert 30 <= len(said["description"]) <= 4000
    assert "chocolatey" not in said["tags"]
    assert "," not in said["tags"]
    assert said["version"] == normalised(artifact.version)
    assert all(re.match(r"https?://", said[name]) for name in said if name.endswith("Url"))


EMBEDDED = {
    "embedded-zip": (ZIPS, HELLO),
    "embedded-msi": ((MSI, windows("hello-1.2.0-x86.msi", Kind.MSI, "i386", "msi")), HELLO),
    "embedded-nsis": ((NSIS,), HELLO),
    "embedded-portable": ((PORTABLE,), HELLO),
    "embedded-portables": (
        tuple(windows(f"Hello {arch}.exe", Kind.EXE, arch, "portable") for arch in ("amd64", "arm64", "i386")),
        replace(HELLO, type="app"),
    ),
    "embedded-arm-only": ((windows("hello-arm64.exe", Kind.EXE, "arm64", "portable"),), HELLO),
    "embedded-helpers": ((replace(ZIPS[0], facts=HELPERS),), replace(HELLO, type="app")),
}


@pytest.mark.parametrize("name", EMBEDDED)
def test_scripts_of_packages_that_hold_their_installers(name: str) -> None:
    artifacts, product = EMBEDDED[name]
    (want,) = wanted(catalog(*artifacts, products=(product,)))
    files = draft(want, config(), {}).files
    scripts = {path: content for path, content in files.items() if isinstance(content, bytes)}
    for which in ("Install", "Uninstall"):
        text = script(scripts, which)
        parse(text)
        assert_golden(f"chocolatey/{name}.{which.lower()}.ps1", text)
        assert "https://" not in text
    install = script(scripts, "Install")
    held = [path.removeprefix("tools/").replace("/", "\\") for path in held_files(want.installers)]
    if "portable" not in name and "arm-only" not in name:
        assert all(install.count(f"'{file}'") == 2 for file in held), "each is installed, and removed then"


def test_the_same_release_is_the_same_package() -> None:
    one, two = (chocolatey.derive(replace(catalog(*ZIPS, products=(HELLO,)), date=date), config()) for date in ("2026-01-01T12:00:00Z", "2026-05-01T12:00:00Z"))
    assert [file.content for file in one.tree.values()] == [file.content for file in two.tree.values()]


def test_a_package_is_made_once() -> None:
    first = chocolatey.derive(catalog(*ZIPS[:1], products=(HELLO,)), config())
    changed = replace(first.catalog.add([MSI]), products=(replace(HELLO, title="Other"),), date="2026-02-01T12:00:00Z")
    again = chocolatey.derive(changed, config())
    assert not again.tree
    assert again.catalog.select(Kind.NUPKG) == first.catalog.select(Kind.NUPKG)


def test_a_version_that_is_another_ones_to_nuget(caplog: pytest.LogCaptureFixture) -> None:
    first, second = (archive("hello", version, "windows", "amd64", suffix="zip") for version in ("1.0.0+1", "1.0.0+2"))
    once = chocolatey.derive(catalog(first), config()).catalog
    assert not caplog.records
    both = chocolatey.derive(once.add([second]), config()).catalog
    assert len(both.select(Kind.NUPKG)) == 1
    assert [record.message for record in caplog.records] == [
        "hello 1.0.0+2 gets no Chocolatey package: to NuGet it is the version 1.0.0, which hello 1.0.0+1 has already; change more than what follows the +"
    ]
    chocolatey.derive(replace(both, date="2027-01-01T00:00:00Z"), config())
    assert len(caplog.records) == 1, "it is said when the release comes in"


def test_the_package_of_a_withdrawn_version_is_not_that_of_another_one(caplog: pytest.LogCaptureFixture) -> None:
    first, second = (archive("hello", version, "windows", "amd64", suffix="zip") for version in ("1.0.0+1", "1.0.0+2"))
    once = chocolatey.derive(catalog(first), config()).catalog
    gone = edited(once, Yank(product="hello", version="1.0.0+1"), once.date)
    again = chocolatey.derive(gone.add([second]), config())
    assert not again.catalog.select(Kind.NUPKG)
    assert not again.tree
    assert "which hello 1.0.0+1 has already" in caplog.text


def test_a_new_release_has_a_package_of_its_own() -> None:
    first = chocolatey.derive(catalog(*ZIPS), config())
    second = chocolatey.derive(first.catalog.add([archive("hello", "1.10.0", "windows", "amd64", suffix="zip")]), config())
    assert sorted(second.tree) == ["chocolatey/flat/hello/1.10.0/hello.1.10.0.nupkg", "chocolatey/hello.1.10.0.nupkg"]
    assert all(file.stage is Stage.PAYLOAD for file in second.tree.values())


def test_other_bytes_under_a_published_name_are_refused() -> None:
    derived = chocolatey.derive(catalog(*ZIPS), config())
    (artifact,) = derived.catalog.select(Kind.NUPKG)
    with pytest.raises(ProtectionError):
        derived.catalog.add([replace(artifact, sha256="0" * 64)])


def test_a_setup_program_of_an_unknown_make_is_not_run_unattended() -> None:
    derived = chocolatey.derive(catalog(UNKNOWN), config())
    assert not derived.tree
    assert not chocolatey.render(derived.catalog, config())


def test_other_systems_have_no_package() -> None:
    assert not chocolatey.derive(catalog(archive("hello", "1.2.0", "linux", "amd64"), archive("hello", "1.2.0", "macos", "amd64", suffix="zip")), config()).tree


def test_authors_come_from_the_configuration() -> None:
    derived = chocolatey.derive(catalog(*ZIPS), config(chocolatey=ChocolateyConfig(authors="Ada & Co")))
    (artifact,) = derived.catalog.select(Kind.NUPKG)
    assert isinstance(artifact.facts, NupkgFacts)
    assert artifact.facts.authors == "Ada & Co"
    assert b"<authors>Ada &amp; Co</authors>" in artifact.facts.nuspec


def test_release_notes_are_in_the_nuspec() -> None:
    release = Release(product="hello", version="1.2.0", channel="stable", date="2026-01-01T12:00:00Z", notes="# 1.2.0\n\n- <b>new</b>\n")
    _, members = package(ZIPS, HELLO, releases=(release,))
    assert ET.fromstring(members["hello.nuspec"]).findtext(f".//{NUSPEC}releaseNotes") == "# 1.2.0\n\n- <b>new</b>"


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.2", "1.2.0"), ("1", "1.0.0"), ("1.2.0.0", "1.2.0"), ("1.2.0.4", "1.2.0.4"), ("01.02.03", "1.2.3"), ("v1.2.3", "1.2.3"),
        ("2.0.0-beta.3", "2.0.0-beta.3"), ("2.0.0-Beta.3", "2.0.0-beta.3"), ("2.0rc1", "2.0.0-rc1"), ("2.0.0~rc.1", "2.0.0-rc.1"),
        ("1.0.0+build.7", "1.0.0"), ("1.4.0-nightly.20260101", "1.4.0-nightly.20260101"), ("20260101", "20260101.0.0"), ("1.0a1", "1.0.0-a1"),
        ("7.1.1-44", "7.1.1.44"), ("1.2-5", "1.2.0.5"), ("1.2.3.4-5", "1.2.3.4-5"), ("1.2.3-2-gabcdef0", "1.2.3-2-gabcdef0"),
        ("20260101123000", ""), ("1.2.3.4.5", ""), ("2026a", ""), ("", ""), ("1.0-", ""),
    ],
)  # fmt: skip
def test_versions_are_nugets(version: str, expected: str) -> None:
    assert normalised(version) == expected


HOSTILE = "a'b\u2019c $(Remove-Item x) `$env:x \"q\" <b>&amp;</b> ]]> @{x} ; & calc\nWrite-Host\u2018 '@\x00"


def test_no_text_leaves_its_quotes() -> None:
    product = Product(id="hello", title=HOSTILE, description=HOSTILE, homepage=HOSTILE, license=HOSTILE, silent_args=HOSTILE)
    facts = InstallerFacts(technology="nsis", product_name=HOSTILE)
    installer = download("hello", "1.2.0", "hello-setup.exe", Kind.EXE, "windows", "amd64", facts=facts)
    _, members = package((installer,), product)
    for which in ("Install", "Uninstall"):
        root = parse(script(members, which))
        hostile = [text for text in strings(root) if "Remove-Item" in text]
        assert hostile
        assert all("calc Write-Host" in text for text in hostile)
    said = ET.fromstring(members["hello.nuspec"])
    assert "<b>&amp;</b>" in (said.findtext(f".//{NUSPEC}title") or "")
