"""What a package says of itself: the elements of its nuspec.

https://docs.chocolatey.org/en-us/create/create-packages/#nuspec and the rules of Chocolatey's package validator.
"""

from __future__ import annotations

from email.utils import parseaddr

from msgspec import Struct
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from repogen.catalog import Product, Release
from repogen.chocolatey_config import ProductChocolateyConfig
from repogen.config import Config
from repogen.homepage import homepage
from repogen.quoting import line, plain
from repogen.templates import render

_LONGEST_DESCRIPTION = 4000


class Metadata(Struct, frozen=True, kw_only=True):
    """The elements of a nuspec, as plain text; an empty one is left out."""

    id: str
    version: str
    title: str
    authors: str
    owners: str
    summary: str
    description: str
    project_url: str
    license_url: str
    tags: str
    release_notes: str
    package_source_url: str = ""
    icon_url: str = ""
    copyright: str = ""
    project_source_url: str = ""
    docs_url: str = ""
    mailing_list_url: str = ""
    bug_tracker_url: str = ""


def metadata(product: Product, release: Release, version: str, config: Config) -> Metadata:
    """The elements for a release; ``version`` is NuGet's form of the release's."""
    title = line(product.title) or product.id
    project_url = homepage(product, config)
    table = next((table.chocolatey for table in config.product if table.id == product.id), ProductChocolateyConfig())
    summary = line(product.description)
    where = f"{title} {release.version} for Windows, from {line(config.title)}: {project_url}"
    description = f"{summary}\n\n{where}" if summary else where
    return Metadata(
        id=product.id,
        version=version,
        title=title,
        authors=authors(config),
        owners=line(config.chocolatey.owners) or authors(config),
        summary=summary or where,
        description=_cut(description),
        project_url=project_url,
        license_url=table.license_url or _license_url(product.license),
        tags=" ".join(dict.fromkeys([*product.id.split("-"), product.type, *table.tags])),
        release_notes=_cut(plain(release.notes).strip()),
        package_source_url=table.package_source_url,
        icon_url=table.icon_url,
        copyright=line(table.copyright),
        project_source_url=table.project_source_url,
        docs_url=table.docs_url,
        mailing_list_url=table.mailing_list_url,
        bug_tracker_url=table.bug_tracker_url,
    )


def nuspec(metadata: Metadata) -> str:
    return render("chocolatey/package.nuspec.j2", metadata=metadata)


def authors(config: Config) -> str:
    """``[chocolatey] authors``, else the maintainer's name, else the site's."""
    return line(config.chocolatey.authors or parseaddr(config.repo.maintainer)[0] or config.title)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_DESCRIPTION else text[: _LONGEST_DESCRIPTION - 1] + "…"


def _license_url(expression: str) -> str:
    """The page of a single SPDX licence; an expression of several has none."""
    try:
        id = canonicalize_license_expression(expression) if expression.strip() else ""
    except InvalidLicenseExpression:
        return ""
    return f"https://spdx.org/licenses/{id}.html" if id and " " not in id and not id.startswith(("LicenseRef-", "(")) else ""
