"""The yum repository as a value: names, digests, sections; the real clients are in tests/clients."""

from __future__ import annotations

import configparser
import gzip
import hashlib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import zstandard
from msgspec.structs import replace

from repogen.artifact import Artifact, Kind, RpmFacts
from repogen.catalog import Catalog, PublicKey
from repogen.config import RepoConfig, parse
from repogen.errors import UsageError
from repogen.formats import yum
from repogen.packed_text import Text
from repogen.readers import rpm
from repogen.tree import SignMode, Stage, Tree
from repogen.yum_config import YumConfig, YumGroupConfig
from tests.support import rpms
from tests.support.catalogs import DATE, catalog, config

KEY = PublicKey(fingerprint="A" * 40, algorithm="ed25519", created=DATE, user_id="Acme", armored="-----BEGIN\nkey\n-----END\n", binary=b"key")
REPO = "{http://linux.duke.edu/metadata/repo}"


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> RpmFacts:
    path = rpms.handmade(tmp_path_factory.mktemp("yum") / "handmade.rpm")
    found = rpm.read(path, rpms.digests(path)).facts
    assert isinstance(found, RpmFacts)
    return found


def artifact(facts: RpmFacts, channel: str = "stable", name: str = "handmade") -> Artifact:
    return Artifact(
        path=f"yum/{channel}/Packages/{name[0]}/{name}-1.0-1.x86_64.rpm", filename=f"{name}.rpm", kind=Kind.RPM, product=name, version="1.0",
        channel=channel, os="linux", arch="amd64", size=1, sha256=hashlib.sha256(name.encode()).hexdigest(), date=DATE, facts=facts,
    )  # fmt: skip


def render(*artifacts: Artifact, **fields: object) -> Tree:
    return yum.render(signed(*artifacts, **fields), config())


def signed(*artifacts: Artifact, **fields: object) -> Catalog:
    return catalog(*artifacts, **{"keys": (KEY,), **fields})


def text(tree: Tree, path: str) -> str:
    content = tree[path].content
    assert isinstance(content, bytes)
    return content.decode()


def sections(tree: Tree) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read_string(text(tree, "acme.repo"))
    return parser


def test_no_rpm_no_file(facts: RpmFacts) -> None:
    assert dict(render()) == {}
    assert dict(render(replace(artifact(facts), kind=Kind.TAR, path="downloads/a.tar.gz", facts=None))) == {}


def test_every_index_is_what_repomd_says(facts: RpmFacts) -> None:
    tree = render(artifact(facts), artifact(facts, name="more"))

    root = ET.fromstring(text(tree, "yum/stable/repodata/repomd.xml"))
    seconds = "1767268800"
    assert root.findtext(f"{REPO}revision") == seconds
    found = {data.get("type"): data for data in root.findall(f"{REPO}data")}
    assert list(found) == ["primary", "filelists", "other"]
    for kind, data in found.items():
        href = data.find(f"{REPO}location").get("href")
        file = tree[f"yum/stable/{href}"]
        plain = gzip.decompress(file.content)
        said = [data.findtext(f"{REPO}{name}") for name in ("checksum", "open-checksum", "size", "open-size", "timestamp")]
        assert said == [file.sha256, hashlib.sha256(plain).hexdigest(), str(file.size), str(len(plain)), seconds]
        assert href == f"repodata/{file.sha256}-{kind}.xml.gz"
        assert file.stage is Stage.PAYLOAD
        index = ET.fromstring(plain)
        assert index.get("packages") == "2"
        assert len(index) == 2


def test_stages_and_signatures(facts: RpmFacts) -> None:
    tree = render(artifact(facts))
    repomd = tree["yum/stable/repodata/repomd.xml"]
    assert repomd.stage is Stage.ENTRY
    assert repomd.signatures == {"repomd.xml.asc": SignMode.DETACHED}
    assert tree["yum/stable/repodata/repomd.xml.key"].stage is Stage.INDEX
    assert text(tree, "yum/stable/repodata/repomd.xml.key") == KEY.armored


def test_two_keys_stand_in_one_file(facts: RpmFacts) -> None:
    tree = render(artifact(facts), keys=(KEY, replace(KEY, armored="second")))
    assert text(tree, "yum/stable/repodata/repomd.xml.key") == KEY.armored + "second\n"


