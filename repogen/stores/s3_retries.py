"""Which failures of S3 pass, and how long to wait before the next attempt.

Exponential backoff with full jitter: before attempt n+1, any time up to ``first * 2**n`` seconds. The number of attempts and the time that they
may take together are bounded. https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from repogen.stores.s3_errors import code_of

T = TypeVar("T")

#: Error codes and statuses of the service. A 409 says that another request for the key is under way: whoever repeats it learns how that ended.
_PASSING_CODES = {
    *("500", "502", "503", "504", "429", "409", "InternalError", "ServiceUnavailable", "SlowDown", "Busy", "ServerBusy"),
    *("Throttling", "ThrottlingException", "RequestThrottled", "RequestLimitExceeded", "TooManyRequests", "TooManyRequestsException"),
    *(
        "RequestTimeout",
        "RequestTimeoutException",
        "IncompleteBody",
        "OperationAborted",
        "ConditionalRequestConflict",
        "ConcurrentModification",
    ),
    *("BadDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch"),
}

#: Exceptions of botocore by name, because botocore is only imported where S3 is used.
_PASSING_KINDS = {
    *("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError", "ProxyConnectionError"),
    *("ResponseStreamingError", "IncompleteReadError", "FlexibleChecksumError", "ResponseParserError"),
}


def passes(error: Exception) -> bool:
    """Whether the same request may succeed in a moment."""
    return code_of(error) in _PASSING_CODES or type(error).__name__ in _PASSING_KINDS


class Patience(NamedTuple):
    """How long to wait for S3, and how often to ask again. All times are seconds."""

    attempts: int = 8
    total: float = 180.0
    """No attempt begins later than this after the first."""
    first: float = 0.2
    longest: float = 20.0
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    uniform: Callable[[float, float], float] = random.uniform

    @classmethod
    def of_environment(cls) -> Patience:
        """With the number of attempts that AWS_MAX_ATTEMPTS says, as every AWS tool has it."""
        said = os.environ.get("AWS_MAX_ATTEMPTS", "")
        return cls(attempts=int(said)) if said.isascii() and said.isdigit() and int(said) else cls()

    def ask(self, request: Callable[[int], T]) -> T:
        """Call ``request`` with the number of the attempt, from 0, until it succeeds or fails for good; then raise what it raised last."""
        begin = self.clock()
        number = 0
        while True:
            try:
                return request(number)
            except Exception as error:
                pause = self.uniform(0, min(self.longest, self.first * 2**number))
                number += 1
                if number >= self.attempts or not passes(error) or self.clock() + pause > begin + self.total:
                    raise
            self.sleep(pause)
