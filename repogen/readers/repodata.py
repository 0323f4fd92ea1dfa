"""What a yum repository carries as it came: ``modules.yaml`` and ``productid``.

Their form belongs to others (https://github.com/fedora-modularity/libmodulemd, and Red Hat's subscription-manager), so that no more is
looked at than whether they are such files at all. createrepo_c's modifyrepo takes them by the same names.
"""

from __future__ import annotations

import re
from pathlib import Path

from repogen.artifact import Kind
from repogen.errors import InputError
from repogen.readers import Digests, Reading, endings
from repogen.readers.text import read_text

_MODULE = re.compile(r"^document:[ \t]*[\"']?modulemd", re.MULTILINE)
_CERTIFICATE = "-----BEGIN CERTIFICATE-----"


def read(path: Path, digests: Digests) -> Reading:
    """The whole text. Raises InputError where it is another one than its name says."""
    text = read_text(path, digests.size)
    if endings.kind_by_name(path.name) is Kind.PRODUCTID:
        if _CERTIFICATE not in text:
            raise InputError(f"{path.name} holds no certificate", hint="a productid file is an X.509 certificate in PEM form")
        return Reading(kind=Kind.PRODUCTID, text=text)
    if not _MODULE.search(text):
        raise InputError(f"{path.name} holds no module metadata", hint="each document in it says `document: modulemd` or another of libmodulemd's kinds")
    return Reading(kind=Kind.MODULES, text=text)
