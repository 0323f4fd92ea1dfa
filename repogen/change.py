"""An edit from the published catalog to the published site, in one go: nothing but the destination and the key is needed.

    head -> edit -> render, sign -> plan -> the same way as publish

The output folder of the user's own builds is left alone: the next build stands upon the edited catalog anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from repogen.assemble import assemble, open_signing, stand_upon
from repogen.config import Config
from repogen.edits import Edit, Reinstate
from repogen.errors import ProtectionError, UsageError
from repogen.manifest import Entry
from repogen.options import Options
from repogen.output import Output
from repogen.publish import Progress, Published, bring
from repogen.record import Additions, Record
from repogen.snapshot import Snapshot, load
from repogen.stores import Store
from repogen.tree import Stage


def change(config: Config, options: Options, store: Store, edit: Edit, progress: Progress = lambda _: None) -> Published:
    """Apply an edit to what is published, and publish the result. Raises UsageError when the edit does not fit it."""
    held = _held(store, edit) if isinstance(edit, Reinstate) else None
    with _workplace() as output:
        return bring(store, output, partial(_edited, config, options, store, output, edit, None), progress, held)


def _held(store: Store, edit: Reinstate) -> dict[str, Entry]:
    """The files of a withdrawn version, which only the store has. Raises ProtectionError when one was deleted since."""
    artifacts = [a for w in load(store).catalog.withdrawn if edit.names(w.release) for a in w.artifacts]
    for artifact in artifacts:
        if store.stat(artifact.path) is None:
            raise ProtectionError(f"{artifact.path} was deleted after {edit.product} {edit.version} was withdrawn", hint="release it again under a new version")
    return {a.path: Entry(a.size, a.sha256, Stage.PAYLOAD) for a in artifacts}


@contextmanager
def _workplace() -> Iterator[Output]:
    """An output folder that lives as long as the edit."""
    with TemporaryDirectory(prefix="repogen-") as folder:
        yield Output(Path(folder))


def _edited(config: Config, options: Options, store: Store, output: Output, edit: Edit, only_upon: int | None, snapshot: Snapshot) -> Record:
    """The record of the edit upon this snapshot."""
    if not snapshot.number:
        raise UsageError(f"nothing is published in {store.address}", hint="`repogen build` and `repogen publish` bring the first release there")
    if only_upon not in {None, snapshot.number}:
        raise ProtectionError(f"somebody else published snapshot {snapshot.number} meanwhile", hint="look at `repogen releases`, then say it again")
    catalog = snapshot.catalog
    options = replace(options, unsigned=not catalog.keys)
    upon = stand_upon(options, output, store, snapshot)
    with open_signing(config, options, upon) as signer:
        additions = Additions(keys=signer.public_keys if signer else (), package_keys=catalog.package_keys, edits=(edit,))
        return assemble(config, upon, signer, additions, {}).record
