"""Values of stanzas that a product's own table asks for, as Ruby: what both formulas and casks have."""

from __future__ import annotations

from collections.abc import Iterable

from repogen.catalog import Product
from repogen.formats.homebrew.offers import Offer
from repogen.quoting import line, plain, ruby

_CAPITALS = ("Apple", "macOS", "OS", "Homebrew", "Xcode", "GPG", "GNOME", "BSD", "Firefox")


def lifecycle(offer: Offer, product: Product, replacement: str, kind: str) -> str:
    """``disable!`` for what was withdrawn, ``deprecate!`` for what should not be installed any more; else nothing. ``kind``: ``formula`` or ``cask``."""
    if offer.withdrawal:
        instead = f", replacement_{kind}: {ruby(replacement)}" if offer.has_stable else ""
        return f"disable! date: {ruby(offer.date)}, because: {ruby(offer.reason)}{instead}"
    if product.homebrew.deprecated:
        reason = line(product.homebrew.deprecated).strip(".!? ").removeprefix("it ")
        return f"deprecate! date: {ruby(product.homebrew.deprecated_on)}, because: {ruby(reason)}"
    return ""


def keg_only(offer: Offer, product: Product) -> str:
    """The value of ``keg_only``; empty for a formula that is linked."""
    if offer.line:
        return ":versioned_formula"
    reason = line(product.homebrew.keg_only).rstrip(".")
    if reason and not reason.startswith(_CAPITALS):
        reason = reason[0].lower() + reason[1:]
    return ruby(reason) if reason else ""


def caveats(product: Product) -> tuple[str, ...]:
    """Lines of the text, escaped for a here document that interpolates; none where there is nothing to tell."""
    lines = (one.rstrip() for one in plain(product.homebrew.caveats).strip("\n").splitlines())
    return tuple("E\\x4fS" if one.strip() == "EOS" else ruby(one)[1:-1].replace('\\"', '"') for one in lines)


def value(texts: Iterable[str]) -> str:
    """One text as a Ruby string, several as an array on one line."""
    words = [ruby(text) for text in texts]
    return words[0] if len(words) == 1 else f"[{', '.join(words)}]"
