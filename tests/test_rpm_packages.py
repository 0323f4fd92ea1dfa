"""What becomes of rpms that come in signed, and by whom."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from repogen import rpm_packages
from repogen.artifact import Artifact, RpmFacts
from repogen.package_keys import key_ids
from repogen.placing.place import place
from repogen.readers import rpm
from repogen.rpm_signature import sign_package
from repogen.scanning.input_files import find_files
from repogen.scanning.scan import scan
from repogen.signing.signer import Signer, open_signer
from tests.support import rpms
from tests.support.catalogs import config
from tests.support.keys import public_key, secret_key
from tests.support.site import DATE, Project


def signer_of(kind: str) -> Iterator[Signer]:
    with open_signer((), base=Path.cwd(), environ={**os.environ, "REPOGEN_SIGNING_KEY": secret_key(kind)}, date=DATE) as signer:
        yield signer


@pytest.fixture(scope="module")
def ours() -> Iterator[Signer]:
    yield from signer_of("ed25519")


@pytest.fixture(scope="module")
def theirs() -> Iterator[Signer]:
    yield from signer_of("rsa4096")


@pytest.fixture
def project(tmp_path: Path, theirs: Signer) -> Project:
    """A release with one rpm that another vendor signed."""
    made = Project(tmp_path / "acme")
    sign_package(rpms.handmade(tmp_path / "a.rpm"), made.dist / "theirs.rpm", theirs.detached_binary)
    return made


def configure(project: Project, **yum: object) -> None:
    project.configure(url="https://dl.acme.example", to="site", yum=yum)


def only_rpm(folder: Path) -> Path:
    (found,) = folder.glob("yum/stable/Packages/*/*.rpm")
    return found


def test_a_signed_package_stays_as_it_is(project: Project) -> None:
    assert "theirs.rpm is signed by another key" in project.build().stderr
    assert only_rpm(project.output).read_bytes() == (project.dist / "theirs.rpm").read_bytes()


def test_it_is_signed_again_where_the_configuration_says_so(project: Project, ours: Signer) -> None:
    project.build()
    configure(project, resign=True)
    assert "another key" not in project.build().stderr
    published = only_rpm(project.output)
    facts = rpm.read(published, rpms.digests(published)).facts
    assert isinstance(facts, RpmFacts)
    assert facts.signers == (ours.public_keys[0].fingerprint[-16:],)
    before = published.read_bytes()
    project.publish()
    assert "nothing changed" in project.build().stderr
    assert only_rpm(project.site).read_bytes() == before


def test_signed_packages_are_handed_over_as_they_are_made(tmp_path: Path, ours: Signer) -> None:
    """So that their texts can be packed before all of them are there."""
    for name in ("a", "b"):
        rpms.handmade(tmp_path / f"{name}.rpm", t1000=name)
    sign_package(rpms.handmade(tmp_path / "plain", t1000="c"), tmp_path / "c.rpm", ours.detached_binary)
    files = [tmp_path / f"{name}.rpm" for name in "abc"]
    placed = place(scan(find_files([str(file) for file in files], tmp_path)), config(), channel=None, date=DATE)
    kept: list[Artifact] = []
    signed = rpm_packages.sign_packages(placed.artifacts, placed.sources, rpm_packages.Before(), ours, tmp_path / "work", keep=kept.extend)
    assert kept == [artifact for artifact in signed.artifacts if artifact.source_sha256]
    assert [artifact.product for artifact in kept] == ["a", "b"]


def test_signatures_over_its_former_bytes_are_left_out(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    rpms.handmade(project.dist / "handmade-1.0.rpm")
    for ending in ("asc", "sigstore.json", "intoto.jsonl", "spdx.json"):
        (project.dist / f"handmade-1.0.rpm.{ending}").write_text("about handmade-1.0.rpm")
    assert "handmade-1.0.rpm.asc, handmade-1.0.rpm.intoto.jsonl, handmade-1.0.rpm.sigstore.json are left out: an rpm's bytes change" in project.build().stderr
    assert [side.name for side in project.output.glob("downloads/*/*/handmade-1.0.rpm.*")] == ["handmade-1.0.rpm.spdx.json"]

    project.publish()
    (project.dist / "handmade-1.0.rpm").unlink()
    (project.dist / "handmade-1.0.rpm.minisig").write_text("about handmade-1.0.rpm")
    assert "handmade-1.0.rpm.minisig" in project.build().stderr
    assert not list(project.output.glob("downloads/*/*/handmade-1.0.rpm.minisig"))


def test_what_we_signed_is_not_signed_again(tmp_path: Path, ours: Signer) -> None:
    project = Project(tmp_path / "acme", yum={"resign": True})
    sign_package(rpms.handmade(tmp_path / "a.rpm"), project.dist / "ours.rpm", ours.detached_binary)
    assert "another key" not in project.build().stderr
    assert only_rpm(project.output).read_bytes() == (project.dist / "ours.rpm").read_bytes()


def test_a_published_signature_stays(project: Project) -> None:
    project.build()
    project.publish()
    before = only_rpm(project.site).read_bytes()
    configure(project, resign=True)
    assert "bring it with another Release and `resign = true`" in project.build().stderr
    project.publish()
    assert only_rpm(project.site).read_bytes() == before


def test_a_key_that_is_taken_out_again_stays_for_what_it_signed(project: Project, theirs: Signer) -> None:
    (project.folder / "theirs.asc").write_text(theirs.public_keys[0].armored)
    project.build()
    project.publish()
    assert "theirs.rpm is signed by a key that is not published" in project.run("doctor").stdout
    configure(project, extra_keys=["theirs.asc"])
    project.build()
    project.publish()
    configure(project)
    assert "another key" not in project.build().stderr
    project.publish()
    assert (project.site / "keys/acme-packages.asc").read_text() == theirs.public_keys[0].armored
    assert "keys/acme-packages.asc" in (project.site / "acme.repo").read_text()
    assert "is signed by" not in project.run("doctor").stdout


def test_keys_of_others_are_published_for_rpm_alone(project: Project, theirs: Signer) -> None:
    key = project.folder / "theirs.asc"
    key.write_text("text around\n" + theirs.public_keys[0].armored.replace("\n", "\r\n"))
    configure(project, extra_keys=["theirs.asc"])
    assert "another key" not in project.build().stderr
    assert (project.output / "keys/acme-packages.asc").read_text() == theirs.public_keys[0].armored
    assert theirs.public_keys[0].armored not in (project.output / "keys/acme.asc").read_text()
    both = "gpgkey=https://dl.acme.example/keys/acme.asc https://dl.acme.example/keys/acme-packages.asc\n"
    assert both in (project.output / "acme.repo").read_text()
    assert "https://dl.acme.example/keys/acme-packages.asc" in (project.output / "install.sh").read_text()

    key.write_text(theirs.public_keys[0].armored + theirs.public_keys[0].armored)
    assert "nothing changed" not in project.build().stderr
    assert (project.output / "keys/acme-packages.asc").read_text() == theirs.public_keys[0].armored * 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "theirs.asc cannot be read"),
        ("no key", "theirs.asc holds no armored key"),
        ("secret", "theirs.asc holds a SECRET key"),
        ("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n", "theirs.asc is no OpenPGP data"),
    ],
)
def test_files_that_are_no_public_keys(project: Project, content: str | None, said: str) -> None:
    if content:
        (project.folder / "theirs.asc").write_text(secret_key("rsa4096") if content == "secret" else content)
    configure(project, extra_keys=["theirs.asc"])
    done = project.run("build", code=2 if "OpenPGP" not in said else 1)
    assert said in done.stderr
    assert not (project.output / "index.html").exists()


@pytest.mark.parametrize(
    ("kind", "digest", "said"),
    [
        ("ed25519", "SHA1", "rpm from 4.20 on does not import: it signed its own user ids with SHA-1"),
        ("rsa1024", "SHA512", "rpm from 4.20 on does not import: it is of the kind rsa1024"),
        ("brainpoolp256r1", "SHA512", "rpm of any release does not import"),
        ("secp256k1", "SHA512", "rpm of any release does not import"),
        ("nistp256", "SHA512", "rpm up to 4.18 does not import"),
        ("ed25519", "SHA224", ""),
        ("dsa2048", "SHA512", ""),
        ("rsa2048", "SHA512", ""),
    ],
)
def test_keys_of_others_that_rpm_does_not_import(project: Project, kind: str, digest: str, said: str) -> None:
    """Those that it does import are tried in tests/clients."""
    (project.folder / "theirs.asc").write_bytes(public_key(secret_key(kind, digest=digest), "--armor"))
    configure(project, extra_keys=["theirs.asc"])
    assert said in project.build(code=3 if said else 0).stderr


def test_key_ids_are_those_of_gpg(ours: Signer, theirs: Signer) -> None:
    for key in (ours.public_keys[0], theirs.public_keys[0]):
        assert key_ids([key.binary]) == key_ids([key.armored.encode()])
        assert key.fingerprint[-16:] in key_ids([key.binary])


def test_unsigned_packages_need_a_key(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme", key=None)
    rpms.handmade(project.dist / "a.rpm")
    assert "key" in project.build(code=1).stderr
    assert not project.output.joinpath("yum").exists()
    project.build("--unsigned")
    assert only_rpm(project.output).read_bytes() == (project.dist / "a.rpm").read_bytes()


def test_a_package_that_was_left_out_is_signed_when_it_is_offered_again(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    project.release(rpms.handmade(tmp_path / "a.rpm"))
    project.run("yank", "handmade", "1.0")
    project.empty()
    project.add(rpms.handmade(tmp_path / "b.rpm", t1022="aarch64"))
    assert "left out" in project.build().stderr
    project.publish()
    project.run("yank", "--undo", "handmade", "1.0")
    project.build()
    project.publish()
    assert len(list(project.site.glob("yum/stable/Packages/*/*.rpm"))) == 2
