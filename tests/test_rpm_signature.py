"""Signed packages, judged by rpm itself with a database that holds our key alone."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from repogen.artifact import RpmFacts
from repogen.errors import InputError, SigningError
from repogen.readers import rpm
from repogen.readers.rpm_header import read_front
from repogen.rpm_signature import sign_package
from repogen.signing.signer import Signer, open_signer
from tests.support import rpms
from tests.support.clients import require, run
from tests.support.keys import secret_key
from tests.support.site import Project

RPM4_TAGS = {"ed25519": "%{DSAHEADER:pgpsig}", "rsa4096": "%{RSAHEADER:pgpsig}"}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package by rpmbuild, with the space that rpm reserves for signatures."""
    folder = tmp_path_factory.mktemp("package")
    return rpms.small(folder)


@pytest.fixture(scope="module")
def ed25519() -> Iterator[Signer]:
    with open_signer((), base=Path.cwd(), environ={**os.environ, "REPOGEN_SIGNING_KEY": secret_key("ed25519")}, date="2026-01-02T12:00:00Z") as signer:
        yield signer


@pytest.fixture(scope="module")
def rsa4096() -> Iterator[Signer]:
    with open_signer((), base=Path.cwd(), environ={**os.environ, "REPOGEN_SIGNING_KEY": secret_key("rsa4096")}, date="2026-01-02T12:00:00Z") as signer:
        yield signer


@pytest.fixture
def signer(request: pytest.FixtureRequest) -> Signer:
    return request.getfixturevalue(request.param)


def database(folder: Path, signer: Signer) -> Path:
    """An rpm database in ``folder`` that trusts this key."""
    require("rpm", "rpmkeys")
    key = folder / "key.asc"
    key.write_text(signer.public_keys[0].armored)
    run("rpmkeys", "--dbpath", folder / "db", "--import", key)
    return folder / "db"


@pytest.mark.parametrize("signer", ["ed25519", "rsa4096"], indirect=True)
def test_rpm_accepts_the_signature(package: Path, signer: Signer, tmp_path: Path) -> None:
    target = tmp_path / "signed.rpm"
    sign_package(package, target, signer.detached_binary)

    said = run("rpmkeys", "--dbpath", database(tmp_path, signer), "--define", "_pkgverify_level all", "-Kv", target).stdout

    fingerprint = signer.public_keys[0].fingerprint
    assert f"key ID {fingerprint[-8:].lower()}: OK" in said
    assert "NOT" not in said
    assert "Payload SHA256 digest: OK" in said
    shown = RPM4_TAGS["rsa4096" if signer.public_keys[0].algorithm.startswith("rsa") else "ed25519"]
    assert fingerprint[-16:].lower() in run("rpm", "-qp", "--qf", shown, target).stdout


def test_only_the_signature_header_changes(package: Path, ed25519: Signer, tmp_path: Path) -> None:
    target = tmp_path / "signed.rpm"
    sign_package(package, target, ed25519.detached_binary)

    before, after = package.read_bytes(), target.read_bytes()
    with package.open("rb") as file:
        start = read_front(file, "before").header.start
    assert len(after) == len(before), "the signature fits into the reserved space"
    assert after[start:] == before[start:]
    assert after[:96] == before[:96]
    assert target.stat().st_mtime_ns == package.stat().st_mtime_ns


def test_facts_differ_only_in_what_signing_changes(package: Path, ed25519: Signer, tmp_path: Path) -> None:
    target = tmp_path / package.name
    sign_package(package, target, ed25519.detached_binary)

    unsigned, signed = rpm.read(package, rpms.digests(package)).facts, rpm.read(target, rpms.digests(target)).facts

    assert unsigned
    assert signed
    assert not unsigned.signed
    assert signed.signed
    old, new = rpms.digests(package).sha256.encode(), rpms.digests(target).sha256.encode()
    assert signed.primary == unsigned.primary.replace(old, new)


