"""Suites by ``[[apt.suite]]``, components, declared architectures, and what Release says of itself."""

from __future__ import annotations

import hashlib

import pytest
import zstandard
from debian.deb822 import Deb822
from msgspec.structs import replace

from repogen import apt_suites, client_files
from repogen.apt_config import AptConfig, AptSuiteConfig
from repogen.artifact import Artifact
from repogen.catalog import KEYRING, Catalog, Product
from repogen.config import Config
from repogen.errors import ProtectionError
from repogen.formats import apt
from repogen.suite_identity import check_suites
from repogen.tree import Tree
from tests.formats.test_apt import content, deb, packages, release
from tests.support.catalogs import catalog, config

BOOKWORM = AptSuiteConfig(name="bookworm", match=("~bookworm", "+deb12u*"), description="For Debian 12", version="12")
TRIXIE = AptSuiteConfig(name="trixie", ignore=("~bookworm", "*+deb12u[0-9]"))
TESTING = AptSuiteConfig(name="trixie-beta", codename="trixie-next", distribution="trixie", channels=("beta",))


def by_distribution(**more: object) -> Config:
    return config(apt=AptConfig(suite=(BOOKWORM, TRIXIE, TESTING), **more))


def elsewhere(artifact: Artifact, component: str) -> Artifact:
    """The same package in another component."""
    return replace(artifact, path=artifact.path.replace("/pool/main/", f"/pool/{component}/"))


DEBS = (
    deb(version="1.0~bookworm"),
    deb(version="1.0+deb12u1"),
    deb(version="1.0~trixie"),
    deb("doc", "1.0", "all"),
    deb(version="2.0~beta1", channel="beta"),
    deb(version="3.0", channel="nightly"),
)


def versions(tree: Tree, suite: str, component: str = "main") -> list[str]:
    return [f"{one['Package']} {one['Version']}" for one in packages(tree, f"apt/dists/{suite}/{component}/binary-amd64")]


def test_a_package_stands_in_every_suite_that_takes_it() -> None:
    tree = apt.render(catalog(*DEBS), by_distribution())
    assert versions(tree, "bookworm") == ["hello 1.0~bookworm"], "a glob speaks of the whole version or file name"
    assert versions(tree, "trixie") == ["doc 1.0", "hello 1.0~trixie"]
    assert versions(tree, "trixie-beta") == ["hello 2.0~beta1"]
    assert versions(tree, "nightly") == ["hello 3.0"], "a channel that no table takes is a suite"
    assert not [path for path in tree if path.startswith(("apt/dists/stable/", "apt/dists/beta/"))]


def test_patterns_look_at_the_file_name_too() -> None:
    (suite, *_) = apt_suites.rules(config(apt=AptConfig(suite=(AptSuiteConfig(name="jammy", match=("jammy", "hello_1.*_amd64.deb")),))), ())
    assert suite.takes("hello-jammy.deb", "1")
    assert suite.takes("hello_1.0_amd64.deb", "1")
    assert not suite.takes("hello_2.0_amd64.deb", "2")


def test_release_of_a_table() -> None:
    tree = apt.render(catalog(*DEBS), by_distribution(version="2026", changelogs="https://acme.example/@CHANGEPATH@"))
    fields = release(tree, "bookworm")
    assert [fields[name] for name in ("Suite", "Codename", "Version", "Description")] == ["bookworm", "bookworm", "12", "For Debian 12"]
    assert fields["Changelogs"] == "https://acme.example/@CHANGEPATH@"
    assert "NotAutomatic" not in fields
    fields = release(tree, "trixie-beta")
    assert [fields[name] for name in ("Suite", "Codename", "Version", "NotAutomatic")] == ["trixie-beta", "trixie-next", "2026", "yes"]


def test_declared_architectures_and_components_have_empty_indices() -> None:
    table = AptSuiteConfig(name="stable", components=("main", "extra"), architectures=("armhf",))
    tree = apt.render(catalog(deb(), elsewhere(deb("tool"), "contrib/net")), config(apt=AptConfig(suite=(table,), architectures=("s390x",))))
    fields = release(tree)
    assert (fields["Components"], fields["Architectures"]) == ("main contrib/net extra", "amd64 armhf")
    assert content(tree, "apt/dists/stable/extra/binary-armhf/Packages") == b""
    (stanza,) = packages(tree, "apt/dists/stable/contrib/net/binary-amd64")
    assert stanza["Filename"] == "pool/contrib/net/t/tool/tool_1.0.0_amd64.deb"
    assert versions(tree, "stable") == ["hello 1.0.0"]
    named = {entry["name"] for entry in fields["SHA256"]}
    assert {f"{c}/binary-{a}/Packages{form}" for c in ("main", "contrib/net", "extra") for a in ("amd64", "armhf") for form in ("", ".gz", ".xz")} == named
    assert Deb822(content(tree, "acme.sources"))["Components"] == "main contrib/net extra"


def test_architectures_of_all_suites() -> None:
    tree = apt.render(catalog(deb(), deb(channel="beta", version="2~beta", architecture="riscv64")), config(apt=AptConfig(architectures=("arm64",))))
    assert [release(tree, suite)["Architectures"] for suite in ("stable", "beta")] == ["amd64 arm64", "arm64 riscv64"]


