"""Generated packages to measure with: made once, kept in the work folder, the same bytes on every machine with the same tools.

Debs are written here (an ar archive of two tar.xz members, https://manpages.debian.org/deb.5), rpms by rpmbuild as
subpackages. One package more than asked for is made and put aside, for the runs with one package added.
"""

from __future__ import annotations

import hashlib
import io
import lzma
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from throwaway_key import gpg_home

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

EPOCH = 1767225600
_VERSION = "v3"
_MEBI = 1 << 20
_SUBPACKAGES = 300


class Shape(StrEnum):
    """What the packages of a corpus have to do with each other."""

    PRODUCTS = "products"
    """Each is a product of its own, in one version."""
    RELEASE = "release"
    """All have one version, and can be one release of one product."""
    VERSIONS = "versions"
    """Fifty products, in as many versions as it takes."""
    PORTFOLIO = "portfolio"
    """Three hundred products, in as many versions as it takes."""

    @property
    def products(self) -> int:
        """How many products there are; 0 where each package is one."""
        return {Shape.VERSIONS: 50, Shape.PORTFOLIO: 300}.get(self, 0)

    def name(self, number: int) -> str:
        """Name of a package."""
        letters = "abcdefghijklmnopqrstuvwxyz"
        one = number % self.products if self.products else number
        return f"{letters[one % 26]}{letters[one // 26 % 26]}-bench{one:05d}"

    def version(self, number: int) -> str:
        """Its version."""
        if self is Shape.PRODUCTS:
            return f"1.{number % 7}.{number % 13}"
        return f"1.0.{number // self.products}" if self.products else "1.0.0"


@dataclass(frozen=True)
class Corpus:
    """Packages of one kind: ``folder`` holds them all, ``added`` is the one that comes later."""

    name: str
    folder: Path
    added: Path
    shape: Shape = Shape.PRODUCTS

    @property
    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.is_file())

    @property
    def size(self) -> int:
        """Bytes of all packages."""
        return sum(path.stat().st_size for path in self.files)


def debs(work: Path, count: int, shape: Shape = Shape.PRODUCTS) -> Corpus:
    """Small debs: six files and some 10 kB each."""
    return _made(work, f"debs-{count}", shape, lambda folder: [_write_deb(folder, number, 8192, shape) for number in range(count + 1)])


def archives(work: Path, count: int, shape: Shape = Shape.PRODUCTS) -> Corpus:
    """Archives of one program each, for one system: what Homebrew, update manifests and downloads are made of."""
    return _made(work, f"archives-{count}", shape, lambda folder: [_write_archive(folder, number, shape) for number in range(count + 1)])


def large_debs(work: Path, count: int, size: int) -> Corpus:
    """Debs with one large file each, which cannot be compressed and is stored as it is; ``size`` in bytes."""
    shape = Shape.PRODUCTS
    return _made(
        work, f"large-{count}x{size // _MEBI}", shape, lambda folder: [_write_deb(folder, number, size, shape, packed=False) for number in range(count + 1)]
    )


def rpms(work: Path, count: int, shape: Shape = Shape.PRODUCTS) -> Corpus:
    """Small unsigned rpms: six files and some 12 kB each."""
    return _made(work, f"rpms-{count}", shape, lambda folder: _build_rpms(folder, count + 1, shape))


def signed_rpms(work: Path, count: int, shape: Shape = Shape.PRODUCTS) -> Corpus:
    """The same rpms, signed by rpmsign with the key that repogen signs with, as rpms of the project's own CI are."""
    plain = rpms(work, count, shape)
    return _made(work, f"signed-rpms-{count}", shape, lambda folder: _sign_rpms([*plain.files, plain.added], folder, work))


def real_debs(work: Path, count: int) -> Corpus:
    """Packages of this machine's Debian, fetched by apt-get: small and large ones as chance brings them."""
    from tests.support import debian

    packages = debian.sample(count + 1, 20 * _MEBI)
    return _made(work, f"real-debs-{count}", Shape.PRODUCTS, lambda folder: [shutil.copy2(package, folder) for package in packages])


def _made(work: Path, name: str, shape: Shape, make: Callable[[Path], object]) -> Corpus:
    """The corpus of this name; made now when it is not there, beside its place, so that a cut run leaves nothing that looks whole."""
    final = work / f"{name}-{shape}-{_VERSION}"
    if not final.is_dir():
        half = work / f".{final.name}.{os.getpid()}"
        packages = half / "packages"
        packages.mkdir(parents=True)
        try:
            make(packages)
            (half / "added").mkdir()
            last = max(packages.iterdir())
            last.rename(half / "added" / last.name)
            half.rename(final)
        finally:
            shutil.rmtree(half, ignore_errors=True)
    return Corpus(final.name, final / "packages", next((final / "added").iterdir()), shape)


# -- debs ----------------------------------------------------------------------------------


