"""A bad network: whatever happens to a request, a put ends with the right bytes at the key, or with one sentence and nothing spoiled."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from repogen.errors import StoreError
from repogen.stores import ConflictError
from repogen.stores.s3 import S3Store
from repogen.stores.s3_retries import Patience
from tests.support.s3_proxy import PASSING, Fault, Proxy, behind, cut_off, error_inside, late, lost_answer, refusal, reset, spoiled, wrong_etag

ABOUT = {"content_type": "text/plain", "cache_control": "no-cache"}
PART = 5 * 1024 * 1024
PATIENCE = Patience(attempts=4, sleep=lambda _: None, read_timeout=20.0)


@pytest.fixture
def store(request: pytest.FixtureRequest, s3_bucket: str, proxy: Proxy) -> Iterator[S3Store]:
    # Where time-outs are what is tested, nobody waits for long; elsewhere a busy machine is no fault.
    patience = PATIENCE._replace(read_timeout=0.5) if "time-out" in request.node.name else PATIENCE
    made = S3Store(s3_bucket, "site", part_size=PART, patience=patience)
    yield made
    made.close()


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of three parts."""
    path = tmp_path / "large.bin"
    path.write_bytes(b"".join(number.to_bytes(8, "big") for number in range(1_500_000)))
    return path


@pytest.mark.parametrize("name", PASSING)
def test_every_verb_gets_over_what_passes(store: S3Store, proxy: Proxy, name: str) -> None:
    operations = ["PutObject", "GetObject", "ListObjectsV2", "CopyObject", "DeleteObject"]
    if not name.startswith("400"):  # in the answer to a HEAD, nothing would tell this one from those that do not pass
        operations.append("HeadObject")
    rules = [proxy.inject(PASSING[name], operation) for operation in operations]
    etag = store.put("a", b"one", **ABOUT)
    assert store.get("a") == (b"one", etag)
    assert store.stat("a") == ("a", 3, etag)
    store.copy("a", "b", **ABOUT)
    assert [listed.key for listed in store.list("")] == ["a", "b"]
    store.delete("a")
    assert [listed.key for listed in store.list("")] == ["b"]
    assert [rule.struck for rule in rules] == [1] * len(rules)


@pytest.mark.parametrize("name", PASSING)
def test_a_large_file_arrives_over_what_passes(store: S3Store, proxy: Proxy, s3_client: Any, large: Path, name: str) -> None:
    rules = [proxy.inject(PASSING[name], operation) for operation in ("CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload")]
    store.put("large", large, create_only=True, **ABOUT)
    assert s3_client.get_object(Bucket=store.bucket, Key="site/large")["Body"].read() == large.read_bytes()
    assert [rule.struck for rule in rules] == [1, 1, 1]


@pytest.mark.parametrize("operation", ["CompleteMultipartUpload", "CopyObject"])
@pytest.mark.parametrize("code", ["InternalError", "SlowDown"])
def test_an_error_inside_a_200_is_one(store: S3Store, proxy: Proxy, large: Path, operation: str, code: str) -> None:
    rule = proxy.inject(error_inside(code), operation)
    store.put("large", large, **ABOUT)
    store.put("small", b"x", **ABOUT)
    store.copy("small", "copy", **ABOUT)
    assert store.holds("large", size=large.stat().st_size, sha256=_digest(large))
    assert store.holds("copy", size=1, sha256=hashlib.sha256(b"x").hexdigest())
    assert rule.struck == 1


