"""The yum repositories, of which each channel has one or several: their indices, repomd.xml, and the ``.repo`` file for dnf and zypper.

Follows https://github.com/rpm-software-management/createrepo_c; clients: https://dnf.readthedocs.io/en/latest/conf_ref.html and libzypp. The
indices bear their digest in their name, so that a client that holds an older repomd.xml still finds what it names. They are gzip unless the
configuration says otherwise, which every client down to EL7 reads. Unless the configuration parts them, all architectures and source packages of a
channel share one repository, as createrepo_c puts them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from repogen import client_files, dates, key_texts, layout, yum_repositories
from repogen.artifact import Artifact, RpmFacts
from repogen.catalog import Catalog, repodata_filename
from repogen.config import Config
from repogen.formats import Derived
from repogen.formats.yum import comps, packages, updateinfo
from repogen.formats.yum.index import Index, packed
from repogen.templates import render as render_template
from repogen.tree import File, SignMode, Stage, Tree
from repogen.yum_repositories import Repository


def derive(catalog: Catalog, config: Config) -> Derived:
    """The catalog with the repositories that there are from now on; those that the configuration no longer makes are not served any more."""
    found = (repository for channel in client_files.rpm_channels(catalog) for repository in yum_repositories.repositories(catalog, config.yum, channel))
    others = (path for path in catalog.served if not layout.yum_channel(path))
    return Derived(replace(catalog, served=()).with_served((*others, *(repository.base for repository in found))))


def render(catalog: Catalog, config: Config) -> Tree:
    """The repositories of every channel that has or had rpms, and ``<name>.repo``; nothing where there are and were none."""
    channels = client_files.rpm_channels(catalog)
    if not channels:
        return Tree()
    key = layout.url(config.url, layout.key_armored(config.repo.name))
    source = client_files.yum_repo(catalog, config, channels[0], key)
    tree = Tree({layout.yum_repo(config.repo.name): File(source.encode(), Stage.ENTRY)})
    if catalog.package_keys:
        tree |= Tree({layout.package_keys(config.repo.name): File("".join(catalog.package_keys).encode(), Stage.INDEX)})
    for channel in channels:
        for repository, some in yum_repositories.repositories(catalog, config.yum, channel).items():
            tree |= _repodata(catalog, config, repository, list(_indices(catalog, config, repository, some)))
            tree |= Tree({f"{repository.base}/media.1/media": File(_medium(config.repo.name, channel), Stage.INDEX)})
    return tree


def _medium(name: str, channel: str) -> bytes:
    """Vendor, identity and number of media: always the same. zypper asks for it, and gives up where S3 answers 403 for what is not there."""
    return f"{name}\n{name}-{channel}\n1\n".encode()


def _indices(catalog: Catalog, config: Config, repository: Repository, some: Sequence[Artifact]) -> Iterator[Index]:
    """What repomd.xml names, in the order in which it does."""
    facts = [a.facts for a in some if isinstance(a.facts, RpmFacts)]
    yield from packages.indices(facts, config.yum)
    if updates := updateinfo.text(catalog, config, repository):
        yield packed("updateinfo", "updateinfo.xml", updates, config.yum.compression)
    if groups := comps.text(config.yum.group, {f.name for f in facts}):
        yield packed("group", "comps.xml", groups, "")
        yield packed("group_gz", "comps.xml", groups, "gz")  # the name under which older clients look for it first
    for one in catalog.repodata:
        if one.channel == repository.channel:
            yield packed(one.type, repodata_filename(one.type), one.content, config.yum.compression)


def _repodata(catalog: Catalog, config: Config, repository: Repository, indices: list[Index]) -> Tree:
    folder = f"{repository.base}/repodata"
    seconds = int(dates.parse(catalog.date).timestamp())
    repomd = render_template("yum/repomd.xml.j2", indices=indices, seconds=seconds, yum=config.yum)
    files = {f"{folder}/{index.name}": File(index.content, Stage.PAYLOAD) for index in indices}
    files[f"{folder}/repomd.xml"] = File(repomd.encode(), Stage.ENTRY, signatures={"repomd.xml.asc": SignMode.DETACHED})
    if catalog.keys:
        # zypper looks for the key beside what it signs; it must be there before anything that a new key signed.
        files[f"{folder}/repomd.xml.key"] = File(key_texts.armored(catalog.keys).encode(), Stage.INDEX)
    return Tree(files)
