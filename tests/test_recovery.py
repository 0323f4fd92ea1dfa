"""What machines with a withdrawn release must type; tests/clients/test_recovery.py types it."""

from __future__ import annotations

from msgspec.structs import replace

from repogen.apt_config import AptConfig, AptSuiteConfig
from repogen.artifact import Artifact, DebFacts, InstallerFacts, Kind, RpmFacts
from repogen.catalog import KEYRING, Catalog, Product
from repogen.config import Config
from repogen.edits import Edit, Promote, Rollback, Yank, edited, withdraw
from repogen.homebrew_config import ProductHomebrewConfig
from repogen.recovery import Recovery, recoveries
from repogen.retention import retain
from repogen.retention_config import RetentionConfig
from repogen.yum_config import YumConfig
from tests.support.catalogs import catalog, config
from tests.support.releases import acme, archive, deb, download, nupkg, rpm

NOW = "2026-11-20T10:00:00Z"
SITE = "https://dl.acme.example"


def ways(before: Catalog, *edits: Edit, settings: Config | None = None) -> tuple[Recovery, ...]:
    after = before
    for edit in edits:
        after = edited(after, edit, NOW)
    return recoveries(before, after, settings or config())


def lines(way: Recovery) -> dict[str, list[str]]:
    return {instruction.client: [step.line for step in instruction.steps] for instruction in way.instructions}


def test_back_to_the_older_version_with_every_client() -> None:
    (way,) = ways(acme(), Yank(product="taskguard", version="1.4.0"))
    assert (way.product, way.version, way.channel, way.instead) == ("taskguard", "1.4.0", "stable", "1.3.0")
    told = lines(way)
    downloads = told.pop("download")
    assert told == {
        "apt": ["sudo apt-get update && sudo apt-get install --allow-downgrades taskguard=1.3.0-1"],
        "dnf": ["sudo dnf --refresh distro-sync taskguard-1.3.0-1"],
        "zypper": ["sudo zypper refresh acme && sudo zypper install --oldpackage taskguard=1.3.0-1"],
        "brew": ["brew update && brew reinstall acme/tap/taskguard"],
        "choco": ["choco upgrade taskguard --version=1.3.0 --allow-downgrade"],
        "scoop": ["scoop update", "scoop uninstall taskguard", "scoop install acme/taskguard"],
        "install.sh": [f"curl -fsSL {SITE}/install.sh | sh -s -- --product taskguard --archive --channel stable"],
        "install.ps1": [f"& ([scriptblock]::Create((irm {SITE}/install.ps1))) -Product taskguard -Channel stable"],
    }
    assert len(downloads) == 7
    assert all("taskguard-1.3.0-" in line and "1.4.0" not in line for line in downloads)


def test_a_cask_and_an_application_are_removed_where_nothing_older_is_left() -> None:
    (way,) = ways(acme(), Yank(product="quiet", version="1.0.0"))
    assert way.instead == ""
    assert lines(way) == {
        "apt": ["sudo apt-get remove quiet"],
        "brew": ["brew update && brew uninstall --cask acme/tap/quiet"],
        "choco": ["choco uninstall quiet"],
        "install.sh": [f"curl -fsSL {SITE}/install.sh | sh -s -- --product quiet --archive --uninstall"],
        "install.ps1": [f"& ([scriptblock]::Create((irm {SITE}/install.ps1))) -Product quiet -Uninstall"],
        "download": [],
    }


def test_an_old_version_that_is_withdrawn_is_left_for_the_newest() -> None:
    (way,) = ways(acme(), Yank(product="taskguard", version="1.3.0"))
    told = lines(way)
    assert told["dnf"] == ["sudo dnf --refresh distro-sync taskguard-1.4.0-1"]
    assert told["apt"] == ["sudo apt-get update && sudo apt-get install --allow-downgrades taskguard=1.4.0-1"]
    assert "install.sh" not in told, "it unpacked no older version"


