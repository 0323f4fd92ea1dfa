"""The tables ``[yum]``, ``[[yum.target]]`` and ``[[yum.group]]`` of repogen.toml, as config.py reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

COMPRESSIONS = ("gz", "zst")
MOST_CHANGELOGS = 10
"""As many entries as the facts of a package hold."""

RELEASEVER, BASEARCH = "{releasever}", "{basearch}"
"""What stands in ``path`` for the release of a distribution and for the architecture."""

#: What dnf puts in place of $basearch on some machine: https://github.com/rpm-software-management/dnf/blob/master/dnf/rpm/__init__.py
BASEARCHS = frozenset(
    (
        *("aarch64", "alpha", "arm", "armhfp", "i386", "ia64", "loongarch64", "mips", "mips64", "mips64el", "mipsel", "ppc", "ppc64", "ppc64le"),
        *("riscv128", "riscv32", "riscv64", "s390", "s390x", "sh3", "sh4", "sparc", "x86_64"),
    )
)

_FOLDER = r"[A-Za-z0-9_][A-Za-z0-9._~-]*"
#: Folders that every repository has, and that a channel's has for what several repositories share.
_TAKEN = {"repodata", "media.1", "Packages"}
_ID = r"[A-Za-z0-9][A-Za-z0-9._+-]*"


class YumGroupConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[yum.group]]``: packages that ``dnf group install`` installs together. It is in every channel that has one of them."""

    id: str
    """What users write after ``dnf group install``: letters, digits, ``-``, ``_`` and ``.``."""
    name: str = ""
    """Name for people; the id when absent."""
    description: str = ""
    """One line."""
    packages: tuple[str, ...] = ()
    """Names of the rpms that are installed with the group."""
    optional: tuple[str, ...] = ()
    """Names of rpms that belong to it and are installed only with ``--with-optional``."""


class YumTargetConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[yum.target]]``: a distribution release that ``path`` has repositories for. Without tables, there are those that the packages' releases name."""

    releasever: str
    """What its dnf and zypper put in place of ``$releasever``: ``9`` for RHEL 9 and its relatives, ``42`` for Fedora 42, ``15.6`` for openSUSE Leap 15.6."""
    match: tuple[str, ...] = ()
    """Which packages are for it: texts in the file name or the Release (``.el9``), or globs over the whole of either. When absent, those whose Release
    ends in its tag, such as ``.el9``, ``.fc42``, ``.amzn2023``, ``.lp156`` or ``.bp156``, and those without any tag."""


class YumConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[yum]``: how the yum repositories are written."""

    resign: bool = False
    """Replace signatures of other keys by ours; without it, a package that is signed is published as it is."""
    extra_keys: tuple[str, ...] = ()
    """Files with public keys of others whose signed packages are published as they are. Users trust these keys for the whole repository. A key that some
    rpm does not import, such as one with SHA-1 self-signatures, is refused, since dnf there would install nothing at all."""
    path: str = ""
    """Folder of each repository below its channel's, where there is one for each distribution release or architecture: ``el{releasever}/{basearch}``.
    Packages for all architectures stand in every one of their release. When absent, a channel is one repository for all."""
    architectures: tuple[str, ...] = ()
    """Base architectures for which ``path`` has repositories even while they are empty; those of the packages it always has."""
    target: tuple[YumTargetConfig, ...] = ()
    """See ``[[yum.target]]``."""
    compression: str = "gz"
    """How the indices are packed: ``gz``, or ``zst``, which is smaller and which clients before RHEL 8 cannot read."""
    changelog_limit: int = 10
    """How many changelog entries of each package clients see, the newest first: 0 to 10."""
    filelists_ext: bool = False
    """Write filelists-ext too, which has the digest of every file; rpms that are published already stand in it without digests."""
    updateinfo: bool = True
    """Write an advisory for each release that has rpms and release notes, for ``dnf updateinfo`` and ``zypper list-patches``.
    The notes say what it is: by a line ``Type: security`` (bugfix, enhancement, newpackage) or ``Severity: important`` (critical, moderate, low),
    by CVE numbers, by words such as "fixed"."""
    content_tags: tuple[str, ...] = ()
    """What repomd.xml says of the content, such as ``binary-x86_64``."""
    repo_tags: tuple[str, ...] = ()
    """What repomd.xml says of the repositories themselves."""
    distro_tags: dict[str, str] = {}
    """The distributions that the repositories are for: names by CPE id."""
    group: tuple[YumGroupConfig, ...] = ()
    """See ``[[yum.group]]``."""


def faults(yum: YumConfig) -> Iterator[tuple[str, str]]:
    """What cannot be in these tables: pairs of a sentence and its remedy."""
    if yum.compression not in COMPRESSIONS:
        yield f"[yum] compression {yum.compression!r} is unknown", "write 'gz' or 'zst'"
    if not 0 <= yum.changelog_limit <= MOST_CHANGELOGS:
        yield f"[yum] changelog_limit is {yum.changelog_limit}", f"it can be 0 to {MOST_CHANGELOGS}"
    tags = (*yum.content_tags, *yum.repo_tags, *yum.distro_tags, *yum.distro_tags.values())
    for text in (*tags, *(text for group in yum.group for text in (group.name, group.description))):
        if re.search(r"[\x00-\x1f\x7f]", text):
            yield f"[yum] {text!r} has a line break or control character", "write it in one line"
    yield from _path_faults(yum)
    seen: set[str] = set()
    for group in yum.group:
        yield from _group_faults(group)
        if group.id in seen:
            yield f"[[yum.group]] {group.id!r} is there twice", "join the two tables"
        seen.add(group.id)


def _path_faults(yum: YumConfig) -> Iterator[tuple[str, str]]:
    parts = re.sub(r"\{(?:releasever|basearch)\}", "0", yum.path).split("/")
    if yum.path and ("{" not in yum.path or not all(re.fullmatch(_FOLDER, part) for part in parts) or _TAKEN & set(parts)):
        yield f"[yum] path {yum.path!r} cannot be one", 'write it as "el{releasever}/{basearch}"'
    if yum.target and RELEASEVER not in yum.path:
        yield "[[yum.target]] is there, but [yum] path has no {releasever}", 'write it as path = "el{releasever}/{basearch}"'
    if yum.architectures and BASEARCH not in yum.path:
        yield "[yum] architectures is there, but path has no {basearch}", 'write it as path = "el{releasever}/{basearch}"'
    names = [target.releasever for target in yum.target]
    for name in names:
        if not re.fullmatch(_FOLDER, name):
            yield f"[[yum.target]] releasever {name!r} cannot be one", "write what dnf puts in place of $releasever, such as 9 or 42"
        if names.count(name) > 1:
            yield f"[[yum.target]] {name!r} is there twice", "join the two tables"
    for name in yum.architectures:
        if name not in BASEARCHS:
            remedy = "write what dnf puts in place of $basearch, such as x86_64, aarch64, armhfp or i386; packages for all of them are in each of them"
            yield f"[yum] architectures {name!r} cannot be one", remedy


def _group_faults(group: YumGroupConfig) -> Iterator[tuple[str, str]]:
    for what, word in (("id", group.id), *(("package", name) for name in (*group.packages, *group.optional))):
        if not re.fullmatch(_ID, word):
            yield f"[[yum.group]] {group.id}: {what} {word!r} cannot be one", "use letters, digits and - _ . +"
    if not (group.packages or group.optional):
        yield f"[[yum.group]] {group.id}: it has no package", "name one in packages"
