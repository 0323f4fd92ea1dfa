"""Chocolatey packages that hold their installers, made by the real commands of files that real packers made."""

from __future__ import annotations

import hashlib
import re
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from msgspec.structs import replace

from repogen import embedded_packages
from repogen.artifact import Artifact, InstallerFacts, Kind
from repogen.catalog import Product
from repogen.chocolatey_config import ChocolateyConfig
from repogen.errors import InputError
from repogen.formats.chocolatey.rules import Level, faults_of
from repogen.output import Output
from repogen.tree import Blob
from tests.support.catalogs import catalog, config
from tests.support.installers import make_msi, make_nsis
from tests.support.packages import make_zip
from tests.support.powershell import parse, strings
from tests.support.releases import download
from tests.support.site import Project

PROGRAM = b"MZ" + b"\0" * 58 + b"\x80\0\0\0" + b"\0" * 64 + b"PE\0\0\x64\x86" + b"\0" * 512
LICENCES = {"greet-1.0.0/LICENSE-MIT": "Do as you like.\r\n", "greet-1.0.0/LICENSE-APACHE": "Do so, and say it.\n"}
GREET = ({"greet-1.0.0/greet.exe": PROGRAM, **LICENCES}, ("greet-1.0.0/greet.exe",))


def members(project: Project, name: str) -> dict[str, bytes]:
    """The members of a published package, which stands at both of its addresses."""
    package = project.site / "chocolatey" / name
    id, _, version = name.removesuffix(".nupkg").partition(".")
    assert (project.site / f"chocolatey/flat/{id}/{version}/{name}").read_bytes() == package.read_bytes()
    with zipfile.ZipFile(package) as opened:
        assert opened.testzip() is None
        return {info.filename: opened.read(info) for info in opened.infolist()}


def text(content: bytes) -> str:
    assert content.count(b"\n") == content.count(b"\r\n")
    return content.decode("utf-8-sig").replace("\r\n", "\n")


def append(project: Project, table: str) -> None:
    """More of the last table in repogen.toml."""
    with (project.folder / "repogen.toml").open("a", encoding="utf-8") as file:
        file.write(table)


def archive(folder: Path, version: str = "1.0.0") -> Path:
    return make_zip(folder / f"greet-{version}-windows-amd64.zip", *GREET)


def test_each_kind_of_installer_is_in_its_package(tmp_path: Path) -> None:
    project = Project(tmp_path / "p", chocolatey={"embed": True}, key=None)
    files = {
        "greet/x64/greet-1.0.0-windows-amd64.zip": archive(tmp_path),
        "quiet/x86/Quiet-Setup-1.0.0.exe": make_nsis(tmp_path / "Quiet Setup 1.0.0.exe", "Quiet", "1.0.0"),
        "other/x86/other-1.0.0-x86.msi": make_msi(tmp_path / "other-1.0.0-x86.msi", "Other", "1.0.0", "x86"),
        "other/x64/other-1.0.0-x64.msi": make_msi(tmp_path / "other-1.0.0-x64.msi", "Other", "1.0.0", "x64"),
        "small/x64/small.exe": tmp_path / "small-1.0.0-windows-amd64.exe",
    }
    files["small/x64/small.exe"].write_bytes(PROGRAM)
    project.add(*files.values())
    said = project.build("--unsigned").stderr
    project.publish()
    for place, file in files.items():
        product, _, path = place.partition("/")
        inside = members(project, f"{product}.1.0.0.nupkg")
        assert inside[f"tools/{path}"] == file.read_bytes()
        shown = text(inside["tools/VERIFICATION.txt"])
        windows_path = f"tools/{path}".replace("/", "\\")
        proof = re.search(
            rf"file in package: {re.escape(windows_path)}\n +downloaded from: (\S+)\n +checksum type: +sha256\n +checksum: +([0-9a-f]{{64}})\n", shown
        )
        assert proof
        assert proof[2] == hashlib.sha256(file.read_bytes()).hexdigest()
        published = project.site / proof[1].removeprefix("https://dl.acme.example/")
        assert published.read_bytes() == file.read_bytes()
        for which in ("Install", "Uninstall"):
            parse(text(inside[f"tools/chocolatey{which}.ps1"]))
        assert f'Extension="{path.rpartition(".")[2]}"'.encode() in inside["[Content_Types].xml"]
    licence = text(members(project, "greet.1.0.0.nupkg")["tools/LICENSE.txt"])
    assert licence.endswith("Do so, and say it.\n\nDo as you like.\n")
    for product in ("quiet", "other", "small"):
        assert f"the Chocolatey package of {product} 1.0.0 holds programs, but no licence: name its file in [product.chocolatey] license_file" in said
        assert "tools/LICENSE.txt" not in members(project, f"{product}.1.0.0.nupkg")
    assert "package of greet" not in said
    assert not list(project.output.rglob("*.rendered"))


