"""Git's loose objects and the files of a bare repository, as bytes: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects.

A repository of loose objects can be cloned from any static HTTP server (https://git-scm.com/docs/http-protocol, "dumb"
protocol): ``HEAD``, ``info/refs``, ``objects/info/packs`` and the objects are all that git asks for. On a disk it wants the reference itself as well.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

REF = "refs/heads/main"
_FILE, _FOLDER = "100644", "40000"


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
    objects: dict[str, GitObject] = {}
    root = _tree(files, objects)
    return root, tuple(objects[id] for id in sorted(objects))


def _tree(files: Mapping[str, bytes], objects: dict[str, GitObject]) -> str:
    folders: dict[str, dict[str, bytes]] = {}
    entries: list[tuple[bytes, str, str]] = []
    for path, content in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            folders.setdefault(name, {})[rest] = content
        else:
            entries.append((name.encode(), _FILE, _keep(git_object("blob", content), objects)))
    entries += [(name.encode(), _FOLDER, _tree(inside, objects)) for name, inside in folders.items()]
    # Git sorts a folder as if its name ended in a slash.
    entries.sort(key=lambda entry: entry[0] + b"/" * (entry[1] == _FOLDER))
    return _keep(git_object("tree", b"".join(mode.encode() + b" " + name + b"\0" + bytes.fromhex(id) for name, mode, id in entries)), objects)


def _keep(made: GitObject, objects: dict[str, GitObject]) -> str:
    objects[made.id] = made
    return made.id


def commit(tree: str, parents: Iterable[str], author: Identity, seconds: int, message: str) -> GitObject:
    """A commit at ``seconds`` since 1970, UTC; ``message`` gets its final line end."""
    who = f"{_header(author.name) or 'unknown'} <{_header(author.email)}> {seconds} +0000"
    lines = [f"tree {tree}", *(f"parent {id}" for id in parents), f"author {who}", f"committer {who}", "", message.rstrip("\n")]
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
