"""What a server's log says of the requests that it answered."""

from __future__ import annotations

import re
import time
import uuid
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen


def requests(log: Path, line: re.Pattern[str], url: str) -> list[tuple[str, int]]:
    """Path below ``url`` (whose own path is gone), as the client sent it, and status of each request so far, in order.

    ``line`` finds method, path and status. Servers write their log after they have answered: a request of our own comes last.
    """
    mark = f"/mark-{uuid.uuid4().hex}"
    try:
        urlopen(url + mark).close()
    except HTTPError as answer:
        answer.close()
    base = re.sub(r"^http://[^/]*", "", url)
    for _ in range(200):
        asked = [(path, int(status)) for _, path, status in line.findall(log.read_text(errors="replace"))]
        if any(path == base + mark for path, _ in asked):
            return [(path.removeprefix(base), status) for path, status in asked if path.startswith(f"{base}/") and "/mark-" not in path]
        time.sleep(0.05)
    raise AssertionError(f"{log} names no requests")
