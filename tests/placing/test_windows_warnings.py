"""What a build says of files for Windows."""

from __future__ import annotations

import pytest

from repogen.artifact import Artifact, Authenticode, InstallerFacts, Kind
from repogen.catalog import Product
from repogen.placing.windows_warnings import windows_warnings
from tests.support.releases import download

HELLO = Product(id="hello", title="Hello")
STAMPED = Authenticode(signer="Acme", timestamp="2026-01-01T00:00:00Z")


def exe(name: str, technology: str = "nsis", authenticode: Authenticode | None = STAMPED) -> Artifact:
    return download("hello", "1.0.0", name, Kind.EXE, "windows", "amd64", facts=InstallerFacts(technology=technology, authenticode=authenticode))


@pytest.mark.parametrize(
    ("files", "product", "said"),
    [
        ((exe("a.exe"),), HELLO, []),
        ((exe("a.exe", authenticode=None),), HELLO, []),
        ((exe("a.exe", authenticode=Authenticode()),), HELLO, ["a.exe has no Authenticode signature, "]),
        (tuple(exe(f"{name}.exe", authenticode=Authenticode()) for name in "dcba"), HELLO, ["a.exe, b.exe, c.exe and 1 more have no Authenticode signature, "]),
        ((exe("a.exe", authenticode=Authenticode(signer="Acme")),), HELLO, ["a.exe has a signature without a time stamp, "]),
        ((exe("a-setup.exe", ""),), HELLO, ["a-setup.exe is an installer of an unknown make, so that choco, winget and install.ps1 leave it out; "]),
        ((exe("a-setup.exe", ""), exe("b-setup.exe", "")), HELLO, ["a-setup.exe, b-setup.exe are installers of unknown make, "]),
        ((exe("a-setup.exe", ""),), Product(id="hello", title="Hello", silent_args="/quiet"), []),
        ((exe("a.exe", ""),), HELLO, []),
        ((exe("a.exe", "portable"),), HELLO, []),
        ((download("hello", "1.0.0", "a.dmg", Kind.DMG, "macos", "any", facts=InstallerFacts()),), HELLO, []),
    ],
)
def test_what_is_said(files: tuple[Artifact, ...], product: Product, said: list[str]) -> None:
    found = list(windows_warnings(files, {"hello": product}))
    assert len(found) == len(said)
    assert all(one.startswith(start) for one, start in zip(found, said, strict=True))
