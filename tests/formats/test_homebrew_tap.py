"""The tap's history: deterministic, append-only, and a repository that git accepts."""

from __future__ import annotations

import json
from pathlib import Path

from msgspec.structs import replace

from repogen.artifact import Artifact
from repogen.catalog import Catalog, GitHead, Product
from repogen.config import RepoConfig
from repogen.formats import homebrew
from repogen.homebrew_config import ProductHomebrewConfig
from repogen.instructions import instructions
from repogen.tree import Stage, Tree
from tests.support.catalogs import catalog, config
from tests.support.clients import require, run
from tests.support.releases import QUIET, TASKGUARD, application_release, archive, terminal_release

TAP = "homebrew/acme.git"
ONE = tuple(archive("hello", "1.0.0", os, "arm64") for os in ("macos", "linux"))
TWO = tuple(archive("hello", "1.1.0", os, "arm64", date="2026-01-02T11:00:00Z") for os in ("macos", "linux"))


def write(tree: Tree, folder: Path) -> Path:
    """The repository as files, which git opens as they are."""
    for path, file in tree.items():
        assert isinstance(file.content, bytes)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(file.content)
    return folder / TAP


def site(catalog: Catalog) -> tuple[Catalog, Tree]:
    derived = homebrew.derive(catalog, config())
    return derived.catalog, derived.tree | homebrew.render(derived.catalog, config())


def later(catalog: Catalog, *artifacts: Artifact, date: str = "2026-01-02T12:00:00Z") -> Catalog:
    return replace(catalog.add(artifacts), date=date)


def test_the_same_catalog_is_the_same_repository() -> None:
    assert site(catalog(*ONE)) == site(catalog(*ONE))


def test_nothing_new_is_no_commit() -> None:
    first, _ = site(catalog(*ONE))
    again = homebrew.derive(later(first), config())
    assert again.catalog.repositories == first.repositories
    assert not again.tree


def test_a_release_is_one_commit_on_top(tmp_path: Path) -> None:
    require("git")
    first, tree = site(catalog(*ONE))
    write(tree, tmp_path)
    second, more = site(later(first, *TWO))
    repository = write(more, tmp_path)
    assert run("git", "-C", repository, "fsck", "--strict", "--full").stderr == ""
    log = run("git", "-C", repository, "log", "--format=%s|%an|%ae|%aI|%cI", "main").stdout.splitlines()
    assert log == [
        "hello 1.1.0|Acme Releases|releases@acme.example|2026-01-02T11:00:00+00:00|2026-01-02T12:00:00+00:00",
        "hello 1.0.0|Acme Releases|releases@acme.example|2026-01-01T12:00:00+00:00|2026-01-01T12:00:00+00:00",
    ]
    everything = run("git", "-C", repository, "rev-list", "--objects", "main").stdout.split("\n")[:-1]
    assert sorted(line.split()[0] for line in everything) == list(second.repositories[TAP].objects)
    # A formula and that of the earlier version, their folder, the root and the commit: the README is the same object.
    assert len([path for path in more if path not in tree and "/objects/" in path]) == 5


def test_a_rollback_is_a_commit_too(tmp_path: Path) -> None:
    require("git")
    first, tree = site(catalog(*ONE))
    second, more = site(later(first, *TWO))
    back, last = site(replace(first, repositories=second.repositories, date="2026-01-03T12:00:00Z"))
    for part in (tree, more, last):
        repository = write(part, tmp_path)
    assert run("git", "-C", repository, "log", "--format=%s", "main").stdout.splitlines() == [
        "Change Formula/hello.rb, remove Formula/hello@1.0.rb",
        "hello 1.1.0",
        "hello 1.0.0",
    ]
    assert back.repositories[TAP].tree == first.repositories[TAP].tree
    assert set(second.repositories[TAP].objects) < set(back.repositories[TAP].objects)
    assert run("git", "-C", repository, "fsck", "--strict").stderr == ""


def test_when_everything_is_withdrawn_the_tap_stays(tmp_path: Path) -> None:
    require("git")
    first, tree = site(catalog(*ONE))
    _, more = site(replace(first, artifacts=(), releases=(), date="2026-01-02T12:00:00Z"))
    write(tree, tmp_path)
    repository = write(more, tmp_path)
    assert run("git", "-C", repository, "ls-tree", "-r", "--name-only", "main").stdout == "README.md\n"


