"""The checksum lists, the key files and repo.json of a published site, as coreutils, gpg and a program find them."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.support.clients import require, run
from tests.support.packages import make_deb, make_rpm, make_tar, make_zip, program
from tests.support.site import published

LISTS = ("SHA256SUMS", "SHA512SUMS")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signed site with a deb, an rpm (which is signed, so its bytes changed), archives and a nupkg."""
    folder = tmp_path_factory.mktemp("release")
    script = program("hello", "1.0.0")
    files = [
        make_deb(folder),
        make_rpm(folder),
        make_tar(folder / "hello-1.0.0-linux-amd64.tar.gz", {"hello": script}, ("hello",)),
        make_tar(folder / "hello-1.0.0-macos-arm64.tar.gz", {"hello": script}, ("hello",)),
        make_zip(folder / "hello 1.0.0 windows amd64.zip", {"hello.exe": b"MZ" + bytes(200)}),
    ]
    return published(tmp_path_factory.mktemp("project"), files)


@pytest.mark.parametrize("name", LISTS)
def test_sums_pass_where_they_stand(site: Path, name: str) -> None:
    require("sha256sum", "sha512sum")
    folder = site / "downloads/hello/1.0.0"
    done = run(name.removesuffix("S").lower(), "--check", "--strict", name, cwd=folder)
    checked = [line.removesuffix(": OK") for line in done.stdout.splitlines()]
    assert {Path(path).suffix for path in checked} >= {".deb", ".rpm", ".gz", ".zip"}
    assert len(checked) == len(set(checked))
    for path in checked:
        assert (folder / path).is_file()


def test_one_download_is_checked_in_a_folder_of_its_own(site: Path, tmp_path: Path) -> None:
    require("sha256sum")
    for name in ("SHA256SUMS", "hello-1.0.0-linux-amd64.tar.gz"):
        (tmp_path / name).write_bytes((site / "downloads/hello/1.0.0" / name).read_bytes())
    assert run("sha256sum", "--check", "--ignore-missing", "SHA256SUMS", cwd=tmp_path).stdout == "hello-1.0.0-linux-amd64.tar.gz: OK\n"
    (tmp_path / "hello-1.0.0-linux-amd64.tar.gz").write_bytes(b"other")
    assert run("sha256sum", "--check", "--ignore-missing", "SHA256SUMS", cwd=tmp_path, check=False).returncode == 1


@pytest.mark.parametrize("key", ["keys/acme.asc", "keys/acme.gpg"])
@pytest.mark.parametrize("name", LISTS)
def test_gpg_verifies_the_signature_with_the_published_key_alone(site: Path, tmp_path: Path, key: str, name: str) -> None:
    require("gpg")
    home = tmp_path / "gnupg"
    home.mkdir(mode=0o700)
    run("gpg", "--homedir", home, "--batch", "--import", site / key)
    sums = site / "downloads/hello/1.0.0" / name
    assert "Good signature" in run("gpg", "--homedir", home, "--batch", "--verify", f"{sums}.asc", sums).stderr
    changed = tmp_path / name
    changed.write_bytes(sums.read_bytes().replace(b"hello", b"hallo", 1))
    assert run("gpg", "--homedir", home, "--batch", "--verify", f"{sums}.asc", changed, check=False).returncode != 0


def test_the_key_files_hold_no_secret(site: Path) -> None:
    require("gpg")
    for key in ("keys/acme.asc", "keys/acme.gpg"):
        packets = run("gpg", "--batch", "--list-packets", site / key).stdout
        assert ":public key packet:" in packets
        assert "secret" not in packets


def test_repo_json_names_what_is_there(site: Path) -> None:
    whole = json.loads((site / "repo.json").read_text(encoding="utf-8"))
    files = [file for product in whole["products"] for release in product["releases"] for file in release["files"]]
    assert len(files) >= 5
    for file in files:
        content = (site / file["path"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["size"], file["sha256"])
        assert file["url"] == f"https://dl.acme.example/{file['path']}"
    addresses = re.findall(r"https://dl\.acme\.example/([^\s\"'&|]+)", json.dumps(whole["products"]))
    for address in addresses:
        path = site / address.rstrip("\\")
        assert path.exists(), address


def test_every_link_of_the_page_leads_somewhere(site: Path) -> None:
    text = (site / "index.html").read_text(encoding="utf-8")
    links = {unquote(link) for link in re.findall(r'(?:href|src)="([^"#]+)"', text)}
    assert {"repo.json", "keys/acme.asc", "downloads/hello/1.0.0/SHA256SUMS.asc"} <= links
    for link in links:
        assert link.startswith("https://") or (site / link).is_file(), link
