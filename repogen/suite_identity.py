"""What the users of an apt suite hold on to (https://manpages.debian.org/bookworm/apt/apt-secure.8.en.html, "INFORMATION CHANGES").

When Origin, Label, Codename or the default pin (NotAutomatic) change, ``apt-get update`` fails for everyone who has the repository. So
they depend on the configuration and the suite's name alone, are remembered with what is published, and must stay. So must the packages that
its patterns let in.
"""

from __future__ import annotations

from collections.abc import Iterator

from repogen.apt_suites import Suite, debs_of, sources_of
from repogen.catalog import Catalog, SuiteIdentity
from repogen.errors import ProtectionError


def check_suites(published: Catalog, catalog: Catalog) -> None:
    """Raises ProtectionError where a published suite would become another one for apt, would lose packages to its patterns, or is not there any more."""
    gone = sorted(published.suites.keys() - catalog.suites.keys())
    if gone:
        raise ProtectionError(
            f"the published apt suite {gone[0]} is in this configuration no more, and its users would get an error at the next update",
            hint=f'keep it with an [[apt.suite]] table, name = "{gone[0]}"; or tell its users to follow another one and build with --accept-identity-change',
        )
    changed = tuple(change for name, old, new in _pairs(published, catalog) for change in _changes(name, old, new))
    if changed:
        raise ProtectionError(
            f"{'; '.join(changed)}: apt refuses the repository for everyone who has it",
            hint="put the old value back; or build with --accept-identity-change and tell every user to run `apt-get update --allow-releaseinfo-change` once",
        )
    lost = tuple(_losses(published, catalog))
    if lost:
        raise ProtectionError(
            f"{'; '.join(lost)}, by its match and ignore in [[apt.suite]]: nobody could install or upgrade them from there any more",
            hint="widen the patterns again; or build with --accept-identity-change and tell the users where they find these packages",
        )


def identity_changes(published: Catalog, catalog: Catalog) -> tuple[str, ...]:
    """What changes of the suites that are in both, each as half a sentence."""
    changes = (change for name, old, new in _pairs(published, catalog) for change in _changes(name, old, new))
    return (*changes, *_losses(published, catalog))


def _pairs(published: Catalog, catalog: Catalog) -> Iterator[tuple[str, SuiteIdentity, SuiteIdentity]]:
    return ((name, old, catalog.suites[name]) for name, old in sorted(published.suites.items()) if name in catalog.suites)


def _changes(name: str, old: SuiteIdentity, new: SuiteIdentity) -> Iterator[str]:
    for field in ("origin", "label", "codename"):
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield f"the {field.title()} of the apt suite {name} would change from {before!r} to {after!r}"
    if old.automatic != new.automatic:
        yield f"the apt suite {name} would {'lose' if new.automatic else 'get'} NotAutomatic, which is its default pin"


def _losses(published: Catalog, catalog: Catalog) -> Iterator[str]:
    """Of each suite with other patterns: what it took by the old ones, and not by the new ones, though it is still offered."""
    for name, old, new in _pairs(published, catalog):
        if old.match is None or (old.match, old.ignore) == (new.match, new.ignore):
            continue
        both = tuple(channel for channel in old.channels if channel in new.channels)
        before, after = (Suite(name=name, channels=both, match=one.match or (), ignore=one.ignore) for one in (old, new))
        lost = sorted(_packages(published, before) & _packages(catalog, before) - _packages(catalog, after))
        if lost:
            yield f"the apt suite {name} would lose {lost[0]}" + (f" and {len(lost) - 1} more" if lost[1:] else "")


def _packages(catalog: Catalog, suite: Suite) -> set[str]:
    return {a.filename for a in (*debs_of(catalog, suite), *sources_of(catalog, suite))}
