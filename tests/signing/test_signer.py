"""Signatures that gpg and gpgv accept, and every way in which a key cannot be used."""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from repogen.errors import SigningError
from repogen.signing import gpg_home
from repogen.signing.open_key import OpenKey
from repogen.signing.signer import Signer, open_signer, read_public_keys
from repogen.signing.signing_key import SecretText
from tests.support.clients import require, run
from tests.support.keys import fingerprint, gpg_in, public_key, secret_key

DATE = "2026-06-01T10:00:00Z"
RELEASE = b"Origin: Acme\nSuite: stable\n-----\nFrom here on: dashes\ntrailing blanks  \nSHA256:\n 00 1 main\n"
KINDS = ["ed25519", "rsa3072", pytest.param("rsa4096", marks=pytest.mark.slow), "nistp256"]


@pytest.fixture(autouse=True)
def gpg() -> None:
    require("gpg", "gpgv", "gpg-agent")


@contextmanager
def signer(key: str = "", passphrase: str = "", date: str = DATE, base: Path = Path("/nowhere"), text: str = "") -> Iterator[Signer]:
    with open_signer((key,) if key else (), base=base, environ=environ(text, passphrase), date=date) as opened:
        yield opened


def environ(text: str = "", passphrase: str = "") -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("REPOGEN_")}
    given = {"REPOGEN_SIGNING_KEY": text, "REPOGEN_SIGNING_PASSPHRASE": passphrase}
    return plain | {name: value for name, value in given.items() if value}


def gpgv(folder: Path, key: bytes, *files: bytes) -> str:
    """What gpgv says of a signed message, or of a signature and its text."""
    (folder / "key.gpg").write_bytes(key)
    names = []
    for number, content in enumerate(files):
        names.append(folder / f"file{number}")
        names[-1].write_bytes(content)
    return run("gpgv", "--status-fd", "1", "--keyring", folder / "key.gpg", *names).stdout


@pytest.mark.parametrize("kind", KINDS)
def test_gpg_accepts_every_form(kind: str, tmp_path: Path) -> None:
    with signer(text=secret_key(kind)) as s:
        (key,) = s.public_keys
        clear, armored, binary = s.clear(RELEASE), s.detached(RELEASE), s.detached_binary(RELEASE)
    for said in (gpgv(tmp_path, key.binary, clear), gpgv(tmp_path, key.binary, armored, RELEASE), gpgv(tmp_path, key.binary, binary, RELEASE)):
        (valid,) = (line.split() for line in said.splitlines() if "VALIDSIG" in line)
        assert valid[2] == valid[-1] == key.fingerprint, "by the primary key"
        assert valid[3] == "2026-06-01", "of the build's date"
        assert valid[9] == "10", "with SHA-512"


@pytest.mark.parametrize("kind", KINDS)
def test_the_keys_as_users_get_them(kind: str, tmp_path: Path) -> None:
    with signer(text=secret_key(kind, expires="20y" if kind == "ed25519" else "0")) as s:
        (key,) = s.public_keys
    assert key.algorithm == kind
    assert (key.created, key.expires) == ("2026-01-01T00:00:00Z", "2045-12-27T00:00:00Z" if kind == "ed25519" else "")
    assert key.user_id == "Acme Releases <releases@acme.example>"
    assert key.armored.startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n")
    assert key.armored.endswith("-----END PGP PUBLIC KEY BLOCK-----\n")
    assert "\r" not in key.armored
    assert "Comment" not in key.armored
    assert key.binary[0] in {0x98, 0x99, 0xC6}, "what apt 3 takes for a key"
    packets = run("gpg", "--homedir", tmp_path, "--list-packets", stdin=key.armored.encode()).stdout
    assert ":public key packet:" in packets
    assert "secret" not in packets
    assert run("gpg", "--homedir", tmp_path, "--show-keys", "--with-colons", stdin=key.armored.encode()).stdout.splitlines()[1].split(":")[9] == key.fingerprint


