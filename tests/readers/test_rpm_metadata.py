"""The three XML elements compared with those of createrepo_c over the same packages, attribute by attribute and text by text."""

from __future__ import annotations

import gzip
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import rpmfile

from repogen.artifact import RpmFacts
from repogen.readers import rpm
from tests.support import rpms
from tests.support.chroots import chroot
from tests.support.clients import require, run
from tests.support.packages import make_deb
from tests.support.random_rpms import random_rpms

NAMESPACES = 'xmlns="http://linux.duke.edu/metadata/{}" xmlns:rpm="http://linux.duke.edu/metadata/rpm"'
KINDS = {"primary": "common", "filelists": "filelists", "other": "other"}

#: createrepo_c before 1.0 does not mark what %pretrans and %posttrans need with pre="1"; we write what newer ones do.
TRANSACTION_REQUIREMENTS = ("pretrans-tool", "posttrans-tool")

Flat = tuple[str, dict[str, str], str, list["Flat"]]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("corpus")
    return [*rpms.build_corpus(folder), *by_hand(folder)]


def by_hand(folder: Path) -> list[Path]:
    """What rpmbuild does not write any more, or not in a test's time."""
    make = rpms.handmade
    files = {
        "t1117": [b"caf\xe9", "caf\u00e9", "plain", "s<&>\"'\t", "hosts"], "t1118": ["/usr/bin/", b"/opt/\xfc/bin/", "/etc/"],
        "t1116": [0, 1, 1, 1, 2], "t1037": [0, 64, 1, 0, 0], "t1030": [0o100755, 0o100644, 0o040755, 0o120777, 0o100644],
    }  # fmt: skip
    # What newer versions of createrepo_c want to see before they list a file.
    files |= {"t1028": [1] * 5, "t1034": [1] * 5, "t1033": [0] * 5, "t1035": [""] * 5, "t1036": [""] * 5, "t1039": ["root"] * 5, "t1040": ["root"] * 5}
    names = ["req", "bad", "empty", "rel", "weak", "req", "req", "libc.so.6", "libc.so.6(GLIBC_PRIVATE)", "negative", "flags"]
    requires = {
        "t1049": names,
        "t1048": [12, 8, 8, 8, 1 << 19, 12, 12, 0, 0, 8, 14],
        "t1050": ["1:2-3", "a:1", ":1", "1-2-3", "", "1:2-3", "1:2-3", "", "", "-1:1", "1"],
    }
    old_weak = {
        "t1156": ["strong", "soft"], "t1157": ["1", ""], "t1158": [8 | 1 << 27, 0], "t1159": ["estrong", "esoft"], "t1160": ["", "2-1"], "t1161": [1 << 27, 10],
    }  # fmt: skip
    changelog = {
        "t1080": [30, 30, 29, 29, 30, 0, 0],
        "t1081": ["a  ", b"\xe9 ", " ", "", "e", "f", "g"],
        "t1082": ["x\ry", "\tz\n", b"\x80\xff", "", "e", "f", "g"],
    }
    return [
        make(folder / "plain.rpm"),
        make(folder / "huge.rpm", t1000="huge", t1009=None, t5009=5 * 2**30, signature={1000: None, 1007: None, 271: 6 * 2**30}),
        make(folder / "six.rpm", v6=True, t1000="six"),
        make(folder / "files.rpm", t1000="files", **files),
        make(folder / "requires.rpm", t1000="requires", **requires),
        make(folder / "old-weak.rpm", t1000="old-weak", **old_weak),
        make(folder / "nameless.rpm", t1000="nameless", t5046=[""], t5047=["1"], t5048=[8], t1090=["", "a"], t1114=[0, 0], t1115=["", ""]),
        make(folder / "changelog.rpm", t1000="changelog", **changelog),
        make(folder / "texts.rpm", t1000="texts", t1004=("a\r\nb\tc",), t1011=b"".decode(), t1015='"<&>"', t1020="http://x/?a&b", t1014="A & B"),
        make(folder / "bare.rpm", t1000="bare", t1004=None, t1005=None, t1006=None, t1007=None, t1009=None, t1014=None, t1016=None, t1044=None, t1047=None),
    ]


@pytest.fixture(scope="module")
def reference(packages: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Flat]]:
    """By kind and pkgid, the elements that createrepo_c writes."""
    return by_createrepo(packages[0].parent, tmp_path_factory.mktemp("reference"))


