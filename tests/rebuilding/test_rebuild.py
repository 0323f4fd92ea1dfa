"""The state made anew: what is lost with it, what stays as it was, and how publishing goes on."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from repogen.artifact import Kind
from repogen.catalog import Catalog
from repogen.config import load as load_config
from repogen.errors import ProtectionError
from repogen.options import Options
from repogen.rebuilding import rebuild
from repogen.state import chain, load, manifest_objects, object_key, past
from repogen.state.stored_catalog import catalog_chunks
from repogen.stores.local import LocalStore
from tests.support.follow import follow
from tests.support.installers import make_appimage, make_dmg
from tests.support.keys import secret_key
from tests.support.packages import make_deb, make_rpm, make_tar
from tests.support.programs import elf
from tests.support.release_files import audio_application, electron_application, go_program, rust_program
from tests.support.site import Project
from tests.support.sources import make_source
from tests.support.update_packages import velopack_release

URL = "https://dl.acme.example"
FIRST, SECOND = "2026-01-02T12:00:00Z", "2026-01-03T12:00:00Z"
#: A time of files, in seconds since 1970, long before they are published.
OLD = 1_700_000_000


#: What docs/publishing.md says is lost: what rpms were before they were signed and by whose keys, and the times of the files of withdrawn ones.
LOST = {"artifacts[rpm].source_sha256", "artifacts[rpm].facts.signers"}
LOST_OF_WITHDRAWN = {"withdrawn.artifacts[rpm].source_sha256", "withdrawn.artifacts[rpm].facts.packed_primary"}


def folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def archive(made: Path, version: str = "1.0.0") -> Path:
    return make_tar(folder(made) / f"hello_{version}_linux_amd64.tar.gz", {"hello": elf("amd64"), "LICENSE": "MIT"}, ("hello",))


def everything(tmp_path: Path, **tables: object) -> Project:
    """Two publishes with every kind of file, a version withdrawn, one for some machines only, and no output folder left."""
    project = Project(tmp_path / "acme", product=[{"id": "taskguard", "depends": ["zlib"]}], repo={"keyring_packages": True}, **tables)
    for path in go_program(folder(tmp_path / "1")).iterdir():
        os.utime(path, (OLD, OLD))  # so that no file of the site has its time by chance
    project.release(*(tmp_path / "1").iterdir(), *make_source(folder(tmp_path / "source"), "pane", "0.3.0-1"), date=FIRST)
    project.empty()
    (tmp_path / "2").mkdir()
    (tmp_path / "2/taskguard-1.5.0.md").write_text("# Taskguard 1.5.0\n\nType: security\n")
    (tmp_path / "2/modules.yaml").write_text("---\ndocument: modulemd\nversion: 2\ndata:\n  name: taskguard\n  stream: '1'\n")
    for release, version in ((go_program, "1.5.0"), (audio_application, "1.0.0"), (electron_application, "0.2.0"), (rust_program, "0.4.0-beta.1")):
        release(tmp_path / "2", version)
    project.release(*(tmp_path / "2").iterdir(), date=SECOND)
    project.run("yank", "taskguard", "1.4.0", "--reason", "loses data")
    project.run("rollout", "quiet", "20")
    project.empty()
    return project


def catalog(project: Project) -> Catalog:
    return load(LocalStore(project.site)).catalog


def is_own(artifact: Any) -> bool:
    return artifact.product == "acme-archive-keyring"


def payload(project: Project) -> dict[str, tuple[int, int]]:
    """Inode and time of every file that a digest or version names."""
    files = (path for name in ("apt/pool", "yum", "downloads", "chocolatey/flat", "homebrew/acme.git/objects") for path in (project.site / name).rglob("*"))
    kept = [path for path in files if path.is_file() and "repodata" not in path.parts and "info" not in path.parts and not re.search("SUMS|media", path.name)]
    return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns) for path in kept if path.suffix != ".json"}


def differences(before: Catalog, after: Catalog) -> set[str]:
    """Paths of all fields that differ, our own keyring packages and the date apart: a cut publish makes the one anew and moves the other on."""
    found: set[str] = set()
    for name in before.__struct_fields__:
        old, new = getattr(before, name), getattr(after, name)
        if name == "date":
            assert old < new
        elif name in {"artifacts", "releases"}:
            compare(name, [one for one in old if not is_own(one)], [one for one in new if not is_own(one)], found)
            assert {one.version for one in old if is_own(one)} < {one.version for one in new if is_own(one)}
        else:
            compare(name, old, new, found)
    return found


def compare(where: str, old: Any, new: Any, found: set[str]) -> None:
    if old == new:
        return
    if type(old) is type(new) and hasattr(old, "__struct_fields__"):
        for name in old.__struct_fields__:
            compare(f"{where}.{name}", getattr(old, name), getattr(new, name), found)
    elif isinstance(old, tuple | list) and len(old) == len(new) and all(hasattr(one, "__struct_fields__") for one in (*old, *new)):
        for one, other in zip(old, new, strict=True):
            kind = f"{where}[{one.kind}]" if hasattr(one, "kind") else where
            compare(kind, one, other, found)
    else:
        found.add(where)


@pytest.mark.slow
def test_a_lost_state_is_read_out_of_the_site(tmp_path: Path) -> None:
    project = everything(tmp_path)
    before, files, git = catalog(project), payload(project), (project.site / "homebrew/acme.git/info/refs").read_text()
    clients = follow(lambda path: (project.site / path).read_bytes() if (project.site / path).is_file() else None, URL)
    shutil.rmtree(project.site / ".repogen")
    shutil.rmtree(project.folder / "cache")

    said = project.run("doctor", "--rebuild-state").stderr
    assert "no earlier snapshot" in said
    assert "at snapshot 2" in said
    after = catalog(project)
    assert differences(before, after) == LOST | LOST_OF_WITHDRAWN
    assert {a.kind for a in after.artifacts} >= {Kind.DEB, Kind.RPM, Kind.DSC, Kind.SOURCE, Kind.TAR, Kind.ZIP, Kind.MSI, Kind.EXE, Kind.DMG, Kind.NUPKG}
    now = payload(project)
    assert {path: now.get(path) for path in files} == files
    assert (project.site / "homebrew/acme.git/info/refs").read_text() == git
    again = follow(lambda path: (project.site / path).read_bytes() if (project.site / path).is_file() else None, URL)
    assert {client: {name for name in names if "acme-" not in name} for client, names in again.items()} == {
        client: {name for name in names if "acme-" not in name} for client, names in clients.items()
    }

    # Publishing goes on: the very files of a published release are nothing new, others under their name are refused, a new version is published.
    project.add(*(tmp_path / "2").glob("taskguard*"), *audio_application(folder(tmp_path / "audio"), "1.1.0").iterdir())
    project.build()
    project.publish()
    assert "quiet 1.1.0" in follow(lambda path: (project.site / path).read_bytes() if (project.site / path).is_file() else None, URL)["apt"]
    assert "up to date" in project.publish().stderr
    project.empty()
    project.add(make_deb(tmp_path / "other", "quiet", "1.1.0", description="plays something else"))
    assert "would change the published file" in project.build(code=3).stderr
    assert "ok:" in project.run("doctor").stdout


def test_a_withdrawn_source_package_stays_one(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    for version in ("1.0", "1.1"):
        project.empty()
        project.release(*make_source(folder(tmp_path / version), "hello", f"{version}-1"), make_deb(tmp_path / version, "hello", f"{version}-1"))
    project.run("yank", "hello", "1.0")
    before = catalog(project)
    assert any(a.kind is Kind.SOURCE for withdrawal in before.withdrawn for a in withdrawal.artifacts)
    shutil.rmtree(project.site / ".repogen")
    shutil.rmtree(project.folder / "cache")
    project.run("doctor", "--rebuild-state")
    assert catalog(project).withdrawn == before.withdrawn
    assert not (project.site / "homebrew").exists()


def test_what_updaters_ask_for_is_known_again(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme", product=[{"id": "quiet", "files": ["Q*", "RELEASES", "releases*"]}], updates={"sparkle_key": "sparkle"})
    (project.folder / "sparkle").write_text(base64.b64encode(bytes(32)).decode())
    for version, date in (("1.0.0", FIRST), ("1.1.0", SECOND)):
        made = folder(tmp_path / version)
        image, disk = make_appimage(made / f"Quiet-{version}-x86_64.AppImage"), make_dmg(made / f"Quiet-{version}.dmg", "Quiet.app")
        *packages, _ = velopack_release(made / "velopack", version)
        project.release(image, disk, *packages, date=date)
        project.empty()
    others = make_appimage(tmp_path / "Other-1.0.0-x86_64.AppImage"), make_dmg(tmp_path / "Other-1.0.0.dmg", "Other.app")
    project.release(*others, date="2026-01-04T12:00:00Z")
    project.empty()
    for product in ("quiet", "other"):
        project.run("promote", product, "1.0.0", "--to", "beta")
        project.run("yank", product, "1.0.0", "--channel", "beta")
    before, files = catalog(project), {path: path.read_bytes() for path in (project.site / "updates").rglob("*") if path.is_file()}
    shutil.rmtree(project.site / ".repogen")
    shutil.rmtree(project.folder / "cache")
    project.run("doctor", "--rebuild-state")
    after = catalog(project)
    assert {"plain", "sparkle", "velopack", "zsync"} <= set(before.update_feeds)
    for field in ("artifacts", "releases", "served", "update_feeds"):
        assert getattr(after, field) == getattr(before, field)
    assert {path: path.read_bytes() for path in files} == files, "and every manifest is as it was"
    project.run("yank", "quiet", "1.1.0")
    assert b"Quiet-1.0.0.dmg" in (project.site / "updates/stable/appcast.xml").read_bytes()
    project.run("yank", "quiet", "1.0.0")
    assert b"<item>" not in (project.site / "updates/stable/appcast.xml").read_bytes()
    shutil.rmtree(project.site / ".repogen")
    shutil.rmtree(project.folder / "cache")
    project.run("doctor", "--rebuild-state")
    assert catalog(project).update_feeds == before.update_feeds, "nobody else's files stand where its applications ask"


def no_head(state: Path) -> None:
    (state / "head.json").unlink()


def damaged_head(state: Path) -> None:
    (state / "head.json").write_text('{"format": 2, "number": 3, ')


def empty_head(state: Path) -> None:
    (state / "head.json").write_bytes(b"")


def chunk_gone(state: Path) -> None:
    snapshot = load(LocalStore(state.parent))
    artifacts = next(iter(catalog_chunks(snapshot.reader, snapshot.head.catalog)))
    (state / "objects" / artifacts.digest).unlink()


def root_cut(state: Path) -> None:
    root = state / "objects" / json.loads((state / "head.json").read_text())["catalog"]
    root.chmod(0o644)
    content = root.read_bytes()
    root.unlink()
    root.write_bytes(content[:100])


@pytest.mark.slow
@pytest.mark.parametrize("harm", [no_head, damaged_head, empty_head, chunk_gone, root_cut])
def test_what_is_whole_is_used(harm: Callable[[Path], None], tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    for version in ("1.0.0", "1.1.0"):
        made = tmp_path / version
        project.release(make_deb(made, version=version), make_rpm(made, version=version), archive(made, version))
    project.run("yank", "hello", "1.0.0")
    before, number = catalog(project), load(LocalStore(project.site)).number
    harm(project.site / ".repogen")
    shutil.rmtree(project.folder / "cache")
    project.empty()
    if harm is not no_head:
        assert "rebuild-state" in project.run("releases", code=1).stderr

    told = json.loads(project.run("doctor", "--rebuild-state", "--json").stdout)
    assert told["snapshot"] == number + 2
    assert (told["releases"], told["withdrawn"]) == (1, 1)
    found = differences_of(before, catalog(project))
    if harm is chunk_gone:
        assert found <= LOST | LOST_OF_WITHDRAWN
    else:
        assert found == set()
        project.run("rollback", "--to", "1")
        assert {release.version for release in catalog(project).releases} == {"1.0.0"}
    project.release(make_deb(tmp_path / "1.2.0", version="1.2.0"))
    assert "up to date" in project.publish().stderr
    assert all((project.site / ".repogen/objects" / name.name).is_file() for name in (project.site / ".repogen/objects").iterdir())


def differences_of(before: Catalog, after: Catalog) -> set[str]:
    found: set[str] = set()
    for name in before.__struct_fields__:
        if name != "date":
            compare(name, getattr(before, name), getattr(after, name), found)
    return found


def test_what_this_machine_still_has_is_put_back(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    project.release(make_deb(tmp_path / "1"), make_rpm(tmp_path / "1"))
    project.run("releases")
    before = catalog(project)
    shutil.rmtree(project.site / ".repogen/objects")
    project.run("releases")  # from the cache, which other machines do not have
    project.run("doctor", "--rebuild-state")
    assert differences_of(before, catalog(project)) == set()


@pytest.mark.slow
@pytest.mark.parametrize("again", ["doctor", "build"])
def test_a_rebuild_that_is_cut_is_gone_on_with(again: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path / "acme")
    project.release(make_deb(tmp_path / "1"), make_rpm(tmp_path / "1"))
    before = catalog(project)
    shutil.rmtree(project.site / ".repogen")
    monkeypatch.setattr(rebuild, "bring", lambda *_: sys.exit("killed"))
    for name, value in project.environment.items():
        monkeypatch.setenv(name, value)
    options = Options(base=project.folder, output=tmp_path / "unused", environ=dict(os.environ))
    with pytest.raises(SystemExit):
        rebuild.rebuild(load_config(project.folder / "repogen.toml"), options, LocalStore(project.site))
    assert not load(LocalStore(project.site)).complete

    if again == "doctor":
        project.run("doctor", "--rebuild-state")
    else:
        project.build()
        project.publish()
    assert load(LocalStore(project.site)).is_whole
    assert load(LocalStore(project.site)).number == 2
    assert differences_of(before, catalog(project)) <= LOST
    assert "all" in project.run("doctor").stdout


def test_somebody_else_who_is_quicker_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path / "acme")
    project.release(make_deb(tmp_path / "1"))
    head = project.site / ".repogen/head.json"
    whole = head.read_bytes()
    head.write_text("{")
    for name, value in project.environment.items():
        monkeypatch.setenv(name, value)
    store_objects = rebuild.store_objects

    def restored(*words: Any) -> None:
        store_objects(*words)
        head.write_bytes(whole)

    monkeypatch.setattr(rebuild, "store_objects", restored)
    options = Options(base=project.folder, output=tmp_path / "unused", environ=dict(os.environ))
    with pytest.raises(ProtectionError, match="somebody else"):
        rebuild.rebuild(load_config(project.folder / "repogen.toml"), options, LocalStore(project.site))
    assert head.read_bytes() == whole


@pytest.mark.slow
def test_promoted_versions_several_suites_and_two_keys(tmp_path: Path) -> None:
    suites = [{"name": "bookworm", "channels": ["stable"]}, {"name": "testing", "channels": ["stable", "beta"]}]
    project = Project(tmp_path / "acme", key=None, signing={"keys": ["one.asc", "two.asc"]}, **{"apt": {"origin": "Acme"}, "apt.suite": suites})
    for name, kind in (("one", "ed25519"), ("two", "rsa3072")):
        (project.folder / f"{name}.asc").write_text(secret_key(kind))
    project.release(make_deb(tmp_path / "1", version="1.0.0~beta1"), make_rpm(tmp_path / "1", version="1.0.0~beta1"), archive(tmp_path / "1", "1.0.0-beta1"))
    project.release(make_deb(tmp_path / "2"), make_rpm(tmp_path / "2"))
    project.run("promote", "hello", "1.0.0-beta1", "--to", "nightly")
    before = catalog(project)
    assert before.channels == ("stable", "beta", "nightly")
    shutil.rmtree(project.site / ".repogen")
    project.run("doctor", "--rebuild-state")
    after = catalog(project)
    assert differences_of(before, after) <= LOST
    assert [key.fingerprint for key in after.keys] == [key.fingerprint for key in before.keys]


def test_what_was_withdrawn_from_one_channel_alone(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    project.add(make_deb(tmp_path / "1"), make_rpm(tmp_path / "1"))
    project.build("--channel", "beta")
    project.publish()
    for channel in ("nightly", "stable"):
        project.run("promote", "hello", "1.0.0", "--to", channel)
    project.run("yank", "hello", "1.0.0", "--channel", "beta")
    before = catalog(project)
    shutil.rmtree(project.site / ".repogen")
    shutil.rmtree(project.folder / "cache")
    project.run("doctor", "--rebuild-state")
    assert differences_of(before, catalog(project)) <= LOST | LOST_OF_WITHDRAWN
    project.run("yank", "--undo", "hello", "1.0.0")
    assert [artifact.filename for artifact in catalog(project).select(channel="beta")] == ["hello_1.0.0_amd64.deb", "hello-1.0.0-1.x86_64.rpm"]


@pytest.mark.slow
def test_other_bytes_in_another_channel_are_not_taken_for_what_was_withdrawn(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    for channel, vendor in (("beta", "Beta"), ("stable", "Acme")):
        project.empty()
        project.add(make_rpm(tmp_path / channel, preamble=f"Vendor: {vendor}\n"))
        project.build("--channel", channel)
        project.publish()
    project.run("yank", "hello", "1.0.0", "--channel", "beta")
    shutil.rmtree(project.site / ".repogen")
    shutil.rmtree(project.folder / "cache")
    project.run("doctor", "--rebuild-state")
    assert [withdrawal.artifacts for withdrawal in catalog(project).withdrawn] == [()]


def test_nothing_is_done_where_the_state_is_whole(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    project.release(make_deb(tmp_path))
    head = (project.site / ".repogen/head.json").read_bytes()
    assert "nothing to rebuild" in project.run("doctor", "--rebuild-state").stderr
    assert (project.site / ".repogen/head.json").read_bytes() == head


def test_state_of_a_newer_repogen_is_touched_only_when_told(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    project.release(make_deb(tmp_path))
    head = project.site / ".repogen/head.json"
    newer = json.loads(head.read_text()) | {"format": 99, "number": 41}
    head.write_text(json.dumps(newer))
    for words in (("build",), ("publish",), ("doctor", "--rebuild-state")):
        assert "newer repogen" in project.run(*words, code=1).stderr
    assert "newer repogen" in project.run("doctor", code=1).stdout
    assert json.loads(head.read_text()) == newer
    project.run("doctor", "--rebuild-state", "--yes")
    assert load(LocalStore(project.site)).number == 43
    assert [release.version for release in catalog(project).releases] == ["1.0.0"]


@pytest.fixture
def lost(tmp_path: Path) -> Project:
    """A small site without its state."""
    project = Project(tmp_path / "acme")
    project.release(make_deb(tmp_path / "1"), make_rpm(tmp_path / "1"), archive(tmp_path / "1"))
    shutil.rmtree(project.site / ".repogen")
    return project


@pytest.fixture
def untouched(lost: Project) -> Iterator[None]:
    """Whatever the test changes first, the command changes nothing more."""
    yield
    assert not (lost.site / ".repogen/head.json").exists()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.unlink()
    path.write_text(text.replace(old, new, 1))


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("apt/dists/stable/InRelease", "Codename: stable", "Codename: other"),
        ("yum/stable/repodata/repomd.xml", "<revision>", "<revision>1"),
        ("downloads/hello/1.0.0/SHA256SUMS", "hello_1.0.0", "hello_1.0.1"),
    ],
)
def test_what_is_signed_and_was_changed_is_not_believed(lost: Project, path: str, old: str, new: str) -> None:
    edit(lost.site / path, old, new)
    said = lost.run("doctor", "--rebuild-state", code=1).stderr
    assert path in said
    assert "restore" in said


@pytest.mark.usefixtures("untouched")
def test_digests_that_no_signed_list_vouches_for(lost: Project) -> None:
    told = json.loads((lost.site / "repo.json").read_text())
    told["products"][0]["releases"][0]["files"][0]["sha256"] = "0" * 64
    (lost.site / "repo.json").unlink()
    (lost.site / "repo.json").write_text(json.dumps(told))
    said = lost.run("doctor", "--rebuild-state", code=1).stderr
    assert "repo.json" in said
    assert "downloads/hello/1.0.0/SHA256SUMS does not" in said


@pytest.mark.usefixtures("untouched")
def test_who_meets_a_lost_state_is_told_what_to_do(lost: Project) -> None:
    remedy = "repogen doctor --rebuild-state"
    lost.build()
    assert remedy in lost.publish(code=3).stderr
    said = lost.run("doctor", code=1).stdout
    assert "the state in .repogen/ is missing" in said
    assert remedy in said


@pytest.mark.usefixtures("untouched")
def test_a_package_that_is_gone_is_named(lost: Project) -> None:
    (lost.site / "apt/pool/main/h/hello/hello_1.0.0_amd64.deb").unlink()
    assert "apt/pool/main/h/hello/hello_1.0.0_amd64.deb" in lost.run("doctor", "--rebuild-state", code=1).stderr


@pytest.mark.usefixtures("untouched")
def test_an_archive_that_was_changed_is_named(lost: Project) -> None:
    archive = lost.site / "downloads/hello/1.0.0/hello_1.0.0_linux_amd64.tar.gz"
    content = archive.read_bytes()
    archive.unlink()
    archive.write_bytes(content[:-1] + b"x")
    assert "is not what was published" in lost.run("doctor", "--rebuild-state", code=1).stderr


@pytest.mark.usefixtures("untouched")
def test_another_key_rebuilds_nothing(lost: Project) -> None:
    lost.environment["REPOGEN_SIGNING_KEY"] = secret_key("rsa4096")
    said = lost.run("doctor", "--rebuild-state", code=3).stderr
    assert "that key is not at hand" in said


@pytest.mark.usefixtures("untouched")
def test_the_site_of_somebody_else_is_left_alone(lost: Project) -> None:
    lost.configure(url=URL, to="site", repo={"name": "other"})
    assert "site of 'acme'" in lost.run("doctor", "--rebuild-state", code=1).stderr


@pytest.mark.usefixtures("untouched")
def test_where_nothing_is_published_nothing_is_rebuilt(lost: Project) -> None:
    shutil.rmtree(lost.site)
    assert "repo.json" in lost.run("doctor", "--rebuild-state", code=1).stderr


@pytest.mark.usefixtures("untouched")
def test_a_signed_site_that_lost_its_key_file_is_not_taken_for_an_unsigned_one(lost: Project) -> None:
    (lost.site / "keys/acme.asc").unlink()
    said = lost.run("doctor", "--rebuild-state", code=1).stderr
    assert "keys/acme.asc in" in said
    assert "is missing, though apt/dists/stable/InRelease is a signature" in said


def test_an_unsigned_preview_is_read_out_of_its_files(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme", key=None)
    project.add(make_deb(tmp_path / "1"), make_rpm(tmp_path / "1"))
    project.build("--unsigned")
    project.publish()
    before = catalog(project)
    shutil.rmtree(project.site / ".repogen")
    project.run("doctor", "--rebuild-state")
    assert differences_of(before, catalog(project)) == set()


@pytest.mark.slow
def test_repositories_by_distribution_and_long_descriptions_apart(tmp_path: Path) -> None:
    project = Project(
        tmp_path / "acme",
        apt={"translations": True, "contents": True, "hashes": ["sha256", "sha512"], "zst": True},
        yum={"path": "el{releasever}/{basearch}", "compression": "zst", "changelog_limit": 2, "filelists_ext": True},
    )
    made = tmp_path / "1"
    project.release(
        make_deb(made, description="says hello\n At length,\n .\n and again."),
        make_rpm(made, release="1.el8"),
        make_rpm(made, "hello-doc", release="1.el9", architecture="noarch"),
        make_deb(made, "world", "2.0.0~beta1"),
    )
    before = catalog(project)
    shutil.rmtree(project.site / ".repogen")
    project.run("doctor", "--rebuild-state")
    assert differences_of(before, catalog(project)) <= LOST
    project.build()
    assert "up to date" in project.publish().stderr


@pytest.mark.slow
def test_in_a_bucket(tmp_path: Path, s3_client: Any, s3_bucket: str) -> None:
    project = Project(tmp_path / "acme", to=f"s3://{s3_bucket}/tools", url=f"{URL}/tools")
    made = tmp_path / "1"
    project.release(make_deb(made), make_rpm(made), archive(made))
    project.empty()
    for key in keys(s3_client, s3_bucket):
        if key.startswith("tools/.repogen/"):
            s3_client.delete_object(Bucket=s3_bucket, Key=key)
    before = {key: etag for key, etag in keys(s3_client, s3_bucket).items() if "/pool/" in key or "/Packages/" in key or ".tar.gz" in key}

    project.run("doctor", "--rebuild-state")
    project.release(make_deb(tmp_path / "2", version="1.1.0"))
    after = keys(s3_client, s3_bucket)
    assert {key: after.get(key) for key in before} == before
    assert "up to date" in project.publish().stderr
    assert keys(s3_client, s3_bucket) == after
    told = project.run("releases").stdout
    assert "1.0.0" in told
    assert "1.1.0" in told


def keys(client: Any, bucket: str) -> dict[str, tuple[str, str]]:
    """Key -> (etag, time of the last write)."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {item["Key"]: (item["ETag"], item["LastModified"].isoformat()) for page in pages for item in page.get("Contents", [])}


