"""What the tap offers of each product: the newest release of each channel, and earlier minor versions of ``stable`` beside it (``hello@1.2``).

Where everything of a name was withdrawn, the name stays, disabled: brew then tells those who have it why (https://docs.brew.sh/Deprecating-Disabling-and-Removing).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from repogen.artifact import Artifact
from repogen.catalog import Catalog, Release, Withdrawal, in_order
from repogen.homebrew_rule import minor_version
from repogen.quoting import line
from repogen.version import version_key

Choice = Callable[[Iterable[Artifact]], tuple[Artifact, ...]]
"""The files among a release's that can be installed so."""


class Offer(Struct, frozen=True, kw_only=True):
    """A release under one name."""

    release: Release
    files: tuple[Artifact, ...]
    line: str = ""
    """``1.2`` for an earlier minor version; empty for the newest release of its channel."""
    withdrawal: Withdrawal | None = None
    """Set where nothing else is left under this name."""
    has_stable: bool = False
    """Whether there is a formula or cask of the product's own name, and this is another one."""

    @property
    def reason(self) -> str:
        """Why it is disabled, as style wants it; empty for what is offered."""
        if self.withdrawal is None:
            return ""
        told = line(self.withdrawal.reason).strip(".!? ")
        return f"was withdrawn: {told}" if told else "was withdrawn"

    @property
    def date(self) -> str:
        """When it was withdrawn, ``2026-11-20``."""
        return self.withdrawal.date[:10] if self.withdrawal else ""


def offers(catalog: Catalog, product: str, chosen: Choice, lines: int) -> Iterator[Offer]:
    """Each name of a product as a formula, or as a cask, by what is ``chosen`` of a release's files; ``lines`` earlier minor versions at most."""
    there = [offer for offer in _all(catalog, product, chosen) if offer.files]
    has_stable = any(offer.release.channel == "stable" and not offer.withdrawal for offer in there)
    for channel in in_order(offer.release.channel for offer in there):
        own = [offer for offer in there if offer.release.channel == channel]
        newest = _best(own)
        yield _replaced(newest, has_stable=has_stable and channel != "stable")
        if channel == "stable" and not newest.withdrawal:
            yield from (_replaced(offer, line=name, has_stable=True) for name, offer in _earlier(newest, own)[:lines])


def _all(catalog: Catalog, product: str, chosen: Choice) -> list[Offer]:
    """Every release of the product, the newest first; of one version what is offered before what was withdrawn."""
    found = [Offer(release=release, files=chosen(catalog.files_of(release))) for release in catalog.releases_of(product)]
    gone = [w for w in catalog.withdrawn if w.release.product == product]
    found += [Offer(release=w.release, files=chosen(w.artifacts), withdrawal=w) for w in gone]
    return sorted(found, key=lambda offer: version_key(offer.release.version), reverse=True)


def _earlier(newest: Offer, own: Iterable[Offer]) -> list[tuple[str, Offer]]:
    """The minor versions before the newest release's, each with the best that is left of it."""
    current, lines = minor_version(newest.release.version), dict[str, list[Offer]]()
    for offer in own:
        name = minor_version(offer.release.version)
        if name and name != current and version_key(offer.release.version) < version_key(newest.release.version):
            lines.setdefault(name, []).append(offer)
    return [(name, _best(some)) for name, some in lines.items()]


def _best(newest_first: Sequence[Offer]) -> Offer:
    """The newest that is offered, else the one that was withdrawn last: its reason is the one that counts."""
    return next(
        (offer for offer in newest_first if not offer.withdrawal), max(newest_first, key=lambda offer: offer.withdrawal.date if offer.withdrawal else "")
    )


def _replaced(offer: Offer, *, line: str = "", has_stable: bool) -> Offer:
    return Offer(release=offer.release, files=offer.files, line=line, withdrawal=offer.withdrawal, has_stable=has_stable)
