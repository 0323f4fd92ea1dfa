"""Debian source packages made by dpkg-source."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

from tests.support.clients import require, run

_CONTROL = """Source: {name}
Section: utils
Priority: optional
Maintainer: Acme <acme@acme.example>
Build-Depends: debhelper-compat (= 13)
Standards-Version: 4.6.0
Homepage: https://acme.example/

Package: {name}
Architecture: any
Description: says hello
"""


def make_source(folder: Path, name: str = "hello", version: str = "1.0.0-1", form: str = "3.0 (quilt)") -> list[Path]:
    """The files of a source package, its .dsc first. ``form`` is debian/source/format; the upstream tarball depends on the upstream version alone."""
    require("dpkg-source")
    plain = version.split(":", 1)[-1]
    upstream = plain.rpartition("-")[0] or plain
    work = folder / f".source-{name}-{plain}"
    tree = work / f"{name}-{upstream}"
    (tree / "debian/source").mkdir(parents=True)
    (tree / "hello.sh").write_text(f"#!/bin/sh\necho {name} {upstream}\n")
    if "native" not in form:
        with tarfile.open(work / f"{name}_{upstream}.orig.tar", "w") as archive:
            archive.add(tree / "hello.sh", f"{name}-{upstream}/hello.sh", filter=_same)
        run("gzip", "--no-name", work / f"{name}_{upstream}.orig.tar")
    texts = {
        "control": _CONTROL.format(name=name),
        "changelog": f"{name} ({version}) unstable; urgency=low\n\n  * New.\n\n -- Acme <acme@acme.example>  Fri, 02 Jan 2026 12:00:00 +0000\n",
        "source/format": f"{form}\n",
        "rules": "#!/usr/bin/make -f\n",
    }
    for path, text in texts.items():
        (tree / "debian" / path).write_text(text)
    run("dpkg-source", "--build", tree.name, cwd=work)
    made = [shutil.copy2(path, folder / path.name) for path in sorted(work.iterdir()) if path.is_file()]
    shutil.rmtree(work)
    return sorted((Path(path) for path in made), key=lambda path: path.suffix != ".dsc")


def _same(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname, entry.mode = 1_767_225_600, 0, 0, "", "", 0o755
    return entry
