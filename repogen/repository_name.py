"""The name of the repository, after which every file that clients are set up with is called (``acme.sources``, ``keys/acme.asc``, the tap).

Under another name all of these stand at other addresses. Whoever has the old ones gets nothing new, and an error once prune has deleted them.
"""

from __future__ import annotations

from repogen.errors import ProtectionError


def check_name(published: str, name: str) -> None:
    """Raises ProtectionError where what is published has another name."""
    for change in name_changes(published, name):
        raise ProtectionError(
            f"{change}: who has {published}.sources, {published}.repo, the key file or the tap of now would get nothing new, and errors after `repogen prune`",
            hint=f'put [repo] name = "{published}" back; or build with --accept-identity-change and tell every user to add the repository again',
        )


def name_changes(published: str, name: str) -> tuple[str, ...]:
    """That the name changes, as half a sentence; nothing where it does not, or where the published one is not known."""
    return (f"the name of the repository would change from {published!r} to {name!r}",) if published not in {"", name} else ()
