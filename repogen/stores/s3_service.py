"""One bucket's service: every request is asked again where that helps, with new credentials when the old ones have ended.

Credentials come through the SDK's own chain, which renews those that it can (roles, OIDC, single sign-on). When the service calls them expired all
the same, the chain is asked from its beginning once more: another program may have written new ones meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from repogen.stores.s3_errors import code_of
from repogen.stores.s3_link import Link
from repogen.stores.s3_retries import Patience

T = TypeVar("T")

#: The answer to a HEAD has no body, so that only its status tells.
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired", "400"}


class Repeats:
    """Whether something was asked again, so that it may have been carried out the first time."""

    def __init__(self) -> None:
        self.any = False


class Service:
    """Nothing is asked, and nothing of the SDK imported, before the first request. May be used by several threads."""

    def __init__(self, bucket: str, endpoint_url: str, patience: Patience) -> None:
        self.bucket = bucket
        self._endpoint_url = endpoint_url
        self._patience = patience
        self._mutex = Lock()
        self._link: Link | None = None

    def ask(self, request: Callable[[Link], T], repeats: Repeats | None = None) -> T:
        """The answer to a request. Raises what botocore raises."""

        def once(number: int) -> T:
            if number and repeats:
                repeats.any = True
            return self._once(request)

        return self._patience.ask(once)

    def close(self) -> None:
        """Close the connections; the service may be asked again."""
        with self._mutex:
            if self._link is not None:
                self._link.close()
                self._link = None

    def _once(self, request: Callable[[Link], T]) -> T:
        link = self._current()
        try:
            return request(link)
        except Exception as error:
            renewed = self._renewed(link) if code_of(error) in _EXPIRED else None
            if renewed is None:
                raise
        return request(renewed)

    def _current(self) -> Link:
        with self._mutex:
            if self._link is None:
                self._link = Link(self.bucket, self._endpoint_url, self._patience)
            return self._link

    def _renewed(self, former: Link) -> Link | None:
        """A link with other credentials than the former one's; None when there are no others."""
        with self._mutex:
            if self._link is former:
                fresh = Link(self.bucket, self._endpoint_url, self._patience)
                if fresh.keys == former.keys:
                    fresh.close()
                    return None
                self._link = fresh  # the former one stays open for the threads that still use it
            return self._link