@pytest.mark.parametrize("fault", [cut_off, spoiled], ids=["cut off", "spoiled"])
def test_what_comes_is_what_was_put(store: S3Store, proxy: Proxy, fault: Fault, tmp_path: Path) -> None:
    store.put("a", b"0123456789" * 100, **ABOUT)
    rule = proxy.inject(fault, "GetObject")
    stored = store.get("a")
    assert stored is not None
    assert stored.content == b"0123456789" * 100
    assert rule.struck == 1
    rule.struck = 0
    assert store.fetch("a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == stored.content
    assert rule.struck == 1


@pytest.mark.parametrize(("fault", "sentence"), [(cut_off, "the answer was cut off"), (spoiled, "what arrived is not what was sent")])
def test_an_answer_that_is_never_whole(store: S3Store, proxy: Proxy, fault: Fault, sentence: str) -> None:
    store.put("a", b"0123456789" * 100, **ABOUT)
    rule = proxy.inject(fault, "GetObject", times=99)
    with pytest.raises(StoreError, match=sentence):
        store.get("a")
    assert rule.struck == PATIENCE.attempts


# -- conditional puts whose answer was lost --------------------------------------------------


@pytest.mark.parametrize("fault", [lost_answer, late(1.0)], ids=["reset", "time-out"])
def test_our_own_first_attempt_is_not_somebody_elses(store: S3Store, proxy: Proxy, fault: Fault) -> None:
    rule = proxy.inject(fault, "PutObject", times=2)
    first = store.put("head", b"1", create_only=True, **ABOUT)
    second = store.put("head", b"2", if_match=first, **ABOUT)
    assert store.get("head") == (b"2", second)
    assert rule.struck == 2
    with pytest.raises(ConflictError):
        store.put("head", b"3", if_match=first, **ABOUT)


def test_a_file_that_was_put_by_our_own_first_attempt(store: S3Store, proxy: Proxy, large: Path, tmp_path: Path) -> None:
    small = tmp_path / "small.deb"
    small.write_bytes(b"deb")
    proxy.inject(lost_answer, "PutObject")
    proxy.inject(lost_answer, "CompleteMultipartUpload")
    for path in (small, large):
        etag = store.put(path.name, path, create_only=True, **ABOUT)
        stat = store.stat(path.name)
        assert stat is not None
        assert (stat.size, stat.etag) == (path.stat().st_size, etag)


def test_somebody_elses_write_in_between_is_a_conflict(store: S3Store, proxy: Proxy, s3_client: Any) -> None:
    etag = store.put("head", b"1", **ABOUT)

    def overtaken(request: Any, forward: Any) -> Any:
        s3_client.put_object(Bucket=store.bucket, Key="site/head", Body=b"theirs")
        return reset(request, forward)

    proxy.inject(overtaken, "PutObject")
    with pytest.raises(ConflictError):
        store.put("head", b"2", if_match=etag, **ABOUT)
    s3_client.delete_object(Bucket=store.bucket, Key="site/head")
    proxy.inject(overtaken, "PutObject")
    with pytest.raises(ConflictError):
        store.put("head", b"2", create_only=True, **ABOUT)
    stored = store.get("head")
    assert stored is not None
    assert stored.content == b"theirs"


def test_a_409_is_asked_again(store: S3Store, proxy: Proxy) -> None:
    proxy.inject(refusal(409, "ConditionalRequestConflict"), "PutObject")
    etag = store.put("head", b"1", create_only=True, **ABOUT)
    assert store.get("head") == (b"1", etag)
    proxy.inject(refusal(409, "ConditionalRequestConflict"), "PutObject", times=99)
    with pytest.raises(ConflictError):
        store.put("head", b"2", if_match=etag, **ABOUT)


def test_a_wrong_etag_harms_nothing(store: S3Store, proxy: Proxy) -> None:
    proxy.inject(wrong_etag, "PutObject")
    told = store.put("head", b"1", create_only=True, **ABOUT)
    with pytest.raises(ConflictError):
        store.put("head", b"2", if_match=told, **ABOUT)
    stored = store.get("head")
    assert stored is not None
    store.put("head", b"2", if_match=stored.etag, **ABOUT)


def test_an_answer_without_an_etag_or_with_another_checksum_is_none(store: S3Store, proxy: Proxy) -> None:
    def nameless(request: Any, forward: Any) -> Any:
        answer = forward(request)
        return answer._replace(headers={name: value for name, value in answer.headers.items() if name.lower() != "etag"})

    def mistaken(request: Any, forward: Any) -> Any:
        answer = forward(request)
        kept = {name: value for name, value in answer.headers.items() if not name.lower().startswith("x-amz-checksum")}
        return answer._replace(headers={**kept, "x-amz-checksum-sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="})

    for number, fault in enumerate((nameless, mistaken)):
        rule = proxy.inject(fault, "PutObject")
        etag = store.put(f"key{number}", b"x", create_only=True, **ABOUT)
        assert store.get(f"key{number}") == (b"x", etag)
        assert rule.struck == 1


# -- what does not pass ----------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [42, -42])
def test_a_clock_that_is_off(store: S3Store, proxy: Proxy, minutes: int) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)
    rule = proxy.inject(refusal(403, "RequestTimeTooSkewed", headers={"Date": date}), times=99)
    for verb in (lambda: store.put("a", b"x", **ABOUT), lambda: store.get("a"), lambda: store.stat("a")):
        with pytest.raises(StoreError, match=f"this machine's clock is 42 minutes {'behind' if minutes > 0 else 'ahead'}") as caught:
            verb()
        assert caught.value.hint.startswith("set the clock")
    assert rule.struck == 3, "it is not asked again"


