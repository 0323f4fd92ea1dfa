"""Appcasts, read as Sparkle and WinSparkle read them: the newest item for the system, its file fetched, its signature checked by openssl."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen
from xml.etree import ElementTree as ET

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.clients import require, run
from tests.support.installers import make_dmg, make_nsis
from tests.support.server import serving
from tests.support.site import Project

_SPARKLE = "{http://www.andymatuschak.org/xml-namespaces/sparkle}"
SEED = bytes(range(32))
KEY = base64.b64encode(SEED).decode()


class Item(NamedTuple):
    os: str
    build: str
    version: str
    url: str
    size: int
    signature: str
    notes: str | None


def items(content: bytes) -> list[Item]:
    found = []
    for item in ET.fromstring(content).iter("item"):
        enclosure = item.find("enclosure")
        assert enclosure is not None
        said = {name: item.findtext(f"{_SPARKLE}{name}") or "" for name in ("version", "shortVersionString")}
        found.append(
            Item(
                enclosure.attrib[f"{_SPARKLE}os"], said["version"], said["shortVersionString"], enclosure.attrib["url"], int(enclosure.attrib["length"]),
                enclosure.attrib[f"{_SPARKLE}edSignature"], item.findtext("description"),
            )
        )  # fmt: skip
    return found


def release(folder: Path, version: str) -> list[Path]:
    return [make_dmg(folder / f"Quiet-{version}.dmg", "Quiet.app"), make_nsis(folder / f"Quiet-{version}-x64-setup.exe", "Quiet", version.partition("-")[0])]


def verify(folder: Path, content: bytes, signature: str) -> None:
    require("openssl")
    for name, data in (("file", content), ("signature", base64.b64decode(signature))):
        (folder / name).write_bytes(data)
    public = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "public.pem").write_bytes(public)
    run("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-rawin", "-in", "file", "-sigfile", "signature", cwd=folder)


def test_both_updaters_find_fetch_and_believe_their_file(tmp_path: Path) -> None:
    with serving(tmp_path / "project/site") as server:
        project = Project(tmp_path / "project", url=server.url, updates={"sparkle_key": "sparkle"})
        (project.folder / "sparkle").write_text(KEY + "\n")
        for version, date in (("1.0.0", "2026-01-02T12:00:00Z"), ("1.1.0", "2026-01-03T12:00:00Z")):
            (tmp_path / f"RELEASE_NOTES-{version}.md").write_text("# New\n\n- *fast* & <script>x</script>\n")
            project.release(*release(tmp_path / version, version), tmp_path / f"RELEASE_NOTES-{version}.md", date=date)
            project.empty()

        found = items(urlopen(f"{server.url}/updates/stable/appcast.xml").read())
        assert [(item.os, item.version, item.build) for item in found] == [
            ("macos", "1.1.0", "1.1.0"), ("windows-x64", "1.1.0", "1.1.0"), ("macos", "1.0.0", "1.0.0"), ("windows-x64", "1.0.0", "1.0.0"),
        ]  # fmt: skip
        assert found == items(urlopen(f"{server.url}/updates/quiet/stable/appcast.xml").read())
        for item in found:
            fetched = urlopen(item.url).read()
            assert len(fetched) == item.size
            verify(tmp_path, fetched, item.signature)
            assert "<em>fast</em> &amp;" in (item.notes or "")
            assert "<script" not in (item.notes or "")

        project.run("yank", "quiet", "1.1.0")
        assert {item.version for item in items(urlopen(f"{server.url}/updates/stable/appcast.xml").read())} == {"1.0.0"}
        project.run("yank", "quiet", "1.0.0")
        assert items(urlopen(f"{server.url}/updates/stable/appcast.xml").read()) == []


def test_one_feed_of_all_channels_for_sparkle_2(tmp_path: Path) -> None:
    project = Project(tmp_path, key=None, updates={"sparkle_key": KEY})
    for version in ("1.0.0", "1.1.0-beta.1"):
        release(project.dist, version)
    project.build("--unsigned")
    stable = project.output / "updates/stable"
    assert {item.version for item in items((stable / "appcast.xml").read_bytes())} == {"1.0.0"}, "what older updaters and WinSparkle are offered"
    every = ET.fromstring((stable / "appcast-channels.xml").read_bytes()).iter("item")
    assert [(item.findtext(f"{_SPARKLE}shortVersionString"), item.findtext(f"{_SPARKLE}channel")) for item in every] == [
        ("1.0.0", None),
        ("1.1.0-beta.1", "beta"),
    ]
    assert {item.os for item in items((stable / "appcast-channels.xml").read_bytes())} == {"macos"}


def given(folder: Path, *files: Path, size: int = 0) -> Path:
    """What generate_appcast writes: with the build number, and with an older release that is not here."""
    entries = "".join(
        f'<item><sparkle:version>42</sparkle:version><sparkle:minimumSystemVersion>11.0</sparkle:minimumSystemVersion>'
        f'<enclosure url="https://other.example/{name}" length="{length}" sparkle:edSignature="c2lnbmVk"/></item>'
        for name, length in (*((file.name, size or file.stat().st_size) for file in files), ("Quiet-0.9.0.dmg", 7))
    )  # fmt: skip
    path = folder / "appcast.xml"
    path.write_text(f'<rss xmlns:sparkle="{_SPARKLE[1:-1]}"><channel>{entries}</channel></rss>')
    return path


def test_a_given_appcast_says_signature_and_build(tmp_path: Path) -> None:
    project = Project(tmp_path, key=None)
    image, _ = release(project.dist, "1.0.0")
    given(project.dist, image)
    project.build("--unsigned")
    content = (project.output / "updates/stable/appcast.xml").read_bytes()
    (item,) = items(content)
    assert (item.os, item.build, item.version, item.signature) == ("macos", "42", "1.0.0", "c2lnbmVk")
    assert item.url == "https://dl.acme.example/downloads/quiet/1.0.0/Quiet-1.0.0.dmg"
    assert b"<sparkle:minimumSystemVersion>11.0<" in content


def test_one_that_differs_is_refused(tmp_path: Path) -> None:
    project = Project(tmp_path, key=None)
    image, _ = release(project.dist, "1.0.0")
    given(project.dist, image, size=5)
    assert "appcast.xml says that Quiet-1.0.0.dmg has 5 bytes" in project.build("--unsigned", code=1).stderr


@pytest.mark.parametrize("content", [b"<rss", b"<!DOCTYPE x [<!ENTITY a 'b'>]><rss/>"])
def test_a_damaged_one_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    project = Project(tmp_path, key=None)
    release(project.dist, "1.0.0")
    (project.dist / "appcast.xml").write_bytes(content)
    assert project.build("--unsigned", code=1).stderr.startswith(("repogen: appcast.xml is no XML", "repogen: appcast.xml declares a document type"))


@pytest.mark.parametrize("key", ["nowhere", base64.b64encode(bytes(96)).decode(), base64.b64encode(bytes(64)).decode()])
def test_a_key_that_cannot_sign_is_told_and_not_shown(tmp_path: Path, key: str) -> None:
    project = Project(tmp_path, key=None)
    release(project.dist, "1.0.0")
    said = project.run("build", "--unsigned", code=1, env={"REPOGEN_SPARKLE_KEY": key}).stderr
    assert "REPOGEN_SPARKLE_KEY is n" in said
    assert key not in said
