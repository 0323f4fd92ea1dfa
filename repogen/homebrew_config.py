"""The tables ``[homebrew]`` and ``[product.homebrew]`` of repogen.toml, as config.py reads them.

What a product says of itself is kept in the catalog, since a later build by another repogen.toml writes its formula again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

#: What a product can be to brew; empty: by rule (see homebrew_rule).
KINDS = ("", "formula", "cask", "both", "none")
#: Releases of macOS that brew knows, oldest first, as it calls them.
MACOS = ("catalina", "big_sur", "monterey", "ventura", "sonoma", "sequoia", "tahoe", "golden_gate")
#: What ``uninstall`` takes, in the order of style.
UNINSTALL = ("launchctl", "quit", "signal", "login_item", "kext", "pkgutil", "delete", "trash", "rmdir")

_NAME = r"[a-z0-9][a-z0-9@.+_-]*"
_FORMULA = "write it as 'openssl@3' or 'acme/tap/hello'"
_WHOLE_NAME = rf"(?:[A-Za-z0-9_-]+/[A-Za-z0-9_-]+/)?{_NAME}"


class HomebrewConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[homebrew]``: the tap."""

    versions: int = 5
    """How many earlier minor versions of a product stay installable, each by a formula or cask of its own such as ``hello@1.2``."""
    push: str = ""
    """Address of a git repository that gets the tap's commits after each publish, such as ``https://github.com/acme/homebrew-tap.git``. The token comes from
    REPOGEN_HOMEBREW_TOKEN; without it, git uses what it knows itself (a key for ssh, a credential helper)."""
    branch: str = "main"
    """Branch of that repository."""


class ProductHomebrewConfig(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``[product.homebrew]``: how brew installs a product."""

    kind: str = ""
    """``formula``, ``cask``, ``both`` or ``none``. When absent, programs for a terminal are a formula; disk images, packages and applications are a cask."""
    macos_depends: tuple[str, ...] = ()
    """Formulas that it needs on macOS only."""
    linux_depends: tuple[str, ...] = ()
    """Formulas that it needs on Linux only."""
    macos: str = ""
    """The oldest macOS that it runs on: ``big_sur``, ``monterey``, ``ventura`` and so on. ``catalina`` says nothing, since brew runs on no older one."""
    conflicts: tuple[str, ...] = ()
    """Formulas (or casks, for a cask) that cannot be installed beside it."""
    keg_only: str = ""
    """Why its formula is not linked into brew's prefix, such as ``it shadows a program of macOS``; linked when absent."""
    service: tuple[str, ...] = ()
    """The command of its background service, program first: ``["hello", "serve"]``. `brew services start hello` runs it."""
    keep_alive: bool = True
    """Start the service again when it ends."""
    caveats: str = ""
    """What brew tells people after the installation."""
    apps: tuple[str, ...] = ()
    """Applications in its disk image, ``Quiet.app``. When absent, what the image says, or the title."""
    auto_updates: bool = False
    """The application updates itself, so that `brew upgrade` leaves it alone."""
    zap: tuple[str, ...] = ()
    """Files that `brew uninstall --zap` moves to the trash: ``~/Library/Preferences/example.acme.quiet.plist``."""
    uninstall: dict[str, tuple[str, ...]] = {}
    """What else the removal of an application takes: ``launchctl``, ``quit``, ``signal``, ``login_item``, ``kext``, ``pkgutil``, ``delete``, ``trash``,
    ``rmdir``, each a list."""
    appimage: bool = False
    """Offer the AppImage in the cask, for Linux."""
    formerly: tuple[str, ...] = ()
    """Earlier names of its formula or cask. Those who have it under one of these get it under the new one."""
    moved_to: str = ""
    """Tap that it has moved to, such as ``homebrew/core``. It leaves this one, and brew goes on from there."""
    deprecated: str = ""
    """Why it should not be installed any more, such as ``has been replaced by greet``; brew warns, and installs it."""
    deprecated_on: str = ""
    """Since when, ``2026-11-20``."""

    @property
    def oldest_macos(self) -> str:
        """``macos``, if brew runs on an older one at all."""
        return "" if self.macos == MACOS[0] else self.macos


def faults(homebrew: HomebrewConfig) -> Iterator[tuple[str, str]]:
    """What cannot be in ``[homebrew]``: pairs of a sentence and its remedy."""
    if homebrew.versions < 0:
        yield f"[homebrew] versions {homebrew.versions} is negative", "write how many earlier minor versions to offer, or 0 for none"
    if re.match(r"[a-z+]+://[^/@]*:[^/@]*@", homebrew.push):
        yield "[homebrew] push holds a password", "leave it out, and give the token in REPOGEN_HOMEBREW_TOKEN"
    elif homebrew.push and not re.fullmatch(r"(?:https?|ssh)://[^\s-][^\s]*|[A-Za-z0-9_.]+@[A-Za-z0-9.-]+:[^\s]+", homebrew.push):
        yield f"[homebrew] push {homebrew.push!r} is no address of a git repository", 'write it as "https://github.com/acme/homebrew-tap.git"'
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_./-]*(?<![./])", homebrew.branch) or ".." in homebrew.branch or "//" in homebrew.branch:
        yield f"[homebrew] branch {homebrew.branch!r} cannot be one", 'write it as "main"'


