"""The repository as a package, as texts and bytes: ``<name>-archive-keyring`` for apt and ``<name>-release`` for dnf.

Each installs the public keys and the source file under the names that the page and install.sh use as well, so that a machine never has two.
Where there is a suite for each distribution, the deb brings a source file for each, and apt finds the right one by a link: a change of it comes with
the next version, and whoever wants another one puts a file in the link's place.
Nothing goes into the bytes but keys, texts and the date, so that a package can be made again to see what it held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from msgspec import Struct

from repogen import apt_suites, client_files, dates, key_texts, layout
from repogen.artifact import Kind
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.templates import render
from repogen.writers import PackageFile, deb, rpm

#: Name of the source file for systems that no suite is made for, beside those of distributions, which have no "_" in their names.
_OTHER = "other_systems"


class Draft(Struct, frozen=True):
    """A package that a repository has, to be written with a date."""

    kind: Kind
    name: str
    channels: tuple[str, ...]
    """Where it is published: every one that has or had such packages, since a machine may follow any. Its own source file names the first."""
    address: str
    """Where the newest one always stands."""
    write: Callable[[str], bytes]
    """The package of a date; an rpm is not signed yet."""


def drafts(catalog: Catalog, config: Config) -> tuple[Draft, ...]:
    """A deb where there are debs, an rpm where there are rpms."""
    name = config.repo.name
    kinds = (
        (Kind.DEB, layout.archive_keyring(name), apt_suites.apt_channels(catalog), _deb),
        (Kind.RPM, layout.release_package(name), client_files.rpm_channels(catalog), _rpm),
    )
    return tuple(
        Draft(kind, package, channels, layout.keyring_address(package, kind), partial(write, catalog, config, channels[0]))
        for kind, package, channels, write in kinds
        if channels
    )


def version(date: str) -> str:
    """``20261120.100000``: as states are dated one after another, later packages have higher versions."""
    return f"{dates.parse(date):%Y%m%d.%H%M%S}"


def _deb(catalog: Catalog, config: Config, channel: str, date: str) -> bytes:
    package, source = layout.archive_keyring(config.repo.name), f"/etc/apt/sources.list.d/{layout.apt_sources(config.repo.name)}"
    folder, keyring = f"/usr/share/{package}", f"/usr/share/keyrings/{package}.gpg"
    distributions = apt_suites.distributions(catalog, config, channel)
    texts = {name: client_files.apt_sources(catalog, config, channel, name, keyring=keyring) for name in (*distributions, "")}
    if distributions:  # which of them the system needs is seen when it is installed
        sources = [PackageFile(path=f"{folder}/{name or _OTHER}.sources", content=text.encode()) for name, text in texts.items()]
    else:
        sources = [PackageFile(path=source, content=texts[""].encode(), config=True)]
    files = (PackageFile(path=keyring, content=b"".join(key.binary for key in catalog.keys)), *sources)
    control = _text("control", config, package=package, version=version(date), size=deb.installed_size(files))
    marks = [_lines(texts.values(), start) for start in ("URIs:", "Suites:")]
    names = ("preinst", "postinst", "postrm") if distributions else ("preinst", "postrm")
    scripts = {name: _text(name, config, source=source, folder=folder, linked=bool(distributions), other=_OTHER, marks=marks) for name in names}
    return deb.write(control, scripts, files, _seconds(date))


def _lines(texts: Iterable[str], start: str) -> list[str]:
    """The different lines of these texts that begin so."""
    return list(dict.fromkeys(line for text in texts for line in text.splitlines() if line.startswith(start)))


def _rpm(catalog: Catalog, config: Config, channel: str, date: str) -> bytes:
    key = client_files.rpm_key(config.repo.name)
    text = client_files.yum_repo(catalog, config, channel, f"file://{key}")
    files = (
        PackageFile(path=key, content=key_texts.armored(catalog.keys).encode()),
        PackageFile(path=f"/etc/yum.repos.d/{layout.yum_repo(config.repo.name)}", content=text.encode(), config=True),
    )
    about = rpm.About(
        name=layout.release_package(config.repo.name),
        version=version(date),
        release="1",
        summary=_text("summary", config).strip(),
        description=_text("description", config).strip(),
        url=config.repo.homepage or config.url,
        packager=config.repo.maintainer,
    )
    return rpm.write(about, files, _seconds(date))


def _text(name: str, config: Config, **values: str | int | Sequence[Sequence[str]]) -> str:
    maintainer = config.repo.maintainer or config.title
    return render(f"keyring/{name}.j2", title=config.title, maintainer=maintainer, homepage=config.repo.homepage or config.url, **values)


def _seconds(date: str) -> int:
    return int(dates.parse(date).timestamp())
