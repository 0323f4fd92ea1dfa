"""The apt repository as a tree: indices, Release and the source file, read back by python-debian."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import re
from email.utils import parsedate_to_datetime

import pytest
from debian.deb822 import Deb822, Packages, Release
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from repogen import layout
from repogen.artifact import Artifact, DebFacts, Kind
from repogen.catalog import PublicKey
from repogen.config import AptConfig, RepoConfig
from repogen.formats import apt
from repogen.packed_text import Text
from repogen.tree import SignMode, Stage, Tree
from tests.support.catalogs import DATE, catalog, config
from tests.support.golden import assert_golden

STABLE = "apt/dists/stable"
INDEX = f"{STABLE}/main/binary-amd64"


def deb(package: str = "hello", version: str = "1.0.0", architecture: str = "amd64", channel: str = "stable", source: str = "", more: bytes = b"") -> Artifact:
    source = source or package
    stanza = f"Package: {package}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: Acme <acme@acme.example>\n".encode()
    stanza += more + b"Description: says hello\n A program that greets.\n .\n It has two paragraphs.\n"
    path = layout.apt_pool("main", source, package, version, architecture)
    return Artifact(
        path=path, filename=path.rpartition("/")[2], kind=Kind.DEB, product="hello", version=version, channel=channel, os="linux", arch=architecture,
        size=1000 + len(path), sha256=hashlib.sha256(path.encode()).hexdigest(), date=DATE,
        facts=DebFacts(package=package, version=version, architecture=architecture, source=source, packed_stanza=Text(stanza), description="says hello"),
    )  # fmt: skip


def key(name: str = "one") -> PublicKey:
    armored = f"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{name}AAAA\nBBBB\n=CCCC\n-----END PGP PUBLIC KEY BLOCK-----\n"
    return PublicKey(fingerprint="A" * 40, algorithm="ed25519", created=DATE, user_id="Acme", armored=armored, binary=b"")


def content(tree: Tree, path: str) -> bytes:
    found = tree[path].content
    assert isinstance(found, bytes)
    return found


def packages(tree: Tree, folder: str = INDEX) -> list[Packages]:
    return list(Packages.iter_paragraphs(content(tree, f"{folder}/Packages"), use_apt_pkg=False))


def release(tree: Tree, suite: str = "stable") -> Release:
    return Release(content(tree, f"apt/dists/{suite}/Release"))


SMALL = (
    deb("hello", "1.0.0"),
    deb("hello", "1.1.0~rc1"),
    deb("hello", "1:1.1.0-1", "arm64"),
    deb("hello-data", "1.0.0", "all", source="hello"),
    deb("libgreet", "2.0", more="Vendor: Caf\u00e9\n".encode()),
)


@pytest.mark.parametrize("name", ["stable/Release", "stable/main/binary-amd64/Packages", "stable/main/binary-arm64/Packages", "beta/Release", "acme.sources"])
def test_golden(name: str) -> None:
    tree = apt.render(catalog(*SMALL, deb("hello", "2.0.0~beta.3", channel="beta"), keys=(key("one"), key("two"))), config())
    text = content(tree, name if name.endswith(".sources") else f"apt/dists/{name}")
    if name.endswith("/Release"):  # what a compressor makes of it changes with its version
        text = re.sub(rb" [0-9a-f]{64} +\d+ (\S+\.[gx]z)\n", rb" (digest and size of) \1\n", text)
    assert_golden(f"apt/{name.replace('/', '_')}", text)


def test_no_debs_no_files() -> None:
    assert len(apt.render(catalog(), config())) == 0
    assert len(apt.render(catalog(replace(deb(), kind=Kind.TAR, facts=None)), config())) == 0


def test_release_names_every_index_as_it_is() -> None:
    tree = apt.render(catalog(*SMALL), config())
    named = {entry["name"]: entry for entry in release(tree)["SHA256"]}
    assert sorted(named) == sorted(f"main/binary-{arch}/Packages{end}" for arch in ("amd64", "arm64") for end in ("", ".gz", ".xz"))
    for name, entry in named.items():
        index = content(tree, f"{STABLE}/{name}")
        assert (int(entry["size"]), entry["sha256"]) == (len(index), hashlib.sha256(index).hexdigest())
        assert content(tree, f"{STABLE}/{name.rpartition('/')[0]}/by-hash/SHA256/{entry['sha256']}") == index


def test_all_forms_hold_the_same_index() -> None:
    tree = apt.render(catalog(*SMALL), config())
    plain = content(tree, f"{INDEX}/Packages")
    assert gzip.decompress(content(tree, f"{INDEX}/Packages.gz")) == plain
    assert lzma.decompress(content(tree, f"{INDEX}/Packages.xz")) == plain


def test_stages_and_signatures() -> None:
    tree = apt.render(catalog(deb()), config())
    for path, file in tree.items():
        expected = Stage.PAYLOAD if "/by-hash/" in path else Stage.INDEX if "/Packages" in path else Stage.ENTRY
        assert file.stage is expected, path
        if not path.endswith("/Release"):
            assert not file.signatures, path
    signatures = tree[f"{STABLE}/Release"].signatures
    assert list(signatures.items()) == [("Release.gpg", SignMode.DETACHED), ("InRelease", SignMode.CLEAR)]


def test_identity_and_date() -> None:
    fields = release(apt.render(catalog(deb()), config()))
    assert (fields["Origin"], fields["Label"], fields["Suite"], fields["Codename"]) == ("Acme Tools", "Acme Tools", "stable", "stable")
    assert fields["Date"] == "Thu, 01 Jan 2026 12:00:00 UTC"
    assert parsedate_to_datetime(fields["Date"]).isoformat() == "2026-01-01T12:00:00+00:00"
    assert (fields["Acquire-By-Hash"], fields["No-Support-for-Architecture-all"], fields["Components"]) == ("yes", "Packages", "main")
    assert not {"MD5Sum", "SHA1", "SHA512", "Signed-By", "Valid-Until"} & set(fields)


def test_origin_and_label_of_the_configuration() -> None:
    fields = release(apt.render(catalog(deb()), config(apt=AptConfig(origin="Acme", label="Tools"))))
    assert (fields["Origin"], fields["Label"]) == ("Acme", "Tools")
    unnamed = RepoConfig(name="acme", url="https://dl.acme.example")
    assert release(apt.render(catalog(deb()), config(repo=unnamed)))["Origin"] == "acme"


def test_only_stable_is_installed_from_unasked() -> None:
    tree = apt.render(
        catalog(deb(), deb(version="2.0~beta", channel="beta"), deb(version="3.0~nightly", channel="nightly"), deb(version="4", channel="lts")), config()
    )
    for channel in ("beta", "nightly", "lts"):
        fields = release(tree, channel)
        assert (fields["NotAutomatic"], fields["ButAutomaticUpgrades"], fields["Suite"], fields["Codename"]) == ("yes", "yes", channel, channel)
        assert len(packages(tree, f"apt/dists/{channel}/main/binary-amd64")) == 1
    assert not {"NotAutomatic", "ButAutomaticUpgrades"} & set(release(tree))
    assert [one["Version"] for one in packages(tree)] == ["1.0.0"]


def test_packages_for_all_stand_in_every_index() -> None:
    tree = apt.render(catalog(*SMALL), config())
    assert release(tree)["Architectures"] == "amd64 arm64"
    assert [(one["Package"], one["Version"]) for one in packages(tree)] == [
        ("hello-data", "1.0.0"),
        ("hello", "1.0.0"),
        ("hello", "1.1.0~rc1"),
        ("libgreet", "2.0"),
    ]
    assert [one["Package"] for one in packages(tree, f"{STABLE}/main/binary-arm64")] == ["hello-data", "hello"]
    assert not [path for path in tree if "binary-all" in path]


def test_a_suite_with_nothing_but_packages_for_all() -> None:
    tree = apt.render(catalog(deb(architecture="all")), config())
    assert release(tree)["Architectures"] == "all amd64 arm64"
    assert [packages(tree, f"{STABLE}/main/binary-{name}")[0]["Architecture"] for name in ("all", "amd64", "arm64")] == ["all"] * 3
    other = apt.render(catalog(deb(architecture="all"), deb("riscy", architecture="riscv64")), config())
    assert release(other)["Architectures"] == "riscv64"


def test_stanzas_name_the_published_file() -> None:
    artifact = deb("g++", "1:2.0~rc1+dfsg-1")
    (stanza,) = packages(apt.render(catalog(artifact), config()))
    assert stanza["Filename"] == "pool/main/g/g++/g++_2.0~rc1+dfsg-1_amd64.deb"
    assert (int(stanza["Size"]), stanza["SHA256"]) == (artifact.size, artifact.sha256)
    assert stanza["Description"] == "says hello\n A program that greets.\n .\n It has two paragraphs."


def test_bytes_that_are_no_utf8_stay() -> None:
    old = deb(more=b"Vendor: Caf\xe9\n")
    assert b"\nVendor: Caf\xe9\n" in content(apt.render(catalog(old), config()), f"{INDEX}/Packages")


names = st.from_regex(r"[a-z0-9][a-z0-9+.-]{1,8}", fullmatch=True)
versions = st.from_regex(r"([1-9]:)?[0-9][a-z0-9.+~]{0,6}(-[0-9][0-9.+~]{0,3})?", fullmatch=True)


@given(
    st.lists(
        st.tuples(names, versions, st.sampled_from(["amd64", "arm64", "all"])),
        min_size=1,
        max_size=12,
        unique_by=lambda one: (one[0], one[1].split(":")[-1], one[2]),
    ),
    st.randoms(),
)
def test_every_package_is_in_the_index_once_and_in_one_order(found: list[tuple[str, str, str]], random: object) -> None:
    debs = [deb(*one) for one in found]
    tree = apt.render(catalog(*debs), config())
    for architecture in release(tree)["Architectures"].split():
        stanzas = packages(tree, f"{STABLE}/main/binary-{architecture}")
        read = [(one["Package"], one["Version"], one["Architecture"]) for one in stanzas]
        assert sorted(read) == sorted(one for one in found if one[2] in {architecture, "all"})
        assert [one["Filename"] for one in stanzas] == sorted(one["Filename"] for one in stanzas)
    random.shuffle(debs)
    assert dict(apt.render(catalog(*debs), config())) == dict(tree)


def test_the_source_file_holds_the_keys() -> None:
    tree = apt.render(catalog(*SMALL, keys=(key("one"), key("two"))), config())
    fields = Deb822(content(tree, "acme.sources"))
    assert (fields["Types"], fields["URIs"], fields["Suites"], fields["Components"]) == ("deb", "https://dl.acme.example/apt/", "stable", "main")
    assert "Architectures" not in fields  # each machine fetches its own
    assert "Trusted" not in fields
    lines = ["" if line == " ." else line[1:] for line in fields["Signed-By"].split("\n")[1:]]
    assert "\n".join(lines) + "\n" == key("one").armored + key("two").armored


def test_the_source_file_of_an_unsigned_preview() -> None:
    fields = Deb822(content(apt.render(catalog(deb()), config()), "acme.sources"))
    assert fields["Trusted"] == "yes"
    assert "Signed-By" not in fields


def test_the_source_file_names_the_first_channel_there_is() -> None:
    beta, lts = deb(version="2.0~beta", channel="beta"), deb(version="4", channel="lts", architecture="arm64")
    assert Deb822(content(apt.render(catalog(lts, beta), config()), "acme.sources"))["Suites"] == "beta"
    assert Deb822(content(apt.render(catalog(lts), config()), "acme.sources"))["Suites"] == "lts"


def test_a_title_cannot_leave_its_line() -> None:
    repo = RepoConfig(name="acme", url="https://dl.acme.example/", title="Acme\nTrusted: yes\u2028Tools")
    tree = apt.render(catalog(deb(), keys=(key(),)), config(repo=repo))
    assert release(tree)["Origin"] == "Acme Trusted: yesTools"
    assert "Trusted" not in Deb822(content(tree, "acme.sources"))
