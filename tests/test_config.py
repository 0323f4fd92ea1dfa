from datetime import date
from pathlib import Path

import pytest

from repogen.config import Config, load, parse
from repogen.errors import UsageError

HERE = Path("repogen.toml")
REPO = {"name": "acme", "url": "https://dl.acme.example"}


def test_two_keys_are_enough() -> None:
    config = parse({"repo": REPO}, HERE)
    assert isinstance(config, Config)
    assert (config.title, config.url, config.input.paths) == ("acme", "https://dl.acme.example", ("dist",))


def test_the_slash_at_the_end_of_the_address_is_dropped() -> None:
    assert parse({"repo": {**REPO, "url": "https://dl.acme.example/tools/"}}, HERE).url == "https://dl.acme.example/tools"


@pytest.mark.parametrize(
    ("table", "key", "advice"),
    [
        ({"repo": {**REPO, "titel": "x"}}, "'titel' in [repo]", "did you mean 'title'?"),
        ({"repo": REPO, "singing": {}}, "'singing' in the top level", "did you mean 'signing'?"),
        ({"repo": REPO, "product": [{"id": "a", "licence": "MIT"}]}, "'licence' in [product]", "did you mean 'license'?"),
        ({"repo": REPO, "apt": {"suite": [{"name": "a", "codname": "b"}]}}, "'codname' in [apt.suite]", "did you mean 'codename'?"),
        ({"repo": REPO, "publish": {"zzz": 1}}, "'zzz' in [publish]", "known there: to, endpoint_url, silence, s3"),
    ],
)
def test_an_unknown_key_names_the_file_the_key_and_the_nearest_one(table: dict, key: str, advice: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(table, HERE)
    assert caught.value.message == f"repogen.toml: unknown key {key}"
    assert caught.value.hint == advice
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "[repo] is missing"),
        ({"repo": {"name": "acme"}}, "[repo] has no url"),
        ({"repo": "acme"}, "[repo]: expected a table, got text"),
        ({"repo": {**REPO, "name": 7}}, "[repo] name: expected text, got a whole number"),
        ({"repo": REPO, "input": {"paths": "dist"}}, "[input] paths: expected a list, got text"),
        ({"repo": REPO, "retention": {"days": 1.5}}, "[retention] days: expected a whole number, got a number"),
        ({"repo": REPO, "product": [{"id": "a"}, {"title": "b"}]}, "[[product]] number 2 has no id"),
        ({"repo": REPO, "product": [{"id": "a", "keep": {"beta": "x"}}]}, "[[product]] number 1 keep: expected a whole number, got text"),
        ({"repo": REPO, "product": [{"id": "a", "homebrew": {"zap": "x"}}]}, "[product.homebrew] zap: expected a list, got text"),
        ({"repo": REPO, "product": [{"id": "a", "homebrew": {"deprecated_on": date(2026, 11, 20)}}]}, "deprecated_on: expected text, got a date"),
        ({"repo": REPO, "product": {"id": "a"}}, "expected [[product]], got [product]"),
        ({"repo": REPO, "apt": {"suite": {"name": "a"}}}, "expected [[apt.suite]], got [apt.suite]"),
        ({"repo": REPO, "signing": [{"key": "a"}]}, "expected [signing], got [[signing]]"),
        ({"repo": {**REPO, "name": "../up"}}, "cannot name files"),
        ({"repo": {**REPO, "url": "ftp://x"}}, "no http(s) address"),
        ({"repo": {**REPO, "url": "https://x/$(id)"}}, "no http(s) address"),
        ({"repo": {**REPO, "url": "https://name:secret@dl.acme.example"}}, "[repo] url 'https://...@dl.acme.example' is no http(s) address"),
        ({"repo": {**REPO, "url": "https://:443"}}, "no http(s) address"),
        ({"repo": {**REPO, "url": "https://dl.acme.example:99999"}}, "no http(s) address"),
        ({"repo": {**REPO, "url": "https://dl.acme.example:0"}}, "no http(s) address"),
        ({"repo": {**REPO, "url": "https://dl.acme.example/../site"}}, "no http(s) address"),
        ({"repo": {**REPO, "url": "https://a|b"}}, "no http(s) address"),
        ({"repo": {**REPO, "title": "a\nOrigin: b"}}, "line break"),
        ({"repo": REPO, "product": [{"id": "A b"}]}, "cannot be one"),
        ({"repo": REPO, "product": [{"id": "a"}, {"id": "a"}]}, "there twice"),
        ({"repo": REPO, "product": [{"id": "a", "type": "gui"}]}, "'cli' or 'app'"),
        ({"repo": REPO, "product": [{"id": "a", "component": "../x"}]}, "component '../x' cannot be one"),
        ({"repo": REPO, "product": [{"id": "a", "version": "1 beta"}]}, "a: version '1 beta' cannot be one"),
        ({"repo": REPO, "product": [{"id": "a", "version": "$(git describe)"}]}, "version '$(git describe)' cannot be one"),
        ({"repo": REPO, "updates": {"follows": {"Beta": ["stable"]}}}, "[updates] follows: channel 'Beta' cannot be one"),
        ({"repo": REPO, "updates": {"follows": {"beta": ["stable "]}}}, "[updates] follows: channel 'stable ' cannot be one"),
        ({"repo": REPO, "product": [{"id": "a", "depends": ["openssl@3", "libc6 (>= 2.34)"]}]}, "a: depends has 'libc6 (>= 2.34)', which is no formula"),
        ({"repo": REPO, "apt": {"label": "a\nOrigin: b"}}, "line break"),
        ({"repo": REPO, "apt": {"hashes": ["sha512"]}}, 'write ["sha256"] or'),
        ({"repo": REPO, "apt": {"suite": [{"name": "x", "distribution": "../x"}]}}, "x: distribution '../x' cannot be one"),
        ({"repo": REPO, "apt": {"changelogs": "https://acme.example"}}, "has no @CHANGEPATH@"),
        ({"repo": REPO, "apt": {"architectures": ["all"]}}, "'all' cannot be one"),
        ({"repo": REPO, "apt": {"suite": [{"name": "../x"}]}}, "name '../x' cannot be one"),
        ({"repo": REPO, "apt": {"suite": [{"name": "a"}, {"name": "a"}]}}, "there twice"),
        ({"repo": REPO, "apt": {"suite": [{"name": "a", "channels": []}]}}, "takes no channel"),
        ({"repo": REPO, "apt": {"suite": [{"name": "a", "channels": ["Stable"]}]}}, "a: channel 'Stable' cannot be one"),
    ],
)
def test_a_value_that_cannot_be_is_refused(table: dict, said: str) -> None:
    with pytest.raises(UsageError, match=r"^repogen\.toml: ") as caught:
        parse(table, HERE)
    assert said in str(caught.value)


@pytest.mark.parametrize(("key", "word"), [("name", "Bookworm"), ("codename", "Bookworm"), ("components", ["a b"]), ("architectures", ["all"])])
def test_the_remedy_speaks_of_the_key(key: str, word: object) -> None:
    with pytest.raises(UsageError) as caught:
        parse({"repo": REPO, "apt": {"suite": [{"name": "a", key: word}]}}, HERE)
    assert ("packages for all architectures" in str(caught.value.hint)) == (key == "architectures")


def test_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    """As Windows PowerShell and Notepad write UTF-8."""
    (tmp_path / "repogen.toml").write_bytes(b'\xef\xbb\xbf[repo]\r\nname = "acme"\r\nurl = "https://dl.acme.example"\r\n')
    assert load(tmp_path / "repogen.toml").repo.name == "acme"


def test_a_file_that_is_not_there_or_no_toml(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        load(tmp_path / "repogen.toml")
    (tmp_path / "repogen.toml").write_text("[repo\n")
    with pytest.raises(UsageError, match="is not TOML"):
        load(tmp_path / "repogen.toml")
    (tmp_path / "repogen.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path / "repogen.toml")
