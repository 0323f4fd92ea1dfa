"""RuboCop, with what ``brew style`` sets of its own rules, on formulas and casks whose texts are longer than a line, and on the golden files."""

from __future__ import annotations

from pathlib import Path

import pytest

from repogen.artifact import ArchiveFacts, InstallerFacts, Kind
from repogen.catalog import Catalog, Product
from repogen.edits import Yank, edited
from repogen.formats import homebrew
from repogen.homebrew_config import ProductHomebrewConfig
from tests.support.brew import MACHINES, evaluate
from tests.support.catalogs import catalog, config
from tests.support.clients import require, run
from tests.support.releases import archive, download

_TOP = Path(__file__).parents[2]
RULES = _TOP / "tests/clients/brew_style.yml"
LONG = "because it writes over the files of whoever asks it for something, and tells nobody of it until the next full moon comes up"
NAMES = tuple(f"thing-{number}" for number in range(6))


def write(made: Catalog, folder: Path) -> list[Path]:
    """The formulas and casks of a catalog as they stand in the tap."""
    tree = homebrew.render(homebrew.derive(made, config()).catalog, config())
    written = []
    for path, file in tree.items():
        if path.endswith(".rb"):
            target = folder / path.removeprefix("homebrew/")
            target.parent.mkdir(parents=True, exist_ok=True)
            assert isinstance(file.content, bytes)
            target.write_bytes(file.content)
            written.append(target)
    return written


def offences(folder: Path) -> str:
    require("rubocop")
    done = run("rubocop", "--cache", "false", "--format", "emacs", "--config", RULES, folder, check=False)
    return "\n".join(line for line in done.stdout.splitlines() if ".rb:" in line)


@pytest.fixture(scope="module")
def everything_long() -> Catalog:
    """Every text that may be long is."""
    asked = ProductHomebrewConfig(
        macos_depends=NAMES,
        linux_depends=NAMES,
        conflicts=NAMES,
        keg_only="",
        service=("hello", "serve", *(f"--option-{number}=a-rather-long-value-of-it" for number in range(6))),
        caveats=f"{LONG}\n\n{LONG}",
        deprecated=LONG,
        deprecated_on="2026-11-20",
    )
    hello = Product(
        id="hello",
        title="Hello",
        description=LONG,
        license="(MIT AND ISC AND Zlib) OR (Apache-2.0 WITH LLVM-exception AND GPL-3.0-or-later) OR BSD-3-Clause OR MPL-2.0 OR 0BSD",
        depends=NAMES,
        test_args=" ".join(f"--option-{number}=a-rather-long-value-of-it" for number in range(6)),
        homebrew=asked,
    )
    member = "share/hello/completions/for/the/bourne-again/shell/hello.bash-completion"
    facts = ArchiveFacts(members=("hello", member), executables=("hello",))
    files = [download("hello", version, f"hello-{version}.tar.gz", Kind.TAR, "any", "any", facts=facts) for version in ("1.0.0", "1.1.0", "2.0.0")]
    greeter = Product(id="greeter", title="Greeter", license="MIT OR ISC OR Zlib OR 0BSD", homebrew=ProductHomebrewConfig(keg_only=LONG))
    versioned = Product(id="shout", title="Shout", test_args=f"say '{LONG}'")
    quiet = Product(
        id="quiet",
        title="Quiet",
        depends=NAMES,
        homebrew=ProductHomebrewConfig(
            conflicts=NAMES,
            zap=tuple(f"~/Library/Preferences/{name}" for name in NAMES),
            uninstall={"launchctl": NAMES, "quit": tuple(f"example.{name}" for name in NAMES), "pkgutil": ("a", "b", "c", "d")},
            deprecated=LONG,
            deprecated_on="2026-11-20",
        ),
    )
    images = [download("quiet", version, f"Quiet-{version}.dmg", Kind.DMG, "macos", "universal", facts=InstallerFacts()) for version in ("1.0.0", "2.0.0")]
    programs = [archive(name, "1.0.0", "linux", "amd64") for name in ("greeter", "shout")]
    made = catalog(*files, *images, *programs, products=(hello, greeter, quiet, versioned))
    for product, version in (("hello", "1.0.0"), ("quiet", "1.0.0")):
        made = edited(made, Yank(product=product, version=version, reason=LONG), "2026-11-20T10:00:00Z")
    return made


def test_long_texts_are_in_style(tmp_path: Path, everything_long: Catalog) -> None:
    written = write(everything_long, tmp_path)
    assert len(written) == 7
    assert offences(tmp_path) == ""
    for file in written:
        assert run("ruby", "-wc", file).stdout == "Syntax OK\n"


def test_long_texts_say_the_same(tmp_path: Path, everything_long: Catalog) -> None:
    write(everything_long, tmp_path)
    said = {
        name: evaluate(tmp_path / name, "macos", "arm")["stanzas"]
        for name in ("Formula/hello.rb", "Formula/hello-1.0.rb", "Casks/quiet.rb", "Casks/quiet-1.0.rb")
    }
    assert said["Formula/hello.rb"]["deprecate!"] == ["2026-11-20", LONG, None]
    assert said["Formula/hello-1.0.rb"]["disable!"] == ["2026-11-20", f"was withdrawn: {LONG}", "acme/tap/hello"]
    assert said["Formula/hello.rb"]["service"]["run"][2] == "--option-0=a-rather-long-value-of-it"
    assert said["Formula/hello.rb"]["caveats"] == f"{LONG}\n\n{LONG}\n"
    assert {name for name, _ in said["Formula/hello.rb"]["conflicts_with"]} == set(NAMES)
    assert said["Casks/quiet.rb"]["conflicts_with"] == list(NAMES)
    assert said["Casks/quiet-1.0.rb"]["disable!"] == ["2026-11-20", f"was withdrawn: {LONG}", "acme/tap/quiet"]
    for system, arch in MACHINES:
        assert "unsupported" not in evaluate(tmp_path / "Formula/hello.rb", system, arch)


def test_golden_files_are_in_style(tmp_path: Path) -> None:
    for file in (_TOP / "tests/golden/homebrew").glob("*.rb"):
        text = file.read_text()
        folder = tmp_path / ("Casks" if text.startswith("cask ") else "Formula")
        folder.mkdir(exist_ok=True)
        (folder / file.name).write_text(text)
    assert offences(tmp_path) == ""