def test_the_same_files_are_the_same_package_on_every_machine(tmp_path: Path) -> None:
    packages = []
    for name, date in (("one", "2026-01-02T12:00:00Z"), ("two", "2026-05-02T12:00:00Z")):
        project = Project(tmp_path / name, chocolatey={"embed": True}, key=None)
        project.add(archive(tmp_path))
        project.build("--unsigned", date=date)
        packages.append((project.output / "chocolatey/greet.1.0.0.nupkg").read_bytes())
    assert packages[0] == packages[1]


def test_a_published_package_stays_as_it_is(tmp_path: Path) -> None:
    """Whatever the configuration says later, and from a machine that has none of the files."""
    project = Project(tmp_path / "p", chocolatey={"embed": True}, key=None)
    project.add(archive(tmp_path))
    project.build("--unsigned")
    project.publish()
    before = (project.site / "chocolatey/greet.1.0.0.nupkg").read_bytes()
    project.configure(url="https://dl.acme.example", to="site", chocolatey={"embed": False})
    project.empty()
    project.add(archive(tmp_path, "1.1.0"))
    project.build("--unsigned")
    project.publish()
    assert (project.site / "chocolatey/greet.1.0.0.nupkg").read_bytes() == before
    assert "tools/VERIFICATION.txt" not in members(project, "greet.1.1.0.nupkg")
    project.run("yank", "greet", "1.0.0")
    project.run("yank", "--undo", "greet", "1.0.0")
    project.run("promote", "greet", "1.0.0", "--channel", "beta")
    assert (project.site / "chocolatey/greet.1.0.0.nupkg").read_bytes() == before


def test_two_runners_that_publish_at_once_both_bring_their_package(tmp_path: Path) -> None:
    """The second one makes its package again, of what stands in its output folder."""
    site = str(tmp_path / "site")
    runners = [Project(tmp_path / name, to=site, chocolatey={"embed": True}, key=None) for name in ("one", "two")]
    for runner, version in zip(runners, ("1.0.0", "1.1.0"), strict=True):
        runner.add(archive(tmp_path, version))
        runner.build("--unsigned")
        runner.site = tmp_path / "site"
    for runner in runners:
        for file in runner.dist.iterdir():
            file.unlink()
        runner.publish()
    for version in ("1.0.0", "1.1.0"):
        assert f"tools/x64/greet-{version}-windows-amd64.zip" in members(runners[1], f"greet.{version}.nupkg")


def test_the_licence_of_the_configuration_goes_before_that_of_the_archive(tmp_path: Path) -> None:
    project = Project(tmp_path / "p", key=None, product=[{"id": "greet"}])
    append(project, '[product.chocolatey]\nembed = true\nlicense_file = "legal/EULA.txt"\n')
    (project.folder / "legal").mkdir()
    (project.folder / "legal/EULA.txt").write_bytes("Nur für Freunde.\n".encode("latin-1"))
    project.add(archive(tmp_path))
    project.build("--unsigned")
    # Its text is an input like any other: another one is another package, as long as none is published.
    (project.folder / "legal/EULA.txt").write_text("Nur für alle.\n", encoding="utf-8")
    assert "nothing changed" not in project.build("--unsigned").stderr
    assert "nothing changed" in project.build("--unsigned").stderr
    project.publish()
    assert text(members(project, "greet.1.0.0.nupkg")["tools/LICENSE.txt"]) == "From: https://dl.acme.example/\n\nLICENSE\n\nNur für alle.\n"


@pytest.mark.parametrize(
    ("content", "says"), [(None, "cannot be read: No such file"), (b"\0\1", "is no text of a licence"), (b" \n", "is no text of a licence")]
)
def test_a_licence_file_that_is_none_is_told(tmp_path: Path, content: bytes | None, says: str) -> None:
    project = Project(tmp_path / "p", key=None, product=[{"id": "greet"}])
    append(project, '[product.chocolatey]\nembed = true\nlicense_file = "EULA"\n')
    if content is not None:
        (project.folder / "EULA").write_bytes(content)
    project.add(archive(tmp_path))
    assert f"[[product]] greet: chocolatey.license_file EULA {says}" in project.build("--unsigned", code=2).stderr


def test_the_community_takes_no_programs_without_a_licence(tmp_path: Path) -> None:
    project = Project(tmp_path / "p", chocolatey={"embed": True, "community": True}, key=None)
    project.add(make_nsis(tmp_path / "Quiet Setup 1.0.0.exe", "Quiet", "1.0.0"))
    said = project.build("--unsigned", code=1).stderr
    assert "it holds programs such as tools/x86/Quiet-Setup-1.0.0.exe, but no LICENSE.txt (CPMR0005)" in said
    assert not (project.output / "chocolatey").exists()
    project.empty()
    project.add(archive(tmp_path))
    project.build("--unsigned")
    faults = faults_of((project.output / "chocolatey/greet.1.0.0.nupkg").read_bytes())
    assert {fault.level for fault in faults} == {Level.GUIDELINE, Level.SUGGESTION, Level.NOTE}