def product_faults(product: str, homebrew: ProductHomebrewConfig) -> Iterator[tuple[str, str]]:
    """What cannot be in the table of a product."""
    for message, hint in (*_unknown_words(homebrew), *_odd_names(homebrew), *_odd_dates(homebrew)):
        yield f"[product.homebrew] of {product}: {message}", hint


def depends_faults(product: str, depends: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What cannot be in the ``depends`` of a product."""
    for name in depends:
        if not re.fullmatch(_WHOLE_NAME, name):
            yield f"[[product]] {product}: depends has {name!r}, which is no formula", _FORMULA


def _unknown_words(homebrew: ProductHomebrewConfig) -> Iterator[tuple[str, str]]:
    if homebrew.kind not in KINDS:
        yield f"kind {homebrew.kind!r} is unknown", "write 'formula', 'cask', 'both' or 'none'"
    if homebrew.macos and homebrew.macos not in MACOS:
        yield f"macos {homebrew.macos!r} is unknown", f"known are: {', '.join(MACOS)}"
    for key in homebrew.uninstall:
        if key not in UNINSTALL:
            yield f"uninstall {key!r} is unknown", f"known are: {', '.join(UNINSTALL)}"


def _odd_names(homebrew: ProductHomebrewConfig) -> Iterator[tuple[str, str]]:
    for name in (*homebrew.macos_depends, *homebrew.linux_depends, *homebrew.conflicts):
        if not re.fullmatch(_WHOLE_NAME, name):
            yield f"{name!r} is no formula", _FORMULA
    for name in homebrew.apps:
        if not re.fullmatch(r"[^/\x00-\x1f][^\x00-\x1f]*\.app", name):
            yield f"apps {name!r} is no application", "write its path in the image, such as 'Quiet.app'"
    for name in homebrew.formerly:
        if not re.fullmatch(_NAME, name):
            yield f"formerly {name!r} is no name", "write the earlier name as it was typed after the tap's"
    if homebrew.moved_to and not re.fullmatch(rf"[a-z0-9_-]+/[a-z0-9_-]+(?:/{_NAME})?", homebrew.moved_to):
        yield f"moved_to {homebrew.moved_to!r} is no tap", "write it as 'homebrew/core'"
    if homebrew.service and not homebrew.service[0].strip():
        yield "service names no program", 'write it as ["hello", "serve"]'


def _odd_dates(homebrew: ProductHomebrewConfig) -> Iterator[tuple[str, str]]:
    if bool(homebrew.deprecated) != bool(homebrew.deprecated_on):
        yield "deprecated and deprecated_on belong together", "give the reason and the date, such as 2026-11-20"
    if homebrew.deprecated_on and not re.fullmatch(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])", homebrew.deprecated_on):
        yield f"deprecated_on {homebrew.deprecated_on!r} is no date", "write it as 2026-11-20"
