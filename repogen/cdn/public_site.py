"""The site as its users get it: asked for at its public address, through whatever stands before the destination."""

from __future__ import annotations

import hashlib
import http.client
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from msgspec import Struct

from repogen.cdn.addresses import spellings
from repogen.cdn.patience import Patience

_THREADS = 16
_TIMEOUT = 30
_CHUNK = 256 * 1024


class Answer(Struct, frozen=True, kw_only=True):
    """What came back for one address."""

    status: int = 0
    """0: nothing came back."""
    sha256: str = ""
    """Of the body, of a status 200 only."""
    headers: Mapping[str, str] = {}
    """Names in lower case."""
    address: str = ""
    """Where redirects led."""
    problem: str = ""
    """Why nothing came back."""


def fetch(address: str, *, method: str = "GET", encoding: str = "identity") -> Answer:
    """Ask for an address as a client does; ``encoding`` is the Accept-Encoding. Never raises for what the network does."""
    request = Request(address, headers={"User-Agent": "repogen", "Accept-Encoding": encoding}, method=method)  # noqa: S310 - http(s), by config's rule
    try:
        with urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310 - same
            digest = hashlib.sha256()
            while chunk := response.read(_CHUNK):
                digest.update(chunk)
            return Answer(status=response.status, sha256=digest.hexdigest(), headers=_lower(response.headers.items()), address=response.url)
    except HTTPError as error:
        with error:
            return Answer(status=error.code, headers=_lower(error.headers.items()), address=error.url)
    except (OSError, http.client.HTTPException) as error:
        return Answer(problem=str(getattr(error, "reason", "") or error or type(error).__name__))


def _lower(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}


def stale(url: str, digests: Mapping[str, str], patience: Patience) -> dict[str, str]:
    """Read paths back until each answers with its SHA-256, or the time is up; then what was wrong with those that did not."""
    wrong = dict.fromkeys(digests, "")
    with ThreadPoolExecutor(_THREADS) as pool:
        while True:
            faults = pool.map(lambda path: (path, _fault(url, path, digests[path])), list(wrong))
            wrong = {path: fault for path, fault in faults if fault}
            if not wrong or not patience.pause():
                return wrong


def _fault(url: str, path: str, sha256: str) -> str:
    """What is wrong with a path at its public address; empty where all is well. A spelling that the host does not know is no fault."""
    return next(_faults(url, path, sha256), "")


def _faults(url: str, path: str, sha256: str) -> Iterator[str]:
    for number, spelling in enumerate(spellings(path)):
        answer = fetch(f"{url}/{spelling}")
        where = f" (asked for as {spelling})" if number else ""
        if answer.status == 200 and answer.sha256 != sha256:
            coded = answer.headers.get("content-encoding")
            yield f"comes with Content-Encoding: {coded}{where}" if coded else f"still has other bytes{where}"
        elif answer.status != 200 and not number:
            yield f"is answered with HTTP {answer.status}" if answer.status else f"is not answered: {answer.problem}"
