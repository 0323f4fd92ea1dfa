"""Settle what wixl makes up anew each time it packs: the package code and the two dates of an msi's summary.

    python3 msi_summary.py FILE.msi PACKAGE-CODE

The summary is an OLE property set: a value is its type in four bytes (0x1e a counted string, 0x40 a FILETIME)
and then its content, so both can be written over where they stand.
"""

import os
import re
import struct
import sys
from pathlib import Path

CODE = re.compile(rb"\x1e\0\0\0\x27\0\0\0\{[0-9A-F-]{36}\}")
# The FILETIMEs of 2001 to 2057 end in these two bytes; nothing else in the summary does.
DATE = re.compile(rb"\x40\0\0\0.{6}[\xc0-\xff]\x01", re.DOTALL)


def settled(msi, code, seconds):
    """The bytes of the msi with this package code, and these seconds since 1970 as its dates."""
    found = CODE.search(msi)
    if not found:
        raise SystemExit("the msi has no package code in its summary")
    start, end = msi.rindex(b"\xfe\xff\0\0", 0, found.start()), found.end() + 512
    filetime = struct.pack("<Q", (seconds + 11_644_473_600) * 10_000_000)
    summary = CODE.sub(b"\x1e\0\0\0\x27\0\0\0{" + code.encode() + b"}", msi[start:end])
    return msi[:start] + DATE.sub(b"\x40\0\0\0" + filetime, summary) + msi[end:]


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_bytes(settled(file.read_bytes(), sys.argv[2], int(os.environ["SOURCE_DATE_EPOCH"])))
