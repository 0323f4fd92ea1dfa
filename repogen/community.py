"""Packages for Chocolatey's community repository, which takes them one by one: https://docs.chocolatey.org/en-us/create/commands/push/.

It answers 409 for a version that it has, and 403 while people look at an earlier one. Neither is a fault of the release that is being made: it is out
already, and what waits can be pushed later. A key that is refused is one.
"""

from __future__ import annotations

import http.client
import os
import re
import time
import uuid
from collections.abc import Callable
from enum import StrEnum
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from msgspec import Struct

from repogen.artifact import Artifact, Kind, NupkgFacts
from repogen.catalog import Catalog
from repogen.errors import InputError, StoreError, UsageError
from repogen.formats.chocolatey.rules import Fault, Level, faults_of

__all__ = ["Level", "Pushed", "State", "api_key", "candidates", "checked", "is_taken", "push"]

SOURCE = "https://push.chocolatey.org"
KEY = "REPOGEN_CHOCOLATEY_KEY"
_KEY_HINT = f"set {KEY} to the API key that https://community.chocolatey.org/account shows"
_TIMEOUT = 300
_TRIES = 4


class State(StrEnum):
    """What became of a package."""

    PUSHED = "pushed"
    THERE = "there"
    """The repository has this version."""
    WAITING = "waiting"
    """It takes none before an earlier one has been looked at."""


class Pushed(Struct, frozen=True, kw_only=True):
    """One package and what the repository said."""

    id: str
    version: str
    state: State
    said: str


class NoRedirects(HTTPRedirectHandler):
    """The key is for the repository alone."""

    def redirect_request(self, *_args: object) -> None:
        return None


def api_key() -> str:
    """The key, from the environment alone. Raises UsageError."""
    key = os.environ.get(KEY, "").strip()
    if not re.fullmatch(r"[\x21-\x7e]+", key):
        raise UsageError(f"{KEY} {'is not set' if not key else 'is no key'}", hint=_KEY_HINT)
    return key


def candidates(catalog: Catalog, channel: str, product: str = "") -> tuple[Artifact, ...]:
    """The newest package of each product in a channel, or of one product. Raises UsageError where there is none."""
    found = []
    for each in catalog.offered:
        if product and each.id != product:
            continue
        packages = (a for release in catalog.releases_of(each.id, channel) for a in catalog.files_of(release) if a.kind is Kind.NUPKG)
        newest = next(packages, None)
        found += [newest] if newest else []
    if not found:
        what = f"no Chocolatey package of {product}" if product else "no Chocolatey package"
        raise UsageError(f"{what} is published in channel {channel}", hint="publish one first, or choose another with --product or --channel")
    return tuple(found)


def is_taken(version: str) -> bool:
    """Whether the community repository takes such a version: it knows prereleases of one word, ``1.0.0-beta1``."""
    return "." not in version.partition("-")[2]


def checked(artifact: Artifact, content: bytes) -> tuple[Fault, ...]:
    """What its validator would recommend. Raises InputError for what it requires."""
    found = faults_of(content)
    required = [str(fault) for fault in found if fault.required]
    if required:
        raise InputError(
            f"the community repository would refuse {artifact.filename}: {'; '.join(required)}",
            hint="set it in [[product]] or [product.chocolatey]; a package that is published stays as it is, so it takes a new version",
        )
    return found


def push(artifact: Artifact, content: bytes, key: str, source: str = SOURCE, pause: Callable[[float], None] = time.sleep) -> Pushed:
    """Send one package, again where another try may help. Raises StoreError where it was refused for good, or there is no answer."""
    status, said = 0, ""
    for attempt in range(_TRIES):
        if attempt:
            pause(2.0**attempt)
        status, said = _put(f"{source.rstrip('/')}/api/v2/package", artifact.filename, content, key)
        if status not in {0, 429} and status < 500:
            break
    if 200 <= status < 300:
        return _pushed(artifact, State.PUSHED, "pushed; people look at it before it is shown")
    if status == 409:
        return _pushed(artifact, State.THERE, said or "the repository has this version")
    if status == 403 and not _is_about_the_key(said):
        return _pushed(artifact, State.WAITING, said or "the repository takes none before an earlier version has been looked at")
    if status in {401, 403}:
        raise StoreError(f"{source} does not take {artifact.filename}: {said or f'HTTP {status}'}", hint=_KEY_HINT)
    raise StoreError(f"{source} did not take {artifact.filename}: {said or f'HTTP {status}'}", hint="try again later; nothing is pushed twice")


def _pushed(artifact: Artifact, state: State, said: str) -> Pushed:
    facts = artifact.facts
    id, version = (facts.id, facts.version) if isinstance(facts, NupkgFacts) else (artifact.product, artifact.version)
    return Pushed(id=id, version=version, state=state, said=said)


def _is_about_the_key(said: str) -> bool:
    return bool(re.search(r"api.?key|unauthori[sz]ed|not (?:the )?owner|authority to push", said, re.IGNORECASE))


def _put(address: str, name: str, content: bytes, key: str) -> tuple[int, str]:
    """HTTP status (0: no answer) and what was said; the form is that of ``nuget push``."""
    mark = uuid.uuid4().hex
    head = f'--{mark}\r\nContent-Disposition: form-data; name="package"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    body = (head.encode(), content, f"\r\n--{mark}--\r\n".encode())  # one after the other: a package that holds installers is large
    length = str(sum(map(len, body)))
    headers = {"Content-Type": f"multipart/form-data; boundary={mark}", "Content-Length": length, "User-Agent": "repogen", "X-NuGet-Protocol-Version": "4.1.0"}
    request = Request(address, data=body, headers=headers, method="PUT")  # noqa: S310 - http(s), by the option's rule
    request.add_unredirected_header("X-NuGet-ApiKey", key)
    try:
        with build_opener(NoRedirects).open(request, timeout=_TIMEOUT) as answer:
            return answer.status, ""
    except HTTPError as error:
        with error:
            return error.code, _sentence(error, key)
    except (OSError, http.client.HTTPException) as error:
        return 0, f"no answer: {getattr(error, 'reason', error)}"


def _sentence(error: HTTPError, key: str) -> str:
    """The reason that NuGet servers put behind the status, else the beginning of a text; never the key."""
    text = error.reason if len(error.reason) > 20 else error.read(2000).decode("utf-8", "replace")
    plain = " ".join(re.sub(r"<[^>]*>", " ", text).split())[:400]
    return plain.replace(key, "…")