def test_signing_again_gives_the_same_bytes(package: Path, ed25519: Signer, tmp_path: Path) -> None:
    sign_package(package, tmp_path / "one.rpm", ed25519.detached_binary)
    sign_package(tmp_path / "one.rpm", tmp_path / "two.rpm", ed25519.detached_binary)
    assert (tmp_path / "one.rpm").read_bytes() == (tmp_path / "two.rpm").read_bytes()


def test_a_new_signature_replaces_that_of_another_key(package: Path, ed25519: Signer, rsa4096: Signer, tmp_path: Path) -> None:
    sign_package(package, tmp_path / "one.rpm", rsa4096.detached_binary)
    sign_package(tmp_path / "one.rpm", tmp_path / "two.rpm", ed25519.detached_binary)
    assert rpms.digests(tmp_path / "two.rpm").size == rpms.digests(package).size
    said = run("rpmkeys", "--dbpath", database(tmp_path, ed25519), "-Kv", tmp_path / "two.rpm").stdout
    assert "NOKEY" not in said
    assert "RSA" not in said


def test_without_reserved_space_the_header_grows(ed25519: Signer, tmp_path: Path) -> None:
    source = rpms.handmade(tmp_path / "tight.rpm", signature={1008: None})
    sign_package(source, tmp_path / "signed.rpm", ed25519.detached_binary)
    assert rpms.digests(tmp_path / "signed.rpm").size > rpms.digests(source).size
    run("rpmkeys", "--dbpath", database(tmp_path, ed25519), "--define", "_pkgverify_level all", "-K", tmp_path / "signed.rpm")


def test_scarce_reserved_space_is_given_up(rsa4096: Signer, tmp_path: Path) -> None:
    source = rpms.handmade(tmp_path / "scarce.rpm", signature={1008: bytes(40)})
    sign_package(source, tmp_path / "signed.rpm", rsa4096.detached_binary)
    with (tmp_path / "signed.rpm").open("rb") as file:
        assert 1008 not in read_front(file, "signed").signature.entries
    run("rpmkeys", "--dbpath", database(tmp_path, rsa4096), "--define", "_pkgverify_level all", "-K", tmp_path / "signed.rpm")


def test_v6_package_has_the_openpgp_tag_and_one_for_rpm_4(ed25519: Signer, tmp_path: Path) -> None:
    source = rpms.handmade(tmp_path / "v6.rpm", v6=True)
    sign_package(source, tmp_path / "signed.rpm", ed25519.detached_binary)
    with (tmp_path / "signed.rpm").open("rb") as file:
        signature = read_front(file, "signed").signature
    assert sorted(signature.entries) == [62, 267, 273, 278, 279, 999]
    assert len(signature.texts(278)) == 1
    assert rpms.digests(tmp_path / "signed.rpm").size == rpms.digests(source).size
    run("rpmkeys", "--dbpath", database(tmp_path, ed25519), "--define", "_pkgverify_level all", "-K", tmp_path / "signed.rpm")


def test_a_changed_byte_in_the_signed_package_is_refused_by_rpm(package: Path, ed25519: Signer, tmp_path: Path) -> None:
    target = tmp_path / "signed.rpm"
    sign_package(package, target, ed25519.detached_binary)
    data = bytearray(target.read_bytes())
    data[data.index(b"Payload in gzip")] ^= 1
    target.write_bytes(data)
    assert run("rpmkeys", "--dbpath", database(tmp_path, ed25519), "-K", target, check=False).returncode != 0


def test_a_package_without_a_payload_digest_is_refused(ed25519: Signer, tmp_path: Path) -> None:
    source = rpms.handmade(tmp_path / "old.rpm", t5092=None, t5093=None)
    with pytest.raises(InputError, match=r"^old\.rpm has no SHA-256 digest of its payload") as caught:
        sign_package(source, tmp_path / "signed.rpm", ed25519.detached_binary)
    assert "rpm 4.14" in caught.value.hint
    assert not (tmp_path / "signed.rpm").exists()


