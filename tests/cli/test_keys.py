"""repogen keys: new, show, check and export, as a user types them."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from repogen.__main__ import run as repogen
from repogen.cli.keys import keys
from repogen.signing import new_key
from repogen.signing.gpg_home import AGENT, private_home
from repogen.signing.signer import open_signer
from tests.support.clients import require, run
from tests.support.keys import fingerprint, public_key, secret_key

CONFIG = '[repo]\nname = "acme"\nurl = "https://dl.acme.example"\nmaintainer = "Acme Releases <releases@acme.example>"\n\n[signing]\nkey = "secret-key.asc"\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    require("gpg", "gpg-agent")
    monkeypatch.delenv("REPOGEN_SIGNING_KEY", raising=False)
    monkeypatch.delenv("REPOGEN_SIGNING_PASSPHRASE", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "repogen.toml").write_text(CONFIG)
    return tmp_path


def test_a_new_key_signs(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert repogen(["keys", "new"]) == 0
    out, err = capfd.readouterr()
    assert out.startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----\n")
    assert out.endswith("-----END PGP PUBLIC KEY BLOCK-----\n")
    assert "without a passphrase" in err
    assert "Acme Releases <releases@acme.example>" in err
    assert (folder / "secret-key.asc").stat().st_mode & 0o777 == 0o600
    assert repogen(["keys", "show", "--json"]) == 0
    (row,) = json.loads(capfd.readouterr().out)["keys"]
    assert row["algorithm"] == "ed25519"
    assert row["expires"] == ""
    assert row["warnings"] == []
    assert row["fingerprint"] in err


@pytest.mark.parametrize("kind", ["ed25519", pytest.param("rsa4096", marks=pytest.mark.slow)])
def test_a_new_key_is_of_the_wanted_kind(kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("REPOGEN_SIGNING_PASSPHRASE", "Grüße % 1")
    assert repogen(["keys", "new", "--type", kind, "--expires", "5y", "--user-id", "Jürgen <j@acme.example>", "--output", "other.asc"]) == 0
    err = capfd.readouterr().err
    assert "opened by REPOGEN_SIGNING_PASSPHRASE" in err
    assert "Grüße" not in err
    packets = run("gpg", "--homedir", folder, "--list-packets", "other.asc").stdout
    assert packets.count("key packet:") == 1, "no subkey"
    assert "digest algo 10," in packets, "SHA-512 in the self-signature"
    count = int(packets.split("protect count: ")[1].split()[0])
    assert count >= 1_000_000, "the passphrase is stretched as gpg does it"
    monkeypatch.setenv("REPOGEN_SIGNING_KEY", "other.asc")
    assert repogen(["keys", "show"]) == 0
    out = capfd.readouterr().out
    assert f"algorithm:   {kind}\n" in out
    assert "user id:     Jürgen <j@acme.example>\n" in out
    assert "expires:     20" in out


def test_a_long_passphrase_is_taken_as_it_stands(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPOGEN_SIGNING_PASSPHRASE", f" {'x' * 253} ")
    assert repogen(["keys", "new"]) == 0
    with open_signer(("secret-key.asc",), base=folder, environ=os.environ, date="2026-11-30T00:00:00Z") as signer:
        assert b"BEGIN PGP SIGNATURE" in signer.detached(b"data")


def test_a_passphrase_that_gpg_does_not_take(folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("REPOGEN_SIGNING_PASSPHRASE", "x" * 256)
    assert repogen(["keys", "new"]) == 2
    assert "REPOGEN_SIGNING_PASSPHRASE is longer than 255 bytes" in capfd.readouterr().err
    assert not (folder / "secret-key.asc").exists()


def test_a_new_key_with_an_agent_that_forgets_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a step of the clock: the agent knows no passphrase any more when the self-signature is due."""

    def forget(home: Path) -> None:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(home / AGENT))
            agent = connection.makefile("rb")
            assert agent.readline().startswith(b"OK ")
            deadline = time.monotonic() + 60
            while not any(home.glob("private-keys-v1.d/*.key")):
                assert time.monotonic() < deadline
            connection.sendall(b"RELOADAGENT\n")
            assert agent.readline() == b"OK\n"

    @contextmanager
    def forgetful_home(environ: Mapping[str, str], *, exporting: bool = False) -> Iterator[Path]:
        with private_home(environ, exporting=exporting) as home, ThreadPoolExecutor() as threads:
            forgotten = threads.submit(forget, home)
            yield home
            forgotten.result()

    monkeypatch.setattr(new_key, "private_home", forgetful_home)
    monkeypatch.setenv("REPOGEN_SIGNING_PASSPHRASE", "secret")
    assert repogen(["keys", "new"]) == 0


