"""Packages made by the real packers, for fixtures."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from tests.support.clients import require, run


def program(name: str, version: str) -> str:
    """A shell program that says its name and version."""
    return f'#!/bin/sh\necho "{name} {version}"\n'


def make_deb(
    folder: Path,
    name: str = "hello",
    version: str = "1.0.0",
    architecture: str = "amd64",
    *,
    extra: str = "",
    description: str = "says hello\n A program that greets.\n .\n It has two paragraphs.",
    compression: str = "xz",
    filename: str = "",
    files: Mapping[str, str] | None = None,
) -> Path:
    """A deb with one program in /usr/bin, made by dpkg-deb. ``extra`` is more control fields, one a line; ``files`` more files by their path."""
    require("dpkg-deb")
    root = folder / f".deb-{name}-{architecture}"
    (root / "DEBIAN").mkdir(parents=True)
    control = f"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: Acme <acme@acme.example>\nSection: utils\nPriority: optional\n"
    control += (extra.rstrip("\n") + "\n" if extra else "") + f"Description: {description}\n"
    (root / "DEBIAN/control").write_text(control, encoding="utf-8")
    target = root / "usr/bin" / name
    target.parent.mkdir(parents=True)
    target.write_text(program(name, version), encoding="utf-8")
    target.chmod(0o755)
    for path, content in (files or {}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    deb = folder / (filename or f"{name}_{version.rsplit(':', maxsplit=1)[-1]}_{architecture}.deb")
    run("dpkg-deb", "--root-owner-group", f"-Z{compression}", "--build", root, deb, env={"SOURCE_DATE_EPOCH": "1767225600"})
    shutil.rmtree(root)
    return deb


def make_rpm(
    folder: Path,
    name: str = "hello",
    version: str = "1.0.0",
    release: str = "1",
    architecture: str = "x86_64",
    *,
    preamble: str = "",
    sections: str = "",
    files: str = "",
    install: str = "",
    filename: str = "",
) -> Path:
    """An rpm with one program in /usr/bin, made by rpmbuild. The texts go into the spec file as they are."""
    require("rpmbuild")
    work = folder / f".rpm-{name}-{architecture}"
    work.mkdir(parents=True)
    spec = work / f"{name}.spec"
    noarch = "BuildArch: noarch\n" if architecture == "noarch" else ""
    spec.write_text(
        f"Name: {name}\nVersion: {version}\nRelease: {release}\nSummary: says hello\nLicense: MIT\nURL: https://acme.example/{name}\n{noarch}{preamble}\n"
        f"%description\nA program that greets.\n%install\nmkdir -p %{{buildroot}}/usr/bin\n"
        f"printf '#!/bin/sh\\necho \"{name} {version}\"\\n' > %{{buildroot}}/usr/bin/{name}\nchmod 755 %{{buildroot}}/usr/bin/{name}\n{install}\n"
        f"{sections}\n%files\n/usr/bin/{name}\n{files}\n",
        encoding="utf-8",
    )
    run(
        "rpmbuild", "-bb", "--target", architecture, "--define", f"_topdir {work}", "--define", f"_rpmdir {work}/out",
        "--define", "_build_id_links none", "--define", "use_source_date_epoch_as_buildtime 1", "--define", "_buildhost acme.example", spec,
        env={"SOURCE_DATE_EPOCH": "1767225600"},
    )  # fmt: skip
    (built,) = (work / "out").rglob("*.rpm")
    rpm = folder / (filename or built.name)
    shutil.move(built, rpm)
    shutil.rmtree(work)
    return rpm


def make_tar(path: Path, members: dict[str, str | bytes], executables: tuple[str, ...] = ()) -> Path:
    """A .tar.gz, .tar.xz or .tar.zst with these members; those named are executable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = path.name.rsplit(".", 1)[-1]
    plain = BytesIO()
    with tarfile.open(fileobj=plain, mode="w:xz" if kind == "xz" else "w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in members.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode = len(data), 1767225600, 0o755 if name in executables else 0o644
            tar.addfile(info, BytesIO(data))
    data = plain.getvalue()
    if kind in {"gz", "tgz"}:
        data = gzip.compress(data, mtime=0)  # the same bytes at any second
    elif kind == "zst":
        data = subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout
    path.write_bytes(data)
    return path


def make_zip(path: Path, members: dict[str, str | bytes], executables: tuple[str, ...] = ()) -> Path:
    """A zip with these members; those named are executable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            info.external_attr = (0o100755 if name in executables else 0o100644) << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return path


def make_linked_tar(path: Path, version: str) -> Path:
    """A .tar.gz by the real tar, laid out as that of Node.js: a program with two names, and links to a script that stands elsewhere."""
    top = path.parent / path.name.removesuffix(".tar.gz")
    for name in ("bin/hello", "share/say/say.sh"):
        (top / name).parent.mkdir(parents=True)
        (top / name).write_text(program(name, version))
        (top / name).chmod(0o755)
    (top / "bin/hi").hardlink_to(top / "bin/hello")
    (top / "bin/say").symlink_to("../share/say/say.sh")
    run("tar", "-czf", path, "-C", path.parent, top.name)
    shutil.rmtree(top)
    return path
