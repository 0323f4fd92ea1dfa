"""Signatures of osslsigncode, read back; a program that was changed after it was signed."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from repogen.artifact import Authenticode, InstallerFacts
from repogen.readers import Digests, exe, msi
from repogen.readers.authenticode import read_signature
from tests.support.clients import require, run
from tests.support.installers import make_msi, make_nsis
from tests.support.site import Project

Sign = Callable[..., Path]


@pytest.fixture(scope="module")
def sign(tmp_path_factory: pytest.TempPathFactory) -> Sign:
    """Signs a file with a certificate of ``Acme, Inc.`` that ``Acme Root`` issued."""
    require("osslsigncode", "openssl")
    folder = tmp_path_factory.mktemp("certificates")
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Acme Root", "-days", "9", cwd=folder)
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "own.key", "-out", "own.csr", "-subj", "/O=Acme/CN=Acme, Inc.", cwd=folder)
    (folder / "usage").write_text("extendedKeyUsage=codeSigning\n")
    issue = ("-req", "-in", "own.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "9", "-extfile", "usage", "-out", "own.pem")
    run("openssl", "x509", *issue, cwd=folder)
    (folder / "chain.pem").write_text((folder / "ca.pem").read_text() + (folder / "own.pem").read_text())

    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Acme Time", cwd=folder)
    (folder / "usage").write_text("extendedKeyUsage=critical,timeStamping\n")
    run("openssl", "x509", *(word.replace("own.", "tsa.") for word in issue), cwd=folder)

    def signed(path: Path, *options: str) -> Path:
        out = path.with_name(f"signed-{path.name}")
        more = [option.replace("FOLDER", str(folder)) for option in options]
        run("osslsigncode", "sign", "-h", "sha256", "-certs", folder / "chain.pem", "-key", folder / "own.key", *more, "-in", path, "-out", out)
        return out

    return signed


def authenticode(path: Path) -> Authenticode | None:
    content = path.read_bytes()
    digests = Digests(size=len(content), sha256=hashlib.sha256(content).hexdigest(), mtime=0)
    facts = (msi if path.suffix == ".msi" else exe).read(path, digests).facts
    assert isinstance(facts, InstallerFacts)
    return facts.authenticode


@pytest.mark.parametrize("digest", ["sha1", "sha384", "sha512"])
def test_the_signature_may_be_over_any_digest(tmp_path: Path, sign: Sign, digest: str) -> None:
    assert authenticode(sign(make_nsis(tmp_path / "setup.exe"), "-h", digest)) == Authenticode(signer="Acme, Inc.", issuer="Acme Root")


def test_a_signed_installer_names_its_signer(tmp_path: Path, sign: Sign) -> None:
    plain = make_nsis(tmp_path / "setup.exe")
    assert authenticode(plain) == Authenticode()
    assert authenticode(sign(plain)) == Authenticode(signer="Acme, Inc.", issuer="Acme Root")


def test_the_time_of_a_stamp_is_read(tmp_path: Path, sign: Sign) -> None:
    now = int(time.time())
    stamped = sign(make_nsis(tmp_path / "setup.exe"), "-TSA-certs", "FOLDER/tsa.pem", "-TSA-key", "FOLDER/tsa.key", "-TSA-time", str(now))
    moment = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert authenticode(stamped) == Authenticode(signer="Acme, Inc.", issuer="Acme Root", timestamp=moment)


def test_a_signed_msi_names_its_signer(tmp_path: Path, sign: Sign) -> None:
    plain = make_msi(tmp_path / "hello.msi")
    assert authenticode(plain) == Authenticode()
    assert authenticode(sign(plain)) == Authenticode(signer="Acme, Inc.", issuer="Acme Root")


def test_a_program_that_was_changed_after_it_was_signed_is_not_signed(tmp_path: Path, sign: Sign) -> None:
    path = sign(make_nsis(tmp_path / "setup.exe"))
    content = bytearray(path.read_bytes())
    content[1024] ^= 1
    path.write_bytes(content)
    assert authenticode(path) == Authenticode()


def test_a_signature_that_is_cut_or_damaged_is_none(tmp_path: Path, sign: Sign) -> None:
    require("osslsigncode")
    path = sign(make_nsis(tmp_path / "setup.exe"))
    run("osslsigncode", "extract-signature", "-in", path, "-out", tmp_path / "signature.p7")
    data = (tmp_path / "signature.p7").read_bytes()
    assert read_signature(data).signer == "Acme, Inc."
    for cut in range(0, len(data), 13):
        assert read_signature(data[:cut]) == Authenticode()
    for at in range(400):
        read_signature(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])


def test_what_is_not_signed_is_told(tmp_path: Path, sign: Sign) -> None:
    """By the build, in repo.json and on the page."""
    project = Project(tmp_path / "project", key=None)
    project.add(make_nsis(tmp_path / "greet-setup-1.0.0.exe"), sign(make_msi(tmp_path / "greet.msi", version="1.0.0")).rename(tmp_path / "greet-1.0.0.msi"))
    said = project.build("--unsigned").stderr
    assert "greet-setup-1.0.0.exe has no Authenticode signature" in said
    assert "greet-1.0.0.msi has a signature without a time stamp" in said
    catalog = json.loads((project.output / "repo.json").read_bytes())
    files = [file for product in catalog["products"] for release in product["releases"] for file in release["files"]]
    found = {file["kind"]: file["authenticode"] for file in files if "authenticode" in file}
    assert found == {"exe": {"signed": False}, "msi": {"signed": True, "signer": "Acme, Inc.", "issuer": "Acme Root", "timestamp": None}}
    page = (project.output / "index.html").read_text()
    assert "Installer, signed by Acme, Inc." in page
    assert "Installer, not signed" in page
