"""The control paragraph of a binary package, read as dpkg reads it (https://www.debian.org/doc/debian-policy/ch-controlfields.html).

One package that dpkg or apt cannot read must never get into an index: apt stops at the first stanza with a dependency that
it cannot parse, for every package of every repository that the user has. dpkg's own rules are kept where they are stricter
than Policy, and Policy's where dpkg is lenient and clients are not.

Everything is checked on the bytes, and the index gets the bytes of the package unchanged (old ones hold Latin-1). python-debian decodes, lets
duplicate fields, second paragraphs and bad dependencies pass, and takes a quarter of the whole reading; it is the second opinion in the tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec import Struct


class ControlError(ValueError):
    """The control file breaks a rule; the message continues "<file> ..."."""


class Control(Struct, frozen=True):
    """A checked control paragraph."""

    fields: Mapping[str, str]
    """Every field as text, by its name as in ``Multi-Arch``, however the package spells it."""
    stanza: bytes
    """See artifact.DebFacts.stanza."""


LF = b"\n"

FIELD = re.compile(rb"([!\"$-,./0-9;-~\x80-\xff][!-9;-~\x80-\xff]+)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)\n")
_BLANK = re.compile(rb"\n[ \t\v\f]*\n")
_CONTROL = re.compile(rb"[\0\r\x1a]")

#: Fields that the index writes itself. A package that carries them must not speak for the index.
_OURS = frozenset((b"filename", b"size", b"md5sum", b"sha1", b"sha256", b"sha512", b"description-md5"))
#: Fields that dpkg refuses in a package, and the obsolete ones that would change its version.
_REFUSED = frozenset(
    (b"status", b"config-version", b"triggers-pending", b"triggers-awaited", b"revision", b"package-revision", b"package_revision"),
)
_WORDS = {b"essential": (b"yes", b"no"), b"protected": (b"yes", b"no"), b"multi-arch": (b"foreign", b"allowed", b"same", b"no")}

ARCHIVE_NAME = r"[A-Za-z0-9][A-Za-z0-9+._-]*"
_ARCHITECTURE = r"[A-Za-z0-9][A-Za-z0-9-]*"
# An epoch above 2^31 overflows in dpkg; nine digits are below that.
VERSION = r"(?:[0-9]{1,9}:[0-9][A-Za-z0-9.+~:-]*|[0-9][A-Za-z0-9.+~-]*)(?<!-)"
# apt cannot read "(=1)": an operator of one character with a version of one, and nothing between them.
_RELATION = rf"{ARCHIVE_NAME}(?::{_ARCHITECTURE})?(?:\s*\(\s*(?![<>=][^\s]\))(?:<<|<=|=|>=|>>|<|>)\s*{VERSION}\s*\))?"
_SINGLE = re.compile(rf"\s*{_RELATION}\s*".encode())
_ANY_OF = rf"\s*{_RELATION}\s*(?:\|\s*{_RELATION}\s*)*"
# dpkg refuses a value that begins on the next line.
_START = r"(?![ \t]*\n)"
_ALTERNATIVES = re.compile(rf"{_START}{_ANY_OF}(?:,{_ANY_OF})*".encode())
_LIST = re.compile(rf"{_START}\s*{_RELATION}\s*(?:,\s*{_RELATION}\s*)*".encode())
_RELATIONS = {
    **dict.fromkeys((b"depends", b"pre-depends", b"recommends", b"suggests", b"enhances", b"optional", b"recommended"), _ALTERNATIVES),
    **dict.fromkeys((b"conflicts", b"breaks", b"replaces", b"provides"), _LIST),
}

_IDENTITY = (("Package", re.compile(ARCHIVE_NAME)), ("Version", re.compile(VERSION)), ("Architecture", re.compile(_ARCHITECTURE)))

#: Values that apt takes without a word: it reads these more strictly than dpkg.
_UNREMARKED = {
    "Provides": re.compile(r"(?:[^(]|\(\s*=)*"),
    "Multi-Arch": re.compile(r"\s*(?:foreign|allowed|same|no)\s*"),
    "Phased-Update-Percentage": re.compile(r"\s*(?:0*(?:100|[0-9]{1,2})\b|[^-0-9]).*", re.DOTALL),
}

#: What may follow the digest of a file in Conffiles.
_CONFFILE_MARKS = frozenset((b"obsolete", b"remove-on-upgrade"))

#: Fields that there is a rule for.
_RULED = _REFUSED | _RELATIONS.keys() | _WORDS.keys() | {b"conffiles"}

#: What stands before a value, and the largest byte that may have to be taken off its end.
_BEFORE = frozenset((b" ", b"\t", b"\n"))
_SPACE = 0x20

#: Longest name in the pool; a file name has 255 bytes at most, and stores and caches add to it.
_LONGEST = 200


def parse(data: bytes) -> Control:
    """Check the bytes of a control file. Raises ControlError."""
    check_text(data)
    text = data.strip(LF) + LF
    seen, stanza = _usual(text) or _any(text)
    encoding = _encoding(text)
    fields = {_title(key, encoding): value.lstrip(b" \t").decode(encoding) for key, value in seen.items()}
    _check_identity(fields, seen.get(b"multi-arch", b"").strip().lower())
    return Control(fields, stanza)


def _usual(text: bytes) -> tuple[dict[bytes, bytes], bytes] | None:
    """Fields by their names in lower case, and the stanza, where this is the text itself as packers write it; None where a closer look is needed."""
    found = FIELD.findall(text)
    seen = {_key(name): value for name, value in found}
    if sum(len(name) + len(value) + 2 for name, value in found) != len(text) or len(seen) < len(found):
        return None  # something lies between the fields, or one is there twice
    if not seen.keys().isdisjoint(_OURS) or not all(value[:1] in _BEFORE and value[-1] > _SPACE for value in seen.values()):
        return None
    for key, value in seen.items():
        if key in _RULED:
            _check_field(key, value)
    return seen, text


def _any(text: bytes) -> tuple[dict[bytes, bytes], bytes]:
    """The same of any text, field by field."""
    lines, seen, position = [], dict[bytes, bytes](), 0
    while position < len(text):
        match = FIELD.match(text, position)
        if match is None:
            raise ControlError(f"has a control file with a line that is no field: {_shown(text[position:])}")
        name, value, position = match[1], match[2].rstrip(), match.end()
        key = _key(name)
        if key in seen:
            raise ControlError(f"has the field {_shown(name)} twice in its control file")
        seen[key] = value
        _check_field(key, value)
        if value and key not in _OURS:  # dpkg forgets an empty field as well, and an empty Provides stops apt
            lines.append(name + (b":" if value[:1] in b" \t\n" else b": ") + value)
    if not value:
        raise ControlError(f"has a control file that ends in an empty field, {_shown(name)}")
    return seen, LF.join(lines) + LF


@lru_cache(maxsize=1024)
def _key(name: bytes) -> bytes:
    return name.lower()


@lru_cache(maxsize=1024)
def _title(key: bytes, encoding: str) -> str:
    return key.decode(encoding).title()


def check_text(data: bytes, called: str = "control file") -> None:
    """Refuse what is not one paragraph. Raises ControlError."""
    if not data.strip():
        raise ControlError(f"has an empty {called}")
    if not data.endswith(LF):
        raise ControlError(f"has a {called} without a newline at its end, which dpkg refuses")
    if odd := _CONTROL.search(data):
        raise ControlError(f"has a {called} with the byte 0x{odd[0].hex()} in {_shown(data[data.rfind(LF, 0, odd.start()) + 1 :])}")
    text = data.strip(LF) + LF
    if blank := _BLANK.search(text):
        raise ControlError(f"has a {called} with a blank line after {_shown(text[text.rfind(LF, 0, blank.start()) + 1 :])}")


def _check_field(key: bytes, value: bytes) -> None:
    if key in _REFUSED:
        raise ControlError(f"has the field {_shown(key)} in its control file, which no package may have")
    grammar = _RELATIONS.get(key)
    if grammar is not None and value and not grammar.fullmatch(value):
        raise ControlError(f"has {_wrong_relation(value)} in its {key.decode().title()} field, which apt or dpkg cannot read")
    words = _WORDS.get(key)
    if words is not None and value.strip() and value.strip().lower() not in words:
        raise ControlError(f"has {_shown(value.strip())} in its {key.decode().title()} field, where only {b', '.join(words).decode()} may stand")
    if key == b"conffiles" and (bare := [line for line in value.split(LF) if line.strip() and not _has_digest(line)]):
        raise ControlError(f"has {_shown(bare[0].strip())} without a digest in its Conffiles field, which dpkg refuses")


def _has_digest(conffile: bytes) -> bool:
    return len([word for word in conffile.split() if word not in _CONFFILE_MARKS]) > 1


def remarks(fields: Mapping[str, str]) -> Iterator[str]:
    """What apt remarks on, to every user at every update, although dpkg takes the package: as half sentences."""
    for name, rule in _UNREMARKED.items():
        value = fields.get(name, "")
        if value and not rule.fullmatch(value):
            yield f"has {value.strip()[:80]!r} in its {name} field"


def _wrong_relation(value: bytes) -> str:
    """The first relation that is wrong, for people."""
    wrong = [one for group in value.split(b",") for one in group.split(b"|") if not _SINGLE.fullmatch(one)]
    if not wrong:
        return "a line break before the first name" if value.lstrip(b" \t").startswith(LF) else "alternatives (|)"
    return _shown(wrong[0].strip()) if wrong[0].strip() else "an empty place between its commas and bars"


def _check_identity(fields: Mapping[str, str], multi_arch: bytes) -> None:
    for name, rule in _IDENTITY:
        value = fields.get(name)
        if not value:
            raise ControlError(f"has no {name} in its control file")
        if not rule.fullmatch(value):
            raise ControlError(f"has the {name} {value[:80]!r}, which dpkg refuses")
    package, version, architecture = fields["Package"], fields["Version"], fields["Architecture"]
    if architecture in {"any", "source"} or architecture.startswith("any-") or architecture.endswith("-any"):
        raise ControlError(f"has the Architecture {architecture[:80]!r}, which no built package has")
    if architecture == "all" and multi_arch == b"same":
        raise ControlError("has Multi-Arch: same with Architecture: all, which dpkg refuses")
    if ":" in version.partition(":")[2]:
        raise ControlError(f"has a colon in the Version {version[:80]!r}, which cannot stand in a file name")
    if len(f"{package}_{version}_{architecture}.deb") > _LONGEST:
        raise ControlError(f"has a name and version of more than {_LONGEST} characters: {package[:40]}...")


def _encoding(data: bytes) -> str:
    try:
        data.decode()
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _shown(text: bytes) -> str:
    """The first line for a message: short, and without control characters."""
    start = text.split(LF, 1)[0][:80]
    return repr(start.decode(_encoding(start)))
