"""Which repositories a channel has by ``[yum] path``, and where packages stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from repogen import client_files, yum_repositories
from repogen.artifact import Artifact, RpmFacts
from repogen.catalog import Catalog
from repogen.config import parse
from repogen.errors import UsageError
from repogen.yum_config import BASEARCHS, YumConfig, YumTargetConfig
from tests.support.catalogs import catalog, config
from tests.support.clients import require, run
from tests.support.releases import rpm

BY_RELEASE = YumConfig(path="el{releasever}/{basearch}")
TABLES = YumConfig(path="el{releasever}/{basearch}", target=(YumTargetConfig(releasever="9"), YumTargetConfig(releasever="10", match=("el10", "*-any.*"))))


def built(name: str, release: str, arch: str = "x86_64") -> Artifact:
    plain = rpm(name, "1.0", arch)
    assert isinstance(plain.facts, RpmFacts)
    facts = replace(plain.facts, release=release)
    filename = f"{name}-1.0-{release}.{arch}.rpm"
    return replace(plain, path=f"yum/stable/Packages/{name[0]}/{filename}", filename=filename, facts=facts)


def stand(made: Catalog, settings: YumConfig) -> dict[str, list[str]]:
    found = yum_repositories.repositories(made, settings, "stable")
    return {repository.base: [a.filename for a in some] for repository, some in found.items()}


@pytest.mark.parametrize(
    ("release", "means"),
    [
        ("1.el9", "9"), ("3.el10_0", "10"), ("0.2.20260101git.fc42", "42"), ("1.amzn2023.0.2", "2023"), ("lp156.2.1", "15.6"), ("4.suse.lp160", "16.0"),
        ("1", ""), ("1.elf2", ""), ("2.9", ""), ("1.help156x", ""), ("1.el8.el9", "9"),
        ("1.module+el9.4.0+1+abc", "9"), ("2.module_el8.6.0+1", "8"), ("1.el9+7", "9"), ("1.el9~rc", "9"), ("1.fc43^git1", "43"), ("bp156.1.1", "15.6"),
    ],
)  # fmt: skip
def test_what_a_tag_means(release: str, means: str) -> None:
    assert yum_repositories.dist_releasever(release) == means


def test_one_repository_a_channel_is_the_default() -> None:
    made = catalog(built("a", "1.el9"), built("b", "1", "noarch"))
    assert stand(made, YumConfig()) == {"yum/stable": ["a-1.0-1.el9.x86_64.rpm", "b-1.0-1.noarch.rpm"]}
    assert not list(yum_repositories.copies(made, YumConfig()))
    assert "baseurl=https://dl.acme.example/yum/stable\n" in client_files.yum_repo(made, config(), "stable", "")


def test_packages_stand_where_their_machines_look() -> None:
    made = catalog(built("a", "1.el9"), built("a", "1.fc42", "aarch64"), built("data", "1.el9", "noarch"), built("old", "1.fc42", "i686"))
    assert stand(made, BY_RELEASE) == {
        "yum/stable/el42/aarch64": ["a-1.0-1.fc42.aarch64.rpm"],
        "yum/stable/el42/i386": ["old-1.0-1.fc42.i686.rpm"],
        "yum/stable/el42/x86_64": ["old-1.0-1.fc42.i686.rpm"],
        "yum/stable/el9/aarch64": ["data-1.0-1.el9.noarch.rpm"],
        "yum/stable/el9/i386": ["data-1.0-1.el9.noarch.rpm"],
        "yum/stable/el9/x86_64": ["a-1.0-1.el9.x86_64.rpm", "data-1.0-1.el9.noarch.rpm"],
    }
    assert "baseurl=https://dl.acme.example/yum/stable/el$releasever/$basearch\n" in client_files.yum_repo(made, config(yum=BY_RELEASE), "stable", "")


def test_declared_releases_and_architectures_are_there_while_they_are_empty() -> None:
    made = catalog(built("a", "1.el9"), built("b", "1"), built("c", "1-any", "noarch"))
    settings = replace(TABLES, architectures=("s390x",))
    assert stand(made, settings) == {
        "yum/stable/el9/s390x": [],
        "yum/stable/el9/x86_64": ["a-1.0-1.el9.x86_64.rpm", "b-1.0-1.x86_64.rpm"],
        "yum/stable/el10/s390x": ["c-1.0-1-any.noarch.rpm"],
        "yum/stable/el10/x86_64": ["b-1.0-1.x86_64.rpm", "c-1.0-1-any.noarch.rpm"],
    }
    assert stand(catalog(), settings) == {}


def test_only_one_of_the_two_in_the_path() -> None:
    made = catalog(built("a", "1.el9"), built("b", "1.fc42", "aarch64"), built("c", "1", "noarch"))
    assert stand(made, YumConfig(path="{basearch}")) == {
        "yum/stable/aarch64": ["b-1.0-1.fc42.aarch64.rpm", "c-1.0-1.noarch.rpm"],
        "yum/stable/x86_64": ["a-1.0-1.el9.x86_64.rpm", "c-1.0-1.noarch.rpm"],
    }
    assert stand(made, YumConfig(path="rhel/{releasever}", target=(YumTargetConfig(releasever="9"),))) == {
        "yum/stable/rhel/9": ["a-1.0-1.el9.x86_64.rpm", "c-1.0-1.noarch.rpm"]
    }


def test_packages_for_all_architectures_alone_are_for_the_usual_ones() -> None:
    assert list(stand(catalog(built("a", "1.el9", "noarch")), BY_RELEASE)) == ["yum/stable/el9/x86_64", "yum/stable/el9/aarch64"]


def test_a_package_that_was_published_elsewhere_is_copied() -> None:
    own = replace(built("a", "1.el9"), path="yum/stable/el9/x86_64/Packages/a/a-1.0-1.el9.x86_64.rpm")
    made = catalog(own, built("b", "1.el9"))
    assert [path for path, _ in yum_repositories.copies(made, BY_RELEASE)] == ["yum/stable/el9/x86_64/Packages/b/b-1.0-1.el9.x86_64.rpm"]
    assert [path for path, _ in yum_repositories.copies(made, YumConfig())] == ["yum/stable/Packages/a/a-1.0-1.el9.x86_64.rpm"]


def test_what_was_served_stays() -> None:
    made = replace(catalog(built("a", "1.el9")), served=("yum/beta/el7/x86_64", "yum/stable", "yum/stable/el8/aarch64", "yum/stable/el9/x86_64"))
    assert list(stand(made, BY_RELEASE)) == [f"yum/stable/{path}" for path in ("el8/aarch64", "el8/x86_64", "el9/aarch64", "el9/x86_64")]
    assert stand(replace(catalog(), served=("yum/stable",)), YumConfig()) == {"yum/stable": []}
    assert stand(replace(catalog(), served=("yum/stable/el9/x86_64",)), BY_RELEASE) == {"yum/stable/el9/x86_64": []}


def test_releases_that_nothing_names() -> None:
    with pytest.raises(UsageError, match="no published rpm of the channel stable names one"):
        stand(catalog(built("a", "1")), BY_RELEASE)


@pytest.mark.parametrize(
    ("yum", "said"),
    [
        ({"path": "el9"}, "path 'el9' cannot be one"),
        ({"path": "/el{releasever}"}, "cannot be one"),
        ({"path": "../{basearch}"}, "cannot be one"),
        ({"path": "{arch}/{basearch}"}, "cannot be one"),
        ({"path": "Packages/{basearch}"}, "cannot be one"),
        ({"path": "{basearch}", "target": [{"releasever": "9"}]}, "path has no {releasever}"),
        ({"path": "{releasever}", "architectures": ["x86_64"]}, "path has no {basearch}"),
        ({"path": "{releasever}/{basearch}", "architectures": ["noarch"]}, "architectures 'noarch' cannot be one"),
        ({"path": "{releasever}/{basearch}", "architectures": ["x86_64", "amd64"]}, "architectures 'amd64' cannot be one"),
        ({"path": "{releasever}", "target": [{"releasever": "9"}, {"releasever": "9"}]}, "'9' is there twice"),
        ({"path": "{releasever}", "target": [{"releasever": "9/x"}]}, "releasever '9/x' cannot be one"),
    ],
)
def test_what_cannot_be_configured(yum: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse({"repo": {"name": "acme", "url": "https://dl.acme.example"}, "yum": yum}, Path("repogen.toml"))
    assert said in str(caught.value)


def test_the_base_architectures_are_those_of_dnf() -> None:
    """As the dnf of this machine has them; newer ones may know more."""
    require("dnf")
    program = "import dnf.rpm; print(*{base for base in dnf.rpm._BASEARCH_MAP.values() if base != 'noarch'})"
    assert set(run("/usr/bin/python3", "-c", program).stdout.split()) <= BASEARCHS
