"""repogen.toml as frozen values.

Every key is a field below; its docstring is the reference that ``repogen init`` and the docs show.
An unknown key, a wrong type or a value that cannot be is a UsageError that names the file, the key and the remedy.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from msgspec import Struct

from repogen import (
    apt_config,
    cache_config,
    cdn_config,
    chocolatey_config,
    homebrew_config,
    retention_config,
    s3_config,
    updates_config,
    winget_config,
    yum_config,
)
from repogen.apt_config import AptConfig
from repogen.cache_config import CacheConfig
from repogen.cdn_config import CdnConfig
from repogen.chocolatey_config import ChocolateyConfig, ProductChocolateyConfig
from repogen.config_shape import shaped
from repogen.errors import UsageError
from repogen.homebrew_config import HomebrewConfig, ProductHomebrewConfig
from repogen.retention_config import RetentionConfig
from repogen.s3_config import S3Config
from repogen.updates_config import UpdatesConfig
from repogen.version import is_version
from repogen.winget_config import WingetConfig
from repogen.yum_config import YumConfig


class RepoConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[repo]``: what the whole site is called and where it is served."""

    name: str
    """Every client file is named after it: letters, digits and ``-``, lower case. Once published it stays: see ``--accept-identity-change``."""
    url: str
    """Address that the destination is served from, ``https://dl.acme.example``."""
    title: str = ""
    """Name for people; ``name`` when absent."""
    maintainer: str = ""
    """``Acme Releases <releases@acme.example>``"""
    description: str = ""
    """A sentence on the download page."""
    homepage: str = ""
    """Address of the project or company, linked from the download page."""
    keyring_packages: bool = False
    """Make ``<name>-archive-keyring.deb`` and ``<name>-release.rpm``, which add the repository when they are installed and bring new keys later."""


class InputConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[input]``: where the release files are."""

    paths: tuple[str, ...] = ("dist",)
    """Files, folders and globs, relative to repogen.toml."""
    ignore: tuple[str, ...] = ()
    """Globs over file names that are no release files."""


class SigningConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[signing]``: the keys. REPOGEN_SIGNING_KEY and REPOGEN_SIGNING_PASSPHRASE come first."""

    key: str = ""
    """Path of an armored secret key, or a fingerprint in the user's own keyring."""
    keys: tuple[str, ...] = ()
    """Several keys in place of ``key``. All of them sign, so that clients need to know only one; rpms bear the first one's signature."""

    @property
    def all_keys(self) -> tuple[str, ...]:
        """The keys that sign, the main one first."""
        return self.keys or ((self.key,) if self.key else ())


class PublishConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[publish]``: where the site goes."""

    to: str = ""
    """A folder, or ``s3://bucket/prefix``."""
    endpoint_url: str = ""
    """Address of an S3 service that is not Amazon's."""
    silence: float = 30.0
    """Seconds without a sign of life after which another run that has not finished is taken for dead, and this one goes on in its place."""
    s3: S3Config = S3Config()


class ChecksumsConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[checksums]``: which lists are written."""

    sha512: bool = True
    """Write SHA512SUMS too; costs one more digest of every file."""


class ProductConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[product]]``: settles what files cannot say of themselves."""

    id: str
    """Lower-case letters, digits and ``-``."""
    files: tuple[str, ...] = ()
    """Globs over file names; every match belongs to this product. Also chosen by its own name when absent."""
    title: str = ""
    """Name for people."""
    description: str = ""
    """One line."""
    homepage: str = ""
    """Address of its own site."""
    license: str = ""
    """SPDX expression."""
    type: str = ""
    """``cli`` or ``app``; by its files when absent."""
    depends: tuple[str, ...] = ()
    """Homebrew formulas that it needs."""
    silent_args: str = ""
    """Arguments for an unattended run of the Windows installer."""
    test_args: str = ""
    """Arguments with which the program shows that it runs; ``--version`` when absent."""
    version: str = ""
    """Version of every matching file that does not say its own."""
    channel: str = ""
    """Channel of every matching file."""
    os: str = ""
    """System of every matching file that does not say its own."""
    arch: str = ""
    """Architecture of every matching file that does not say its own."""
    component: str = "main"
    """Component of the apt repository that its debs stand in. What is published stays where it is."""
    keep: int | dict[str, int] | None = None
    """How many of its releases each channel offers, in place of ``[retention] keep``."""
    homebrew: ProductHomebrewConfig = ProductHomebrewConfig()
    chocolatey: ProductChocolateyConfig = ProductChocolateyConfig()
    minimum_version: str | dict[str, str] = ""
    """Oldest version from which an update may go straight to its releases, in place of ``[updates] minimum_version``."""


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of repogen.toml."""

    repo: RepoConfig
    input: InputConfig = InputConfig()
    signing: SigningConfig = SigningConfig()
    publish: PublishConfig = PublishConfig()
    cache: CacheConfig = CacheConfig()
    cdn: CdnConfig = CdnConfig()
    apt: AptConfig = AptConfig()
    yum: YumConfig = YumConfig()
    homebrew: HomebrewConfig = HomebrewConfig()
    chocolatey: ChocolateyConfig = ChocolateyConfig()
    winget: WingetConfig = WingetConfig()
    checksums: ChecksumsConfig = ChecksumsConfig()
    retention: RetentionConfig = RetentionConfig()
    updates: UpdatesConfig = UpdatesConfig()
    product: tuple[ProductConfig, ...] = ()

    @property
    def title(self) -> str:
        """Name of the site for people."""
        return self.repo.title or self.repo.name

    @property
    def url(self) -> str:
        """The site's address without a slash at its end."""
        return self.repo.url.rstrip("/")

    @property
    def takes_sha512(self) -> bool:
        """Whether an output asks for the SHA-512 digest of every file."""
        return self.checksums.sha512 or "sha512" in self.apt.hashes


