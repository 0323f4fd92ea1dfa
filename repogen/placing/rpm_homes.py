"""The address of an rpm: in the repository that it is for, or in its channel's folder where several have it (see :mod:`repogen.yum_repositories`)."""

from __future__ import annotations

from collections.abc import Mapping

from repogen import layout, yum_repositories
from repogen.artifact import RpmFacts
from repogen.config import Config
from repogen.errors import InputError
from repogen.placing.settle import Settled
from repogen.yum_config import RELEASEVER, YumConfig


def rpm_address(settled: Settled, config: Config, standing: Mapping[tuple[str, str], str]) -> str:
    """Where an rpm is published; empty for other files. ``standing`` has the addresses of published rpms by channel and SHA-256: there they stay.

    Raises InputError for one that no repository takes.
    """
    facts, name = settled.file.reading.facts, settled.file.name
    if not isinstance(facts, RpmFacts):
        return ""
    published = standing.get((settled.channel, settled.file.digests.sha256))
    if published is not None:
        return published
    _check_release(facts, name, config.yum)
    base = yum_repositories.home(facts, name, settled.channel, config.yum)
    return f"{base}/{layout.yum_href(facts.name, facts.version, facts.release, facts.architecture)}"


def _check_release(facts: RpmFacts, name: str, config: YumConfig) -> None:
    if RELEASEVER not in config.path:
        return
    found, tag = yum_repositories.releasevers(facts, name, config), yum_repositories.dist_releasever(facts.release)
    if found == ():
        tables = ", ".join(target.releasever for target in config.target)
        raise InputError(
            f"{name} (Release {facts.release}) is for none of the [[yum.target]] tables: {tables}",
            hint="add a table for it, widen a table's match, or name the file in [input] ignore",
        )
    if not tag and not config.target:
        raise InputError(
            f"{name} has no distribution's tag in its Release {facts.release!r}, which [yum] path asks for",
            hint="build it with %{?dist} in its Release, or say with [[yum.target]] tables which releases there are: it is in all of them then",
        )
