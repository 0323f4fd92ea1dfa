"""The order of packages, as package managers compare them: of several that they may take, they take the greatest.

Debian's: https://manpages.debian.org/bookworm/dpkg-dev/deb-version.7.en.html#Sorting_algorithm ; rpm's:
https://github.com/rpm-software-management/rpm/blob/master/rpmio/rpmvercmp.cc .
"""

from __future__ import annotations

import re
from functools import lru_cache

from repogen.artifact import RpmFacts

#: Characters as Debian sorts them: the tilde before the end of a word, and letters before all others.
_CHARACTERS = {ord("~"): "\0", **{ord(c): chr(0x100 + ord(c)) for c in "+-.:_"}}
_END_OF_WORD = "\1"
# Ranks of the parts of an rpm's version.
_TILDE, _END, _CARET, _LETTERS, _DIGITS = range(5)


@lru_cache(maxsize=65536)
def deb_key(version: str) -> tuple[object, ...]:
    """A key to sort by: ``1.0~rc1`` < ``1.0`` < ``1.0-9`` < ``1.0-10`` < ``1:0.9``."""
    epoch, colon, rest = version.partition(":")
    upstream, hyphen, revision = (rest if colon else version).rpartition("-")
    return (_number(epoch if colon else ""), _deb_parts(upstream if hyphen else revision), _deb_parts(revision if hyphen else "0"))


def _deb_parts(text: str) -> tuple[object, ...]:
    """Words and numbers by turns."""
    found = re.findall(r"([^0-9]*)([0-9]*)", text)
    return tuple((word.translate(_CHARACTERS) + _END_OF_WORD, _number(number)) for word, number in found)


def rpm_key(facts: RpmFacts) -> tuple[object, ...]:
    """A key to sort by: ``1.0~rc1-1`` < ``1.0-9`` < ``1.0-10`` < ``1.0^git1-1`` < ``1:0.9-1``."""
    return (facts.epoch, _rpm_parts(facts.version), _rpm_parts(facts.release))


@lru_cache(maxsize=65536)
def _rpm_parts(text: str) -> tuple[object, ...]:
    """Words, numbers and marks; what separates them does not count."""
    return (*map(_rpm_rank, re.findall(r"[~^]|[0-9]+|[A-Za-z]+", text)), (_END,))


def _rpm_rank(part: str) -> tuple[object, ...]:
    if part.isdigit():
        return (_DIGITS, *_number(part))
    return (_TILDE if part == "~" else _CARET if part == "^" else _LETTERS, part)


def _number(digits: str) -> tuple[int, str]:
    """Digits by their value, however many there are."""
    plain = digits.lstrip("0")
    return len(plain), plain
