"""Update manifests of electron-builder: ``latest.yml``, ``latest-mac.yml``, ``beta-linux-arm64.yml``.

https://www.electron.build/auto-update and UpdateInfo of builder-util-runtime. Versions and dates stay the text that they are written as.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
import yaml

from repogen.artifact import ManifestFacts, ManifestFile
from repogen.errors import InputError

_READ_AS_TEXT = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:float"}
#: ``path`` and ``sha512`` repeat the first of ``files``, or stand in its place in manifests of old.
_OWN = {"version", "files", "path", "sha512", "sha2"}


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # yaml has no types
    """Without references, which can make a small text enormous."""

    yaml_implicit_resolvers: ClassVar = {
        first: [(tag, pattern) for tag, pattern in pairs if tag not in _READ_AS_TEXT] for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("it has a reference")
        return super().compose_node(parent, index)


def parse(name: str, text: str) -> ManifestFacts | None:
    """What a manifest says; None for a text that is something else. Raises InputError for one that cannot be read."""
    try:
        said = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(f"{name} is no YAML: {' '.join(str(error).split())}", hint="build it again, or leave it out: repogen writes one") from error
    if not isinstance(said, dict) or "version" not in said:
        return None
    files = said.get("files") or ([{"url": said["path"], "sha512": said.get("sha512")}] if "path" in said else [])
    if not isinstance(files, list) or not all(isinstance(file, dict) and isinstance(file.get("url"), str) for file in files):
        raise InputError(f"{name} names a file without its url", hint="build it again, or leave it out: repogen writes one")
    return ManifestFacts(
        version=str(said["version"]),
        files=tuple(_file(name, file) for file in files),
        more=_json({key: value for key, value in said.items() if key not in _OWN}),
    )


def _file(name: str, file: dict[Any, Any]) -> ManifestFile:
    size = file.get("size")
    if size is not None and (not isinstance(size, int) or size < 0):
        raise InputError(f"{name} gives {file['url']} a size of {size!r}", hint="build it again, or leave it out: repogen writes one")
    more = {key: value for key, value in file.items() if key not in {"url", "sha512", "sha2", "size"}}
    return ManifestFile(url=file["url"], sha512=str(file.get("sha512") or ""), size=size or 0, more=_json(more))


def _json(value: dict[Any, Any]) -> bytes:
    return msgspec.json.encode({str(key): one for key, one in value.items()}, order="sorted")
