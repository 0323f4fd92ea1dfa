"""install.sh run for real: archives, unpacked into a folder of the test by three shells."""

from __future__ import annotations

import hashlib
import io
import shutil
import tarfile
from os import getgid, getuid
from pathlib import Path

import pytest
from msgspec.structs import replace

from repogen.artifact import ArchiveFacts, Kind
from repogen.paths import safe_name
from repogen.readers import archive
from repogen.scanning.digests import digest_file
from tests.support.clients import require, run
from tests.support.install_site import DASH, MACHINE, SHELLS, Site, hello, served_site, toolbox  # noqa: F401  # the fixture `site`
from tests.support.packages import make_linked_tar, make_zip, program
from tests.support.releases import deb

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


def test_wget_alone_is_enough(site: Site, tmp_path: Path) -> None:
    require("wget")
    site.archive("1.0.0")
    script = site.publish()
    tools = Path(toolbox(tmp_path))
    (tools / "curl").unlink()
    environment = {"PATH": str(tools), "HOME": str(tmp_path)}
    done = run(DASH, script, "--dir", tmp_path / "to", env=environment, check=False)
    assert "there is neither curl nor wget" in done.stderr
    (tools / "wget").symlink_to(shutil.which("wget") or "")
    run(DASH, script, "--dir", tmp_path / "to", env=environment)
    assert hello(tmp_path / "to") == "hello 1.0.0"


@pytest.mark.parametrize("suffix", ["tar.gz", "tar.xz", "zip"])
def test_busybox_alone_is_enough(site: Site, tmp_path: Path, suffix: str) -> None:
    """As on Alpine, where every tool is busybox's."""
    require("busybox")
    tools = tmp_path / "busybox"
    tools.mkdir()
    run("busybox", "--install", "-s", tools)
    site.archive("0.9.0", suffix)
    site.archive("1.0.0", suffix)
    script = site.publish()
    environment = {"PATH": str(tools), "HOME": str(tmp_path)}
    for version in ("1.0.0", "0.9.0"):
        run(tools / "sh", script, "--dir", tmp_path / "to", "--version", version, env=environment)
        assert hello(tmp_path / "to") == f"hello {version}"
    run(tools / "sh", script, "--dir", tmp_path / "to", "--uninstall", env=environment)
    assert not list((tmp_path / "to/bin").iterdir())


