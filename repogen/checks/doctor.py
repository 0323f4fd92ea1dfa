"""Whether this machine can build and publish: its tools, its configuration and its signing keys, with what to mend.

destination_check.py and published_check.py look at the other end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from repogen import amounts, dates
from repogen.catalog import PublicKey
from repogen.checks.findings import Finding, error, of_error, ok, warning
from repogen.config import Config
from repogen.errors import RepogenError
from repogen.scanning.input_files import find_files
from repogen.signing.gpg_home import open_gpg, private_home
from repogen.signing.signer import open_signer

_LOOPBACK = re.compile(r"https?://(localhost|127\.|\[::1\])")
_OLDEST_GPG = (2, 2)


def check_tools(environ: Mapping[str, str]) -> list[Finding]:
    """GnuPG and its agent, the only programs that repogen needs; both are started."""
    try:
        with private_home(environ) as home:
            version: tuple[int, ...] = open_gpg(home, environ).version
    except RepogenError as caught:
        return [of_error("tools", caught)]
    written = ".".join(map(str, version))
    if version < _OLDEST_GPG:
        return [error("tools", f"GnuPG is of version {written}, which is too old", "install GnuPG 2.2 or later")]
    return [ok("tools", f"GnuPG {written} and its agent start")]


def check_configuration(config: Config, path: Path) -> Iterator[Finding]:
    """What a valid repogen.toml may still have wrong."""
    yield ok("configuration", f"{path} is for {config.title} at {config.url}/")
    if _LOOPBACK.match(config.url):
        yield warning("configuration", f"[repo] url {config.url} is an address of this machine alone", "write the address that the destination is served from")
    elif config.url.startswith("http://"):
        remedy = "serve it by https: Homebrew, Chocolatey and browsers trust nothing else"
        yield warning("configuration", f"[repo] url {config.url} is not protected on its way", remedy)


def check_input(config: Config, base: Path) -> Finding:
    """Whether there are release files to build from."""
    try:
        found = find_files(config.input.paths, base, config.input.ignore)
    except RepogenError as caught:
        return warning("input", caught.message, caught.hint)
    if not found:
        return warning("input", f"there is no release file in {', '.join(config.input.paths)}", "put the next release's files there before `repogen build`")
    return ok("input", f"{amounts.count(len(found), 'release file')} in {', '.join(config.input.paths)}")


def check_signing(keys: Sequence[str], base: Path, environ: Mapping[str, str]) -> tuple[list[Finding], tuple[PublicKey, ...]]:
    """Open the keys and sign with them, as a build would; the public keys are empty where that fails."""
    found: list[Finding] = []
    try:
        with open_signer(keys, base=base, environ=environ, date=dates.stamp(datetime.now(UTC)), report=found.append) as signer:
            signer.check(signer.clear(b"repogen doctor\n"))
    except RepogenError as caught:
        return [*found, of_error("key", caught)], ()
    signs = (ok("key", f"the key {key.fingerprint} ({key.algorithm}) opens and signs") for key in signer.public_keys)
    return [*signs, *found], signer.public_keys
