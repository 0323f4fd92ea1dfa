"""The tap's history: one commit on top of the published one whenever a file differs.

brew rebases a tap when it updates, so a rewritten history would leave its users stuck: the history only grows, also after a rollback.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from urllib.parse import urlsplit

from msgspec import Struct

from repogen.catalog import Catalog, GitHead, Release
from repogen.config import Config
from repogen.git_objects import GitObject, Identity, commit, git_object, snapshot

_LONGEST_SUBJECT = 72


class TapFile(Struct, frozen=True):
    """A file of the tap: its content and, for a formula or cask, the release that it brings."""

    content: bytes
    release: Release | None = None


def next_head(catalog: Catalog, config: Config, files: Mapping[str, TapFile], head: GitHead | None) -> tuple[GitHead, tuple[GitObject, ...]]:
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


def _message(files: Mapping[str, TapFile], known: set[str]) -> str:
    """Names the releases that are new to the tap, ``hello 1.2.0``."""
    changed = [file for _, file in sorted(files.items()) if git_object("blob", file.content).id not in known]
    names = list(dict.fromkeys(f"{file.release.product} {file.release.version}" for file in changed if file.release))
    if not names:
        return "Update the description" if changed else "Return to earlier releases"
    subject = ", ".join(names)
    return subject if len(subject) <= _LONGEST_SUBJECT else f"{len(names)} releases\n\n" + "\n".join(names)
