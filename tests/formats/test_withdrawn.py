"""What every format makes of withdrawn releases: none offers them, and what clients are set up for stays."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from repogen.apt_config import AptConfig, AptSuiteConfig
from repogen.artifact import Kind
from repogen.catalog import Catalog, Product
from repogen.config import Config
from repogen.edits import Promote, Reinstate, Rollback, Yank, edited
from repogen.formats import load_formats
from repogen.tree import Blob, Tree
from tests.support.catalogs import catalog, config
from tests.support.clients import require, run
from tests.support.nuget_feed import FeedClient
from tests.support.releases import acme, archive, deb, terminal_release

NOW = "2026-11-20T10:00:00Z"
REASON = 'loses <b>data</b> & "more" \'; touch HACKED'


def derived(made: Catalog, settings: Config) -> tuple[Catalog, Tree]:
    """The catalog that every format has added to, and the whole tree."""
    tree = Tree()
    formats = load_formats()
    for format_ in formats:
        if hasattr(format_, "derive"):
            more = format_.derive(made, settings)
            made, tree = more.catalog, tree | more.tree
    for format_ in formats:
        tree |= format_.render(made, settings)
    return made, tree


def gone(made: Catalog, *edits: Yank | Promote | Reinstate, settings: Config | None = None) -> tuple[Catalog, Tree]:
    """The site after these edits of a published catalog."""
    settings = settings or config()
    made, _ = derived(made, settings)
    for edit in edits:
        made = edited(made, edit, NOW)
    return derived(replace(made, date=NOW), settings)


def text(tree: Tree, path: str) -> str:
    content = tree[path].content
    assert isinstance(content, bytes)
    return gzip.decompress(content).decode() if path.endswith(".gz") else content.decode()


def yum(tree: Tree, channel: str, index: str) -> str:
    (path,) = (path for path in tree if path.startswith(f"yum/{channel}/repodata/") and path.endswith(f"-{index}.xml.gz"))
    return text(tree, path)


YANKED = Yank(product="taskguard", version="1.4.0", reason=REASON)
EVERYTHING = (YANKED, Yank(product="taskguard", version="1.3.0"), Yank(product="taskguard", version="1.5.0-beta.2"), Yank(product="quiet", version="1.0.0"))


def test_no_file_but_what_tells_of_it_names_a_withdrawn_version() -> None:
    _, tree = gone(acme(), YANKED)
    telling = {path for path, file in tree.items() if isinstance(file.content, bytes) and b"1.4.0" in file.content}
    assert {path for path in telling if not path.startswith(("chocolatey/", "yum/"))} == {"index.html", "repo.json", "install.sh", "install.ps1"}
    assert [path for path in tree if "1.4.0" in path and not path.startswith("chocolatey/")] == []
    assert "1.4.0" not in yum(tree, "stable", "primary")


def test_what_clients_are_set_up_for_stays_when_everything_is_withdrawn() -> None:
    made, tree = gone(acme(), *EVERYTHING)
    assert not made.offered
    assert "Suites: stable\n" in text(tree, "acme.sources")
    assert "baseurl=https://dl.acme.example/yum/stable" in text(tree, "acme.repo")
    for suite, architectures in (("stable", "amd64 arm64"), ("beta", "amd64 arm64")):
        assert f"Architectures: {architectures}\nComponents: main\n" in text(tree, f"apt/dists/{suite}/Release")
        assert text(tree, f"apt/dists/{suite}/main/binary-amd64/Packages") == ""
        assert 'packages="0"' in yum(tree, suite, "primary")
    for path in ("Formula/taskguard.rb", "Formula/taskguard-beta.rb", "Casks/quiet.rb"):
        assert '\n  disable! date: "2026-11-20", because: "was withdrawn' in text(tree, f"homebrew/{path}")
    assert tree["homebrew/acme.git/info/refs"]
    page = text(tree, "index.html")
    assert "Nothing is offered now." in page
    assert page.count('<p class="withdrawn">') == 4


def test_a_component_and_an_architecture_stay() -> None:
    contrib = replace(deb("hello", "1.0.0", "armhf"), path="apt/pool/contrib/h/hello/hello_1.0.0-1_armhf.deb")
    _, tree = gone(catalog(contrib), Yank(product="hello", version="1.0.0"))
    assert "Architectures: armhf\nComponents: contrib\n" in text(tree, "apt/dists/stable/Release")
    assert text(tree, "apt/dists/stable/contrib/binary-armhf/Packages") == ""


def test_suites_by_distribution_stay() -> None:
    suite = AptSuiteConfig(name="bookworm", channels=("stable",), match=("1.0.0",))
    _, tree = gone(catalog(deb("hello", "1.0.0")), Yank(product="hello", version="1.0.0"), settings=config(apt=AptConfig(suite=(suite,))))
    assert "Suites: bookworm\n" in text(tree, "acme.sources")
    assert text(tree, "apt/dists/bookworm/main/binary-amd64/Packages") == ""


def test_the_formula_goes_back_in_a_commit_of_its_own() -> None:
    before, _ = derived(acme(), config())
    after, tree = gone(acme(), YANKED)
    assert "taskguard-1.3.0-linux-amd64" in text(tree, "homebrew/Formula/taskguard.rb")
    old, new = (made.repositories["homebrew/acme.git"] for made in (before, after))
    assert set(old.objects) < set(new.objects)


def client(tree: Tree) -> FeedClient:
    def fetch(url: str) -> bytes:
        content = tree[urlsplit(url).path[1:]].content
        return content if isinstance(content, bytes) else content.sha256.encode()

    return FeedClient("https://dl.acme.example/chocolatey/index.json", fetch)


def test_the_feed_keeps_a_withdrawn_package_unlisted() -> None:
    _, tree = gone(acme(), YANKED)
    feed = client(tree)
    assert {entry["version"]: entry["listed"] for entry in feed.registration("taskguard")} == {"1.3.0": True, "1.4.0": False, "1.5.0-beta.2": True}
    assert feed.versions("taskguard") == ["1.3.0", "1.4.0", "1.5.0-beta.2"], "unlisted ones are there for those who ask for them"
    assert feed.download("taskguard", "1.4.0")
    (hit,) = feed.search("taskguard")
    assert hit["version"] == "1.3.0"
    assert [version["version"] for version in hit["versions"]] == ["1.3.0", "1.5.0-beta.2"]
    assert not json.loads(text(tree, "chocolatey/registration/taskguard/1.4.0.json"))["listed"]


def test_an_id_with_nothing_listed_is_not_found() -> None:
    _, tree = gone(acme(), *EVERYTHING)
    assert client(tree).search("") == []
    assert client(tree).complete("") == []
    assert [entry["listed"] for entry in client(tree).registration("quiet")] == [False]


def test_a_package_is_not_made_again_for_another_channel() -> None:
    windows = [archive("hello", "1.0.0", "windows", "amd64", suffix="zip", channel=channel) for channel in ("beta", "stable")]
    made, tree = gone(catalog(*windows), Yank(product="hello", version="1.0.0", channel="beta"))
    assert [(a.kind, a.channel) for a in made.artifacts if a.kind is Kind.NUPKG] == [(Kind.NUPKG, "stable")]
    assert isinstance(tree["chocolatey/hello.1.0.0.nupkg"].content, Blob), "the store has it"
    assert [entry["listed"] for entry in client(tree).registration("hello")] == [True]


def test_the_page_strikes_it_out_with_date_and_reason() -> None:
    page = text(gone(acme(), YANKED)[1], "index.html")
    assert '<s>1.4.0</s> withdrawn on <time datetime="2026-11-20T10:00:00Z">20 November 2026</time>: <bdi>loses &lt;b&gt;data' in page
    assert "<b>data" not in page
    assert page.count("1.4.0") == 1, "offered nowhere"


def test_channels_in_which_nothing_is_left_are_told_with_the_first_one() -> None:
    _, tree = gone(acme(), Yank(product="taskguard", version="1.5.0-beta.2"))
    assert '<s>1.5.0-beta.2</s> <span class="badge channel-other">beta</span> withdrawn' in text(tree, "index.html")


def test_repo_json_lists_it() -> None:
    site = json.loads(text(gone(acme(), YANKED)[1], "repo.json"))
    assert site["withdrawn"] == [
        {"product": "taskguard", "version": "1.4.0", "channel": "stable", "released": "2026-09-14T09:00:00Z", "date": NOW, "reason": REASON}
    ]
    assert "1.4.0" not in json.dumps(site["products"])


def test_the_advisory_is_retracted_and_names_no_package() -> None:
    updates = yum(gone(acme(), YANKED)[1], "stable", "updateinfo")
    (advisory,) = (update for update in updates.split("<update ") if "acme-taskguard-1.4.0" in update)
    assert 'status="retracted"' in advisory
    assert "Withdrawn: loses &lt;b&gt;data" in advisory
    assert '<updated date="2026-11-20 10:00:00"/>' in advisory
    assert "<package " not in advisory


def test_undone_everything_is_offered_again() -> None:
    _, before = derived(replace(acme(), date=NOW), config())
    made, after = gone(acme(), YANKED, Reinstate(product="taskguard", version="1.4.0"))
    assert not made.withdrawn
    changed = {path for path in before if path in after and before[path].sha256 != after[path].sha256}
    assert changed == {path for path in changed if path.startswith(("homebrew/acme.git/", "scoop/acme.git/"))}, "histories alone are others"


@pytest.mark.parametrize(
    ("edits", "arguments", "sentence"),
    [
        ((YANKED,), ("--product", "taskguard", "--version", "1.4.0"), "taskguard 1.4.0 was withdrawn: loses <b>data</b>"),
        (EVERYTHING, ("--product", "quiet"), "quiet 1.0.0 was withdrawn"),
        (EVERYTHING, (), "nothing is offered here now"),
        (EVERYTHING, ("--product", "nope"), "there is no product 'nope'"),
        ((YANKED,), ("--product", "taskguard", "--channel", "nightly"), "there is no taskguard in channel nightly"),
    ],
)
def test_install_sh_never_installs_it(edits: tuple[Yank, ...], arguments: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    require("dash", "shellcheck")
    script = tmp_path / "install.sh"
    script.write_text(text(gone(acme(), *edits)[1], "install.sh"))
    run("shellcheck", "-s", "sh", script)
    done = run("dash", script, *arguments, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert not (tmp_path / "HACKED").exists()


def test_install_sh_takes_the_older_one(tmp_path: Path) -> None:
    script = tmp_path / "install.sh"
    script.write_text(text(gone(acme(), YANKED)[1], "install.sh"))
    assert "Installing taskguard 1.3.0 (stable)" in run("dash", script, "--product", "taskguard", "--archive", "--dry-run", check=False).stderr


def test_after_a_rollback_the_indices_are_those_of_then() -> None:
    then, before = derived(acme(), config())
    later = then.add([*terminal_release("1.6.0"), *terminal_release("1.7.0-beta.1", channel="beta"), deb("new", "1.0.0")])
    new = Product(id="new", title="New")
    now, _ = derived(replace(later, products=(*then.products, new)), config())
    _, after = derived(replace(edited(now, Rollback(number=1, catalog=then), NOW), date=then.date), config())
    differing = {path for path in before if path not in after or before[path].sha256 != after[path].sha256}
    named = {path for path in differing if not path.startswith(("homebrew/acme.git/", "scoop/acme.git/", "chocolatey/", "yum/"))}
    assert named == {"index.html", "repo.json", "install.sh", "install.ps1"}, "which tell of what was withdrawn"
    assert {path.rpartition("-")[2] for path in differing if path.startswith("yum/")} <= {"updateinfo.xml.gz", *_ENTRIES}
    assert "new" not in text(after, "apt/dists/stable/main/binary-amd64/Packages")


_ENTRIES = {"yum/stable/repodata/repomd.xml", "yum/beta/repodata/repomd.xml"}
