"""The probe of a destination, against stores that break the promises one by one."""

from __future__ import annotations

from typing import Any

import pytest

from repogen.checks.destination_check import check_destination
from repogen.checks.findings import Severity
from repogen.errors import StoreError
from repogen.stores import Stored
from repogen.stores.memory import MemoryStore


class Forgetful(MemoryStore):
    """A store that ignores some conditions, and refuses some verbs."""

    def __init__(self, *ignored: str, refused: str = "") -> None:
        super().__init__()
        self.ignored = ignored
        self.refused = refused

    def put(self, key: str, content: Any, **options: Any) -> str:
        self._refuse("put")
        return super().put(key, content, **{name: value for name, value in options.items() if name not in self.ignored})

    def get(self, key: str) -> Stored | None:
        self._refuse("get")
        found = super().get(key)
        return found._replace(content=b"<html>") if found and "content" in self.ignored else found

    def delete(self, key: str) -> None:
        self._refuse("delete")
        super().delete(key)

    def _refuse(self, verb: str) -> None:
        if verb == self.refused:
            raise StoreError(f"access denied to {verb}", hint="give the permission")


def test_a_good_store_is_left_as_it_was() -> None:
    store = Forgetful()
    (finding,) = check_destination(store)
    assert finding.severity is Severity.OK
    assert not list(store.list(""))


@pytest.mark.parametrize(
    ("ignored", "words"), [("create_only", "takes no notice of If-None-Match"), ("if_match", "takes no notice of If-Match"), ("content", "does not give back")]
)
def test_a_store_that_breaks_a_promise(ignored: str, words: str) -> None:
    store = Forgetful(ignored)
    (finding,) = check_destination(store)
    assert finding.severity is Severity.ERROR
    assert words in finding.message
    assert finding.remedy
    assert not list(store.list(""))


@pytest.mark.parametrize("verb", ["put", "get"])
def test_a_store_that_refuses(verb: str) -> None:
    store = Forgetful(refused=verb)
    (finding,) = check_destination(store)
    assert (finding.severity, finding.message, finding.remedy) == (Severity.ERROR, f"access denied to {verb}", "give the permission")
    assert not list(store.list(""))


def test_a_store_that_keeps_everything() -> None:
    (finding,) = check_destination(Forgetful(refused="delete"))
    assert finding.severity is Severity.WARNING
    assert "/.repogen/probe-" in finding.remedy
