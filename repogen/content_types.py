"""Content-Type and Cache-Control of every file of the site.

Packages and archives are never labelled with a Content-Encoding: clients check the digest of the compressed bytes. Texts that people may
open in a browser are text/plain. git's ``info/refs`` must not bear the type of git's smart protocol.
"""

from __future__ import annotations

from repogen.cache_config import CacheConfig
from repogen.tree import Stage

_TEXT = "text/plain; charset=utf-8"
_BINARY = "application/octet-stream"

#: By the last suffix, lower case.
_SUFFIXES = {
    "deb": "application/vnd.debian.binary-package",
    "udeb": "application/vnd.debian.binary-package",
    "rpm": "application/x-rpm",
    "apk": "application/vnd.android.package-archive",
    "snap": "application/vnd.snap",
    "flatpak": "application/vnd.flatpak",
    "gz": "application/gzip",
    "tgz": "application/gzip",
    "xz": "application/x-xz",
    "txz": "application/x-xz",
    "zst": "application/zstd",
    "bz2": "application/x-bzip2",
    "tar": "application/x-tar",
    "zip": "application/zip",
    "7z": "application/x-7z-compressed",
    "nupkg": "application/zip",
    "nuspec": "application/xml",
    "zsync": "application/x-zsync",
    "exe": "application/vnd.microsoft.portable-executable",
    "msi": "application/x-msi",
    "dmg": "application/x-apple-diskimage",
    "pkg": "application/vnd.apple.installer+xml",
    "appimage": "application/vnd.appimage",
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "xml": "application/xml",
    "svg": "image/svg+xml",
    "png": "image/png",
    "ico": "image/vnd.microsoft.icon",
    "woff2": "font/woff2",
    "webmanifest": "application/manifest+json",
    "yml": "application/yaml",
    "yaml": "application/yaml",
    "asc": "application/pgp-signature",
    "sig": "application/pgp-signature",
    "gpg": "application/pgp-signature",
    "key": "application/pgp-keys",
} | dict.fromkeys(("sources", "dsc", "list", "repo", "rb", "ps1", "sh", "md", "txt", "sha256", "sha512", "toml"), _TEXT)

#: Files without a suffix, or whose suffix says something else.
_NAMES = dict.fromkeys(("InRelease", "Release", "Packages", "Sources", "HEAD", "SHA256SUMS", "SHA512SUMS", "LICENSE", "RELEASES"), _TEXT)


def content_type(path: str) -> str:
    """The Content-Type of a path of the site; ``application/octet-stream`` when nothing better is known."""
    folder, _, name = path.rpartition("/")
    if name in _NAMES or path.endswith(("/info/refs", "/objects/info/packs", "/objects/info/alternates", "/objects/info/http-alternates")):
        return _TEXT
    if name == "Release.gpg":
        return "application/pgp-signature"
    if folder == "keys" and name.endswith((".asc", ".gpg")):
        return "application/pgp-keys"
    return _SUFFIXES.get(name.rpartition(".")[2].lower(), _BINARY) if "." in name else _BINARY


def cache_control(stage: Stage, cache: CacheConfig = CacheConfig()) -> str:  # noqa: B008 - a frozen value
    """The Cache-Control of a stage: by default payload is kept for a year, and all else is asked for again each time."""
    return {Stage.PAYLOAD: cache.payload, Stage.INDEX: cache.index, Stage.ENTRY: cache.entry, Stage.PAGE: cache.page}[stage]
