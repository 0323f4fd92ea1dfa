"""The story of an adoption: the files that an old repository names are built and published as a release, one channel after another.

The packages themselves are read, as those of any release are, since an index of another tool leaves out what ours need. Each channel is a
snapshot of its own, so that an adoption that was cut is gone on with by saying it again: what is published already is nothing new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct
from msgspec.structs import replace

from repogen import amounts
from repogen.adopting.channels import channels_of
from repogen.adopting.repositories import Old, find_repositories
from repogen.adopting.source import Source
from repogen.artifact import Artifact, Kind
from repogen.build import build
from repogen.catalog import in_order, repodata_filename
from repogen.config import Config
from repogen.errors import InputError
from repogen.indices.indexed import Indexed
from repogen.options import Options
from repogen.publish import Published, publish
from repogen.signing.message_check import check_keys
from repogen.signing.verification import Verifier, open_verifier
from repogen.state import load
from repogen.stores import Store
from repogen.upload import Progress

_REMEDY = "[[yum.group]] makes groups (comps), and release notes make advisories (updateinfo)"
_BLOCK = 1 << 20
_THREADS = 8


class Adoption(Struct, frozen=True, kw_only=True):
    """What is to be taken over."""

    channels: tuple[tuple[Old, str], ...]
    """Each old repository with its channel."""

    def files(self, channel: str) -> tuple[Indexed, ...]:
        """The files of all repositories that go to a channel, each once, sorted."""
        found = {file.path: file for old, name in self.channels if name == channel for file in old.files}
        return tuple(found[path] for path in sorted(found))

    def modules(self, channel: str) -> tuple[bytes, ...]:
        """The module metadata of all repositories that go to a channel, each once."""
        return tuple(dict.fromkeys(old.modules for old, name in self.channels if name == channel and old.modules))


class Adopted(Struct, frozen=True, kw_only=True):
    """One channel, as it was taken over."""

    channel: str
    new: tuple[Artifact, ...]
    """What was not published yet."""
    published: Published


def plan_adoption(
    config: Config, options: Options, store: Store, source: Source, told: Mapping[str, str], channel: str | None, keyring: Path | None
) -> Adoption:
    """Read the indices of the source. ``told`` and ``channel``: see channels; ``keyring`` is a file of the keys that must have signed them.

    Raises InputError and UsageError.
    """
    snapshot = load(store, environ=options.environ)
    ours = snapshot.manifest if source.address == store.address else ()
    with _verifying(keyring, options) as verifier:
        olds = find_repositories(source, ours, verifier)
    return Adoption(channels=channels_of(olds, config, snapshot.catalog.channels, told, channel))


@contextmanager
def _verifying(keyring: Path | None, options: Options) -> Iterator[Verifier | None]:
    if keyring is None:
        yield None
        return
    try:
        content = keyring.read_bytes()
    except OSError as error:
        raise InputError(f"{keyring} cannot be read: {error.strerror}", hint="--keyring takes a file of public keys, armored or binary") from error
    with open_verifier(check_keys(str(keyring), content), options.environ) as verifier:
        yield verifier


def adopt(config: Config, options: Options, store: Store, source: Source, adoption: Adoption, progress: Progress = lambda _: None) -> Iterator[Adopted]:
    """Build and publish, channel by channel. Raises whatever a build raises; InputError where a file is not what the index names."""
    for channel in in_order(channel for _, channel in adoption.channels):
        with TemporaryDirectory(prefix="repogen-") as folder:
            output = Path(folder) / "public"
            files = _here(source, adoption.files(channel), output / ".repogen/work")
            if not files:
                continue
            files += _modules(adoption.modules(channel), output / ".repogen/work")
            release = replace(config, input=replace(config.input, paths=tuple(map(str, files))))
            asked = replace(options, output=output, channel=channel)
            new = build(release, asked, store).new
            yield Adopted(channel=channel, new=new, published=publish(release, asked, store, progress))


def _here(source: Source, files: Iterable[Indexed], work: Path) -> list[Path]:
    """Each file on this machine. What is fetched goes to the work folder of the output, from where it is moved to its place."""
    work.mkdir(parents=True)

    def checked(indexed: Indexed) -> Path:
        file = source.local(indexed.path, work)
        if not _is_as_named(file, indexed):
            raise InputError(
                f"{indexed.path} in {source.address} is not what its index names",
                hint="restore it, or let the tool that made the repository write its indices again",
            )
        return file

    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(checked, files))


def _modules(texts: Iterable[bytes], work: Path) -> Iterator[Path]:
    """Module metadata as files of a release, which join one another in the channel's repositories."""
    for number, text in enumerate(texts, 1):
        file = work / f"{number}.{repodata_filename(Kind.MODULES)}"
        file.write_bytes(text)
        yield file


def _is_as_named(file: Path, indexed: Indexed) -> bool:
    algorithm, digest = indexed.strongest
    made = hashlib.new(algorithm, usedforsecurity=False)
    with file.open("rb") as content:
        while block := content.read(_BLOCK):
            made.update(block)
    return file.stat().st_size == indexed.size and made.hexdigest() == digest


def summary(adoption: Adoption) -> Iterator[str]:
    """A line for each old repository."""
    for old, channel in adoption.channels:
        yield f"{old}: {amounts.count(len(old.files), 'file')} for the channel {channel}"
        if old.left:
            yield f"{old}: not taken over: {', '.join(old.left)}; {_REMEDY}"