def test_repo_file(facts: RpmFacts) -> None:
    tree = render(artifact(facts), artifact(facts, "nightly"), artifact(facts, "beta"))

    found = sections(tree)
    assert found.sections() == ["acme", "acme-beta", "acme-nightly"]
    assert dict(found["acme"]) == {
        "name": "Acme Tools",
        "baseurl": "https://dl.acme.example/yum/stable",
        "enabled": "1",
        "gpgcheck": "1",
        "repo_gpgcheck": "1",
        "gpgkey": "https://dl.acme.example/keys/acme.asc",
        "metadata_expire": "1h",
        "autorefresh": "1",
    }
    assert (found["acme-beta"]["enabled"], found["acme-beta"]["name"]) == ("0", "Acme Tools (beta)")
    assert found["acme-beta"]["baseurl"] == "https://dl.acme.example/yum/beta"


def test_repo_file_as_written(facts: RpmFacts) -> None:
    assert text(render(artifact(facts), artifact(facts, "beta")), "acme.repo") == (Path(__file__).parents[1] / "golden/yum/acme.repo").read_text()


def test_without_stable_the_first_channel_is_the_main_one(facts: RpmFacts) -> None:
    found = sections(render(artifact(facts, "beta")))
    assert found.sections() == ["acme"]
    assert found["acme"]["baseurl"].endswith("/yum/beta")
    assert found["acme"]["enabled"] == "1"


def test_an_unsigned_preview(facts: RpmFacts) -> None:
    tree = render(artifact(facts), keys=())
    assert "yum/stable/repodata/repomd.xml.key" not in tree
    found = sections(tree)["acme"]
    assert (found["gpgcheck"], found["repo_gpgcheck"]) == ("0", "0")
    assert "gpgkey" not in found


def test_a_title_stays_in_its_line(facts: RpmFacts) -> None:
    repo = RepoConfig(name="acme", url="https://dl.acme.example/", title="Acme\n[evil]\ngpgcheck=0")
    tree = yum.render(signed(artifact(facts)), config(repo=repo))
    assert sections(tree).sections() == ["acme"]
    assert sections(tree)["acme"]["gpgcheck"] == "1"
    assert sections(tree)["acme"]["baseurl"] == "https://dl.acme.example/yum/stable"


def test_the_same_catalog_gives_the_same_bytes(facts: RpmFacts) -> None:
    first, second = render(artifact(facts), artifact(facts, name="more")), render(artifact(facts, name="more"), artifact(facts))
    assert {path: file.content for path, file in first.items()} == {path: file.content for path, file in second.items()}


def test_a_new_date_leaves_the_indices_alone(facts: RpmFacts) -> None:
    later = yum.render(replace(signed(artifact(facts)), date="2026-02-01T12:00:00Z"), config())
    now = render(artifact(facts))
    assert later.keys() == now.keys()
    changed = {path for path in now if now[path].sha256 != later[path].sha256}
    assert changed == {"yum/stable/repodata/repomd.xml"}


# -- what the configuration asks for -------------------------------------------------------


def repomd(tree: Tree, channel: str = "stable") -> dict[str, tuple[str, bytes]]:
    """Name and unpacked content of each file that repomd.xml names, by type."""
    root = ET.fromstring(text(tree, f"yum/{channel}/repodata/repomd.xml"))
    found = {}
    for data in root.findall(f"{REPO}data"):
        href = data.find(f"{REPO}location").get("href")
        content = tree[f"yum/{channel}/{href}"].content
        assert data.findtext(f"{REPO}checksum") == hashlib.sha256(content).hexdigest()
        plain = gzip.decompress(content) if href.endswith(".gz") else zstandard.decompress(content) if href.endswith(".zst") else content
        assert data.findtext(f"{REPO}open-checksum", hashlib.sha256(plain).hexdigest()) == hashlib.sha256(plain).hexdigest()
        assert data.findtext(f"{REPO}open-size", str(len(plain))) == str(len(plain))
        found[data.get("type")] = (href.partition("-")[2], plain)
    return found


def configured(made: Catalog, **values: object) -> Tree:
    return yum.render(made, config(yum=YumConfig(**values)))


