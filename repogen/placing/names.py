"""What a file's name says: product, version, system, architecture, C library.

The names follow the customs of GoReleaser (``quiet_1.2.0_linux_amd64``), of Rust's target triples (``rg-14.1.0-x86_64-unknown-linux-musl``), of
electron-builder (``App Setup 1.2.3``, ``app-1.0.0-arm64-mac``), of Debian and of RPM. Everything before the version is the product, except
words for a platform right before it; everything after it is platform or left aside. A name with two different versions says none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from repogen.artifact import Kind
from repogen.platforms import ARCHITECTURE_WORDS, LIBC_WORDS, OFFSPRING, SYSTEM_WORDS
from repogen.readers import endings
from repogen.version import DESCRIBED, EARLY_WORDS


class NameFacts(Struct, frozen=True, kw_only=True):
    """What a name says; empty where it is silent or says two things."""

    product: str = ""
    """As it is written: ``WebRTC Desktop Host``."""
    version: str = ""
    os: str = ""
    arch: str = ""
    libc: str = ""
    words: tuple[str, ...] = ()
    """What stands behind the version and is no platform, in lower case: ``setup``, ``portable``, ``en``, ``us``."""


_HANGING_WORDS = rf"{EARLY_WORDS}|post|build(?=[-.]?\d)"
#: Numbers with dots, and what may hang on them: words such as beta with their numbers, what `git describe` adds, build metadata, a revision.
_VERSION = re.compile(
    rf"""
    (?: (?<![A-Za-z0-9.]) | (?<=[A-Za-z]\.) ) [vV]?
    (?P<version>
        \d+ (?:\.\d+)+
        (?: \.x (?=[-_ ]|$) )?
        (?: (?: [-._~]? (?:{_HANGING_WORDS}) (?![a-z]) (?: [-.]? \d+ (?![A-Za-z]) (?:\.\d+ (?![A-Za-z]))* )? )+
            (?: [-.+] (?=[0-9a-f]*\d) [0-9a-f]{{7,40}} (?![A-Za-z0-9]) )? )?
        (?: {DESCRIBED} )?
        (?: \+ [0-9A-Za-z]+ (?: \.(?!(?:linux|darwin|windows|macos|win|freebsd)) [0-9A-Za-z]+)* )?
    )
    (?: (?P<revision> -\d+ (?:\.\d+)* ) (?P<distribution> (?: [.~+] (?:fc|el|mga|deb|ubuntu|suse|bpo|amzn)\d+ [0-9a-z_]* )* ) (?=[-_. ]|$) )?
    (?! [A-Za-z0-9] | \.\d )
    """,
    re.VERBOSE | re.IGNORECASE,
)
#: ``go1.23.4``: at the beginning of a name, as far as nothing but the platform follows.
_GLUED_NUMBER = re.compile(r"^[A-Za-z]+(?P<version>\d+(?:\.\d+)+)(?![A-Za-z0-9]|\.\d)")
#: A version without a dot counts only where it says that it is one: ``v15``, or a day as eight digits.
_SINGLE_NUMBER = re.compile(r"(?<![A-Za-z0-9.])(?:[vV](?P<version>\d+)|(?P<date>20\d{6}))(?![A-Za-z0-9.])")
_SEPARATORS = "-_ .()[],+"
_TOKEN = re.compile(r"[^-_ .()\[\],+]+")
_X86_64 = re.compile(r"(?<![A-Za-z0-9])x86[-_. ]64(?![A-Za-z0-9])", re.IGNORECASE)
_BITS = re.compile(r"(?<![A-Za-z0-9])(32|64)[-_ ]?bits?(?![A-Za-z0-9])", re.IGNORECASE)
_GLUED = re.compile(
    r"^(linux|darwin|macos|osx|mac|windows|win|freebsd|openbsd|netbsd)[-_]?(amd64|x86_64|x64|arm64|aarch64|i386|i686|386|x86|armv[67]l?|armhf|universal)$",
    re.IGNORECASE,
)
_INSTALLER_WORDS = {"setup", "installer", "install"}
_INSTALLER_ENDINGS = (".exe", ".msi", ".dmg", ".pkg")
_MAC_ENDINGS = (".dmg", ".pkg")
#: Endings of packages that bear a revision of their own behind the version of what is in them.
_PACKAGE_ENDINGS = tuple(ending for kind in (Kind.DEB, Kind.RPM, Kind.PACMAN, Kind.APK) for ending in endings.of_kind(kind))
_CAMEL_INSTALLER = re.compile(r"(?<=[a-z0-9])(?:Setup|Installer)$")
#: Words that may as well belong to a product's name; they count before a version only beside a word that cannot.
_WEAK = {"all", "any", "noarch", "pc", "unknown", "apple", "intel", "silicon", "universal", "arm", "gnu", "musl", "glibc", "msvc"}
#: Those that no product for Macs alone ends with.
_MAC_WORDS = {"universal", "intel", "silicon"}
#: Rust's ``arm-unknown-linux-gnueabihf`` is for ARMv6: https://doc.rust-lang.org/rustc/platform-support.html.
_RUST_ARM = {"gnueabi", "gnueabihf", "musleabi", "musleabihf"}
_OTHER_PLATFORM_WORDS = {"msvc", "mingw", "mingw32", "mingw64", "v1", "v2", "v3", "v4", "8.0"}
_PREPOSITIONS = {"for", "on", "in", "to", "of", "and", "with"}


def parse_name(filename: str) -> NameFacts:
    """The facts in a file's name. Pure, and never fails: what is not understood is empty."""
    stem = _BITS.sub(r"\1bit", _X86_64.sub("x86!64", endings.strip_ending(filename)))
    found = _find_version(stem, packaged=filename.lower().endswith(_PACKAGE_ENDINGS))
    if found is None:
        return _without_version(stem, filename)
    start, end, version = found
    left, before = _strip_platform(stem[:start], filename)
    after = _tokens(stem[end:])
    platform, words = _split_words(after)
    return replace(_platform_facts([*before, *platform]), product=_product(left, filename), version=version, words=tuple(words))


