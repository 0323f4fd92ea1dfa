import msgspec
import pytest
from msgspec.structs import replace

from repogen.artifact import Artifact, Kind
from repogen.catalog import Catalog
from repogen.errors import ProtectionError
from tests.support.catalogs import DATE, catalog


def artifact(path: str, version: str = "1.0.0", channel: str = "stable", sha: str = "a", kind: Kind = Kind.TAR) -> Artifact:
    name = path.rsplit("/", 1)[-1]
    return Artifact(
        path=path, filename=name, kind=kind, product="hello", version=version, channel=channel, os="linux", arch="amd64", size=1, sha256=sha * 64, date=DATE
    )  # fmt: skip


OLD, NEW, BETA = artifact("d/1/x"), artifact("d/2/x", "1.10.0", sha="b"), artifact("d/3/x", "2.0.0-beta.1", "beta", sha="c")


def test_a_release_is_made_for_every_version_and_channel() -> None:
    made = catalog(OLD, NEW, BETA)
    assert made.channels == ("stable", "beta")
    assert [r.version for r in made.releases_of("hello")] == ["2.0.0-beta.1", "1.10.0", "1.0.0"]
    newest = made.newest("hello", "stable")
    assert newest
    assert newest.version == "1.10.0"
    assert made.files_of(newest) == (NEW,)


def test_the_order_of_adding_does_not_matter() -> None:
    assert catalog(OLD, NEW, BETA) == catalog(BETA, NEW, OLD)


def test_the_same_again_is_no_change() -> None:
    made = catalog(OLD, NEW)
    assert made.add([replace(OLD, date="2030-01-01T00:00:00Z")]) == made


def test_other_bytes_under_a_published_name_are_refused() -> None:
    with pytest.raises(ProtectionError, match="would change the published file d/1/x") as caught:
        catalog(OLD).add([replace(OLD, sha256="f" * 64)])
    assert caught.value.exit_code == 3


def test_selection() -> None:
    made = catalog(OLD, NEW, BETA, artifact("e", sha="d", kind=Kind.DEB))
    assert [a.path for a in made.select(Kind.TAR, channel="stable")] == ["d/1/x", "d/2/x"]
    assert [a.path for a in made.select(product="hello", version="1.0.0")] == ["d/1/x", "e"]
    assert made.select(Kind.RPM) == ()


def test_the_stored_form_reads_back() -> None:
    made = catalog(OLD, NEW, BETA).with_notes({("hello", "1.0.0"): "# Notes"})
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=Catalog) == made
