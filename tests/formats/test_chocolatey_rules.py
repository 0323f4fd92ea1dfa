"""The rules of the community's validator, on packages that repogen made and on faulty ones."""

from __future__ import annotations

import io
import zipfile

import pytest

from repogen.artifact import Kind
from repogen.catalog import Product
from repogen.chocolatey_config import ChocolateyConfig, ProductChocolateyConfig, product_faults
from repogen.config import ProductConfig
from repogen.errors import InputError
from repogen.formats import chocolatey
from repogen.formats.chocolatey.rules import faults_of
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
    asked = config(product=(ProductConfig(id=product.id, chocolatey=table),), chocolatey=ChocolateyConfig(**settings))
    derived = chocolatey.derive(catalog(*ZIPS, products=(product,)).with_notes(NOTES), asked)
    (artifact,) = derived.catalog.select(Kind.NUPKG)
    return bytes(derived.tree[artifact.path].content)


def changed(content: bytes, old: str, new: str, **files: str) -> bytes:
    """The package with another nuspec or script, and with more files."""
    copy = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(copy, "w") as after:
        texts = {name: before.read(name).decode() for name in before.namelist()}
        assert not old or any(old in text for text in texts.values())
        for name, text in texts.items():
            after.writestr(name, text.replace(old, new) if old else text)
        for name, text in files.items():
            after.writestr(name.replace("__", "/").replace("_", "."), text)
    return copy.getvalue()


def test_a_package_that_says_everything_has_no_fault() -> None:
    content = package(community=True, owners="acme")
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


@pytest.mark.parametrize(
    ("rule", "old", "new", "files"),
    [
        ("CPMR0001", "2026 Acme, Inc.", "Acme", {}),
        ("CPMR0003", "", "", {"tools__install_ps1": ""}),
        ("CPMR0004", "", "", {"tools__hello_nupkg": ""}),
        ("CPMR0005", "", "", {"tools__hello_exe": "MZ", "legal__VERIFICATION_txt": "x"}),
        ("CPMR0006", "", "", {"tools__hello_exe": "MZ", "legal__LICENSE_txt": "x"}),
        ("CPMR0009", "<projectUrl>https://acme.example/hello</projectUrl>", "", {}),
        ("CPMR0010", "Install-ChocolateyZipPackage @packageArgs", "choco install other", {}),
        ("CPMR0011", "Install-ChocolateyZipPackage @packageArgs", "Import-Module x\\chocolateyInstaller.psm1", {}),
        ("CPMR0013", "", "", {"_gitignore": ""}),
        ("CPMR0014", "hello cli greeting", "hello, cli", {}),
        ("CPMR0019", "2026 Acme, Inc.", "__REPLACE__", {}),
        ("CPMR0020", "2026 Acme, Inc.", "a@acme.example", {}),
        ("CPMR0021", "", "", {"tools__desktop_ini": ""}),
        ("CPMR0023", "<tags>hello cli greeting</tags>", "", {}),
        ("CPMR0024", "<id>hello</id>", "<id>hello-beta</id>", {}),
        ("CPMR0027", "checksum64 ", "other64 ", {}),
        ("CPMR0029", "<id>hello</id>", "<id>hello.config</id>", {}),
        ("CPMR0030", "A program that greets.", "#Heading", {}),
        ("CPMR0031", "https://acme.example/docs", "acme.example", {}),
        ("CPMR0076", "https://acme.example/icon.png", "https://raw.githubusercontent.com/a/b.png", {}),
        ("CPMR0033", "<iconUrl>https://acme.example/icon.png</iconUrl>", "", {}),
        ("CPMR0040", "<packageSourceUrl>https://acme.example/packages</packageSourceUrl>", "", {}),
        ("CPMR0041", "<projectSourceUrl>https://acme.example/source", "<projectSourceUrl>https://acme.example/hello", {}),
        ("", "<title>Hello", "<title>hello", {}),
        ("", "<copyright>2026 Acme, Inc.</copyright>", "", {}),
    ],
)
def test_each_rule_finds_its_fault(rule: str, old: str, new: str, files: dict[str, str]) -> None:
    found = faults_of(changed(package(), old, new, **files))
    assert [fault.rule for fault in found] == [rule]


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
