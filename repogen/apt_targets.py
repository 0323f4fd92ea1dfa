"""Whether the systems that a new package is for can have it: some suite must take it, and dpkg there must be able to unpack it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from repogen.apt_suites import Suite, rules
from repogen.artifact import DebFacts, SourceFacts
from repogen.config import Config
from repogen.errors import InputError
from repogen.placing.settle import Settled

#: Debian up to 11 and Ubuntu up to 16.04, whose dpkg knows no zstd.
_WITHOUT_ZSTD = frozenset(("wheezy", "jessie", "stretch", "buster", "bullseye", "trusty", "xenial"))


def check_targets(files: Iterable[Settled], config: Config) -> Iterator[str]:
    """Sentences about systems that cannot unpack one of the files, as far as they are packages for apt.

    Raises InputError for one that no suite takes, and so nobody could install, and for one that is for Debian's installer.
    """
    suites: dict[str, list[Suite]] = {}  # by channel: the same for thousands of files
    for settled in files:
        if settled.channel not in suites:
            suites[settled.channel] = [suite for suite in rules(config, (settled.channel,)) if settled.channel in suite.channels]
        yield from _of_file(settled, suites[settled.channel], config)


def _of_file(settled: Settled, suites: list[Suite], config: Config) -> Iterator[str]:
    facts, name = settled.file.reading.facts, settled.file.name
    if not isinstance(facts, DebFacts | SourceFacts):
        return
    if name.endswith(".udeb") or (isinstance(facts, DebFacts) and b"\nPackage-Type: udeb\n" in facts.stanza):
        raise InputError(f"{name} is a package for the Debian installer (udeb), which no installed system can use", hint="list it in [input] ignore")
    takers = [suite for suite in suites if suite.takes(name, facts.version)]
    if not takers:
        tried = ", ".join(suite.name for suite in suites) or "none is there"
        raise InputError(
            f"{name} ({settled.channel}) belongs to none of the [[apt.suite]] tables of its channel: {tried}",
            hint="add a table for it, widen a table's match, or name the file in [input] ignore",
        )
    if settled.file.reading.packed == "zstd" and (old := sorted(_old(takers, config))):
        yield f"{name} is packed with zstd, which dpkg of {' and '.join(old)} cannot unpack: build it with `dpkg-deb -Zxz`"


def _old(suites: list[Suite], config: Config) -> set[str]:
    return {config.apt.oldest, *(suite.distribution for suite in suites)} & _WITHOUT_ZSTD
