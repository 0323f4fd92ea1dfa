"""Whether a build would come to what the last one came to, told without opening a release file, a key's lock or a template.

Everything that a build reads is put into one mark: the stamps of the release files, the configuration, the options, the secret key as it is
given, and the stamps of repogen's own files. While mark, destination and output folder stay the same, there is nothing to do. Little is
imported for it, since that is most of what an unchanged build costs.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from repogen import dates
from repogen.code_mark import PACKAGE, code_mark
from repogen.config import Config
from repogen.options import Options
from repogen.package_keys import read_package_keys
from repogen.scanning.input_files import FoundFile, find_files, is_fresh
from repogen.seal import Seal, is_whole, read_seal
from repogen.signing import signing_key
from repogen.stores import Store


class Inputs(Struct, frozen=True):
    """What a build reads."""

    found: list[FoundFile]
    """The release files. Whoever has read them may empty it, since there may be very many."""
    mark: str
    """A digest of these and of all else; empty where one has changed so recently that its stamp cannot tell."""


def look_at_inputs(config: Config, options: Options) -> Inputs:
    """The inputs as they are now."""
    found = find_files(config.input.paths, options.base, config.input.ignore)
    return Inputs(list(found), _mark(config, options, found))


def is_unchanged(inputs: Inputs, config: Config, options: Options, store: Store | None, report: Callable[[str], None]) -> bool:
    """Whether the output folder is what a build would make of it. False where that takes a closer look; ``report`` hears what is to be said of the keys."""
    seal = read_seal(options.output)
    if seal is None or seal.inputs != inputs.mark or not _asks_for(config, options, seal.date):
        return False
    if _published(store) not in {seal.base, seal.makes} or not is_whole(options.output, seal):
        return False
    return seal.quiet_until > time.time() or _keys_may_sign(seal, report)


def _keys_may_sign(seal: Seal, report: Callable[[str], None]) -> bool:
    """Say of the keys what a whole build would say; False when one has expired, so that it says more."""
    from repogen.catalog import PublicKey
    from repogen.signing.key_file_check import check_public_key

    keys = msgspec.msgpack.decode(seal.keys, type=tuple[PublicKey, ...])
    now = time.time()
    if any(key.expires and dates.parse(key.expires).timestamp() <= now for key in keys):
        return False
    for key in keys:
        for finding in check_public_key(key, now):
            report(finding.line)
    return True


def _mark(config: Config, options: Options, found: Sequence[FoundFile]) -> str:
    now = time.time_ns()
    if any(is_fresh(file, now) for file in found):
        return ""
    own = code_mark(PACKAGE, "formats", "readers", "writers", "_resources", "../templates", "../site")
    keys = _key_digest(config, options), read_package_keys(config.yum.extra_keys, options.base), _developer_keys(config, options)
    read = (found, config, str(options.base), options.channel, options.accept_identity_change, keys, _licences(config, options), own)
    return hashlib.sha256(msgspec.msgpack.encode(read)).hexdigest()


def _key_digest(config: Config, options: Options) -> str:
    """Digest that tells some secret keys from others without opening them; empty for an unsigned build."""
    if options.unsigned:
        return ""
    return hashlib.sha256(b"".join(text.data for text in signing_key.find(config.signing.all_keys, options.base, options.environ))).hexdigest()


def _developer_keys(config: Config, options: Options) -> dict[str, bytes]:
    if not config.apt.developer_keys:
        return {}
    from repogen.developer_keys import read_key_files

    return read_key_files(config.apt.developer_keys, options.base)


def _licences(config: Config, options: Options) -> dict[str, str]:
    if not any(table.chocolatey.license_file for table in config.product):
        return {}
    from repogen.licence_files import read_licence_files

    return read_licence_files(config, options.base)


def _asks_for(config: Config, options: Options, date: str) -> bool:
    """Whether these options leave a state of this date as it is, and it need not be renewed."""
    asked = dates.requested(options.date, options.environ)
    return (asked is None or dates.stamp(asked) == date) and not dates.half_over(date, config.apt.valid_for, asked or datetime.now(UTC))


def _published(store: Store | None) -> str:
    if store is None:
        return ""
    from repogen.state import current_identity

    return current_identity(store)
