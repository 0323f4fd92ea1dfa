"""``make benchmark-scale``: one new package for a repository of many thousands, on a machine that has nothing but the new package.

The published state is made by repogen's own code from a few packages, whose facts are repeated under other names and versions; the old packages
themselves are nowhere. See README.md for what is measured.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import corpus
from measure import Measurement, adopt_orphans, measure
from msgspec.structs import replace
from throwaway_key import Home, gpg_home

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from repogen import config as configuration  # noqa: E402 - the folder must be named first
from repogen.artifact import Artifact, DebFacts, RpmFacts  # noqa: E402
from repogen.assemble import assemble, open_signing, stand_upon  # noqa: E402
from repogen.catalog import Product  # noqa: E402
from repogen.options import Options  # noqa: E402
from repogen.output import Output  # noqa: E402
from repogen.packed_text import Text  # noqa: E402
from repogen.placing.place import place  # noqa: E402
from repogen.record import Additions  # noqa: E402
from repogen.scanning import scan_cache  # noqa: E402
from repogen.scanning.input_files import find_files  # noqa: E402
from repogen.scanning.scan import scan  # noqa: E402
from repogen.state import Head, Snapshot, store_objects, swap_head  # noqa: E402
from repogen.stores.local import LocalStore  # noqa: E402

DATE = "2026-01-01T12:00:00Z"
_VARIANTS = ("versions", "products")
_TEMPLATES = 8
_TOML = """[repo]
name = "bench"
url = "https://bench.example.org"
title = "Bench"
maintainer = "Bench <bench@example.org>"

[input]
paths = ["dist"]

