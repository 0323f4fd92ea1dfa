"""What all tests share: hypothesis without a stopwatch, tests against Ceph only where it runs, and, at the end of a run, the names of the
clients that were absent.
"""

from __future__ import annotations

import os
import re
import signal
from collections import Counter

import hypothesis
import pytest

from tests.support import ceph
from tests.support.s3 import s3_bucket, s3_client, s3_environment, s3_server  # noqa: F401 - fixtures of all tests
from tests.support.s3_proxy import proxy  # noqa: F401 - as above

# A busy machine is slow, not wrong.
hypothesis.settings.register_profile("repogen", deadline=None)
hypothesis.settings.load_profile("repogen")

# What a shell starts in the background ignores Ctrl-C, and so would every program that the tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what uses the S3 service, and leave out what needs the other one: `make test-rgw` has Ceph's, all others moto's."""
    for item in items:
        if "s3_server" in getattr(item, "fixturenames", ()):
            item.add_marker("s3")
    other = "moto" if ceph.ENDPOINT in os.environ else "rgw"
    left_out = [item for item in items if item.get_closest_marker(other)]
    items[:] = [item for item in items if not item.get_closest_marker(other)]
    config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = [str(report.longrepr) for report in terminalreporter.getreports("skipped")]
    counted = absent_clients(reasons)
    if counted:
        terminalreporter.section("clients that are not on this machine")
        for client, tests in sorted(counted.items()):
            terminalreporter.line(f"{client}: {tests} {'test' if tests == 1 else 'tests'} skipped")
        terminalreporter.line("as root on Debian, `make test` installs them; with CI=true their absence is a failure")


def absent_clients(reasons: list[str]) -> Counter[str]:
    """How often each client is named by the reasons that tests.support.clients.require gave."""
    found = (re.search(r"needs ([^()]+) \(make test", reason) for reason in reasons)
    return Counter(client for match in found if match for client in match[1].split(", "))
