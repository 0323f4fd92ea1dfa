"""Plain update manifests: which release, which file, whose address, and what stays when nothing is offered."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from msgspec.structs import replace

from repogen import layout
from repogen.artifact import Artifact, DebFacts, InstallerFacts, Kind, PackageEntry, PackageListFacts, RpmFacts, UpdatePackageFacts
from repogen.catalog import Catalog, Product
from repogen.config import Config, ProductConfig
from repogen.edits import Promote, Rollback, Rollout, Yank, edited
from repogen.errors import UsageError
from repogen.formats import updates
from repogen.tree import Stage, Tree
from repogen.updates_config import UpdatesConfig
from tests.support.catalogs import catalog, config
from tests.support.golden import assert_golden
from tests.support.releases import QUIET, acme, application_release, archive, deb, download, rpm

LATER = "2026-12-01T12:00:00Z"
SPARKLE = "{http://www.andymatuschak.org/xml-namespaces/sparkle}"


def quiet(*versions: str, channel: str = "stable") -> list[Artifact]:
    return [a for version in versions for a in application_release(version, channel=channel)]


def derived(made: Catalog, settings: Config | None = None) -> Catalog:
    return updates.derive(made, settings or config()).catalog


def site(made: Catalog, settings: Config | None = None) -> Tree:
    return updates.render(derived(made, settings), settings or config())


def content_of(tree: Tree, path: str) -> bytes:
    content = tree[path].content
    assert isinstance(content, bytes)
    return content


def at(tree: Tree, path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(content_of(tree, path))
    return found


def manifests(tree: Tree) -> dict[str, dict[str, Any]]:
    return {path: at(tree, path) for path in tree if path.endswith("/latest.json")}


def test_golden() -> None:
    tree = site(acme())
    for path in ("stable/windows/latest.json", "release-notes/1.0.0.md", "latest.schema.json", "stable/latest-linux.yml", "taskguard/beta/linux/latest.json"):
        content = tree[f"updates/{path}"].content
        assert isinstance(content, bytes)
        assert_golden(f"updates/{path}", content)


def test_manifests_are_entries_and_what_they_name_comes_before() -> None:
    stages = {path: file.stage for path, file in site(acme()).items()}
    assert {stage for path, stage in stages.items() if path.endswith(("latest.json", ".yml"))} == {Stage.ENTRY}
    assert {stage for path, stage in stages.items() if not path.endswith(("latest.json", ".yml"))} == {Stage.INDEX}


def test_every_manifest_satisfies_the_schema_and_names_what_is_there() -> None:
    made = acme()
    settings = config(updates=UpdatesConfig(minimum_version="1.2"))
    gone = derived(edited(derived(made, settings), Yank(product="quiet", version="1.0.0"), LATER), settings)
    files = {layout.url("https://dl.acme.example", a.path): a for a in made.artifacts}
    for tree in (site(made, settings), updates.render(gone, settings)):
        schema = at(tree, "updates/latest.schema.json")
        jsonschema.Draft202012Validator.check_schema(schema)
        assert manifests(tree)
        for path, manifest in manifests(tree).items():
            jsonschema.validate(manifest, schema)
            assert path.split("/")[-3:-1] == [manifest["channel"], manifest["platform"]]
            for file in manifest["files"]:
                artifact = files[file["download_url"]]
                assert (file["size"], file["sha256"], artifact.version) == (artifact.size, artifact.sha256, manifest["version"])
            if manifest["version"]:
                assert manifest["files"][0] == {key: manifest[key] for key in ("download_url", "size", "sha256", "kind", "arch")}
            if url := manifest["release_notes_url"]:
                assert tree[url.removeprefix("https://dl.acme.example/")].content == manifest["release_notes"].encode()


def test_a_platform_is_a_system_or_a_system_and_an_architecture() -> None:
    tree = site(catalog(*quiet("1.0.0")))
    platforms = {path.split("/")[2] for path in manifests(tree) if path.count("/") == 3}
    assert platforms == {"linux", "linux-amd64", "macos", "macos-amd64", "macos-arm64", "windows", "windows-amd64"}
    assert at(tree, "updates/stable/macos-arm64/latest.json")["arch"] == "universal"


def test_what_most_people_want_comes_first() -> None:
    portable, setup = InstallerFacts(technology="portable"), InstallerFacts(technology="nsis")
    files = [
        download("quiet", "1.0.0", "Quiet.exe", Kind.EXE, "windows", "amd64", facts=portable),
        download("quiet", "1.0.0", "Quiet-arm64.msi", Kind.MSI, "windows", "arm64"),
        download("quiet", "1.0.0", "Quiet 1.0.0.exe", Kind.EXE, "windows", "any", facts=setup),
        download("quiet", "1.0.0", "Quiet Setup 1.0.0.exe", Kind.EXE, "windows", "any", facts=setup),
        deb("quiet", "1.0.0"), rpm("quiet", "1.0.0"), archive("quiet", "1.0.0", "linux", "amd64"), archive("quiet", "1.0.0", "linux", "amd64", libc="musl"),
    ]  # fmt: skip
    tree = site(catalog(*files))
    names = {platform: [file["download_url"].rpartition("/")[2] for file in at(tree, f"updates/stable/{platform}/latest.json")["files"]] for platform in (
        "windows", "windows-arm64", "linux")}  # fmt: skip
    assert names["windows"] == ["Quiet-Setup-1.0.0.exe", "Quiet-1.0.0.exe", "Quiet.exe", "Quiet-arm64.msi"]
    assert names["windows-arm64"] == ["Quiet-arm64.msi", "Quiet-Setup-1.0.0.exe", "Quiet-1.0.0.exe"]
    assert [name.rpartition(".")[2] for name in names["linux"]] == ["gz", "gz", "deb", "rpm"]
    assert "musl" not in names["linux"][0]


def test_of_several_revisions_the_last_comes_first() -> None:
    first, source = deb("hello", "1.0"), rpm("hello", "1.0")
    assert isinstance(first.facts, DebFacts)
    assert isinstance(source.facts, RpmFacts)
    debs = [
        replace(first, path=layout.apt_pool("main", "hello", "hello", version, "amd64"), facts=replace(first.facts, version=version))
        for version in ("1.0", "1.0-9", "1.0-10")
    ]
    rpms = [
        replace(source, path=layout.yum_package("stable", "hello", "1.0", release, "x86_64"), facts=replace(source.facts, release=release))
        for release in ("9.el9", "10.el9")
    ]
    made = catalog(archive("hello", "1.0", "linux", "amd64"), *debs, *rpms)
    _, *names = (file["download_url"].rpartition("/")[2] for file in at(site(made), "updates/stable/linux/latest.json")["files"])
    assert names[:3] == ["hello_1.0-10_amd64.deb", "hello_1.0-9_amd64.deb", "hello_1.0_amd64.deb"]
    assert names[3:] == ["hello-1.0-10.el9.x86_64.rpm", "hello-1.0-9.el9.x86_64.rpm"]


def test_a_platform_that_a_release_left_out_keeps_the_one_before() -> None:
    made = catalog(*quiet("1.0.0"), download("quiet", "1.1.0", "QUIET-1.1.0-Windows.msi", Kind.MSI, "windows", "amd64"))
    tree = site(made)
    assert at(tree, "updates/stable/windows/latest.json")["version"] == "1.1.0"
    assert at(tree, "updates/stable/macos/latest.json")["version"] == "1.0.0"


def test_what_package_managers_update_has_none() -> None:
    assert not site(catalog(deb("quiet", "1.0.0"), rpm("quiet", "1.0.0")))


# -- whose the short address is ------------------------------------------------------------


def short(tree: Tree) -> set[str]:
    return {manifest["product"] for path, manifest in manifests(tree).items() if path.split("/")[1] in {"stable", "beta"}}


def test_the_short_address_is_that_of_the_only_product_and_stays_so() -> None:
    tool = [archive("tool", "1.0.0", "linux", "amd64")]
    first = derived(catalog(*tool))
    assert short(updates.render(first, config())) == {"tool"}
    second = derived(replace(first, products=(*first.products, QUIET)).add(quiet("1.0.0")))
    assert short(updates.render(second, config())) == {"tool"}, "installed ones ask there"
    both = updates.render(second, config())
    assert at(both, "updates/quiet/stable/windows/latest.json")["product"] == "quiet"
    assert short(site(second, config(updates=UpdatesConfig(product="quiet")))) == {"quiet"}


def test_a_product_that_there_is_not_takes_the_short_address_from_nobody() -> None:
    """Installed applications would be told that nothing is offered, because of one letter in repogen.toml."""
    first = derived(catalog(*quiet("1.0.0"), products=(QUIET,)))
    mistyped = config(updates=UpdatesConfig(product="quite"))
    with pytest.raises(UsageError, match=r"\[updates\] product 'quite' is no product of this site, and installed applications of 'quiet'"):
        derived(first.add(quiet("1.1.0")), mistyped)
    assert short(site(catalog(*quiet("1.0.0"), products=(QUIET,)), mistyped)) == set(), "one that comes later may be named before"


def test_among_several_it_is_the_only_application_or_nobodys() -> None:
    tools = [archive(name, "1.0.0", "linux", "amd64") for name in ("one", "two")]
    assert short(site(catalog(*tools, *quiet("1.0.0"), products=(QUIET,)))) == {"quiet"}
    assert short(site(catalog(*tools))) == set()


# -- channels, versions, edits -------------------------------------------------------------


def test_a_channel_may_follow_others() -> None:
    made = catalog(*quiet("1.0.0-beta.1", channel="beta"), *quiet("1.0.0"))
    assert at(site(made), "updates/beta/windows/latest.json")["version"] == "1.0.0-beta.1"
    followed = at(site(made, config(updates=UpdatesConfig(follows={"beta": ("stable",)}))), "updates/beta/windows/latest.json")
    assert (followed["version"], followed["channel"]) == ("1.0.0", "beta")


def test_a_channel_offers_what_it_follows_when_its_own_releases_are_withdrawn() -> None:
    settings = config(updates=UpdatesConfig(follows={"beta": ("stable",)}))
    made = derived(catalog(*quiet("1.0.0-beta.1", channel="beta"), *quiet("1.0.0")), settings)
    gone = edited(made, Yank(product="quiet", version="1.0.0-beta.1"), LATER)
    followed = at(site(gone, settings), "updates/beta/windows/latest.json")
    assert (followed["version"], followed["channel"]) == ("1.0.0", "beta")
    assert at(site(gone), "updates/beta/windows/latest.json")["version"] is None
    assert not any("/beta/" in path for path in site(catalog(*quiet("1.0.0")), settings)), "nobody asks for a channel that there never was"


def test_what_is_promoted_is_listed_once_where_both_channels_are_followed() -> None:
    settings, version = config(updates=UpdatesConfig(follows={"beta": ("stable",)})), "1.0.0-beta.1"
    facts = UpdatePackageFacts(id="Quiet", delta=False, sha1="a" * 40)
    package = download("quiet", version, f"Quiet-{version}-full.nupkg", Kind.UPDATE, "windows", "any", channel="beta", facts=facts)
    entry = PackageEntry(name=package.filename, version=version, size=package.size, sha1=facts.sha1)
    lists = [
        download("quiet", version, name, Kind.SIDE, "any", "any", channel="beta", facts=PackageListFacts(channel=own, entries=(entry,)))
        for name, own in (("RELEASES", ""), ("releases.win.json", "win"))
    ]
    made = derived(catalog(*(replace(a, eddsa="c2ln") for a in quiet(version, channel="beta")), package, *lists), settings)
    promoted = site(edited(made, Promote(product="quiet", version=version, to="stable"), LATER), settings)
    for name in ("RELEASES", "releases.win.json", "appcast.xml"):
        ours, followed = (content_of(promoted, f"updates/{channel}/{name}") for channel in ("stable", "beta"))
        assert followed.count(b"full.nupkg") == ours.count(b"full.nupkg")
        assert followed.count(b"<item>") == ours.count(b"<item>")


@pytest.mark.parametrize("left", ["stable", "beta"])
def test_the_feed_of_all_channels_goes_on_when_one_of_them_is_empty(left: str) -> None:
    signed = {"stable": quiet("1.0.0"), "beta": quiet("1.1.0-beta.1", channel="beta")}
    made = derived(catalog(*(replace(a, eddsa="c2ln") for files in signed.values() for a in files)))
    gone = next(release for release in made.releases if release.channel != left)
    tree = site(edited(made, Yank(product="quiet", version=gone.version), LATER))
    feed = ET.fromstring(content_of(tree, "updates/stable/appcast-channels.xml"))
    (offered,) = (release for release in made.releases if release.channel == left)
    assert [item.findtext(f"{SPARKLE}shortVersionString") for item in feed.iter("item")] == [offered.version]
    assert [item.findtext(f"{SPARKLE}channel") for item in feed.iter("item")] == [None if left == "stable" else "beta"]


@pytest.mark.parametrize(
    ("minimum", "expected"),
    [
        ("", {"3.1.0": (None, [])}),
        ("2.0", {"3.1.0": ("2.0", ["2.0.0"]), "2.0.0": (None, [])}),
        ({"3.0": "2.0"}, {"3.1.0": ("2.0", ["2.5.0"]), "2.5.0": (None, []), "3.0.0-rc.1": ("2.0", ["2.5.0"])}),
        ({"2.0": "1.5", "3.0": "2.5"}, {"3.1.0": ("2.5", ["2.5.0", "1.5.0"]), "2.5.0": ("1.5", ["1.5.0"]), "1.5.0": (None, [])}),
    ],
)
def test_versions_that_are_too_old_are_told_where_to_go_first(minimum: Any, expected: dict[str, Any]) -> None:
    versions = ("1.0.0", "1.5.0", "2.0.0", "2.5.0", "3.0.0-rc.1", "3.1.0")
    settings = config(product=(ProductConfig(id="quiet", minimum_version=minimum),), updates=UpdatesConfig(minimum_version="0.1"))
    if not minimum:
        settings = config()
    for newest, (least, steps) in expected.items():
        tree = site(catalog(*quiet(*versions[: versions.index(newest) + 1])), settings)
        manifest = at(tree, "updates/stable/windows/latest.json")
        assert (manifest["version"], manifest["minimum_version"], [step["version"] for step in manifest["steps"]]) == (newest, least, steps)
        assert all(step["version"] in step["download_url"] for step in manifest["steps"])


def test_a_rollout_and_a_promotion_show_at_once() -> None:
    made = catalog(*quiet("1.0.0"), *quiet("1.1.0", channel="beta"))
    rolled = edited(made, Rollout(product="quiet", version="1.0.0", percent=20), LATER)
    assert at(site(rolled), "updates/stable/windows/latest.json")["rollout"] == 20
    promoted = edited(made, Promote(product="quiet", version="1.1.0", to="stable"), LATER)
    assert at(site(promoted), "updates/stable/windows/latest.json")["version"] == "1.1.0"


def test_what_is_withdrawn_is_not_offered_and_its_address_stays() -> None:
    made = derived(catalog(*quiet("1.0.0"), *quiet("1.1.0", channel="beta")))
    tree = site(edited(made, Yank(product="quiet", version="1.1.0"), LATER))
    for path in ("updates/beta/windows/latest.json", "updates/quiet/beta/windows/latest.json"):
        manifest = at(tree, path)
        assert (manifest["product"], manifest["channel"], manifest["platform"], manifest["version"]) == ("quiet", "beta", "windows", None)
        assert (manifest["download_url"], manifest["files"]) == (None, [])
    assert at(tree, "updates/stable/windows/latest.json")["version"] == "1.0.0"


def test_a_rollback_offers_what_was_then() -> None:
    then = derived(catalog(*quiet("1.0.0")))
    now = derived(then.add(quiet("1.1.0")))
    back = derived(edited(now, Rollback(number=1, catalog=then), LATER))
    assert updates.render(back, config()) == updates.render(then, config())


def test_text_of_a_release_stays_in_its_quotes() -> None:
    hostile = '"\\ </script> {{ 1 }}\n\x1b\u202e#{x}\n---\n'
    made = catalog(*quiet("1.0.0"), products=(Product(id="quiet", title='"}\n'),)).with_notes({("quiet", "1.0.0"): hostile})
    tree = site(made)
    assert at(tree, "updates/stable/windows/latest.json")["release_notes"] == hostile.replace("\x1b", "").replace("\u202e", "")
    assert at(tree, "updates/latest.schema.json")
