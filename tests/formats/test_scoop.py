"""The bucket: manifests that Scoop's schema takes, with what each processor downloads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from repogen.artifact import ArchiveFacts, Artifact, InstallerFacts, Kind
from repogen.catalog import Catalog, Product
from repogen.edits import Yank, edited
from repogen.errors import InputError
from repogen.formats import scoop
from repogen.instructions import instructions
from repogen.tree import Stage, Tree
from tests.support.catalogs import catalog, config
from tests.support.golden import assert_golden
from tests.support.releases import acme, archive, download
from tests.support.scoop_schema import check_manifest

HELLO = Product(id="hello", title="Hello", description="A program that greets.", homepage="https://acme.example/hello", license="MIT")
ZIPS = tuple(archive("hello", "1.2.0", "windows", arch, suffix="zip") for arch in ("amd64", "arm64", "i386"))
PORTABLE = download(
    "hello", "1.2.0", "hello-1.2.0-windows-amd64.exe", Kind.EXE, "windows", "amd64", facts=InstallerFacts(technology="portable", product_name="Hello")
)
NSIS = download("hello", "1.2.0", "hello-setup.exe", Kind.EXE, "windows", "any", facts=InstallerFacts(technology="nsis"))


def with_programs(artifact: Artifact, *programs: str, top: str = "") -> Artifact:
    return replace(artifact, facts=ArchiveFacts(members=programs, executables=programs, top=top))


GOLDEN = {
    "zip-for-three-processors": (ZIPS, HELLO),
    "portable": ((PORTABLE, NSIS), HELLO),
    "application": ((with_programs(ZIPS[0], "Hello World.exe", "resources/elevate.exe"),), replace(HELLO, type="app", license="", description="")),
    "renamed-and-nested": ((with_programs(ZIPS[0], "h/bin/hello-windows-amd64.exe", "h/bin/run.ps1", top="h"),), HELLO),
}


def bucket(made: Catalog) -> tuple[Catalog, Tree]:
    derived = scoop.derive(made, config())
    return derived.catalog, scoop.render(derived.catalog, config())


def manifests(made: Catalog) -> dict[str, dict[str, Any]]:
    """What each manifest says, after a look at the schema's rules."""
    _, tree = bucket(made)
    found = {path: json.loads(file.content) for path, file in tree.items() if path.endswith(".json")}
    for each in found.values():
        check_manifest(each)
    return found


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str) -> None:
    artifacts, product = GOLDEN[name]
    made = catalog(*artifacts, products=(product,))
    assert len(manifests(made)) == 1
    _, tree = bucket(made)
    content = tree["scoop/bucket/hello.json"].content
    assert isinstance(content, bytes)
    assert content.count(b"\n") == content.count(b"\r\n")
    assert_golden(f"scoop/{name}.json", content.replace(b"\r\n", b"\n"))


def test_each_channel_has_a_manifest() -> None:
    found = manifests(acme())
    assert {path: said["version"] for path, said in found.items()} == {
        "scoop/bucket/taskguard.json": "1.4.0", "scoop/bucket/taskguard-beta.json": "1.5.0-beta.2",
    }  # fmt: skip
    assert found["scoop/bucket/taskguard-beta.json"]["checkver"]["jsonpath"] == "$.products[?(@.id == 'taskguard')].newest.beta"


def test_every_address_is_that_of_a_published_file() -> None:
    made = acme()
    addresses = {f"https://dl.acme.example/{a.path}": a.sha256 for a in made.artifacts}
    for said in manifests(made).values():
        for word, each in said["architecture"].items():
            assert addresses[each["url"]] == each["hash"]
            again = said["autoupdate"]["architecture"][word]
            assert again["url"].replace("$version", said["version"]) == each["url"]
            assert again["extract_dir"].replace("$version", said["version"]) == each["extract_dir"]


def test_a_withdrawn_release_is_in_no_manifest() -> None:
    before, _ = bucket(acme())
    gone = replace(edited(before, Yank(product="taskguard", version="1.4.0"), "2026-12-01T00:00:00Z"), date="2026-12-01T00:00:00Z")
    assert manifests(gone)["scoop/bucket/taskguard.json"]["version"] == "1.3.0"
    after, _ = bucket(gone)
    assert set(before.repositories["scoop/acme.git"].objects) < set(after.repositories["scoop/acme.git"].objects)


def test_when_everything_is_withdrawn_the_bucket_stays() -> None:
    made, _ = bucket(catalog(*ZIPS, products=(HELLO,)))
    _, tree = bucket(replace(edited(made, Yank(product="hello", version="1.2.0"), "2026-12-01T00:00:00Z"), date="2026-12-01T00:00:00Z"))
    assert not [path for path in tree if path.endswith(".json")]
    assert tree["scoop/acme.git/info/refs"].stage is Stage.ENTRY


@pytest.mark.parametrize("artifact", [NSIS, download("hello", "1.2.0", "hello.msi", Kind.MSI, "windows", "amd64"), archive("hello", "1.2.0", "linux", "amd64")])
def test_what_scoop_cannot_unpack_makes_no_bucket(artifact: Artifact) -> None:
    made, tree = bucket(catalog(artifact))
    assert not tree
    assert not made.repositories
    assert "scoop" not in {i.client for i in instructions(made, config(), "hello", "stable")}


@pytest.mark.parametrize("version", ["1.0.0+build.5", "2.0~rc1"])
def test_a_version_that_scoop_cannot_put_into_addresses_has_no_autoupdate(version: str) -> None:
    (said,) = manifests(catalog(archive("hello", version, "windows", "amd64", suffix="zip"), products=(HELLO,))).values()
    assert "autoupdate" not in said


def test_every_line_names_a_manifest_that_is_there() -> None:
    made, tree = bucket(acme())
    named = {
        f"scoop/bucket/{step.line.rpartition('/')[2]}.json"
        for release in made.releases
        for instruction in instructions(made, config(), release.product, release.channel)
        for step in instruction.steps[1:]
        if instruction.client == "scoop"
    }
    assert named == {path for path in tree if path.endswith(".json")}


def test_two_products_of_one_name_are_an_error() -> None:
    beta = archive("hello", "1.3.0", "windows", "amd64", suffix="zip", channel="beta")
    with pytest.raises(InputError, match="hello and hello-beta would both be hello-beta to Scoop"):
        bucket(catalog(*ZIPS, beta, archive("hello-beta", "1.0.0", "windows", "amd64", suffix="zip")))
