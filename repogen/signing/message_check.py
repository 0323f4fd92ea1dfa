"""Whether a clear-signed message of somebody else is by a key that may sign such messages, as gpg sees it.

Status lines: https://github.com/gpg/gnupg/blob/master/doc/DETAILS . The message itself must be whole, with nothing around it: gpg would pass over that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from repogen.signing.gpg_home import open_gpg
from repogen.signing.key_file_check import read_keys
from repogen.signing.openpgp_packets import dearmor, is_armored

_STATUS = re.compile(r"^\[GNUPG:\] (GOODSIG|BADSIG|EXPSIG|EXPKEYSIG|REVKEYSIG|ERRSIG) (\S+)(.*)$", re.MULTILINE)
#: What a status other than GOODSIG means; ``{}`` is the key.
_FAULTS = {
    "BADSIG": "was changed after {} had signed it",
    "EXPSIG": "has a signature by {} that has expired",
    "EXPKEYSIG": "is signed by {}, which has expired",
    "REVKEYSIG": "is signed by {}, which is revoked",
    "ERRSIG": "has a signature by {} that gpg cannot check, or takes for too weak",
}
_UNKNOWN = "9"


def check_keys(name: str, content: bytes) -> bytes:
    """The binary public keys in a file. Raises SigningError where there is none."""
    read_keys(name, content)
    return dearmor(content, name) if is_armored(content) else content


def faults_of_messages(messages: Mapping[str, Path], keys: bytes, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Name and fault of each message, by its local file, that none of these binary public keys signed."""
    with TemporaryDirectory(prefix="repogen-") as folder:
        home = Path(folder)
        (home / "keys.gpg").write_bytes(keys)
        gpg = open_gpg(home, environ)
        checking = ["--no-default-keyring", "--keyring", str(home / "keys.gpg"), "--weak-digest", "SHA1"]
        for name, path in messages.items():
            said = str(gpg.verify(path.read_bytes(), extra_args=checking).stderr)
            if fault := fault_of(said):
                yield name, fault


def fault_of(said: str) -> str:
    """What is wrong by gpg's status lines; empty where one signature is good and none is false."""
    found = _STATUS.findall(said)
    worst = next((one for one in found if one[0] == "BADSIG"), None) or next((one for one in found if one[0] == "GOODSIG"), None)
    status, key, rest = worst or (found[0] if found else ("", "", ""))
    if status == "GOODSIG":
        return ""
    if not status:
        return "is not signed"
    if status == "ERRSIG" and rest.split()[4:5] == [_UNKNOWN]:
        return f"is signed by the key {(rest.split()[5:] or [key])[0]}, which is none of them"
    return _FAULTS[status].format(f"the key {key}")
