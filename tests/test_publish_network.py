"""A whole publish over a bad network: it ends well, or in one sentence after which another publish ends well; and then the destination is whole."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from repogen.build import Options, build
from repogen.config import Config, InputConfig, PublishConfig
from repogen.errors import StoreError
from repogen.publish import publish
from repogen.signing.gpg_home import KEY_VARIABLE
from repogen.stores.memory import MemoryStore
from repogen.stores.s3 import S3Store
from repogen.stores.s3_retries import Patience
from tests.support import catalogs
from tests.support.follow import follow
from tests.support.keys import secret_key
from tests.support.packages import make_deb, make_zip
from tests.support.programs import pe
from tests.support.s3_proxy import PASSING, Answer, Fault, Forward, Proxy, Request, behind, cut_off, error_inside, refusal, spoiled, wrong_etag

URL = "https://dl.acme.example"
PART = 5 * 1024 * 1024
VERSIONS = {"apt": {"hello 1.0.0"}, "nuget": {"hello 1.0.0"}}
PATIENCE = Patience(attempts=4, sleep=lambda _: None, read_timeout=20.0)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, Options]:
    """A built release: a package, and an archive of three parts."""
    folder = tmp_path_factory.mktemp("release")
    make_deb(folder / "dist")
    make_zip(folder / "dist/hello-1.0.0-windows-amd64.zip", {"hello.exe": pe() + os.urandom(11_000_000)})
    config = replace(catalogs.config(), input=InputConfig(paths=(str(folder / "dist"),)), publish=PublishConfig(silence=0))
    options = Options(base=folder, output=folder / "public", environ={"PATH": os.environ["PATH"], KEY_VARIABLE: secret_key()})
    build(config, options, MemoryStore())
    return config, options


@pytest.fixture
def store(request: pytest.FixtureRequest, s3_bucket: str, proxy: Proxy) -> Iterator[S3Store]:
    # Where time-outs are what is tested, nobody waits for long; elsewhere a busy machine is no fault.
    patience = PATIENCE._replace(read_timeout=0.7) if "time-out" in request.node.name else PATIENCE
    made = S3Store(s3_bucket, "tools", part_size=PART, patience=patience)
    yield made
    made.close()


def _assert_whole(store: S3Store, s3_client: Any, options: Options) -> None:
    """Every file of the build stands in the bucket with its bytes, clients find the release, and no part is left."""
    for path in (one for one in options.output.rglob("*") if one.is_file()):
        key = path.relative_to(options.output).as_posix()
        if not key.startswith(".repogen/"):
            found = s3_client.get_object(Bucket=store.bucket, Key=f"tools/{key}")["Body"].read()
            assert hashlib.sha256(found).digest() == hashlib.sha256(path.read_bytes()).digest(), key
    seen = follow(lambda path: stored.content if (stored := store.get(path)) else None, URL)
    assert {client: seen[client] for client in VERSIONS} == VERSIONS
    assert list(store.unfinished_uploads()) == []


@pytest.mark.parametrize("name", [name for name in PASSING if name != "time-out"])
def test_everything_is_asked_twice(release: tuple[Config, Options], store: S3Store, proxy: Proxy, s3_client: Any, name: str) -> None:
    # A HEAD is not answered so, and an upload of no part costs nothing: prune ends it.
    rule = proxy.inject_first(PASSING[name], "(?!HeadObject|CreateMultipartUpload).*")
    publish(*release, store)
    assert rule.struck > 20
    proxy.rules.clear()
    _assert_whole(store, s3_client, release[1])


OTHERS: dict[str, tuple[Fault, str, str]] = {
    "time-out": (PASSING["time-out"], "PutObject|UploadPart|CompleteMultipartUpload", r"head\.json|\.deb|zip"),
    "answers cut off": (cut_off, "GetObject|ListObjectsV2", ""),
    "answers spoiled": (spoiled, "GetObject", ""),
    "an error inside a 200": (error_inside("InternalError"), "CompleteMultipartUpload|CopyObject", ""),
    "wrong ETags": (wrong_etag, "PutObject", r"head\.json"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_some_things_go_wrong(release: tuple[Config, Options], store: S3Store, proxy: Proxy, s3_client: Any, name: str) -> None:
    fault, operation, key = OTHERS[name]
    proxy.inject(fault, operation, key, times=2)
    publish(*release, store)
    publish(*release, store)
    proxy.rules.clear()
    _assert_whole(store, s3_client, release[1])


def _skewed(request: Request, forward: Forward) -> Answer:
    ahead = format_datetime(datetime.now(UTC) + timedelta(minutes=42, seconds=25), usegmt=True)
    return refusal(403, "RequestTimeTooSkewed", headers={"Date": ahead})(request, forward)


def test_a_release_is_not_dated_ahead_of_the_service(release: tuple[Config, Options], store: S3Store, proxy: Proxy, tmp_path: Path) -> None:
    """Requests of a machine whose clock is some minutes ahead are taken, but apt refuses a Release that lies in the future."""
    config, options = release
    proxy.inject(behind(timedelta(minutes=9)), times=1 << 30)
    options = replace(options, output=tmp_path / "public")
    build(config, options, store)
    publish(config, options, store)
    message = store.get("apt/dists/stable/InRelease")
    assert message is not None
    date = re.search(rb"^Date: (.*)$", message.content, re.MULTILINE)
    assert date is not None
    assert timedelta(minutes=8) < datetime.now(UTC) - parsedate_to_datetime(date[1].decode()) < timedelta(minutes=10)


LASTING: dict[str, tuple[Fault, str, str]] = {
    "denied": (refusal(403, "AccessDenied"), "access is denied", "allow s3:PutObject"),
    "ended": (refusal(400, "ExpiredToken"), "the AWS credentials have expired", "renew them"),
    "skewed": (_skewed, "this machine's clock is 42 minutes behind", "set the clock"),
    "busy": (refusal(503, "SlowDown"), "the service is too busy", "publish again in a while"),
    "no KMS": (refusal(403, "KMS.DisabledException"), "the KMS key cannot be used", "kms_key"),
}


@pytest.mark.parametrize("name", LASTING)
@pytest.mark.parametrize("key", [r"\.deb", "index.html"])
def test_what_does_not_pass_is_one_sentence(release: tuple[Config, Options], store: S3Store, proxy: Proxy, s3_client: Any, name: str, key: str) -> None:
    fault, sentence, hint = LASTING[name]
    proxy.inject(fault, "PutObject", key, times=99)
    with pytest.raises(StoreError) as caught:
        publish(*release, store)
    assert sentence in caught.value.message
    assert "\n" not in caught.value.message
    assert hint in caught.value.hint
    proxy.rules.clear()
    publish(*release, store)
    _assert_whole(store, s3_client, release[1])
