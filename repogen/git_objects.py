"""Git's loose objects and the files of a bare repository, as bytes: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects.

A repository of loose objects can be cloned from any static HTTP server (https://git-scm.com/docs/http-protocol, "dumb"
protocol): ``HEAD``, ``info/refs``, ``objects/info/packs`` and the objects are all that git asks for. On a disk it wants the reference itself as well.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

REF = "refs/heads/main"
_FILE, _LINK, _FOLDER = "100644", "120000", "40000"


class GitObject(NamedTuple):
    """One object: its id (40 hexadecimal digits) and the bytes of its loose file."""

    id: str
    loose: bytes


class Identity(NamedTuple):
    """Author and committer."""

    name: str
    email: str


def git_object(kind: str, content: bytes) -> GitObject:
    """An object of kind ``blob``, ``tree`` or ``commit``."""
    data = f"{kind} {len(content)}\0".encode() + content
    return GitObject(hashlib.sha1(data, usedforsecurity=False).hexdigest(), stored(data))


def stored(data: bytes) -> bytes:
    """A zlib stream of stored blocks (RFC 1950 and 1951), so that the bytes do not depend on any zlib's version."""
    size = 0xFFFF
    blocks = [data[start : start + size] for start in range(0, len(data), size)] or [b""]
    body = b"".join(struct.pack("<BHH", index == len(blocks) - 1, len(block), len(block) ^ 0xFFFF) + block for index, block in enumerate(blocks))
    return b"\x78\x01" + body + struct.pack(">I", zlib.adler32(data))


def snapshot(files: Mapping[str, bytes]) -> tuple[str, tuple[GitObject, ...]]:
    """Objects of a work tree of plain files (path to content): the id of its root tree, and all blobs and trees once each."""
    blobs = {path: git_object("blob", content) for path, content in files.items()}
    root, trees = tree({path: blob.id for path, blob in blobs.items()})
    objects = {made.id: made for made in (*blobs.values(), *trees)}
    return root, tuple(objects[id] for id in sorted(objects))


def tree(blobs: Mapping[str, str], links: Collection[str] = ()) -> tuple[str, tuple[GitObject, ...]]:
    """Trees of a work tree (path to the id of its blob), of which ``links`` are symbolic: the id of the root, and all trees once each."""
    objects: dict[str, GitObject] = {}
    root = _tree({path: (_LINK if path in links else _FILE, id) for path, id in blobs.items()}, objects)
    return root, tuple(objects[id] for id in sorted(objects))


def _tree(blobs: Mapping[str, tuple[str, str]], objects: dict[str, GitObject]) -> str:
    folders: dict[str, dict[str, tuple[str, str]]] = {}
    entries: list[tuple[bytes, str, str]] = []
    for path, (mode, id) in blobs.items():
        name, slash, rest = path.partition("/")
        if slash:
            folders.setdefault(name, {})[rest] = mode, id
        else:
            entries.append((name.encode(), mode, id))
    entries += [(name.encode(), _FOLDER, _tree(inside, objects)) for name, inside in folders.items()]
    # Git sorts a folder as if its name ended in a slash.
    entries.sort(key=lambda entry: entry[0] + b"/" * (entry[1] == _FOLDER))
    return _keep(git_object("tree", b"".join(mode.encode() + b" " + name + b"\0" + bytes.fromhex(id) for name, mode, id in entries)), objects)


def _keep(made: GitObject, objects: dict[str, GitObject]) -> str:
    objects[made.id] = made
    return made.id


def commit(tree: str, parents: Iterable[str], author: Identity, seconds: int, message: str, *, written: int | None = None) -> GitObject:
    """A commit at ``seconds`` since 1970, UTC, of what was ``written`` then or earlier; ``message`` gets its final line end."""
    who = f"{_header(author.name) or 'unknown'} <{_header(author.email)}>"
    dates = f"author {who} {seconds if written is None else written} +0000", f"committer {who} {seconds} +0000"
    lines = [f"tree {tree}", *(f"parent {id}" for id in parents), *dates, "", message.rstrip("\n")]
    return git_object("commit", ("\n".join(lines) + "\n").encode())


def _header(text: str) -> str:
    """As part of an author line: ``git fsck`` refuses angle brackets and line ends there."""
    kept = "".join(c for c in text if c not in "<>" and c.isprintable())
    return kept.encode(errors="ignore").decode().strip(" .,:;\"'\\")


def object_path(repository: str, id: str) -> str:
    """Site path of an object of the repository at ``repository`` (``homebrew/acme.git``)."""
    return f"{repository}/objects/{id[:2]}/{id[2:]}"


def head_file() -> bytes:
    return f"ref: {REF}\n".encode()


def ref_file(head: str) -> bytes:
    """The reference as git itself reads it, in a copy of the site."""
    return f"{head}\n".encode()


def refs_file(head: str) -> bytes:
    """``info/refs``, what ``git update-server-info`` writes: the one file that changes with a commit."""
    return f"{head}\t{REF}\n".encode()