def test_a_clear_signed_text_is_one_message_and_nothing_else(tmp_path: Path) -> None:
    with signer(text=secret_key()) as s:
        clear = s.clear(RELEASE)
        (key,) = s.public_keys
    assert clear.startswith(b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nOrigin: Acme\n")
    assert clear.endswith(b"\n-----END PGP SIGNATURE-----\n")
    assert clear.count(b"-----END PGP SIGNATURE-----") == 1
    assert b"\nFrom here on" in clear, "only dashes are escaped"
    (tmp_path / "key.gpg").write_bytes(key.binary)
    text = run("gpgv", "--keyring", tmp_path / "key.gpg", "--output", "-", "-", stdin=clear).stdout
    assert text.encode() == RELEASE.replace(b"blanks  ", b"blanks"), "blanks at a line's end are no part of what is signed"


@pytest.mark.parametrize("kind", ["ed25519", "rsa3072"])
def test_the_same_date_and_key_give_the_same_bytes(kind: str) -> None:
    signatures = []
    for date in (DATE, DATE, "2026-06-02T10:00:00Z"):
        with signer(text=secret_key(kind), date=date) as s:
            signatures.append((s.clear(RELEASE), s.detached(RELEASE), s.detached_binary(RELEASE), s.public_keys))
    assert signatures[0] == signatures[1]
    assert not set(signatures[0][:3]) & set(signatures[2][:3])


@pytest.mark.parametrize("kind", ["ed25519", "rsa2048"])
def test_the_agent_gives_what_gpg_gives(kind: str) -> None:
    """Enough texts that some number in a signature begins with zeros."""
    with signer(text=secret_key(kind)) as s:
        assert s._keys[0].fast is not None
        texts = [b"text %d" % number for number in range(40)]
        fast = [(s.detached_binary(text), s.detached(text)) for text in texts]
        s._keys[0].fast = None
        assert fast == [(s.detached_binary(text), s.detached(text)) for text in texts]


def test_an_agent_that_cannot_be_asked_is_told_of_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    def refuse(*_: object) -> None:
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr("repogen.signing.signer.Agent", refuse)
    with signer(text=secret_key("ed25519") + secret_key("rsa2048")) as s:
        signature = s.detached(RELEASE)
    (said,) = (record.message for record in caplog.records if "gpg-agent" in record.message and record.levelno == logging.WARNING)
    assert all(key.fingerprint in said for key in s.public_keys)
    assert "VALIDSIG" in gpgv(tmp_path, b"".join(key.binary for key in s.public_keys), signature, RELEASE)


def test_a_key_that_never_signs_the_same_way_is_no_surprise(caplog: pytest.LogCaptureFixture) -> None:
    with signer(text=secret_key("nistp256")):
        assert not [record for record in caplog.records if "gpg-agent" in record.message]


def test_numbers_that_begin_with_zeros(tmp_path: Path) -> None:
    with signer(text=secret_key()) as s:
        (key,) = s.public_keys
        made = ((text, s.detached_binary(text)) for text in (b"%d" % number for number in range(1000)))
        text, short = next((text, packet) for text, packet in made if len(packet) < 119)
    assert "VALIDSIG" in gpgv(tmp_path, key.binary, short, text)


def test_a_date_before_the_key_was_made() -> None:
    with signer(text=secret_key(), date="2020-01-01T00:00:00Z") as s, signer(text=secret_key(), date="2026-01-01T00:00:00Z") as same:
        assert s.detached_binary(b"x") == same.detached_binary(b"x")


@pytest.mark.parametrize("fast", [True, False])
def test_a_text_that_has_a_date_of_its_own_is_signed_alike_at_any_date(fast: bool) -> None:
    made = [int(datetime.fromisoformat(date).timestamp()) for date in ("2026-05-01T00:00:00Z", "1990-01-01T00:00:00Z", "2026-05-02T00:00:00Z")]
    signatures = []
    for date in (DATE, "2026-06-02T10:00:00Z"):
        with signer(text=secret_key(), date=date) as s:
            s._keys[0].fast = s._keys[0].fast if fast else None
            signatures.append(s.packets([b"x", b"x", b"x"], made))
    assert signatures[0] == signatures[1]
    assert len(set(signatures[0])) == 3, "each bears its own date, the second one the key's"


def test_no_signature_is_from_after_the_build() -> None:
    with signer(text=secret_key()) as s:
        assert s.packets([b"x"], [2**31]) == [s.detached_binary(b"x")]


def test_many_threads_may_sign(tmp_path: Path) -> None:
    texts = [b"text %d\n" % number for number in range(16)]
    with signer(text=secret_key(passphrase="open sesame"), passphrase="open sesame") as s:
        (key,) = s.public_keys
        with ThreadPoolExecutor(4) as pool:
            cleared = list(pool.map(s.clear, texts))
            detached = list(pool.map(s.detached_binary, texts * 10))
        assert detached == [s.detached_binary(text) for text in texts] * 10
    for text, message in zip(texts, cleared, strict=True):
        assert "VALIDSIG" in gpgv(tmp_path, key.binary, message)
        assert text in message


# -- where the key comes from --------------------------------------------------------------


def test_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "secret-key.asc").write_text(secret_key())
    with signer("secret-key.asc", base=tmp_path) as s:
        assert s.public_keys[0].algorithm == "ed25519"