def test_zst_holds_the_same_as_gz(facts: RpmFacts) -> None:
    made = signed(artifact(facts))
    gz, zst = repomd(configured(made)), repomd(configured(made, compression="zst"))
    assert [name for name, _ in zst.values()] == ["primary.xml.zst", "filelists.xml.zst", "other.xml.zst"]
    assert [plain for _, plain in zst.values()] == [plain for _, plain in gz.values()]


def test_tags_as_createrepo_writes_them(facts: RpmFacts) -> None:
    tree = configured(signed(artifact(facts)), content_tags=("binary-x86_64", "a&b"), repo_tags=("obs",), distro_tags={"cpe:/o:acme:linux:9": "Acme <9>"})
    tags = ET.fromstring(text(tree, "yum/stable/repodata/repomd.xml")).find(f"{REPO}tags")
    assert [(tag.tag.removeprefix(REPO), dict(tag.attrib), tag.text) for tag in tags] == [
        ("content", {}, "binary-x86_64"), ("content", {}, "a&b"), ("repo", {}, "obs"), ("distro", {"cpeid": "cpe:/o:acme:linux:9"}, "Acme <9>"),
    ]  # fmt: skip


@pytest.mark.parametrize("limit", [0, 1, 3, 10])
def test_a_changelog_keeps_its_newest_entries(tmp_path: Path, limit: int) -> None:
    dates = list(range(100, 86, -1))
    path = rpms.handmade(tmp_path / "a.rpm", t1080=dates, t1081=[f"<a> & {d}" for d in dates], t1082=[f"- <{d}>\n- more" for d in dates])
    found = rpm.read(path, rpms.digests(path)).facts
    other = ET.fromstring(repomd(configured(signed(artifact(found)), changelog_limit=limit))["other"][1])
    assert [int(entry.get("date")) for entry in other[0] if entry.tag.endswith("changelog")] == list(range(100, 90, -1))[:limit][::-1]
    assert other[0].find("{*}version") is not None


def test_digests_of_files_where_they_are_asked_for(facts: RpmFacts, tmp_path: Path) -> None:
    path = rpms.handmade(tmp_path / "handmade.rpm")
    later = replace(facts, packed_filelists_ext=Text(rpm.extended_filelists(path, facts, "0" * 64)))
    made = signed(artifact(facts), artifact(later, name="later"))
    assert "filelists-ext" not in repomd(configured(made))
    name, content = repomd(configured(made, filelists_ext=True))["filelists-ext"]
    assert name == "filelists-ext.xml.gz"
    packages = ET.fromstring(content)
    assert packages.tag == "{http://linux.duke.edu/metadata/filelists-ext}filelists-ext"
    assert [[child.tag.partition("}")[2] for child in package] for package in packages] == [["version", "checksum"]] * 2


def test_groups(facts: RpmFacts) -> None:
    groups = (
        YumGroupConfig(id="acme-tools", name="Acme & Co", description="All <tools>", packages=("handmade",), optional=("more",)),
        YumGroupConfig(id="elsewhere", packages=("nothing-here",)),
    )
    found = repomd(configured(signed(artifact(facts)), group=groups))
    assert (found["group"][0], found["group_gz"][0]) == ("comps.xml", "comps.xml.gz")
    assert found["group"][1] == found["group_gz"][1]
    (group,) = ET.fromstring(found["group"][1])
    assert [group.findtext(tag) for tag in ("id", "name", "description", "uservisible")] == ["acme-tools", "Acme & Co", "All <tools>", "true"]
    assert [(p.get("type"), p.text) for p in group.iter("packagereq")] == [("mandatory", "handmade"), ("optional", "more")]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"compression": "bz2"}, "compression 'bz2' is unknown"),
        ({"changelog_limit": 11}, "changelog_limit is 11"),
        ({"repo_tags": ["a\nb"]}, "line break"),
        ({"group": [{"id": "a b", "packages": ["x"]}]}, "id 'a b' cannot be one"),
        ({"group": [{"id": "a", "packages": ["x y"]}]}, "package 'x y' cannot be one"),
        ({"group": [{"id": "a"}]}, "it has no package"),
        ({"group": [{"id": "a", "packages": ["x"]}, {"id": "a", "packages": ["y"]}]}, "is there twice"),
    ],
)
def test_tables_that_cannot_be(table: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        parse({"repo": {"name": "acme", "url": "https://dl.acme.example"}, "yum": table}, Path("repogen.toml"))
    assert caught.value.hint
