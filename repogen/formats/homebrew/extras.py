"""Values of stanzas that a product's own table asks for, as Ruby: what both formulas and casks have."""

from __future__ import annotations

from collections.abc import Iterable

from repogen.catalog import Product
from repogen.formats.homebrew.offers import Offer
from repogen.formats.homebrew.wrapping import Argument, array, call
from repogen.quoting import line, plain, ruby

_CAPITALS = ("Apple", "macOS", "OS", "Homebrew", "Xcode", "GPG", "GNOME", "BSD", "Firefox")


def lifecycle(offer: Offer, product: Product, replacement: str, kind: str) -> str:
    """``disable!`` for what was withdrawn, ``deprecate!`` for what should not be installed any more; else nothing. ``kind``: ``formula`` or ``cask``."""
    if offer.withdrawal:
        instead = [Argument(replacement, f"replacement_{kind}", is_text=True)] if offer.has_stable else []
        return call("disable!", [Argument(offer.date, "date", is_text=True), Argument(offer.reason, "because", is_text=True), *instead], 2)
    if product.homebrew.deprecated:
        reason = line(product.homebrew.deprecated).strip(".!? ").removeprefix("it ")
        return call("deprecate!", [Argument(product.homebrew.deprecated_on, "date", is_text=True), Argument(reason, "because", is_text=True)], 2)
    return ""


def keg_only(offer: Offer, product: Product) -> str:
    """The stanza ``keg_only``; empty for a formula that is linked."""
    if offer.line:
        return "keg_only :versioned_formula"
    reason = line(product.homebrew.keg_only).rstrip(".")
    if reason and not reason.startswith(_CAPITALS):
        reason = reason[0].lower() + reason[1:]
    return call("keg_only", [Argument(reason, is_text=True)], 2) if reason else ""


def caveats(product: Product) -> tuple[str, ...]:
    """Lines of the text, escaped for a here document that interpolates; none where there is nothing to tell."""
    lines = (one.rstrip() for one in plain(product.homebrew.caveats).strip("\n").splitlines())
    return tuple("E\\x4fS" if one.strip() == "EOS" else ruby(one)[1:-1].replace('\\"', '"') for one in lines)


def value(texts: Iterable[str], before: str) -> str:
    """One text as a Ruby string, several as an array, behind ``before`` on a line of a cask."""
    words = [ruby(text) for text in texts]
    return words[0] if len(words) == 1 else array(words, before, 2)
