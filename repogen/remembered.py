"""Answers that are kept with the catalog that they are about.

Formats ask the same of a catalog for each of thousands of products: which suites there are, which channels have debs. A catalog never
changes, so the first answer holds; it goes when the catalog goes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from msgspec import Struct

from repogen.catalog import Catalog

_Words = ParamSpec("_Words")
_Answer = TypeVar("_Answer")


def remembered(ask: Callable[Concatenate[Catalog, _Words], _Answer]) -> Callable[Concatenate[Catalog, _Words], _Answer]:
    """Make a pure function of a catalog and a few words (a configuration, names) remember what it came to."""

    @wraps(ask)
    def answer(catalog: Catalog, /, *words: _Words.args, **named: _Words.kwargs) -> _Answer:
        # A configuration goes by its identity, which it keeps as long as it is held here: its digest would take longer than most answers.
        key = (ask, *(id(word) if isinstance(word, Struct) else word for word in (*words, *named, *named.values())))
        if key not in catalog.answers:
            catalog.answers[key] = (words, named), ask(catalog, *words, **named)
        return catalog.answers[key][1]  # type: ignore[no-any-return]

    return answer
