"""From a tree that asks for signatures to a tree that has them.

Signatures are verified with the public keys that users get before they are written.
A signature whose content and keys are those of the published one is carried over as it is: signing again would only
give other bytes, and every publish would upload the signatures of all old releases.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice

from repogen.manifest import Manifest, published_file
from repogen.signing.signer import Signer
from repogen.tree import File, SignMode, Tree

_AT_ONCE = 4
_BATCH = 2000


class Signing:
    """Signatures in the making: gpg's agent works at the first parts of a site while the others are rendered."""

    def __init__(self, signer: Signer, published: Manifest, pool: ThreadPoolExecutor) -> None:
        self._signer = signer
        self._keys = "+".join(key.fingerprint for key in signer.public_keys)
        self._published = published
        self._pool = pool
        self._signs: dict[str, str] = {}
        self._standing: dict[str, File] = {}
        self._making: list[Future[dict[str, File]]] = []

    def begin(self, tree: Tree) -> Tree:
        """Begin with the signatures that a part of the site asks for; what was begun before is left out. Returns the part."""
        wanted: dict[str, tuple[File, SignMode]] = {}
        for about, file in tree.items():
            for name, mode in file.signatures.items():
                path = about[: about.rfind("/") + 1] + name
                over = f"{file.sha256}:{mode}:{self._keys}"
                if self._signs.get(path) == over:
                    continue
                self._signs[path] = over
                if path in self._published and self._published[path].signs == over:
                    self._standing[path] = published_file(self._published[path])
                else:
                    wanted[path] = file, mode
        clear = {path: file for path, (file, mode) in wanted.items() if mode is SignMode.CLEAR}
        detached = {path: file for path, (file, mode) in wanted.items() if mode is SignMode.DETACHED}
        self._making += [self._pool.submit(self._clear, path, file) for path, file in clear.items()]
        waiting = iter(detached.items())
        while some := dict(islice(waiting, _BATCH)):  # what is in the making takes much memory
            self._making.append(self._pool.submit(self._detached, some))
        return tree

    def finish(self, tree: Tree) -> Tree:
        """The whole site with its signatures."""
        self.begin(tree)
        files = dict(self._standing)
        for made in self._making:
            files |= made.result()
        return tree | Tree(files)

    def _clear(self, path: str, file: File) -> dict[str, File]:
        message = self._signer.clear(_text(file))
        self._signer.check(message)
        return {path: File(message, file.stage, signs=self._signs[path])}

    def _detached(self, files: dict[str, File]) -> dict[str, File]:
        texts = [_text(file) for file in files.values()]
        made = self._signer.detached_all(texts)
        self._signer.check(made[0], texts[0])  # all are made alike, so that one tells whether the public keys are right
        return {path: File(content, file.stage, signs=self._signs[path]) for (path, file), content in zip(files.items(), made, strict=True)}


def _text(file: File) -> bytes:
    if not isinstance(file.content, bytes):
        raise TypeError("only texts that a format rendered can ask for a signature")
    return file.content


@contextmanager
def signing_beside(signer: Signer, published: Manifest) -> Iterator[Signing]:
    """Make signatures beside other work. ``published`` are those that may be carried over."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield Signing(signer, published, pool)
