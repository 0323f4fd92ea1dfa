"""Purging and reading back: what a publish asks of any CDN."""

from __future__ import annotations

import hashlib

import pytest

from repogen.cdn import EVERYTHING, purge, remembered
from repogen.cdn_config import KINDS
from repogen.config import Config, RepoConfig
from repogen.errors import CdnError
from repogen.manifest import Entry
from repogen.tree import Stage
from tests.cdn.conftest import Edge

both = pytest.mark.parametrize("kind", list(KINDS))


def manifest(edge: Edge) -> dict[str, Entry]:
    """Of what stands in the store: everything in ``pool/`` is payload."""
    return {
        path: Entry(len(content), hashlib.sha256(content).hexdigest(), Stage.PAYLOAD if path.startswith("pool/") else Stage.ENTRY)
        for path, content in edge.files.items()
    }


@both
def test_only_what_has_changed_is_purged_and_read_back(edge: Edge, kind: str) -> None:
    edge.files |= {"InRelease": b"old", "repomd.xml": b"same", "pool/a_1+2.deb": b"deb"}
    for path in edge.files:
        edge.cdn.serve(f"/{path}")
    edge.files["InRelease"] = b"new"
    edge.cdn.asked.clear()
    purge(edge.config(kind), ["InRelease", "pool/a_1+2.deb", "gone"], manifest(edge))
    assert edge.cdn.asked == ["/InRelease"]
    assert edge.cdn.kept["/InRelease"] == b"new"
    assert len(edge.cdn.calls) == 1


@both
def test_a_cdn_that_says_done_and_still_has_the_old_bytes(edge: Edge, kind: str) -> None:
    edge.files |= {"InRelease": b"old", "repomd.xml": b"old"}
    for path in edge.files:
        edge.cdn.serve(f"/{path}")
    edge.files |= {"InRelease": b"new", "repomd.xml": b"new"}
    edge.cdn.deaf = True
    with pytest.raises(CdnError) as caught:
        purge(edge.config(kind, timeout=3), ["InRelease", "repomd.xml"], manifest(edge))
    assert caught.value.exit_code == 1
    assert caught.value.message == (
        f"{edge.url}/ does not serve what was published; users may get old copies of 2 files:\n"
        "  InRelease still has other bytes\n  repomd.xml still has other bytes"
    )
    assert "The destination itself is whole: `repogen publish` again only purges again" in caught.value.hint
    assert edge.cdn.asked.count("/InRelease") > 2


def test_an_edge_that_is_late_is_waited_for(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    edge.files["InRelease"] = b"new"
    answers = [b"old", b"old", None, b"new"]
    monkeypatch.setattr(edge.cdn, "serve", lambda _: answers.pop(0))
    purge(edge.config("cloudflare", timeout=20), ["InRelease"], manifest(edge))
    assert answers == []


def test_the_other_encoding_counts_too(edge: Edge) -> None:
    edge.files["SHA256SUMS+1"] = b"old"
    edge.cdn.serve("/SHA256SUMS+1")
    edge.files["SHA256SUMS+1"] = b"new"
    edge.cdn.deaf = True
    with pytest.raises(CdnError, match=r"  SHA256SUMS\+1 still has other bytes \(asked for as SHA256SUMS\+1\)"):
        purge(edge.config("cloudflare", timeout=1), ["SHA256SUMS+1"], manifest(edge))


def test_the_public_address_answers_nothing_or_something_packed(edge: Edge) -> None:
    edge.files |= {"InRelease": b"new"}
    wanted = manifest(edge)
    edge.files.clear()
    with pytest.raises(CdnError, match="InRelease is answered with HTTP 403"):
        purge(edge.config("cloudflare", timeout=1), ["InRelease"], wanted)
    edge.files["InRelease"] = b"\x1f\x8b"
    edge.cdn.headers_of = lambda _: {"Content-Encoding": "gzip"}
    with pytest.raises(CdnError, match="InRelease comes with Content-Encoding: gzip"):
        purge(edge.config("cloudflare", timeout=1), ["InRelease"], wanted)
    with pytest.raises(CdnError, match=r"InRelease is not answered: .*refused"):
        purge(edge.config("cloudflare", timeout=1, url="http://127.0.0.1:9"), ["InRelease"], wanted)


@both
def test_a_purge_that_fails_names_the_paths(edge: Edge, kind: str) -> None:
    edge.files["InRelease"] = b"new"
    edge.cdn.refusals = [(403, {}, b"")]
    with pytest.raises(CdnError) as caught:
        purge(edge.config(kind), ["InRelease"], manifest(edge))
    assert caught.value.message.endswith("; users may get old copies of 1 file:\n  InRelease")
    assert "The destination itself is whole" in caught.value.hint
    assert edge.cdn.asked == []


def test_many_paths_are_counted(edge: Edge) -> None:
    edge.files |= {f"Packages-{number:02}": b"new" for number in range(30)}
    edge.cdn.refusals = [(403, {}, b"")]
    with pytest.raises(CdnError) as caught:
        purge(edge.config("cloudflare"), list(edge.files), manifest(edge))
    lines = caught.value.message.splitlines()
    assert (len(lines), lines[-2:]) == (22, ["  Packages-19", "  and 10 more files"])


def test_without_a_cdn_nothing_is_asked(edge: Edge) -> None:
    edge.files["InRelease"] = b"new"
    purge(Config(repo=RepoConfig(name="acme", url=edge.url)), ["InRelease"], manifest(edge))
    assert (edge.cdn.calls, edge.cdn.asked) == ([], [])


def test_everything_is_all_that_may_change(edge: Edge) -> None:
    edge.files |= {"InRelease": b"new", "pool/a.deb": b"deb"}
    purge(edge.config("cloudfront"), [EVERYTHING], manifest(edge))
    assert edge.cdn.calls == [["/InRelease"]]


def test_what_a_head_remembers() -> None:
    assert remembered(["b", "a"], ["c", "a"]) == ("a", "b", "c")
    assert remembered() == ()
    assert remembered([EVERYTHING], ["a"]) == (EVERYTHING,)
    assert remembered(f"Packages-{number}" for number in range(1001)) == (EVERYTHING,)
