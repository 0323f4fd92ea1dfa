"""Lists of update packages of Squirrel.Windows and Velopack, as far as they speak of packages: whether they name those that were released.

A list names the packages of older versions too, which need not be here: what is not published is not offered.
"""

from __future__ import annotations

from collections.abc import Iterable

from repogen.artifact import Artifact, Kind, PackageEntry, PackageListFacts, UpdatePackageFacts
from repogen.catalog import Catalog
from repogen.errors import InputError
from repogen.version import version_key

_REMEDY = "put all that Squirrel or vpk wrote in one run among the release files, and nothing of another run"


def check_lists(artifacts: Iterable[Artifact], published: Catalog) -> None:
    """Compare lists among these artifacts with the packages that they name. Raises InputError where they differ, and for a package that none names."""
    artifacts = tuple(artifacts)
    new = {a.filename: a for a in artifacts if a.kind is Kind.UPDATE}
    lists = [(a, a.facts) for a in artifacts if isinstance(a.facts, PackageListFacts)]
    if not new and not lists:
        return
    former = {a.filename: a for a in published.kept if a.kind is Kind.UPDATE}
    for list_, facts in lists:
        for entry in facts.entries:
            if package := new.get(entry.name) or former.get(entry.name):
                _check(list_.filename, entry, package)
            elif version_key(entry.version) >= version_key(list_.version):
                raise InputError(f"{list_.filename} names {entry.name}, which is not among the release files", hint=_REMEDY)
    named = {entry.name for _, facts in lists for entry in facts.entries}
    for name in sorted(new.keys() - named - former.keys()):
        raise InputError(f"{name} is an update package that no RELEASES and no releases.<channel>.json among the release files names", hint=_REMEDY)


def _check(name: str, said: PackageEntry, package: Artifact) -> None:
    facts = package.facts
    if said.size != package.size:
        raise InputError(f"{name} says that {package.filename} has {said.size} bytes, but it has {package.size}", hint=_REMEDY)
    if isinstance(facts, UpdatePackageFacts) and said.sha1 and said.sha1 != facts.sha1:
        raise InputError(f"{name} was written for another {package.filename}: its SHA-1 differs", hint=_REMEDY)
    if said.sha256 and said.sha256 != package.sha256:
        raise InputError(f"{name} was written for another {package.filename}: its SHA-256 differs", hint=_REMEDY)
