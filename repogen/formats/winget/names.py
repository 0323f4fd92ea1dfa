"""What winget calls a package, and where its manifests stand: https://learn.microsoft.com/windows/package-manager/package/manifest."""

from __future__ import annotations

import re
import unicodedata
from email.utils import parseaddr

from repogen.catalog import Product
from repogen.config import Config
from repogen.paths import safe_name
from repogen.quoting import line

_LONGEST_WORD = 32


def publisher(config: Config) -> str:
    """``[winget] publisher``, else the maintainer's name, else the site's."""
    return line(config.winget.publisher or parseaddr(config.repo.maintainer)[0] or config.title) or config.repo.name


def identifier(config: Config, product: Product, channel: str) -> str:
    """``Acme.Hello``, in another channel than stable ``Acme.Hello.Beta``."""
    own = config.winget.identifiers.get(product.id, "")
    base = own or f"{_word(publisher(config)) or _word(config.repo.name)}.{_word(product.title) or _word(product.id)}"
    return base if channel == "stable" else f"{base}.{_word(channel)}"


def folder(identifier: str, version: str) -> str:
    """The folder of a version, as the community repository has it: ``manifests/a/Acme/Hello/1.2.0``."""
    return f"winget/manifests/{identifier[0].lower()}/{identifier.replace('.', '/')}/{safe_name(version)}"


def _word(text: str) -> str:
    """A word of an identifier, each part with a capital: ``Acme Tools`` is AcmeTools."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(part[:1].upper() + part[1:] for part in re.findall(r"[A-Za-z0-9]+", plain))[:_LONGEST_WORD]
