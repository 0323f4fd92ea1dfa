"""SHA256SUMS and SHA512SUMS."""

from __future__ import annotations

from msgspec.structs import replace

from repogen.config import ChecksumsConfig
from repogen.formats import checksums
from repogen.tree import SignMode, Stage
from tests.support.catalogs import catalog, config
from tests.support.releases import acme, archive, deb, nupkg, rpm

FOLDER = "downloads/hello/1.0.0"


def lines(content: bytes) -> dict[str, str]:
    """Digest of each name."""
    return {name: digest for digest, name in (line.split("  ", 1) for line in content.decode().splitlines())}


def test_files_beside_the_list_are_named_and_others_by_their_relative_path() -> None:
    files = archive("hello", "1.0.0", "linux", "amd64"), deb("hello", "1.0.0"), rpm("hello", "1.0.0"), nupkg("hello", "1.0.0")
    tree = checksums.render(catalog(*files), config())
    listed = lines(tree[f"{FOLDER}/SHA256SUMS"].content)
    assert list(listed) == [
        "hello-1.0.0-linux-amd64.tar.gz",
        "../../../apt/pool/main/h/hello/hello_1.0.0-1_amd64.deb",
        "../../../chocolatey/hello.1.0.0.nupkg",
        "../../../yum/stable/Packages/h/hello-1.0.0-1.x86_64.rpm",
    ]
    assert set(listed.values()) == {artifact.sha256 for artifact in files}
    assert set(lines(tree[f"{FOLDER}/SHA512SUMS"].content).values()) == {artifact.sha512 for artifact in files}


def test_each_list_asks_for_a_detached_signature() -> None:
    tree = checksums.render(acme(), config())
    assert len(tree) == 8
    for path, file in tree.items():
        assert file.stage is Stage.ENTRY
        assert file.signatures == {f"{path.rpartition('/')[2]}.asc": SignMode.DETACHED}


def test_a_version_in_two_channels_has_one_list_with_every_file() -> None:
    stable, beta = rpm("hello", "1.0.0"), rpm("hello", "1.0.0", channel="beta")
    shared = deb("hello", "1.0.0"), deb("hello", "1.0.0", channel="beta")
    tree = checksums.render(catalog(stable, beta, *shared), config())
    assert len(lines(tree[f"{FOLDER}/SHA256SUMS"].content)) == 3


def test_sha512_can_be_turned_off_and_is_left_out_where_it_is_unknown() -> None:
    known, unknown = deb("hello", "1.0.0"), replace(deb("hello", "1.0.0", "arm64"), sha512="")
    assert f"{FOLDER}/SHA512SUMS" not in checksums.render(catalog(known), config(checksums=ChecksumsConfig(sha512=False)))
    assert f"{FOLDER}/SHA512SUMS" not in checksums.render(catalog(unknown), config())
    assert len(lines(checksums.render(catalog(known, unknown), config())[f"{FOLDER}/SHA512SUMS"].content)) == 1
