"""From a tree that asks for signatures to a tree that has them.

A signature whose content and keys are those of the published one is carried over as it is: signing again would only
give other bytes, and every publish would upload the signatures of all old releases.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct

from repogen.manifest import Manifest, published_file
from repogen.signing import Signer
from repogen.tree import File, SignMode, Tree


class Signed(Struct, frozen=True):
    """A signed tree, and what each signature is over (see manifest.Entry.signs)."""

    tree: Tree
    signs: dict[str, str]


def add_signatures(tree: Tree, signer: Signer, published: Manifest) -> Signed:
    """Make every signature that the tree asks for, some at a time."""
    keys = "+".join(key.fingerprint for key in signer.public_keys)
    files: dict[str, File] = {}
    signs: dict[str, str] = {}
    wanted: list[tuple[str, File, SignMode]] = []
    for file in tree.values():
        for path, mode in file.signatures.items():
            signs[path] = f"{file.sha256}:{mode}:{keys}"
            if path in published and published[path].signs == signs[path]:
                files[path] = published_file(published[path])
            else:
                wanted.append((path, file, mode))
    with ThreadPoolExecutor(4) as pool:
        made = pool.map(lambda item: _sign(signer, item[1], item[2]), wanted)
        files.update({path: File(content, file.stage) for (path, file, _), content in zip(wanted, made, strict=True)})
    return Signed(tree | Tree(files), signs)


def _sign(signer: Signer, file: File, mode: SignMode) -> bytes:
    content = file.content
    if not isinstance(content, bytes):
        raise TypeError("only texts that a format rendered can ask for a signature")
    return signer.clear(content) if mode is SignMode.CLEAR else signer.detached(content)
