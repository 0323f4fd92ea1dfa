"""A lease: one run after another, and never a lock that is held for ever.

``.repogen/lease.json`` names who has the turn. The one who has it renews it while at work; when it was not renewed for TERM seconds, by the clock of the
store and no other, it is anybody's. Where conditional puts are honoured this is mere politeness between runs that would otherwise build in vain, and
taking it is atomic. Where they are not, it is all that keeps two runs apart: whoever writes the lease waits and looks whether it is still its own.
"""

from __future__ import annotations

import logging
import random
import secrets
import time
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

import msgspec
from msgspec import Struct

from repogen.errors import StoreError
from repogen.stores import ConflictError, Store

LEASE = ".repogen/lease.json"
#: Seconds after which a lease that was not renewed is anybody's.
TERM = 60.0
#: Seconds after which nobody writes any more that has seen the lease free, where conditional puts are not honoured.
SETTLING = 3.0
_RENEWALS = 4
#: Seconds between two looks at a lease that another run has: more and more.
_SHORTEST, _LONGEST = 0.2, 2.0
_LOG = logging.getLogger("repogen")


class Lease(Struct, frozen=True, kw_only=True):
    """The content of lease.json."""

    owner: str = ""
    """Mark of the run that has the turn; empty when nobody has."""
    term: float = TERM
    """Seconds."""
    renewed: int = 0
    """How often."""


class Turns:
    """The turn of this run, which ends with the ``with`` block at the latest."""

    def __init__(self, store: Store, *, atomic: bool = True, term: float = TERM) -> None:
        """``atomic``: whether the store honours conditional puts."""
        self._store, self._atomic, self._term = store, atomic, term
        self._owner = secrets.token_hex(8)
        self._etag = ""
        self._lost = False
        self._done = Event()
        self._renewing: Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.give_back()

    @property
    def is_ours(self) -> bool:
        """Whether this run has the turn, as far as it knows."""
        return self._renewing is not None and not self._lost

    def take(self) -> None:
        """Wait for the turn."""
        if self.is_ours:
            return
        self.give_back()
        pause = _SHORTEST
        while not self._taken():
            if pause == _SHORTEST:
                _LOG.warning("other runs are publishing to %s: waiting for this one's turn", self._store.address)
            time.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - so that not all wake at once
            pause = min(_LONGEST, pause * 1.3)
        self._begin_renewing()

    def give_back(self) -> None:
        """Let the next run begin."""
        if self._renewing is None:
            return
        self._done.set()
        self._renewing.join()
        self._renewing = None
        if not self._lost:
            try:
                self._put(Lease(term=self._term))
            except StoreError as error:
                _LOG.info("the turn was not given back: %s", error.message)  # and ends by itself

    def _taken(self) -> bool:
        stored = self._store.get(LEASE)
        if stored is not None and self._is_held(stored.content):
            return False
        self._etag = stored.etag if stored else ""
        try:
            self._put(Lease(owner=self._owner, term=self._term))
        except ConflictError:
            return False
        if self._atomic:
            return True
        time.sleep(SETTLING)
        return self._stands()

    def _is_held(self, content: bytes) -> bool:
        try:
            lease = msgspec.json.decode(content, type=Lease)
        except msgspec.DecodeError:
            return False
        age = self._store.age(LEASE)
        return bool(lease.owner) and age is not None and age < lease.term

    def _stands(self) -> bool:
        stored = self._store.get(LEASE)
        return stored is not None and stored.etag == self._etag

    def _put(self, lease: Lease) -> None:
        content = msgspec.json.encode(lease) + b"\n"
        about: Any = {"content_type": "application/json", "cache_control": "no-store"}
        self._etag = self._store.put(LEASE, content, if_match=self._etag or None, create_only=not self._etag, **about)

    def _begin_renewing(self) -> None:
        self._lost = False
        self._done = Event()
        self._renewing = Thread(target=self._renew, daemon=True)
        self._renewing.start()

    def _renew(self) -> None:
        """Give signs of life until the turn is given back; when that fails for a whole term, the turn is lost."""
        count, last = 0, time.monotonic()
        while not self._done.wait(self._term / _RENEWALS):
            count += 1
            try:
                self._put(Lease(owner=self._owner, term=self._term, renewed=count))
                last = time.monotonic()
            except ConflictError:
                self._lost = True
                return
            except StoreError:
                if time.monotonic() - last >= self._term:
                    self._lost = True
                    return
