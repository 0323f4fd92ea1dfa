"""The commands ``repogen keys new``, ``show``, ``check`` and ``export``."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click
import msgspec

from repogen import key_texts
from repogen.catalog import PublicKey
from repogen.checks.findings import failed, ok, rows, text
from repogen.cli.invocation import Invocation, shared
from repogen.errors import SigningError, UsageError
from repogen.signing.gpg_home import PASSPHRASE_VARIABLE
from repogen.signing.key_file_check import check_file, check_public_key

_FILE = "secret-key.asc"


@click.group(epilog="Example: repogen keys new")
def keys() -> None:
    """Make, show, check and export the keys that sign the site."""


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
    from repogen.signing.new_key import write_new_key

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
    """Show the signing keys: fingerprint, algorithm, dates. Needs no passphrase, unless a key is in your keyring."""
    found = [(public, [finding.line for finding in check_public_key(public, time.time())]) for public in _configured(invocation)]
    if as_json:
        _print_json({"keys": [{**_row(public), "warnings": warnings} for public, warnings in found]})
        return
    click.echo("\n\n".join(_text(public) for public, _ in found))
    for sentence in (sentence for _, warnings in found for sentence in warnings):
        invocation.say(f"repogen: warning: {sentence}", level=-1)


@keys.command(epilog="Example: repogen keys check public/keys/acme.asc public/keys/acme.gpg")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@shared
def check(invocation: Invocation, files: tuple[str, ...], as_json: bool) -> int:
    """Say what clients refuse, or will refuse, about the signing keys: expiry, algorithm, self-signatures.

    With FILEs, looks at these files of public keys instead, such as published ones. Exits with 1 when there is an error.
    """
    findings = [finding for file in files for finding in check_file(file, _read(invocation.directory / file), time.time())]
    checked = list(files)
    if not files:
        public_keys = _configured(invocation)
        findings = [finding for public in public_keys for finding in check_public_key(public, time.time())]
        checked = [public.fingerprint for public in public_keys]
    if as_json:
        _print_json({"checked": checked, "findings": rows(findings)})
    else:
        click.echo(text(findings or [ok("keys", f"{', '.join(checked)}: every client of today takes {'it' if len(checked) == 1 else 'them'}")]))
    return int(failed(findings))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SigningError(f"{path} cannot be read: {error.strerror}", hint="name files of public keys, such as public/keys/acme.asc") from error


def _print_json(value: object) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def _row(public: PublicKey) -> dict[str, str]:
    return {name: getattr(public, name) for name in ("fingerprint", "algorithm", "created", "expires", "user_id")}


@keys.command(epilog="Example: repogen keys export --output keys")
@click.option("--output", metavar="DIR", help="Write <name>.asc and <name>.gpg there (default: print the armored key).")
@shared
def export(invocation: Invocation, output: str | None) -> None:
    """Export the public keys, armored (.asc) and binary (.gpg)."""
    public_keys = _configured(invocation)
    armored, binary = key_texts.armored(public_keys), key_texts.binary(public_keys)
    if output is None:
        click.echo(armored, nl=False)
        return
    folder, name = invocation.directory / output, invocation.config().repo.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.asc").write_text(armored, encoding="ascii", newline="\n")
        (folder / f"{name}.gpg").write_bytes(binary)
    except OSError as error:
        raise SigningError(f"{error.filename or folder}: {error.strerror}", hint="--output takes a folder that you may write") from error
    invocation.say(f"{folder / name}.asc and {folder / name}.gpg hold {', '.join(public.fingerprint for public in public_keys)}")


def _configured(invocation: Invocation) -> tuple[PublicKey, ...]:
    from repogen.signing.signer import read_public_keys

    configured = invocation.config().signing.all_keys if invocation.config_path.exists() else ()
    return read_public_keys(configured, base=invocation.base, environ=os.environ)


def _text(public: PublicKey) -> str:
    rows = {
        "user id": public.user_id,
        "fingerprint": public.fingerprint,
        "algorithm": public.algorithm,
        "created": public.created[:10],
        "expires": public.expires[:10] or "never",
    }
    return "\n".join(f"{name + ':':13}{value}" for name, value in rows.items())
