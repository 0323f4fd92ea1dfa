"""Advisories: what the release notes make of a release; dnf reads them in tests/clients/test_yum_metadata.py."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from msgspec.structs import replace

from repogen.catalog import Catalog, Product
from repogen.config import Config
from repogen.formats.yum import updateinfo
from repogen.yum_config import YumConfig
from repogen.yum_repositories import Repository
from tests.support.catalogs import catalog, config
from tests.support.releases import deb, rpm

FIRST, SECOND = ("hello", "1.0.0"), ("hello", "1.1.0")


def noted(notes: dict[tuple[str, str], str], **fields: object) -> Catalog:
    """Two releases of a product with rpms, the first with a source package, and one with a deb alone."""
    artifacts = (
        rpm("hello", "1.0.0", date="2026-03-01T10:00:00Z"), rpm("hello", "1.0.0", "src", date="2026-03-01T10:00:00Z"),
        rpm("hello", "1.1.0", "aarch64", date="2026-03-02T10:30:00Z"), deb("hello", "1.2.0"),
    )  # fmt: skip
    return catalog(*artifacts, products=(Product(id="hello", title="Hello"),), **fields).with_notes(notes)


def updates(made: Catalog, settings: Config | None = None) -> list[ET.Element]:
    found = updateinfo.text(made, settings or config(), Repository(channel="stable", base="yum/stable"))
    return list(ET.fromstring(found)) if found else []


def test_an_advisory_for_each_release_with_rpms_and_notes() -> None:
    first, second = updates(noted({FIRST: "The first one.\n", SECOND: "# 1.1.0\n\n- Fixed: it <greets> & all\n", ("hello", "1.2.0"): "A deb."}))
    assert [first.get(key) for key in ("from", "status", "type", "version")] == ["Acme Releases <releases@acme.example>", "final", "newpackage", "1"]
    assert [second.findtext(tag) for tag in ("id", "title", "severity", "release", "description")] == [
        "acme-hello-1.1.0", "Hello 1.1.0", "None", "Acme Tools", "# 1.1.0\n\n- Fixed: it <greets> & all",
    ]  # fmt: skip
    assert second.get("type") == "bugfix"
    assert second.find("issued").get("date") == second.find("updated").get("date") == "2026-03-02 10:30:00"
    (package,) = second.iter("package")
    assert dict(package.attrib) == {"name": "hello", "version": "1.1.0", "release": "1", "epoch": "0", "arch": "aarch64"}
    assert package.findtext("filename") == "hello-1.1.0-1.aarch64.rpm"
    assert [p.get("arch") for p in first.iter("package")] == ["x86_64"]


def test_nothing_without_notes_or_where_it_is_off() -> None:
    assert updates(noted({})) == []
    assert updates(noted({FIRST: " \n"})) == []
    assert updates(noted({FIRST: "Notes."}), config(yum=YumConfig(updateinfo=False))) == []


@pytest.mark.parametrize(
    ("notes", "first", "type"),
    [
        ("A new command.", True, "newpackage"),
        ("A new command.", False, "enhancement"),
        ("- Fixes a crash.", False, "bugfix"),
        ("- bugfix: none", False, "bugfix"),
        ("A prefix and a fixture.", False, "enhancement"),
        ("Closes CVE-2026-12345.", False, "security"),
        ("See GHSA-2345-6789-cfgh.", True, "security"),
        ("## Security\n\n- Names are quoted.", False, "security"),
        ("Improves the security dialog.", False, "enhancement"),
        ("Fixes CVE-2026-1234\n\nType: bugfix", False, "bugfix"),
        ("**Type:** Security", False, "security"),
        ("- type: enhancement\n- fixes", True, "enhancement"),
    ],
)
def test_what_notes_make_of_a_release(notes: str, first: bool, type: str) -> None:
    assert updateinfo.advisory_type(notes, first=first) == type


def test_severity_and_references() -> None:
    (update,) = updates(noted({SECOND: "Severity: important\n\nCVE-2026-1000, CVE-2026-1000 and GHSA-2345-6789-cfgh\n"}))
    assert (update.get("type"), update.findtext("severity")) == ("security", "Important")
    assert [(r.get("type"), r.get("id"), r.get("href")) for r in update.iter("reference")] == [
        ("self", "1.1.0", "https://dl.acme.example/index.html"),
        ("cve", "CVE-2026-1000", "https://www.cve.org/CVERecord?id=CVE-2026-1000"),
        ("other", "GHSA-2345-6789-cfgh", "https://github.com/advisories/GHSA-2345-6789-cfgh"),
    ]


def test_no_text_leaves_its_place() -> None:
    hostile = "]]></description></update><evil/>\x1b\x00&amp;\u2028"
    made = noted({FIRST: hostile})
    made = replace(made, products=(Product(id="hello", title='x"/><evil/>'),))
    (update,) = updates(made)
    assert update.findtext("title") == 'x"/><evil/> 1.0.0'
    assert update.findtext("description") == "]]></description></update><evil/>&amp;"
