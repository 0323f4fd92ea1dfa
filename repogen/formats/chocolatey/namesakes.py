"""Versions that are not to NuGet what they are to their makers: https://learn.microsoft.com/nuget/concepts/package-versioning.

It takes build metadata for no part of a version, and knows no channels.
"""

from __future__ import annotations

from collections.abc import Iterator

from repogen.artifact import Kind, NupkgFacts
from repogen.catalog import Catalog
from repogen.chocolatey_rule import is_listed
from repogen.formats.chocolatey.versions import normalised
from repogen.formats.chocolatey.wanted import for_windows
from repogen.windows_rule import choose


def namesakes(catalog: Catalog) -> Iterator[str]:
    """A sentence for each release of this date that has files for Windows and gets no package, since another version has it."""
    owners = {(a.facts.id, a.facts.version): a.version for a in catalog.kept if a.kind is Kind.NUPKG and isinstance(a.facts, NupkgFacts)}
    for release in for_windows(catalog):
        version = normalised(release.version)
        if not version or choose(catalog.files_of(release), catalog.product(release.product)) is None:
            continue
        owner = owners.setdefault((release.product, version), release.version)
        if owner != release.version and release.date == catalog.date:
            yield (
                f"{release.product} {release.version} gets no Chocolatey package: to NuGet it is the version {version}, "
                f"which {release.product} {owner} has already; change more than what follows the +"
            )


def unlisted(catalog: Catalog) -> Iterator[str]:
    """A sentence for each package of this date that choco offers by its number alone."""
    for artifact in catalog.select(Kind.NUPKG):
        if artifact.date == catalog.date and isinstance(artifact.facts, NupkgFacts) and not is_listed(catalog, artifact):
            version = artifact.facts.version
            yield (
                f"{artifact.product} {artifact.version} is in channel {artifact.channel}, but to NuGet it is no prerelease: choco brings it to nobody "
                f"but who asks for --version={version}; a version such as {version}-{artifact.channel}1 is offered with --pre"
            )