@pytest.mark.parametrize("key", ["there", "absent"])
@pytest.mark.parametrize(("minutes", "counts"), [(9, True), (0.05, False), (5000, False), (-9, False)])
def test_the_earlier_clock_counts(store: S3Store, proxy: Proxy, key: str, minutes: float, counts: bool) -> None:
    """That of the service, as far as it would take requests of this machine at all."""
    store.put("there", b"x", **ABOUT)
    proxy.inject(behind(timedelta(minutes=minutes)), "GetObject", times=99)
    store.get(key)
    assert (datetime.now(UTC) - store.clock() > timedelta(minutes=8)) is counts


def test_a_denied_put_is_not_asked_again(store: S3Store, proxy: Proxy) -> None:
    rule = proxy.inject(refusal(403, "AccessDenied"), times=99)
    with pytest.raises(StoreError, match="access is denied") as caught:
        store.put("a", b"x", **ABOUT)
    assert "allow s3:PutObject" in caught.value.hint
    assert rule.struck == 1


def test_a_refusal_before_the_body_has_come_is_understood(s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import socket

    body = b"<Error><Code>AccessDenied</Code></Error>"
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(1000)
                peer.sendall(b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(1 << 16):
                    pass

        thread = threading.Thread(target=refuse)
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{listener.getsockname()[1]}")
        store = S3Store("bucket", patience=PATIENCE)
        with pytest.raises(StoreError, match="access is denied"):
            store.put("a", bytes(3_000_000), **ABOUT)
        thread.join()
        store.close()


# -- credentials -----------------------------------------------------------------------------


@pytest.mark.moto
def test_credentials_that_end_are_looked_up_again(store: S3Store, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Another program has written new ones meanwhile, as `aws sso login` and credential processes do."""
    file = tmp_path / "credentials"
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    file.write_text("[default]\naws_access_key_id = OLD\naws_secret_access_key = s\naws_session_token = t1\n")
    store.put("a", b"1", **ABOUT)
    file.write_text("[default]\naws_access_key_id = NEW\naws_secret_access_key = s\naws_session_token = t2\n")
    for operation in ("PutObject", "GetObject"):
        proxy.inject(refusal(400, "ExpiredToken"), operation)
    etag = store.put("a", b"2", **ABOUT)
    proxy.inject(refusal(400, "ExpiredToken"), "GetObject", times=1)
    tokens = [(request.headers["x-amz-security-token"], _access_key(request.headers)) for request in proxy.requests if request.operation == "PutObject"]
    assert tokens == [("t1", "OLD"), ("t1", "OLD"), ("t2", "NEW")]
    proxy.rules.clear()
    assert store.get("a") == (b"2", etag)


def test_credentials_that_have_ended_for_good(store: S3Store, proxy: Proxy) -> None:
    rule = proxy.inject(refusal(400, "ExpiredToken"), times=99)
    with pytest.raises(StoreError, match="the AWS credentials have expired") as caught:
        store.put("a", b"x", **ABOUT)
    assert caught.value.hint == "renew them and publish again, nothing is lost"
    assert rule.struck == 1


def _access_key(headers: dict[str, str]) -> str:
    return headers["authorization"].partition("Credential=")[2].partition("/")[0]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
