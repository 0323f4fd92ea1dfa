"""The table ``[cdn]`` of repogen.toml, as config.py reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

#: Each kind of CDN, and the key that names what is purged there.
KINDS = {"cloudfront": "distribution", "cloudflare": "zone"}
LONGEST_TIMEOUT = 7200
#: What each of these keys looks like, and how to say so.
_IDS = {
    "distribution": (r"[A-Za-z0-9]+", "ids have letters and digits only"),
    "zone": (r"[0-9a-f]{32}", "an id has 32 hexadecimal digits; Cloudflare shows it on the zone's overview"),
}


class CdnConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[cdn]``: the CDN before the destination. A publish tells it what has changed, waits, and reads these files back through ``[repo] url``."""

    kind: str = ""
    """``cloudfront`` or ``cloudflare``; nothing is purged without it."""
    distribution: str = ""
    """Id of the CloudFront distribution, ``E2QWRUHAPOMQZL``. Credentials come as for S3."""
    zone: str = ""
    """Id of the Cloudflare zone, 32 hexadecimal digits. The token comes from CLOUDFLARE_API_TOKEN."""
    endpoint_url: str = ""
    """Address of the CDN's API where it is not the usual one; AWS_ENDPOINT_URL_CLOUDFRONT comes first for CloudFront."""
    timeout: int = 900
    """How many seconds a purge may take, and as many again until the public address answers the new bytes."""


def faults(cdn: CdnConfig) -> Iterator[tuple[str, str]]:
    """What cannot be in the table: pairs of a sentence and its remedy."""
    if cdn.kind not in {"", *KINDS}:
        yield f"[cdn] kind {cdn.kind!r} is unknown", f"known are: {', '.join(KINDS)}"
        return
    for kind, key in KINDS.items():
        value = getattr(cdn, key)
        if kind == cdn.kind and not value:
            yield f"[cdn] has no {key}", f"{kind} needs the id of the {key} that serves [repo] url"
        elif kind != cdn.kind and value:
            yield f"[cdn] {key} belongs to {kind}", f'write kind = "{kind}", or remove {key}'
        elif value and not re.fullmatch(_IDS[key][0], value, re.ASCII):
            yield f"[cdn] {key} {value!r} is no id", _IDS[key][1]
    if cdn.endpoint_url and not re.fullmatch(r"https?://[^\s\"'<>]+", cdn.endpoint_url):
        yield f"[cdn] endpoint_url {cdn.endpoint_url!r} is no http(s) address", "leave it out to use the CDN's own"
    if not 1 <= cdn.timeout <= LONGEST_TIMEOUT:
        yield f"[cdn] timeout is {cdn.timeout}", f"it can be 1 to {LONGEST_TIMEOUT} seconds"
