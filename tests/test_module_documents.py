"""Modules of several releases side by side."""

from __future__ import annotations

import pytest

from repogen.module_documents import documents, joined, of_packages

DEFAULTS = "---\ndocument: modulemd-defaults\nversion: 1\ndata:\n  module: hello\n  stream: {}\n...\n"


def stream(name: str, *, summary: str = "Greets.", packages: str = "") -> str:
    """The document of a stream of hello, with a text in it that looks like the end of a document."""
    text = f"document: modulemd\nversion: 2\ndata:\n  name: hello\n  stream: {name}\n  version: 10\n  summary: {summary}\n  description: >-\n    ---\n    ...\n"
    return f"---\n{text}  artifacts:\n    rpms: [{packages}]\n...\n"


def test_other_streams_stay_and_the_newer_document_of_one_counts() -> None:
    first = (stream("1") + stream('"2"') + DEFAULTS.format("1")).encode()
    both = joined(first, (stream("2", summary="Waves.") + stream("3") + DEFAULTS.format("3")).encode())
    assert both.decode() == stream("1") + stream("2", summary="Waves.") + DEFAULTS.format("3") + stream("3")
    assert joined(both, stream("3").encode()) == both


def test_what_is_there_stays_as_it_came() -> None:
    came = b"# made by hand\n" + stream("1").encode().replace(b"\n", b"\r\n")
    assert joined(b"", came) == came
    assert joined(came, stream("1").encode()) == came


@pytest.mark.parametrize("text", ["document: [", "document: modulemd", "document: another\ndata: {name: hello}", "data: []", "[" * 5000])
def test_what_cannot_be_told_stands_for_itself(text: str) -> None:
    assert [document.key for document in documents(text.encode())] == [(text,)]
    assert len(documents(joined(stream("1").encode(), text.encode()))) == 2


def test_streams_go_with_their_packages_and_defaults_where_there_are_none() -> None:
    one, two, defaults = stream("1", packages="hello-0:1.0-1.x86_64"), stream("2", packages="hello-0:2.0-1.x86_64"), DEFAULTS.format("2")
    beta = (one + two + defaults).encode()
    assert of_packages(beta, {"hello-0:2.0-1.x86_64"}, b"").decode() == two + defaults
    assert of_packages(beta, {"hello-0:2.0-1.x86_64"}, DEFAULTS.format("1").encode()).decode() == two
    described = stream("2", summary="Waves.", packages="hello-0:2.0-1.x86_64").encode()
    assert of_packages(beta, {"hello-0:2.0-1.x86_64"}, described) == b""
    assert of_packages(beta, {"other-0:2.0-1.x86_64"}, b"") == b""
