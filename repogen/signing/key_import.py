"""Secret keys into the private home, and their public parts out of it, as users get them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from repogen.catalog import PublicKey
from repogen.errors import SigningError
from repogen.signing import openpgp_key
from repogen.signing.gpg_home import from_gpg_text
from repogen.signing.openpgp_certificate import certificates
from repogen.signing.openpgp_packets import dearmor, holds_secret
from repogen.signing.signing_key import SecretText


class ImportedKey(Struct, frozen=True, kw_only=True):
    """One key in the private home."""

    listed: Mapping[str, Any]
    """What gpg says of it."""
    public: PublicKey
    earliest: int
    """Seconds since 1970 before which it must not sign: apt 3 takes no signature from before the key had signed its user id."""
    source: str
    """Where it came from, for messages."""

    @property
    def is_deterministic(self) -> bool:
        """Whether it always signs the same bytes and date in the same way."""
        return self.public.algorithm == "ed25519" or self.public.algorithm.startswith("rsa")


def import_keys(gpg: Any, texts: Sequence[SecretText]) -> list[ImportedKey]:
    """Import each key; their order stays. Raises SigningError for what is no secret key, holds several, or comes twice."""
    found: dict[str, ImportedKey] = {}
    for text in texts:
        listed = _only_secret(gpg, text, found)
        public = _public(gpg, listed)
        found[public.fingerprint] = ImportedKey(listed=listed, public=public, earliest=_earliest(public), source=text.source)
    return list(found.values())


def _only_secret(gpg: Any, text: SecretText, before: Mapping[str, object]) -> Mapping[str, Any]:
    """Import the key and return gpg's listing of it."""
    imported = gpg.import_keys(text.data)
    everything = gpg.list_keys(secret=True)
    listed = [one for one in everything if one["fingerprint"] not in before]
    if not listed:
        again = next((one for one in imported.fingerprints if one in before), None)
        if again:
            raise SigningError(f"{text.source} holds the key {again}, which is there already", hint="name each signing key once")
        _refuse_no_secret(text, bool(imported.fingerprints))
    if len(listed) > 1:
        names = ", ".join(sorted(str(one["fingerprint"]) for one in listed))
        raise SigningError(
            f"{text.source} holds {len(listed)} secret keys in one block: {names}",
            hint="export each of them alone with `gpg --armor --export-secret-keys FINGERPRINT`",
        )
    return listed[0]  # type: ignore[no-any-return]


def _refuse_no_secret(text: SecretText, public: bool) -> None:
    if public or b"BEGIN PGP PUBLIC KEY" in text.data:
        raise SigningError(f"{text.source} is a public key", hint="signing needs the secret key: `gpg --armor --export-secret-keys FINGERPRINT`")
    raise SigningError(
        f"{text.source} holds no OpenPGP secret key", hint="it must be what `gpg --armor --export-secret-keys FINGERPRINT` or `repogen keys new` writes"
    )


def _public(gpg: Any, listed: Mapping[str, Any]) -> PublicKey:
    fingerprint = str(listed["fingerprint"])
    what, hint = f"the public key {fingerprint}", f"`gpg --armor --export {fingerprint}` must print a public key block"
    armored = gpg.export_keys(fingerprint).replace("\r\n", "\n")
    binary = dearmor(armored.encode(), what) if armored else b""
    if not binary or holds_secret(binary, what):
        raise SigningError(f"gpg did not export {what}", hint=hint)
    return PublicKey(
        fingerprint=fingerprint,
        algorithm=openpgp_key.algorithm(listed),
        created=openpgp_key.iso(str(listed["date"])),
        expires=openpgp_key.iso(str(listed["expires"])),
        user_id=from_gpg_text(str(next(iter(listed["uids"]), ""))),
        armored=armored,
        binary=binary,
    )


def _earliest(public: PublicKey) -> int:
    """When the key signed its user id first, of the signatures that are left."""
    (key,) = certificates(public.binary, public.fingerprint)
    return max(key.created, min((s.created for s in key.self_signatures if s.strong), default=key.created))