def test_the_entry_file_is_the_switch() -> None:
    _, tree = site(catalog(*ONE))
    entries = [path for path, file in tree.items() if file.stage is Stage.ENTRY]
    assert entries == [f"{TAP}/info/refs"]
    assert all(file.stage is Stage.PAYLOAD for path, file in tree.items() if "/objects/" in path and "/info/" not in path)


def test_each_release_of_a_publish_is_a_commit(tmp_path: Path) -> None:
    require("git")
    more = (
        archive("tidy", "0.9.0", "linux", "amd64"),
        archive("tidy", "2.0.0", "linux", "amd64"),
        archive("hello", "1.0.0-beta.1", "linux", "amd64", channel="beta"),
    )
    _, tree = site(catalog(*ONE, *more))
    repository = write(tree, tmp_path)
    log = run("git", "-C", repository, "log", "--format=%s", "--name-status", "--no-renames", "main").stdout.split("\n")
    assert [line for line in log if line] == [
        "tidy 2.0.0",
        "A\tFormula/tidy.rb",
        "A\tREADME.md",
        "tidy 0.9.0",
        "A\tFormula/tidy@0.9.rb",
        "hello 1.0.0",
        "A\tFormula/hello.rb",
        "hello 1.0.0-beta.1",
        "A\tAliases/hello@beta",
        "A\tFormula/hello-beta.rb",
    ]
    assert run("git", "-C", repository, "fsck", "--strict", "--full").stderr == ""


def test_very_many_releases_at_once_are_one_commit(tmp_path: Path) -> None:
    require("git")
    _, tree = site(catalog(*(archive(f"program-{n}", "1.0.0", "linux", "amd64") for n in range(51))))
    message = run("git", "-C", write(tree, tmp_path), "log", "--format=%B", "main").stdout
    assert message.startswith("51 releases\n\nprogram-0 1.0.0\n")


def test_a_history_of_an_older_repogen_goes_on(tmp_path: Path) -> None:
    require("git")
    first, tree = site(catalog(*ONE))
    write(tree, tmp_path)
    head = first.repositories[TAP]
    old = GitHead(commit=head.commit, tree=head.tree, objects=head.objects)
    _, more = site(later(replace(first, repositories={TAP: old}), *TWO))
    repository = write(more, tmp_path)
    assert run("git", "-C", repository, "log", "--format=%s", "main").stdout.splitlines() == ["2 releases", "hello 1.0.0"]
    assert run("git", "-C", repository, "fsck", "--strict", "--full").stderr == ""


def test_no_maintainer_or_title_can_break_a_commit(tmp_path: Path) -> None:
    require("git")
    for number, who in enumerate(["", "no address", "<>", "A <a@b> <c@d>", '"Q, R" <q@r>', "x < y > z <w@v"]):
        repo = RepoConfig(name="acme", url="https://dl.acme.example", title="`id` <b>*x*</b> [a](javascript:x)", maintainer=who)
        derived = homebrew.derive(catalog(*ONE), config(repo=repo))
        tree = derived.tree | homebrew.render(derived.catalog, config(repo=repo))
        repository = write(tree, tmp_path / str(number))
        assert run("git", "-C", repository, "fsck", "--strict", "--full").stderr == ""
        readme = run("git", "-C", repository, "cat-file", "-p", "main:README.md").stdout
        assert r"\`id\` \<b\>\*x\*\</b\> \[a\](javascript:x)" in readme


def test_every_line_for_brew_names_what_the_tap_holds() -> None:
    whole = catalog(*terminal_release("1.4.0"), *terminal_release("1.5.0-beta.2", channel="beta"), *application_release("2.0.0"), products=(QUIET, TASKGUARD))
    tree = homebrew.render(homebrew.derive(whole, config()).catalog, config())
    named = set()
    for release in whole.releases:
        for instruction in instructions(whole, config(), release.product, release.channel):
            if instruction.client == "brew":
                line = instruction.steps[0].line
                folder = "Casks" if "--cask" in line else "Formula"
                named.add(f"homebrew/{folder}/{line.rpartition('/')[2].replace('@', '-')}.rb")
    assert len(named) == 3
    assert named <= set(tree)