def test_a_beta_goes_back_to_stable_where_no_other_beta_is_left() -> None:
    (way,) = ways(acme(), Yank(product="taskguard", version="1.5.0-beta.2"))
    told = lines(way)
    assert way.instead == "1.4.0"
    assert told["apt"] == ["sudo apt-get update && sudo apt-get install --allow-downgrades taskguard=1.4.0-1"]
    assert told["zypper"] == ["sudo zypper refresh acme-beta && sudo zypper install --oldpackage taskguard=1.4.0-1"]
    assert told["brew"] == ["brew update && brew uninstall acme/tap/taskguard-beta"], "a formula of its own"


def test_a_formula_and_a_cask_of_one_product_have_a_line_each() -> None:
    """Of one name, brew means the formula."""
    both = Product(id="tool", title="Tool", homebrew=ProductHomebrewConfig(kind="both"))
    cask = download("tool", "1.1.0", "tool-1.1.0.dmg", Kind.DMG, "macos", "universal", facts=InstallerFacts(bundle="Tool.app"))
    programs = [archive("tool", version, "macos", "arm64") for version in ("1.0.0", "1.1.0")]
    (way,) = ways(catalog(*programs, cask, products=(both,)), Yank(product="tool", version="1.1.0"))
    (brew,) = (instruction for instruction in way.instructions if instruction.client == "brew")
    assert [(step.line, step.purpose) for step in brew.steps] == [
        ("brew update && brew reinstall acme/tap/tool", "Program for the terminal"),
        ("brew update && brew reinstall --cask acme/tap/tool", "Application"),
    ]


def test_what_a_followed_channel_still_offers_needs_no_way_back() -> None:
    promoted = edited(acme(), Promote(product="taskguard", version="1.5.0-beta.2", to="stable"), NOW)
    assert ways(promoted, Yank(product="taskguard", version="1.5.0-beta.2", channel="beta")) == ()
    (way,) = ways(promoted, Yank(product="taskguard", version="1.5.0-beta.2", channel="stable"))
    assert (way.channel, way.instead) == ("stable", "1.4.0")


def test_several_packages_go_together() -> None:
    made = catalog(*(deb("hello", version, package=package) for version in ("1.0.0", "1.1.0") for package in ("hello", "hello-doc")))
    (way,) = ways(made, Yank(product="hello", version="1.1.0"))
    told = lines(way)
    assert told["apt"] == ["sudo apt-get update && sudo apt-get install --only-upgrade --allow-downgrades hello=1.0.0-1 hello-doc=1.0.0-1"]
    (way,) = (way for way in ways(made, Yank(product="hello", version="1.0.0"), Yank(product="hello", version="1.1.0")) if way.version == "1.1.0")
    assert lines(way)["apt"] == ["sudo apt-get remove $(dpkg-query --show --showformat '${Package}\\n' hello hello-doc 2>/dev/null)"]


def test_rpms_that_are_not_installed_stay_so() -> None:
    def doc(version: str) -> Artifact:
        made = rpm("hello", version, "noarch")
        assert isinstance(made.facts, RpmFacts)
        return replace(made, path=made.path.replace("hello-", "hello-doc-"), facts=replace(made.facts, name="hello-doc"))

    made = catalog(*(one for version in ("1.0.0", "1.1.0") for one in (rpm("hello", version), doc(version))))
    (way,) = ways(made, Yank(product="hello", version="1.1.0"))
    wanted = '$(for package in hello=1.0.0-1 hello-doc=1.0.0-1; do rpm -q --quiet "${package%%=*}" && echo "$package"; done)'
    assert lines(way)["zypper"] == [f"sudo zypper refresh acme && sudo zypper install --oldpackage {wanted}"]


def built(version: str, distribution: str, channel: str = "stable") -> Artifact:
    """A deb for one distribution."""
    made = deb("hello", version, channel=channel)
    assert isinstance(made.facts, DebFacts)
    name = f"hello_{made.facts.version}~{distribution}_amd64.deb"
    return replace(made, path=f"apt/pool/main/h/hello/{name}", filename=name, facts=replace(made.facts, version=f"{made.facts.version}~{distribution}"))


