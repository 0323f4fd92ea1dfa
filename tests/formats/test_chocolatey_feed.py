"""The static NuGet feed, walked as clients walk it."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from repogen.artifact import Kind, NupkgFacts
from repogen.catalog import Catalog, Product
from repogen.edits import Yank, edited
from repogen.formats import chocolatey
from repogen.tree import Blob, File, Stage, Tree
from tests.support.catalogs import catalog, config
from tests.support.nuget_feed import REGISTRATIONS, FeedClient
from tests.support.releases import archive

VERSIONS = ("1.9.0", "1.10.0", "2.0.0-Beta.10", "2.0.0-beta.9")


def build(*versions: str, products: tuple[Product, ...] = ()) -> tuple[Catalog, Tree]:
    archives = (archive("hello", v, "windows", "amd64", suffix="zip", channel="beta" if "-" in v else "stable") for v in versions)
    derived = chocolatey.derive(catalog(*archives, products=products), config())
    return derived.catalog, derived.tree | chocolatey.render(derived.catalog, config())


def client(tree: Tree) -> FeedClient:
    """A client of a tree: the query is not looked at, as on a static host."""

    def fetch(url: str) -> bytes:
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}" == "https://dl.acme.example"
        content = tree[parts.path[1:]].content
        assert isinstance(content, bytes)
        return content

    return FeedClient("https://dl.acme.example/chocolatey/index.json", fetch)


@pytest.mark.parametrize("name", REGISTRATIONS)
def test_every_version_is_registered_in_order(name: str) -> None:
    _, tree = build(*VERSIONS)
    entries = client(tree).registration("Hello", name)
    assert [entry["version"] for entry in entries] == ["1.9.0", "1.10.0", "2.0.0-beta.9", "2.0.0-beta.10"]
    assert all(entry["listed"] and entry["id"] == "hello" and entry["published"] == "2026-01-01T12:00:00Z" for entry in entries)


def test_versions_are_in_the_order_of_nuget_which_passes_over_a_page_by_its_bounds() -> None:
    _, tree = build("2.0rc2", "2.0rc10", "2.0.0-rc.10", "2.0.0-rc.2", "1.0.0.1", "1.0.0", "2.0.0-rc.x")
    expected = ["1.0.0", "1.0.0.1", "2.0.0-rc.2", "2.0.0-rc.10", "2.0.0-rc.x", "2.0.0-rc10", "2.0.0-rc2"]
    assert [entry["version"] for entry in client(tree).registration("hello")] == expected


def test_search_shows_the_prerelease_that_clients_take() -> None:
    (hit,) = client(build("2.0rc2", "2.0rc10")[1]).search("hello", prerelease=True)
    assert hit["version"] == "2.0.0-rc2"


def test_a_package_stands_at_all_its_addresses() -> None:
    whole, tree = build(*VERSIONS)
    feed = client(tree)
    assert feed.versions("hello") == ["1.9.0", "1.10.0", "2.0.0-beta.9", "2.0.0-beta.10"]
    for artifact in whole.select(Kind.NUPKG):
        assert isinstance(artifact.facts, NupkgFacts)
        content = feed.download("Hello", artifact.facts.version)
        assert tree[artifact.path].content == content
        assert tree[artifact.path.removesuffix(".nupkg") + ".nuspec"].content == feed.nuspec("hello", artifact.facts.version) == artifact.facts.nuspec


def test_search_shows_the_newest_stable_version() -> None:
    _, tree = build(*VERSIONS, products=(Product(id="hello", title="Hello <b>", description='Says "hello" \\ & more'),))
    (hit,) = client(tree).search("hel")
    assert (hit["version"], hit["title"], hit["summary"]) == ("1.10.0", "Hello <b>", 'Says "hello" \\ & more')
    assert client(tree).search("other") == []
    assert client(tree).complete("he") == ["hello"]


def test_search_shows_a_prerelease_where_there_is_nothing_else() -> None:
    _, tree = build("2.0.0-beta.1")
    (hit,) = client(tree).search("hello", prerelease=True)
    assert hit["version"] == "2.0.0-beta.1"


def test_published_packages_stay_where_the_store_has_them() -> None:
    first, tree = build("1.0.0")
    second = chocolatey.derive(first.add([archive("hello", "1.1.0", "windows", "amd64", suffix="zip")]), config())
    again = second.tree | chocolatey.render(second.catalog, config())
    flat = "chocolatey/flat/hello/{0}/hello.{0}.nupkg".format
    assert again[flat("1.0.0")] == File(Blob(tree[flat("1.0.0")].sha256, tree[flat("1.0.0")].size), Stage.PAYLOAD)
    assert isinstance(again[flat("1.1.0")].content, bytes)


def test_a_promoted_version_is_there_once() -> None:
    whole, _ = build("2.0.0-beta.1")
    promoted = whole.add([replace(artifact, channel="stable") for artifact in whole.artifacts])
    derived = chocolatey.derive(promoted, config())
    assert not derived.tree
    tree = chocolatey.render(promoted, config())
    copies = [path for path in tree if path.startswith("chocolatey/flat/") and path.endswith(".nupkg")]
    assert copies == ["chocolatey/flat/hello/2.0.0-beta.1/hello.2.0.0-beta.1.nupkg"]


def test_only_the_service_index_is_an_entry() -> None:
    _, tree = build(*VERSIONS)
    assert [path for path, file in tree.items() if file.stage is Stage.ENTRY] == ["chocolatey/index.json"]
    assert {file.stage for path, file in tree.items() if path.endswith((".nupkg", ".nuspec"))} == {Stage.PAYLOAD}


def listed(tree: Tree) -> dict[str, bool]:
    return {entry["version"]: entry["listed"] for entry in client(tree).registration("hello")}


def test_a_beta_that_is_no_prerelease_to_nuget_goes_to_nobody_unasked(caplog: pytest.LogCaptureFixture) -> None:
    """It is listed once stable has come as far: by promotion, or by a later version."""
    stable, beta = (archive("hello", v, "windows", "amd64", suffix="zip", channel=c) for v, c in (("1.0.0", "stable"), ("1.1.0", "beta")))
    whole = chocolatey.derive(catalog(stable, beta), config()).catalog
    assert [record.message for record in caplog.records] == [
        (
            "hello 1.1.0 is in channel beta, but to NuGet it is no prerelease: choco brings it to nobody but who asks for --version=1.1.0; "
            "a version such as 1.1.0-beta1 is offered with --pre"
        )
    ]
    tree = chocolatey.render(whole, config())
    assert listed(tree) == {"1.0.0": True, "1.1.0": False}
    (hit,) = client(tree).search("hello")
    assert [hit["version"], *(version["version"] for version in hit["versions"])] == ["1.0.0", "1.0.0"]
    assert client(tree).versions("hello") == ["1.0.0", "1.1.0"]

    promoted = whole.add([replace(artifact, channel="stable") for artifact in whole.artifacts if artifact.version == "1.1.0"])
    assert listed(chocolatey.render(promoted, config())) == {"1.0.0": True, "1.1.0": True}
    passed = chocolatey.derive(whole.add([archive("hello", "1.2.0", "windows", "amd64", suffix="zip")]), config()).catalog
    assert listed(chocolatey.render(passed, config())) == {"1.0.0": True, "1.1.0": True, "1.2.0": True}


def test_a_beta_does_not_go_to_everyone_when_stable_is_withdrawn() -> None:
    stable, beta = (archive("hello", v, "windows", "amd64", suffix="zip", channel=c) for v, c in (("1.0.0", "stable"), ("1.1.0", "beta")))
    whole = chocolatey.derive(catalog(stable, beta), config()).catalog
    gone = edited(whole, Yank(product="hello", version="1.0.0"), "2026-12-01T12:00:00Z")
    assert listed(chocolatey.render(gone, config())) == {"1.0.0": False, "1.1.0": False}


def test_the_only_channel_is_for_everyone() -> None:
    whole = chocolatey.derive(catalog(archive("hello", "1.1.0", "windows", "amd64", suffix="zip", channel="edge")), config()).catalog
    assert listed(chocolatey.render(whole, config())) == {"1.1.0": True}


@pytest.mark.parametrize("at_once", [True, False])
def test_a_version_that_comes_to_two_channels_is_one_package_in_both(at_once: bool) -> None:
    first, second = (archive("hello", "1.1.0", "windows", "amd64", suffix="zip", channel=channel) for channel in ("beta", "stable"))
    other = archive("hello", "1.0.0", "windows", "amd64", suffix="zip")
    before = catalog(first, other) if at_once else chocolatey.derive(catalog(first, other), config()).catalog
    whole = chocolatey.derive(before.add([second]), config()).catalog
    packages = [(a.version, a.channel) for a in whole.select(Kind.NUPKG)]
    assert packages == [("1.0.0", "stable"), ("1.1.0", "beta"), ("1.1.0", "stable")]
    assert listed(chocolatey.render(whole, config())) == {"1.0.0": True, "1.1.0": True}
    assert chocolatey.derive(whole, config()).catalog.select(Kind.NUPKG) == whole.select(Kind.NUPKG)