def _without_version(stem: str, filename: str) -> NameFacts:
    if len(_VERSION.findall(stem)) > 1:
        return _platform_facts(_split_words(_tokens(stem))[0])
    glued = _GLUED_NUMBER.match(stem)
    if glued and not _split_words(_tokens(stem[glued.end() :]))[1]:
        return replace(_platform_facts(_tokens(stem[glued.end() :])), product=stem[: glued.start("version")], version=glued["version"])
    left, platform = _strip_platform(stem, filename)
    return replace(_platform_facts(platform), product=_product(left, filename))


def _find_version(stem: str, *, packaged: bool) -> tuple[int, int, str] | None:
    """Where the one version stands; None when there is none, or several that differ. ``packaged``: a revision is the package's, not the version's."""
    matches = [match for match in _VERSION.finditer(stem) if not _is_system_version(stem, match)]
    if not matches:
        matches = [match for match in _SINGLE_NUMBER.finditer(stem) if not _is_level(stem, match)]
    texts = {_release(match, packaged=packaged) for match in matches}
    if len(texts) != 1:
        return None
    return matches[0].start(), matches[0].end(), texts.pop()


def _is_system_version(stem: str, match: re.Match[str]) -> bool:
    """``macos-11.0``: a system's version, which is not the first one in the name."""
    before = _tokens(stem[: match.start()])
    earlier = _VERSION.search(stem[: match.start()])
    return bool(earlier and before and before[-1].lower() in SYSTEM_WORDS)


def _is_level(stem: str, match: re.Match[str]) -> bool:
    """``amd64_v1``: GoReleaser's name for a level of the architecture."""
    before = _tokens(stem[: match.start()])
    return bool(before) and _plain(before[-1]) in ARCHITECTURE_WORDS