def test_a_damaged_package_is_refused(package: Path, ed25519: Signer, tmp_path: Path) -> None:
    (tmp_path / "cut.rpm").write_bytes(package.read_bytes()[:5000])
    with pytest.raises(InputError, match=r"^cut\.rpm is cut short"):
        sign_package(tmp_path / "cut.rpm", tmp_path / "signed.rpm", ed25519.detached_binary)


def packet(version: int = 4, kind: int = 0, algorithm: int = 22, hashed: int = 10) -> bytes:
    data = bytes([version, kind, algorithm, hashed]).ljust(80, b"\0")
    return b"\x89" + struct.pack(">H", len(data)) + data


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (packet(version=6), "no OpenPGP v4 signature"),
        (packet(version=3), "no OpenPGP v4 signature"),
        (packet(kind=1), "no OpenPGP v4 signature"),
        (packet(hashed=2), "weak hash"),
        (packet(algorithm=27), "public-key algorithm 27"),
        (packet() + b"more", "no OpenPGP v4 signature"),
        (b"-----BEGIN PGP SIGNATURE-----", "no OpenPGP v4 signature"),
        (b"", "no OpenPGP v4 signature"),
    ],
)
def test_a_packet_that_rpm_would_not_take_is_refused(package: Path, tmp_path: Path, bad: bytes, said: str) -> None:
    with pytest.raises(SigningError, match=said):
        sign_package(package, tmp_path / "signed.rpm", lambda _: bad)


@pytest.mark.parametrize("length", [80, 500, 70000])
def test_packets_of_every_length_form_are_read(package: Path, tmp_path: Path, length: int) -> None:
    data = bytes([4, 0, 22, 10]).ljust(length, b"\0")
    forms = {
        80: [b"\xc2" + bytes([80]), b"\x88" + bytes([80])],
        500: [b"\xc2" + bytes([(500 - 192 >> 8) + 192, (500 - 192) & 255]), b"\x89" + struct.pack(">H", 500)],
        70000: [b"\xc2\xff" + struct.pack(">I", 70000), b"\x8a" + struct.pack(">I", 70000)],
    }
    for form in forms[length]:
        sign_package(package, tmp_path / "signed.rpm", lambda _, form=form: form + data)
        with (tmp_path / "signed.rpm").open("rb") as file:
            assert read_front(file, "signed").signature.binary(267) == form + data


def signers_of(package: Path) -> tuple[str, ...]:
    facts = rpm.read(package, rpms.digests(package)).facts
    assert isinstance(facts, RpmFacts)
    return facts.signers


def test_the_maker_of_a_signature_is_known(package: Path, ed25519: Signer, rsa4096: Signer, tmp_path: Path) -> None:
    ours, theirs = ed25519.public_keys[0].fingerprint, rsa4096.public_keys[0].fingerprint
    assert signers_of(package) == ()
    sign_package(package, tmp_path / "signed.rpm", ed25519.detached_binary)
    assert signers_of(tmp_path / "signed.rpm") == (ours[-16:],)
    sign_package(package, tmp_path / "theirs.rpm", rsa4096.detached_binary)
    assert signers_of(tmp_path / "theirs.rpm") == (theirs[-16:],)


def test_a_package_signed_by_another_key_is_published_as_it_is_with_a_warning(package: Path, rsa4096: Signer, tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    sign_package(package, project.dist / "hello.rpm", rsa4096.detached_binary)
    done = project.build()
    assert "warning: hello.rpm is signed by another key" in done.stderr
    (published,) = project.output.glob("yum/stable/Packages/*/*.rpm")
    assert published.read_bytes() == (project.dist / "hello.rpm").read_bytes()


def test_a_signed_package_that_is_older_than_payload_digests_is_published_with_a_warning(ed25519: Signer, tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    rpms.handmade(project.dist / "old.rpm", t5092=None, t5093=None, signature={267: ed25519.detached_binary(b"")})
    assert "warning: old.rpm was built before rpm 4.14" in project.build().stderr
    rpms.handmade(project.dist / "unsigned.rpm", t1000="unsigned", t5092=None, t5093=None)
    assert "unsigned.rpm has no SHA-256 digest of its payload" in project.build(code=1).stderr
