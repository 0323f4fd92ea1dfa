"""Whether what is published is whole, fresh, and signed by the keys that the next build would sign with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from email.utils import parsedate_to_datetime

from repogen import amounts, dates, key_texts, layout
from repogen.apt_targets import lost
from repogen.artifact import Kind, RpmFacts
from repogen.catalog import Catalog, PublicKey
from repogen.checks.findings import Finding, error, of_error, ok, warning
from repogen.config import Config
from repogen.errors import StoreError
from repogen.package_keys import key_ids
from repogen.signing.key_file_check import check_file
from repogen.state import Snapshot, history, load
from repogen.stores import Store
from repogen.tree import Stage

_VALID_UNTIL = re.compile(rb"^Valid-Until: (.+?)\r?$", re.MULTILINE)
#: A Release that ends within this time needs a publish now.
_SOON = timedelta(days=3)
#: A rollout that takes longer is none.
_FORGOTTEN = timedelta(days=30)


def check_published(store: Store, config: Config, keys: Sequence[PublicKey], now: float) -> Iterator[Finding]:
    """Look at the current snapshot. ``keys`` are those of the next build; empty: they are not known."""
    try:
        snapshot = load(store)
        if not snapshot.number:
            yield _without_state(store)
            return
        yield _state(snapshot, store)
        yield from _clock(snapshot, now)
        yield from _files(snapshot, store)
        yield from _history(snapshot)
        yield from _keys(snapshot, keys)
        yield from _signers(snapshot.catalog)
        yield from _key_files(snapshot, store, config.repo.name, now)
        yield from _validity(snapshot, store, now)
        yield from _rollouts(snapshot.catalog, now)
        yield from _lost(snapshot.catalog, config)
    except StoreError as caught:
        yield of_error("published", caught)


def _without_state(store: Store) -> Finding:
    if store.stat(layout.CATALOG) is None:
        return ok("published", f"nothing is published in {store.address} yet")
    return error("published", f"{store.address} holds a site, but the state in .repogen/ is missing", "run `repogen doctor --rebuild-state`")


def _state(snapshot: Snapshot, store: Store) -> Finding:
    what = f"snapshot {snapshot.number} of {snapshot.catalog.date[:10]}"
    if not snapshot.complete:
        return warning("published", f"the publish of {what} was cut, so that clients may see old or new indices", "run `repogen publish` again: it goes on")
    withdrawn = f", and {len(snapshot.catalog.withdrawn)} withdrawn" if snapshot.catalog.withdrawn else ""
    return ok("published", f"{store.address} is at {what}, with {amounts.count(len(snapshot.catalog.releases), 'release')}{withdrawn}")


def _clock(snapshot: Snapshot, now: float) -> Iterator[Finding]:
    ahead = dates.parse(snapshot.catalog.date).timestamp() - now
    if ahead > dates.FUTURE_TOLERANCE.total_seconds():
        yield error("clock", f"what is published is dated {snapshot.catalog.date}, in this machine's future", "set the clock; apt refuses a date in its future")


def _files(snapshot: Snapshot, store: Store) -> Iterator[Finding]:
    """Every published file, by its size. After a publish that was cut, those alone that it had written before it swapped the head."""
    sizes = {stat.key: stat.size for stat in store.list("")}
    expected = {path: entry.size for path, entry in snapshot.manifest.items() if snapshot.complete or entry.stage == Stage.PAYLOAD}
    wrong = {
        "missing": [path for path in expected if path not in sizes],
        "of another size than it was published with": [path for path, size in expected.items() if path in sizes and sizes[path] != size],
    }
    for state, paths in wrong.items():
        if paths:
            more = f" (and {amounts.count(len(paths) - 1, 'more file')})" if len(paths) > 1 else ""
            yield error("files", f"{store.address}/{paths[0]} is {state}{more}", "restore it from a backup or from an older version of the object")
    if snapshot.complete and not any(wrong.values()):
        yield ok("files", f"all {amounts.count(len(snapshot.manifest), 'published file')} are there")


def _history(snapshot: Snapshot) -> Iterator[Finding]:
    """Whether prune and rollback can read the snapshots before this one."""
    if damage := history(snapshot).damage:
        yield error("history", damage.message, f"{damage.hint}, which ends the history there; until then there is no prune, and no rollback beyond")


def _keys(snapshot: Snapshot, keys: Sequence[PublicKey]) -> Iterator[Finding]:
    published, coming = {key.fingerprint: key for key in snapshot.catalog.keys}, {key.fingerprint: key for key in keys}
    if not published or not coming:
        return
    if not published.keys() & coming.keys():
        remedy = "sign with the published key; a new key must be announced under the old one first"
        yield error("keys", f"users trust the key {next(iter(published))}, but the next build would sign with {next(iter(coming))}", remedy)
        return
    for fingerprint, key in coming.items():
        if fingerprint not in published:
            yield warning("keys", f"the key {fingerprint} is not published yet", "build and publish, so that users learn of it")
        elif key.binary != published[fingerprint].binary:
            yield warning("keys", f"the key {fingerprint} has changed since it was published", "build and publish, so that users get it as it is now")
    for fingerprint in sorted(published.keys() - coming.keys()):
        yield warning(
            "keys", f"the next build would not sign with the published key {fingerprint} any more", "users who trust that key alone are locked out then"
        )


def _signers(catalog: Catalog) -> Iterator[Finding]:
    """Rpms on offer whose key users do not get."""
    known = key_ids((*(key.binary for key in catalog.keys), *(key.encode() for key in catalog.package_keys)))
    rpms = ((a.filename, a.facts.signers) for a in catalog.by_kind.get(Kind.RPM, ()) if isinstance(a.facts, RpmFacts))
    strange = [filename for filename, signers in rpms if signers and known.isdisjoint(signers)] if catalog.keys else []
    if strange:
        what = f"{strange[0]} (and {amounts.count(len(strange) - 1, 'more rpm')})" if len(strange) > 1 else strange[0]
        remedy = "name the public key in [yum] extra_keys, or withdraw what it signed with `repogen yank`"
        yield warning("packages", f"{what} is signed by a key that is not published, so that dnf and zypper do not install it", remedy)


def _key_files(snapshot: Snapshot, store: Store, name: str, now: float) -> Iterator[Finding]:
    keys = snapshot.catalog.keys
    if not snapshot.complete:
        return
    expected = {layout.key_armored(name): key_texts.armored(keys).encode(), layout.key_binary(name): key_texts.binary(keys)}
    for path in sorted(expected.keys() & snapshot.manifest.keys()):
        stored = store.get(path)
        if stored is None:
            continue  # which _files tells
        yield from check_file(f"{store.address}/{path}", stored.content, now)
        if stored.content != expected[path]:
            yield error("keys", f"{store.address}/{path} is not the key file that was published", "find out who changed it, and restore it")


def _rollouts(catalog: Catalog, now: float) -> Iterator[Finding]:
    """Releases that are for a share of the machines; those that seem forgotten are warned about."""
    for release in (release for release in catalog.releases if release.rollout < 100):
        what = f"{release.product} {release.version} ({release.channel}) of {release.date[:10]} is for {release.rollout} % of the machines"
        if now - dates.parse(release.date).timestamp() > _FORGOTTEN.total_seconds():
            yield warning(
                "rollout", f"{what} still", f"`repogen rollout {release.product} 100 --version {release.version} --channel {release.channel}` ends it"
            )
        else:
            yield ok("rollout", what)


def _lost(catalog: Catalog, config: Config) -> Iterator[Finding]:
    """Newest releases of which no package stands in an apt suite any more."""
    newest = (release for product in catalog.holding(Kind.DEB) for channel in catalog.channels for release in catalog.releases_of(product.id, channel)[:1])
    for release in newest:
        debs = [artifact for artifact in catalog.files_of(release) if artifact.kind is Kind.DEB]
        if debs and len(list(lost(debs, config))) == len(debs):
            what = f"no [[apt.suite]] table takes a package of {release.product} {release.version} ({release.channel})"
            yield warning("apt", f"{what}, so that apt does not find it", "widen a table's match, or yank it")


def _validity(snapshot: Snapshot, store: Store, now: float) -> Iterator[Finding]:
    for path in sorted(path for path in snapshot.manifest if path.endswith("/InRelease")):
        stored = store.get(path)
        found = _VALID_UNTIL.search(stored.content) if stored else None
        if not found:
            continue
        left = timedelta(seconds=parsedate_to_datetime(found[1].decode("ascii", "replace")).timestamp() - now)
        until = found[1].decode("ascii", "replace")
        if left <= timedelta(0):
            yield error("validity", f"{path} was valid until {until}, and apt refuses it since", "build and publish")
        elif left <= _SOON:
            yield warning("validity", f"{path} is valid until {until} only", "build and publish before then")
