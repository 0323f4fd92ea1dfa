"""An absent client is named at the end of a run on a laptop, and is a failure in CI."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.clients import run

TOP = Path(__file__).parent.parent.parent
#: A test that asks for dpkg-deb and rpmbuild, and for nothing before.
TEST = "tests/test_example.py::test_a_prerelease_sorts_before_its_release_in_every_package"


def pytest_without_programs(ci: str, *, workers: int = 0):
    words = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", str(workers), TEST)
    return run(*words, cwd=TOP, env={"CI": ci, "PATH": "/nonexistent"}, check=False)


def test_on_a_laptop_the_test_is_skipped_and_the_clients_are_named():
    done = pytest_without_programs("", workers=1)
    assert done.returncode == 0, done.stdout
    assert "\ndpkg-deb: 1 test skipped\nrpmbuild: 1 test skipped\n" in done.stdout
    assert "1 skipped" in done.stdout.splitlines()[-1]


def test_in_ci_it_fails():
    done = pytest_without_programs("true")
    assert done.returncode == 1, done.stdout
    assert "needs dpkg-deb, rpmbuild" in done.stdout
