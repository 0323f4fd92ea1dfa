"""When a build has nothing to do, and that it finds out without opening anything."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from repogen import unchanged
from repogen.config import load
from repogen.options import Options
from repogen.stores import open_store
from tests.support.keys import secret_key
from tests.support.packages import make_deb
from tests.support.site import DATE, Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project that was built; its file is old enough for its stamp to count."""
    made = Project(tmp_path / "project")
    made.add(make_deb(tmp_path))
    made.build(date=DATE)
    return made


def is_unchanged(project: Project, *arguments: str) -> bool:
    """Whether the build says so by the mark alone, without the modules that a closer look needs."""
    script = (
        "import sys; from repogen.__main__ import run; code = run(sys.argv[1:]);"
        " heavy = {'repogen.build', 'jinja2', 'gnupg', 'boto3', 'subprocess'} & set(sys.modules); print(','.join(sorted(heavy))); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "-C", str(project.folder), "build", *arguments],
        env={**os.environ, "XDG_CACHE_HOME": str(project.folder / "cache"), **project.environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("nothing changed" in done.stderr) >= (done.stdout == "\n")
    return done.stdout == "\n"


def test_the_same_again_imports_nothing_heavy(project: Project) -> None:
    before = {path: path.stat().st_mtime_ns for path in project.output.rglob("*")}
    assert is_unchanged(project)
    assert is_unchanged(project, "--date", DATE)
    assert {path: path.stat().st_mtime_ns for path in project.output.rglob("*")} == before


def test_what_comes_while_a_build_waits_for_another_is_read_too(project: Project, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool, (project.output / ".repogen/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        project.add(make_deb(tmp_path, name="early"))
        building = pool.submit(project.build)
        inode = os.fstat(lock.fileno()).st_ino
        wait_until(lambda: any("-> FLOCK" in line and f":{inode} " in line for line in Path("/proc/locks").read_text(encoding="ascii").splitlines()))
        project.add(make_deb(tmp_path, name="late"))
        fcntl.flock(lock, fcntl.LOCK_UN)
        building.result()
    pool_files = {path.name.partition("_")[0] for path in (project.output / "apt/pool").rglob("*.deb")}
    assert pool_files == {"hello", "early", "late"}


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_whatever_is_read_counts(project: Project, tmp_path: Path) -> None:
    deb = next(project.dist.iterdir())
    os.utime(deb, (1767225600, 1767225600))
    assert not is_unchanged(project)
    assert is_unchanged(project), "the closer look found the same bytes, and is remembered"
    project.add(make_deb(tmp_path, "other"))
    assert not is_unchanged(project)
    assert is_unchanged(project)
    toml = project.folder / "repogen.toml"
    toml.write_text(toml.read_text() + '\n[apt]\norigin = "Other"\n')
    assert not is_unchanged(project)
    assert is_unchanged(project)
    assert not is_unchanged(project, "--date", "2026-02-01T00:00:00Z")
    assert not is_unchanged(project, "--channel", "beta")


@pytest.mark.parametrize("path", ["index.html", "apt/dists/stable/InRelease", "apt/pool/main/h/hello/hello_1.0.0_amd64.deb", ".repogen/seal"])
def test_a_file_that_is_gone_is_made_again(project: Project, path: str) -> None:
    (project.output / path).unlink()
    assert not is_unchanged(project)
    assert (project.output / path).is_file()
    assert is_unchanged(project)


def test_after_a_publish_what_was_built_is_what_is_published(project: Project, tmp_path: Path) -> None:
    project.publish()
    assert is_unchanged(project)
    assert project.publish().returncode == 0
    assert is_unchanged(project)
    other = Project(tmp_path / "other", to=str(project.site))
    other.add(make_deb(tmp_path, "other"))
    other.build(date="2026-01-03T12:00:00Z")
    other.publish()
    assert not is_unchanged(project), "somebody else published since"


def test_a_later_build_keeps_the_signatures_whose_text_is_the_same(project: Project, tmp_path: Path) -> None:
    signature, inrelease = (project.output / path for path in ("downloads/hello/1.0.0/SHA256SUMS.asc", "apt/dists/stable/InRelease"))
    before = signature.stat().st_mtime_ns, inrelease.read_bytes()
    project.add(make_deb(tmp_path, "other"))
    project.build(date="2026-01-03T12:00:00Z")
    assert signature.stat().st_mtime_ns == before[0]
    assert inrelease.read_bytes() != before[1]
    signature.unlink()
    project.add(make_deb(tmp_path, "third"))
    project.build(date="2026-01-04T12:00:00Z")
    assert b"BEGIN PGP SIGNATURE" in signature.read_bytes()


def expiring_in(days: int) -> str:
    """A secret key that expires in so many days from today."""
    age = datetime.now(UTC) - datetime(2026, 1, 1, tzinfo=UTC)
    return secret_key(expires=str(age.days + 1 + days))


def test_what_is_to_be_said_of_a_key_is_said_at_every_build(tmp_path: Path) -> None:
    project = Project(tmp_path / "project", key=None)
    project.environment["REPOGEN_SIGNING_KEY"] = expiring_in(100)
    project.add(make_deb(tmp_path))
    said = [_of_the_key(project.build(date=DATE)), _of_the_key(project.build()), _of_the_key(project.build("-q"))]
    assert "expires in " in said[0]
    assert said == [said[0]] * 3
    assert is_unchanged(project)


def _of_the_key(done: subprocess.CompletedProcess[str]) -> str:
    (line,) = (line for line in done.stderr.splitlines() if "warning: the key" in line)
    return line


def test_time_passes_while_nothing_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path / "project", key=None)
    project.environment["REPOGEN_SIGNING_KEY"] = expiring_in(400)
    project.add(make_deb(tmp_path))
    assert "warning" not in project.build(date=DATE).stderr

    config = load(project.folder / "repogen.toml")
    options = Options(base=project.folder, output=project.output, environ={**os.environ, **project.environment})
    store = open_store("site", base=project.folder)
    now = time.time()

    def later(days: int) -> tuple[bool, list[str]]:
        said: list[str] = []
        monkeypatch.setattr(time, "time", lambda: now + days * 86400)
        return unchanged.is_unchanged(unchanged.look_at_inputs(config, options), config, options, store, said.append), said

    assert later(200) == (True, [])
    same, said = later(310)
    assert same
    assert "expires in 9" in said[0]
    assert later(401) == (False, []), "the whole build refuses"
