"""Cloudflare: its cache purged by address, at most a hundred in a request.

https://developers.cloudflare.com/api/resources/cache/methods/purge/
https://developers.cloudflare.com/cache/how-to/purge-cache/ (limits)
https://developers.cloudflare.com/fundamentals/api/reference/limits/ (429 and Retry-After)
"""

from __future__ import annotations

import http.client
import os
import re
from collections.abc import Sequence
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import msgspec
from msgspec import Struct

from repogen.cdn.addresses import cached_as
from repogen.cdn.patience import Patience
from repogen.config import Config
from repogen.errors import CdnError

API = "https://api.cloudflare.com/client/v4"
TOKEN = "CLOUDFLARE_API_TOKEN"  # noqa: S105 - the name of it
MOST_FILES = 100
_TIMEOUT = 30
_TOKEN_HINT = f"{TOKEN} must hold an API token with the permission Cache Purge on this zone"


class _Problem(Struct, frozen=True):
    """One error of an answer."""

    code: int = 0
    message: str = ""


class _Answer(Struct, frozen=True):
    """What is of interest of an answer."""

    success: bool = False
    errors: tuple[_Problem, ...] | None = ()


def purge(config: Config, paths: Sequence[str], mark: str, patience: Patience) -> None:
    """Make the zone forget these paths of the site. Raises CdnError."""
    del mark  # purging twice does no harm here
    address = f"{(config.cdn.endpoint_url or API).rstrip('/')}/zones/{config.cdn.zone}/purge_cache"
    files = purged_addresses(config.url, paths)
    token = _token()
    for start in range(0, len(files), MOST_FILES):
        body = msgspec.json.encode({"files": files[start : start + MOST_FILES]})
        _post(_request(address, body, token), config.cdn.zone, patience)


def purged_addresses(url: str, paths: Sequence[str]) -> list[str]:
    """Every address under which the zone may hold one of these paths."""
    return list(dict.fromkeys(f"{url}/{one}" for path in paths for one in cached_as(path)))


def _token() -> str:
    token = os.environ.get(TOKEN, "").strip()
    if not re.fullmatch(r"[\x21-\x7e]+", token):
        raise CdnError(f"{TOKEN} {'is not set' if not token else 'is no token'}", hint=_TOKEN_HINT)
    return token


def _request(address: str, body: bytes, token: str) -> Request:
    headers = {"Content-Type": "application/json", "User-Agent": "repogen"}
    request = Request(address, data=body, headers=headers, method="POST")  # noqa: S310 - http(s), by config's rule
    request.add_unredirected_header("Authorization", f"Bearer {token}")  # which no other host may see
    return request


def _post(request: Request, zone: str, patience: Patience) -> None:
    """Send one request, again where another try may help: too many requests, a fault of the service, a broken connection."""
    while True:
        status, answer, wait = _send(request)
        if status == 200 and answer.success:
            return
        if status not in {0, 429} and status < 500:
            break
        if not patience.pause(wait):
            break
    said = "; ".join(f"{problem.message} ({problem.code})" for problem in answer.errors or ()) or f"HTTP {status}"
    raise CdnError(f"Cloudflare did not purge zone {zone}: {said}", hint=_hint(status))


def _send(request: Request) -> tuple[int, _Answer, float]:
    """HTTP status (0: no answer), the answer, and how many seconds the service wants to be left alone."""
    try:
        with urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310 - http(s), by config's rule
            return response.status, _decode(response.read()), 0.0
    except HTTPError as error:
        with error:
            after = error.headers.get("Retry-After", "")
            return error.code, _decode(error.read()), float(after) if after.isdecimal() else 0.0
    except (OSError, http.client.HTTPException) as error:
        return 0, _Answer(errors=(_Problem(message=f"no answer: {getattr(error, 'reason', error)}"),)), 0.0


def _decode(body: bytes) -> _Answer:
    try:
        return msgspec.json.decode(body, type=_Answer)
    except msgspec.DecodeError:
        return _Answer()


def _hint(status: int) -> str:
    if status in {400, 401, 403}:
        return f"look at [cdn] zone; {_TOKEN_HINT}"
    if status == 404:
        return "look at [cdn] zone and [cdn] endpoint_url"
    return "look at the network, and publish again in a while"
