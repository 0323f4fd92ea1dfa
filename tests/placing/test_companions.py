from __future__ import annotations

from pathlib import Path

import pytest

from repogen.catalog import Product
from repogen.errors import InputError
from tests.placing.test_place import placed, tool
from tests.support.packages import make_tar


def test_side_files_stand_beside_what_they_accompany(tmp_path: Path) -> None:
    tool(tmp_path / "tool-1.0.0-linux-amd64.tar.gz")
    tool(tmp_path / "other-2.0.0-linux-amd64.tar.gz")
    beside = (
        "tool-1.0.0-linux-amd64.tar.gz.sig",
        "tool-1.0.0-linux-amd64.tar.gz.sbom.json",
        "tool-1.0.0-linux-amd64.tar.gz.sbom.json.sig",
        "tool-1.0.0.spdx.json",
    )
    for name in beside:
        (tmp_path / name).write_text("x")
    make_tar(tmp_path / "tool-1.0.0-src.tar.gz", {"main.c": "x"})
    paths = {a.path for a in placed(tmp_path).artifacts}
    assert {f"downloads/tool/1.0.0/{name}" for name in (*beside, "tool-1.0.0-src.tar.gz")} <= paths


def test_a_signature_over_checksums_goes_with_them(tmp_path: Path) -> None:
    tool(tmp_path / "tool-1.0.0-linux-amd64.tar.gz")
    for name in ("SHA256SUMS.asc", "checksums.txt.sig", "checksums.txt.pem", "tool_1.0.0_checksums.txt.sigstore.json"):
        (tmp_path / name).write_text("-----BEGIN PGP SIGNATURE-----\n")
    assert len(placed(tmp_path).artifacts) == 1


def test_a_lone_sbom_belongs_to_the_only_release(tmp_path: Path) -> None:
    tool(tmp_path / "tool-1.0.0-linux-amd64.tar.gz")
    (tmp_path / "sbom.cdx.json").write_text("{}")
    assert "downloads/tool/1.0.0/sbom.cdx.json" in placed(tmp_path).sources
    tool(tmp_path / "other-1.0.0-linux-amd64.tar.gz")
    with pytest.raises(InputError, match="a side file of no release here"):
        placed(tmp_path)


def test_side_files_of_a_release_that_is_published_already(tmp_path: Path) -> None:
    (tmp_path / "tool-1.0.0-linux-amd64.tar.gz.sig").write_text("x")
    release = placed(tmp_path, known=(Product(id="tool", title="Tool"),))
    assert [(a.path, a.channel) for a in release.artifacts] == [("downloads/tool/1.0.0/tool-1.0.0-linux-amd64.tar.gz.sig", "stable")]


@pytest.mark.parametrize(
    "name",
    [
        "notes-1.2.0.md",
        "tool-1.2.0.md",
        "tool-v1.2.0-notes.md",
        "v1.2.0.md",
        "1.2.0.md",
        "RELEASE_NOTES.md",
        "release-notes.md",
        "tool.md",
        "CHANGELOG-1.2.0.md",
    ],
)
def test_notes_of_one_release(tmp_path: Path, name: str) -> None:
    tool(tmp_path / "tool-1.2.0-linux-amd64.tar.gz")
    (tmp_path / name).write_text("Better.\n")
    release = placed(tmp_path)
    assert release.notes == {("tool", "1.2.0"): "Better.\n"}
    assert len(release.artifacts) == 1


def test_notes_of_two_releases(tmp_path: Path) -> None:
    for name in ("tool-1.2.0", "tool-1.3.0", "other-1.2.0"):
        tool(tmp_path / f"{name}-linux-amd64.tar.gz")
    (tmp_path / "tool-1.3.0.md").write_text("newer\n")
    (tmp_path / "notes-1.2.0.md").write_text("both\n")
    assert placed(tmp_path).notes == {("tool", "1.3.0"): "newer\n", ("tool", "1.2.0"): "both\n", ("other", "1.2.0"): "both\n"}
    (tmp_path / "RELEASE_NOTES.md").write_text("whose?\n")
    with pytest.raises(InputError, match=r"RELEASE_NOTES\.md: release notes of no release here"):
        placed(tmp_path)


def test_a_changelog_gives_its_section(tmp_path: Path) -> None:
    tool(tmp_path / "tool-1.2.0-linux-amd64.tar.gz")
    (tmp_path / "CHANGELOG.md").write_text(
        "# Changes\n\n## [Unreleased]\n\nlater\n\n## [v1.2.0] - 2026-01-01\n\n### Fixed\n\n- a bug\n\n## 1.1.0\n\nolder\n\n## 11.2.0\n"
    )
    assert placed(tmp_path).notes == {("tool", "1.2.0"): "### Fixed\n\n- a bug\n"}


@pytest.mark.parametrize(
    "content",
    [
        "```sh\n# stop the service first\n```",
        "~~~\n# stop the service first\n```\n## 1.1.0\n~~~",
        "   ````\n# stop\n```\n# start\n  `````",
        "```\r\n# stop the service first\r\n```",
        "- Stop it:\n\n  # by hand",
        "    # stop the service first",
        "<!--\n## 1.1.0\n-->",
    ],
)
def test_a_section_goes_on_behind_what_only_looks_like_a_heading(tmp_path: Path, content: str) -> None:
    tool(tmp_path / "tool-1.2.0-linux-amd64.tar.gz")
    section = f"Before:\n\n{content}\n\nIMPORTANT: back up your data.\n"
    (tmp_path / "CHANGELOG.md").write_bytes(f"# Changes\n\n## [1.2.0]\n\n{section}\n## [1.1.0]\n\nolder\n".encode())
    assert placed(tmp_path).notes == {("tool", "1.2.0"): section.replace("\r", "")}


def test_a_changelog_that_says_nothing_of_the_release_is_no_error(tmp_path: Path) -> None:
    tool(tmp_path / "tool-1.2.0-linux-amd64.tar.gz")
    (tmp_path / "CHANGELOG.md").write_text("# Changes\n\n## 1.1.0\n\nolder\n")
    assert placed(tmp_path).notes == {}
