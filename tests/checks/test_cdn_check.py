"""The look at the public address, on CDNs that are set well and on others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec
import pytest

from repogen.checks.cdn_check import check_cdn
from repogen.config import CacheConfig, CdnConfig, Config, RepoConfig
from repogen.manifest import Entry
from repogen.state import Snapshot
from repogen.state.head import NOTHING
from repogen.stores.memory import MemoryStore
from repogen.tree import Stage
from tests.support.cdn import ZONE, Cdn, cdn

FILES = {
    "apt/dists/stable/InRelease": Stage.ENTRY,
    "apt/dists/stable/main/binary-amd64/Packages.gz": Stage.INDEX,
    "apt/pool/main/h/hello/hello_1.0+1_amd64.deb": Stage.PAYLOAD,
    "index.html": Stage.PAGE,
}
POLICIES = {Stage.PAYLOAD: "public, max-age=31536000, immutable"}
ASK = "public, max-age=0, must-revalidate"


@pytest.fixture
def site() -> Iterator[tuple[Cdn, Config]]:
    contents = {path: path.encode() for path in FILES}
    with cdn(contents.get) as (made, url):
        made.headers_of = lambda path: {"Cache-Control": POLICIES.get(FILES.get(path, Stage.PAGE), ASK)}
        yield made, Config(repo=RepoConfig(name="acme", url=url), cdn=CdnConfig(kind="cloudflare", zone=ZONE))


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = {path: Entry(len(path), hashlib.sha256(path.encode()).hexdigest(), stage) for path, stage in FILES.items()}
    monkeypatch.setattr("repogen.checks.cdn_check.load", lambda _: Standing(manifest))


class Standing(Snapshot):
    """A snapshot whose manifest is at hand."""

    def __init__(self, manifest: dict[str, Entry], unpurged: tuple[str, ...] = ()) -> None:
        super().__init__(head=msgspec.structs.replace(NOTHING, number=1, unpurged=unpurged))
        self.__dict__["manifest"] = manifest


def found(config: Config) -> list[str]:
    return [f"{finding.severity.value}: {finding.message}" for finding in check_cdn(config, MemoryStore())]


def test_all_is_well(site: tuple[Cdn, Config]) -> None:
    _, config = site
    assert found(config) == [f"ok: {config.url}/ serves what was published, as cloudflare should"]


def test_without_a_cdn_nothing_is_asked(site: tuple[Cdn, Config]) -> None:
    made, config = site
    assert found(Config(repo=config.repo)) == []
    assert made.asked == []


def test_an_older_entry_file(site: tuple[Cdn, Config]) -> None:
    made, config = site
    made.kept["/apt/dists/stable/InRelease"] = b"old"
    assert found(config) == [f"error: {config.url}/apt/dists/stable/InRelease still has other bytes, unlike the destination"]
    made.kept["/index.html"] = b"old"
    assert found(config) == [f"error: {config.url}/apt/dists/stable/InRelease still has other bytes, unlike the destination (and 1 more file like it)"]


def test_caching_that_keeps_old_indices_or_fetches_payload_again(site: tuple[Cdn, Config]) -> None:
    made, config = site
    made.headers_of = lambda _: {"Cache-Control": "public, max-age=3600"}
    assert found(config) == [
        "warning: apt/pool/main/h/hello/hello_1.0+1_amd64.deb never changes, and yet comes with Cache-Control: public, max-age=3600",
        "error: apt/dists/stable/main/binary-amd64/Packages.gz changes with a publish, and yet comes with Cache-Control: public, max-age=3600",
        "error: apt/dists/stable/InRelease changes with a publish, and yet comes with Cache-Control: public, max-age=3600",
        "error: index.html changes with a publish, and yet comes with Cache-Control: public, max-age=3600",
    ]
    wanted = CacheConfig(payload="max-age=3600", index="max-age=3600", entry="public, s-maxage=60, max-age=3600", page="max-age=3600")
    assert found(Config(repo=config.repo, cdn=config.cdn, cache=wanted))[0].startswith("ok: ")


def test_no_caching_is_told(site: tuple[Cdn, Config]) -> None:
    made, config = site
    made.headers_of = lambda _: {}
    assert len(found(config)) == 4
    assert all("comes without a time in its Cache-Control" in line for line in found(config))
    made.headers_of = lambda _: {"Cache-Control": "no-cache"}
    assert [line.split(" ")[1] for line in found(config)] == ["apt/pool/main/h/hello/hello_1.0+1_amd64.deb"]


def test_packed_files_with_an_encoding(site: tuple[Cdn, Config]) -> None:
    made, config = site
    plain = made.headers_of
    made.headers_of = lambda path: {**plain(path), **({"Content-Encoding": "gzip"} if path.endswith(".gz") else {})}
    assert found(config) == ["error: apt/dists/stable/main/binary-amd64/Packages.gz comes with Content-Encoding: gzip, so that clients unpack it too early"]


def test_plus_in_an_address(site: tuple[Cdn, Config]) -> None:
    made, config = site
    inner = made.read
    made.read = lambda path: None if "+" in path else inner(path)
    assert found(config) == ["error: apt/pool/main/h/hello/hello_1.0+1_amd64.deb is answered with HTTP 403"]


def test_unknown_names_that_are_answered_with_a_page(site: tuple[Cdn, Config]) -> None:
    made, config = site
    inner = made.read
    made.read = lambda path: inner(path) or b"<html>"
    assert found(config) == ["error: a name that does not exist is answered with a page"]


def test_403_for_unknown_names_is_told_where_clients_want_404(site: tuple[Cdn, Config], monkeypatch: pytest.MonkeyPatch) -> None:
    made, config = site
    paths = {"chocolatey/index.json": Stage.ENTRY, "updates/stable/latest.yml": Stage.ENTRY}
    manifest = {path: Entry(len(path), hashlib.sha256(path.encode()).hexdigest(), stage) for path, stage in paths.items()}
    monkeypatch.setattr("repogen.checks.cdn_check.load", lambda _: Standing(manifest))
    made.read = lambda path: path.encode() if path in paths else None
    assert found(config) == [
        "warning: a name that does not exist is answered with 403, which choco and nuget and applications with electron-updater take for an error"
    ]


def test_nothing_answers(site: tuple[Cdn, Config]) -> None:
    _, config = site
    (line,) = found(Config(repo=RepoConfig(name="acme", url="http://127.0.0.1:9"), cdn=config.cdn))
    assert line.startswith("error: nothing answers at http://127.0.0.1:9/: ")
    assert "refused" in line


def test_a_purge_that_is_still_to_be_done(site: tuple[Cdn, Config], monkeypatch: pytest.MonkeyPatch) -> None:
    _, config = site
    manifest = {"index.html": Entry(10, hashlib.sha256(b"index.html").hexdigest(), Stage.PAGE)}
    monkeypatch.setattr("repogen.checks.cdn_check.load", lambda _: Standing(manifest, ("index.html",)))
    assert found(config) == ["warning: the last publish could not purge the CDN"]
