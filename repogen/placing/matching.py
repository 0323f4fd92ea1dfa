"""Which ``[[product]]`` table speaks for a file: the one whose ``files`` globs match its name, else the one of its own product id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from repogen.config import ProductConfig
from repogen.errors import UsageError
from repogen.paths import slug


def table_for(filename: str, names: Iterable[str], tables: Sequence[ProductConfig]) -> ProductConfig | None:
    """The table of a file whose content and name give it these product names. Raises UsageError when two tables claim it."""
    by_glob = [table for table in tables if any(fnmatchcase(filename, glob) for glob in table.files)]
    if len(by_glob) > 1:
        claims = " and ".join(repr(table.id) for table in by_glob)
        raise UsageError(f"{filename} is claimed by the [[product]] tables {claims}", hint="make their files globs narrower, so that one of them matches")
    if by_glob:
        return by_glob[0]
    ids = [slug(name) for name in names if name]
    return next((table for id in ids for table in tables if table.id == id), None)
