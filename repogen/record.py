"""What a build brings, and what it leaves for the next build and for publish: plain values."""

from __future__ import annotations

from msgspec import Struct

from repogen.artifact import Artifact
from repogen.catalog import Product, PublicKey, Repodata
from repogen.edits import Edit
from repogen.manifest import Entry
from repogen.state import Encoded

FORMAT = 3


class Additions(Struct, frozen=True, kw_only=True):
    """What a build brings to the catalog, or an edit does to it."""

    artifacts: tuple[Artifact, ...] = ()
    products: tuple[Product, ...] = ()
    notes: dict[tuple[str, str], str] = {}
    """Release notes by (product, version)."""
    repodata: tuple[Repodata, ...] = ()
    """What the yum repositories carry as it came."""
    keys: tuple[PublicKey, ...] = ()
    """Those of the signer (see assemble)."""
    accepts_identity_change: bool = False
    """Whether the repository may get another name, and its apt suites and yum repositories may become others or go, to which their users must then agree."""
    package_keys: tuple[str, ...] = ()
    """See catalog.Catalog.package_keys."""
    licences: dict[str, str] = {}
    """Text of a product's licence, for packages that hold its programs, by the product."""
    edits: tuple[Edit, ...] = ()
    """What is done to the catalog once everything else is in it."""

    @property
    def what(self) -> str:
        """A few words for people who read the history."""
        return "; ".join(str(edit) for edit in self.edits) or "publish"


class Record(Struct, frozen=True, kw_only=True):
    """What a build left for the next build and for publish."""

    format: int = FORMAT
    base: str
    """Identity of the snapshot that this was built upon (see state.Snapshot); empty for none."""
    additions: Additions
    date: str
    rendering: str
    state: Encoded
    """Catalog and manifest, with the objects that the destination does not have."""
    files: dict[str, Entry] = {}
    """What stands in the output folder."""
    there: dict[str, str] = {}
    """Where the destination has the bytes of new payload under another path, by digest: of a package that enters one more channel."""
    whole: bool = True
    """Whether all but payload stands there; else what the destination has of old releases does not."""


class Built(Struct, frozen=True):
    """What a build came to."""

    record: Record
    new: tuple[Artifact, ...]
    """Artifacts that are not published yet."""
    without_room: tuple[Artifact, ...]
    """Others that are not, of releases that ``keep`` leaves no room for."""
    changed: bool
    """Whether the output folder was written."""
