"""The documents and the code say the same."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest

from repogen import __version__, config
from repogen.effects import Effects, Version
from repogen.saved_plan import PlannedPut, SavedPlan

TOP = Path(__file__).parent.parent
DOCUMENTS = sorted([*TOP.glob("*.md"), *TOP.glob("docs/**/*.md"), *TOP.glob("examples/**/*.md")])


def configuration_page() -> str:
    spec = importlib.util.spec_from_file_location("configuration_page", TOP / "make/configuration_page.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.page((TOP / "repogen/config.py").read_text(encoding="utf-8"))


def test_the_configuration_page_is_what_the_code_says():
    written = (TOP / "docs/configuration.md").read_text(encoding="utf-8")
    assert written == configuration_page(), "run `make golden` and read the difference"


def test_every_configuration_key_is_explained():
    for line in configuration_page().splitlines():
        if re.match(r"\| `\w+` \| (?!.*S3)", line):
            assert not line.endswith("|  |"), line


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(TOP)))
def test_links_inside_the_repository_lead_somewhere(document):
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not re.match(r"[a-z]+:", target):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(TOP)))
def test_configuration_shown_to_readers_is_accepted(document):
    for block in re.findall(r"```toml\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL):
        data = tomllib.loads(block)
        if "repo" in data:
            config.parse(data, document)


def test_the_examples_configuration_is_accepted():
    assert config.load(TOP / "examples/hello/repogen.toml").repo.name == "acme"


def test_the_changelog_begins_with_this_version():
    assert re.search(r"^## (\S+)", (TOP / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)[1] == __version__


def test_every_make_target_of_the_readme_exists():
    targets = set(re.findall(r"^([a-z-]+):", (TOP / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {target for document in DOCUMENTS for target in re.findall(r"`make ([a-z-]+)", document.read_text(encoding="utf-8"))}
    assert named <= targets


def test_every_field_of_a_plan_is_explained():
    page = (TOP / "docs/publishing.md").read_text(encoding="utf-8")
    section = page[page.index("## Plans") : page.index("## Yank")]
    explained = set(re.findall(r"`(\w+)`", section))
    for kind in (SavedPlan, PlannedPut, Effects, Version):
        assert {field.encode_name for field in msgspec.structs.fields(kind)} <= explained
