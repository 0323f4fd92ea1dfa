"""Modules and product certificates: recognised, placed in a channel, carried by repomd.xml, and kept by later releases."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from repogen.artifact import Kind
from repogen.catalog import Repodata
from repogen.errors import InputError
from repogen.module_documents import documents
from repogen.placing.place import Placed, place
from repogen.scanning.input_files import find_files
from repogen.scanning.scan import scan
from tests.support.catalogs import DATE, config
from tests.support.packages import make_rpm
from tests.support.rpms import handmade
from tests.support.site import Project

MODULES = "---\ndocument: modulemd\nversion: 2\ndata:\n  name: hello\n...\n"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def placed(folder: Path, channel: str | None = None) -> Placed:
    return place(scan(find_files([str(folder)], folder)), config(), channel=channel, date=DATE)


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def rpm(folder: Path, version: str = "1.0") -> None:
    handmade(folder / f"a-{version}.rpm", t1001=version)


@pytest.mark.parametrize("name", ["modules.yaml", "acme.modules.yaml", "el9-modules.yaml"])
def test_modules_go_where_the_rpms_go(tmp_path: Path, name: str) -> None:
    rpm(tmp_path, "1.0~beta.1")
    (tmp_path / name).write_text(MODULES)
    release = placed(tmp_path)
    assert release.repodata == (Repodata(channel="beta", type="modules", content=MODULES.encode()),)
    assert [a.kind for a in release.artifacts] == [Kind.RPM]


def test_a_name_says_the_channel(tmp_path: Path) -> None:
    rpm(tmp_path)
    rpm(tmp_path, "1.0~beta.1")
    release = placed(written(tmp_path, beta__modules__yaml=MODULES, stable__productid=CERTIFICATE))
    assert [(one.channel, one.type) for one in release.repodata] == [("beta", "modules"), ("stable", "productid")]


def test_a_name_that_says_none_is_for_one_channel_only(tmp_path: Path) -> None:
    rpm(tmp_path)
    rpm(tmp_path, "1.0~beta.1")
    written(tmp_path, modules__yaml=MODULES)
    with pytest.raises(InputError, match=r"modules\.yaml could be for each of the channels beta, stable") as caught:
        placed(tmp_path)
    assert "beta.modules.yaml" in caught.value.hint
    assert placed(tmp_path, "nightly").repodata[0].channel == "nightly"


def test_several_modules_become_one_stream_of_documents(tmp_path: Path) -> None:
    written(tmp_path, a__modules__yaml=MODULES, b__modules__yaml="document: modulemd-defaults\nversion: 1")
    (one,) = placed(tmp_path).repodata
    assert one.content.decode() == f"{MODULES}---\ndocument: modulemd-defaults\nversion: 1\n"


def test_two_certificates(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.productid and b\.productid are for one repository"):
        placed(written(tmp_path, a__productid=CERTIFICATE, b__productid=CERTIFICATE + "more"))


@pytest.mark.parametrize(("name", "said"), [("modules.yaml", "holds no module metadata"), ("productid", "holds no certificate")])
def test_other_content_is_refused(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / name).write_text("something: else\n")
    with pytest.raises(InputError, match=said):
        placed(tmp_path)


def test_they_stay_when_new_ones_come_and_old_indices_stay_for_clients_in_flight(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    repodata = project.site / "yum/stable/repodata"
    written(tmp_path, modules__yaml=MODULES, productid=CERTIFICATE)
    project.release(make_rpm(tmp_path, "hello", "1.0.0"), tmp_path / "modules.yaml", tmp_path / "productid")
    first = {path.name: path.read_bytes() for path in repodata.iterdir()}

    project.empty()
    project.release(make_rpm(tmp_path, "hello", "1.1.0"))
    repomd = (repodata / "repomd.xml").read_text()
    (modules,) = repodata.glob("*-modules.yaml.gz")
    (certificate,) = repodata.glob("*-productid.gz")
    assert gzip.decompress(modules.read_bytes()).decode() == MODULES
    assert gzip.decompress(certificate.read_bytes()).decode() == CERTIFICATE
    assert modules.name in repomd
    assert certificate.name in repomd

    project.empty()
    (tmp_path / "modules.yaml").write_text(MODULES.replace("hello", "other"))
    project.release(tmp_path / "modules.yaml")
    assert modules.name not in (repodata / "repomd.xml").read_text()
    (newer,) = (path for path in repodata.glob("*-modules.yaml.gz") if path.name != modules.name)
    assert [document.module for document in documents(gzip.decompress(newer.read_bytes()))] == ["hello", "other"]
    for name, content in first.items():
        assert name.startswith("repomd.xml") or (repodata / name).read_bytes() == content, "what an older repomd.xml names is still there"
