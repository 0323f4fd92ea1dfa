"""Manifests that winget's schema takes, in the folders of its community repository."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from repogen.artifact import ArchiveFacts, Artifact, InstallerFacts, Kind
from repogen.catalog import Catalog, Product
from repogen.config import parse
from repogen.edits import Yank, edited
from repogen.errors import UsageError
from repogen.formats import winget
from repogen.tree import Tree
from repogen.winget_config import WingetConfig
from tests.support.catalogs import catalog, config
from tests.support.golden import assert_golden
from tests.support.releases import acme, archive, download
from tests.support.winget_schema import check_manifest, load

HELLO = Product(id="hello", title="Hello World", description="A program that greets.", homepage="https://acme.example/hello", license="MIT")
FOLDER = "winget/manifests/a/AcmeReleases/HelloWorld/1.2.0/AcmeReleases.HelloWorld"
HOSTILE = "': \" #x\n- &a *a !!b %c @d `e` {f} [g] | > ? \\ é"


def windows(name: str, kind: Kind, arch: str, technology: str = "", **facts: str) -> Artifact:
    return download("hello", "1.2.0", name, kind, "windows", arch, facts=InstallerFacts(technology=technology, **facts))


ZIPS = tuple(archive("hello", "1.2.0", "windows", arch, suffix="zip") for arch in ("amd64", "arm64", "i386"))
MSI = windows("hello.msi", Kind.MSI, "amd64", "msi", product_name="Hello", product_code="{74A27351-55AA-5BCC-81D5-153C2CF64AAD}", product_version="1.2.0.4")
GOLDEN = {
    "zip": (ZIPS, HELLO),
    "msi-and-zip": ((MSI, ZIPS[1]), HELLO),
    "nsis": ((windows("Hello-Setup.exe", Kind.EXE, "any", "nsis"),), HELLO),
    "inno-with-own-arguments": ((windows("Hello-Setup.exe", Kind.EXE, "amd64", "inno"),), replace(HELLO, silent_args="/VERYSILENT /MINE")),
    "unknown-with-arguments": ((windows("Hello-Setup.exe", Kind.EXE, "amd64"),), replace(HELLO, silent_args="--quiet")),
    "portable": ((windows("hello-windows-amd64.exe", Kind.EXE, "amd64", "portable"),), HELLO),
}


def manifests(made: Catalog, **tables: object) -> dict[str, dict[str, Any]]:
    """What each manifest says, after a look at the schema's rules and its place."""
    tree: Tree = winget.render(made, config(**tables))
    found = {path: load(bytes(file.content)) for path, file in tree.items()}
    for path, said in found.items():
        check_manifest(said)
        assert path.rpartition("/")[2].startswith(said["PackageIdentifier"])
        assert path.startswith(f"winget/manifests/{said['PackageIdentifier'][0].lower()}/{said['PackageIdentifier'].replace('.', '/')}/")
    return found


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str) -> None:
    artifacts, product = GOLDEN[name]
    made = catalog(*artifacts, products=(product,)).with_notes({("hello", "1.2.0"): "# New\n\n- it *greets*\n"})
    assert set(manifests(made)) == {f"{FOLDER}.yaml", f"{FOLDER}.installer.yaml", f"{FOLDER}.locale.en-US.yaml"}
    tree = winget.render(made, config())
    assert_golden(f"winget/{name}.installer.yaml", bytes(tree[f"{FOLDER}.installer.yaml"].content))
    if name == "zip":
        assert_golden("winget/version.yaml", bytes(tree[f"{FOLDER}.yaml"].content))
        assert_golden("winget/locale.en-US.yaml", bytes(tree[f"{FOLDER}.locale.en-US.yaml"].content))


