"""The tables ``[apt]`` and ``[[apt.suite]]`` of repogen.toml, as config.py reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

HASHES = ("sha256", "sha512")

_NAME = r"[a-z0-9][a-z0-9.+-]*"
_COMPONENT = r"[a-z0-9][a-z0-9.+-]*(?:/[a-z0-9][a-z0-9.+-]*)*"
_ARCHITECTURE = r"(?!all$)[a-z0-9][a-z0-9-]*"
_FOR_ALL = "use lower-case letters, digits and '-'; packages for all architectures are in each of them"


class AptSuiteConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[apt.suite]]``: a suite of the apt repository. A channel that no such table takes is a suite of its own name, as all are without tables."""

    name: str
    """What users write after ``Suites:``, ``bookworm``."""
    codename: str = ""
    """Release's Codename; the name when absent. Never change it: clients refuse."""
    distribution: str = ""
    """VERSION_CODENAME of the systems it is for, by which install.sh chooses; the codename when absent."""
    channels: tuple[str, ...] = ("stable",)
    """Channels whose packages it takes. With ``stable`` among them, apt installs from it unasked."""
    match: tuple[str, ...] = ()
    """Which of these packages: texts in the file name or the version (``~bookworm``, ``+deb12u``), or globs over the whole of either; all when empty."""
    ignore: tuple[str, ...] = ()
    """Which of them not, in the same form."""
    components: tuple[str, ...] = ()
    """Components that every suite has even while they are empty; those of the packages all suites have."""
    architectures: tuple[str, ...] = ()
    """Architectures that it has even while they are empty; those of ``[apt]`` when absent."""
    version: str = ""
    """Release's Version; that of ``[apt]`` when absent."""
    description: str = ""
    """Release's Description; that of ``[apt]`` when absent."""


class AptConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[apt]``: how the apt repository introduces itself."""

    origin: str = ""
    """Release's Origin; ``[repo] title`` when absent. Never change it: clients refuse."""
    label: str = ""
    """Release's Label; ``[repo] title`` when absent. Never change it either."""
    version: str = ""
    """Release's Version."""
    description: str = ""
    """Release's Description, one line."""
    changelogs: str = ""
    """Where ``apt changelog`` finds a package's changelog: an address with ``@CHANGEPATH@`` in it, which stands for ``main/h/hello/hello_1.0-1``."""
    architectures: tuple[str, ...] = ()
    """Architectures that every suite has even while they are empty, so that no client of theirs complains; those of the packages are always there. Beside
    packages for some architectures, those for all of them reach only machines of an architecture that is there; alone they reach every machine."""
    hashes: tuple[str, ...] = ("sha256",)
    """Digests in Release: ``sha256``, and ``sha512`` beside it, which no client asks for."""
    zst: bool = False
    """Write ``Packages.zst`` too, beside the plain, gz and xz forms."""
    oldest: str = ""
    """Codename of the oldest Debian or Ubuntu that the packages are for, where no ``[[apt.suite]]`` says it: a warning tells what it cannot unpack."""
    valid_for: int = 0
    """Days after which clients refuse the repository unless it was renewed, against old states that someone serves again; 0: never. Once half of them are
    over, ``repogen build`` renews it although nothing is new: let it and ``repogen publish`` run on a schedule."""
    translations: bool | None = None
    """Write long descriptions once, into ``Translation-en``; where they weigh more than a megabyte when absent."""
    contents: bool = False
    """Write ``Contents-<architecture>.gz``, by which apt-file finds the package of a file. Every new deb is then unpacked, which takes many times longer
    than reading it; debs that are published already are not listed."""
    developer_keys: tuple[str, ...] = ()
    """Files with public keys of developers, armored or binary, relative to repogen.toml. Every new source package must be signed by one of these keys; when
    absent, signatures of source packages are published as they are."""
    suite: tuple[AptSuiteConfig, ...] = ()
    """See ``[[apt.suite]]``."""


def is_component(name: str) -> bool:
    """Whether a component can be called so: it names folders of the pool and of each suite."""
    return re.fullmatch(_COMPONENT, name) is not None


def faults(apt: AptConfig) -> Iterator[tuple[str, str]]:
    """What cannot be in these tables: pairs of a sentence and its remedy."""
    for text in (apt.origin, apt.label, apt.version, apt.description, apt.changelogs, *(text for s in apt.suite for text in (s.version, s.description))):
        if re.search(r"[\x00-\x1f\x7f]", text):
            yield f"[apt] {text!r} has a line break or control character", "write it in one line"
    if apt.changelogs and "@CHANGEPATH@" not in apt.changelogs:
        yield f"[apt] changelogs {apt.changelogs!r} has no @CHANGEPATH@", 'write it as "https://acme.example/changelogs/@CHANGEPATH@"'
    if not 0 <= apt.valid_for <= 3650:
        yield f"[apt] valid_for {apt.valid_for} is no number of days", "write one between 1 and 3650, or leave it out"
    if apt.hashes != tuple(h for h in HASHES if h in apt.hashes) or HASHES[0] not in apt.hashes:
        yield f"[apt] hashes {list(apt.hashes)!r} cannot be", 'write ["sha256"] or ["sha256", "sha512"]'
    seen: set[str] = set()
    for suite in apt.suite:
        yield from _suite_faults(suite)
        if suite.name in seen:
            yield f"[[apt.suite]] {suite.name!r} is there twice", "join the two tables"
        seen.add(suite.name)
    yield from _wrong("[apt] architectures", apt.architectures, _ARCHITECTURE, _FOR_ALL)


def _suite_faults(suite: AptSuiteConfig) -> Iterator[tuple[str, str]]:
    where = f"[[apt.suite]] {suite.name}:"
    yield from _wrong("[[apt.suite]] name", (suite.name,), _NAME)
    yield from _wrong(f"{where} codename", (suite.codename,) if suite.codename else (), _NAME)
    yield from _wrong(f"{where} distribution", (suite.distribution,) if suite.distribution else (), _NAME)
    yield from _wrong(f"{where} components", suite.components, _COMPONENT, "write it as 'contrib'")
    yield from _wrong(f"{where} architectures", suite.architectures, _ARCHITECTURE, _FOR_ALL)
    if not suite.channels:
        yield f"{where} it takes no channel", "name one in channels, or leave the key out for stable"


def _wrong(what: str, words: tuple[str, ...], rule: str, hint: str = "use lower-case letters, digits and - . +") -> Iterator[tuple[str, str]]:
    for word in words:
        if not re.fullmatch(rule, word):
            yield f"{what} {word!r} cannot be one", hint
