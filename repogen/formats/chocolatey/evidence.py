"""``VERIFICATION.txt`` and ``LICENSE.txt``, without which a package may not hold programs.

https://docs.chocolatey.org/en-us/community-repository/moderation/package-validator/rules/cpmr0006/ and cpmr0005.
"""

from __future__ import annotations

from collections.abc import Mapping

from repogen import layout
from repogen.artifact import Artifact
from repogen.catalog import Release
from repogen.config import Config
from repogen.formats.chocolatey.metadata import Metadata
from repogen.quoting import line, plain
from repogen.templates import render


def verification_text(about: Metadata, release: Release, held: Mapping[str, Artifact], config: Config, licence: str) -> bytes:
    """Where each file (by its path in the package) comes from and how to see that it is the same; ``licence`` says what LICENSE.txt is."""
    files = [{"path": path.replace("/", "\\"), "url": layout.url(config.url, a.path), "sha256": a.sha256} for path, a in held.items()]
    text = render(
        "chocolatey/VERIFICATION.txt.j2",
        title=about.title,
        version=line(release.version),
        authors=about.authors,
        project_url=about.project_url,
        files=files,
        sums=layout.url(config.url, layout.checksums(release.product, release.version)),
        licence=line(licence),
    )
    return _windows(text)


def licence_text(about: Metadata, text: str) -> bytes:
    return _windows(render("chocolatey/LICENSE.txt.j2", address=about.license_url or about.project_url, text=plain(text)))


def _windows(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()
