"""How long to wait for a CDN, and how often to ask."""

from __future__ import annotations

import random
import time

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 20.0


class Patience:
    """A limited time with pauses in it, each longer than the one before; a little of chance keeps many runners from asking together."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._pause = FIRST_PAUSE

    @property
    def left(self) -> float:
        """Seconds until the time is up; never less than zero."""
        return max(0.0, self._end - time.monotonic())

    def pause(self, at_least: float = 0.0) -> bool:
        """Sleep before the next attempt, ``at_least`` these seconds; False at once when the time is up before that."""
        seconds = max(at_least, self._pause * random.uniform(0.75, 1.0))  # noqa: S311 - chance, not a secret
        if at_least > self.left or not self.left:
            return False
        time.sleep(min(seconds, self.left))
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        return True
