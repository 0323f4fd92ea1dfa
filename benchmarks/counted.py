"""repogen's command line with a folder as its destination, and a count of what passes between the two: ``counted.py COUNTS ARGUMENTS...``."""

from __future__ import annotations

import atexit
import json
import sys
from collections import defaultdict
from pathlib import Path
from threading import Lock
from typing import Any

from repogen.__main__ import main
from repogen.stores.local import LocalStore

_counts: dict[str, dict[str, int]] = defaultdict(lambda: {"requests": 0, "got": 0, "put": 0})
_lock = Lock()


def _class_of(key: str) -> str:
    if key.startswith(".repogen/"):
        return "state"
    if key.startswith("downloads/") or "/pool/" in key or "/Packages/" in key:
        return "releases"
    return "indices" if key.startswith(("apt/", "yum/")) else "pages"


def _note(key: str, *, got: int = 0, put: int = 0) -> None:
    with _lock:
        about = _counts[_class_of(key)]
        about["requests"] += 1
        about["got"] += got
        about["put"] += put


def _count_requests() -> None:
    """Count the requests that a bucket would be sent."""
    get, stat, put = LocalStore.get, LocalStore.stat, LocalStore.put

    def counted_get(self: LocalStore, key: str) -> Any:
        found = get(self, key)
        _note(key, got=len(found.content) if found else 0)
        return found

    def counted_stat(self: LocalStore, key: str) -> Any:
        if sys._getframe(1).f_code is not put.__code__:  # noqa: SLF001 - a folder looks by itself where a bucket has conditions
            _note(key)
        return stat(self, key)

    def counted_put(self: LocalStore, key: str, content: bytes | Path, **about: Any) -> str:
        _note(key, put=len(content) if isinstance(content, bytes) else content.stat().st_size)
        return put(self, key, content, **about)

    LocalStore.get, LocalStore.stat, LocalStore.put = counted_get, counted_stat, counted_put  # type: ignore[method-assign]


if __name__ == "__main__":
    target = Path(sys.argv[1])
    _count_requests()
    atexit.register(lambda: target.write_text(json.dumps(_counts)))
    sys.argv[1:2] = []
    main()
