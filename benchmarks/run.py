"""``make benchmark``: repogen build beside its peers, over the same packages, in one run. See README.md for what is measured."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import shutil
import signal
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import corpus
import peers
from corpus import Corpus, Shape
from measure import Measurement, adopt_orphans, measure
from peers import Contender
from throwaway_key import Home, gpg_home

STATES = ("cold", "unchanged", "one added")
_LARGE = 1 << 30
_TITLES = {Shape.PRODUCTS: "each a product", Shape.RELEASE: "one release", Shape.VERSIONS: "50 products"}
_MEMORY = Path("/dev/shm")


@dataclass(frozen=True)
class Case:
    """One corpus, and who takes part. The first contender is repogen, with which the others are compared."""

    title: str
    corpus: Corpus
    contenders: Sequence[Contender]
    states: Sequence[str] = STATES


def main() -> int:
    options = _options()
    work = options.work or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "repogen-benchmarks"
    work.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that folders and agents are cleared away
    adopt_orphans()
    results = []
    place = _MEMORY if os.access(_MEMORY, os.W_OK) and not options.disk else work
    with gpg_home(work) as home, tempfile.TemporaryDirectory(prefix="repogen-benchmark-", dir=place) as runs:
        for make in _cases(options, work, home):
            case = make()
            print(f"\n{case.title} ({case.corpus.size / 1e6:.0f} MB)", flush=True)
            taken = _run_case(case, options.runs, Path(runs))
            _print_table(case, taken)
            results.append(_as_data(case, taken))
    machine = _machine(options.runs, place)
    print(f"\n{machine}")
    if options.json:
        options.json.write_text(json.dumps({"machine": machine, "cases": results}, indent=2) + "\n")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure repogen build beside its peers.")
    parser.add_argument("--count", type=int, default=5000, help="packages of each kind (default: %(default)s)")
    shapes = ",".join(_TITLES)
    parser.add_argument("--shape", default=shapes, help="products: each its own product; release: all in one; versions: 50 products (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="runs of which the median counts (default: %(default)s)")
    parser.add_argument("--only", default="debs,signed-rpms", help="cases of debs, rpms, signed-rpms, large, contents (default: %(default)s)")
    parser.add_argument("--disk", action="store_true", help="run in the work folder, not in memory (/dev/shm)")
    parser.add_argument("--work", type=Path, help="folder for the packages (default: repogen-benchmarks in the user's cache folder)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every run to a file")
    options = parser.parse_args()
    if options.count < 1 or options.runs < 1:
        parser.error("--count and --runs are at least 1")
    if options.work:
        options.work = options.work.absolute()
    return options


def _cases(options: argparse.Namespace, work: Path, home: Home) -> list[Callable[[], Case]]:
    """Functions, since making a corpus takes a while."""
    count, shapes = options.count, [Shape(word) for word in options.shape.split(",")]
    alone = {"large": lambda: _large(work, home), "contents": lambda: _contents(work, home)}
    shaped = {"debs": _debs, "rpms": _rpms, "signed-rpms": _signed_rpms}
    wanted = [name for name in options.only.split(",") if name]
    unknown = [name for name in wanted if name not in {*alone, *shaped}]
    if unknown:
        raise SystemExit(f"no such case: {', '.join(unknown)}; there are {', '.join((*shaped, *alone))}")
    return [case for name in wanted for case in ([alone[name]] if name in alone else [partial(shaped[name], work, home, count, shape) for shape in shapes])]


def _debs(work: Path, home: Home, count: int, shape: Shape) -> Case:
    return Case(f"{count:,} small debs, {_TITLES[shape]}", corpus.debs(work, count, shape), [_ours(home, shape), *peers.for_debs(home)])


def _rpms(work: Path, home: Home, count: int, shape: Shape) -> Case:
    return Case(f"{count:,} small rpms, unsigned, {_TITLES[shape]}", corpus.rpms(work, count, shape), [_ours(home, shape), *peers.for_rpms()])


def _signed_rpms(work: Path, home: Home, count: int, shape: Shape) -> Case:
    return Case(f"{count:,} small rpms, signed already, {_TITLES[shape]}", corpus.signed_rpms(work, count, shape), [_ours(home, shape), *peers.for_rpms()])


def _large(work: Path, home: Home) -> Case:
    return Case("20 debs of 200 MiB", corpus.large_debs(work, 20, 200 << 20), [peers.repogen(home), *peers.for_large()], STATES[:1])


def _contents(work: Path, home: Home) -> Case:
    ours = peers.repogen(home, "[apt]\ncontents = true\n")
    return Case("150 real debs with Contents", corpus.real_debs(work, 150), [ours, *peers.for_contents()])


def _ours(home: Home, shape: Shape) -> Contender:
    return peers.repogen(home, '[[product]]\nid = "bench"\nfiles = ["*"]\n' if shape is Shape.RELEASE else "")


# -- running -------------------------------------------------------------------------------


def _run_case(case: Case, count: int, runs: Path) -> dict[str, dict[str, list[Measurement]]]:
    """Every contender ``count`` times in the folder ``runs``; who begins changes from run to run."""
    here = [one for one in case.contenders if one.here]
    for absent in (one for one in case.contenders if not one.here):
        print(f"  {absent.name}: {absent.program} is not on this machine, left out", flush=True)
    taken: dict[str, dict[str, list[Measurement]]] = {one.name: {state: [] for state in case.states} for one in here}
    _warm(case.corpus)
    for run in range(count):
        for one in here[run % len(here) :] + here[: run % len(here)]:
            for state, measured in _run_once(case, one, runs).items():
                taken[one.name][state].append(measured)
    return taken


def _run_once(case: Case, contender: Contender, runs: Path) -> dict[str, Measurement]:
    """Cold, unchanged and one added, one after the other in a fresh folder.

    A small one stays until all is measured: for half a minute after many files were deleted, ext4 takes much longer to make new ones.
    """
    folder = Path(tempfile.mkdtemp(dir=runs))
    (folder / "in").mkdir()
    for package in case.corpus.files:
        shutil.copy2(package, folder / "in")
    contender.prepare(folder)
    taken = {}
    for state in case.states:
        if state == "one added":
            shutil.copy2(case.corpus.added, folder / "in")
        script = contender.first if state == "cold" and contender.first else contender.again
        taken[state] = measure(["/bin/sh", "-euc", script], cwd=folder, env=_environment(contender, folder))
    if case.corpus.size > _LARGE:
        shutil.rmtree(folder)
    return taken


def _environment(contender: Contender, folder: Path) -> dict[str, str]:
    """A small environment, the same for all; a relative XDG_CACHE_HOME is in the contender's folder."""
    base = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", **contender.environment}
    if "XDG_CACHE_HOME" in base:
        base["XDG_CACHE_HOME"] = str(folder / base["XDG_CACHE_HOME"])
    return base


