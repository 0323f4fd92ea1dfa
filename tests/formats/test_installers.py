"""install.sh as a text; tests/clients/test_install_sh.py runs it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from repogen.artifact import Artifact, Kind
from repogen.catalog import Catalog
from repogen.config import RepoConfig
from repogen.formats import installers
from repogen.tree import Stage
from tests.support.catalogs import catalog, config
from tests.support.clients import require, run
from tests.support.install_site import SHELLS
from tests.support.releases import acme, archive, deb, download, rpm

HOSTILE = "'; touch HACKED; $(touch HACKED) `touch HACKED` \"\\\n#"


def script(made: Catalog, **repo: str) -> str:
    settings = config(repo=RepoConfig(**{"name": "acme", "url": "https://dl.acme.example", "title": "Acme Tools", **repo}))
    return installers.render(made, settings)["install.sh"].content.decode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "install.sh"


def hostile() -> Artifact:
    """An archive whose every text tries to leave its quoting."""
    made = archive("hello", "1.0.0", "linux", "amd64")
    facts = type(made.facts)(members=(HOSTILE,), executables=(HOSTILE,))
    return type(made)(**{f: getattr(made, f) for f in made.__struct_fields__} | {"version": f"1{HOSTILE}", "filename": HOSTILE, "facts": facts})


@pytest.mark.parametrize(
    "made", [acme(), acme(keys=()), catalog(), catalog(hostile()), catalog(rpm("hello", "1.0.0"))], ids=["acme", "unsigned", "empty", "hostile", "rpm"]
)
def test_shellcheck_has_nothing_to_say(made: Catalog, path: Path) -> None:
    require("shellcheck")
    path.write_text(script(made, title=HOSTILE.replace("\n", "")), encoding="utf-8")
    run("shellcheck", "-s", "sh", path)


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_no_value_leaves_its_quoting(shell: tuple[str, ...], path: Path) -> None:
    require(shell[0])
    path.write_text(script(catalog(hostile()), title=HOSTILE.replace("\n", "")), encoding="utf-8")
    run(*shell, path, "--dry-run", "--archive", cwd=path.parent, check=False)
    run(*shell, path, "--help", cwd=path.parent)
    assert not (path.parent / "HACKED").exists()


def test_a_script_that_is_cut_short_runs_nothing(path: Path) -> None:
    """Cut every few bytes, and at each of the last ones, where the call stands."""
    require("dash", "head")
    whole = script(catalog(archive("hello", "1.0.0", "linux", "amd64"))).replace("set -eu\n", "set -eu\n: >RAN\n", 1)
    path.write_text(whole, encoding="utf-8")
    size, script_name = path.stat().st_size, path.name
    cuts = [*range(0, size - 80, 19), *range(size - 80, size - 1)]
    # One shell starts all the others, since starting them from here would take most of the time.
    loop = f'while read -r cut; do head -c "$cut" {script_name} | dash -s -- --help; [ ! -e RAN ] || {{ echo "$cut"; exit; }}; done 2>/dev/null'
    assert run("dash", "-c", loop, stdin="".join(f"{cut}\n" for cut in cuts).encode(), cwd=path.parent, check=False).stdout == ""
    run("dash", "-s", "--", "--help", stdin=whole.encode(), cwd=path.parent)
    assert (path.parent / "RAN").exists()


def test_every_release_that_is_offered_carries_checksums() -> None:
    text = script(acme())
    for release in ("1.3.0", "1.4.0", "1.5.0-beta.2"):
        assert f"'downloads/taskguard/{release}/taskguard-{release}-linux-amd64.tar.gz'" in text
    assert "'taskguard' 'stable' '1.3.0' 'amd64' 'taskguard' '1.3.0-1'" in text


def test_programs_are_named_as_people_run_them() -> None:
    assert "'hello-1.0.0-linux-amd64/hello=hello'" in script(catalog(archive("hello", "1.0.0", "linux", "amd64")))
    assert re.search(
        r"'program' '[0-9a-f]{64}' '[^']+' 'hello'$", script(catalog(download("hello", "1.0.0", "hello-linux", Kind.BINARY, "linux", "amd64"))), re.MULTILINE
    )


def test_the_source_files_and_the_key_stand_in_the_script() -> None:
    text = script(acme())
    assert "Suites: stable\n" in text
    assert "Suites: stable beta\n" in text
    assert "gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-acme" in text
    assert acme().keys[0].armored in text


def test_variables_are_named_after_the_site() -> None:
    assert "${MY_TOOLS_DIR:-}" in script(acme(), name="my-tools")
    assert "${_7TOOLS_DIR:-}" in script(acme(), name="7tools")


def test_it_is_what_people_ask_for_first_and_always_the_same() -> None:
    tree = installers.render(acme(), config())
    assert tree["install.sh"].stage is Stage.ENTRY
    assert tree["install.sh"].content == installers.render(acme(), config())["install.sh"].content


def test_a_source_package_is_not_installed() -> None:
    made = catalog(rpm("hello", "1.0.0"), rpm("hello", "1.0.0", "src"), deb("hello", "1.0.0"))
    assert "'src'" not in script(made)
