"""Where everything stands on the site: the published addresses, in one place.

These paths are a promise to users (README, "Published addresses"). Formats take them from here,
so that the page, the installers and repo.json can name an output without knowing its format.
"""

from __future__ import annotations

from repogen.paths import safe_name

PAGE = "index.html"
CATALOG = "repo.json"
INSTALL_SH = "install.sh"
INSTALL_PS1 = "install.ps1"
STATE = ".repogen"
#: What apt's packages and source packages stand in.
_POOL = "apt/pool/"


def url(base: str, path: str) -> str:
    """Address of a path under the site's own URL. ``+`` is the one safe character that must be escaped in a URL on S3."""
    return f"{base.rstrip('/')}/{path.replace('+', '%2B')}"


def apt_sources(name: str) -> str:
    return f"{name}.sources"


def yum_repo(name: str) -> str:
    return f"{name}.repo"


def key_armored(name: str) -> str:
    return f"keys/{name}.asc"


def package_keys(name: str) -> str:
    """Public keys of others, by which some of the rpms are signed."""
    return f"keys/{name}-packages.asc"


def key_binary(name: str) -> str:
    return f"keys/{name}.gpg"


def archive_keyring(name: str) -> str:
    """The Debian package that adds the repository to apt."""
    return f"{name}-archive-keyring"


def release_package(name: str) -> str:
    """The rpm that adds the repository to dnf."""
    return f"{name}-release"


def keyring_address(package: str, kind: str) -> str:
    """Where the newest package that adds a repository always stands."""
    return f"{package}.{kind}"


def apt_pool(component: str, source: str, package: str, version: str, architecture: str) -> str:
    """Pool path by Debian's rule: https://www.debian.org/doc/debian-policy/ (``lib`` packages by four letters, epoch dropped)."""
    letter = source[:4] if source.startswith("lib") and len(source) > 3 else source[:1]
    plain = version.split(":", 1)[-1]
    return f"{_POOL}{component}/{letter}/{source}/{package}_{plain}_{architecture}.deb"


def dsc(source: str, version: str) -> str:
    """File name of a source package."""
    return f"{source}_{version.split(':', 1)[-1]}.dsc"


def apt_source(component: str, source: str, filename: str) -> str:
    """Pool path of a file of a source package, beside the packages that are built from it."""
    return f"{apt_pool(component, source, source, '0', 'all').rpartition('/')[0]}/{filename}"


def apt_component(path: str) -> str:
    """Component of a file in the pool, by its path."""
    return path.removeprefix(_POOL).rsplit("/", 3)[0]


def in_pool(path: str) -> bool:
    """Whether a path leads into apt's pool, which holds debs and source packages, and nothing else."""
    return path.startswith(_POOL)


def apt_suite(suite: str) -> str:
    return f"apt/dists/{suite}"


def yum_base(channel: str) -> str:
    return f"yum/{channel}"


def yum_channel(path: str) -> str:
    """Channel of the yum repository at this path; empty for any other path."""
    return path.removeprefix("yum/").partition("/")[0] if path.startswith("yum/") else ""


def yum_href(name: str, version: str, release: str, architecture: str) -> str:
    """Address of an rpm from its repository's root."""
    return f"Packages/{safe_name(name)[:1].lower()}/{safe_name(f'{name}-{version}-{release}.{architecture}.rpm')}"


def yum_package(channel: str, name: str, version: str, release: str, architecture: str) -> str:
    return f"{yum_base(channel)}/{yum_href(name, version, release, architecture)}"


def in_channel(path: str, channel: str, other: str) -> str:
    """Where a file of one channel stands in another one: only the rpms of a channel have a folder of their own."""
    base = f"{yum_base(channel)}/"
    return f"{yum_base(other)}/{path.removeprefix(base)}" if path.startswith(base) else path


DOWNLOADS = "downloads"


def download_folder(product: str, version: str) -> str:
    return f"{DOWNLOADS}/{product}/{safe_name(version)}"


def download(product: str, version: str, filename: str) -> str:
    return f"{download_folder(product, version)}/{safe_name(filename)}"


def tap(name: str) -> str:
    return f"homebrew/{name}.git"


def bucket(name: str) -> str:
    """Scoop's bucket, a git repository as the tap is."""
    return f"scoop/{name}.git"


def checksums(product: str, version: str, algorithm: str = "SHA256") -> str:
    """The checksum list of a release; its signature has ``.asc`` behind it."""
    return f"{download_folder(product, version)}/{algorithm}SUMS"


UPDATES = "updates"
UPDATES_SCHEMA = f"{UPDATES}/latest.schema.json"


def updates(channel: str, product: str = "") -> str:
    """Folder of a channel's update manifests: those of a product, or the short address."""
    return f"{UPDATES}/{product}/{channel}" if product else f"{UPDATES}/{channel}"


def release_notes(version: str, product: str = "") -> str:
    """Release notes as applications fetch them."""
    return f"{updates('release-notes', product)}/{safe_name(version)}.md"


CHOCOLATEY = "chocolatey"
CHOCOLATEY_FEED = f"{CHOCOLATEY}/index.json"


def nupkg(id: str, version: str) -> str:
    return f"chocolatey/{id}.{version}.nupkg"
