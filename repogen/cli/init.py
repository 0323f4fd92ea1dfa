"""The command ``repogen init``."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import click

from repogen import amounts
from repogen.cli.invocation import Invocation, shared
from repogen.config import parse
from repogen.errors import UsageError
from repogen.first_look import FirstLook, look
from repogen.paths import slug
from repogen.signing.gpg_home import KEY_VARIABLE
from repogen.templates import render

#: Where `repogen serve` shows a site, so that what init wrote works at once.
_LOCAL_URL = "http://127.0.0.1:8080"
_KEY = "secret-key.asc"


@click.command(
    short_help="Write repogen.toml by looking at the release files.",
    epilog="Example: repogen init --name acme --url https://dl.acme.example --to s3://acme-downloads",
)
@click.option("--name", metavar="NAME", help="Name of the repository (default: after the folder).")
@click.option("--url", metavar="URL", help=f"Where the site will be served from (default: {_LOCAL_URL}, for a try).")
@click.option("--title", metavar="TEXT", help="Name for people.")
@click.option("--maintainer", metavar="TEXT", help="'Acme Releases <releases@acme.example>'")
@click.option("--to", metavar="DESTINATION", default="site", show_default=True, help="A folder or s3://bucket/prefix.")
@click.option("--key/--no-key", "with_key", default=True, help=f"Make a signing key, {_KEY}, unless there is one (default: yes).")
@shared
def init(invocation: Invocation, name: str | None, url: str | None, title: str | None, maintainer: str | None, to: str, with_key: bool) -> None:
    """Write a commented repogen.toml by looking at the release files that are here."""
    path = invocation.config_path
    if path.exists():
        raise UsageError(f"{path} exists", hint="edit it, or move it away first; `repogen init` never overwrites")
    seen = look(invocation.base)
    name = name or slug(seen.only_product or invocation.base.name) or "packages"
    maintainer = maintainer or f"{title or name.capitalize()} releases <releases@{_host(url)}>"
    from_environment = bool(os.environ.get(KEY_VARIABLE))
    new_key = with_key and not from_environment and not (invocation.base / _KEY).exists()
    key = _KEY if new_key or (invocation.base / _KEY).exists() else ""
    text = render(
        "init/repogen.toml.j2",
        name=name,
        url=url or _LOCAL_URL,
        local_url=not url,
        title=title or name.capitalize(),
        maintainer=maintainer,
        paths=seen.paths,
        key=key,
        to=to,
        products=seen.products,
        unplaced=seen.unplaced,
    )
    invocation.store(parse(tomllib.loads(text), path))  # options that cannot be are refused before anything is written
    if new_key:
        _make_key(invocation, maintainer)
    path.write_text(text, encoding="utf-8")
    _report(invocation, path, seen, has_key=bool(key) or from_environment)


def _host(url: str | None) -> str:
    found = re.match(r"https?://([^/:]+)", url or "")
    return found[1] if found and not found[1].replace(".", "").isdigit() else "example.com"


def _make_key(invocation: Invocation, maintainer: str) -> None:
    from repogen.signing.new_key import write_new_key

    public = write_new_key(invocation.base / _KEY, kind="ed25519", user_id=maintainer, expires="never", environ=os.environ)
    invocation.say(f"{_KEY} is your new signing key {public.fingerprint}: keep a copy in a safe place, and out of version control")


def _report(invocation: Invocation, path: Path, seen: FirstLook, *, has_key: bool) -> None:
    invocation.say(f"{path} is written; it takes the release files from {', '.join(seen.paths)}")
    for product in seen.products:
        invocation.say(f"  {product.title} {', '.join(product.versions)}: {amounts.count(len(product.files), 'file')} ({', '.join(product.kinds)})")
    for line in seen.unread:
        invocation.say(line)
    if seen.unread:
        invocation.say("mend that first: a build reads all of them")
    elif seen.unplaced:
        invocation.say("some files do not say what they are: see the tables at the end of the file")
    elif not seen.products:
        invocation.say("there are no release files yet: put them there, then go on")
    invocation.say("next: " + ("" if has_key else "`repogen keys new`, ") + "`repogen build`, `repogen serve`, `repogen publish`")
