"""The history of a git repository that the site itself serves: Homebrew's tap, Scoop's bucket.

A repository of loose objects needs no more than static files (see git_objects). Its history gets a commit on top of the published one for each release that is
new to it, and one for whatever else differs. Clients rebase or fast-forward when they update, so a rewritten history would leave their users stuck: it only
grows, also after a rollback. All objects are named by their content, so ``info/refs`` alone is the switch from one release to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from email.utils import parseaddr
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from repogen.catalog import Catalog, GitHead, Release
from repogen.config import Config
from repogen.git_objects import REF, GitObject, Identity, commit, git_object, head_file, object_path, ref_file, refs_file, tree
from repogen.tree import File, Stage, Tree
from repogen.version import version_key

#: As many releases that are new at once get a commit each. More are the beginning of a repository, and one commit, since each is several objects to clone.
_MOST = 50
_FEW = 2


class TrackedFile(Struct, frozen=True):
    """A file of the repository: its content and, for a formula or manifest, the release that it brings."""

    content: bytes
    release: Release | None = None
    is_link: bool = False
    """Whether it is a symbolic link, of which the content is the target."""


class _Step(Struct, frozen=True):
    """One commit: what it says, since when its content is there, and the whole tree by path and object."""

    message: str
    written: int
    files: dict[str, str]


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
    head = head or GitHead(commit="", tree="", objects=())
    blobs = {path: git_object("blob", file.content) for path, file in files.items()}
    links = {*(path for path, file in files.items() if file.is_link), *head.links}
    whole = {path: blob.id for path, blob in blobs.items()}
    root, objects = tree(whole, links)
    if head.tree == root:
        return head, ()
    made = {blob.id: blob for blob in (*blobs.values(), *objects)}
    last, seconds = head.commit, _seconds(catalog.date)
    for step in _steps(catalog, files, whole, head):
        root, objects = tree(step.files, links)
        done = commit(root, (last,) if last else (), author(config), seconds, step.message, written=step.written)
        made |= {one.id: one for one in (*objects, done)}
        last = done.id
    known = set(head.objects)
    new = tuple(made[id] for id in sorted(made) if id not in known)
    return GitHead(
        commit=last,
        tree=root,
        objects=tuple(sorted(known | made.keys())),
        files=whole,
        links=tuple(sorted(path for path, file in files.items() if file.is_link)),
        former=tuple(sorted({*head.former, *head.files} - whole.keys())),
        releases=tuple(sorted({*head.releases, *(_key(file.release) for file in files.values() if file.release)})),
    ), new


def author(config: Config) -> Identity:
    """``[repo] maintainer``, or the site itself."""
    name, address = parseaddr(config.repo.maintainer)
    return Identity(name or config.title, address or f"releases@{urlsplit(config.url).hostname}")


def _steps(catalog: Catalog, files: Mapping[str, TrackedFile], whole: dict[str, str], head: GitHead) -> Iterator[_Step]:
    """The commits from the published tree to the whole one. The last release's takes along whatever else differs."""
    now, seconds = dict(head.files), _seconds(catalog.date)
    groups = _new_releases(files, head)
    known = not head.commit or bool(head.files)  # what an older repogen committed is not known by path
    if not known:
        groups = {key: paths for key, paths in groups.items() if any(whole[path] not in head.objects for path in paths)}
    if not known or not 1 <= len(groups) <= _MOST:
        yield _Step(_all(groups) or _rest(now, whole, head), seconds, whole)
        return
    *before, last = groups.items()
    for (product, version), paths in before:
        now |= {path: whole[path] for path in paths}
        yield _Step(f"{product} {version}", _written(files, paths, seconds), dict(now))
    yield _Step(" ".join(last[0]), _written(files, last[1], seconds), whole)


def _written(files: Mapping[str, TrackedFile], paths: Iterable[str], seconds: int) -> int:
    """When a release was first published; never after its commit."""
    return min(seconds, *(_seconds(release.date) for path in paths if (release := files[path].release)))


def _new_releases(files: Mapping[str, TrackedFile], head: GitHead) -> dict[tuple[str, str], list[str]]:
    """Paths of each (product, version) of which one is new to the tap, in the order of their release."""
    brought = [(path, file.release) for path, file in sorted(files.items()) if file.release]
    new = [(path, release) for path, release in brought if _key(release) not in head.releases]
    groups: dict[tuple[str, str], list[str]] = {}
    for path, release in sorted(new, key=lambda one: (one[1].date, one[1].product, version_key(one[1].version))):
        groups.setdefault((release.product, release.version), []).append(path)
    return groups


def _key(release: Release) -> str:
    return " ".join(release.key)


def _rest(now: Mapping[str, str], whole: Mapping[str, str], head: GitHead) -> str:
    """What a commit says that brings no release."""
    gone, changed = sorted(now.keys() - whole.keys()), sorted(path for path in whole if now.get(path) != whole[path])
    if all(whole[path] in head.objects for path in changed) and not gone:
        return "Return to earlier releases"
    words = [f"{verb} {', '.join(paths) if len(paths) <= _FEW else f'{len(paths)} files'}" for verb, paths in (("Change", changed), ("Remove", gone)) if paths]
    return ", ".join(words) if len(words) < 2 else f"{words[0]}, {words[1][:1].lower()}{words[1][1:]}"


def _all(groups: Iterable[tuple[str, str]]) -> str:
    """Names many releases."""
    names = [f"{product} {version}" for product, version in groups]
    return f"{len(names)} releases\n\n" + "\n".join(names) if len(names) > 1 else "".join(names)


def _seconds(date: str) -> int:
    return int(datetime.fromisoformat(date).timestamp())
