"""The commands ``repogen keys new``, ``show`` and ``export``."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click
import msgspec

from repogen import openpgp_key
from repogen.catalog import PublicKey
from repogen.cli.invocation import Invocation, shared
from repogen.errors import SigningError, UsageError
from repogen.gpg_home import PASSPHRASE_VARIABLE

_FILE = "secret-key.asc"


@click.group(epilog="Example: repogen keys new")
def keys() -> None:
    """Make, show and export the key that signs the site."""


@keys.command(epilog="Example: REPOGEN_SIGNING_PASSPHRASE=... repogen keys new --user-id 'Acme Releases <releases@acme.example>'")
@click.option("--type", "kind", type=click.Choice(["ed25519", "rsa4096"]), default="ed25519", show_default=True, help="rsa4096 for clients older than 2018.")
@click.option("--user-id", metavar="TEXT", help="Whose key it is (default: [repo] maintainer).")
@click.option("--output", metavar="FILE", default=_FILE, show_default=True, help="Where the secret key goes; never overwritten.")
@click.option("--expires", metavar="TIME", default="never", show_default=True, help="never, or a number and d, w, m or y: 5y.")
@shared
def new(invocation: Invocation, kind: str, user_id: str | None, output: str, expires: str) -> None:
    """Make a signing key and print its public part.

    The secret part is protected by the passphrase in REPOGEN_SIGNING_PASSPHRASE, if that is set.
    """
    from repogen.new_key import write_new_key

    path = invocation.directory / output
    public = write_new_key(path, kind=kind, user_id=user_id or _maintainer(invocation), expires=expires, environ=os.environ)
    click.echo(public.armored, nl=False)
    invocation.say(_next_steps(public, path, output, protected=bool(os.environ.get(PASSPHRASE_VARIABLE))))


def _maintainer(invocation: Invocation) -> str:
    found = invocation.config().repo.maintainer if invocation.config_path.exists() else ""
    if not found:
        raise UsageError(
            "no user id is given for the key", hint="give --user-id 'Acme Releases <releases@acme.example>', or set [repo] maintainer in repogen.toml"
        )
    return found


def _next_steps(public: PublicKey, path: Path, output: str, *, protected: bool) -> str:
    protection = f"opened by {PASSPHRASE_VARIABLE}" if protected else f"without a passphrase ({PASSPHRASE_VARIABLE} was not set): who has the file can sign"
    return f"""
The secret key is in {path}, {protection}.
{_text(public)}

Next:
  1. Keep a copy in a safe place; without it, every user must trust a new key.
  2. Keep it out of version control: echo '{output}' >> .gitignore
  3. Name it in repogen.toml:  [signing] key = "{output}"
     or, in CI, put the file's text in the secret REPOGEN_SIGNING_KEY."""


@keys.command(epilog="Example: repogen keys show --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@shared
def show(invocation: Invocation, as_json: bool) -> None:
    """Show the signing key: fingerprint, algorithm, dates. Needs no passphrase, unless the key is in your keyring."""
    public = _configured(invocation)
    warnings = openpgp_key.warnings(public, time.time())
    if as_json:
        row = {name: getattr(public, name) for name in ("fingerprint", "algorithm", "created", "expires", "user_id")}
        click.echo(msgspec.json.format(msgspec.json.encode({"keys": [{**row, "warnings": warnings}]}), indent=2).decode())
        return
    click.echo(_text(public))
    for sentence in warnings:
        invocation.say(f"repogen: warning: {sentence}", level=-1)


@keys.command(epilog="Example: repogen keys export --output keys")
@click.option("--output", metavar="DIR", help="Write <name>.asc and <name>.gpg there (default: print the armored key).")
@shared
def export(invocation: Invocation, output: str | None) -> None:
    """Export the public key, armored (.asc) and binary (.gpg)."""
    public = _configured(invocation)
    if output is None:
        click.echo(public.armored, nl=False)
        return
    folder, name = invocation.directory / output, invocation.config().repo.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.asc").write_text(public.armored, encoding="ascii", newline="\n")
        (folder / f"{name}.gpg").write_bytes(public.binary)
    except OSError as error:
        raise SigningError(f"{error.filename or folder}: {error.strerror}", hint="--output takes a folder that you may write") from error
    invocation.say(f"{folder / name}.asc and {folder / name}.gpg hold the public key {public.fingerprint}")


def _configured(invocation: Invocation) -> PublicKey:
    from repogen.signing import read_public_key

    key = invocation.config().signing.key if invocation.config_path.exists() else ""
    return read_public_key(key, base=invocation.base, environ=os.environ)


def _text(public: PublicKey) -> str:
    rows = {
        "user id": public.user_id,
        "fingerprint": public.fingerprint,
        "algorithm": public.algorithm,
        "created": public.created[:10],
        "expires": public.expires[:10] or "never",
    }
    return "\n".join(f"{name + ':':13}{value}" for name, value in rows.items())
