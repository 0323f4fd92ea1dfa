"""A yum repository for each channel: its indices, repomd.xml, and the ``.repo`` file for dnf and zypper.

Follows https://github.com/rpm-software-management/createrepo_c; clients: https://dnf.readthedocs.io/en/latest/conf_ref.html and libzypp. The
indices bear their digest in their name, so that a client that holds an older repomd.xml still finds what it names. They are gzip unless the
configuration says otherwise, which every client down to EL7 reads. All architectures and source packages of a channel share one repository, as
createrepo_c puts them.
"""

from __future__ import annotations

from collections.abc import Iterator

from repogen import client_files, dates, key_texts, layout
from repogen.artifact import Kind, RpmFacts
from repogen.catalog import Catalog, repodata_filename
from repogen.config import Config
from repogen.formats.yum import comps, packages, updateinfo
from repogen.formats.yum.index import Index, packed
from repogen.templates import render as render_template
from repogen.tree import File, SignMode, Stage, Tree


def render(catalog: Catalog, config: Config) -> Tree:
    """Every channel that has rpms, and ``<name>.repo``; nothing where there is no rpm."""
    found = {channel: _facts(catalog, channel) for channel in catalog.channels}
    channels = tuple(channel for channel, facts in found.items() if facts)
    if not channels:
        return Tree()
    key = layout.url(config.url, layout.key_armored(config.repo.name))
    source = client_files.yum_repo(catalog, config, channels[0], key)
    tree = Tree({layout.yum_repo(config.repo.name): File(source.encode(), Stage.ENTRY)})
    if catalog.package_keys:
        tree |= Tree({layout.package_keys(config.repo.name): File("".join(catalog.package_keys).encode(), Stage.INDEX)})
    for channel in channels:
        tree |= _repodata(catalog, config, channel, list(_indices(catalog, config, channel, found[channel])))
        tree |= Tree({f"{layout.yum_base(channel)}/media.1/media": File(_medium(config.repo.name, channel), Stage.INDEX)})
    return tree


def _medium(name: str, channel: str) -> bytes:
    """Vendor, identity and number of media: always the same. zypper asks for it, and gives up where S3 answers 403 for what is not there."""
    return f"{name}\n{name}-{channel}\n1\n".encode()


def _facts(catalog: Catalog, channel: str) -> list[RpmFacts]:
    return [a.facts for a in catalog.by_kind.get(Kind.RPM, ()) if a.channel == channel and isinstance(a.facts, RpmFacts)]


def _indices(catalog: Catalog, config: Config, channel: str, facts: list[RpmFacts]) -> Iterator[Index]:
    """What repomd.xml names, in the order in which it does."""
    yield from packages.indices(facts, config.yum)
    if updates := updateinfo.text(catalog, config, channel):
        yield packed("updateinfo", "updateinfo.xml", updates, config.yum.compression)
    if groups := comps.text(config.yum.group, {f.name for f in facts}):
        yield packed("group", "comps.xml", groups, "")
        yield packed("group_gz", "comps.xml", groups, "gz")  # the name under which older clients look for it first
    for one in catalog.repodata:
        if one.channel == channel:
            yield packed(one.type, repodata_filename(one.type), one.content, config.yum.compression)


def _repodata(catalog: Catalog, config: Config, channel: str, indices: list[Index]) -> Tree:
    folder = f"{layout.yum_base(channel)}/repodata"
    seconds = int(dates.parse(catalog.date).timestamp())
    repomd = render_template("yum/repomd.xml.j2", indices=indices, seconds=seconds, yum=config.yum)
    files = {f"{folder}/{index.name}": File(index.content, Stage.PAYLOAD) for index in indices}
    files[f"{folder}/repomd.xml"] = File(repomd.encode(), Stage.ENTRY, signatures={f"{folder}/repomd.xml.asc": SignMode.DETACHED})
    if catalog.keys:
        # zypper looks for the key beside what it signs; it must be there before anything that a new key signed.
        files[f"{folder}/repomd.xml.key"] = File(key_texts.armored(catalog.keys).encode(), Stage.INDEX)
    return Tree(files)
