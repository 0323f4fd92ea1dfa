"""The share of machines that a package or an update manifest names itself, as apt and electron-updater read it; a rollout takes its place.

https://wiki.ubuntu.com/PhasedUpdates and https://www.electron.build/auto-update#staged-rollouts
"""

from __future__ import annotations

import re

from msgspec import json
from msgspec.structs import replace

from repogen.artifact import Artifact, DebFacts, ManifestFacts
from repogen.packed_text import Text

_PHASE = re.compile(rb"^Phased-Update-Percentage:.*\n(?:[ \t].*\n)*", re.MULTILINE | re.IGNORECASE)
_STAGING = "stagingPercentage"


def without_own_share(artifact: Artifact) -> Artifact:
    """The artifact without the share that it names; the same one when it names none."""
    facts = artifact.facts
    if isinstance(facts, DebFacts) and (plain := without_share(facts.stanza)) != facts.stanza:
        return replace(artifact, facts=replace(facts, packed_stanza=Text(plain)))
    if isinstance(facts, ManifestFacts) and _STAGING in (more := json.decode(facts.more)):
        return replace(artifact, facts=replace(facts, more=json.encode({key: more[key] for key in more if key != _STAGING}, order="sorted")))
    return artifact


def without_share(stanza: bytes) -> bytes:
    """A deb's stanza without the share that the package names."""
    return _PHASE.sub(b"", stanza)
