"""Pack a folder as a .tar.gz or .zip whose bytes depend on its content and SOURCE_DATE_EPOCH alone.

    python3 archive.py OUT.tar.gz FOLDER
    python3 archive.py OUT.zip FOLDER

GNU tar and zip could do it, but macOS has other ones; every release machine has Python.
"""

import gzip
import io
import os
import sys
import tarfile
import time
import zipfile
from pathlib import Path

EPOCH = int(os.environ["SOURCE_DATE_EPOCH"])


def members(folder):
    """Files of the folder with the folder's own name before them, and whether each is a program."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder.parent).as_posix(), path.read_bytes(), os.access(path, os.X_OK)


def write_tar(out, folder):
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data, program in members(folder):
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode = len(data), EPOCH, 0o755 if program else 0o644
            tar.addfile(info, io.BytesIO(data))
    Path(out).write_bytes(gzip.compress(plain.getvalue(), 9, mtime=EPOCH))


def write_zip(out, folder):
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, program in members(folder):
            info = zipfile.ZipInfo(name, time.gmtime(EPOCH)[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = (0o100755 if program else 0o100644) << 16
            archive.writestr(info, data)


if __name__ == "__main__":
    target, source = sys.argv[1], Path(sys.argv[2])
    (write_zip if target.endswith(".zip") else write_tar)(target, source)
