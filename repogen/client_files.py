"""The source files that apt and the rpm clients are set up with, for a channel.

The published ``<name>.sources`` and ``<name>.repo`` and those that install.sh writes are the same texts:
https://manpages.debian.org/bookworm/apt/sources.list.5.en.html and https://dnf.readthedocs.io/en/latest/conf_ref.html
"""

from __future__ import annotations

from collections.abc import Iterable

from repogen import apt_suites, layout, yum_repositories
from repogen.apt_suites import Suite
from repogen.artifact import Kind
from repogen.catalog import Catalog, in_order
from repogen.config import Config
from repogen.remembered import remembered
from repogen.templates import render


@remembered
def rpm_channels(catalog: Catalog) -> tuple[str, ...]:
    """Channels that have or had rpms; the first one is switched on in ``<name>.repo``."""
    return in_order({*catalog.channels_of(Kind.RPM), *(channel for path in catalog.served if (channel := layout.yum_channel(path)))})


def section(catalog: Catalog, name: str, channel: str) -> str:
    """Id of a channel's section in ``<name>.repo``, by which dnf and zypper know it."""
    return name if channel == rpm_channels(catalog)[0] else f"{name}-{channel}"


def rpm_key(name: str) -> str:
    """Where the public key stands on a machine that has the yum repository."""
    return f"/etc/pki/rpm-gpg/RPM-GPG-KEY-{name}"


def apt_sources(catalog: Catalog, config: Config, channel: str, distribution: str = "", *, keyring: str = "") -> str:
    """The deb822 source of someone who follows a channel on systems of a distribution (empty: any).

    The keys are in it, or in the file ``keyring`` of that system. Architectures are not named: apt takes its own, while a list would make it fetch
    foreign ones too; those that Release does not name it passes over in silence.
    """
    wanted = apt_suites.followed(catalog, config, channel, distribution)
    others = {d: apt_suites.followed(catalog, config, channel, d) for d in apt_suites.distributions(catalog, config, channel)}
    return render(
        "apt/name.sources.j2",
        title=config.title,
        url=layout.url(config.url, "apt/"),
        types=["deb", *(["deb-src"] if apt_suites.has_sources(catalog) else [])],
        suite=_names(wanted),
        others={d: _names(suites) for d, suites in others.items()} if distribution not in others else {},
        components=apt_suites.everyday(wanted),
        keyring=keyring,
        keys=[line for key in catalog.keys for line in key.armored.strip().splitlines()],
    )


def _names(suites: Iterable[Suite]) -> str:
    return " ".join(suite.name for suite in suites)


def yum_repo(catalog: Catalog, config: Config, channel: str, key: str) -> str:
    """The .repo file of someone who follows a channel; ``key`` is the address of the public key, empty in a preview."""
    channels = rpm_channels(catalog)
    sections = [
        {
            "id": section(catalog, config.repo.name, each),
            "title": config.title if each == channels[0] else f"{config.title} ({each})",
            "baseurl": layout.url(config.url, yum_repositories.client_path(config.yum, each)),
            "enabled": each in {channels[0], channel},
        }
        for each in channels
    ]
    others = (layout.url(config.url, layout.package_keys(config.repo.name)),) if catalog.package_keys else ()
    return render("yum/repo.j2", sections=sections, keys=(key, *others) if catalog.keys else ())
