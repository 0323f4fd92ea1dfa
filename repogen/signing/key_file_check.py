"""Whether a file of public keys is one that every client reads.

apt 2 goes by the name: ``.asc`` is armored text with LF line ends, ``.gpg`` is binary. apt 3 reads no keybox, and would swallow a secret key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from repogen import dates
from repogen.catalog import PublicKey
from repogen.checks.findings import Finding, error
from repogen.errors import SigningError
from repogen.signing.key_check import FIRST_WARNING, check_certificate
from repogen.signing.openpgp_certificate import Certificate, certificates
from repogen.signing.openpgp_packets import dearmor, is_armored

FOREVER = 1 << 62
_KEYBOX = b"KBXf"


def check_file(name: str, content: bytes, now: float) -> list[Finding]:
    """What is wrong with a key file and with each key in it. ``name`` is its path, for messages; its ending counts."""
    findings = list(_form(name, content))
    try:
        keys = read_keys(name, content)
    except SigningError as caught:
        return [*findings, error("file", caught.message, caught.hint)]
    if any(key.secret for key in keys):
        remedy = "take it away at once, change to a new key if anyone could read it, and publish what `repogen keys export` writes"
        findings.append(error("secret", f"{name} holds a SECRET key", remedy))
    return findings + [finding for key in keys if not key.secret for finding in check_certificate(key, now)]


def check_public_key(key: PublicKey, now: float) -> list[Finding]:
    """What is wrong with a key of this site and with the two files that users get it in."""
    return [*_form(f"{key.fingerprint}.asc", key.armored.encode()), *check_file(f"{key.fingerprint}.gpg", key.binary, now)]


def quiet_until(keys: Iterable[PublicKey], now: float) -> int:
    """Until when there is nothing to say of these keys, in seconds since 1970: 0 where there is something now, FOREVER where nothing will come."""
    some = tuple(keys)
    if any(check_public_key(key, now) for key in some):
        return 0
    return min((int(dates.parse(key.expires).timestamp()) - FIRST_WARNING for key in some if key.expires), default=FOREVER)


def read_keys(name: str, content: bytes) -> tuple[Certificate, ...]:
    """The keys in an armored or binary file. Raises SigningError where there is none."""
    keys = certificates(dearmor(content, name) if is_armored(content) else content, name)
    if not keys:
        raise SigningError(f"{name} holds no key", hint="publish what `repogen keys export` writes")
    return keys


def _form(name: str, content: bytes) -> Iterator[Finding]:
    armored, export = is_armored(content), "publish what `repogen keys export` writes"
    if content[8:12] == _KEYBOX:
        yield error("form", f"{name} is a keybox of GnuPG, which apt 3 does not read", export)
    elif name.endswith(".gpg") and armored:
        yield error("form", f"{name} is armored text under the name of a binary key, which apt 2 refuses", export)
    elif name.endswith(".asc") and not armored:
        yield error("form", f"{name} is binary under the name of an armored key, which apt 2 refuses", export)
    if armored and b"\r" in content:
        yield error("form", f"{name} has CRLF line ends, which apt 2 refuses", export)
    if not name.endswith((".asc", ".gpg")):
        yield error("form", f"{name} ends neither in .asc (armored) nor in .gpg (binary), so that apt does not read it", export)
