"""Repositories as the other tools make them."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from repogen.signing.gpg_home import private_home
from tests.support.clients import require, run
from tests.support.keys import secret_key


def aptly(folder: Path, suites: Mapping[str, Sequence[Path]], *, key: str = "") -> Path:
    """What ``aptly publish`` writes: a local repository for each suite."""
    require("aptly")
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "aptly.conf"
    config.write_text(f'{{"rootDir": "{folder}", "architectures": ["amd64", "arm64", "source"]}}')
    for suite, files in suites.items():
        run("aptly", "-config", config, "repo", "create", suite)
        run("aptly", "-config", config, "repo", "add", suite, *files)
        run("aptly", "-config", config, "publish", "repo", f"-distribution={suite}", "-skip-signing", suite)
    return folder / "public"


def reprepro(folder: Path, suites: Mapping[str, Sequence[Path]], stanza: str = "") -> Path:
    """What reprepro writes. ``stanza`` is more lines of conf/distributions; ``{suite}`` in it is the codename."""
    require("reprepro")
    (folder / "conf").mkdir(parents=True)
    fixed = "Architectures: amd64 arm64 source\nComponents: main contrib\n"
    (folder / "conf/distributions").write_text("\n".join(f"Codename: {suite}\n{fixed}{stanza.format(suite=suite)}" for suite in suites))
    for suite, files in suites.items():
        for file in files:
            includes = {".deb": "includedeb", ".dsc": "includedsc"}.get(file.suffix)
            if includes:
                run("reprepro", "--basedir", folder, "--ignore=wrongdistribution", "-S", "utils", "-P", "optional", includes, suite, file)
    return folder


def signed(repository: Path, key: str = "ed25519") -> bytes:
    """Sign every Release and repomd.xml with a key, as another tool would; its armored public key."""
    with private_home({"PATH": "/usr/bin:/bin"}, exporting=True) as home:
        gpg = ("gpg", "--homedir", home, "--batch", "--yes", "--pinentry-mode", "loopback", "--trust-model", "always")
        run(*gpg, "--import", stdin=secret_key(key).encode())
        for release in repository.rglob("dists/*/Release"):
            run(*gpg, "--clear-sign", "--output", release.with_name("InRelease"), release)
        for repomd in repository.rglob("repomd.xml"):
            run(*gpg, "--armor", "--detach-sign", "--output", f"{repomd}.asc", repomd)
        return run(*gpg, "--armor", "--export").stdout.encode()


def ftparchive(folder: Path, suite: str, files: Sequence[Path], *, packed: str = "gz") -> Path:
    """What a script around apt-ftparchive writes: a pool, one packed Packages, and Release."""
    require("apt-ftparchive")
    index = folder / f"dists/{suite}/main/binary-amd64"
    index.mkdir(parents=True)
    (folder / "pool").mkdir()
    for file in files:
        shutil.copy2(file, folder / "pool")
    text = run("apt-ftparchive", "packages", "pool", cwd=folder).stdout.encode()
    if packed == "gz":
        (index / "Packages.gz").write_bytes(gzip.compress(text))
    else:
        (index / "Packages").write_bytes(text)
        run({"zst": "zstd", "xz": "xz", "bz2": "bzip2"}[packed], *(("--rm",) if packed == "zst" else ()), index / "Packages")
    release = run("apt-ftparchive", "-o", f"APT::FTPArchive::Release::Codename={suite}", "release", f"dists/{suite}", cwd=folder).stdout
    (folder / f"dists/{suite}/Release").write_text(release)
    return folder


def createrepo(folder: Path, files: Sequence[Path], *options: str) -> Path:
    """What createrepo_c writes around these rpms."""
    require("createrepo_c")
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copy2(file, folder)
    run("createrepo_c", *options, folder)
    return folder
