"""Indices of yum repositories, as createrepo_c writes them and as nobody should."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from repogen.errors import InputError
from repogen.indices.packing import unpacked
from repogen.indices.yum import elements, read_primary, read_repomd
from tests.adopting.old_repositories import createrepo
from tests.support.packages import make_rpm


def test_what_createrepo_writes(tmp_path: Path) -> None:
    rpms = [make_rpm(tmp_path / "rpms"), make_rpm(tmp_path / "rpms", "hello-doc", "2.0.0", architecture="noarch")]
    folder = createrepo(tmp_path / "repo", rpms)
    named = read_repomd((folder / "repodata/repomd.xml").read_bytes(), "repomd.xml")
    texts = {name: unpacked(named[name].path, (folder / named[name].path).read_bytes()) for name in ("primary", "filelists", "other")}
    found = {rpm.file.path: rpm for rpm in read_primary(texts["primary"], "primary.xml")}
    assert {path: rpm.file.digests["sha256"] for path, rpm in found.items()} == {rpm.name: hashlib.sha256(rpm.read_bytes()).hexdigest() for rpm in rpms}
    doc = found["hello-doc-2.0.0-1.noarch.rpm"]
    assert (doc.name, doc.epoch, doc.version, doc.release, doc.architecture) == ("hello-doc", 0, "2.0.0", "1", "noarch")
    assert (doc.summary, doc.license, doc.homepage) == ("says hello", "MIT", "https://acme.example/hello-doc")
    for text in texts.values():
        assert elements(text).keys() == {rpm.file.digests["sha256"] for rpm in found.values()}
    assert b"<location" in elements(texts["primary"])[doc.file.digests["sha256"]]


@pytest.mark.parametrize("content", [b"", b"<repomd", b'<!DOCTYPE a [<!ENTITY b "c">]><repomd/>'])
def test_what_is_no_repomd(content: bytes) -> None:
    with pytest.raises(InputError, match="repomd"):
        read_repomd(content, "repomd.xml")


def test_a_digest_that_is_unknown() -> None:
    content = b'<repomd xmlns="http://linux.duke.edu/metadata/repo"><data type="primary"><checksum type="md4">0</checksum><location href="x"/></data></repomd>'
    with pytest.raises(InputError, match="md4"):
        read_repomd(content, "repomd.xml")


@pytest.mark.parametrize("name", ["primary.xml.gz", "primary.xml.xz", "primary.xml.bz2", "primary.xml.zst"])
def test_what_cannot_be_unpacked(name: str) -> None:
    with pytest.raises(InputError, match="is damaged"):
        unpacked(name, b"nothing that is packed")