# -- the snapshots before ------------------------------------------------------------------


@pytest.fixture
def three(tmp_path: Path) -> Project:
    """Three publishes."""
    project = Project(tmp_path / "acme")
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        project.release(make_deb(tmp_path / version, version=version))
        project.empty()
    shutil.rmtree(project.folder / "cache")
    return project


def former_object(project: Project, which: str) -> Path:
    """An object of the second snapshot's own."""
    store = LocalStore(project.site)
    last, second, first = chain(store)
    found = {
        "head": second.digest,
        "catalog": second.head.catalog,
        "manifest": second.head.manifest,
        "piece": min(manifest_objects(second) - manifest_objects(last) - manifest_objects(first)),
    }
    return project.site / object_key(found[which])


@pytest.mark.parametrize(("which", "missing"), [("head", True), ("head", False), ("catalog", True), ("piece", False)])
def test_the_history_ends_where_a_former_snapshot_is_not_whole(three: Project, which: str, missing: bool) -> None:
    object_ = former_object(three, which)
    content = object_.read_bytes()
    object_.unlink()
    if not missing:
        object_.write_bytes(content + b"x")
    before = {path: path.read_bytes() for path in three.site.rglob("*") if path.is_file() and ".repogen" not in path.parts}
    assert "doctor --rebuild-state" in three.run("prune", "--snapshots", "1", "--days", "0", "--yes", code=1).stderr
    assert object_.name in three.run("doctor", code=1).stdout
    said = three.run("doctor", "--rebuild-state").stderr
    assert f"{object_.name} in {three.site} is {'missing' if missing else 'damaged'}: the history begins with snapshot 3 now" in said
    three.run("doctor")
    assert [head.number for head in past(LocalStore(three.site))] == [3]
    three.run("prune", "--snapshots", "1", "--days", "0", "--yes")
    assert {path: path.read_bytes() for path in before} == before
    assert "nothing to rebuild" in three.run("doctor", "--rebuild-state").stderr


def test_a_former_snapshot_that_this_machine_remembers_is_brought_back(three: Project) -> None:
    object_ = former_object(three, "piece")
    content = object_.read_bytes()
    cache = three.folder / "cache/repogen/objects"
    cache.mkdir(parents=True)
    (cache / object_.name).write_bytes(content)
    object_.unlink()
    assert "brought back from this machine's cache: 1 object" in three.run("doctor", "--rebuild-state").stderr
    assert object_.read_bytes() == content
    assert [head.number for head in past(LocalStore(three.site))] == [3, 2, 1]
    three.run("doctor")
