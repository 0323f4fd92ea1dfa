"""The source files of apt and the rpm clients, for whoever follows a channel."""

from __future__ import annotations

from repogen import apt_suites, client_files
from tests.support.catalogs import catalog, config
from tests.support.releases import acme, archive, deb, rpm


def test_the_first_channel_that_has_such_packages_is_the_default() -> None:
    made = catalog(archive("hello", "1.0.0", "linux", "amd64"), deb("hello", "1.1.0-beta.1", channel="beta"), rpm("hello", "1.1.0-rc.1", channel="nightly"))
    assert apt_suites.apt_channels(made) == ("beta",)
    assert [suite.name for suite in apt_suites.followed(made, config(), "beta")] == ["beta"]
    assert client_files.section(made, "acme", "nightly") == "acme"


def test_another_channel_keeps_the_default_one() -> None:
    assert "\nSuites: stable beta\n" in client_files.apt_sources(acme(), config(), "beta")
    assert client_files.section(acme(), "acme", "beta") == "acme-beta"
    assert client_files.yum_repo(acme(), config(), "stable", "").count("enabled=1") == 1
    assert client_files.yum_repo(acme(), config(), "beta", "").count("enabled=1") == 2


def test_an_unsigned_preview_is_marked() -> None:
    made = acme(keys=())
    assert "Trusted: yes" in client_files.apt_sources(made, config(), "stable")
    assert "gpgcheck=0" in client_files.yum_repo(made, config(), "stable", "https://dl.acme.example/keys/acme.asc")
