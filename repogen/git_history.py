"""The history of a git repository that the site itself serves: Homebrew's tap, Scoop's bucket.

A repository of loose objects needs no more than static files (see git_objects). Its history gets one commit on top of the published one
whenever a file differs. Clients rebase or fast-forward when they update, so a rewritten history would leave their users stuck: it only
grows, also after a rollback. All objects are named by their content, so ``info/refs`` alone is the switch from one release to the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from repogen.catalog import Catalog, GitHead, Release
from repogen.config import Config
from repogen.git_objects import REF, GitObject, Identity, commit, git_object, head_file, object_path, ref_file, refs_file, snapshot
from repogen.tree import File, Stage, Tree

_LONGEST_SUBJECT = 72


class TrackedFile(Struct, frozen=True):
    """A file of the repository: its content and, for a formula or manifest, the release that it brings."""

    content: bytes
    release: Release | None = None


def with_commit(catalog: Catalog, config: Config, repository: str, files: Mapping[str, TrackedFile]) -> tuple[Catalog, Tree]:
    """The catalog in which the repository at this path of the site shows ``files``, and the objects that are new to it."""
    head, objects = next_head(catalog, config, files, catalog.repositories.get(repository))
    payload = {object_path(repository, o.id): File(o.loose, Stage.PAYLOAD) for o in objects}
    return replace(catalog, repositories={**catalog.repositories, repository: head}), Tree(payload)


def repository_files(repository: str, head: GitHead) -> Tree:
    """What git asks for beside the objects."""
    return Tree(
        {
            f"{repository}/HEAD": File(head_file(), Stage.INDEX),
            f"{repository}/objects/info/packs": File(b"\n", Stage.INDEX),
            f"{repository}/{REF}": File(ref_file(head.commit), Stage.INDEX),
            f"{repository}/info/refs": File(refs_file(head.commit), Stage.ENTRY),
        }
    )


def next_head(catalog: Catalog, config: Config, files: Mapping[str, TrackedFile], head: GitHead | None) -> tuple[GitHead, tuple[GitObject, ...]]:
    """The head that shows ``files``, and the objects that it needs beside those of ``head``."""
    tree, objects = snapshot({path: file.content for path, file in files.items()})
    if head is not None and head.tree == tree:
        return head, ()
    known = set(head.objects) if head else set()
    parents = (head.commit,) if head else ()
    seconds = int(datetime.fromisoformat(catalog.date).timestamp())
    made = commit(tree, parents, author(config), seconds, _message(files, known))
    new = tuple(o for o in (*objects, made) if o.id not in known)
    return GitHead(commit=made.id, tree=tree, objects=tuple(sorted(known | {o.id for o in new}))), new


def author(config: Config) -> Identity:
    """``[repo] maintainer``, or the site itself."""
    name, address = parseaddr(config.repo.maintainer)
    return Identity(name or config.title, address or f"releases@{urlsplit(config.url).hostname}")


def _message(files: Mapping[str, TrackedFile], known: set[str]) -> str:
    """Names the releases that are new to the repository, ``hello 1.2.0``."""
    changed = [file for _, file in sorted(files.items()) if git_object("blob", file.content).id not in known]
    names = list(dict.fromkeys(f"{file.release.product} {file.release.version}" for file in changed if file.release))
    if not names:
        return "Update the description" if changed else "Return to earlier releases"
    subject = ", ".join(names)
    return subject if len(subject) <= _LONGEST_SUBJECT else f"{len(names)} releases\n\n" + "\n".join(names)
