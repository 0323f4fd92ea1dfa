"""A plan with all that it stands upon and comes to, in the form in which it is shown, kept in a file and carried out later: exactly so, or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from repogen.config import Config
from repogen.effects import Effects, effects
from repogen.errors import ProtectionError, UsageError
from repogen.plan import Plan
from repogen.purging import purged_paths
from repogen.state import Snapshot
from repogen.stores import Store

FORMAT = 1


class PlannedPut(Struct, frozen=True, kw_only=True):
    """One file to write, see plan.Put."""

    path: str
    size: int
    sha256: str
    stage: str
    """``payload``, ``index``, ``entry`` or ``page``."""
    replaces: bool
    copy_of: str


class SavedPlan(Struct, frozen=True, kw_only=True):
    """What a publish would change."""

    format: int = FORMAT
    destination: str
    upon: str
    """Identity of the snapshot that is published; empty for none."""
    number: int
    """Of that snapshot."""
    complete: bool
    """Whether its publish was finished."""
    makes: str
    """Identity of the snapshot that would be published."""
    puts: tuple[PlannedPut, ...]
    stale: tuple[str, ...]
    """Paths that nothing names any more. They stay until they are pruned."""
    purged: tuple[str, ...]
    """Paths that are purged at the CDN."""
    unchanged: int
    """Number of files."""
    size: int = field(name="bytes")
    """Bytes to upload."""
    copied: int
    """Bytes that the destination copies by itself."""
    requests: int
    """About how many that takes on S3."""
    effects: Effects
    digest: str = ""
    """Of all the rest, so that a file which was cut or edited is told from one that is whole."""

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to do."""
        return self.complete and self.upon == self.makes and not self.purged

    def encode(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(replace(self, digest=_digest(self))), indent=2) + b"\n"

    def check(self, now: SavedPlan) -> None:
        """Raises ProtectionError unless what would be done now is this plan."""
        if now.destination != self.destination:
            raise ProtectionError(f"the plan is for {self.destination}, not for {now.destination}", hint="give --to as it was given to `repogen plan`")
        if (now.upon, now.number, now.complete) != (self.upon, self.number, self.complete):
            raise ProtectionError(
                f"the plan follows snapshot {self.number} of {self.destination}, where snapshot {now.number} stands now",
                hint="somebody published since: run `repogen plan` again and look at it",
            )
        if now.makes != self.makes or replace(now, digest="") != replace(self, digest=""):
            raise ProtectionError("what is built now is not what was planned", hint="run `repogen plan` again and look at it")


def saved_plan(config: Config, store: Store, before: Snapshot, after: Snapshot, plan: Plan) -> SavedPlan:
    """The plan that brings the store from one snapshot to the other."""
    return SavedPlan(
        destination=store.address,
        upon=before.identity,
        number=before.number,
        complete=before.complete,
        makes=after.identity,
        puts=tuple(
            PlannedPut(path=put.path, size=put.size, sha256=put.sha256, stage=put.stage.name.lower(), replaces=put.replaces, copy_of=put.copy_of)
            for put in plan.puts
        ),
        stale=plan.stale,
        purged=purged_paths(config, plan, before.head),
        unchanged=plan.unchanged,
        size=plan.size,
        copied=plan.copied,
        requests=plan.requests,
        effects=effects(before.catalog, after.catalog) if plan.puts else Effects(),
    )


def read_plan(path: Path) -> SavedPlan:
    """The plan of a file. Raises UsageError when it is missing, damaged, or of another version of repogen."""
    again = "make it anew with `repogen plan --out FILE`"
    try:
        plan = msgspec.json.decode(path.read_bytes(), type=SavedPlan)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint=again) from error
    except msgspec.DecodeError as error:
        raise UsageError(f"{path} is no plan of repogen, or damaged: {error}", hint=again) from error
    if plan.format != FORMAT or plan.digest != _digest(plan):
        raise UsageError(f"{path} is damaged, or a plan of another version of repogen", hint=again)
    return plan


def _digest(plan: SavedPlan) -> str:
    return hashlib.sha256(msgspec.json.encode(replace(plan, digest=""))).hexdigest()
