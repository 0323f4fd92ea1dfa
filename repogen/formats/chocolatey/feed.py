"""A NuGet v3 feed of static files: https://learn.microsoft.com/nuget/api/overview.

``chocolatey/index.json`` names everything else. A query has the one answer that a static host can give: all packages, of which
choco and nuget then pick themselves. Addresses are in lower case, as clients ask for them.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from repogen import layout
from repogen.artifact import Artifact, NupkgFacts
from repogen.formats.chocolatey.versions import order
from repogen.tree import Blob, File, Stage, Tree

_REGISTRATION, _FLAT = "chocolatey/registration", "chocolatey/flat"
_SEARCH, _AUTOCOMPLETE = "chocolatey/search.json", "chocolatey/autocomplete.json"
_CONTEXT = {"@vocab": "http://schema.nuget.org/services#", "comment": "http://www.w3.org/2000/01/rdf-schema#comment"}

#: Path, purpose and types of each resource. Each client asks for the types that it knows, so all names of one thing are here.
_RESOURCES = (
    (f"{_FLAT}/", "Packages and their nuspecs", ("PackageBaseAddress/3.0.0",)),
    (
        f"{_REGISTRATION}/",
        "What packages say of themselves",
        tuple(f"RegistrationsBaseUrl{version}" for version in ("", "/3.0.0-beta", "/3.0.0-rc", "/3.4.0", "/3.6.0", "/Versioned")),
    ),
    (
        _SEARCH,
        "All packages, whatever the query",
        tuple(f"SearchQueryService{version}" for version in ("", "/3.0.0-beta", "/3.0.0-rc", "/3.4.0", "/3.5.0")),
    ),
    (
        _AUTOCOMPLETE,
        "All package ids, whatever the query",
        tuple(f"SearchAutocompleteService{version}" for version in ("", "/3.0.0-beta", "/3.0.0-rc", "/3.5.0")),
    ),
)


class Package(msgspec.Struct, frozen=True):
    """A published package: its artifact and what it says of itself."""

    artifact: Artifact
    facts: NupkgFacts
    listed: bool = True
    """Whether it is offered. An unlisted one can be fetched by its version alone."""


def flat_nupkg(id: str, version: str) -> str:
    """Where NuGet's PackageBaseAddress demands a package to be."""
    return f"{_FLAT}/{id}/{version}/{id}.{version}.nupkg"


def addresses(artifact: Artifact) -> tuple[str, ...]:
    """All places where a package stands."""
    return (artifact.path, flat_nupkg(artifact.facts.id, artifact.facts.version)) if isinstance(artifact.facts, NupkgFacts) else ()


def feed(packages: Iterable[Package], base: str) -> Tree:
    """The feed of these packages on the site at ``base``."""
    by_id: dict[str, dict[str, Package]] = {}
    for package in packages:
        by_id.setdefault(package.facts.id, {}).setdefault(package.facts.version, package)
    ordered = {id: tuple(versions[v] for v in sorted(versions, key=order)) for id, versions in sorted(by_id.items())}
    files = {layout.CHOCOLATEY_FEED: _json(_service_index(base), Stage.ENTRY), **_query_files(ordered, base)}
    for id, versions in ordered.items():
        files |= _registration_files(id, versions, base) | _flat_files(id, versions) | _nuspecs(versions)
    return Tree(files)


def _service_index(base: str) -> object:
    listed = [{"@id": _url(base, path), "@type": kind, "comment": comment} for path, comment, kinds in _RESOURCES for kind in kinds]
    return {"version": "3.0.0", "resources": listed, "@context": _CONTEXT}


# -- registrations -----------------------------------------------------------------------------


def _registration(id: str) -> str:
    return f"{_REGISTRATION}/{id}/index.json"


def _registration_leaf(package: Package) -> str:
    return f"{_REGISTRATION}/{package.facts.id}/{package.facts.version}.json"


def _registration_files(id: str, packages: tuple[Package, ...], base: str) -> dict[str, File]:
    index, lower, upper = _url(base, _registration(id)), packages[0].facts.version, packages[-1].facts.version
    page = {
        "@id": f"{index}#page/{lower}/{upper}",
        "@type": "catalog:CatalogPage",
        "count": len(packages),
        "lower": lower,
        "upper": upper,
        "parent": index,
        "items": [_item(package, base) for package in packages],
    }
    whole = {"@id": index, "@type": ["catalog:CatalogRoot", "PackageRegistration", "catalog:Permalink"], "count": 1, "items": [page]}
    leaves = {_registration_leaf(package): _json(_leaf(package, base), Stage.INDEX) for package in packages}
    return {_registration(id): _json(whole, Stage.INDEX), **leaves}


