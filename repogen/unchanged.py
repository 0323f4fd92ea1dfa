"""Whether a build would come to what the last one came to, told without opening a release file, a key's lock or a template.

Everything that a build reads is put into one mark: the stamps of the release files, the configuration, the options, the secret key as it is
given, and the stamps of repogen's own files. While mark, destination and output folder stay the same, there is nothing to do. Little is
imported here, since this is most of what an unchanged build costs.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence

import msgspec

from repogen import dates, signing_key
from repogen.artifact import Artifact
from repogen.catalog import Catalog
from repogen.code_mark import PACKAGE, code_mark
from repogen.config import Config
from repogen.input_files import FoundFile, find_files
from repogen.output import Output
from repogen.record import Built, Options
from repogen.snapshot import Snapshot, load
from repogen.stores import Store

#: A file that changed within the clock's last tick could change once more and look the same.
TICK_NS = 20_000_000


def unchanged(config: Config, options: Options, store: Store | None) -> Built | None:
    """What the last build came to, where this one would come to the same; None where that takes a closer look."""
    output = Output(options.output)
    with output.locked():
        mark = inputs_mark(config, options)
        last = output.record()
        if last is None or not mark or last.inputs != mark:
            return None
        published = load(store) if store else Snapshot()
        if last.base != published.identity or not asks_for(options, last.date) or not output.holds(last):
            return None
        return Built(last, unpublished(last.additions.artifacts, published.catalog), changed=False)


def inputs_mark(config: Config, options: Options) -> str:
    """A digest of all that a build reads; empty where a release file has changed so recently that its stamp cannot tell."""
    now = time.time_ns()
    found = find_files(config.input.paths, options.base, config.input.ignore)
    if any(is_fresh(file, now) for file in found):
        return ""
    read = (found, config, options.channel, key_digest(config, options), code_mark(PACKAGE, "formats", "readers", "_resources", "../templates", "../site"))
    return hashlib.sha256(msgspec.msgpack.encode(read)).hexdigest()


def is_fresh(file: FoundFile, now: int) -> bool:
    """Whether a file changed so recently that it could change once more and keep its stamp."""
    return now - max(file.stamp.ctime_ns, file.stamp.mtime_ns) <= TICK_NS


def key_digest(config: Config, options: Options) -> str:
    """Digest that tells one secret key from another without opening it; empty for an unsigned build."""
    return "" if options.unsigned else hashlib.sha256(signing_key.find(config.signing.key, options.base, options.environ).data).hexdigest()


def asks_for(options: Options, date: str) -> bool:
    """Whether these options leave a state of this date as it is."""
    asked = dates.requested(options.date, options.environ)
    return asked is None or dates.stamp(asked) == date


def unpublished(artifacts: Sequence[Artifact], published: Catalog) -> tuple[Artifact, ...]:
    """The artifacts that the published catalog does not have."""
    there = {(a.path, a.channel) for a in published.artifacts}
    return tuple(a for a in artifacts if (a.path, a.channel) not in there)
