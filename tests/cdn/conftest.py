"""A CDN for each test, and no waiting for long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from repogen.cdn import patience
from repogen.config import CdnConfig, Config, RepoConfig
from tests.support.cdn import DISTRIBUTION, TOKEN, ZONE, Cdn, cdn


class Edge:
    """A site in memory behind a CDN."""

    def __init__(self, made: Cdn, url: str) -> None:
        self.cdn = made
        self.url = url
        self.files: dict[str, bytes] = {}
        made.read = self.files.get

    def config(self, kind: str, *, url: str = "", timeout: float = 20, **more: Any) -> Config:
        where = {"cloudfront": {"distribution": DISTRIBUTION}, "cloudflare": {"zone": ZONE}}[kind]
        endpoint = f"{self.url}/api" + ("/client/v4" if kind == "cloudflare" else "")
        table = CdnConfig(kind=kind, timeout=timeout, **{**where, "endpoint_url": endpoint, **more})
        return Config(repo=RepoConfig(name="acme", url=url or self.url), cdn=table)


@pytest.fixture
def edge(monkeypatch: pytest.MonkeyPatch) -> Iterator[Edge]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "CLOUDFLARE_API_TOKEN": TOKEN,
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CLOUDFRONT", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(patience, "FIRST_PAUSE", 0.01)
    with cdn(lambda _: None) as (made, url):
        yield Edge(made, url)