def test_without_a_network_it_says_what_it_could_not_fetch(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0")
    script = site.publish()
    tools = toolbox(tmp_path, curl="exit 6")
    done = run(DASH, script, "--dir", tmp_path / "to", env={"PATH": tools, "HOME": str(tmp_path)}, check=False)
    assert done.returncode == 1
    assert done.stderr.endswith(f"/hello-1.0.0-linux-{MACHINE}.tar.gz cannot be fetched\n")
    assert not (tmp_path / "to").exists()


def test_a_folder_that_cannot_be_written_is_named(site: Site, tmp_path: Path) -> None:
    """As the home of somebody whose disk is read-only; root may write everywhere, so a file stands in the way."""
    site.archive("1.0.0")
    (tmp_path / "home").mkdir()
    (tmp_path / "home/.local").write_text("")
    tools = toolbox(tmp_path)
    done = run(DASH, site.publish(), "--archive", env={"PATH": tools, "HOME": str(tmp_path / "home")}, check=False)
    assert done.returncode == 1
    assert f"install.sh: {tmp_path}/home/.local cannot be written\nhint: use --dir" in done.stderr


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
    assert [path.name for path in (tmp_path / "to").rglob("*") if path.is_file()] == ["hello"], "nothing is left behind"


def test_a_version_in_use_stays_when_the_next_one_cannot_be_linked(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0")
    run(DASH, site.publish(), "--dir", tmp_path / "to")
    (tmp_path / "to/bin/helper").write_text("mine")
    site.archive("1.1.0", members={"hello": program("hello", "1.1.0"), "helper": program("helper", "1.1.0")})
    assert "is not of this script" in run(DASH, site.publish(), "--dir", tmp_path / "to", check=False).stderr
    assert hello(tmp_path / "to") == "hello 1.0.0"


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


def test_an_archive_from_windows_whose_programs_are_not_marked_as_such(site: Site, tmp_path: Path) -> None:
    path = "downloads/hello/1.0.0/hello.zip"
    file = make_zip(site.server.root / path, {"hello": program("hello", "1.0.0")})
    site.add(path, file.read_bytes(), Kind.ZIP, "1.0.0", facts=ArchiveFacts(members=("hello",), executables=("hello",)))
    run(DASH, site.publish(), "--dir", tmp_path / "to")
    assert hello(tmp_path / "to") == "hello 1.0.0"


def test_links_in_an_archive_are_programs_too(site: Site, tmp_path: Path) -> None:
    made = make_linked_tar(tmp_path / "hello-1.0.0.tar.gz", "1.0.0")
    site.add(f"downloads/hello/1.0.0/{made.name}", made.read_bytes(), Kind.TAR, "1.0.0", facts=archive.read(made, digest_file(made)).facts)
    run(DASH, site.publish(), "--dir", tmp_path / "to")
    for name, said in (("hello", "bin/hello"), ("hi", "bin/hello"), ("say", "share/say/say.sh")):
        assert run(tmp_path / "to/bin" / name).stdout == f"{said} 1.0.0\n"


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


@pytest.mark.parametrize(("machine", "bits", "wanted"), [("aarch64", 64, "arm64"), ("aarch64", 32, "armv7"), ("x86_64", 64, "amd64"), ("x86_64", 32, "i386")])
def test_a_system_of_32_bits_on_a_kernel_of_64(site: Site, tmp_path: Path, machine: str, bits: int, wanted: str) -> None:
    for arch in ("arm64", "armv7", "amd64", "i386"):
        site.archive("1.0.0", arch=arch)
    tools = toolbox(tmp_path, uname=f"case $1 in -s) echo Linux;; *) echo {machine};; esac", getconf=f'[ "$1" = LONG_BIT ] && echo {bits}')
    done = run(DASH, site.publish(), "--archive", "--dry-run", env={"PATH": tools, "HOME": "/home/x"})
    assert f"/hello-1.0.0-linux-{wanted}.tar.gz (SHA-256" in done.stderr


def test_what_root_unpacks_is_roots_whoever_packed_it(site: Site, tmp_path: Path) -> None:
    made = site.archive("1.0.0")
    file = site.server.root / made.path
    text = program("hello", "1.0.0").encode()
    with tarfile.open(file, "w:gz") as archive:
        member = tarfile.TarInfo("hello")
        member.size, member.mode, member.uid, member.gid = len(text), 0o6777, 1001, 1001
        archive.addfile(member, io.BytesIO(text))
    site.artifacts[-1] = replace(made, sha256=hashlib.sha256(file.read_bytes()).hexdigest(), facts=ArchiveFacts(members=("hello",), executables=("hello",)))
    run(DASH, site.publish(), "--dir", tmp_path / "to")
    status = (tmp_path / "to/bin/hello").stat()
    assert (status.st_uid, status.st_gid, oct(status.st_mode & 0o7777)) == (getuid(), getgid(), "0o755")


@pytest.mark.parametrize(("user", "mode"), [(0, 0o755), (1000, 0o700)])
def test_what_root_unpacks_is_for_everyone_whatever_the_umask(site: Site, tmp_path: Path, user: int, mode: int) -> None:
    site.archive("1.0.0")
    tools = toolbox(tmp_path, id=f"echo {user}")
    run(DASH, "-c", 'umask 077; exec "$0" "$@"', DASH, site.publish(), "--dir", tmp_path / "to", env={"PATH": tools, "HOME": str(tmp_path)})
    folders = [tmp_path / "to", *(path for path in (tmp_path / "to").rglob("*") if path.is_dir() and not path.is_symlink())]
    assert {oct(path.stat().st_mode & 0o777) for path in folders} == {oct(mode)}


NEWER = 'echo "$1: /lib/libc.so.6: version \\`GLIBC_2.99\' not found (required by $1)" >&2; exit 1'


@pytest.mark.parametrize("libcs", [("gnu", "musl"), ("gnu",)], ids="+".join)
def test_a_program_for_a_newer_glibc_gives_way_to_a_static_one(site: Site, tmp_path: Path, libcs: tuple[str, ...]) -> None:
    for libc in libcs:
        site.archive("1.0.0", libc=libc, members={"hello": program(f"hello-{libc}", "1.0.0")})
    tools = toolbox(tmp_path, ldd=f"case $1 in --version) echo GNU ;; *gnu/hello) {NEWER} ;; esac")
    done = run(DASH, site.publish(), "--archive", env={"PATH": tools, "HOME": str(tmp_path)}, check=False)
    assert f"hello-1.0.0-linux-{MACHINE}-gnu.tar.gz needs a newer glibc than the one that is here" in done.stderr
    if "musl" in libcs:
        assert hello(tmp_path / ".local") == "hello-musl 1.0.0"
    else:
        assert done.returncode == 1
        assert not (tmp_path / ".local").exists()


# -- versions and channels ---------------------------------------------------------------------


def test_a_channel_and_the_environment(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0")
    site.archive("2.0.0-beta.1", channel="beta")
    script = site.publish()
    run(DASH, script, "--dir", tmp_path / "to")
    assert hello(tmp_path / "to") == "hello 1.0.0"
    run(DASH, script, env={"ACME_CHANNEL": "beta", "ACME_DIR": str(tmp_path / "to")})
    assert hello(tmp_path / "to") == "hello 2.0.0-beta.1"


@pytest.mark.parametrize(("older", "newer"), [("1.0.0", "1.1.0"), ("1.0.0+1", "1.0.0+2"), ("63", "64"), ("1.0.0", "2.0.0+1")])
def test_an_older_version_is_checked_and_unpacked(site: Site, tmp_path: Path, older: str, newer: str) -> None:
    """Names with a digest in them, and numbers that stand in other words too, as 64 in x86_64."""
    made = site.archive(older, suffix="x86_64.tar.gz")
    site.archive(newer, suffix="x86_64.tar.gz")
    script = site.publish()
    run(DASH, script, f"--version=v{older}", "--dir", tmp_path / "to")
    assert hello(tmp_path / "to") == f"hello {older}"
    (site.server.root / made.path).write_bytes(b"something else")
    done = run(DASH, script, "--version", older, "--dir", tmp_path / "again", check=False)
    assert (done.returncode, f"and not {made.sha256}" in done.stderr) == (1, True)
    assert not (tmp_path / "again").exists()


def test_an_older_version_with_fewer_programs(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0")
    site.archive("1.1.0", members={"hello": program("hello", "1.1.0"), "helper": program("helper", "1.1.0")})
    script = site.publish()
    for version, programs in (("1.1.0", ["hello", "helper"]), ("1.0.0", ["hello"])):
        run(DASH, script, "--version", version, "--dir", tmp_path / "to")
        assert hello(tmp_path / "to") == f"hello {version}"
        assert sorted(file.name for file in (tmp_path / "to/bin").iterdir()) == programs


def test_an_older_version_that_was_packed_and_named_otherwise(site: Site, tmp_path: Path) -> None:
    site.add("downloads/hello/1.0.0/Hello-for-Linux", program("hello", "1.0.0").encode(), Kind.BINARY, "1.0.0")
    site.archive("1.1.0")
    run(DASH, site.publish(), "--version", "1.0.0", "--dir", tmp_path / "to")
    assert hello(tmp_path / "to") == "hello 1.0.0"


def test_an_older_version_without_an_archive_for_this_machine(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0", os="macos", arch="arm64")
    site.archive("1.1.0")
    done = run(DASH, site.publish(), "--version", "1.0.0", "--dir", tmp_path / "to", check=False)
    assert "there is no archive of hello 1.0.0 for Linux on " in done.stderr


def test_the_newest_version_with_an_archive_for_this_machine(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0")
    site.archive("1.1.0+5")
    site.archive("1.2.0", os="macos", arch="arm64")
    for _ in range(2):
        done = run(DASH, site.publish(), "--dir", tmp_path / "to")
        assert "Note: hello 1.2.0 has no archive for this machine" in done.stderr
        assert hello(tmp_path / "to") == "hello 1.1.0+5"
    assert [folder.name for folder in (tmp_path / "to/lib/acme/hello").iterdir() if folder.is_dir()] == [safe_name("1.1.0+5")]


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
