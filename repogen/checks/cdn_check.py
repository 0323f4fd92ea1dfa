"""Whether users get at the public address what stands in the destination, and whether the CDN between the two is set as clients need it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

from repogen import amounts, layout
from repogen.cdn.patience import Patience
from repogen.cdn.public_site import Answer, fetch, stale
from repogen.checks.findings import Finding, error, ok, warning
from repogen.config import Config
from repogen.content_types import cache_control
from repogen.errors import StoreError
from repogen.manifest import Manifest
from repogen.state import Snapshot, load
from repogen.stores import Store
from repogen.tree import Stage

_HOW = "docs/publishing.md tells how a CDN is to be set"

#: Who wants 404 for what is not there, and the files that tell that they are served: a machine asks each of its NuGet sources for each of its packages.
_WANT_404 = (("choco and nuget", "chocolatey/index[.]json"), ("applications with electron-updater", r"updates/.*[.]yml"))


def check_cdn(config: Config, store: Store) -> list[Finding]:
    """Look at the site through its public address. Empty where no CDN is configured or nothing is published."""
    if not config.cdn.kind:
        return []
    try:
        snapshot = load(store)
        manifest = snapshot.manifest
    except StoreError:
        return []  # which the check of what is published tells
    if not manifest:
        return []
    answer = fetch(f"{config.url}/{min(manifest)}", method="HEAD")
    if not answer.status:
        return [error("cdn", f"nothing answers at {config.url}/: {answer.problem}", "look at the DNS entry of this name and at the CDN")]
    checks = (_unpurged(snapshot), _freshness(config, manifest), _caching(config, manifest), _packing(config, manifest), _plus(config, manifest))
    found = [finding for check in (*checks, _unknown(config, manifest)) for finding in check]
    return found or [ok("cdn", f"{config.url}/ serves what was published, as {config.cdn.kind} should")]


def _unpurged(snapshot: Snapshot) -> Iterator[Finding]:
    if snapshot.head.unpurged:
        yield warning("cdn", "the last publish could not purge the CDN", "run `repogen publish` again: it only purges then")


def _freshness(config: Config, manifest: Manifest) -> Iterator[Finding]:
    """Entry files and pages, which are all that a client asks for without a digest in its hand."""
    digests = {path: entry.sha256 for path, entry in manifest.items() if entry.stage in {Stage.ENTRY, Stage.PAGE}}
    faults = sorted(stale(config.url, digests, Patience(0)).items())
    if faults:
        (path, fault), more = faults[0], len(faults) - 1
        others = f" (and {amounts.count(more, 'more file')} like it)" if more else ""
        yield error("cdn", f"{config.url}/{path} {fault}, unlike the destination{others}", f"purge {config.cdn.kind}; {_HOW}")


def _caching(config: Config, manifest: Manifest) -> Iterator[Finding]:
    """Cache-Control of the smallest file of each stage in each top folder: CDNs have rules by path."""
    samples: dict[tuple[int, str], str] = {}
    for path, entry in sorted(manifest.items(), key=lambda item: (item[1].size, item[0])):
        samples.setdefault((entry.stage, path.partition("/")[0] if "/" in path else ""), path)
    for (stage, _), path in sorted(samples.items()):
        answer = fetch(layout.url(config.url, path), method="HEAD")
        if answer.status == 200:
            yield from _caching_of(path, Stage(stage), answer.headers.get("cache-control", ""), cache_control(Stage(stage), config.cache))


def _caching_of(path: str, stage: Stage, said: str, wanted: str) -> Iterator[Finding]:
    """What is wrong with one Cache-Control. What clients keep is out of any purge's reach, so that max-age counts and s-maxage does not."""
    key = f"[cache] {stage.name.lower()}"
    lifetime, limit = _lifetime(said), _lifetime(wanted)
    if lifetime is None:
        yield warning("cdn", f"{path} comes without a time in its Cache-Control, so that caches guess one", f"let it pass {key}: {wanted}")
    elif limit is None:
        return
    elif stage is Stage.PAYLOAD and lifetime < limit:
        yield warning("cdn", f"{path} never changes, and yet comes with Cache-Control: {said}", f"let the CDN pass {key}: {wanted}")
    elif stage is not Stage.PAYLOAD and (lifetime > limit or "immutable" in said):
        yield error("cdn", f"{path} changes with a publish, and yet comes with Cache-Control: {said}", f"let the CDN pass {key}: {wanted}")


def _lifetime(policy: str) -> int | None:
    """Seconds that a client may keep it without asking; None where nothing is said."""
    if re.search(r"\b(no-store|no-cache)\b", policy, re.IGNORECASE):
        return 0
    found = re.search(r"(?<![\w-])max-age=(\d+)", policy, re.IGNORECASE)
    return int(found[1]) if found else None


def _packing(config: Config, manifest: Manifest) -> Iterator[Finding]:
    """A packed file must come as it is, also to those who could unpack it on its way: its digest is of the packed bytes."""
    path = min((path for path in manifest if path.endswith(".gz")), key=lambda path: manifest[path].size, default="")
    answer = fetch(layout.url(config.url, path), encoding="gzip") if path else Answer()
    if coding := answer.headers.get("content-encoding"):
        yield error("cdn", f"{path} comes with Content-Encoding: {coding}, so that clients unpack it too early", f"set no encoding for .gz files; {_HOW}")


def _plus(config: Config, manifest: Manifest) -> Iterator[Finding]:
    path = min((path for path in manifest if "+" in path), key=lambda path: manifest[path].size, default="")
    if path and (answer := fetch(layout.url(config.url, path), method="HEAD")).status != 200:
        yield error("cdn", f"{path} is answered with HTTP {answer.status}", f"let the CDN pass %2B in addresses as it is; {_HOW}")


def _unknown(config: Config, manifest: Manifest) -> Iterator[Finding]:
    """A name that is not there must be told so: git, apt and dnf ask for files that need not exist."""
    address = f"{config.url}/doctor-{secrets.token_hex(8)}"
    answer = fetch(address)
    if answer.status == 200:
        where = "a page" if answer.address == address else f"a redirect to {answer.address}"
        yield error("cdn", f"a name that does not exist is answered with {where}", f"let it be answered with 404 or 403; {_HOW}")
    elif answer.status not in {403, 404, 410}:
        yield error("cdn", f"a name that does not exist is answered with HTTP {answer.status}", f"let it be answered with 404 or 403; {_HOW}")
    elif answer.status == 403 and (clients := [name for name, path in _WANT_404 if any(re.fullmatch(path, one) for one in manifest)]):
        what = f"a name that does not exist is answered with 403, which {' and '.join(clients)} take for an error"
        yield warning("cdn", what, f"let the CDN answer 404 in its place; {_HOW}")
