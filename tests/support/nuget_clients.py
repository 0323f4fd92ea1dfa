"""What choco, nuget and dotnet ask of a version 3 feed, call by call: the same requests in the same order, by links alone.

choco 2 and its NuGet library take a package's versions from its registration and the package from the flat container; dotnet takes the
versions from the flat container too. Each finds these by the types in the service index, of which it has its own order of preference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from repogen.version import version_key

_REGISTRATIONS = {
    "choco": ("RegistrationsBaseUrl/Versioned", "RegistrationsBaseUrl/3.6.0", "RegistrationsBaseUrl/3.4.0", "RegistrationsBaseUrl"),
    "nuget": ("RegistrationsBaseUrl/3.4.0", "RegistrationsBaseUrl/3.0.0-beta", "RegistrationsBaseUrl"),
}
_REGISTRATIONS["dotnet"] = _REGISTRATIONS["choco"]
_SEARCH = ("SearchQueryService/3.5.0", "SearchQueryService/3.4.0", "SearchQueryService/3.0.0-beta", "SearchQueryService")
_AUTOCOMPLETE = ("SearchAutocompleteService/3.0.0-beta", "SearchAutocompleteService")
_PAGE, _LAST_SKIP = 30, 1000

#: The bytes at an address; None where the server says that there is nothing.
Get = Callable[[str], bytes | None]
Entry = dict[str, Any]


class Client:
    """One run of a command: it begins with the service index."""

    def __init__(self, source: str, get: Get, name: str = "choco") -> None:
        assert source.endswith(".json"), "any other address is taken for a version 2 feed"
        self._get, self._name = get, name
        index = self._json(source)
        assert isinstance(index["version"], str)
        assert index["version"].partition(".")[0] == "3"
        self._resources: list[dict[str, str]] = index["resources"]

    def versions(self, id: str) -> list[Entry]:
        """Catalog entries that a command looks at; none where the feed does not have the package."""
        content = self._get(f"{self._base(*_REGISTRATIONS[self._name])}{id.lower()}/index.json")
        if content is None:
            return []
        pages = msgspec.json.decode(content)["items"]
        return [item["catalogEntry"] for page in pages for item in page["items"]]

    def newest(self, id: str, *, pre: bool = False) -> Entry | None:
        """``choco outdated``, ``upgrade`` and ``info`` take the newest one that is listed."""
        offered = [e for e in self.versions(id) if e["listed"] and (pre or "-" not in e["version"])]
        return max(offered, key=lambda entry: version_key(entry["version"]), default=None)

    def install(self, id: str, version: str = "", *, pre: bool = False) -> tuple[str, bytes] | None:
        """Version and bytes of what ``install`` or ``upgrade`` brings; an exact version may be an unlisted one."""
        entry = self._exactly(id, version) if version else self.newest(id, pre=pre)
        return (entry["version"], self._package(id, entry["version"])) if entry else None

    def _exactly(self, id: str, version: str) -> Entry | None:
        return next((entry for entry in self.versions(id) if entry["version"].lower() == version.lower()), None)

    def flat_versions(self, id: str) -> list[str]:
        """``dotnet add package`` and ``restore``."""
        content = self._get(f"{self._base('PackageBaseAddress/3.0.0')}{id.lower()}/index.json")
        return list(msgspec.json.decode(content)["versions"]) if content else []

    def restore(self, id: str, version: str) -> bytes:
        assert version in self.flat_versions(id)
        return self._package(id, version)

    def search(self, term: str, *, pre: bool = False) -> list[str]:
        """``choco search TERM``: page after page, until one is not full; every id once. choco shows whatever the feed answers."""
        found: dict[str, None] = {}
        for skip in range(0, _LAST_SKIP + 1, _PAGE):
            query = f"q={term}&skip={skip}&take={_PAGE}&prerelease={str(pre).lower()}&semVerLevel=2.0.0"
            data = self._json(f"{self._resource(*_SEARCH)}?{query}")["data"]
            found |= dict.fromkeys(hit["id"] for hit in data)
            if len(data) < _PAGE:
                break
        return list(found)

    def search_exact(self, id: str) -> list[str]:
        """``choco search --exact`` asks no search, but the registration."""
        return [entry["version"] for entry in self.versions(id) if entry["listed"]]

    def complete(self, prefix: str) -> list[str]:
        """Ids for a shell's completion."""
        return list(self._json(f"{self._resource(*_AUTOCOMPLETE)}?q={prefix}")["data"])

    def _package(self, id: str, version: str) -> bytes:
        id, version = id.lower(), version.lower().partition("+")[0]
        content = self._get(f"{self._base('PackageBaseAddress/3.0.0')}{id}/{version}/{id}.{version}.nupkg")
        assert content is not None, "the registration names a package that is not there"
        return content

    def _json(self, url: str) -> Any:
        content = self._get(url)
        assert content is not None, url
        return msgspec.json.decode(content)

    def _base(self, *types: str) -> str:
        base = self._resource(*types)
        assert base.endswith("/")
        return base

    def _resource(self, *types: str) -> str:
        """Address of the first of these types that the feed has."""
        found = {resource["@type"]: resource["@id"] for resource in self._resources}
        return next(found[kind] for kind in types if kind in found)
