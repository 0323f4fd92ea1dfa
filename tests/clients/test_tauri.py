"""Tauri's updater, played by its rules: the manifest looked up as it does, the file fetched, its signature checked by the real minisign."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.support.clients import require, run
from tests.support.installers import make_appimage, make_msi, make_nsis
from tests.support.packages import make_deb, make_rpm, make_tar
from tests.support.programs import mach_o
from tests.support.server import serving
from tests.support.site import Project


class Signing:
    """A key of minisign, by which Tauri's bundler signs."""

    def __init__(self, folder: Path) -> None:
        require("minisign")
        folder.mkdir()
        self.secret, self.public = folder / "key", folder / "key.pub"
        run("minisign", "-G", "-W", "-p", self.public, "-s", self.secret)

    def sign(self, file: Path) -> Path:
        """The ``.sig`` beside a file: base64 of what minisign writes."""
        plain = file.with_name(f".{file.name}.minisig")
        run("minisign", "-S", "-s", self.secret, "-m", file, "-x", plain)
        signature = file.with_name(f"{file.name}.sig")
        signature.write_bytes(base64.b64encode(plain.read_bytes()))
        plain.unlink()
        return signature

    def verify(self, file: Path, signature: str) -> None:
        written = file.with_name(f"{file.name}.minisig")
        written.write_bytes(base64.b64decode(signature))
        run("minisign", "-V", "-p", self.public, "-m", file, "-x", written)


def bundles(folder: Path, version: str) -> list[Path]:
    program = "Quiet.app/Contents/MacOS/quiet"
    return [
        make_nsis(folder / f"Quiet_{version}_x64-setup.exe", "Quiet", version),
        make_msi(folder / f"Quiet_{version}_x64_en-US.msi", "Quiet", version),
        make_appimage(folder / f"Quiet_{version}_amd64.AppImage"),
        make_deb(folder, "quiet", version),
        *(
            make_tar(folder / f"Quiet_{version}_{arch}.app.tar.gz", {program: mach_o(its)}, (program,))
            for arch, its in (("x64", "amd64"), ("aarch64", "arm64"))
        ),
    ]


def test_the_updater_finds_fetches_and_believes_its_file(tmp_path: Path) -> None:
    key = Signing(tmp_path / "key")
    with serving(tmp_path / "project/site") as server:
        project = Project(tmp_path / "project", url=server.url)
        for version, date in (("1.0.0", "2026-01-02T12:00:00Z"), ("1.1.0", "2026-01-03T12:00:00Z")):
            files = bundles(tmp_path / version, version)
            project.release(*files, *map(key.sign, files), date=date)
            project.empty()

        for address in ("updates/stable/latest.json", "updates/quiet/stable/latest.json"):
            manifest = json.load(urlopen(f"{server.url}/{address}"))
            assert (manifest["version"], manifest["pub_date"]) == ("1.1.0", "2026-01-03T12:00:00Z")
        assert set(manifest["platforms"]) == {
            "darwin-aarch64", "darwin-aarch64-app", "darwin-x86_64", "darwin-x86_64-app", "linux-x86_64", "linux-x86_64-appimage", "linux-x86_64-deb",
            "windows-x86_64", "windows-x86_64-msi", "windows-x86_64-nsis",
        }  # fmt: skip
        expected = {
            "darwin-aarch64": "_aarch64.app.tar.gz",
            "windows-x86_64": "-setup.exe", "windows-x86_64-msi": ".msi", "linux-x86_64": ".AppImage", "linux-x86_64-deb": ".deb",
        }  # fmt: skip
        for target, ending in expected.items():
            platform = manifest["platforms"][target]
            assert platform["url"].endswith(ending)
            fetched = tmp_path / f"fetched-{target}"
            fetched.write_bytes(urlopen(platform["url"]).read())
            key.verify(fetched, platform["signature"])

        project.run("yank", "quiet", "1.1.0")
        assert json.load(urlopen(f"{server.url}/updates/stable/latest.json"))["version"] == "1.0.0"
        project.run("yank", "quiet", "1.0.0")
        assert json.load(urlopen(f"{server.url}/updates/stable/latest.json")) == {"version": "0.0.0", "notes": "", "platforms": {}}


def test_an_rpm_is_offered_where_its_signature_is_over_what_is_published(tmp_path: Path) -> None:
    """repogen signs an rpm that comes in unsigned, after Tauri did."""
    key = Signing(tmp_path / "key")
    project = Project(tmp_path / "project")
    package = make_rpm(tmp_path, "quiet")
    image = make_appimage(tmp_path / "Quiet_1.0.0_amd64.AppImage")
    project.add(package, key.sign(package), image, key.sign(image))
    said = project.build().stderr
    assert f"{package.name}.sig is left out" in said
    assert "sign the rpm itself first" in said

    def offered() -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = json.loads((project.output / "updates/stable/latest.json").read_bytes())["platforms"]
        return found

    assert set(offered()) == {"linux-x86_64", "linux-x86_64-appimage"}

    (signed,) = project.output.glob("yum/stable/Packages/*/*.rpm")
    project.add(signed.rename(package), key.sign(package))
    assert "left out" not in project.build().stderr
    (published,) = project.output.glob("yum/stable/Packages/*/*.rpm")
    key.verify(published, offered()["linux-x86_64-rpm"]["signature"])


@pytest.mark.parametrize("content", [b"\x88\x75\x04\x00", b"dW50cnVzdGVkIGNvbW1lbnQ6\n<html>", b"untrusted comment: signature\nRUQ="])
def test_another_signature_makes_no_manifest(tmp_path: Path, content: bytes) -> None:
    project = Project(tmp_path, key=None)
    image = make_appimage(project.dist / "Quiet_1.0.0_amd64.AppImage")
    image.with_name(f"{image.name}.sig").write_bytes(content)
    project.build("--unsigned")
    assert (project.output / "downloads/quiet/1.0.0/Quiet_1.0.0_amd64.AppImage.sig").is_file()
    assert not (project.output / "updates/stable/latest.json").exists()
