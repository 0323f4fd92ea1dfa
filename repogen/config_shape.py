"""Whether what a repogen.toml holds has the shape of its values: the right keys, tables and types, and what is wrong in the words of its page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from repogen.errors import UsageError

T = TypeVar("T")


def shaped(data: dict[str, Any], shape: type[T], path: Path) -> T:
    """The value of this type that the parsed file holds; ``path`` is for messages only. Raises UsageError."""
    _refuse_unknown(data, shape, path, "")
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        raise UsageError(f"{path}: {_plain(str(error))}", hint="docs/configuration.md shows every key with its type") from error


def _refuse_unknown(data: Any, shape: Any, path: Path, where: str) -> None:
    if get_origin(shape) is tuple:
        for item in data if isinstance(data, list) else ():
            _refuse_unknown(item, get_args(shape)[0], path, where)
        return
    if not (isinstance(shape, type) and issubclass(shape, Struct) and isinstance(data, dict)):
        return
    hints = get_type_hints(shape)
    for key, value in data.items():
        inside = f"{where}.{key}" if where else key
        if key not in hints:
            import difflib

            near = difflib.get_close_matches(key, hints, n=1, cutoff=0.5)
            place = f"[{where}]" if where else "the top level"
            advice = f"did you mean {near[0]!r}?" if near else f"known there: {', '.join(hints)}"
            raise UsageError(f"{path}: unknown key {key!r} in {place}", hint=advice)
        if (written := _brackets(value)) and (right := _brackets_of(hints[key])) not in {"", written}:
            hint = "a table that may be there several times has two brackets on each side, another one has one"
            raise UsageError(f"{path}: expected {right.format(inside)}, got {written.format(inside)}", hint=hint)
        _refuse_unknown(value, hints[key], path, inside)


def _brackets(value: Any) -> str:
    """How the heading of a table was written, with ``{}`` for its name; empty for what is no table."""
    if isinstance(value, list):
        return "[[{}]]" if value and all(isinstance(item, dict) for item in value) else ""
    return "[{}]" if isinstance(value, dict) else ""


def _brackets_of(shape: Any) -> str:
    """How the heading of a table is to be written."""
    if get_origin(shape) is tuple:
        return "[[{}]]" if _brackets_of(get_args(shape)[0]) else ""
    return "[{}]" if isinstance(shape, type) and issubclass(shape, Struct) else ""


#: What docs/configuration.md calls the types that msgspec names.
_TYPES = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "array": "a list", "object": "a table", "date": "a date"}


def _plain(message: str) -> str:
    """The sentence of msgspec in our words, with the place as it is written: ``[repo] url: expected text, got a number``."""
    text, _, place = message.rstrip("`").partition(" - at `$.")
    *outer, key = re.sub(r"\[\.\.\.\]", "", place).split(".")
    missing = re.fullmatch(r"Object missing required field `(\w+)`?", text)
    if missing:
        table = _heading([*outer, key] if place else [])
        return f"{table} has no {missing[1]}" if table else f"[{missing[1]}] is missing"
    said = re.sub(r"`([^`]+)`?", lambda found: " or ".join(_TYPES.get(word, word) for word in found[1].split(" | ") if word != "null"), text)
    said = said[0].lower() + said[1:]
    return f"{_heading(outer)} {key}: {said}" if outer else f"{_heading([key])}: {said}"


def _heading(keys: list[str]) -> str:
    """The heading of the table that keys lead to: ``[product.homebrew]``, or ``[[product]]`` with its place among them."""
    name = re.sub(r"\[\d+\]", "", ".".join(keys))
    place = re.search(r"\[(\d+)\]$", ".".join(keys))
    return f"[[{name}]] number {int(place[1]) + 1}" if place else f"[{name}]" if name else ""
