"""Versions of releases: their order, their channel, and the release a package belongs to.

Order is that of https://semver.org/#spec-item-11 for semantic versions and the natural one elsewhere: numbers by
value, ``1.0`` equal to ``1.0.0``, and whatever follows the first ``-`` or ``~``, or a word such as ``rc``, before the plain version; what `git describe`
puts behind a version comes after it. Build metadata counts last: Flutter's ``1.0.0+10`` comes after ``1.0.0+9``.
"""

from __future__ import annotations

import re
from functools import lru_cache

_NIGHTLY_WORDS = "nightly|dev|snapshot|canary|daily|pr(?=\\d)"
_BETA_WORDS = "alpha|beta|rc|cr(?=\\d)|pre|prerelease|preview|next|milestone|candidate|ea|insiders?|experimental|unstable|a(?=\\.?\\d)|b(?=\\.?\\d)"
#: The words that make a version an early one, as a regular expression; no letter follows them.
EARLY_WORDS = f"{_NIGHTLY_WORDS}|{_BETA_WORDS}"
#: What `git describe` puts behind the last version: how many commits ago it was, and where it is now.
DESCRIBED = r"-\d+-g[0-9a-f]{7,40}(?:-dirty)?(?![0-9A-Za-z])"

_NIGHTLY = re.compile(rf"(?:(?:^|[-.~+_]|(?<=\d))(?:{_NIGHTLY_WORDS})(?:[-.~+_\d]|$))|{DESCRIBED}", re.IGNORECASE)
_BETA = re.compile(rf"(?:[-.~_]|(?<=\d))(?:{_BETA_WORDS})(?:[-.~+_\d]|$)", re.IGNORECASE)
_EARLY_REVISION = re.compile(rf"^(?:{EARLY_WORDS})(?![a-z])", re.IGNORECASE)
_DESCRIBED = re.compile(DESCRIBED)
#: Where such a word begins that no ``-`` stands before: ``2.0rc1``, ``2.0a1``, ``2.0.Beta3``, ``2.0_pre``.
_EARLY = re.compile(rf"(?<=\d)[._]?(?=(?:{EARLY_WORDS})(?![a-z]))", re.IGNORECASE)
#: The same as fpm puts it into an rpm, whose version has no hyphen.
_DESCRIBED_IN_RPM = re.compile(r"_([0-9]+)_(?=g[0-9a-f]{7,40}(?![0-9A-Za-z]))")
_CODENAMES = "buster|bullseye|bookworm|trixie|forky|sid|bionic|focal|jammy|noble|plucky|questing"
#: What a package built for one distribution bears: ``~bookworm1``, ``+deb12u1``, ``~ubuntu22.04.1``. It is the same release everywhere.
_DISTRIBUTION = re.compile(rf"(?:[~+](?:deb(?:ian)?|ubuntu|bpo|{_CODENAMES})(?![a-z])[0-9.u~+]*)+$")
#: The words in a package's version that only name the distribution that it is built for: of debs behind ``~`` or ``+``, of rpms their tag.
_BUILT_FOR = re.compile(
    rf"(?<=[~+])(?:(?:deb(?:ian)?|bpo)[0-9]+|ubuntu[0-9]{{2}}\.[0-9]{{2}}|(?:{_CODENAMES})(?![a-z]))"
    r"|(?<=[-._+])(?:(?:el|fc|amzn|mga)[0-9]+(?:_[0-9]+)?|[lb]p[0-9]{3})(?=$|[._+~^])",
    re.ASCII,
)
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+~_-]{0,127}")

# Ranks of the parts of a sort key.
_BEFORE, _END, _NUMBER, _WORD = range(4)


def is_version(text: str) -> bool:
    """Whether a version can be written so: it stands in paths, in every client's indices and in commands."""
    return _VERSION.fullmatch(text) is not None


@lru_cache(maxsize=65536)
def channel_of(version: str) -> str:
    """``stable``, ``beta`` or ``nightly`` by the words in a version."""
    if _NIGHTLY.search(version):
        return "nightly"
    return "beta" if _BETA.search(version) or "~" in version else "stable"


@lru_cache(maxsize=65536)
def version_key(version: str) -> tuple[object, ...]:
    """A key to sort by: ``2.0.0-beta.3`` < ``2.0.0-beta.10`` < ``2.0.0rc1`` < ``2.0.0`` < ``2.0.1``."""
    plain, _, build = _DESCRIBED.sub(lambda found: found[0].replace("-", "."), version).partition("+")
    core, _, prerelease = _EARLY.sub("~", plain.lower()).replace("-", "~").partition("~")
    key = _parts(core)
    while key and key[-1] == (_NUMBER, 0, ""):
        key.pop()
    if prerelease:
        key += [(_BEFORE, 0, ""), *_parts(prerelease)]
    return (*key, (_END, 0, ""), tuple(_parts(build.lower())), build)


def _parts(text: str) -> list[tuple[int, int, str]]:
    found = re.findall(r"(\d+)|([a-z]+)", text)
    return [(_NUMBER, int(number), "") if number else (_WORD, 0, word) for number, word in found]


@lru_cache(maxsize=65536)
def release_version(package_version: str) -> str:
    """The version of a release out of a package's: no epoch, no revision, no distribution, ``~`` as ``-``, and rpm's ``^`` as ``+``.

    ``1:1.4.0-2`` is release ``1.4.0``; ``2.0.0~beta.3-1`` and ``2.0.0-beta.3`` are both ``2.0.0-beta.3``; ``1.0^git1`` is ``1.0+git1``.
    What `git describe` adds is no revision: ``1.2.3-5-gabcdef0``, and ``1.2.3_5_gabcdef0`` in an rpm.
    """
    version = _DESCRIBED_IN_RPM.sub(r"-\1-", package_version.split(":", 1)[-1])
    upstream, _, revision = version.rpartition("-")
    described = _DESCRIBED.search(version)
    if upstream and not _EARLY_REVISION.match(revision) and not (described and described.end() > len(upstream)):
        version = upstream
    version = _DISTRIBUTION.sub("", version)
    return version.replace("~", "-", 1).replace("^", "+")


@lru_cache(maxsize=65536)
def for_every_distribution(package_version: str) -> str:
    """A package's version without the distribution that it is built for: ``1.0-2~bookworm1`` and ``1.0-2~trixie1`` are the same revision."""
    return _BUILT_FOR.sub("", package_version)
