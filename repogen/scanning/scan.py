"""Release files in, what each of them says of itself out: digested and read, each file once."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from msgspec import Struct

from repogen.errors import InputError
from repogen.readers import Digests, Reading
from repogen.scanning.input_files import FoundFile
from repogen.scanning.scan_cache import Known, ScanCache
from repogen.scanning.wishes import Wishes
from repogen.taking import Copies

_MOST_SHOWN = 20


class Scanned(Struct, frozen=True):
    """One release file as it was found."""

    path: str
    """Absolute."""
    name: str
    digests: Digests
    reading: Reading

    @property
    def folder(self) -> str:
        return self.path.rpartition(os.sep)[0]


def scan(
    found: Sequence[FoundFile],
    *,
    sha512: bool = True,
    contents: bool = False,
    cache: ScanCache | None = None,
    copies: Copies | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> tuple[Scanned, ...]:
    """What each of the release files says of itself; ``contents``: with the files that each deb installs; ``copies`` takes in small ones that are opened.

    Checksum lists among them are compared with the files that they name. ``meanwhile`` is called when files are about to be read and no process will
    be forked any more, for other work. Raises InputError, which names every file that is
    damaged, unreadable, odd or changed while it was read.
    """
    known = cache.lookup(found, sha512=sha512, contents=contents) if cache else {}
    missing = [file for file in found if file.path not in known]
    if missing:
        known |= _read(missing, cache, Wishes(sha512, contents, copies), meanwhile)
    scanned = tuple(Scanned(file.path, file.name, *known[file.path]) for file in found)
    _check_sums(scanned)
    return scanned


def _read(files: Sequence[FoundFile], cache: ScanCache | None, wishes: Wishes, meanwhile: Callable[[], object]) -> dict[str, Known]:
    from repogen.scanning.many_files import read_files

    outcomes = read_files(files, wishes, meanwhile=meanwhile)
    good = {path: (o.digests, o.reading) for path, o in outcomes.items() if o.digests is not None and o.reading is not None}
    if cache:
        cache.store({file: good[file.path] for file in files if file.path in good})
    failed = (outcomes[path] for path in sorted(outcomes) if outcomes[path].message)
    bad = [InputError(outcome.message, hint=outcome.hint) for outcome in failed]
    if bad:
        raise _joined(bad)
    return good


def _joined(errors: Sequence[InputError]) -> InputError:
    """All that is wrong in one error, so that nobody mends a release file by file."""
    if len(errors) == 1:
        return errors[0]
    lines = [f"  {error.message}" for error in errors[:_MOST_SHOWN]]
    if len(errors) > _MOST_SHOWN:
        lines.append(f"  and {len(errors) - _MOST_SHOWN} more")
    return InputError("\n".join([f"{len(errors)} release files cannot be published:", *lines]), hint=errors[0].hint)


def _check_sums(scanned: Sequence[Scanned]) -> None:
    lists = [file for file in scanned if file.reading.kind == "sums"]
    if lists:
        from repogen.scanning.sums import check_sums

        check_sums(lists, scanned)