def test_a_binary_file(tmp_path: Path) -> None:
    binary = run("gpg", "--homedir", tmp_path, "--dearmor", "--output", tmp_path / "key.gpg", stdin=secret_key().encode())
    assert binary.returncode == 0
    with signer("key.gpg", base=tmp_path) as s:
        expected = s.public_keys
    data = base64.b64encode((tmp_path / "key.gpg").read_bytes()).decode()
    with signer(text=data) as s:
        assert s.public_keys == expected


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text,
        lambda text: text.replace("\n", "\\n"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.encodebytes(text.encode()).decode(),
    ],
)
def test_the_environment_comes_first(written, tmp_path: Path) -> None:
    (tmp_path / "other.asc").write_text(secret_key("rsa2048"))
    with signer("other.asc", base=tmp_path, text=written(secret_key())) as s:
        assert s.public_keys[0].algorithm == "ed25519"


def test_the_environment_may_name_a_file(tmp_path: Path) -> None:
    (tmp_path / "key.asc").write_text(secret_key())
    for name in ("key.asc", str(tmp_path / "key.asc")):
        with signer(base=tmp_path, text=name) as s:
            assert s.public_keys[0].algorithm == "ed25519"


@pytest.fixture
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An environment whose GNUPGHOME, as the user's own, holds a key with the passphrase ``secret``."""
    with gpg_home.private_home(os.environ) as home:
        (home / "gpg.conf").write_text("no-greeting\n")
        done = run("gpg", "--homedir", home, "--batch", "--import", stdin=secret_key("ed25519", "secret").encode())
        assert "secret keys imported: 1" in done.stderr
        yield {**environ(passphrase="secret"), "GNUPGHOME": str(home)}


def test_a_key_in_the_users_keyring(keyring: dict[str, str], tmp_path: Path) -> None:
    with signer(text=secret_key("ed25519", "secret"), passphrase="secret") as s:
        expected, text = s.public_keys, s.clear(RELEASE)
    fingerprint = expected[0].fingerprint
    spaced = " ".join(fingerprint[at : at + 4] for at in range(0, 40, 4))
    for name in (fingerprint, fingerprint.lower(), f"0x{fingerprint[-16:]}", spaced):
        with open_signer((name,), base=tmp_path, environ=keyring, date=DATE) as s:
            assert (s.public_keys, s.clear(RELEASE)) == (expected, text)
    with pytest.raises(SigningError, match="the passphrase does not open the signing key"):
        read_public_keys((fingerprint,), base=tmp_path, environ={**keyring, "REPOGEN_SIGNING_PASSPHRASE": "wrong"})
    with pytest.raises(SigningError, match="no secret key 0123456789ABCDEF in your keyring"):
        read_public_keys(("0123456789ABCDEF",), base=tmp_path, environ=keyring)


# -- keys that cannot be used --------------------------------------------------------------


def refused(**given: object) -> SigningError:
    with pytest.raises(SigningError) as caught, signer(**given):  # type: ignore[arg-type]
        pass
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value


def test_no_key_at_all() -> None:
    error = refused()
    assert error.message == "there is no signing key"
    for word in ("repogen keys new", "REPOGEN_SIGNING_KEY", "--unsigned"):
        assert word in error.hint


def test_a_missing_file(tmp_path: Path) -> None:
    error = refused(key="secret-key.asc", base=tmp_path)
    assert error.message == f"the signing key {tmp_path}/secret-key.asc ([signing] key) does not exist"
    assert "is no file" in refused(key=".", base=tmp_path).message


def test_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / "key.asc").write_text("x")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert "cannot be read" in refused(key="key.asc", base=tmp_path).message


