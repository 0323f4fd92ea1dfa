"""``make benchmark-edits``: how long users wait until a bad version is gone from a site of very many products, on S3. See README.md."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import corpus
from measure import Measurement, adopt_orphans, measure
from s3_stand_in import CREDENTIALS, stand_in
from throwaway_key import gpg_home

ROOT = Path(__file__).resolve().parent.parent
#: Of each product; a snapshot brought each.
_VERSIONS = 4
_TOML = """\
[repo]
name = "bench"
url = "https://dl.example.org"
maintainer = "Bench <bench@example.org>"
[input]
paths = ["dist"]
[publish]
to = "s3://bucket/site"
"""


@dataclass(frozen=True)
class Edit:
    """One command of a machine that has repogen.toml and the key."""

    name: str
    command: str
    warm: bool = False
    """Whether the machine has the state of before in its cache."""


def edits(product: str, other: str) -> list[Edit]:
    """Snapshots 1 to 4 brought a version of every product each."""
    return [
        Edit("yank", f"yank {product} 1.0.3"),
        Edit("yank --undo", f"yank --undo {product} 1.0.3", warm=True),
        Edit("promote to a new channel", f"promote {other} 1.0.2 --to beta", warm=True),
        Edit("rollback, one snapshot", "rollback", warm=True),
        Edit("rollback by a release of every product", "rollback --to 3"),
        Edit("rollback that brings it back", "rollback --to 4"),
    ]


def main() -> int:
    options = _options()
    work = options.work or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "repogen-benchmarks"
    work.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    count, shape = _VERSIONS * corpus.Shape.PORTFOLIO.products, corpus.Shape.PORTFOLIO
    files = [*corpus.debs(work, count, shape).files, *corpus.archives(work, count, shape).files]
    with gpg_home(work) as home, tempfile.TemporaryDirectory(prefix="repogen-edits-", dir=work) as folder, stand_in("--keep") as port, _apart() as measured:
        rows = list(_measured(Path(folder), files, home.secret_key(), port, measured))
    print(f"\n| {shape.products} products in {_VERSIONS} versions | seconds | CPU | MB | files put |\n|---|---|---|---|---|")
    for edit, taken, puts in rows:
        print(f"| {edit.name}{', state in the cache' if edit.warm else ''} | {taken.wall:.1f} | {taken.cpu:.1f} | {taken.memory / 1e6:.0f} | {puts:,} |")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure what changes a published site of 300 products.")
    parser.add_argument("--work", type=Path, help="folder for packages (default: repogen-benchmarks in the user's cache folder)")
    return parser.parse_args()


@contextmanager
def _apart() -> Iterator[Callable[..., Measurement]]:
    """``measure`` in another process, which ends what a command leaves: here the stand-in would be among that."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=adopt_orphans) as pool:
        yield lambda *arguments, **named: pool.submit(measure, *arguments, **named).result()


def _measured(folder: Path, files: Sequence[Path], key: str, port: int, measured: Callable[..., Measurement]) -> Iterator[tuple[Edit, Measurement, int]]:
    """Publish version after version, then make each edit in turn."""
    (folder / "repogen.toml").write_text(_TOML)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "REPOGEN_SIGNING_KEY": key, **CREDENTIALS}
    environment |= {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "XDG_CACHE_HOME": str(folder / "cache")}
    repogen = str(Path(sys.executable).with_name("repogen"))
    names = sorted({path.name.partition("_")[0] for path in files if path.suffix == ".deb"})
    for number in range(_VERSIONS):
        shutil.rmtree(folder / "dist", ignore_errors=True)
        (folder / "dist").mkdir()
        for path in files:
            if f"1.0.{number}-" in path.name:
                shutil.copy2(path, folder / "dist")
        for command in ("build", "publish"):
            measured([repogen, "--quiet", command], cwd=folder, env=environment)
    for edit in edits(names[1], names[2]):
        if not edit.warm:
            shutil.rmtree(folder / "cache")
        told = folder / "told.json"
        taken = measured(["/bin/sh", "-euc", f"{repogen} --quiet {edit.command} --json > {told}"], cwd=folder, env=environment)
        yield edit, taken, len(json.loads(told.read_text())["puts"])


if __name__ == "__main__":
    sys.exit(main())