def _release(match: re.Match[str], *, packaged: bool) -> str:
    groups = match.groupdict()
    text = groups.get("version") or groups.get("date") or ""
    if not packaged and not groups.get("distribution"):
        text += groups.get("revision") or ""
    return re.sub(rf"[_~](?=(?:{_HANGING_WORDS})(?![a-z]))", "-", text, flags=re.IGNORECASE)


def _strip_platform(text: str, filename: str) -> tuple[str, list[str]]:
    """A product's name without the words for a platform or an installer at its end, and those words. One word always stays."""
    aside = _INSTALLER_WORDS | {"portable"} if filename.lower().endswith(_INSTALLER_ENDINGS) else {"portable"}
    spans = list(_TOKEN.finditer(text))
    keep = len(spans)
    while keep > 1 and (_is_platform(spans[keep - 1][0]) or spans[keep - 1][0].lower() in aside or _is_runner([span[0].lower() for span in spans[:keep]])):
        keep -= 1
    words = [span[0] for span in spans[keep:]]
    weak = _WEAK - _MAC_WORDS if filename.lower().endswith(_MAC_ENDINGS) else _WEAK
    strong = [word for word in words if word.lower() not in weak]
    if not strong or (keep and spans[keep - 1][0].lower() in _PREPOSITIONS):
        keep, words = len(spans), []
    end = spans[keep - 1].end() if keep else 0
    return text[:end], words


def _is_runner(words: Sequence[str]) -> bool:
    """``macos-14``, ``windows-latest``: what a CI service calls its machines."""
    return len(words) > 2 and bool(SYSTEM_WORDS.get(words[-2])) and (words[-1].isdecimal() or words[-1] == "latest")


def _product(text: str, filename: str) -> str:
    name = text.replace("x86!64", "x86_64").strip(_SEPARATORS)
    return _CAMEL_INSTALLER.sub("", name) if filename.lower().endswith((".exe", ".msi")) else name


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _split_words(tokens: Sequence[str]) -> tuple[list[str], list[str]]:
    platform = [token for token in tokens if _is_platform(token)]
    return platform, [token.lower() for token in tokens if not _is_platform(token)]


def _is_platform(token: str) -> bool:
    word = _plain(token)
    return word in SYSTEM_WORDS or word in ARCHITECTURE_WORDS or word in LIBC_WORDS or word in _OTHER_PLATFORM_WORDS or bool(_GLUED.match(word))


def _plain(token: str) -> str:
    return re.sub(r"^(amd64|x86_64)v\d$", r"\1", token.lower().replace("x86!64", "x86_64"))


def _platform_facts(tokens: Sequence[str]) -> NameFacts:
    words = _words(tokens)
    systems = {SYSTEM_WORDS[word] for word in words if SYSTEM_WORDS.get(word)}
    arches = {ARCHITECTURE_WORDS[word] for word in words if word in ARCHITECTURE_WORDS}
    libcs = {LIBC_WORDS[word] for word in words if word in LIBC_WORDS}
    systems -= {OFFSPRING[system] for system in systems if system in OFFSPRING}
    return NameFacts(os=_one(systems), arch=_one(_without_system_words(arches, words)), libc=_one(libcs))


def _words(tokens: Sequence[str]) -> list[str]:
    words: list[str] = []
    for token in tokens:
        glued = _GLUED.match(_plain(token))
        words += [glued[1], glued[2]] if glued else [_plain(token)]
    arm = "arm64" if "64bit" in words else "armv6" if _RUST_ARM.intersection(words) else "arm"
    return [arm if word == "arm" else word for word in words]


def _without_system_words(arches: set[str], words: Sequence[str]) -> set[str]:
    """``win32-x64`` is Node's name for 64-bit Windows: its ``win32`` names the system, and the other word the architecture; so is ``arm-64bit``."""
    named = {ARCHITECTURE_WORDS[word] for word in words if word in ARCHITECTURE_WORDS and word not in SYSTEM_WORDS and word not in {"32bit", "64bit"}}
    return named or arches


def _one(values: set[str]) -> str:
    return values.pop() if len(values) == 1 else ""
