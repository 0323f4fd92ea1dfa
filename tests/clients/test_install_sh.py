"""install.sh run for real: archives into a folder of the test, and package managers that write down what they are told."""

from __future__ import annotations

import hashlib
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from repogen import layout
from repogen.artifact import ArchiveFacts, Artifact, Kind
from repogen.catalog import Catalog, PublicKey
from repogen.config import RepoConfig
from repogen.formats import checksums, installers
from tests.support.catalogs import catalog, config
from tests.support.clients import require, run
from tests.support.packages import make_tar, make_zip, program
from tests.support.releases import acme, deb, rpm
from tests.support.server import StaticServer, serving

DASH = shutil.which("dash") or "dash"
SHELLS = (("dash",), ("busybox", "sh"), ("bash", "--posix"))
MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
#: What the script needs beside a package manager.
PLAIN_TOOLS = (
    "awk", "cat", "chmod", "cp", "curl", "cut", "env", "grep", "gzip", "head", "install", "ldd", "ln", "mkdir", "mktemp", "mv", "printf", "readlink",
    "rm", "rmdir", "sed", "sh", "sha256sum", "tail", "tar", "tr", "uname", "unzip", "wc", "xz", "zstd", "dirname", "gpg", "gpg-agent",
)  # fmt: skip


class Site:
    """A folder that is served, with archives of a program and the script for them."""

    def __init__(self, server: StaticServer) -> None:
        self.server = server
        self.artifacts: list[Artifact] = []
        self.keys: tuple[PublicKey, ...] = ()

    def archive(self, version: str, suffix: str = "tar.gz", *, members: dict[str, str] | None = None, **fields: str) -> Artifact:
        """Publish an archive of ``hello`` for this machine."""
        os, arch, libc = fields.pop("os", "linux"), fields.pop("arch", MACHINE), fields.pop("libc", "")
        top = f"hello-{version}-{os}-{arch}" + (f"-{libc}" if libc else "")
        members = {f"{top}/{name}": text for name, text in (members or {"hello": program("hello", version), "README": "read me"}).items()}
        executables = tuple(name for name, text in members.items() if text.startswith("#!"))
        make, kind = (make_zip, Kind.ZIP) if suffix == "zip" else (make_tar, Kind.TAR)
        path = layout.download("hello", version, f"{top}.{suffix}")
        file = make(self.server.root / path, members, executables)
        facts = ArchiveFacts(members=tuple(sorted(members)), executables=tuple(sorted(executables)), top=top)
        return self.add(path, file.read_bytes(), kind, version, os=os, arch=arch, libc=libc, facts=facts, **fields)

    def add(self, path: str, content: bytes, kind: Kind, version: str, **fields: object) -> Artifact:
        file = self.server.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        digest, name = hashlib.sha256(content).hexdigest(), file.name
        made = Artifact(
            path=path,
            filename=name,
            kind=kind,
            product="hello",
            version=version,
            size=len(content),
            sha256=digest,
            date="2026-01-01T12:00:00Z",
            **{"channel": "stable", "os": "linux", "arch": MACHINE, **fields},
        )
        self.artifacts.append(made)
        return made

    def publish(self, *more: Artifact) -> Path:
        """Write the checksum lists and install.sh for what there is; the path of install.sh."""
        made, settings = self.catalog(*more), config(repo=RepoConfig(name="acme", url=self.server.url, title="Acme Tools"))
        for path, file in (installers.render(made, settings) | checksums.render(made, settings)).items():
            (self.server.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.server.root / path).write_bytes(file.content)
        return self.server.root / "install.sh"

    def catalog(self, *more: Artifact) -> Catalog:
        return catalog(*self.artifacts, *more, keys=self.keys)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    require("dash", "curl", "tar")
    (tmp_path / "site").mkdir()
    with serving(tmp_path / "site") as server:
        yield Site(server)


def hello(prefix: Path) -> str:
    return run(prefix / "bin/hello").stdout.strip()