def test_a_key_is_never_overwritten(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "secret-key.asc").write_text("precious")
    assert repogen(["keys", "new"]) == 2
    assert f"{folder}/secret-key.asc exists" in capfd.readouterr().err
    assert (folder / "secret-key.asc").read_text() == "precious"
    (folder / "link.asc").symlink_to("nowhere")
    assert repogen(["keys", "new", "--output", "link.asc"]) == 2
    assert not (folder / "nowhere").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--user-id", "Acme\n%no-protection"], "is no user id"),
        (["--user-id", "<only@address.example>"], "is no user id"),
        (["--user-id", "Acme <a> <b>"], "is no user id"),
        (["--expires", "soon"], "is no time to expire in"),
        (["--expires", "0"], "is no time to expire in"),
        (["--type", "dsa"], "'dsa' is not one of"),
        (["--output", "absent/folder/key.asc"], "cannot be written"),
    ],
)
def test_wrong_use(arguments: list[str], sentence: str, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert repogen(["keys", "new", *arguments]) in {1, 2}
    assert sentence in capfd.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["repogen.toml"]


def test_a_user_id_is_needed(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "repogen.toml").unlink()
    assert repogen(["keys", "new"]) == 2
    assert "--user-id" in capfd.readouterr().err
    assert repogen(["keys", "new", "--user-id", "Acme"]) == 0


def test_export(folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPOGEN_SIGNING_KEY", secret_key(passphrase="not given here"))
    assert repogen(["-C", str(folder), "keys", "export", "--output", "public/keys"]) == 0
    capfd.readouterr()
    assert repogen(["keys", "export"]) == 0
    armored = capfd.readouterr().out
    assert (folder / "public/keys/acme.asc").read_text() == armored
    dearmored = run("gpg", "--homedir", folder, "--dearmor", "--output", "plain", stdin=armored.encode())
    assert dearmored.returncode == 0
    assert (folder / "plain").read_bytes() == (folder / "public/keys/acme.gpg").read_bytes()


def test_export_where_nothing_can_be_written(folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPOGEN_SIGNING_KEY", secret_key())
    (folder / "file").write_text("x")
    assert repogen(["keys", "export", "--output", "file/below"]) == 1
    assert "Not a directory" in capfd.readouterr().err


def test_show_without_a_key(capfd: pytest.CaptureFixture[str]) -> None:
    assert repogen(["keys", "show"]) == 1
    assert "repogen keys new" in capfd.readouterr().err


def test_a_weak_key_is_shown_with_a_warning(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPOGEN_SIGNING_KEY", secret_key("rsa2048"))
    assert repogen(["-q", "keys", "show"]) == 0
    out, err = capfd.readouterr()
    assert "rsa2048" in out
    assert "RSA key of 2048 bits" in err


def test_check_of_a_good_key(folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPOGEN_SIGNING_KEY", secret_key(passphrase="not given here"))
    assert repogen(["keys", "check"]) == 0
    out = capfd.readouterr().out
    assert out.startswith("ok: ")
    assert "every client of today takes it" in out
    assert repogen(["keys", "check", "--json"]) == 0
    assert json.loads(capfd.readouterr().out) == {"checked": [out.split()[1].rstrip(":")], "findings": []}


def test_check_of_a_weak_key(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPOGEN_SIGNING_KEY", secret_key("rsa2048"))
    assert repogen(["keys", "check"]) == 0
    assert "warning: the key" in capfd.readouterr().out
    monkeypatch.setenv("REPOGEN_SIGNING_KEY", secret_key("rsa2048") + secret_key(digest="SHA1", expires="30"))
    assert repogen(["keys", "check", "--json"]) == 1
    told = json.loads(capfd.readouterr().out)
    assert len(told["checked"]) == 2
    assert [(f["severity"], f["check"]) for f in told["findings"]] == [("warning", "algorithm"), ("error", "self-signature"), ("error", "expiry")]
    assert all(f["message"] and f["remedy"] for f in told["findings"])


def test_check_of_files(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "repogen.toml").unlink()
    (folder / "good.asc").write_bytes(public_key(secret_key(), "--armor"))
    (folder / "good.gpg").write_bytes(public_key(secret_key()))
    assert repogen(["keys", "check", "good.asc", "good.gpg"]) == 0
    assert capfd.readouterr().out == "ok:      good.asc, good.gpg: every client of today takes them\n"
    (folder / "bad.gpg").write_text(secret_key())
    assert repogen(["keys", "check", "good.asc", "bad.gpg"]) == 1
    out = capfd.readouterr().out
    assert "error:   bad.gpg holds a SECRET key\n         take it away at once" in out
    assert "bad.gpg is armored text under the name of a binary key" in out
    assert "good.asc" not in out
    assert repogen(["keys", "check", "absent.asc"]) == 1
    assert "absent.asc cannot be read" in capfd.readouterr().err


def test_several_keys_are_shown_and_exported(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name, kind in (("one.asc", "ed25519"), ("two.asc", "rsa3072")):
        (folder / name).write_text(secret_key(kind))
    (folder / "repogen.toml").write_text(CONFIG.replace('key = "secret-key.asc"', 'keys = ["one.asc", "two.asc"]'))
    assert repogen(["keys", "show", "--json"]) == 0
    assert [row["algorithm"] for row in json.loads(capfd.readouterr().out)["keys"]] == ["ed25519", "rsa3072"]
    assert repogen(["keys", "export", "--output", "out"]) == 0
    err = capfd.readouterr().err
    assert fingerprint(secret_key()) in err
    assert fingerprint(secret_key("rsa3072")) in err
    assert (folder / "out/acme.gpg").read_bytes() == public_key(secret_key()) + public_key(secret_key("rsa3072"))
    assert repogen(["keys", "check", "out/acme.asc", "out/acme.gpg"]) == 0


def test_every_command_has_help() -> None:
    assert sorted(keys.commands) == ["check", "export", "new", "show"]
    for command in keys.commands.values():
        assert command.help
        assert command.epilog
    assert "REPOGEN_SIGNING_KEY" not in os.environ


def test_key_and_keys_are_not_both_given(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "repogen.toml").write_text(CONFIG + 'keys = ["other.asc"]\n')
    assert repogen(["keys", "show"]) == 2
    assert "[signing] has both key and keys" in capfd.readouterr().err