_ADDRESS = re.compile(
    r"https?://(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#@|:\"'<>\\`$\[\]]+)(?::(?P<port>[0-9]{1,5}))?(?P<path>/[A-Za-z0-9._~/-]*)?",
)


def is_channel(name: str) -> bool:
    """Whether a channel can be called so: it names folders, a suite and packages."""
    return re.fullmatch(r"[a-z0-9][a-z0-9-]*", name) is not None


def load(path: Path) -> Config:
    """Read and check a repogen.toml. Raises UsageError."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))  # with the mark that editors of Windows put before it
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist", hint="run `repogen init` in the folder with your release files") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", hint="it must be a TOML file in UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not TOML: {error}", hint="see https://toml.io for the syntax") from error
    return parse(data, path)


def parse(data: dict[str, Any], path: Path) -> Config:
    """Check a parsed repogen.toml; ``path`` is for messages only."""
    config = shaped(data, Config, path)
    _check_values(config, path)
    return config


def _check_values(config: Config, path: Path) -> None:
    def need(ok: object, message: str, hint: str) -> None:
        if not ok:
            raise UsageError(f"{path}: {message}", hint=hint)

    name = config.repo.name
    need(re.fullmatch(r"[a-z0-9][a-z0-9-]*", name), f"[repo] name {name!r} cannot name files", "use lower-case letters, digits and '-'")
    shown = re.sub(r"//[^/]*@", "//...@", config.repo.url)
    need(_is_address(config.repo.url), f"[repo] url {shown!r} is no http(s) address of a site", 'write it as "https://dl.acme.example"')
    for text in (config.repo.title, config.repo.maintainer):
        need(not re.search(r"[\x00-\x1f\x7f]", text), f"{text!r} has a line break or control character", "write it in one line")
    for message, hint in (
        *apt_config.faults(config.apt),
        *yum_config.faults(config.yum),
        *cache_config.faults(config.cache),
        *cdn_config.faults(config.cdn),
        *chocolatey_config.faults(config.chocolatey),
        *(fault for table in config.product for fault in chocolatey_config.product_faults(table.id, table.chocolatey)),
        *homebrew_config.faults(config.homebrew),
        *retention_config.faults(config.retention),
        *s3_config.faults(config.publish.s3),
        *winget_config.faults(config.winget),
        *updates_config.faults(config.updates),
        *(fault for table in config.product for fault in retention_config.keep_faults(f"[[product]] {table.id}: keep", table.keep or 0)),
        *(fault for table in config.product for fault in homebrew_config.depends_faults(table.id, table.depends)),
        *(fault for table in config.product for fault in homebrew_config.product_faults(table.id, table.homebrew)),
        *(fault for table in config.product for fault in updates_config.minimum_faults(f"[[product]] {table.id}: minimum_version", table.minimum_version)),
    ):
        need(ok=False, message=message, hint=hint)
    for where, keep in (("[retention]", config.retention.keep), *((f"[[product]] {table.id}:", table.keep) for table in config.product)):
        for channel in keep if isinstance(keep, dict) else ():
            need(is_channel(channel), f"{where} keep names {channel!r}, which cannot be a channel", "use lower-case letters, digits and '-'")
    need(config.publish.silence >= 0, "[publish] silence is below 0", "write seconds, such as 30")
    need(not (config.signing.key and config.signing.keys), "[signing] has both key and keys", "name all of them in keys, the main one first")
    for where, channel in (
        *((f"[[apt.suite]] {suite.name}", channel) for suite in config.apt.suite for channel in suite.channels),
        *(("[updates] follows", channel) for entry in config.updates.follows.items() for channel in (entry[0], *entry[1])),
    ):
        need(is_channel(channel), f"{where}: channel {channel!r} cannot be one", "use lower-case letters, digits and '-'")
    seen: set[str] = set()
    for product in config.product:
        need(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", product.id), f"[[product]] id {product.id!r} cannot be one", "use lower-case letters, digits and '-'")
        need(product.id not in seen, f"[[product]] {product.id!r} is there twice", "join the two tables")
        need(product.type in {"", "cli", "app"}, f"[[product]] {product.id}: type {product.type!r} is unknown", "write 'cli' or 'app'")
        need(
            not product.version or is_version(product.version),
            f"[[product]] {product.id}: version {product.version!r} cannot be one",
            'write it as "1.2.0"',
        )
        need(
            not product.channel or is_channel(product.channel),
            f"[[product]] {product.id}: channel {product.channel!r} cannot be one",
            "use lower-case letters, digits and '-'",
        )
        need(apt_config.is_component(product.component), f"[[product]] {product.id}: component {product.component!r} cannot be one", "write it as 'contrib'")
        seen.add(product.id)


def _is_address(url: str) -> bool:
    """Whether a site can stand there. Whoever reads it, in sources, scripts and pages, would read a name and password too."""
    found = _ADDRESS.fullmatch(url)
    return found is not None and 0 < int(found["port"] or 1) < 1 << 16 and {".", ".."}.isdisjoint((found["path"] or "").split("/"))
