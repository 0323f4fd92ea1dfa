"""What Windows will hold against files, and what its package managers cannot install: a sentence each, for all files alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from repogen.artifact import Artifact, Authenticode, InstallerFacts, Kind
from repogen.catalog import Product
from repogen.windows_rule import way

_MOST_NAMED = 3


def windows_warnings(artifacts: Sequence[Artifact], products: Mapping[str, Product]) -> Iterator[str]:
    """Sentences about these files; ``products`` by id."""
    seen = {artifact.path: artifact for artifact in artifacts if artifact.os == "windows" and artifact.kind in {Kind.EXE, Kind.MSI}}
    files = [seen[path] for path in sorted(seen)]
    signed = {file.filename: signature for file in files if (signature := _authenticode(file))}
    if names := [name for name, signature in signed.items() if not signature.signer]:
        yield f"{_few(names)} {'has' if len(names) == 1 else 'have'} no Authenticode signature, so that Windows warns whoever runs what was downloaded"
    if names := [name for name, signature in signed.items() if signature.signer and not signature.timestamp]:
        what = "a signature without a time stamp, which ends with its certificate; sign with /tr (signtool) or -ts (osslsigncode)"
        yield f"{_few(names)} {'has' if len(names) == 1 else 'have'} {what}"
    if names := [file.filename for file in files if way(file, products[file.product]) is None]:
        kind = "is an installer of an unknown make" if len(names) == 1 else "are installers of unknown make"
        yield f"{_few(names)} {kind}, so that choco, winget and install.ps1 leave it out; say in [[product]] silent_args how it runs without questions"


def _authenticode(artifact: Artifact) -> Authenticode | None:
    return artifact.facts.authenticode if isinstance(artifact.facts, InstallerFacts) else None


def _few(names: Sequence[str]) -> str:
    return ", ".join(sorted(names)[:_MOST_NAMED]) + (f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else "")