def _item(package: Package, base: str) -> dict[str, object]:
    entry = {
        "@id": _url(base, _registration_leaf(package)) + "#entry",
        "@type": "PackageDetails",
        "id": package.facts.id,
        "version": package.facts.version,
        "title": package.facts.title,
        "authors": package.facts.authors,
        "description": package.facts.description,
        "projectUrl": package.facts.project_url,
        "tags": package.facts.tags.split(),
        "requireLicenseAcceptance": False,
        "listed": package.listed,
        "published": package.artifact.date,
        "packageContent": _content(package, base),
        "dependencyGroups": [],
    }
    return {"@id": _url(base, _registration_leaf(package)), "@type": "Package", "catalogEntry": entry, **_links(package, base)}


def _leaf(package: Package, base: str) -> dict[str, object]:
    """A leaf's own document, in which the entry is a link."""
    return {
        "@id": _url(base, _registration_leaf(package)),
        "@type": ["Package", "http://schema.nuget.org/catalog#Permalink"],
        "catalogEntry": _url(base, _registration_leaf(package)) + "#entry",
        "listed": package.listed,
        "published": package.artifact.date,
        **_links(package, base),
    }


def _links(package: Package, base: str) -> dict[str, str]:
    return {"packageContent": _content(package, base), "registration": _url(base, _registration(package.facts.id))}


def _content(package: Package, base: str) -> str:
    return _url(base, flat_nupkg(package.facts.id, package.facts.version))


# -- files and queries -------------------------------------------------------------------------


def _flat_files(id: str, packages: tuple[Package, ...]) -> dict[str, File]:
    """Versions, and each package a second time at the address that clients make up by themselves."""
    files = {f"{_FLAT}/{id}/index.json": _json({"versions": [p.facts.version for p in packages]}, Stage.INDEX)}
    for package in packages:
        files |= {path: File(_blob(package), Stage.PAYLOAD) for path in (package.artifact.path, flat_nupkg(id, package.facts.version))}
        files[f"{_FLAT}/{id}/{package.facts.version}/{id}.nuspec"] = File(package.facts.nuspec, Stage.PAYLOAD)
    return files


def _blob(package: Package) -> Blob:
    return Blob(package.artifact.sha256, package.artifact.size)


def _nuspecs(packages: tuple[Package, ...]) -> dict[str, File]:
    return {package.artifact.path.removesuffix(".nupkg") + ".nuspec": File(package.facts.nuspec, Stage.PAYLOAD) for package in packages}


def _query_files(packages: dict[str, tuple[Package, ...]], base: str) -> dict[str, File]:
    listed = {id: tuple(package for package in versions if package.listed) for id, versions in packages.items()}
    data = [_hit(versions, base) for versions in listed.values() if versions]
    return {
        _SEARCH: _json({"totalHits": len(data), "data": data, "@context": _CONTEXT}, Stage.INDEX),
        _AUTOCOMPLETE: _json({"totalHits": len(data), "data": [id for id, versions in listed.items() if versions], "@context": _CONTEXT}, Stage.INDEX),
    }


def _hit(packages: tuple[Package, ...], base: str) -> dict[str, object]:
    stable = [p for p in packages if "-" not in p.facts.version]
    newest = (stable or packages)[-1]
    registration = _url(base, _registration(newest.facts.id))
    versions = [{"@id": _url(base, _registration_leaf(p)), "version": p.facts.version, "downloads": 0} for p in packages]
    return {
        "@id": registration,
        "@type": "Package",
        "registration": registration,
        "id": newest.facts.id,
        "version": newest.facts.version,
        "title": newest.facts.title,
        "description": newest.facts.description,
        "summary": newest.facts.description.partition("\n")[0],
        "authors": [newest.facts.authors],
        "tags": newest.facts.tags.split(),
        "projectUrl": newest.facts.project_url,
        "totalDownloads": 0,
        "verified": False,
        "versions": versions,
    }


def _url(base: str, path: str) -> str:
    return layout.url(base, path)


def _json(value: object, stage: Stage) -> File:
    return File(msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n", stage)
