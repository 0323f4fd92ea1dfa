"""Invalidations, against an API that answers as CloudFront's documentation says."""

from __future__ import annotations

import pytest

from repogen.cdn import cloudfront
from repogen.cdn.cloudfront import invalidation_paths, purge
from repogen.cdn.patience import Patience
from repogen.errors import CdnError
from tests.cdn.conftest import Edge

XML = "http://cloudfront.amazonaws.com/doc/2020-05-31/"


def error(code: str) -> bytes:
    return f'<?xml version="1.0"?><ErrorResponse xmlns="{XML}"><Error><Code>{code}</Code><Message>{code}.</Message></Error></ErrorResponse>'.encode()


def test_it_waits_until_the_edges_have_forgotten(edge: Edge) -> None:
    edge.files["InRelease"] = b"old"
    edge.cdn.serve("/InRelease")
    edge.files["InRelease"] = b"new"
    assert edge.cdn.serve("/InRelease") == b"old"
    purge(edge.config("cloudfront"), ["InRelease"], "mark", Patience(5))
    assert edge.cdn.serve("/InRelease") == b"new"
    assert edge.cdn.calls == [["/InRelease"]]


def test_the_environment_says_where_the_service_is(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFRONT", f"{edge.url}/api")
    purge(edge.config("cloudfront", endpoint_url="http://127.0.0.1:9"), ["InRelease"], "mark", Patience(5))
    assert edge.cdn.calls == [["/InRelease"]]


def test_what_a_killed_run_has_asked_for_is_waited_for_and_not_asked_again(edge: Edge) -> None:
    edge.cdn.polls = 1_000_000
    config = edge.config("cloudfront")
    with pytest.raises(CdnError, match="has not completed invalidation I0000000000000 of E2QWRUHAPOMQZL within 20 seconds"):
        purge(config, ["InRelease"], "mark", Patience(0.1))
    (reference, paths, _) = edge.cdn.invalidations["I0000000000000"]
    edge.cdn.invalidations["I0000000000000"] = (reference, paths, 1)
    purge(config, ["InRelease"], "mark", Patience(5))
    assert len(edge.cdn.calls) == 1


def test_a_purge_that_was_completed_is_made_anew(edge: Edge) -> None:
    for _ in range(3):
        purge(edge.config("cloudfront"), ["InRelease"], "mark", Patience(5))
    assert [reference for reference, _, _ in edge.cdn.invalidations.values()] == ["repogen-mark-0", "repogen-mark-1", "repogen-mark-2"]


def test_the_site_below_a_folder() -> None:
    assert invalidation_paths("https://dl.acme.example/tools", ["apt/dists/stable/InRelease", "index.html"]) == [
        "/tools/",
        "/tools/apt/dists/stable/InRelease",
        "/tools/index.html",
    ]


def test_both_encodings_and_no_tilde(edge: Edge) -> None:
    config = edge.config("cloudfront")
    asked = ["/a+b", "/a%2Bb", "/downloads/1~rc/SHA256SUMS", "/downloads/1%7Erc/SHA256SUMS", "/t.git/info/refs", "/t.git/info/refs?service=git-upload-pack"]
    edge.files |= {"a+b": b"old", "downloads/1~rc/SHA256SUMS": b"old", "t.git/info/refs": b"old", "other": b"kept"}
    for address in [*asked, "/other"]:
        assert edge.cdn.serve(address)
    purge(config, ["a+b", "downloads/1~rc/SHA256SUMS", "t.git/info/refs"], "mark", Patience(5))
    assert edge.cdn.calls == [["/a%2Bb", "/a+b", "/downloads/1*", "/t.git/info/refs*"]]
    assert edge.cdn.kept == {"/other": b"kept"}


def test_too_many_paths_become_one_wildcard(edge: Edge) -> None:
    most = [f"Packages-{number}" for number in range(3000)]
    assert len(invalidation_paths("https://dl.acme.example", most)) == 3000
    assert invalidation_paths("https://dl.acme.example/tools", [*most, "more"]) == ["/tools/*"]
    assert invalidation_paths("https://dl.acme.example", [f"{number}~rc" for number in range(16)]) == ["/*"]
    purge(edge.config("cloudfront"), [*most, "more"], "mark", Patience(5))
    assert edge.cdn.calls == [["/*"]]


def test_others_in_progress_are_waited_for(edge: Edge) -> None:
    edge.cdn.refusals = [(400, {}, error("TooManyInvalidationsInProgress"))] * 3
    purge(edge.config("cloudfront"), ["InRelease"], "mark", Patience(5))
    assert len(edge.cdn.calls) == 1
    edge.cdn.refusals = [(400, {}, error("TooManyInvalidationsInProgress"))] * 1000
    with pytest.raises(CdnError, match="too many other invalidations are in progress"):
        purge(edge.config("cloudfront"), ["InRelease"], "other", Patience(0.1))


@pytest.mark.parametrize(
    ("status", "code", "said", "hint"),
    [
        (403, "AccessDenied", "access is denied", "cloudfront:CreateInvalidation"),
        (404, "NoSuchDistribution", "there is no such distribution", "[cdn] distribution"),
        (403, "ExpiredToken", "the credentials have expired", "renew"),
        (400, "InvalidArgument", "InvalidArgument", "cloudfront:CreateInvalidation"),
    ],
)
def test_what_the_service_refuses_is_a_sentence(edge: Edge, status: int, code: str, said: str, hint: str) -> None:
    edge.cdn.refusals = [(status, {}, error(code))]
    with pytest.raises(CdnError, match=f"CloudFront could not purge E2QWRUHAPOMQZL: .*{said}") as caught:
        purge(edge.config("cloudfront"), ["InRelease"], "mark", Patience(5))
    assert hint in caught.value.hint
    assert edge.cdn.calls == []


def test_no_credentials_and_nobody_there(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloudfront, "ATTEMPTS", 1)
    with pytest.raises(CdnError, match="the service does not answer"):
        purge(edge.config("cloudfront", endpoint_url="http://127.0.0.1:9"), ["InRelease"], "mark", Patience(5))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(CdnError, match="there are no credentials"):
        purge(edge.config("cloudfront"), ["InRelease"], "mark", Patience(5))
