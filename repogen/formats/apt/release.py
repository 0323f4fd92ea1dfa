"""A suite's Release file: what apt reads first, and what is signed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime

from repogen import dates
from repogen.apt_suites import Suite
from repogen.catalog import SuiteIdentity
from repogen.config import Config
from repogen.formats.apt.indices import Index
from repogen.templates import render


def identity_of(suite: Suite, config: Config) -> SuiteIdentity:
    """What the suite is to its users; by the configuration alone, never by the packages."""
    origin = config.apt.origin or config.title
    return SuiteIdentity(
        origin=origin,
        label=config.apt.label or origin,
        codename=suite.codename,
        automatic=suite.automatic,
        channels=suite.channels,
        match=suite.match,
        ignore=suite.ignore,
    )


def release(suite: Suite, architectures: Sequence[str], indices: Iterable[Index], date: str, config: Config) -> bytes:
    text = render(
        "apt/Release.j2",
        suite=suite,
        identity=identity_of(suite, config),
        date=_stamp(dates.parse(date)),
        valid_until=_stamp(dates.parse(date) + timedelta(days=config.apt.valid_for)) if config.apt.valid_for else "",
        architectures=architectures,
        changelogs=config.apt.changelogs,
        hashes=config.apt.hashes,
        indices=sorted(indices, key=lambda index: index.name),
    )
    return text.encode()


def _stamp(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True).replace("GMT", "UTC")