def names(made: Catalog, tmp_path: Path) -> dict[str, object]:
    """What the JSON files of the tap say, by their names; ``Aliases`` has where each leads."""
    require("git")
    derived, tree = site(made)
    repository = write(tree, tmp_path)
    said: dict[str, object] = {"Aliases": {}}
    for line in run("git", "-C", repository, "ls-tree", "-r", derived.repositories[TAP].commit).stdout.splitlines():
        (mode, _, id), path = line.split("\t")[0].split(), line.split("\t")[1]
        if path.endswith(".json"):
            said[path] = json.loads(run("git", "-C", repository, "cat-file", "-p", id).stdout)
        assert (mode == "120000") == path.startswith("Aliases/")
        if mode == "120000":
            target = run("git", "-C", repository, "cat-file", "-p", id).stdout
            run("git", "-C", repository, "cat-file", "-e", f"main:{target.removeprefix('../')}")
            said["Aliases"] |= {path: target}  # type: ignore[operator]
    return said


def test_a_formula_of_a_channel_has_the_name_that_casks_have_too(tmp_path: Path) -> None:
    beta, dated = (archive("hello", "2.0.0", "linux", "amd64", channel=channel) for channel in ("beta", "2026"))
    assert names(catalog(*ONE, beta, dated), tmp_path) == {"Aliases": {"Aliases/hello@beta": "../Formula/hello-beta.rb"}}


def test_an_earlier_name_leads_to_the_new_one(tmp_path: Path) -> None:
    asked = ProductHomebrewConfig(formerly=("ahoy", "hi"))
    made = catalog(*ONE, products=(Product(id="hello", title="Hello", homebrew=asked),))
    assert names(made, tmp_path)["formula_renames.json"] == {"ahoy": "hello", "hi": "hello"}


def test_a_name_that_is_in_use_leads_nowhere(tmp_path: Path) -> None:
    asked = ProductHomebrewConfig(formerly=("ahoy",))
    made = catalog(*ONE, archive("ahoy", "1.0.0", "linux", "amd64"), products=(Product(id="hello", title="Hello", homebrew=asked),))
    assert "formula_renames.json" not in names(made, tmp_path)


def test_a_product_that_has_moved_leads_to_the_other_tap(tmp_path: Path) -> None:
    first, tree = site(catalog(*ONE))
    write(tree, tmp_path)
    moved = Product(id="hello", title="Hello", homebrew=ProductHomebrewConfig(moved_to="homebrew/core", formerly=("hi",)))
    assert names(first.with_product(moved), tmp_path)["tap_migrations.json"] == {"hello": "homebrew/core", "hi": "homebrew/core"}


def test_a_formula_that_became_a_cask_leads_to_it(tmp_path: Path) -> None:
    first, tree = site(catalog(*ONE))
    write(tree, tmp_path)
    cask = Product(id="hello", title="Hello", homebrew=ProductHomebrewConfig(kind="cask"))
    now, more = site(replace(first.with_product(cask), date="2026-01-02T12:00:00Z"))
    write(more, tmp_path)
    assert names(now, tmp_path)["tap_migrations.json"] == {"hello": "acme/tap/hello"}
    later_on, even_more = site(later(now, *TWO, date="2026-01-03T12:00:00Z"))
    write(even_more, tmp_path)
    assert names(later_on, tmp_path)["tap_migrations.json"] == {"hello": "acme/tap/hello"}


def test_what_a_channel_has_leads_to_its_name_as_the_other_kind(tmp_path: Path) -> None:
    kinds = [Product(id="hello", title="Hello", homebrew=ProductHomebrewConfig(kind=kind)) for kind in ("formula", "cask", "formula")]
    now, expected = catalog(*ONE, archive("hello", "2.0.0", "macos", "arm64", channel="beta")), [
        None,
        {"hello": "acme/tap/hello", "hello-beta": "acme/tap/hello@beta"},
        {"hello": "acme/tap/hello", "hello@beta": "acme/tap/hello-beta"},
    ]  # fmt: skip
    for day, (product, leads) in enumerate(zip(kinds, expected, strict=True), 1):
        now, tree = site(replace(now.with_product(product), date=f"2026-02-0{day}T12:00:00Z"))
        write(tree, tmp_path)
        assert names(now, tmp_path).get("tap_migrations.json") == leads
