"""The Contents indices: which package brings a file (https://wiki.debian.org/DebianRepository/Format#A.22Contents.22_indices).

apt-file and the like fetch them when they are set up to. Only the gz form is published, as the archives do; Release names the plain one too, since
apt passes over an index whose plain form it does not find there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from repogen import layout
from repogen.artifact import Artifact, DebFacts
from repogen.formats.apt.indices import Plain

_SECTION = re.compile(rb"^Section:[ \t]*(\S+)", re.MULTILINE | re.IGNORECASE)


def contents(components: Sequence[str], architectures: Sequence[str], debs: Sequence[Artifact]) -> Iterator[Plain]:
    """One index for each component and architecture. A package that came in before anybody asked for its files is not in it."""
    facts = [(layout.apt_component(a.path), a.facts) for a in debs if isinstance(a.facts, DebFacts)]
    for component in components:
        for architecture in architectures:
            wanted = (f for where, f in facts if where == component and f.architecture in {architecture, "all"})
            yield Plain(f"{component}/Contents-{architecture}", _table(wanted), (".gz",))


def _table(debs: Iterable[DebFacts]) -> bytes:
    """A line for each file, sorted: its path, and the packages that bring it in any version, as ``section/package``."""
    places: dict[bytes, set[bytes]] = {}
    for facts in debs:
        section = _SECTION.search(facts.stanza)
        package = facts.package.encode()
        place = section[1] + b"/" + package if section else package
        for path in (facts.files or b"").splitlines():
            places.setdefault(path, set()).add(place)
    return b"".join(b"%-55s %s\n" % (path, b",".join(sorted(places[path]))) for path in sorted(places))