def apt_steps(made: Catalog, version: str) -> list[tuple[str, str]]:
    """For which suite, and the last word of its line, where there are suites for bookworm and trixie, and both once more for beta."""
    suites = (
        *(AptSuiteConfig(name=name, channels=("stable",), match=(f"~{name}",)) for name in ("bookworm", "trixie")),
        *(AptSuiteConfig(name=f"{name}-beta", channels=("beta",), distribution=name, match=(f"~{name}",)) for name in ("bookworm", "trixie")),
    )
    (way,) = ways(made, Yank(product="hello", version=version), settings=config(apt=AptConfig(suite=suites)))
    (apt,) = (instruction for instruction in way.instructions if instruction.client == "apt")
    return [(step.purpose, step.line.removeprefix("sudo apt-get ").rpartition("--allow-downgrades ")[2]) for step in apt.steps]


def test_each_distribution_has_its_own_version() -> None:
    made = catalog(*(built(version, name) for version in ("1.0.0", "1.1.0") for name in ("bookworm", "trixie")))
    assert apt_steps(made, "1.1.0") == [(name, f"hello=1.0.0-1~{name}") for name in ("bookworm", "trixie")]


def test_a_distribution_without_an_older_version_removes_it() -> None:
    made = catalog(built("1.0.0", "bookworm"), *(built("1.1.0", name) for name in ("bookworm", "trixie")))
    assert apt_steps(made, "1.1.0") == [("bookworm", "hello=1.0.0-1~bookworm"), ("trixie", "remove hello")]


def test_a_suite_that_has_it_by_another_channel_is_told_nothing() -> None:
    made = catalog(deb("hello", "1.0"), *(make("hello", "1.1", channel=channel) for channel in ("beta", "stable") for make in (deb, rpm)))
    shared = config(apt=AptConfig(suite=(AptSuiteConfig(name="main", channels=("stable", "beta")),)))
    (way,) = ways(made, Yank(product="hello", version="1.1", channel="stable"), settings=shared)
    assert lines(way).keys() == {"dnf", "zypper"}
    (way, *_) = ways(made, Yank(product="hello", version="1.1"), settings=shared)
    assert lines(way)["apt"] == ["sudo apt-get update && sudo apt-get install --allow-downgrades hello=1.0-1"]


def test_a_suite_that_never_had_it_is_told_nothing() -> None:
    made = catalog(*(built("1.0.0", name) for name in ("bookworm", "trixie")), built("1.1.0", "trixie"))
    assert apt_steps(made, "1.1.0") == [("", "hello=1.0.0-1~trixie")]


def test_who_follows_beta_on_a_distribution_goes_back_to_the_stable_version_for_it() -> None:
    made = catalog(built("1.0.0", "trixie"), *(built("1.1.0-beta.1", name, "beta") for name in ("bookworm", "trixie")))
    assert apt_steps(made, "1.1.0-beta.1") == [("bookworm-beta", "remove hello"), ("trixie-beta", "hello=1.0.0-1~trixie")]


def test_packages_that_only_the_bad_release_has_go() -> None:
    made = catalog(deb("hello", "1.0.0"), deb("hello", "1.1.0"), deb("hello", "1.1.0", package="hello-libs"))
    (way,) = ways(made, Yank(product="hello", version="1.1.0"))
    left = "$(dpkg-query --show --showformat '${Package}-\\n' hello-libs 2>/dev/null)"
    assert lines(way)["apt"] == [f"sudo apt-get update && sudo apt-get install --only-upgrade --allow-downgrades hello=1.0.0-1 {left}"]


def test_each_release_of_a_distribution_has_its_own_rpm() -> None:
    def for_release(version: str, tag: str) -> Artifact:
        made = rpm("hello", version)
        assert isinstance(made.facts, RpmFacts)
        return replace(made, path=made.path.replace("-1.x86_64", f"-1.{tag}.x86_64"), facts=replace(made.facts, release=f"1.{tag}"))

    made = catalog(for_release("1.0.0", "el8"), *(for_release("1.1.0", tag) for tag in ("el8", "el9")))
    served = replace(made, served=("yum/stable/el8/x86_64", "yum/stable/el9/x86_64"))
    (way,) = ways(served, Yank(product="hello", version="1.1.0"), settings=config(yum=YumConfig(path="el{releasever}/{basearch}")))
    steps = {i.client: [(step.line, step.purpose) for step in i.steps] for i in way.instructions}
    assert steps["dnf"] == [("sudo dnf --refresh distro-sync hello-1.0.0-1.el8", "release 8"), ("sudo dnf remove hello", "release 9")]


