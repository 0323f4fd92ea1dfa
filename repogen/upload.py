"""Puts of one publish: what nothing names yet, then, for whoever holds the claim, what clients ask for.

Objects of the state go first, so that they tell what payload a run that was killed may have left. Payload is created and never replaced. An index, entry
or page file is only put in place of what was seen there while the claim still held: when somebody else has written it since, the put is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from repogen.cache_config import CacheConfig
from repogen.claim import Claim
from repogen.content_types import cache_control, content_type
from repogen.crew import each
from repogen.errors import ProtectionError, RepogenError, StoreError
from repogen.output import Output
from repogen.plan import Plan, Put
from repogen.state import Snapshot, store_objects
from repogen.stores import ConflictError, Store
from repogen.tree import Stage

Progress = Callable[[Put], None]

_THREADS = 16
_ATTEMPTS = 10
_ENTRIES = (Stage.INDEX, Stage.ENTRY, Stage.PAGE)
_SIGNATURES = (".asc", ".gpg")


class Upload:
    """What one run has put so far, over all its attempts."""

    def __init__(self, store: Store, output: Output, cache: CacheConfig, progress: Progress) -> None:
        self._store, self._output, self._cache, self._progress = store, output, cache, progress
        self._sent: set[tuple[str, str]] = set()
        self._prunes = 0
        self.doubtful: set[str] = set()
        """Files that this run may have written although another run had taken its place."""

    def send(self, after: Snapshot, plan: Plan) -> bool:
        """Put state and payload; returns whether there was payload that was not there yet. What this run has put before is not looked at again."""
        if after.head.prunes != self._prunes:  # somebody has deleted files since
            self._sent.clear()
            self._prunes = after.head.prunes
        store_objects(self._store, after.objects)
        missing = [put for put in plan.of(Stage.PAYLOAD) if (put.path, put.sha256) not in self._sent]
        self._each([put for put in missing if not put.copy_of], self._create)
        self._each([put for put in missing if put.copy_of], self._create)  # of what has just been put, too
        self._sent |= {(put.path, put.sha256) for put in missing}
        return bool(missing)

    def switch(self, plan: Plan, claim: Claim, *, alone: bool) -> None:
        """Put what clients ask for, stage by stage. Raises OvertakenError. ``alone``: nobody else can write meanwhile."""
        puts = [put for stage in _ENTRIES for put in plan.of(stage)]
        standing = {} if alone else self._standing(puts)
        if standing:
            claim.check()  # what stands there was written before anybody could take this run's place
        self.doubtful |= {put.path for put in puts}
        for stage in _ENTRIES:
            for group in _in_order(plan.of(stage)):
                self._each(group, lambda put: self._replace(put, claim, standing, alone), claim)

    def is_damaged(self, snapshot: Snapshot) -> bool:
        """Whether a file that this run wrote too late stands in place of the published one."""
        paths = [path for path in self.doubtful if path in snapshot.manifest]
        with ThreadPoolExecutor(_THREADS) as pool:
            held = pool.map(lambda path: self._store.holds(path, size=snapshot.manifest[path].size, sha256=snapshot.manifest[path].sha256), paths)
            damaged = not all(held)
        if not damaged:
            self.doubtful.clear()
        return damaged

    def _each(self, puts: Iterable[Put], write: Callable[[Put], None], claim: Claim | None = None) -> None:
        """Write files, some at a time; the first failure stops the rest."""
        each(puts, write, threads=_THREADS, done=self._progress, between=claim.renew if claim else None)

    def _create(self, put: Put) -> None:
        about = self._about(put)
        try:
            if put.copy_of:
                self._store.copy(put.copy_of, put.path, **about)
            else:
                self._store.put(put.path, self._local(put), create_only=True, sha256=put.sha256, **about)
        except ConflictError as error:  # left by a run that was cut, or by one that is as quick as this one
            if not self._store.holds(put.path, size=put.size, sha256=put.sha256):
                raise ProtectionError(
                    f"{put.path} stands in {self._store.address} with other bytes", hint="published files never change; give the new build a new version"
                ) from error

    def _standing(self, puts: Sequence[Put]) -> dict[str, str]:
        """Etag of what stands at each path that is published or may be."""
        with ThreadPoolExecutor(_THREADS) as pool:
            found = pool.map(lambda put: self._store.stat(put.path), (put for put in puts if put.replaces))
            return {stat.key: stat.etag for stat in found if stat}

    def _replace(self, put: Put, claim: Claim, standing: Mapping[str, str], alone: bool) -> None:
        content, about = self._local(put).read_bytes(), self._about(put)
        if alone:
            self._store.put(put.path, content, sha256=put.sha256, **about)
            return
        etag = standing.get(put.path)
        for _ in range(_ATTEMPTS):
            try:
                self._store.put(put.path, content, if_match=etag, create_only=etag is None, sha256=put.sha256, **about)
            except ConflictError:
                # Whoever was at work before this run may have been late with it; whoever came after has the claim.
                stat = self._store.stat(put.path)
                claim.check()
                etag = stat.etag if stat else None
            else:
                return
        raise StoreError(f"{put.path} in {self._store.address} keeps changing", hint="look for a program besides repogen that writes there")

    def _local(self, put: Put) -> Path:
        source = self._output.file(put.path)
        if source is None:
            raise RepogenError(f"{self._output.folder / put.path} is missing", hint="run `repogen build` again with the release's files")
        return source

    def _about(self, put: Put) -> Any:
        return {"content_type": content_type(put.path), "cache_control": cache_control(put.stage, self._cache)}


def _in_order(puts: Sequence[Put]) -> tuple[Sequence[Put], Sequence[Put]]:
    """First all others, then each changed file side by side with its detached signature.

    dnf asks for repomd.xml before its signature, zypper the other way round, and neither asks again: all that helps is that both change at
    the same moment.
    """
    changed = {put.path for put in puts if put.replaces}
    pairs = {path for path in changed for ending in _SIGNATURES if path + ending in changed}
    pairs |= {path + ending for path in pairs for ending in _SIGNATURES if path + ending in changed}
    return [put for put in puts if put.path not in pairs], [put for put in puts if put.path in pairs]
