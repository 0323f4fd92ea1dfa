"""A NuGet v3 client that knows the address of a feed and nothing else: it follows links only.

Its rules are those of https://learn.microsoft.com/nuget/api/overview and of the clients: a resource is chosen by its type, ids and versions
in addresses are in lower case, and ``%2B`` is no part of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

#: The types that each client looks for, the best first.
REGISTRATIONS = {
    "choco": ("RegistrationsBaseUrl/Versioned", "RegistrationsBaseUrl/3.6.0", "RegistrationsBaseUrl/3.4.0", "RegistrationsBaseUrl"),
    "nuget 3": ("RegistrationsBaseUrl/3.4.0", "RegistrationsBaseUrl/3.0.0-beta", "RegistrationsBaseUrl"),
}
SEARCH = ("SearchQueryService/3.4.0", "SearchQueryService/3.0.0-beta", "SearchQueryService")
AUTOCOMPLETE = ("SearchAutocompleteService/3.0.0-beta", "SearchAutocompleteService")


class FeedClient:
    """``fetch`` gets the bytes of a whole address and raises when there are none."""

    def __init__(self, source: str, fetch: Callable[[str], bytes]) -> None:
        assert source.endswith(".json"), "clients take any other address for a version 2 feed"
        self._fetch = fetch
        index = self._json(source)
        assert index["version"].split(".")[0] == "3"
        self._resources = index["resources"]

    def _json(self, url: str) -> Any:
        return msgspec.json.decode(self._fetch(url))

    def resource(self, *types: str) -> str:
        """Address of the first of these types that the feed has."""
        for kind in types:
            for resource in self._resources:
                if resource["@type"] == kind:
                    return str(resource["@id"])
        raise AssertionError(f"the feed has none of {types}")

    def _base(self, *types: str) -> str:
        base = self.resource(*types)
        assert base.endswith("/")
        return base

    def registration(self, id: str, client: str = "choco") -> list[dict[str, Any]]:
        """Catalog entries of a package, oldest version first, after a look at the document's links."""
        url = f"{self._base(*REGISTRATIONS[client])}{id.lower()}/index.json"
        index = self._json(url)
        assert index["count"] == len(index["items"])
        found = []
        for page in index["items"]:
            items = page.get("items") or self._json(page["@id"])["items"]
            versions = [item["catalogEntry"]["version"] for item in items]
            assert (page["lower"], page["upper"], page["count"]) == (versions[0], versions[-1], len(items))
            for item in items:
                assert item["packageContent"] == item["catalogEntry"]["packageContent"]
                leaf = self._json(item["@id"])
                assert leaf["packageContent"] == item["packageContent"]
                assert leaf["registration"] == item["registration"] == url
                found.append(item["catalogEntry"])
        return found

    def versions(self, id: str) -> list[str]:
        """Versions by the flat container, as ``dotnet add package`` finds them."""
        return list(self._json(f"{self._base('PackageBaseAddress/3.0.0')}{id.lower()}/index.json")["versions"])

    def download(self, id: str, version: str) -> bytes:
        """A package from the flat container; the registration must name the same bytes."""
        base, id, version = self._base("PackageBaseAddress/3.0.0"), id.lower(), version.lower()
        content = self._fetch(f"{base}{id}/{version}/{id}.{version}.nupkg")
        (entry,) = (entry for entry in self.registration(id) if entry["version"].lower() == version)
        assert self._fetch(entry["packageContent"]) == content
        return content

    def nuspec(self, id: str, version: str) -> bytes:
        return self._fetch(f"{self._base('PackageBaseAddress/3.0.0')}{id.lower()}/{version.lower()}/{id.lower()}.nuspec")

    def search(self, query: str, *, prerelease: bool = False) -> list[dict[str, Any]]:
        """Hits that a client shows: it picks from all that the feed answers."""
        url = f"{self.resource(*SEARCH)}?q={query}&skip=0&take=30&prerelease={str(prerelease).lower()}&semVerLevel=2.0.0"
        answer = self._json(url)
        assert answer["totalHits"] == len(answer["data"])
        for hit in answer["data"]:
            assert self._json(hit["registration"])["@id"] == hit["registration"]
            assert hit["version"] in [version["version"] for version in hit["versions"]]
            for version in hit["versions"]:
                self._json(version["@id"])
        return [hit for hit in answer["data"] if query.lower() in hit["id"]]

    def complete(self, prefix: str) -> list[str]:
        answer = self._json(f"{self.resource(*AUTOCOMPLETE)}?q={prefix}")
        return [id for id in answer["data"] if id.startswith(prefix)]
