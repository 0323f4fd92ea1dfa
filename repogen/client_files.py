"""The source files that apt and the rpm clients are set up with, for a channel.

The published ``<name>.sources`` and ``<name>.repo`` and those that install.sh writes are the same texts:
https://manpages.debian.org/bookworm/apt/sources.list.5.en.html and https://dnf.readthedocs.io/en/latest/conf_ref.html
"""

from __future__ import annotations

from repogen import layout
from repogen.artifact import DebFacts, Kind
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.templates import render

#: apt's only component.
COMPONENT = "main"
#: Where a suite holds nothing but packages for all architectures: the two that most machines have.
COMMON = ("amd64", "arm64")


def deb_channels(catalog: Catalog) -> tuple[str, ...]:
    """Channels with debs; the first one is what ``<name>.sources`` names."""
    return tuple(channel for channel in catalog.channels if any(a.channel == channel for a in catalog.by_kind.get(Kind.DEB, ())))


def rpm_channels(catalog: Catalog) -> tuple[str, ...]:
    """Channels with rpms; the first one is switched on in ``<name>.repo``."""
    return tuple(channel for channel in catalog.channels if any(a.channel == channel for a in catalog.by_kind.get(Kind.RPM, ())))


def suites(catalog: Catalog, channel: str) -> tuple[str, ...]:
    """The apt suites of someone who follows a channel: the default one stays, so that its newer releases arrive too."""
    return tuple(dict.fromkeys((deb_channels(catalog)[0], channel)))


def section(catalog: Catalog, name: str, channel: str) -> str:
    """Id of a channel's section in ``<name>.repo``, by which dnf and zypper know it."""
    return name if channel == rpm_channels(catalog)[0] else f"{name}-{channel}"


def architectures(catalog: Catalog, channel: str) -> tuple[str, ...]:
    """Architectures of an apt suite, sorted; packages for all of them stand in each one's index."""
    facts = (a.facts for a in catalog.by_kind.get(Kind.DEB, ()) if a.channel == channel)
    return tuple(sorted({f.architecture for f in facts if isinstance(f, DebFacts)} - {"all"})) or COMMON


def rpm_key(name: str) -> str:
    """Where the public key stands on a machine that has the yum repository."""
    return f"/etc/pki/rpm-gpg/RPM-GPG-KEY-{name}"


def apt_sources(catalog: Catalog, config: Config, channel: str, *, keyring: str = "") -> str:
    """The deb822 source of someone who follows a channel. The keys are in it, or in the file ``keyring`` of that system."""
    wanted = suites(catalog, channel)
    return render(
        "apt/name.sources.j2",
        title=config.title,
        url=layout.url(config.url, "apt/"),
        suite=" ".join(wanted),
        components=[COMPONENT],
        architectures=sorted({architecture for suite in wanted for architecture in architectures(catalog, suite)}),
        keyring=keyring,
        keys=[line for key in catalog.keys for line in key.armored.strip().splitlines()],
    )


def yum_repo(catalog: Catalog, config: Config, channel: str, key: str) -> str:
    """The .repo file of someone who follows a channel; ``key`` is the address of the public key, empty in a preview."""
    channels = rpm_channels(catalog)
    sections = [
        {
            "id": section(catalog, config.repo.name, each),
            "title": config.title if each == channels[0] else f"{config.title} ({each})",
            "baseurl": layout.url(config.url, layout.yum_base(each)),
            "enabled": each in {channels[0], channel},
        }
        for each in channels
    ]
    return render("yum/repo.j2", sections=sections, key=key if catalog.keys else "")
