"""Side files: signatures, block maps, SBOMs and update manifests go out as they came.

Some are looked into: an appcast of Sparkle, for its signatures; a list of update packages of Squirrel or Velopack, which are compared with it; a
control file of zsync, which describes an AppImage; an electron-updater manifest
(``latest.yml``), which names its version and its files, and so its release; and a signature of Tauri's bundler, which its manifest repeats
(https://v2.tauri.app/plugin/updater/): base64 of a minisign signature.
A secret key that lies among the release files is refused, since its name ends as a signature's does.
"""

from __future__ import annotations

import re
from pathlib import Path

from repogen.artifact import Kind, SignatureFacts
from repogen.errors import InputError
from repogen.readers import Digests, Reading, endings
from repogen.readers.text import read_text

_SECRET_TEXT = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY|^untrusted comment: .*(?:secret|encrypted) key", re.MULTILINE | re.IGNORECASE)
#: First byte of a secret key packet (tag 5), in the old and new forms: https://www.rfc-editor.org/rfc/rfc9580#section-4.2
_SECRET_PACKET = (b"\x94", b"\x95", b"\x96", b"\xc5")
#: How base64 of "untrusted comment: " begins.
_TAURI = re.compile(rb"dW50cnVzdGVkIGNvbW1lbnQ6[A-Za-z0-9+/]{100,4000}={0,2}\s*")


def read(path: Path, digests: Digests) -> Reading:
    """The version and text of an update manifest; nothing of any other side file. Raises InputError for a secret key."""
    with path.open("rb") as file:
        head = file.read(1 << 16)
    if _SECRET_TEXT.search(head) or (path.suffix.lower() in {".sig", ".asc", ".gpg", ".pem"} and head.startswith(_SECRET_PACKET)):
        raise InputError(f"{path.name} holds a secret key, which must never be published", hint="move it out of the release files")
    if path.suffix.lower() == ".sig" and _TAURI.fullmatch(head):
        return Reading(kind=Kind.SIDE, facts=SignatureFacts(text=head.decode("ascii").strip()))
    if path.name.lower() == "appcast.xml":
        from repogen.readers import appcast

        return Reading(kind=Kind.SIDE, facts=appcast.parse(path.name, path.read_bytes()))
    if endings.is_package_list(path.name):
        from repogen.readers.package_list import parse as package_list

        return Reading(kind=Kind.SIDE, facts=package_list(path.name, read_text(path, digests.size)))
    if path.suffix.lower() == ".zsync":
        from repogen.readers.zsync import parse as zsync_facts

        return Reading(kind=Kind.SIDE, facts=zsync_facts(path.name, head))
    if not path.name.lower().endswith((".yml", ".yaml")):
        return Reading(kind=Kind.SIDE)
    from repogen.readers.electron_manifest import parse

    facts = parse(path.name, read_text(path, digests.size))
    return Reading(kind=Kind.SIDE, version=facts.version, facts=facts) if facts else Reading(kind=Kind.SIDE)
