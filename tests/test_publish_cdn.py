"""Publishing behind a CDN, by the real commands: what users get is new when the command ends, and what is left undone is done by the next one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.cdn import DISTRIBUTION, TOKEN, ZONE, Cdn, cdn
from tests.support.follow import follow
from tests.support.packages import make_deb, make_rpm
from tests.support.site import DATE, Project

TABLES = {"cloudfront": {"distribution": DISTRIBUTION}, "cloudflare": {"zone": ZONE}}
AWS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true", "CLOUDFLARE_API_TOKEN": TOKEN}


class Behind(Project):
    """A project whose folder is served by a CDN."""

    def __init__(self, folder: Path, kind: str, made: Cdn, url: str, **more: Any) -> None:
        endpoint = f"{url}/api" + ("/client/v4" if kind == "cloudflare" else "")
        table = {"kind": kind, "endpoint_url": endpoint, "timeout": 20, **TABLES[kind], **more.pop("cdn", {})}
        super().__init__(folder, url=f"{url}{made.prefix}", cdn=table, **more)
        self.environment |= AWS
        self.made = made
        self.url = f"{url}{made.prefix}"

    def head(self) -> Mapping[str, Any]:
        return dict(json.loads((self.site / ".repogen/head.json").read_bytes()))

    def visited(self) -> None:
        """Let every address be asked for once, so that the edges hold a copy of all."""
        for path in self.paths():
            assert self.made.serve(f"{self.made.prefix}/{path.replace('+', '%2B')}") is not None

    def paths(self) -> list[str]:
        found = [path.relative_to(self.site).as_posix() for path in self.site.rglob("*") if path.is_file()]
        return [path for path in found if not path.startswith(".repogen/")]

    def through_the_cdn(self, path: str) -> bytes | None:
        return self.made.serve(f"{self.made.prefix}/{path.replace('+', '%2B')}")

    def versions(self) -> set[str]:
        return follow(self.through_the_cdn, self.url)["apt"]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Cdn, str]]:
    def read(path: str) -> bytes | None:
        file = tmp_path / "acme/site" / path
        return file.read_bytes() if file.is_file() else None

    with cdn(read, prefix="/tools") as found:
        yield found


@pytest.mark.parametrize("kind", list(TABLES))
def test_edges_that_kept_everything_serve_the_new_release(tmp_path: Path, served: tuple[Cdn, str], kind: str) -> None:
    made, url = served
    project = Behind(tmp_path / "acme", kind, made, url)
    project.release(make_deb(tmp_path / "1", version="1.0.0+1"), make_rpm(tmp_path / "1"), date=DATE)
    project.visited()
    old = project.paths()
    project.add(make_deb(tmp_path / "2", version="1.1.0"))
    project.build()
    planned = json.loads(project.run("plan", "--json", code=10).stdout)
    assert "apt/dists/stable/InRelease" in planned["purged"]
    assert set(planned["purged"]) == {put["path"] for put in planned["puts"] if put["stage"] != "payload"}
    assert "to purge at the CDN" in project.run("plan", code=10).stdout
    assert project.versions() == {"hello 1.0.0+1"}
    made.calls.clear()
    project.publish()
    assert project.versions() == {"hello 1.0.0+1", "hello 1.1.0"}
    for path in project.paths():
        assert project.through_the_cdn(path) == (project.site / path).read_bytes(), path
    purged = {address.partition("/tools/")[2].replace("%2B", "+") for call in made.calls for address in call}
    assert not any("/pool/" in path or "/by-hash/" in path or path.endswith(".rpm") for path in purged)
    assert {path.partition("?")[0].rstrip("*") for path in purged} - {""} == set(planned["purged"])
    assert len(planned["purged"]) < len(old)
    assert project.head()["unpurged"] == []
    assert TOKEN not in "".join(path.read_text(errors="replace") for path in (project.site / ".repogen").rglob("*.json"))


@pytest.mark.parametrize("kind", list(TABLES))
def test_a_failed_purge_is_loud_and_the_next_publish_does_it(tmp_path: Path, served: tuple[Cdn, str], kind: str) -> None:
    made, url = served
    project = Behind(tmp_path / "acme", kind, made, url)
    project.release(make_deb(tmp_path / "1"), date=DATE)
    project.visited()
    project.add(make_deb(tmp_path / "2", version="1.1.0"))
    project.build()
    made.calls.clear()
    made.refusals = [(403, {}, b"{}")]
    said = project.publish(code=1).stderr
    assert "users may get old copies of" in said
    assert "  apt/dists/stable/InRelease\n" in said
    assert "The destination itself is whole: `repogen publish` again only purges again" in said
    assert TOKEN not in said
    assert project.head()["complete"]
    assert "apt/dists/stable/InRelease" in project.head()["unpurged"]
    assert follow(lambda path: (project.site / path).read_bytes() if (project.site / path).is_file() else None, project.url)["apt"] == {
        "hello 1.0.0",
        "hello 1.1.0",
    }
    assert project.versions() == {"hello 1.0.0"}
    planned = json.loads(project.run("plan", "--json", code=10).stdout)
    assert planned["puts"] == []
    assert sorted(planned["purged"]) == project.head()["unpurged"]
    before = {path: (project.site / path).stat().st_mtime_ns for path in project.paths()}
    assert "is up to date" in project.publish().stderr
    assert project.versions() == {"hello 1.0.0", "hello 1.1.0"}
    assert {path: (project.site / path).stat().st_mtime_ns for path in project.paths()} == before
    assert project.head()["unpurged"] == []
    made.calls.clear()
    assert project.run("plan").stdout == "nothing to do\n"
    assert "is up to date" in project.publish().stderr
    assert made.calls == []


def test_a_yank_says_what_machines_must_type_before_a_purge_fails(tmp_path: Path, served: tuple[Cdn, str]) -> None:
    made, url = served
    project = Behind(tmp_path / "acme", "cloudflare", made, url)
    project.release(make_deb(tmp_path / "1"), date=DATE)
    project.release(make_deb(tmp_path / "2", version="1.1.0"))
    made.refusals = [(403, {}, b"{}")]
    said = project.run("yank", "hello", "1.1.0", code=1)
    assert "users may get old copies of" in said.stderr
    assert "apt-get install --allow-downgrades hello=1.0.0" in said.stdout


def test_the_next_release_purges_what_the_last_one_could_not(tmp_path: Path, served: tuple[Cdn, str]) -> None:
    made, url = served
    project = Behind(tmp_path / "acme", "cloudflare", made, url)
    project.release(make_deb(tmp_path / "1"), make_rpm(tmp_path / "1"), date=DATE)
    project.visited()
    project.add(make_deb(tmp_path / "2", version="1.1.0"))
    project.build()
    made.refusals = [(403, {}, b"{}")]
    project.publish(code=1)
    project.empty()
    project.add(make_rpm(tmp_path / "3", version="1.2.0"))
    project.build()
    left = "downloads/hello/1.1.0/SHA256SUMS"
    planned = json.loads(project.run("plan", "--json", code=10).stdout)
    assert left not in {put["path"] for put in planned["puts"]}
    assert left in planned["purged"]
    made.calls.clear()
    project.publish()
    assert f"{project.url}/{left}" in [address for call in made.calls for address in call]
    assert follow(project.through_the_cdn, project.url)["yum"] == {"hello 1.0.0", "hello 1.2.0"}
    assert project.versions() == {"hello 1.0.0", "hello 1.1.0"}


def test_a_cdn_that_stays_stale_fails_the_publish(tmp_path: Path, served: tuple[Cdn, str]) -> None:
    made, url = served
    project = Behind(tmp_path / "acme", "cloudflare", made, url, cdn={"timeout": 2})
    project.release(make_deb(tmp_path / "1"), date=DATE)
    project.visited()
    made.deaf = True
    project.add(make_deb(tmp_path / "2", version="1.1.0"))
    project.build()
    said = project.publish(code=1).stderr
    assert f"{project.url}/ does not serve what was published" in said
    assert "  apt/dists/stable/InRelease still has other bytes" in said
    assert "apt/dists/stable/InRelease still has other bytes, unlike the destination" in project.run("doctor", code=1).stdout
    made.deaf = False
    project.publish()
    assert project.versions() == {"hello 1.0.0", "hello 1.1.0"}


def test_the_cdn_is_not_asked_for_another_destination(tmp_path: Path, served: tuple[Cdn, str]) -> None:
    made, url = served
    project = Behind(tmp_path / "acme", "cloudflare", made, url)
    project.add(make_deb(tmp_path / "1"))
    project.build("--to", "staging")
    assert json.loads(project.run("plan", "--json", "--to", "staging", code=10).stdout)["purged"] == []
    project.publish("--to", "staging")
    assert (made.calls, made.asked) == ([], [])
    project.publish("--to", "./site/")
    assert made.calls


def test_a_run_that_is_killed_while_it_waits(tmp_path: Path, served: tuple[Cdn, str]) -> None:
    made, url = served
    project = Behind(tmp_path / "acme", "cloudfront", made, url)
    project.release(make_deb(tmp_path / "1"), date=DATE)
    project.visited()
    project.add(make_deb(tmp_path / "2", version="1.1.0"))
    project.build()
    made.calls.clear()
    made.polls = 1_000_000
    command = [sys.executable, "-m", "repogen", "-C", str(project.folder), "publish"]
    with subprocess.Popen(command, env={**_clean(), **project.environment}, stderr=subprocess.DEVNULL) as run:
        for _ in range(600):
            if made.calls or run.poll() is not None:
                break
            time.sleep(0.1)
        run.send_signal(signal.SIGKILL)
    assert len(made.calls) == 1
    assert project.head()["complete"]
    made.invalidations = {id: (reference, paths, 2) for id, (reference, paths, left) in made.invalidations.items() if left > 2}
    project.publish()
    assert len(made.calls) == 1, "the invalidation of the killed run is waited for"
    assert project.versions() == {"hello 1.0.0", "hello 1.1.0"}
    assert project.head()["unpurged"] == []


def test_a_private_bucket_behind_a_cdn(tmp_path: Path, s3_client: Any, s3_bucket: str, s3_environment: dict[str, str]) -> None:
    s3_client.put_public_access_block(
        Bucket=s3_bucket,
        PublicAccessBlockConfiguration={"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True},
    )

    def read(path: str) -> bytes | None:
        try:
            return bytes(s3_client.get_object(Bucket=s3_bucket, Key=path)["Body"].read())
        except s3_client.exceptions.NoSuchKey:
            return None

    with cdn(read) as (made, url):
        cache = {"entry": "public, max-age=0, s-maxage=86400, must-revalidate"}
        project = Behind(tmp_path / "acme", "cloudfront", made, url, to=f"s3://{s3_bucket}", cache=cache)
        project.environment |= {**s3_environment, "AWS_ENDPOINT_URL_CLOUDFRONT": f"{url}/api"}
        project.release(make_deb(tmp_path / "1"), date=DATE)
        project.release(make_deb(tmp_path / "2", version="1.1.0"))
        assert project.versions() == {"hello 1.0.0", "hello 1.1.0"}
        for item in s3_client.list_objects_v2(Bucket=s3_bucket)["Contents"]:
            grants = s3_client.get_object_acl(Bucket=s3_bucket, Key=item["Key"])["Grants"]
            assert all("URI" not in grant["Grantee"] for grant in grants), item["Key"]
        assert s3_client.head_object(Bucket=s3_bucket, Key="apt/dists/stable/InRelease")["CacheControl"] == cache["entry"]
        assert "immutable" in s3_client.head_object(Bucket=s3_bucket, Key="apt/pool/main/h/hello/hello_1.1.0_amd64.deb")["CacheControl"]


def _clean() -> dict[str, str]:
    import os

    return {name: value for name, value in os.environ.items() if not name.startswith(("REPOGEN_", "SOURCE_DATE_EPOCH"))}