def by_createrepo(folder: Path, output: Path, words: Sequence[str | Path] = (), more: Sequence[str] = ()) -> dict[str, dict[str, Flat]]:
    """``more`` are kinds that it is asked for beside the three."""
    if not words:
        require("createrepo_c")
    options = ("--quiet", "--no-database", "--general-compress-type=gz", *(f"--{kind}" for kind in more))
    run(*words, "createrepo_c", *options, "--outputdir", output, folder)
    found = {}
    for kind in (*KINDS, *more):
        (path,) = (output / "repodata").glob(f"*-{kind}.xml.gz")
        root = ET.fromstring(gzip.decompress(path.read_bytes()))
        found[kind] = {element.get("pkgid") or element.findtext("{*}checksum", ""): flat(element) for element in root}
    return found


def flat(element: ET.Element) -> Flat:
    """Name, attributes and texts; the address of the file is each generator's own."""
    attributes = {key: value for key, value in element.attrib.items() if key != "href"}
    text = "" if len(element) else element.text or ""
    return element.tag.partition("}")[2], attributes, text, [flat(child) for child in element]


def ours(path: Path, kind: str) -> Flat:
    facts = rpm.read(path, rpms.digests(path)).facts
    assert isinstance(facts, RpmFacts)
    element = {"primary": facts.primary, "filelists": facts.filelists, "other": facts.other}[kind].decode()
    return flat(ET.fromstring(f"<root {NAMESPACES.format(KINDS[kind])}>{element}</root>")[0])


def without_transaction_pre(found: Flat) -> Flat:
    name, attributes, text, children = found
    known = attributes.get("name") in TRANSACTION_REQUIREMENTS
    kept = {key: value for key, value in attributes.items() if not (known and key == "pre")}
    return name, kept, text, [without_transaction_pre(child) for child in children]


@pytest.mark.parametrize("kind", KINDS)
def test_equal_to_createrepo_c(packages: list[Path], reference: dict[str, dict[str, Flat]], kind: str) -> None:
    assert len(packages) == len(reference[kind]) == 20
    old = "Version: 0." in run("createrepo_c", "--version").stdout
    for path in packages:
        found, expected = ours(path, kind), reference[kind][rpms.digests(path).sha256]
        assert (without_transaction_pre(found) if old else found) == expected, path.name


def test_equal_for_whatever_a_header_holds(tmp_path: Path) -> None:
    (tmp_path / "packages").mkdir()
    (tmp_path / "reference").mkdir()
    packages = random_rpms(tmp_path / "packages", 400, seed=1)
    expected = by_createrepo(tmp_path / "packages", tmp_path / "reference")
    for path in packages:
        for kind in KINDS:
            assert ours(path, kind) == expected[kind][rpms.digests(path).sha256], path.name


@pytest.mark.slow
def test_equal_for_packages_of_rpm_6(tmp_path: Path) -> None:
    """The same odd packages in the new format, as a real rpm 6 builds them, and others; by the createrepo_c that comes with it."""
    with chroot("forky", tmp_path / "debian") as debian:
        folder, output = debian.shared / "packages", debian.shared / "output"
        output.mkdir()
        packages = rpms.build_corpus(folder, debian.words)
        assert len(packages) == 10
        assert set(debian("rpm", "-qp", "--qf", "%{rpmformat}\n", *packages).split()) == {"6"}
        packages += random_rpms(folder, 400, seed=6)
        expected = by_createrepo(folder, output, debian.words)
        for path in packages:
            for kind in KINDS:
                assert ours(path, kind) == expected[kind][rpms.digests(path).sha256], path.name


@pytest.mark.slow
def test_digests_of_files_equal_createrepo_c(tmp_path: Path) -> None:
    with chroot("forky", tmp_path / "debian") as debian:
        folder, output = debian.shared / "packages", debian.shared / "output"
        output.mkdir()
        packages = rpms.build_corpus(folder)
        files = {"t1117": ["a", "b", "c"], "t1118": ["/etc/", "/usr/bin/"], "t1116": [0, 0, 1], "t1037": [0, 64, 0], "t1030": [0o100644, 0o100644, 0o120777]}
        files |= {"t1028": [1] * 3, "t1034": [1] * 3, "t1033": [0] * 3, "t1036": [""] * 3, "t1039": ["root"] * 3, "t1040": ["root"] * 3}
        for name, algorithm in (("none", None), ("md5", 1), ("sha1", 2), ("sha384", 9), ("sha512", 10), ("sha224", 11), ("odd", 77)):
            packages.append(rpms.handmade(folder / f"{name}.rpm", t1000=name, t1035=["ab" * 16, "", "cd" * 16], t5011=algorithm, **files))
        expected = by_createrepo(folder, output, debian.words, ["filelists-ext"])["filelists-ext"]
        for path in packages:
            found = rpms.digests(path)
            facts = rpm.read(path, found).facts
            assert isinstance(facts, RpmFacts)
            element = rpm.extended_filelists(path, facts, found.sha256).decode()
            assert flat(ET.fromstring(f"<root {NAMESPACES.format('filelists-ext')}>{element}</root>")[0]) == expected[found.sha256], path.name
        assert 'hash="' in element