def _warm(packages: Corpus) -> None:
    """Read every package once, so that all find them in the page cache."""
    for package in [*packages.files, packages.added]:
        with package.open("rb", buffering=0) as file:
            while file.read(1 << 20):
                pass


# -- telling -------------------------------------------------------------------------------


def _median(taken: list[Measurement]) -> Measurement:
    return Measurement(
        statistics.median(one.wall for one in taken),
        statistics.median(one.cpu for one in taken),
        int(statistics.median(one.memory for one in taken)),
    )


def _print_table(case: Case, taken: dict[str, dict[str, list[Measurement]]]) -> None:
    ours = {state: _median(taken[case.contenders[0].name][state]) for state in case.states}
    print(f"  {'':28}" + "".join(f"{state + ': s':>14}{'ratio':>7}{'CPU s':>7}{'ratio':>7}{'MB':>5}" for state in case.states))
    for contender in case.contenders:
        if contender.name not in taken:
            continue
        cells = ""
        for state in case.states:
            one = _median(taken[contender.name][state])
            wall, cpu = ("", "") if contender is case.contenders[0] else (f"{ours[state].wall / one.wall:.2f}", f"{ours[state].cpu / one.cpu:.2f}")
            cells += f"{one.wall:>14.2f}{wall:>7}{one.cpu:>7.2f}{cpu:>7}{one.memory / 1e6:>5.0f}"
        print(f"  {contender.name:28}{cells}")
    for contender in case.contenders:
        print(f"    {contender.name}: {contender.does}")


def _as_data(case: Case, taken: dict[str, dict[str, list[Measurement]]]) -> dict[str, object]:
    runs = {name: {state: [dataclasses.asdict(one) for one in measured] for state, measured in states.items()} for name, states in taken.items()}
    return {"title": case.title, "bytes": case.corpus.size, "does": {one.name: one.does for one in case.contenders}, "runs": runs}


def _machine(runs: int, place: Path) -> str:
    where = "in memory" if place == _MEMORY else "in a folder on disk"
    return (
        f"{len(os.sched_getaffinity(0))} cores, {platform.machine()}, Linux {platform.release().split('-')[0]}, Python {platform.python_version()}; {where}; "
        f"medians of {runs}; ratios are repogen's over the peer's; load {os.getloadavg()[0]:.1f} at the end"
    )


if __name__ == "__main__":
    if not shutil.which("gpg"):
        raise SystemExit("gpg is not on this machine: repogen signs what it builds")
    sys.exit(main())