def test_an_installer_that_is_elsewhere_now_is_told_with_v(tmp_path: Path) -> None:
    """An installer of an unknown make is published, and its arguments are learned when its file is gone."""
    setup, newer = tmp_path / "quiet-setup-1.0.0.exe", tmp_path / "quiet-setup-1.1.0.exe"
    setup.write_bytes(PROGRAM)
    newer.write_bytes(PROGRAM + b"newer")
    project = Project(tmp_path / "p", chocolatey={"embed": True}, key=None)
    project.add(setup)
    project.build("--unsigned")
    project.publish()
    project.configure(url="https://dl.acme.example", to="site", chocolatey={"embed": True}, product=[{"id": "quiet", "silent_args": "/quiet"}])
    project.empty()
    project.add(newer)
    said = project.build("--unsigned", "-v").stderr
    assert "quiet 1.0.0 gets no Chocolatey package: quiet-setup-1.0.0.exe is not among the release files" in said
    assert [file.name for file in (project.output / "chocolatey").glob("*.nupkg")] == ["quiet.1.1.0.nupkg"]
    project.add(setup)
    project.build("--unsigned")
    assert (project.output / "chocolatey/quiet.1.0.0.nupkg").exists()


def large(path: Path, size: int) -> Artifact:
    """An installer of so many MiB of nothing, which takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(size << 20)
    digest = hashlib.sha256()
    for _ in range(size):
        digest.update(bytes(1 << 20))
    plain = download("hello", "1.0.0", path.name, Kind.EXE, "windows", "any", facts=InstallerFacts(technology="nsis"), size=size << 20)
    return replace(plain, sha256=digest.hexdigest())


HOSTILE = 'It\'s a $(Remove-Item x) `tool` "q" \u2019 & <b>\nWrite-Host\x00'


def test_no_text_leaves_its_quotes_or_lines(tmp_path: Path) -> None:
    """Names of files become safe ones; a title of several lines cannot write a line of its own into the proof."""
    file = tmp_path / "it's `a` $tool.exe"
    file.write_bytes(PROGRAM)
    facts = InstallerFacts(technology="nsis", product_name=HOSTILE)
    plain = download("hello", "1.0.0", file.name, Kind.EXE, "windows", "amd64", facts=facts, size=len(PROGRAM))
    installer = replace(plain, sha256=hashlib.sha256(PROGRAM).hexdigest())
    made = catalog(installer, products=(Product(id="hello", title=HOSTILE, description=HOSTILE * 200),))
    asked = config(chocolatey=ChocolateyConfig(embed=True))
    derived = embedded_packages.derive(made, asked, {"hello": HOSTILE}, {installer.path: file}, Output(tmp_path / "public"))
    (artifact,) = derived.catalog.select(Kind.NUPKG)
    content = derived.tree[artifact.path].content
    assert isinstance(content, Blob)
    assert content.path
    with zipfile.ZipFile(content.path) as opened:
        inside = {info.filename: opened.read(info) for info in opened.infolist()}
    (held,) = (name for name in inside if name.endswith(".exe"))
    assert re.fullmatch(r"tools/x64/it-s-a-tool-[0-9a-f]{8}\.exe", held)
    for which in ("Install", "Uninstall"):
        hostile = [one for one in strings(parse(text(inside[f"tools/chocolatey{which}.ps1"]))) if "Remove-Item" in one]
        assert hostile
        assert all("& <b> Write-Host" in one for one in hostile)
    assert not [line for line in text(inside["tools/VERIFICATION.txt"]).splitlines() if line.startswith("Write-Host")]
    assert "\0" not in text(inside["tools/LICENSE.txt"])


def test_a_large_installer_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    installer = large(tmp_path / "hello-setup.exe", 96)
    asked = config(chocolatey=ChocolateyConfig(embed=True, community=True, owners="acme"))
    tracemalloc.start()
    derived = embedded_packages.derive(
        catalog(installer), asked, {"hello": "Free."}, {installer.path: str(tmp_path / "hello-setup.exe")}, Output(tmp_path / "public")
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 << 20
    (artifact,) = derived.catalog.select(Kind.NUPKG)
    assert artifact.size > 96 << 20
    content = derived.tree[artifact.path].content
    assert isinstance(content, Blob)
    assert content.path
    with Path(content.path).open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == artifact.sha256 == content.sha256


def test_a_file_that_changes_while_it_is_packed_is_told(tmp_path: Path) -> None:
    installer = large(tmp_path / "hello-setup.exe", 1)
    (tmp_path / "hello-setup.exe").write_bytes(b"\1" * (1 << 20))
    with pytest.raises(InputError, match="changed while it was packed"):
        embedded_packages.derive(
            catalog(installer),
            config(chocolatey=ChocolateyConfig(embed=True)),
            {"hello": "x"},
            {installer.path: str(tmp_path / "hello-setup.exe")},
            Output(tmp_path),
        )
