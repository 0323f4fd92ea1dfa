"""What apt holds against a suite (https://manpages.debian.org/bookworm/apt/apt-secure.8.en.html, "INFORMATION CHANGES").

When Origin, Label, Codename or the default pin (NotAutomatic) change, ``apt-get update`` fails for everyone who has the repository. So
they depend on the configuration and the suite's name alone, are remembered with what is published, and must stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from repogen.catalog import SuiteIdentity
from repogen.errors import ProtectionError


def check_suites(published: Mapping[str, SuiteIdentity], suites: Mapping[str, SuiteIdentity]) -> None:
    """Raises ProtectionError where a published suite would become another one for apt, or is not there any more."""
    gone = sorted(published.keys() - suites.keys())
    if gone:
        raise ProtectionError(
            f"the published apt suite {gone[0]} is in this configuration no more, and its users would get an error at the next update",
            hint=f'keep it with an [[apt.suite]] table, name = "{gone[0]}"; or tell its users to follow another one and build with --accept-identity-change',
        )
    changed = identity_changes(published, suites)
    if changed:
        raise ProtectionError(
            f"{'; '.join(changed)}: apt refuses the repository for everyone who has it",
            hint="put the old value back; or build with --accept-identity-change and tell every user to run `apt-get update --allow-releaseinfo-change` once",
        )


def identity_changes(published: Mapping[str, SuiteIdentity], suites: Mapping[str, SuiteIdentity]) -> tuple[str, ...]:
    """What changes of the suites that are in both, each as half a sentence."""
    return tuple(change for name, old in sorted(published.items()) if name in suites for change in _changes(name, old, suites[name]))


def _changes(name: str, old: SuiteIdentity, new: SuiteIdentity) -> Iterator[str]:
    for field in ("origin", "label", "codename"):
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield f"the {field.title()} of the apt suite {name} would change from {before!r} to {after!r}"
    if old.automatic != new.automatic:
        yield f"the apt suite {name} would {'lose' if new.automatic else 'get'} NotAutomatic, which is its default pin"
