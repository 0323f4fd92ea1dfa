"""repo.json, the catalog for machines."""

from __future__ import annotations

import json
from typing import Any

from msgspec.structs import replace

from repogen.artifact import Kind
from repogen.formats import repo_json, updates
from repogen.tree import Stage
from tests.support.catalogs import catalog, config
from tests.support.releases import KEY, acme, deb, download


def site(made: object) -> dict[str, Any]:
    return json.loads(repo_json.render(made, config())["repo.json"].content)


def test_it_tells_everything_of_the_site_and_its_keys() -> None:
    whole = site(acme())
    assert list(whole)[:3] == ["format", "name", "title"]
    assert whole["format"] == 1
    assert whole["url"] == "https://dl.acme.example"
    assert whole["channels"] == ["stable", "beta"]
    assert whole["keys"][0]["fingerprint"] == KEY.fingerprint
    assert whole["key_urls"] == {"armored": "https://dl.acme.example/keys/acme.asc", "binary": "https://dl.acme.example/keys/acme.gpg"}


def test_each_product_has_its_newest_versions_its_releases_and_its_install_lines() -> None:
    taskguard = next(p for p in site(acme())["products"] if p["id"] == "taskguard")
    assert taskguard["newest"] == {"stable": "1.4.0", "beta": "1.5.0-beta.2"}
    assert [(r["version"], r["channel"]) for r in taskguard["releases"]] == [("1.4.0", "stable"), ("1.3.0", "stable"), ("1.5.0-beta.2", "beta")]
    assert taskguard["install"]["stable"]["dnf"][0].endswith("sudo dnf install taskguard")
    newest = taskguard["releases"][0]
    assert newest["notes"].startswith("# Taskguard 1.4.0")
    assert newest["checksums"]["signature_url"] == "https://dl.acme.example/downloads/taskguard/1.4.0/SHA256SUMS.asc"


def test_each_product_has_the_addresses_of_its_update_manifests() -> None:
    made = updates.derive(acme(), config()).catalog
    found = {product["id"]: product["updates"] for product in site(made)["products"]}
    base = "https://dl.acme.example/updates"
    assert found["quiet"]["stable"]["plain"]["windows"] == f"{base}/stable/windows/latest.json"
    assert found["quiet"]["stable"]["electron"] == {"latest-linux.yml": f"{base}/stable/latest-linux.yml"}
    assert found["taskguard"]["beta"]["plain"]["linux"] == f"{base}/taskguard/beta/linux/latest.json"
    named = {url for channels in found.values() for kinds in channels.values() for some in kinds.values() for url in some.values()}
    assert {url.removeprefix("https://dl.acme.example/") for url in named} <= set(updates.render(made, config()))


def test_every_file_has_its_address_size_and_digests() -> None:
    made = acme()
    listed = {f["path"]: f for p in site(made)["products"] for r in p["releases"] for f in r["files"]}
    assert listed.keys() == {a.path for a in made.artifacts}
    for artifact in made.artifacts:
        file = listed[artifact.path]
        assert (file["size"], file["sha256"], file["sha512"]) == (artifact.size, artifact.sha256, artifact.sha512)
        assert file["url"] == f"https://dl.acme.example/{artifact.path}"
        assert file["kind"] == artifact.kind.value


def test_a_plus_is_escaped_in_the_address_alone() -> None:
    package = replace(deb("hello", "1.0.0"), path="apt/pool/main/h/hello/hello_1.0.0+deb12_amd64.deb")
    (file,) = site(catalog(package))["products"][0]["releases"][0]["files"]
    assert file["url"].endswith("hello_1.0.0%2Bdeb12_amd64.deb")
    assert file["path"].endswith("hello_1.0.0+deb12_amd64.deb")


def test_an_unsigned_preview_names_no_key_and_no_signature() -> None:
    whole = site(acme(keys=()))
    assert (whole["keys"], whole["key_urls"]) == ([], {})
    assert whole["products"][0]["releases"][0]["checksums"]["signature_url"] is None


def test_odd_text_stays_text_and_the_same_catalog_gives_the_same_bytes() -> None:
    made = catalog(download("hello", "1.0.0", 'a"b\\\u2028\udc80.bin', Kind.BINARY, "linux", "amd64"))
    tree = repo_json.render(made, config())
    assert tree["repo.json"].stage is Stage.ENTRY
    assert tree["repo.json"].content == repo_json.render(made, config())["repo.json"].content
    assert site(made)["products"][0]["releases"][0]["files"][0]["name"].startswith('a"b\\\u2028')


def test_each_product_release_and_file_is_a_line() -> None:
    made = acme()
    lines = repo_json.render(made, config())["repo.json"].content.decode().splitlines()
    files, releases = len(made.artifacts), sum(len(made.releases_of(product.id)) for product in made.offered)
    assert len(lines) == 1 + len(made.offered) + releases + files + 1
    assert sum(json.loads(line.rstrip("]},") + "}")["size"] for line in lines if line.startswith('{"name":"') and '"path"' in line) == sum(
        a.size for a in made.artifacts
    )
