"""Keys that gpg really made, as clients of today and of tomorrow see them; gpgv and Sequoia's sqv say whether that is so."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from repogen.checks.findings import Finding, Severity
from repogen.errors import SigningError
from repogen.signing.gpg_home import private_home
from repogen.signing.key_check import check_certificate
from repogen.signing.key_file_check import check_file
from repogen.signing.openpgp_certificate import Certificate, certificates
from repogen.signing.openpgp_packets import armored_blocks, dearmor, holds_secret, packets
from tests.support.clients import require, run
from tests.support.keys import gpg_in, public_key, secret_key

NOW = datetime(2026, 11, 20, tzinfo=UTC).timestamp()
DAY = 86400
MADE = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


@pytest.fixture(autouse=True)
def gpg() -> None:
    require("gpg", "gpg-agent", "gpgv")


def certificate(secret: str, *options: str) -> Certificate:
    (found,) = certificates(public_key(secret, *options), "the key")
    return found


def check(secret: str, *options: str, now: float = NOW) -> list[tuple[str, Severity]]:
    return [(finding.check, finding.severity) for finding in check_certificate(certificate(secret, *options), now)]


def one(findings: list[Finding]) -> Finding:
    (finding,) = findings
    assert finding.remedy
    assert not finding.message.endswith(".")
    return finding


# -- what is read out of a key -------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ed25519", "rsa3072", "dsa2048", "nistp256", "brainpoolp256r1", "secp256k1"])
def test_a_key_is_read_as_gpg_lists_it(kind: str, tmp_path: Path) -> None:
    secret = secret_key(kind, expires="5y")
    key = certificate(secret)
    listed = run("gpg", "--homedir", tmp_path, "--with-colons", "--show-keys", stdin=secret.encode()).stdout
    fields = next(line.split(":") for line in listed.splitlines() if line.startswith("sec:"))
    assert key.fingerprint == next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:"))
    assert (key.algorithm, key.version, key.created, key.expires) == (kind, 4, int(fields[5]), int(fields[6]))
    assert key.user_ids == ("Acme Releases <releases@acme.example>",)
    assert [(s.kind, s.hash, s.strong, s.signs) for s in key.self_signatures] == [(0x13, "SHA-512", True, True)]
    assert not key.secret


def test_subkeys_and_user_ids() -> None:
    """A key with two user ids, one of them revoked, a subkey that signs, one that is revoked and one that encrypts."""
    with private_home(os.environ) as home:
        gpg_in(home, "--import", stdin=secret_key().encode())
        key = certificate(secret_key()).fingerprint
        gpg_in(home, "--quick-add-uid", key, "Second <second@acme.example>")
        gpg_in(home, "--quick-revoke-uid", key, "Second <second@acme.example>")
        gpg_in(home, "--quick-add-uid", key, "Third <third@acme.example>")
        gpg_in(home, "--quick-add-key", key, "ed25519", "sign", "never")
        gpg_in(home, "--quick-add-key", key, "cv25519", "encr", "never")
        (found,) = certificates(gpg_in(home, "--export"), "the key")
    assert set(found.user_ids) == {"Acme Releases <releases@acme.example>", "Third <third@acme.example>"}
    assert found.signing_subkeys == 1
    assert check_certificate(found, datetime.now(UTC).timestamp()) == []


def test_armor_is_taken_off_as_gpg_does_it(tmp_path: Path) -> None:
    armored = b"some text\n" + public_key(secret_key(), "--armor") + b"\n" + public_key(secret_key("rsa2048"), "--armor").replace(b"\n", b"\r\n")
    assert dearmor(armored, "x") == public_key(secret_key()) + public_key(secret_key("rsa2048"))
    assert len(armored_blocks(armored)) == 2
    with_headers = armored_blocks(armored)[0].replace(b"BLOCK-----\n\n", b"BLOCK-----\nVersion: 1\nComment: x\n\n")
    assert dearmor(with_headers, "x") == public_key(secret_key())


@pytest.mark.parametrize("data", [b"plain text", b"\xc6", b"\x99\x00", b"\xc6\x05ab", b"\xc6\xff\x00", b"\xc6\xe0abc", b"\x98\x05abc"])
def test_what_is_no_openpgp_data(data: bytes) -> None:
    with pytest.raises(SigningError, match="the file is no OpenPGP data"):
        list(packets(data, "the file"))


@pytest.mark.parametrize(
    ("data", "secret"),
    [
        (b"", False),
        (b"\x98\x02ab\xb4\x01a", False),  # old format: public key, user id
        (b"\x98\x02ab\x9c\x01a", True),  # and a secret subkey
        (b"\x99\x01\x00" + bytes(256) + b"\x94\x00", True),
        (b"\xc6\x02ab\xcd\x01a", False),  # new format
        (b"\xc6\xc0\x08" + bytes(200) + b"\xc5\x00", True),
        (b"\xc6\xff\x00\x00\x01\x00" + bytes(256) + b"\xc7\x00", True),
    ],
)
def test_secret_packets_are_seen(data: bytes, secret: bool) -> None:
    assert holds_secret(data, "x") is secret


def test_every_cut_of_a_key_is_an_error_or_fewer_packets() -> None:
    whole = public_key(secret_key("rsa2048"))
    for length in range(1, len(whole)):
        try:
            found = certificates(whole[:length], "x")
        except SigningError:
            continue
        assert len(found) == 1
        assert not found[0].self_signatures


def test_damaged_packets_are_errors() -> None:
    key, user, signature = (packet.body for packet in packets(public_key(secret_key()), "x"))
    for body in (key[:3], key[:6]):
        with pytest.raises(SigningError, match="damaged key"):
            certificates(bytes((0xC6, len(body))) + body, "x")
    cut = signature[:9]
    with pytest.raises(SigningError, match="damaged key"):
        certificates(bytes((0xC6, len(key))) + key + bytes((0xCD, len(user))) + user + bytes((0xC2, len(cut))) + cut, "x")
    with pytest.raises(SigningError, match="does not begin with a key"):
        certificates(bytes((0xCD, len(user))) + user, "x")


# -- what clients say ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ed25519", "rsa3072"])
def test_good_keys(kind: str) -> None:
    assert check(secret_key(kind)) == []


#: Keys that Sequoia refuses too, with the policy of 2023 that it has in Debian 12.
REFUSED_BY_SQV = {"rsa1024", "brainpoolp256r1", "secp256k1"}


@pytest.mark.parametrize(
    ("kind", "severity", "words"),
    [
        ("rsa1024", Severity.ERROR, "1024 bits, which apt 3 refuses"),
        ("rsa2048", Severity.WARNING, "2048 bits, which apt refuses from February 2030 on"),
        ("dsa2048", Severity.ERROR, "DSA key, which apt 3"),
        ("nistp256", Severity.ERROR, "zypper cannot import"),
        ("brainpoolp256r1", Severity.ERROR, "which apt 3, zypper"),
        ("secp256k1", Severity.ERROR, "which apt 3, zypper"),
    ],
)
def test_algorithms(kind: str, severity: Severity, words: str, tmp_path: Path) -> None:
    finding = one(check_certificate(certificate(secret_key(kind)), NOW))
    assert (finding.check, finding.severity) == ("algorithm", severity)
    assert words in finding.message
    assert sqv_accepts(secret_key(kind), tmp_path) is (kind not in REFUSED_BY_SQV)


@pytest.mark.parametrize("digest", ["SHA1", "SHA224"])
def test_weak_self_signatures(digest: str, tmp_path: Path) -> None:
    finding = one(check_certificate(certificate(secret_key(digest=digest)), NOW))
    assert (finding.check, finding.severity) == ("self-signature", Severity.ERROR)
    assert f"with {digest.replace('SHA', 'SHA-')}, which apt 3 refuses since February 2026" in finding.message
    if digest == "SHA1":
        assert not sqv_accepts(secret_key(digest=digest), tmp_path)


def test_the_remedy_for_a_weak_self_signature(tmp_path: Path) -> None:
    secret = secret_key(digest="SHA1")
    with private_home(os.environ) as home:
        gpg_in(home, "--import", stdin=secret.encode())
        gpg_in(home, "--cert-digest-algo", "SHA512", "--quick-set-expire", certificate(secret).fingerprint, "0")
        renewed = gpg_in(home, "--armor", "--export-secret-keys").decode()
    assert check(renewed) == []
    assert sqv_accepts(renewed, tmp_path, f"{datetime.now(UTC):%Y%m%dT%H%M%S}"), "from the day of the new self-signature on"


def test_a_weak_self_signature_after_a_strong_one() -> None:
    with private_home(os.environ) as home:
        gpg_in(home, "--import", stdin=secret_key().encode())
        gpg_in(home, "--cert-digest-algo", "SHA1", "--export-options", "no-export-clean", "--quick-set-expire", certificate(secret_key()).fingerprint, "5y")
        (weak,) = certificates(gpg_in(home, "--export"), "x")
    (strong,) = certificates(public_key(secret_key()), "x")
    both = structured(strong, self_signatures=(*strong.self_signatures, *weak.self_signatures[-1:]))
    assert [(f.check, f.severity) for f in check_certificate(both, NOW)] == [("self-signature", Severity.WARNING)]
    assert both.expires == 0, "apt goes by the older one"


def structured(key: Certificate, **changes: object) -> Certificate:
    from msgspec.structs import replace

    return replace(key, **changes)


def test_other_versions_and_algorithms() -> None:
    good = certificate(secret_key())
    for change, name in (
        ({"version": 6}, "version"),
        ({"version": 3}, "version"),
        ({"algorithm": "ed448"}, "algorithm"),
        ({"algorithm": "ed25519-v6"}, "algorithm"),
    ):
        assert [(f.check, f.severity) for f in check_certificate(structured(good, **change), NOW)] == [(name, Severity.ERROR)]
    assert [f.severity for f in check_certificate(structured(good, algorithm="algorithm99"), NOW)] == [Severity.WARNING]
    old = tuple(structured(s, version=3, strong=False) for s in good.self_signatures)
    assert "in a signature of version 3" in one(check_certificate(structured(good, self_signatures=old), NOW)).message


@pytest.mark.parametrize(
    ("days", "words"), [(181, ""), (180, "in time"), (91, "in time"), (90, "publish soon"), (31, "publish soon"), (30, "locked out"), (0, "locked out")]
)
def test_an_expiry_is_told_in_time(days: int, words: str) -> None:
    key = certificate(secret_key(expires="20y"))
    findings = check_certificate(key, key.expires - days * DAY - 1)
    assert bool(findings) is bool(words)
    for finding in findings:
        assert finding.severity is Severity.WARNING
        assert words in finding.remedy
        assert f"in {days} days, on 2045-12-27" in finding.message


def test_an_expired_key(tmp_path: Path) -> None:
    secret = secret_key(expires="30")
    finding = one(check_certificate(certificate(secret), NOW))
    assert (finding.check, finding.severity) == ("expiry", Severity.ERROR)
    assert "expired on 2026-01-31" in finding.message
    assert check(secret, now=MADE + 29 * DAY) == [("expiry", Severity.WARNING)]
    assert "EXPKEYSIG" in gpgv(tmp_path, public_key(secret), signature_by(secret, "20260115T000000"))


def test_a_key_from_the_future() -> None:
    key = certificate(secret_key())
    assert [(f.check, f.severity) for f in check_certificate(key, key.created - 301)] == [("created", Severity.ERROR)]
    assert check_certificate(key, key.created - 299) == []


def test_a_revoked_key(tmp_path: Path) -> None:
    with private_home(os.environ) as home:
        gpg_in(home, "--quick-gen-key", "Acme <a@acme.example>", "ed25519", "sign", "never")
        signature = gpg_in(home, "--detach-sign", stdin=b"data\n")
        (revocation,) = (home / "openpgp-revocs.d").glob("*.rev")
        gpg_in(home, "--import", stdin=revocation.read_bytes().replace(b":-----BEGIN", b"-----BEGIN"))
        public = gpg_in(home, "--export")
    (key,) = certificates(public, "x")
    assert [(f.check, f.severity) for f in check_certificate(key, datetime.now(UTC).timestamp())] == [("revocation", Severity.ERROR)]
    assert "REVKEYSIG" in gpgv(tmp_path, public, signature)


def test_a_key_without_a_user_id() -> None:
    assert check(secret_key(), "--export-filter", "keep-uid=uid=none") == [("user-id", Severity.ERROR)]


@pytest.mark.parametrize("subkey", [True, False])
def test_a_primary_key_that_may_not_sign(subkey: bool) -> None:
    with private_home(os.environ) as home:
        gpg_in(home, "--quick-gen-key", "Acme <a@acme.example>", "ed25519", "cert", "never")
        (key,) = certificates(gpg_in(home, "--export"), "x")
        if subkey:
            gpg_in(home, "--quick-add-key", key.fingerprint, "ed25519", "sign", "never")
        (key,) = certificates(gpg_in(home, "--export"), "x")
    finding = one(check_certificate(key, datetime.now(UTC).timestamp()))
    assert (finding.check, finding.severity) == ("signing", Severity.ERROR)
    assert ("only a subkey" in finding.message) is subkey


# -- files ---------------------------------------------------------------------------------


def findings(name: str, content: bytes) -> list[tuple[str, Severity]]:
    return [(finding.check, finding.severity) for finding in check_file(name, content, NOW)]


def test_files_as_repogen_writes_them(tmp_path: Path) -> None:
    binary, armored = public_key(secret_key()), public_key(secret_key(), "--armor")
    assert findings("keys/acme.gpg", binary) == []
    assert findings("keys/acme.asc", armored + public_key(secret_key("rsa3072"), "--armor")) == []
    assert "GOODSIG" in gpgv(tmp_path, binary, signature_by(secret_key()))


def test_files_that_clients_refuse(tmp_path: Path) -> None:
    binary, armored = public_key(secret_key()), public_key(secret_key(), "--armor")
    form = ("form", Severity.ERROR)
    assert findings("acme.gpg", armored) == [form]
    assert findings("acme.asc", binary) == [form]
    assert findings("acme.asc", armored.replace(b"\n", b"\r\n")) == [form]
    assert findings("acme.key", armored) == [form]
    with private_home(os.environ) as home:
        gpg_in(home, "--import", stdin=binary)
        assert form in findings("acme.gpg", (home / "pubring.kbx").read_bytes())
    assert "GOODSIG" not in gpgv(tmp_path, armored, signature_by(secret_key())), "gpgv, which is behind apt 2, reads binary keys only"


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n!!\n-----END PGP PUBLIC KEY BLOCK-----\n"])
def test_files_without_a_key(content: bytes) -> None:
    assert ("file", Severity.ERROR) in findings("acme.gpg", content)


def test_a_secret_key_in_a_file() -> None:
    armored = secret_key().encode()
    assert findings("acme.asc", armored) == [("secret", Severity.ERROR)]
    assert findings("acme.gpg", dearmor(armored, "x")) == [("secret", Severity.ERROR)]
    assert findings("acme.gpg", public_key(secret_key("rsa3072")) + dearmor(armored, "x")) == [("secret", Severity.ERROR)]


def test_weak_keys_in_a_file() -> None:
    both = public_key(secret_key("rsa2048")) + public_key(secret_key(digest="SHA1"))
    assert findings("acme.gpg", both) == [("algorithm", Severity.WARNING), ("self-signature", Severity.ERROR)]


# -- oracles -------------------------------------------------------------------------------


def signature_by(secret: str, at: str = "20260601T000000") -> bytes:
    with private_home(os.environ) as home:
        gpg_in(home, "--import", stdin=secret.encode())
        return gpg_in(home, "--faked-system-time", at, "--digest-algo", "SHA512", "--detach-sign", stdin=b"data\n")


def gpgv(folder: Path, key: bytes, signature: bytes) -> str:
    """What gpgv, which is behind apt 2, says of a signature over ``data``."""
    for name, content in {"key.gpg": key, "signature": signature, "data": b"data\n"}.items():
        (folder / name).write_bytes(content)
    return run("gpgv", "--status-fd", "1", "--keyring", folder / "key.gpg", folder / "signature", folder / "data", check=False).stdout


def sqv_accepts(secret: str, folder: Path, at: str = "20260601T000000") -> bool:
    """Whether sqv, which is behind apt 3, takes a signature that this key made then."""
    require("sqv")
    for name, content in {"key.gpg": public_key(secret), "signature": signature_by(secret, at), "data": b"data\n"}.items():
        (folder / name).write_bytes(content)
    return run("sqv", "--keyring", folder / "key.gpg", folder / "signature", folder / "data", check=False).returncode == 0