def test_no_text_leaves_its_quoting() -> None:
    facts = ArchiveFacts(members=(f"{HOSTILE}.exe",), executables=(f"{HOSTILE}.exe",))
    product = replace(HELLO, title="Hello", description=HOSTILE, license=HOSTILE)
    made = catalog(replace(ZIPS[0], facts=facts), replace(MSI, arch="arm64"), products=(product,)).with_notes({("hello", "1.2.0"): HOSTILE})
    made = replace(
        made, artifacts=tuple(replace(a, facts=replace(a.facts, product_code=HOSTILE)) if isinstance(a.facts, InstallerFacts) else a for a in made.artifacts)
    )
    found = {path.rpartition("Hello.")[2]: said for path, said in manifests(made).items()}
    assert found["locale.en-US.yaml"]["ReleaseNotes"] == HOSTILE
    assert found["locale.en-US.yaml"]["ShortDescription"] == " ".join(HOSTILE.split())
    assert found["installer.yaml"]["Installers"][0]["NestedInstallerFiles"][0]["RelativeFilePath"] == " ".join(f"{HOSTILE}.exe".split())
    assert found["installer.yaml"]["Installers"][1]["ProductCode"] == " ".join(HOSTILE.split())


def test_texts_keep_within_the_schema() -> None:
    long = Product(id="q", title="Q", description="x" * 500)
    made = catalog(replace(ZIPS[0], product="q"), products=(long,)).with_notes({("q", "1.2.0"): "y" * 20_000})
    (said,) = (said for said in manifests(made).values() if said["ManifestType"] == "defaultLocale")
    assert said["PackageName"] == "Q Q"
    assert len(said["ShortDescription"]) == 256


def test_the_newest_release_of_each_channel() -> None:
    found = {(said["PackageIdentifier"], said["PackageVersion"]) for said in manifests(acme()).values()}
    assert found == {("AcmeReleases.Taskguard", "1.4.0"), ("AcmeReleases.Taskguard.Beta", "1.5.0-beta.2"), ("AcmeReleases.Quiet", "1.0.0")}


def test_a_withdrawn_release_has_none() -> None:
    gone = edited(acme(), Yank(product="taskguard", version="1.4.0"), "2026-12-01T00:00:00Z")
    found = {(said["PackageIdentifier"], said["PackageVersion"]) for said in manifests(gone).values()}
    assert ("AcmeReleases.Taskguard", "1.3.0") in found
    assert ("AcmeReleases.Taskguard", "1.4.0") not in found


def test_every_address_is_that_of_a_published_file() -> None:
    made = acme()
    addresses = {f"https://dl.acme.example/{a.path}": a.sha256.upper() for a in made.artifacts}
    found = [each for said in manifests(made).values() for each in said.get("Installers", [])]
    assert len(found) == 5
    assert all(addresses[each["InstallerUrl"]] == each["InstallerSha256"] for each in found)


def test_identifiers_and_publisher_can_be_set() -> None:
    table = WingetConfig(publisher="Acme, Inc.", identifiers={"hello": "Acme.Hi"}, manifest_version="1.12.0")
    found = manifests(catalog(ZIPS[0], products=(HELLO,)), winget=table)
    assert {said["PackageIdentifier"] for said in found.values()} == {"Acme.Hi"}
    assert {said["ManifestVersion"] for said in found.values()} == {"1.12.0"}
    assert [said["Publisher"] for said in found.values() if "Publisher" in said] == ["Acme, Inc."]


@pytest.mark.parametrize("table", [{"identifiers": {"hello": "Hello"}}, {"manifest_version": "2"}, {"publisher": "a\nb"}, {"identifiers": {"hello": "a b.c"}}])
def test_what_cannot_be_is_refused(table: dict[str, Any], tmp_path: Any) -> None:
    with pytest.raises(UsageError, match="winget"):
        parse({"repo": {"name": "acme", "url": "https://dl.acme.example"}, "winget": table}, tmp_path / "repogen.toml")


def test_two_products_of_one_name(caplog: pytest.LogCaptureFixture) -> None:
    other = replace(ZIPS[0], product="other", path="downloads/other/1.2.0/other.zip")
    found = manifests(catalog(ZIPS[0], other, products=(HELLO, replace(HELLO, id="other"))))
    assert len(found) == 3
    assert "hello and other are both AcmeReleases.HelloWorld to winget" in caplog.text


@pytest.mark.parametrize(
    "artifact", [archive("hello", "1.2.0", "linux", "amd64"), windows("setup.exe", Kind.EXE, "amd64"), archive("hello", "1.2.0", "windows", "amd64")]
)
def test_what_winget_cannot_install_has_none(artifact: Artifact) -> None:
    assert not winget.render(catalog(artifact, products=(HELLO,)), config())
