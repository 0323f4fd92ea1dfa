"""Purges by address, against an API that answers as Cloudflare's documentation says."""

from __future__ import annotations

import json

import pytest

from repogen.cdn.cloudflare import purge
from repogen.cdn.patience import Patience
from repogen.errors import CdnError
from tests.cdn.conftest import Edge
from tests.support.cdn import TOKEN

BUSY = json.dumps({"success": False, "errors": [{"code": 10429, "message": "Rate limited"}], "messages": [], "result": None}).encode()


def test_every_address_of_a_path_is_forgotten(edge: Edge) -> None:
    edge.files |= {"a+b": b"old", "t.git/info/refs": b"old", "index.html": b"old", "other": b"kept"}
    for address in ("/a+b", "/a%2Bb", "/t.git/info/refs", "/t.git/info/refs?service=git-upload-pack", "/index.html", "/other"):
        assert edge.cdn.serve(address)
    purge(edge.config("cloudflare"), ["a+b", "t.git/info/refs", "index.html"], "mark", Patience(5))
    assert edge.cdn.kept == {"/other": b"kept"}
    assert edge.cdn.calls == [
        [f"{edge.url}/{path}" for path in ("a%2Bb", "a+b", "t.git/info/refs", "t.git/info/refs?service=git-upload-pack", "index.html", "")]
    ]


def test_a_hundred_addresses_in_a_request(edge: Edge) -> None:
    purge(edge.config("cloudflare"), [f"Packages-{number}" for number in range(250)], "mark", Patience(5))
    assert [len(call) for call in edge.cdn.calls] == [100, 100, 50]
    assert len({address for call in edge.cdn.calls for address in call}) == 250


def test_a_rate_limit_and_a_fault_of_the_service_are_waited_for(edge: Edge) -> None:
    edge.cdn.refusals = [(429, {"Retry-After": "0"}, BUSY), (503, {}, b"<html>"), (429, {}, BUSY)]
    purge(edge.config("cloudflare"), ["InRelease"], "mark", Patience(5))
    assert len(edge.cdn.calls) == 1


def test_a_rate_limit_that_is_longer_than_our_patience_is_told_at_once(edge: Edge) -> None:
    edge.cdn.refusals = [(429, {"Retry-After": "300"}, BUSY)]
    with pytest.raises(CdnError, match=r"did not purge zone \w+: Rate limited \(10429\)"):
        purge(edge.config("cloudflare"), ["InRelease"], "mark", Patience(5))


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, {"success": False, "errors": [{"code": 1012, "message": "Request must contain files"}]}, r"Request must contain files \(1012\)"),
        (403, {"success": False, "errors": [{"code": 9109, "message": "Unauthorized"}]}, r"Unauthorized \(9109\)"),
        (200, ["odd"], "HTTP 200"),
        (404, {"success": False, "errors": [{"code": 7003, "message": "Could not route"}]}, "Could not route"),
    ],
)
def test_what_the_service_refuses_is_an_error(edge: Edge, status: int, body: object, said: str) -> None:
    edge.cdn.refusals = [(status, {}, json.dumps(body).encode())]
    with pytest.raises(CdnError, match=said) as caught:
        purge(edge.config("cloudflare"), ["InRelease"], "mark", Patience(5))
    assert caught.value.hint
    assert edge.cdn.calls == []


@pytest.mark.parametrize("token", ["", "two\nlines-secret", "wrong-secret"])
def test_the_token_is_never_told(edge: Edge, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", token)
    with pytest.raises(CdnError) as caught:
        purge(edge.config("cloudflare"), ["InRelease"], "mark", Patience(5))
    assert "secret" not in str(caught.value)
    assert "CLOUDFLARE_API_TOKEN" in str(caught.value)
    assert f"Bearer {TOKEN}" not in edge.cdn.authorizations


def test_nobody_there(edge: Edge) -> None:
    with pytest.raises(CdnError, match=r"did not purge zone .*: no answer"):
        purge(edge.config("cloudflare", endpoint_url="http://127.0.0.1:9"), ["InRelease"], "mark", Patience(0.1))


def test_a_redirect_does_not_carry_the_token(edge: Edge) -> None:
    edge.cdn.refusals = [(302, {"Location": "/api/elsewhere"}, b"")]
    with pytest.raises(CdnError, match="HTTP 404"):
        purge(edge.config("cloudflare"), ["InRelease"], "mark", Patience(5))
    assert edge.cdn.authorizations == {f"Bearer {TOKEN}", ""}


def test_an_answer_without_a_list_of_errors(edge: Edge) -> None:
    edge.cdn.refusals = [(200, {}, b'{"success": true, "errors": null}')]
    purge(edge.config("cloudflare"), ["InRelease"], "mark", Patience(5))