def revision(made: Artifact, number: int) -> Artifact:
    """The package with another revision or Release than 1."""
    facts = made.facts
    assert isinstance(facts, DebFacts | RpmFacts)
    changed = replace(facts, version=f"{facts.version.removesuffix('-1')}-{number}") if isinstance(facts, DebFacts) else replace(facts, release=str(number))
    return replace(made, path=f"{made.path}-{number}", facts=changed)


def test_of_several_revisions_the_newest_takes_the_place() -> None:
    older = (revision(made, number) for made in (deb("hello", "1.0.0"), rpm("hello", "1.0.0")) for number in (1, 9, 10))
    (way,) = ways(catalog(*older, deb("hello", "1.1.0"), rpm("hello", "1.1.0")), Yank(product="hello", version="1.1.0"))
    told = lines(way)
    assert [told[client][0].rpartition(" ")[2] for client in ("apt", "dnf", "zypper")] == ["hello=1.0.0-10", "hello-1.0.0-10", "hello=1.0.0-10"]


def test_a_rollback_tells_of_every_release_that_goes() -> None:
    then = catalog(deb("hello", "1.0.0"), nupkg("world", "1.0.0"))
    now = then.add([deb("hello", "1.1.0"), nupkg("world", "2.0.0")])
    found = ways(now, Rollback(number=1, catalog=then))
    assert [(way.product, way.version, way.instead) for way in found] == [("hello", "1.1.0", "1.0.0"), ("world", "2.0.0", "1.0.0")]


def test_a_rollback_tells_of_a_revision_that_goes() -> None:
    old, late = deb("hello", "1.0.0"), deb("hello", "1.0.0", "arm64")
    assert isinstance(old.facts, DebFacts)
    bad = replace(old, path=old.path.replace("1.0.0-1", "1.0.0-2"), facts=replace(old.facts, version="1.0.0-2"))
    then = catalog(old, archive("hello", "1.0.0", "linux", "amd64"))
    (way,) = ways(then.add([late, bad]), Rollback(number=1, catalog=then))
    assert (way.version, way.instead) == ("1.0.0-2", "1.0.0")
    assert lines(way) == {"apt": ["sudo apt-get update && sudo apt-get install --allow-downgrades hello=1.0.0-1"]}


def test_nobody_has_a_source_package_installed() -> None:
    made = catalog(rpm("hello", "1.0.0"), rpm("hello", "1.1.0", "src"), deb("world", "1.0.0"))
    assert ways(made, Yank(product="hello", version="1.1.0")) == ()
    (way,) = ways(made, Yank(product="hello", version="1.1.0"), Yank(product="world", version="1.0.0"))
    assert way.product == "world"


def test_our_own_keyring_packages_are_nobodys_matter() -> None:
    keyring = Product(id="acme-archive-keyring", title="keyring", type=KEYRING)
    made = catalog(deb("acme-archive-keyring", "1.0"), products=(keyring,))
    assert recoveries(made, withdraw(made, made.releases, NOW, ""), config()) == ()


def test_nothing_is_wrong_with_a_release_that_keep_leaves_no_room_for() -> None:
    made = catalog(deb("hello", "1.0"), deb("hello", "1.1"), deb("hello", "1.2-beta.1", channel="beta"))
    promoted = edited(made, Promote(product="hello", version="1.2-beta.1", to="stable"), NOW)
    settings = replace(config(), retention=RetentionConfig(keep=2))
    after = retain(promoted, settings)
    assert [release.version for release in after.dropped] == ["1.0"]
    assert recoveries(made, after, settings) == ()
    (way,) = recoveries(made, edited(after, Yank(product="hello", version="1.1"), NOW), settings)
    assert way.version == "1.1"
