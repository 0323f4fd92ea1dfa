"""Whether the systems that a package is for can have it: some suite must take it, and dpkg there must be able to unpack it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from repogen.apt_suites import Suite, takers
from repogen.artifact import Artifact, DebFacts, SourceFacts
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.edits import Edit, Promote
from repogen.errors import InputError, UsageError
from repogen.placing.settle import Settled

#: Debian up to 11 and Ubuntu up to 16.04, whose dpkg knows no zstd.
_WITHOUT_ZSTD = frozenset(("wheezy", "jessie", "stretch", "buster", "bullseye", "trusty", "xenial"))


def check_targets(files: Iterable[Settled], config: Config) -> Iterator[str]:
    """Sentences about systems that cannot unpack one of the files, as far as they are packages for apt.

    Raises InputError for one that no suite takes, and so nobody could install, and for one that is for Debian's installer.
    """
    suites: dict[str, tuple[Suite, ...]] = {}  # by channel: the same for thousands of files
    for settled in files:
        if settled.channel not in suites:
            suites[settled.channel] = takers(config, settled.channel)
        yield from _of_file(settled, suites[settled.channel], config)


def _of_file(settled: Settled, suites: tuple[Suite, ...], config: Config) -> Iterator[str]:
    facts, name = settled.file.reading.facts, settled.file.name
    if not isinstance(facts, DebFacts | SourceFacts):
        return
    if name.endswith(".udeb") or (isinstance(facts, DebFacts) and b"\nPackage-Type: udeb\n" in facts.stanza):
        raise InputError(f"{name} is a package for the Debian installer (udeb), which no installed system can use", hint="list it in [input] ignore")
    taking = [suite for suite in suites if suite.takes(name, facts.version)]
    if not taking:
        raise InputError(_of_none(name, settled.channel, suites), hint="add a table for it, widen a table's match, or name the file in [input] ignore")
    if settled.file.reading.packed == "zstd" and (old := sorted(_old(taking, config))):
        yield f"{name} is packed with zstd, which dpkg of {' and '.join(old)} cannot unpack: build it with `dpkg-deb -Zxz`"


def check_promoted(before: Catalog, after: Catalog, edits: Iterable[Edit], config: Config) -> None:
    """Raises UsageError where a promote would bring a package into a channel of which no suite takes it."""
    there = {(a.path, a.channel) for a in before.artifacts}
    for edit in (edit for edit in edits if isinstance(edit, Promote)):
        brought = after.by_release.get((edit.product, edit.version, edit.to), ())
        for artifact in lost(brought, config):
            if (artifact.path, artifact.channel) not in there:
                sentence = _of_none(artifact.filename, edit.to, takers(config, edit.to))
                raise UsageError(sentence, hint="add a table for it, or widen a table's match")


def lost(artifacts: Iterable[Artifact], config: Config) -> Iterator[Artifact]:
    """Those that are packages for apt, and that no suite of their channel takes."""
    suites: dict[str, tuple[Suite, ...]] = {}
    for artifact in artifacts:
        facts = artifact.facts
        if isinstance(facts, DebFacts | SourceFacts):
            if artifact.channel not in suites:
                suites[artifact.channel] = takers(config, artifact.channel)
            if not any(suite.takes(artifact.filename, facts.version) for suite in suites[artifact.channel]):
                yield artifact


def _of_none(name: str, channel: str, suites: Iterable[Suite]) -> str:
    tried = ", ".join(suite.name for suite in suites) or "none is there"
    return f"{name} ({channel}) belongs to none of the [[apt.suite]] tables of its channel: {tried}"


def _old(suites: list[Suite], config: Config) -> set[str]:
    return {config.apt.oldest, *(suite.distribution for suite in suites)} & _WITHOUT_ZSTD
