"""The type and the caching of every file of the site."""

from __future__ import annotations

import pytest

from repogen.content_types import cache_control, content_type
from repogen.tree import Stage

TEXT = "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("apt/pool/main/h/hello/hello_1.0.0_amd64.deb", "application/vnd.debian.binary-package"),
        ("yum/stable/Packages/h/hello-1.0.0-1.x86_64.rpm", "application/x-rpm"),
        ("apt/dists/stable/InRelease", TEXT),
        ("apt/dists/stable/Release", TEXT),
        ("apt/dists/stable/Release.gpg", "application/pgp-signature"),
        ("apt/dists/stable/main/binary-amd64/Packages", TEXT),
        ("apt/dists/stable/main/binary-amd64/Packages.gz", "application/gzip"),
        ("apt/dists/stable/main/binary-amd64/Packages.xz", "application/x-xz"),
        ("apt/dists/stable/main/binary-amd64/by-hash/SHA256/" + "0a" * 32, "application/octet-stream"),
        ("acme.sources", TEXT),
        ("acme.repo", TEXT),
        ("keys/acme.asc", "application/pgp-keys"),
        ("keys/acme.gpg", "application/pgp-keys"),
        ("yum/stable/repodata/repomd.xml", "application/xml"),
        ("yum/stable/repodata/repomd.xml.asc", "application/pgp-signature"),
        ("yum/stable/repodata/repomd.xml.key", "application/pgp-keys"),
        ("downloads/quiet/1.0.0/SHA256SUMS", TEXT),
        ("downloads/quiet/1.0.0/SHA256SUMS.asc", "application/pgp-signature"),
        ("downloads/quiet/1.0.0/quiet-1.0.0.tar.gz", "application/gzip"),
        ("downloads/quiet/1.0.0/quiet.tgz", "application/gzip"),
        ("downloads/quiet/1.0.0/quiet.tar.zst", "application/zstd"),
        ("downloads/quiet/1.0.0/quiet.zip", "application/zip"),
        ("downloads/quiet/1.0.0/Quiet.AppImage", "application/vnd.appimage"),
        ("downloads/quiet/1.0.0/Quiet.dmg", "application/x-apple-diskimage"),
        ("downloads/quiet/1.0.0/Quiet.pkg", "application/vnd.apple.installer+xml"),
        ("downloads/quiet/1.0.0/Quiet.msi", "application/x-msi"),
        ("downloads/quiet/1.0.0/Quiet.exe", "application/vnd.microsoft.portable-executable"),
        ("downloads/quiet/1.0.0/quiet", "application/octet-stream"),
        ("downloads/quiet/1.0.0/quiet-1.0.0", "application/octet-stream"),
        ("chocolatey/quiet.1.0.0.nupkg", "application/zip"),
        ("chocolatey/quiet/1.0.0/quiet.nuspec", "application/xml"),
        ("chocolatey/index.json", "application/json"),
        ("homebrew/acme.git/info/refs", TEXT),
        ("homebrew/acme.git/HEAD", TEXT),
        ("homebrew/acme.git/objects/info/packs", TEXT),
        ("homebrew/acme.git/objects/ab/" + "0c" * 19, "application/octet-stream"),
        ("homebrew/Formula/quiet.rb", TEXT),
        ("install.sh", TEXT),
        ("install.ps1", TEXT),
        ("index.html", "text/html; charset=utf-8"),
        ("assets/site.css", "text/css; charset=utf-8"),
        ("assets/site.js", "text/javascript; charset=utf-8"),
        ("updates/stable/latest.yml", "application/yaml"),
        (".repogen/head", "application/octet-stream"),
    ],
)
def test_content_type(path: str, expected: str) -> None:
    assert content_type(path) == expected


def test_only_payload_is_kept() -> None:
    assert cache_control(Stage.PAYLOAD) == "public, max-age=31536000, immutable"
    assert {cache_control(stage) for stage in (Stage.INDEX, Stage.ENTRY, Stage.PAGE)} == {"public, max-age=0, must-revalidate"}