def _write_deb(folder: Path, number: int, size: int, shape: Shape, *, packed: bool = True) -> None:
    name = shape.name(number)
    control = (
        f"Package: {name}\nVersion: {shape.version(number)}-1\nArchitecture: amd64\nMaintainer: Bench <bench@example.org>\n"
        f"Installed-Size: {size // 1024 + 8}\nDepends: libc6 (>= 2.31), libgcc-s1 (>= 3.0)\nSection: utils\nPriority: optional\n"
        f"Homepage: https://example.org/{name}\nDescription: generated package number {number}\n"
        " It is here to be indexed, and has a description of some length so that the\n index is about as large as a real one.\n"
    )
    files = _files(name, number, size)
    sums = "".join(f"{hashlib.md5(content).hexdigest()}  {path}\n" for path, content in files.items())
    data = _tar(files)
    members = [
        ("debian-binary", b"2.0\n"),
        ("control.tar.xz", lzma.compress(_tar({"control": control.encode(), "md5sums": sums.encode()}), preset=0)),
        ("data.tar.xz", lzma.compress(data, preset=0)) if packed else ("data.tar", data),
    ]
    with (folder / f"{name}_{shape.version(number)}-1_amd64.deb").open("wb") as deb:
        deb.write(b"!<arch>\n")
        for member, content in members:
            deb.write(f"{member:<16}{EPOCH:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode() + content + b"\n" * (len(content) % 2))


def _write_archive(folder: Path, number: int, shape: Shape) -> None:
    name = shape.name(number)
    path = folder / f"{name}-{shape.version(number)}-linux-amd64.tar.gz"
    with tarfile.open(path, "w:gz", format=tarfile.GNU_FORMAT) as tar:
        content = f"#!/bin/sh\necho {name} {shape.version(number)}\n".encode()
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime = len(content), 0o755, EPOCH
        tar.addfile(entry, io.BytesIO(content))


def _tar(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for folder in sorted({parent.as_posix() for path in files for parent in Path(path).parents}):
            entry = tarfile.TarInfo("./" if folder == "." else f"./{folder}/")
            entry.type, entry.mode, entry.mtime = tarfile.DIRTYPE, 0o755, EPOCH
            tar.addfile(entry)
        for path, content in files.items():
            entry = tarfile.TarInfo(f"./{path}")
            entry.size, entry.mode, entry.mtime = len(content), 0o755 if "/bin/" in path else 0o644, EPOCH
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


# -- rpms ----------------------------------------------------------------------------------


def _build_rpms(folder: Path, count: int, shape: Shape) -> None:
    """One rpmbuild for some hundred packages, each a subpackage; it takes much longer for thousands at once. All of one build have other names."""
    step = shape.products or _SUBPACKAGES
    for start in range(0, count, step):
        _build_some_rpms(folder, range(start, min(start + step, count)), shape)


def _build_some_rpms(folder: Path, numbers: range, shape: Shape) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as top:
        root = Path(top) / "files"
        for number in numbers:
            for path, content in _files(shape.name(number), number, 8192).items():
                target = root / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
                target.chmod(0o755 if "/bin/" in path else 0o644)
        spec = Path(top) / "bench.spec"
        spec.write_text(_spec(numbers, shape), encoding="utf-8")
        _run(
            "rpmbuild", "-bb", "--quiet", "--target", "x86_64-linux", "--define", f"_topdir {top}", "--define", f"_rpmdir {top}/out",
            "--define", "_binary_payload w1.gzdio", "--define", "_build_id_links none", "--define", "debug_package %{nil}",
            "--define", "__os_install_post %{nil}",
            "--define", "use_source_date_epoch_as_buildtime 1", "--define", "_buildhost bench.example.org", str(spec),
            env={"SOURCE_DATE_EPOCH": str(EPOCH)},
        )  # fmt: skip
        for rpm in (Path(top) / "out").rglob("*.rpm"):
            rpm.rename(folder / rpm.name)
            os.utime(folder / rpm.name, (EPOCH, EPOCH))


def _spec(numbers: range, shape: Shape) -> str:
    head = "Name: bench\nVersion: 1.0\nRelease: 1\nSummary: generated packages\nLicense: MIT\nURL: https://example.org/bench\nAutoReqProv: no\n"
    parts = [head + "%description\nGenerated packages.\n%prep\n%build\n%install\nmkdir -p %{buildroot}\ncp -a %{_topdir}/files/. %{buildroot}/\n"]
    for number in numbers:
        name = shape.name(number)
        files = "\n".join(f"/{path}" for path in _files(name, number, 0))
        parts.append(
            f"%package -n {name}\nVersion: {shape.version(number)}\nSummary: generated package number {number}\nAutoReqProv: no\n"
            f"Requires: libc.so.6()(64bit)\nRequires: /bin/sh\n%description -n {name}\nIt is here to be indexed, and has a description of some length.\n"
            f"%files -n {name}\n{files}\n"
        )
    return "\n".join(parts) + "%changelog\n* Thu Jan 01 2026 Bench <bench@example.org> - 1.0-1\n- First release.\n- Made to be indexed.\n"


def _sign_rpms(packages: list[Path], folder: Path, work: Path) -> None:
    copies = [Path(shutil.copy2(package, folder)) for package in packages]
    with gpg_home(work) as home:
        _run(
            "rpmsign",
            "--define",
            f"__gpg {shutil.which('gpg')}",
            "--define",
            f"_gpg_name {home.fingerprint}",
            "--addsign",
            *map(str, copies),
            env=home.environment,
        )
    for copy in copies:
        os.utime(copy, (EPOCH, EPOCH))


# -- both ----------------------------------------------------------------------------------


def _files(name: str, number: int, size: int) -> dict[str, bytes]:
    """Six files of a package, one of them ``size`` bytes that cannot be compressed."""
    text = f"{name} was generated.\n".encode() * 20
    folder = f"usr/share/{name}"
    return {
        f"usr/bin/{name}": f"#!/bin/sh\necho {name}\n".encode(),
        f"{folder}/data.bin": random.Random(number).randbytes(size),
        f"{folder}/readme.txt": text,
        f"{folder}/one.txt": text,
        f"{folder}/two.txt": text[: number % 400],
        f"usr/share/doc/{name}/copyright": b"MIT\n",
    }


def _run(*command: str, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})}, capture_output=True, text=True, timeout=1800, check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]} ended with {done.returncode}:\n{done.stderr[-2000:]}")
