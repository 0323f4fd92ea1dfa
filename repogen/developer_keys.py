"""The keys by which source packages must be signed: ``[apt] developer_keys``.

What is published already was checked when it came in, so that a key that has expired since then harms nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from repogen.artifact import Artifact, Kind
from repogen.catalog import Catalog
from repogen.errors import InputError, SigningError, UsageError


def read_key_files(names: Sequence[str], base: Path) -> dict[str, bytes]:
    """Content of each file, relative to ``base``, by its name. Raises UsageError."""
    try:
        return {name: (base / name).read_bytes() for name in names}
    except OSError as error:
        raise UsageError(
            f"[apt] developer_keys: {error.filename} cannot be read: {error.strerror}", hint="name files that `gpg --export FINGERPRINT` writes"
        ) from error


def check_sources(
    artifacts: Iterable[Artifact], sources: Mapping[str, str], published: Catalog, files: Mapping[str, bytes], environ: Mapping[str, str]
) -> None:
    """Refuse each new .dsc that none of the keys in these files signed. Nothing is checked where there is no file. Raises InputError."""
    there = {(a.path, a.sha256) for a in published.by_kind.get(Kind.DSC, ())}
    new = {a.filename: Path(sources[a.path]) for a in artifacts if a.kind is Kind.DSC and (a.path, a.sha256) not in there}
    if not files or not new:
        return
    from repogen.signing.message_check import check_keys, faults_of_messages

    try:
        keys = b"".join(check_keys(name, content) for name, content in files.items())
    except SigningError as error:
        raise UsageError(f"[apt] developer_keys: {error.message}", hint="name files that `gpg --export FINGERPRINT` writes") from error
    for name, fault in faults_of_messages(new, keys, environ):
        raise InputError(
            f"{name} {fault}: it must be signed by a key in {', '.join(files)} ([apt] developer_keys)",
            hint="sign it with `debsign`, or name the file with its developer's public key there",
        )
