"""What to type while the demo is served: lines for the clients of this machine, each of which works when pasted.

Only root may install into a running system, so others get an isolated root below demo/.
"""

import os
import shutil
from pathlib import Path


def for_this_machine(url: str, name: str, package: str, folder: Path) -> str:
    """Blocks of commands, each with a title; clients that are absent are named at the end."""
    root = os.geteuid() == 0
    blocks = {
        "sed": ("the page, and what is there for machines", [f"{fetch(url, '/')} | sed -n 1,20p", f"{fetch(url, '/repo.json')} | sed -n 1,20p"]),
        "apt-get": ("apt", apt(url, name, package) if root else isolated_apt(url, name, package, folder / "apt")),
        "dnf": ("dnf, in a root of its own" if root else "dnf", dnf(url, name, package, folder / "dnf", root=root)),
        "zypper": ("zypper, in a root of its own", zypper(url, name, package, folder / "zypper")),
        "brew": ("Homebrew", [f"brew tap {name}/tap {url}/homebrew/{name}.git", f"brew install {name}/tap/{package}"]),
        "git": ("the Homebrew tap, a git repository on plain static files", [f"git clone {url}/homebrew/{name}.git {folder}/tap"]),
        "sh": ("any system, without a package manager", archive(url, package, folder / "local")),
    }
    if not root:
        del blocks["zypper"]  # it needs root even in a root of its own
    here = [client for client in blocks if shutil.which(client)]
    text = "".join(f"\n# {title}\n" + "".join(f"{line}\n" for line in lines) for title, lines in (blocks[client] for client in here))
    absent = [client for client in blocks if client not in here]
    return text + (f"\n# not on this machine, so left out: {', '.join(absent)}\n" if absent else "")


def fetch(url: str, path: str, file: str = "") -> str:
    """The command that writes an address to a file, or to standard output."""
    if shutil.which("curl") or not shutil.which("wget"):
        return f"curl -fsS {url}{path}" + (f" -o {file}" if file else "")
    return f"wget -qO {file or '-'} {url}{path}"


def apt(url: str, name: str, package: str) -> list[str]:
    return [
        fetch(url, f"/{name}.sources", f"/etc/apt/sources.list.d/{name}.sources"),
        "apt-get update",
        f"apt-get install -y {package}",
        f"{package} --version",
    ]


def isolated_apt(url: str, name: str, package: str, folder: Path) -> list[str]:
    """apt and dpkg with every folder below ``folder``, as any user."""
    folders = ("etc/apt/sources.list.d", "etc/apt/preferences.d", "etc/apt/apt.conf.d", "var/lib/dpkg")
    folders += ("var/lib/apt/lists/partial", "var/cache/apt/archives/partial", "var/log/apt")
    get = f"apt-get -o Dir={folder} -o Dir::State::status={folder}/var/lib/dpkg/status -o Debug::NoLocking=true"
    options = (f"--root={folder}", f"--log={folder}/dpkg.log", "--force-not-root,bad-path,script-chrootless")
    dpkg = " ".join(f"-o Dpkg::Options::={option}" for option in options)
    return [
        "mkdir -p " + " ".join(f"{folder}/{part}" for part in folders),
        f"touch {folder}/var/lib/dpkg/status",
        fetch(url, f"/{name}.sources", f"{folder}/etc/apt/sources.list.d/{name}.sources"),
        f"{get} update",
        f"{get} {dpkg} install -y {package}",
        f"{folder}/usr/bin/{package} --version",
    ]


def dnf(url: str, name: str, package: str, folder: Path, *, root: bool) -> list[str]:
    settings = {"reposdir": "repos", "cachedir": "cache", "persistdir": "state", "logdir": "log"}
    dnf = "dnf -y --releasever=1 " + " ".join(f"--setopt={key}={folder}/{name}" for key, name in settings.items())
    lines = [f"mkdir -p {folder}/repos {folder}/log", fetch(url, f"/{name}.repo", f"{folder}/repos/{name}.repo")]
    if not root:
        return [*lines, f"{dnf} repoquery {package}"]
    return [*lines, f"{dnf} --installroot={folder}/root install {package}", f"{folder}/root/usr/bin/{package} --version"]


def zypper(url: str, name: str, package: str, folder: Path) -> list[str]:
    zypper = f"zypper --root {folder} --non-interactive --gpg-auto-import-keys"
    return [
        f"mkdir -p {folder}/etc/zypp/repos.d",
        fetch(url, f"/{name}.repo", f"{folder}/etc/zypp/repos.d/{name}.repo"),
        f"{zypper} refresh",
        f"{zypper} install {package}",
        f"{folder}/usr/bin/{package} --version",
    ]


def archive(url: str, package: str, folder: Path) -> list[str]:
    return [f"{fetch(url, '/install.sh')} | sh -s -- --archive --dir {folder}", f"{folder}/bin/{package} --version"]