def test_a_public_key(tmp_path: Path) -> None:
    with signer(text=secret_key()) as s:
        (tmp_path / "public.asc").write_text(s.public_keys[0].armored)
        (tmp_path / "public.gpg").write_bytes(s.public_keys[0].binary)
    for name in ("public.asc", "public.gpg"):
        error = refused(key=name, base=tmp_path)
        assert error.message == f"{tmp_path}/{name} is a public key"
        assert "--export-secret-keys" in error.hint


@pytest.mark.parametrize(
    "content", [b"", b"not a key", b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQ==\n-----END PGP PRIVATE KEY BLOCK-----\n", bytes(range(256))]
)
def test_no_key_in_the_file(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "key.asc").write_bytes(content)
    assert "holds no OpenPGP secret key" in refused(key="key.asc", base=tmp_path).message


def test_two_keys_in_one_block(tmp_path: Path) -> None:
    """What `gpg --export-secret-keys` writes without a fingerprint: nobody means to sign with all of these."""
    with gpg_home.private_home(os.environ) as home:
        for kind in ("ed25519", "rsa2048"):
            gpg_in(home, "--import", stdin=secret_key(kind).encode())
        text = gpg_in(home, "--armor", "--export-secret-keys").decode()
    assert "holds 2 secret keys in one block" in refused(text=text).message


@pytest.mark.parametrize("kind", ["ed25519", "nistp256"])
def test_a_wrong_and_a_missing_passphrase(kind: str) -> None:
    text = secret_key(kind, "right")
    wrong = refused(text=text, passphrase="wr0ng-passphrase")
    assert wrong.message == "the passphrase does not open the signing key (REPOGEN_SIGNING_KEY)"
    assert "wr0ng" not in str(wrong)
    missing = refused(text=text)
    assert missing.message == "the signing key (REPOGEN_SIGNING_KEY) needs a passphrase"
    assert "REPOGEN_SIGNING_PASSPHRASE" in missing.hint
    assert "line break" in refused(text=text, passphrase="two\nlines").message


@pytest.mark.parametrize("passphrase", ["  blanks  ", "Grüße % \\ \"'", "x" * 200])
def test_odd_passphrases(passphrase: str, tmp_path: Path) -> None:
    with gpg_home.private_home(os.environ) as home:
        gpg = ["gpg", "--homedir", str(home), "--batch", "--pinentry-mode", "loopback", "--passphrase-fd", "0"]
        run(*gpg, "--quick-gen-key", "Acme <a@acme.example>", "ed25519", "sign", "never", stdin=f"{passphrase}\n".encode())
        text = run(*gpg, "--armor", "--export-secret-keys", stdin=f"{passphrase}\n".encode()).stdout
    with signer(text=text, passphrase=passphrase + "\n") as s:
        assert b"BEGIN PGP SIGNED" in s.clear(b"x\n")
        assert s._keys[0].fast is not None


def test_an_unneeded_passphrase_does_no_harm() -> None:
    with signer(text=secret_key(), passphrase="not needed") as s, signer(text=secret_key()) as plain:
        assert s.clear(RELEASE) == plain.clear(RELEASE)


def test_an_expired_key_is_found_by_the_real_clock() -> None:
    error = refused(text=secret_key(expires="30"), date="2026-01-15T00:00:00Z")
    assert "expired on 2026-01-31" in error.message
    assert "quick-set-expire" in error.hint
    (key,) = read_public_keys((), base=Path(), environ=environ(secret_key(expires="30")))
    assert key.expires == "2026-01-31T00:00:00Z"


def test_a_revoked_key() -> None:
    with gpg_home.private_home(os.environ) as home:
        gpg = ["gpg", "--homedir", str(home), "--batch", "--pinentry-mode", "loopback"]
        run(*gpg, "--quick-gen-key", "Acme <a@acme.example>", "ed25519", "sign", "never", "--passphrase", "", check=False)
        run(*gpg, "--passphrase", "", "--quick-gen-key", "Acme <a@acme.example>", "ed25519", "sign", "never")
        (revocation,) = (home / "openpgp-revocs.d").glob("*.rev")
        run(*gpg, "--import", stdin=revocation.read_bytes().replace(b":-----BEGIN", b"-----BEGIN"))
        text = run(*gpg, "--armor", "--export-secret-keys").stdout
    assert "is revoked" in refused(text=text).message


def test_a_key_whose_primary_part_is_elsewhere() -> None:
    with gpg_home.private_home(os.environ) as home:
        gpg = ["gpg", "--homedir", str(home), "--batch", "--pinentry-mode", "loopback", "--passphrase", ""]
        run(*gpg, "--quick-gen-key", "Acme <a@acme.example>", "ed25519", "cert", "never")
        fingerprint = run(*gpg, "--with-colons", "-K").stdout.split("fpr:::::::::")[1][:40]
        run(*gpg, "--quick-add-key", fingerprint, "ed25519", "sign", "never")
        whole = run(*gpg, "--armor", "--export-secret-keys").stdout
        subkeys = run(*gpg, "--armor", "--export-secret-subkeys").stdout
    assert "does not hold the secret part of the primary key" in refused(text=subkeys).message
    assert "cannot sign" in refused(text=whole).message


@pytest.mark.parametrize("program", ["gpg", "gpg-agent"])
def test_gpg_is_not_installed(program: str, tmp_path: Path) -> None:
    for name in {"gpg", "gpg-agent", "gpgconf"} - {program}:
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    with (
        pytest.raises(SigningError, match=f"{program} is not installed"),
        open_signer((), base=tmp_path, environ={**environ(secret_key()), "PATH": str(tmp_path)}, date=DATE),
    ):
        pass


def test_gpg_does_not_run(tmp_path: Path) -> None:
    for name, script in {"gpg": "exit 2", "gpg-agent": "exit 2"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    given = {**environ(secret_key()), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with pytest.raises(SigningError, match=f"{tmp_path}/gpg-agent does not start"), open_signer((), base=tmp_path, environ=given, date=DATE):
        pass
    (tmp_path / "gpg-agent").unlink()
    with pytest.raises(SigningError, match=f"{tmp_path}/gpg does not run"), open_signer((), base=tmp_path, environ=given, date=DATE):
        pass


# -- warnings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [("rsa2048", "RSA key of 2048 bits"), ("dsa2048", "is a DSA key"), ("nistp256", "on the curve nistp256"), ("ed25519", ""), ("rsa3072", "")],
)
def test_weak_keys_are_warned_about(kind: str, sentence: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "repogen"), signer(text=secret_key(kind)):
        pass
    assert len(caplog.messages) == bool(sentence)
    assert sentence in " ".join(caplog.messages)


# -- secrets -------------------------------------------------------------------------------


def test_no_secret_in_arguments_or_environment(tmp_path: Path) -> None:
    """A wrapper writes down what every gpg program is started with."""
    record = tmp_path / "record"
    for name in ("gpg", "gpg-agent"):
        wrapper = tmp_path / name
        wrapper.write_text(f'#!/bin/sh\n{{ echo "$@"; env; }} >> {record}\nexec /usr/bin/{name} "$@"\n')
        wrapper.chmod(0o755)
    given = {**environ(secret_key(passphrase="hush-hush"), "hush-hush"), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with open_signer((), base=tmp_path, environ=given, date=DATE) as s:
        s.clear(RELEASE)
        s.detached(RELEASE)
    seen = record.read_text()
    assert "--daemon" in seen
    assert "--clearsign" in seen
    assert "hush-hush" not in seen
    assert secret_key(passphrase="hush-hush").splitlines()[3] not in seen
    assert "REPOGEN_SIGNING" not in seen


def test_no_secret_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), signer(text=secret_key(passphrase="hush-hush"), passphrase="hush-hush") as s:
        s.clear(RELEASE)
    assert "hush-hush" not in caplog.text
    assert "PRIVATE KEY" not in caplog.text
    assert "BEGIN" not in repr(SecretText(secret_key().encode(), "here"))


def test_nothing_is_left_afterwards() -> None:
    with signer(text=secret_key()) as s:
        home = Path(s._gpg.gnupghome)
        sockets = (home / gpg_home.AGENT).resolve().parent
        assert home.stat().st_mode & 0o777 == 0o700
        assert _answers(sockets / "S.gpg-agent")
    assert not home.exists()
    _wait_until_gone(sockets)


def test_nothing_is_left_after_an_interruption() -> None:
    opened = signer(text=secret_key())
    home = Path(opened.__enter__()._gpg.gnupghome)
    assert home.exists()
    opened.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not home.exists()


def test_nothing_is_left_of_a_process_that_was_killed() -> None:
    script = """
import os, sys, time
from pathlib import Path
from repogen.signing import gpg_home
from repogen.signing.open_key import OpenKey
from repogen.signing.signer import open_signer
with open_signer((), base=Path(), environ=os.environ, date="2026-06-01T10:00:00Z") as signer:
    home = Path(signer._gpg.gnupghome)
    print(home, (home / gpg_home.AGENT).resolve(), flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environ(secret_key()), text=True) as process:
        assert process.stdout is not None
        home, agent = process.stdout.readline().split()
        assert _answers(Path(agent))
        process.send_signal(signal.SIGKILL)
    _wait_until_gone(Path(home))
    _wait_until_gone(Path(agent))


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        return connection.recv(2) == b"OK"


def _wait_until_gone(path: Path) -> None:
    for _ in range(100):
        if not path.exists():
            return
        time.sleep(0.05)
    pytest.fail(f"{path} is still there")


def test_a_signature_costs_no_process() -> None:
    with signer(text=secret_key()) as s:
        s._gpg.gpgbinary = "/nonexistent"
        digests = {hashlib.sha256(s.detached_binary(b"%d" % number)).digest() for number in range(200)}
    assert len(digests) == 200


def test_without_the_agent_gpg_makes_every_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: object) -> None:
        raise FileNotFoundError(2, "No such file or directory")

    with signer(text=secret_key()) as s:
        expected = s.detached(RELEASE), s.detached_binary(RELEASE)
    monkeypatch.setattr("repogen.signing.signer.Agent", absent)
    with signer(text=secret_key()) as s:
        assert s._keys[0].fast is None
        assert (s.detached(RELEASE), s.detached_binary(RELEASE)) == expected


# -- several keys --------------------------------------------------------------------------

BOTH = ("ed25519", "rsa3072")


def both(passphrase: str = "") -> str:
    return "".join(secret_key(kind, passphrase) for kind in BOTH)


@pytest.mark.parametrize("text", [both(), both().replace("\n", "\\n"), base64.b64encode(both().encode()).decode()])
def test_several_keys_sign_together(text: str, tmp_path: Path) -> None:
    with signer(text=text) as s:
        assert [key.algorithm for key in s.public_keys] == list(BOTH)
        clear, armored, binary = s.clear(RELEASE), s.detached(RELEASE), s.detached_binary(RELEASE)
        s.check(clear)
        s.check(armored, RELEASE)
    assert clear.count(b"-----BEGIN PGP SIGNATURE-----") == armored.count(b"-----BEGIN PGP SIGNATURE-----") == 1
    for kind in BOTH:
        for files in ((clear,), (armored, RELEASE)):
            said = gpgv_with(tmp_path, public_key(secret_key(kind)), *files)
            assert said.count("GOODSIG") == said.count("ERRSIG") == 1, "a client that knows one of them"
    every = b"".join(public_key(secret_key(kind)) for kind in BOTH)
    assert gpgv(tmp_path, every, clear).count("VALIDSIG") == gpgv(tmp_path, every, armored, RELEASE).count("VALIDSIG") == 2
    assert gpgv(tmp_path, public_key(secret_key()), binary, RELEASE).count("VALIDSIG") == 1, "an rpm bears the first key's alone"


def gpgv_with(folder: Path, key: bytes, *files: bytes) -> str:
    (folder / "one.gpg").write_bytes(key)
    for number, content in enumerate(files):
        (folder / f"file{number}").write_bytes(content)
    return run("gpgv", "--status-fd", "1", "--keyring", folder / "one.gpg", *(folder / f"file{at}" for at in range(len(files))), check=False).stdout


def test_sqv_takes_two_signatures(tmp_path: Path) -> None:
    require("sqv")
    with signer(text=both()) as s:
        (tmp_path / "signature").write_bytes(s.detached(RELEASE))
    (tmp_path / "data").write_bytes(RELEASE)
    for kind in BOTH:
        (tmp_path / "key.gpg").write_bytes(public_key(secret_key(kind)))
        run("sqv", "--keyring", tmp_path / "key.gpg", tmp_path / "signature", tmp_path / "data")


def test_one_passphrase_for_all_or_one_each(tmp_path: Path) -> None:
    with signer(text=both("same"), passphrase="same") as s:
        s.check(s.clear(RELEASE))
    mixed = secret_key("rsa3072", "first") + secret_key("nistp256", "second")
    with signer(text=mixed, passphrase="first\nsecond\n") as s:
        s.check(s.clear(RELEASE))
        s.check(s.detached(RELEASE), RELEASE)
    assert "the passphrase does not open" in refused(text=mixed, passphrase="second\nfirst").message
    assert "the passphrase does not open" in refused(text=mixed, passphrase="first").message
    error = refused(text=mixed, passphrase="a\nb\nc")
    assert "does not fit 2 signing keys" in error.message
    assert "a line for each key" in error.hint


def test_several_files(tmp_path: Path, keyring: dict[str, str]) -> None:
    (tmp_path / "one.asc").write_text(secret_key("rsa3072", "secret"))
    names = ("one.asc", fingerprint(secret_key("ed25519")))
    with open_signer(("one.asc",), base=tmp_path, environ=keyring, date=DATE) as s:
        assert [key.algorithm for key in s.public_keys] == ["rsa3072"]
    (tmp_path / "both.asc").write_text(secret_key("nistp256", "secret") + secret_key("rsa2048", "secret"))
    with open_signer((*names[:1], "both.asc"), base=tmp_path, environ=keyring, date=DATE) as s:
        assert [key.algorithm for key in s.public_keys] == ["rsa3072", "nistp256", "rsa2048"]
        s.check(s.clear(RELEASE))


def test_the_same_key_twice(tmp_path: Path) -> None:
    assert "which is there already" in refused(text=secret_key() + secret_key()).message


def test_one_of_several_is_unusable() -> None:
    assert "expired on 2026-01-31" in refused(text=secret_key() + secret_key("rsa2048", expires="30")).message


# -- what is signed is verified ------------------------------------------------------------


def test_a_wrong_export_is_found_before_anything_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """The public key of someone else under our key's name."""
    with signer(text=secret_key("rsa2048")) as other:
        (wrong,) = other.public_keys
    with signer(text=secret_key()) as s:
        clear, armored = s.clear(RELEASE), s.detached(RELEASE)
        s.check(clear)
        s.check(armored, RELEASE)
        for bad in (lambda: s.check(clear.replace(b"Acme", b"Evil")), lambda: s.check(armored, RELEASE + b"x")):
            with pytest.raises(SigningError, match="does not verify with the public key that would be published"):
                bad()
        (Path(s._gpg.gnupghome) / "exported.gpg").write_bytes(wrong.binary)
        for bad in (lambda: s.check(clear), lambda: s.check(armored, RELEASE)):
            with pytest.raises(SigningError, match="does not verify"):
                bad()


def test_no_signature_is_older_than_the_self_signature(tmp_path: Path) -> None:
    """apt 3 takes a signature only if the key was bound to its user id at that time, and extending a key renews that."""
    require("sqv")
    with gpg_home.private_home(os.environ) as home:
        gpg_in(home, "--import", stdin=secret_key().encode())
        gpg_in(home, "--faked-system-time", "20260901T000000", "--cert-digest-algo", "SHA512", "--quick-set-expire", fingerprint(secret_key()), "20y")
        renewed = gpg_in(home, "--armor", "--export-secret-keys").decode()
    with signer(text=renewed, date=DATE) as s:
        (tmp_path / "signature").write_bytes(s.detached(RELEASE))
        (tmp_path / "key.gpg").write_bytes(s.public_keys[0].binary)
    (tmp_path / "data").write_bytes(RELEASE)
    run("sqv", "--keyring", tmp_path / "key.gpg", tmp_path / "signature", tmp_path / "data")


def test_a_clock_that_ticks_while_gpg_signs_does_not_keep_the_agent_away(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """gpg takes a given time for none where it is the present second, and may sign in the next one."""
    exactly, asked = OpenKey._detached, []

    def ticking(self: OpenKey, data: bytes, moment: int) -> bytes:
        asked.append(moment)
        return exactly(self, data, moment + (len(asked) == 1))

    monkeypatch.setattr(OpenKey, "_detached", ticking)
    with signer(text=secret_key("ed25519")) as s:
        assert s._keys[0].fast is not None
    assert len(asked) == 2
    assert "takes longer" not in caplog.text
