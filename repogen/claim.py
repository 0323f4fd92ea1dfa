"""Who may write the indices: the run that swapped the head in, as long as no other run has done so after it.

While a run is at work the head bears its mark (``Head.at_work``), which changes now and then as a sign of life. Another run waits until
the head is complete, or has given no sign of life for a while; then it swaps its own head in, and the claim of the first one is over,
should that run live after all. Every interleaving is gone through in docs/adr/0006-two-publishers-at-once.md.
"""

from __future__ import annotations

import logging
import random
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress

from msgspec.structs import replace

from repogen.errors import StoreError
from repogen.state import HEAD, Head, Snapshot, load, swap_head
from repogen.state.head import decode_head
from repogen.stores import ConflictError, Store
from repogen.stores.conditions import honours_conditions

_LOG = logging.getLogger("repogen")

#: Signs of life in the time after which a run counts as dead.
_BEATS = 4
_NO_ENVIRONMENT: Mapping[str, str] = {}


class OvertakenError(ConflictError):
    """Another run has swapped its head in: what is left to do is its work now."""


class Claim:
    """The head that this run has swapped in."""

    def __init__(self, store: Store, head: Head, etag: str, silence: float) -> None:
        """Swap ``head`` in for the one that has ``etag``. Raises ConflictError when someone else was first."""
        self._store = store
        self._mark = secrets.token_hex(8)
        self._pause = silence / _BEATS
        self._count = 0
        self._head = head
        self._swap(etag)

    def renew(self) -> None:
        """Give a sign of life when the last one was a while ago. Raises OvertakenError."""
        if self._pause and time.monotonic() > self._last + self._pause:
            self._count += 1
            try:
                self._swap(self._etag)
            except ConflictError as error:
                raise self._overtaken() from error

    def check(self) -> None:
        """Raises OvertakenError when another run has swapped its head in. What this thread saw in the store before is then of no use."""
        stored = self._store.get(HEAD)
        if stored is None or decode_head(stored.content, self._store.address).at_work.split(".")[0] != self._mark:
            raise self._overtaken()

    def complete(self, head: Head) -> str:
        """Say that all is in place, with ``head`` as it shall stand from now on; returns its etag. Raises OvertakenError."""
        try:
            return swap_head(self._store, replace(head, complete=True, at_work=""), self._etag)
        except ConflictError as error:
            raise self._overtaken() from error

    def give_up(self) -> None:
        """Let the next run begin at once, which then finds a head that is not complete; as far as that can still be said."""
        with suppress(StoreError):
            swap_head(self._store, replace(self._head, at_work=""), self._etag)

    def _swap(self, etag: str) -> None:
        self._last = time.monotonic()
        self._etag = swap_head(self._store, replace(self._head, at_work=f"{self._mark}.{self._count}"), etag)

    def _overtaken(self) -> OvertakenError:
        return OvertakenError(f"another run publishes to {self._store.address} in place of this one", hint="publish again")


def is_conditional(store: Store, head: Head) -> bool:
    """Whether the store honours conditional puts: asked once, and remembered in the head."""
    return head.conditional if head.endpoint == store.endpoint else honours_conditions(store)


def load_settled(store: Store, silence: float, environ: Mapping[str, str] = _NO_ENVIRONMENT) -> Snapshot:
    """The current snapshot, as soon as no other run is at work at it. ``silence``: seconds without a sign of life after which one counts as dead."""
    told = False
    while True:
        snapshot = load(store, environ=environ)
        if not snapshot.head.at_work:
            return snapshot
        age = store.age(HEAD)
        if age is None or age >= silence:
            return snapshot
        if not told:
            _LOG.warning("another run is publishing to %s: waiting until it is done, or silent for %.0f seconds", store.address, silence)
            told = True
        time.sleep(min(silence - age, random.uniform(0.1, 0.6)))  # noqa: S311 - so that not all wake at once
