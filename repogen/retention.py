"""Which releases stay offered: ``keep`` of each product in each channel, so that one product never goes at another's cost.

What is dropped leaves the indices only. Its files stay in the destination until the grace period is over (see prune), for clients that hold older indices.
"""

from __future__ import annotations

from collections.abc import Iterable

from repogen.catalog import Catalog, Release
from repogen.config import Config
from repogen.edits import Edit, Promote, Reinstate, drop
from repogen.errors import UsageError


def retain(catalog: Catalog, config: Config, edits: Iterable[Edit] = ()) -> Catalog:
    """The catalog without the releases that are too many; the same one when there are none.

    Raises UsageError where one of them is what an edit has just offered: it would say that it is done, and nothing would be offered.
    """
    if not keeps(config):
        return catalog
    too_many = [release for releases in _by_line(catalog).values() for release in _too_many(releases, _keep(config, releases[0]))]
    for edit in edits:
        if isinstance(edit, (Promote, Reinstate)):
            _check_room([release for release in too_many if edit.names(release)], config)
    return drop(catalog, too_many).with_dropped(too_many) if too_many else catalog


def keeps(config: Config) -> bool:
    """Whether some product's releases are limited at all."""
    return bool(config.retention.keep) or any(table.keep for table in config.product)


def _check_room(dropped: list[Release], config: Config) -> None:
    if dropped:
        product, version, channel = dropped[0].key
        raise UsageError(
            f"{product} {version} cannot be offered in {channel}: keep = {_keep(config, dropped[0])} leaves no room for it beside newer releases",
            hint="set a higher number in [retention] keep or [[product]] keep",
        )


def _by_line(catalog: Catalog) -> dict[tuple[str, str], list[Release]]:
    """Releases of each product in each channel, the highest version first. Our own keyring packages are not counted."""
    lines: dict[tuple[str, str], list[Release]] = {}
    for release in catalog.releases:
        if release.product not in catalog.keyrings:
            lines.setdefault((release.product, release.channel), []).append(release)
    return lines


def _too_many(releases: list[Release], keep: int) -> Iterable[Release]:
    """All but the highest version and those published last: a fix for an old line is new, whatever its version."""
    if not 0 < keep < len(releases):
        return ()
    latest_first = sorted(releases[1:], key=lambda release: release.date, reverse=True)
    return latest_first[keep - 1 :]


def _keep(config: Config, release: Release) -> int:
    tables = (table.keep for table in config.product if table.id == release.product)
    keep = next((own for own in tables if own is not None), config.retention.keep)
    return keep.get(release.channel, 0) if isinstance(keep, dict) else keep