[publish]
to = "site"
"""


@dataclass(frozen=True)
class Run:
    """One command, and what passed between it and the destination."""

    name: str
    measured: Measurement
    traffic: dict[str, dict[str, int]]
    """Requests and bytes (``got``, ``put``) by class of file."""


def main() -> int:
    options = _options()
    work = options.work or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "repogen-benchmarks"
    work.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    adopt_orphans()
    results = {}
    with gpg_home(work) as home, tempfile.TemporaryDirectory(prefix="repogen-scale-", dir=work) as folder:
        for variant in options.only.split(","):
            runs = list(_measured(Path(folder) / variant, home, work, options.count, variant))
            print(f"\n{options.count:,} debs and {options.count:,} rpms, {variant}\n{_table(runs)}", flush=True)
            results[variant] = [{"name": run.name, "cpu": run.measured.cpu, "memory": run.measured.memory, "traffic": run.traffic} for run in runs]
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure one new package for a large repository.")
    parser.add_argument("--count", type=int, default=50_000, help="packages of each kind (default: %(default)s)")
    parser.add_argument("--only", default=",".join(_VARIANTS), help="variants, separated by commas (default: %(default)s)")
    parser.add_argument("--work", type=Path, help="folder for packages and sites (default: repogen-benchmarks in the user's cache folder)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to a file")
    options = parser.parse_args()
    if options.count < _TEMPLATES or not set(options.only.split(",")) <= set(_VARIANTS):
        parser.error(f"--count is at least {_TEMPLATES}, --only names some of {', '.join(_VARIANTS)}")
    return options


def _measured(folder: Path, home: Home, work: Path, count: int, variant: str) -> Iterator[Run]:
    """A package with an empty cache, another one with a warm one, and nothing new; each on a machine that was born empty."""
    new = corpus.debs(work, _TEMPLATES), corpus.debs(work, _TEMPLATES + 1)
    folder.mkdir()
    (folder / "repogen.toml").write_text(_TOML)
    _publish_many(folder, home, _many(_templates(folder, work), count, variant))
    for name, package in zip(("cold cache", "warm cache"), (new[0].added, new[1].added), strict=True):
        shutil.rmtree(folder / "public", ignore_errors=True)
        shutil.rmtree(folder / "dist", ignore_errors=True)
        (folder / "dist").mkdir()
        shutil.copy2(package, folder / "dist")
        yield from _both(folder, home, name)
    yield from _both(folder, home, "nothing new")


def _both(folder: Path, home: Home, name: str) -> Iterator[Run]:
    for command in ("build", "publish"):
        yield _run(folder, home, f"{name}: {command}", command)


def _run(folder: Path, home: Home, name: str, command: str) -> Run:
    counts = folder / "counts.json"
    environment = {"PATH": os.environ["PATH"], "REPOGEN_SIGNING_KEY": home.secret_key(), "XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPATH": str(ROOT)}
    driver = Path(__file__).with_name("counted.py")
    measured = measure([sys.executable, str(driver), str(counts), "-C", str(folder), "--quiet", command], cwd=folder, env=environment)
    return Run(name, measured, json.loads(counts.read_text()))


def _templates(folder: Path, work: Path) -> tuple[Artifact, ...]:
    """The artifacts of a few real packages of both kinds."""
    made = [corpus.debs(work, _TEMPLATES), corpus.rpms(work, _TEMPLATES)]
    with scan_cache.open_cache({}) as cache:
        found = scan(find_files([str(one.folder) for one in made], folder), sha512=True, contents=False, cache=cache)
    return place(found, configuration.load(folder / "repogen.toml"), channel=None, date=DATE, known=(), stored={}).artifacts


def _many(templates: Sequence[Artifact], count: int, variant: str) -> list[Artifact]:
    """So many packages of each kind: one product each, or a hundredth as many products with a hundred versions."""
    products = count if variant == "products" else max(1, count // 100)
    kinds = [[a for a in templates if isinstance(a.facts, kind)] for kind in (DebFacts, RpmFacts)]
    return [_repeated(kind[number % len(kind)], f"many{number % products:05d}", number // products) for kind in kinds for number in range(count)]


def _repeated(template: Artifact, name: str, release: int) -> Artifact:
    """The package under another name and version, with digests of its own."""
    old, version = template.product, f"1.0.{release}"

    def renamed(text: Any) -> Any:
        pairs = ((old, name), (template.version, version))
        for before, after in pairs:
            text = text.replace(before.encode(), after.encode()) if isinstance(text, bytes) else text.replace(before, after)
        return text

    path = renamed(template.path).replace(f"/{old[0]}/", "/m/")
    digests = hashlib.sha256(path.encode()).hexdigest(), hashlib.sha512(path.encode()).hexdigest()
    facts = template.facts
    if isinstance(facts, DebFacts):
        facts = replace(facts, package=name, source=name, version=renamed(facts.version), packed_stanza=Text(renamed(facts.stanza)))
    elif isinstance(facts, RpmFacts):
        parts = (Text(renamed(part).replace(template.sha256.encode(), digests[0].encode())) for part in (facts.primary, facts.filelists, facts.other))
        facts = replace(facts, name=name, version=version, **dict(zip(("packed_primary", "packed_filelists", "packed_other"), parts, strict=True)))
    about = {"product": name, "version": version, "filename": renamed(template.filename), "sha256": digests[0], "sha512": digests[1]}
    return replace(template, path=path, facts=facts, **about)


class _QuickSigner:
    """Signs but a few texts: nobody looks at the signatures of old releases here, and gpg would take minutes for them."""

    def __init__(self, signer: Any) -> None:
        self._signer = signer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._signer, name)

    def detached_all(self, texts: Sequence[bytes]) -> list[bytes]:
        return self._signer.detached_all(texts[:1]) * len(texts)

    def check(self, *_: object) -> None:
        """The one signature is over another text."""


def _publish_many(folder: Path, home: Home, artifacts: list[Artifact]) -> None:
    """Put everything but the packages themselves where a publish would."""
    config = configuration.load(folder / "repogen.toml")
    options = Options(base=folder, output=folder / "first", environ={"PATH": os.environ["PATH"], "REPOGEN_SIGNING_KEY": home.secret_key()}, date=DATE)
    output, store = Output(options.output), LocalStore(folder / "site")
    output.work.mkdir(parents=True)
    upon = stand_upon(options, output, None, None)
    with open_signing(config, options, upon) as signer:
        ids = sorted({artifact.product for artifact in artifacts})
        additions = Additions(artifacts=tuple(artifacts), products=tuple(Product(id=id, title=id) for id in ids), keys=signer.public_keys)
        record = assemble(config, upon, _QuickSigner(signer), additions, {}).record
    shutil.rmtree(output.folder / ".repogen")
    output.folder.rename(store.root)
    root = {"catalog": record.state.catalog, "manifest": record.state.manifest, "rendering": record.rendering}
    after = Snapshot().followed_by(Head(date=record.date, complete=True, **root), record.state.objects)
    store_objects(store, after.objects)
    swap_head(store, after.head, "")
    sizes = [sum(len(content) for content in record.state.objects.values()), len(record.files), len(record.state.objects)]
    print(f"made a site of {sizes[1]:,} files beside its packages; its state is {sizes[0] / 1e6:.1f} MB in {sizes[2]:,} objects", flush=True)


def _table(runs: Sequence[Run]) -> str:
    classes = sorted({name for run in runs for name in run.traffic})
    lines = ["| run | CPU s | wall s | memory MB | " + " | ".join(f"{name}: requests, got kB, put kB" for name in classes) + " |"]
    lines.append("|---" * (4 + len(classes)) + "|")
    for run in runs:
        cells = [f"{run.measured.cpu:.2f}", f"{run.measured.wall:.2f}", f"{run.measured.memory / 1e6:.0f}"]
        for name in classes:
            one = run.traffic.get(name, {"requests": 0, "got": 0, "put": 0})
            cells.append(f"{one['requests']}, {one['got'] / 1e3:.0f}, {one['put'] / 1e3:.0f}")
        lines.append(f"| {run.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
