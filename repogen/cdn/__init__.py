"""What a publish asks of a CDN: to forget what has changed, and to show that it has.

A CDN is a module here with ``purge(config, paths, mark, patience)``, named in ``cdn_config.KINDS``. It returns when the CDN says that it has
forgotten these paths of the site; whether that is so is seen by reading them back through the public address. Payload never changes at its
address and is never purged.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module

from repogen import amounts
from repogen.cdn.patience import Patience
from repogen.config import Config
from repogen.errors import CdnError
from repogen.manifest import Manifest
from repogen.tree import Stage

_LOG = logging.getLogger("repogen")

#: Stands for every file that may change, where naming them all would make the head long.
EVERYTHING = "*"
_MOST_NAMED = 1_000
_MOST_TOLD = 20


def remembered(*parts: Iterable[str]) -> tuple[str, ...]:
    """These paths as the head keeps them until they are purged."""
    paths = sorted({path for part in parts for path in part})
    return (EVERYTHING,) if EVERYTHING in paths or len(paths) > _MOST_NAMED else tuple(paths)


def purge(config: Config, unpurged: Sequence[str], manifest: Manifest) -> None:
    """Purge the paths that a head remembers, wait, and read them back as the manifest has them. Raises CdnError with the paths.

    The destination is whole before and after; only what the CDN kept of it may be old.
    """
    digests = _digests(unpurged, manifest)
    if not digests or not config.cdn.kind:
        return
    _LOG.info("%s is asked to purge %s", config.cdn.kind, amounts.count(len(digests), "file"))
    try:
        import_module(f"repogen.cdn.{config.cdn.kind}").purge(config, tuple(digests), _mark(digests), Patience(config.cdn.timeout))
    except CdnError as error:
        raise _failed(error.message, dict.fromkeys(digests, ""), error.hint) from error
    from repogen.cdn.public_site import stale

    _LOG.info("reading %s back through %s/", amounts.count(len(digests), "file"), config.url)
    if faults := stale(config.url, digests, Patience(config.cdn.timeout)):
        raise _failed(
            f"{config.url}/ does not serve what was published", faults, "look at what caches it, and for how long; docs/publishing.md tells how to set it"
        )


def _digests(unpurged: Sequence[str], manifest: Manifest) -> dict[str, str]:
    paths = manifest if EVERYTHING in unpurged else unpurged
    return {path: manifest[path].sha256 for path in paths if path in manifest and manifest[path].stage != Stage.PAYLOAD}


def _mark(digests: Mapping[str, str]) -> str:
    return hashlib.sha256("".join(f"{path}\0{sha256}\n" for path, sha256 in sorted(digests.items())).encode()).hexdigest()[:40]


def _failed(problem: str, faults: Mapping[str, str], hint: str) -> CdnError:
    told = [f"  {path}{f' {fault}' if fault else ''}" for path, fault in sorted(faults.items())]
    more = [f"  and {amounts.count(len(told) - _MOST_TOLD, 'more file')}"] if len(told) > _MOST_TOLD else []
    head = f"{problem}; users may get old copies of {amounts.count(len(told), 'file')}:"
    return CdnError("\n".join([head, *told[:_MOST_TOLD], *more]), hint=f"{hint}. The destination itself is whole: `repogen publish` again only purges again")