def test_sha512_and_zstd_on_request() -> None:
    artifact = replace(deb(), sha512="5" * 128)
    tree = apt.render(catalog(artifact, deb("old")), config(apt=AptConfig(hashes=("sha256", "sha512"), zst=True)))
    for algorithm in ("SHA256", "SHA512"):
        for entry in release(tree)[algorithm]:
            index = content(tree, f"apt/dists/stable/{entry['name']}")
            assert entry[algorithm.lower()] == hashlib.new(algorithm.lower(), index).hexdigest()
            assert content(tree, f"apt/dists/stable/main/binary-amd64/by-hash/{algorithm}/{entry[algorithm.lower()]}") == index
    plain = content(tree, "apt/dists/stable/main/binary-amd64/Packages")
    assert zstandard.decompress(content(tree, "apt/dists/stable/main/binary-amd64/Packages.zst")) == plain
    assert [one.get("SHA512") for one in packages(tree)] == ["5" * 128, None]


def test_the_source_file_says_how_to_choose() -> None:
    made, settings = catalog(*DEBS), by_distribution()
    text = client_files.apt_sources(made, settings, "stable")
    assert "Suites: bookworm\n" in text
    assert '# There is a suite for each distribution. Write after "Suites:" for\n#   bookworm: bookworm\n#   trixie: trixie\n' in text
    assert "# There is" not in client_files.apt_sources(made, settings, "stable", "trixie")
    assert "Suites: trixie trixie-beta\n" in client_files.apt_sources(made, settings, "beta", "trixie")
    assert "Suites: bookworm trixie-beta\n" in client_files.apt_sources(made, settings, "beta", "jammy")


# -- identity ----------------------------------------------------------------------------------


def identities(made: Catalog, settings: Config) -> Catalog:
    return apt.derive(made, settings).catalog


def refusal(before: Config, after: Config, *artifacts: Artifact) -> str:
    """What is said where one configuration follows another."""
    made = identities(catalog(*(artifacts or DEBS)), before)
    with pytest.raises(ProtectionError) as caught:
        check_suites(made, identities(made, after))
    assert "--accept-identity-change" in caught.value.hint
    return str(caught.value)


def test_identity_is_remembered_and_may_stay() -> None:
    made = identities(catalog(*DEBS), by_distribution())
    assert list(made.suites) == ["bookworm", "trixie", "trixie-beta", "nightly"]
    assert not made.suites["nightly"].automatic
    check_suites(made, identities(made, by_distribution(version="13", description="other", hashes=("sha256", "sha512"))))


def test_a_changed_identity_is_refused() -> None:
    said = refusal(config(), config(apt=AptConfig(origin="Other")))
    assert "the Origin of the apt suite beta would change from 'Acme Tools' to 'Other'" in said
    assert "the Label of the apt suite beta would change" in said
    assert "`apt-get update --allow-releaseinfo-change`" in said
    stable, beta = AptSuiteConfig(name="stable"), AptSuiteConfig(name="beta", channels=("stable", "beta"))
    assert "the apt suite beta would lose NotAutomatic" in refusal(config(), config(apt=AptConfig(suite=(stable, beta))))
    assert "Codename of the apt suite stable" in refusal(config(), config(apt=AptConfig(suite=(replace(stable, codename="one"),))))


def test_a_suite_that_would_go_is_refused() -> None:
    assert "the published apt suite beta is in this configuration no more" in refusal(config(), by_distribution())
    assert "apt suite bookworm" in refusal(by_distribution(), config(apt=AptConfig(suite=(TRIXIE, TESTING))))


def test_a_suite_that_would_lose_packages_to_its_patterns_is_refused() -> None:
    said = refusal(
        by_distribution(), config(apt=AptConfig(suite=(BOOKWORM, replace(TRIXIE, ignore=("~bookworm", "*+deb12u[0-9]", "doc", "1.0~tr*")), TESTING)))
    )
    assert "the apt suite trixie would lose doc_1.0_all.deb and 1 more" in said
    assert "the apt suite stable would lose hello_1.0+deb12u1_amd64.deb" in refusal(
        config(), config(apt=AptConfig(suite=(AptSuiteConfig(name="stable", ignore=("+deb12u1",)),)))
    )


def test_other_patterns_that_take_no_published_package_from_a_suite() -> None:
    doc = replace(deb("doc", "1.0", "all"), product="doc")
    only, narrowed = AptSuiteConfig(name="stable"), config(apt=AptConfig(suite=(AptSuiteConfig(name="stable", match=("hello",)),)))
    made = identities(catalog(deb(), doc), config(apt=AptConfig(suite=(only,))))
    after = identities(made, narrowed)
    with pytest.raises(ProtectionError, match=r"would lose doc_1\.0_all\.deb,"):
        check_suites(made, after)
    without = tuple(artifact for artifact in made.artifacts if artifact.product == "hello")
    check_suites(made, replace(after, artifacts=without))  # withdrawn
    check_suites(replace(made, artifacts=without), after)  # added just now
    check_suites(replace(made, suites={"stable": replace(made.suites["stable"], match=None)}), after)
    check_suites(made, identities(made, config(apt=AptConfig(suite=(replace(only, match=("doc", "hello")),)))))
    keyring = replace(made, products=(Product(id="doc", title="keyring", type=KEYRING),))
    check_suites(keyring, identities(keyring, narrowed))


def test_a_channel_that_lost_its_last_package_keeps_its_suite() -> None:
    made = replace(identities(catalog(*DEBS), config()), artifacts=(), releases=())
    assert identities(made, config()).suites.keys() == made.suites.keys()
    tree = apt.render(made, config())
    assert versions(tree, "beta") == []
    assert release(tree, "beta")["Architectures"] == "amd64", "what it had"


def test_valid_until_on_request() -> None:
    assert "Valid-Until" not in release(apt.render(catalog(deb()), config()))
    assert release(apt.render(catalog(deb()), config(apt=AptConfig(valid_for=14))))["Valid-Until"] == "Thu, 15 Jan 2026 12:00:00 UTC"