def test_equal_for_a_package_that_alien_converted(tmp_path: Path) -> None:
    require("alien")
    folder, output = tmp_path / "packages", tmp_path / "output"
    output.mkdir()
    deb = make_deb(folder, "hello", extra="Depends: libc6 (>= 2.36)\nConflicts: goodbye", compression="gzip")
    run("alien", "--to-rpm", "--keep-version", "--scripts", deb.name, cwd=folder)
    (path,) = folder.glob("*.rpm")
    expected = by_createrepo(folder, output)
    for kind in KINDS:
        assert ours(path, kind) == expected[kind][rpms.digests(path).sha256]


@pytest.mark.parametrize("kind", ["provides", "conflicts", "obsoletes", "recommends"])
def test_rpmfile_reads_the_same_dependencies(packages: list[Path], kind: str) -> None:
    (path,) = (path for path in packages if path.name.startswith("odd-2.0.0") and ".src." not in path.name)
    with rpmfile.open(str(path)) as other:
        names, versions = other.headers.get(kind) or other.headers[f"{kind[:-1]}name"], other.headers[f"{kind[:-1]}version"]
    found = [(entry[1]["name"], version_of(entry[1])) for entry in entries_of(ours(path, "primary"), kind)]
    expected = [(name.decode(), version.decode()) for name, version in zip(as_list(names), as_list(versions), strict=True)]
    assert found == expected


def test_rpmfile_reads_the_same_files(packages: list[Path]) -> None:
    for path in packages[:10]:
        with rpmfile.open(str(path)) as other:
            names, folders, indexes = (other.headers.get(tag, []) for tag in ("basenames", "dirnames", "dirindexes"))
        expected = [as_list(folders)[index] + name for index, name in zip(as_list(indexes), as_list(names), strict=True)]
        found = [child[2].encode() for child in ours(path, "filelists")[3] if child[0] == "file"]
        assert found == expected, path.name


def as_list(value: object) -> list[Any]:
    """rpmfile gives one value bare and several as a list or tuple."""
    return list(value) if isinstance(value, list | tuple) else [value]


def version_of(attributes: dict[str, str]) -> str:
    """A dependency's version as the header has it."""
    epoch = f"{attributes['epoch']}:" if attributes.get("epoch", "0") != "0" else ""
    return epoch + "-".join(attributes[key] for key in ("ver", "rel") if key in attributes)


def test_transaction_requirements_come_before(packages: list[Path]) -> None:
    (path,) = (path for path in packages if path.name.startswith("odd-2.0.0") and ".src." not in path.name)
    entries = {entry[1]["name"]: entry[1] for entry in entries_of(ours(path, "primary"), "requires")}
    before = [name for name, entry in entries.items() if entry.get("pre") == "1"]
    assert before == ["posttrans-tool", "pretrans-tool", "shadow-utils", "systemd"]


def test_what_is_left_out(packages: list[Path]) -> None:
    (path,) = (path for path in packages if path.name.startswith("odd-2.0.0") and ".src." not in path.name)
    names = [entry[1]["name"] for entry in entries_of(ours(path, "primary"), "requires")]
    assert [name for name in names if name.startswith("libc.so.6")] == ["libc.so.6(GLIBC_2.34)(64bit)"]
    assert not [name for name in names if name.startswith("rpmlib(")]
    assert "/usr/bin/odd" not in names
    assert "/opt/odd/data" in names
    assert names.count("bash") == 1
    assert "((foo >= 1 and bar) if baz)" in names


def test_changelogs_are_ten_with_the_oldest_first(packages: list[Path]) -> None:
    (path,) = (path for path in packages if path.name.startswith("odd-2.0.0") and ".src." not in path.name)
    entries = [child for child in ours(path, "other")[3] if child[0] == "changelog"]
    assert len(entries) == 10
    assert entries[-1][2] == "- Twelve & <last>"
    dates = [int(entry[1]["date"]) for entry in entries]
    assert dates == sorted(set(dates))


def entries_of(primary: Flat, kind: str) -> list[Flat]:
    (form,) = (child for child in primary[3] if child[0] == "format")
    (found,) = (child for child in form[3] if child[0] == kind)
    return found[3]
