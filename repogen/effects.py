"""What a publish means for those who use the site: versions that come and go, and what apt or a keyring holds against a change."""

from __future__ import annotations

from msgspec import Struct

from repogen.catalog import Catalog
from repogen.repository_name import name_changes
from repogen.suite_identity import identity_changes


class Version(Struct, frozen=True, order=True):
    """One version of a product in one channel."""

    product: str
    version: str
    channel: str

    def __str__(self) -> str:
        return f"{self.product} {self.version} in {self.channel}"


class Effects(Struct, frozen=True, kw_only=True):
    """What changes from one catalog to the next."""

    appear: tuple[Version, ...] = ()
    disappear: tuple[Version, ...] = ()
    identity: tuple[str, ...] = ()
    """Sentences: the name of the repository, what apt calls a suite by and would refuse to see changed, and packages that leave a suite."""
    keys_added: tuple[str, ...] = ()
    """Fingerprints of signing keys."""
    keys_removed: tuple[str, ...] = ()


def effects(before: Catalog, after: Catalog) -> Effects:
    """What changes for users when the second catalog takes the first one's place."""
    old, new = _versions(before), _versions(after)
    old_keys, new_keys = ({key.fingerprint for key in catalog.keys} for catalog in (before, after))
    return Effects(
        appear=tuple(sorted(new - old)),
        disappear=tuple(sorted(old - new)),
        identity=(*name_changes(before.name, after.name), *identity_changes(before, after)),
        keys_added=tuple(sorted(new_keys - old_keys)),
        keys_removed=tuple(sorted(old_keys - new_keys)),
    )


def _versions(catalog: Catalog) -> set[Version]:
    return {Version(*release.key) for release in catalog.releases if release.product not in catalog.keyrings}