# -- archives ----------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
@pytest.mark.parametrize("suffix", ["tar.gz", "tar.xz", "tar.zst", "zip"])
def test_an_archive_is_checked_and_unpacked(site: Site, tmp_path: Path, shell: tuple[str, ...], suffix: str) -> None:
    require(shell[0], "unzip", "zstd", "xz")
    site.archive("1.0.0", suffix)
    done = run(*shell, site.publish(), "--dir", tmp_path / "to")
    assert hello(tmp_path / "to") == "hello 1.0.0"
    assert (tmp_path / "to/lib/acme/hello/1.0.0").is_dir()
    assert "Add " in done.stderr


def test_piped_into_a_shell_with_a_folder_that_has_a_space(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0")
    script = site.publish()
    run(DASH, "-s", "--", f"--dir={tmp_path}/to here", stdin=script.read_bytes())
    assert hello(tmp_path / "to here") == "hello 1.0.0"


def test_a_relative_folder(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0")
    run(DASH, site.publish(), "--dir", "to", cwd=tmp_path)
    assert hello(tmp_path / "to") == "hello 1.0.0"


def test_below_the_home_of_a_user(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0")
    tools = toolbox(tmp_path, id="echo 1000")
    run(DASH, site.publish(), "--archive", env={"HOME": str(tmp_path / "home"), "PATH": tools})
    assert hello(tmp_path / "home/.local") == "hello 1.0.0"


def test_changed_bytes_are_refused_and_leave_nothing(site: Site, tmp_path: Path) -> None:
    made = site.archive("1.0.0")
    script = site.publish()
    (site.server.root / made.path).write_bytes(b"something else")
    done = run(DASH, script, "--dir", tmp_path / "to", check=False)
    assert done.returncode == 1
    assert f"and not {made.sha256}" in done.stderr
    assert not (tmp_path / "to").exists()


def test_an_update_replaces_the_old_version(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0", members={"bin/hello": program("hello", "1.0.0"), "bin/hello-old": program("old", "1")})
    run(DASH, site.publish(), "--dir", tmp_path / "to")
    assert (tmp_path / "to/bin/hello-old").exists()
    site.archive("1.1.0", members={"bin/hello": program("hello", "1.1.0"), "bin/hello-new": program("new", "1")})
    run(DASH, site.publish(), "--dir", tmp_path / "to")
    assert hello(tmp_path / "to") == "hello 1.1.0"
    assert sorted(p.name for p in (tmp_path / "to/bin").iterdir()) == ["hello", "hello-new"]
    assert [p.name for p in (tmp_path / "to/lib/acme/hello").iterdir()] == ["1.1.0"]


def test_the_same_version_again(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0")
    script = site.publish()
    for _ in range(2):
        run(DASH, script, "--dir", tmp_path / "to")
    assert hello(tmp_path / "to") == "hello 1.0.0"
    assert sorted(p.name for p in (tmp_path / "to/lib/acme/hello").rglob("*")) == ["1.0.0", "README", "hello", "hello-1.0.0-linux-" + MACHINE]


def test_a_program_of_someone_else_is_not_replaced(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0")
    (tmp_path / "to/bin").mkdir(parents=True)
    (tmp_path / "to/bin/hello").write_text("mine")
    done = run(DASH, site.publish(), "--dir", tmp_path / "to", check=False)
    assert done.returncode == 1
    assert "is not of this script" in done.stderr
    assert (tmp_path / "to/bin/hello").read_text() == "mine"


def test_uninstall_takes_away_what_was_installed_and_nothing_else(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0")
    script = site.publish()
    run(DASH, script, "--dir", tmp_path / "to")
    (tmp_path / "to/bin/other").write_text("stays")
    run(DASH, script, "--dir", tmp_path / "to", "--uninstall")
    assert [p.relative_to(tmp_path / "to").as_posix() for p in sorted((tmp_path / "to").rglob("*"))] == ["bin", "bin/other", "lib"]
    again = run(DASH, script, "--dir", tmp_path / "to", "--uninstall", check=False)
    assert (again.returncode, "is not installed" in again.stderr) == (1, True)


def test_dry_run_changes_nothing(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0")
    done = run(DASH, site.publish(), "--dir", tmp_path / "to", "--dry-run")
    assert "would install" in done.stderr
    assert not (tmp_path / "to").exists()
    assert site.server.requests == []


def test_a_plain_program(site: Site, tmp_path: Path) -> None:
    site.add("downloads/hello/1.0.0/hello-linux", program("hello", "1.0.0").encode(), Kind.BINARY, "1.0.0")
    run(DASH, site.publish(), "--dir", tmp_path / "to")
    assert hello(tmp_path / "to") == "hello 1.0.0"


@pytest.mark.parametrize(
    ("system", "machine", "ldd", "rosetta", "wanted"),
    [
        ("Linux", "x86_64", "ldd (GNU libc) 2.36", "", "hello-1.0.0-linux-amd64"),
        ("Linux", "x86_64", "musl libc (x86_64)", "", "hello-1.0.0-linux-amd64-musl"),
        ("Linux", "aarch64", "ldd (GNU libc) 2.36", "", "hello-1.0.0-linux-arm64"),
        ("Linux", "armv6l", "ldd (GNU libc) 2.36", "", ""),
        ("Darwin", "arm64", "", "", "hello-1.0.0-macos-universal"),
        ("Darwin", "x86_64", "", "", "hello-1.0.0-macos-amd64"),
        ("Darwin", "x86_64", "", "1", "hello-1.0.0-macos-universal"),
        ("FreeBSD", "amd64", "", "", ""),
        ("Plan9", "x86_64", "", "", ""),
    ],
)
def test_the_archive_of_each_machine(site: Site, tmp_path: Path, system: str, machine: str, ldd: str, rosetta: str, wanted: str) -> None:
    for os, arch, libc in (
        ("linux", "amd64", "gnu"),
        ("linux", "amd64", "musl"),
        ("linux", "arm64", "gnu"),
        ("macos", "universal", ""),
        ("macos", "amd64", ""),
    ):
        made = site.archive("1.0.0", os=os, arch=arch, libc=libc)
        site.artifacts[-1] = replace(made, path=made.path.replace("-gnu", ""))
    uname = f"case $1 in -s) echo {system};; *) echo {machine};; esac"
    tools = toolbox(tmp_path, uname=uname, ldd=f"echo '{ldd}' >&2; exit 1", sysctl=f"echo {rosetta or 0}")
    done = run(DASH, site.publish(), "--archive", "--dry-run", env={"PATH": tools, "HOME": "/home/x"}, check=False)
    if wanted:
        assert f"/{wanted}.tar.gz (SHA-256" in done.stderr
    else:
        assert done.returncode == 1
        assert "hint: see " in done.stderr


# -- versions and channels ---------------------------------------------------------------------


def test_a_channel_and_the_environment(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0")
    site.archive("2.0.0-beta.1", channel="beta")
    script = site.publish()
    run(DASH, script, "--dir", tmp_path / "to")
    assert hello(tmp_path / "to") == "hello 1.0.0"
    run(DASH, script, env={"ACME_CHANNEL": "beta", "ACME_DIR": str(tmp_path / "to")})
    assert hello(tmp_path / "to") == "hello 2.0.0-beta.1"


def test_an_older_version_is_checked_by_its_signed_list(site: Site, tmp_path: Path) -> None:
    require("gpg")
    site.archive("1.0.0")
    site.archive("1.1.0")
    site.keys = (new_key(tmp_path / "gnupg"),)
    script = site.publish()
    sums = site.server.root / "downloads/hello/1.0.0/SHA256SUMS"
    sign(tmp_path / "gnupg", sums)
    run(DASH, script, "--version", "1.0.0", "--dir", tmp_path / "to")
    assert hello(tmp_path / "to") == "hello 1.0.0"
    sums.write_text(sums.read_text().replace("hello", "hallo"))
    done = run(DASH, script, "--version", "1.0.0", "--dir", tmp_path / "again", check=False)
    assert (done.returncode, "the signature of SHA256SUMS" in done.stderr) == (1, True)
    assert not (tmp_path / "again").exists()


def test_without_gpg_an_older_version_says_how_it_is_trusted(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0")
    site.archive("1.1.0")
    done = run(DASH, site.publish(), "--version=1.0.0", "--dir", tmp_path / "to")
    assert "trusted as served by" in done.stderr
    assert hello(tmp_path / "to") == "hello 1.0.0"


def test_an_older_version_without_that_archive(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0", "zip")
    site.archive("1.1.0")
    done = run(DASH, site.publish(), "--version", "1.0.0", "--dir", tmp_path / "to", check=False)
    assert f"hello 1.0.0 has no file hello-1.0.0-linux-{MACHINE}.tar.gz" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence", "code"),
    [
        (("--version", "9.9.9"), "there is no hello 9.9.9", 1),
        (("--channel", "nightly"), "there is no hello in channel nightly", 1),
        (("--product", "other"), "there is no product 'other'", 1),
        (("--product", "hel"), "there is no product 'hel'", 1),
        (("--product", ""), "--product needs a value", 1),
        (("--dir",), "--dir needs a value", 1),
        (("--nonsense",), "unknown option --nonsense", 2),
    ],
)
def test_wrong_use_is_told(site: Site, arguments: tuple[str, ...], sentence: str, code: int) -> None:
    site.archive("1.0.0")
    done = run(DASH, site.publish(), *arguments, check=False)
    assert sentence in done.stderr
    assert done.returncode == code


def test_several_products_must_be_chosen_from(site: Site) -> None:
    site.archive("1.0.0")
    script = site.publish(deb("other", "1.0.0"))
    done = run(DASH, script, check=False)
    assert "hint: choose one with --product: hello other" in done.stderr
    assert "Products: hello other" in run(DASH, script, "--help").stdout


# -- package managers --------------------------------------------------------------------------


def toolbox(folder: Path, **stubs: str) -> str:
    """A PATH with the plain tools and these stubs; ``sudo`` writes down its arguments and the files that it would install."""
    tools = folder / "tools"
    tools.mkdir()
    for name in PLAIN_TOOLS:
        found = shutil.which(name)
        if found:
            (tools / name).symlink_to(found)
    record = 'printf "%s\\n" "$*" >>"$RECORD"; case $1 in install) cp "$4" "$RECORD.$(echo "$5" | tr / _)";; esac'
    for name, body in {"id": "echo 1000", "sudo": record, **stubs}.items():
        (tools / name).unlink(missing_ok=True)
        (tools / name).write_text(f"#!/bin/sh\n{body}\n")
        (tools / name).chmod(0o755)
    return str(tools)


def managed(script: Path, folder: Path, *arguments: str, **stubs: str) -> list[str]:
    """Run the script where these package managers are; what it told them as root."""
    record = folder / "record"
    run(DASH, script, *arguments, env={"PATH": toolbox(folder, **stubs), "RECORD": str(record), "HOME": str(folder)})
    return record.read_text().splitlines()


APT = {"apt-get": "exit 9", "dpkg": "echo amd64"}
DNF = {"dnf": "exit 9", "rpm": "exit 1", "uname": "case $1 in -s) echo Linux;; *) echo x86_64;; esac"}
ZYPPER = {**{k: v for k, v in DNF.items() if k != "dnf"}, "zypper": "exit 9"}


def release(site: Site) -> Path:
    beta = {"channel": "beta"}
    packages = (deb("hello", "1.0.0"), deb("hello", "1.1.0"), rpm("hello", "1.0.0"), rpm("hello", "1.1.0"), deb("hello", "2.0.0-beta.1", **beta))
    site.keys = acme().keys
    return site.publish(*packages, rpm("hello", "2.0.0-beta.1", **beta))


def test_apt_gets_the_source_and_installs(site: Site, tmp_path: Path) -> None:
    said = managed(release(site), tmp_path, **APT)
    assert said[0] == "mkdir -p /etc/apt/sources.list.d"
    assert said[1].endswith(" /etc/apt/sources.list.d/acme.sources")
    assert said[2:] == ["apt-get update", "env DEBIAN_FRONTEND=noninteractive apt-get install -y hello"]
    source = (tmp_path / "record._etc_apt_sources.list.d_acme.sources").read_text()
    assert "Types: deb\n" in source
    assert f"URIs: {site.server.url}/apt/\nSuites: stable\n" in source
    assert "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n" in source


def test_apt_takes_a_version_or_another_channel(site: Site, tmp_path: Path) -> None:
    script = release(site)
    (tmp_path / "one").mkdir()
    said = managed(script, tmp_path / "one", "--version", "1.0.0", **APT)
    assert said[-1].endswith("apt-get install -y --allow-downgrades hello=1.0.0-1")
    (tmp_path / "two").mkdir()
    said = managed(script, tmp_path / "two", "--channel", "beta", **APT)
    assert said[-1].endswith("apt-get install -y -t beta hello")
    assert "Suites: stable beta\n" in (tmp_path / "two/record._etc_apt_sources.list.d_acme.sources").read_text()


def test_dnf_gets_key_and_repository_and_installs(site: Site, tmp_path: Path) -> None:
    said = managed(release(site), tmp_path, "--channel", "beta", **DNF)
    assert "rpm --import /etc/pki/rpm-gpg/RPM-GPG-KEY-acme" in said
    assert said[-1] == "dnf install -y hello"
    assert (tmp_path / "record._etc_pki_rpm-gpg_RPM-GPG-KEY-acme").read_text() == acme().keys[0].armored
    repository = (tmp_path / "record._etc_yum.repos.d_acme.repo").read_text()
    assert repository.count("enabled=1") == 2
    assert "gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-acme" in repository
    assert f"baseurl={site.server.url}/yum/beta" in repository


def test_zypper_refreshes_the_channels_own_repository(site: Site, tmp_path: Path) -> None:
    said = managed(release(site), tmp_path, "--version", "1.0.0", **ZYPPER)
    assert any(line.endswith(" /etc/zypp/repos.d/acme.repo") for line in said)
    assert said[-2:] == ["zypper --non-interactive --gpg-auto-import-keys refresh acme", "zypper --non-interactive install --oldpackage hello=1.0.0-1"]


def test_an_architecture_without_a_package_gets_the_archive(site: Site, tmp_path: Path) -> None:
    site.archive("1.1.0")
    script = release(site)
    run(DASH, script, env={"PATH": toolbox(tmp_path, **{**APT, "dpkg": "echo riscv64"}), "HOME": str(tmp_path)})
    assert hello(tmp_path / ".local") == "hello 1.1.0"


def test_uninstall_by_the_package_manager_removes_the_source_of_the_last_product(site: Site, tmp_path: Path) -> None:
    stubs = {**APT, "dpkg-query": 'test "$2" = hello'}
    said = managed(release(site), tmp_path, "--uninstall", **stubs)
    assert said[0] == "env DEBIAN_FRONTEND=noninteractive apt-get remove -y hello"


def test_without_root_or_sudo_it_says_so(site: Site, tmp_path: Path) -> None:
    tools = Path(toolbox(tmp_path, **APT))
    (tools / "sudo").unlink()
    done = run(DASH, release(site), env={"PATH": str(tools), "HOME": str(tmp_path)}, check=False)
    assert done.returncode == 1
    assert "there is neither sudo nor doas" in done.stderr


# -- keys --------------------------------------------------------------------------------------


def gpg(home: Path, *arguments: object) -> str:
    return run("gpg", "--homedir", home, "--batch", "--pinentry-mode", "loopback", "--passphrase", "", *map(str, arguments)).stdout


def new_key(home: Path) -> PublicKey:
    home.mkdir(mode=0o700)
    gpg(home, "--quick-generate-key", "Acme <acme@acme.example>", "ed25519", "sign", "never")
    return replace(acme().keys[0], armored=gpg(home, "--armor", "--export"))


def sign(home: Path, file: Path) -> None:
    gpg(home, "--armor", "--detach-sign", file)
    run("gpgconf", "--homedir", home, "--kill", "all")
