"""``repogen plan`` tells what publish would do, and ``publish --plan`` does exactly that or refuses."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.support.keys import fingerprint, secret_key
from tests.support.packages import make_deb, make_rpm
from tests.support.site import Project

CHANGES, REFUSED, WRONG = 10, 3, 2


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """1.0.0 is published, 1.1.0 is built."""
    made = Project(tmp_path / "acme")
    made.release(make_deb(tmp_path / "1"), make_rpm(tmp_path / "1"))
    made.empty()
    made.add(make_deb(tmp_path / "2", version="1.1.0"))
    made.build()
    return made


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in {"lock", "put.lock"})
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_what_is_shown(project: Project) -> None:
    shown = project.run("plan", code=CHANGES).stdout
    assert "+ apt/pool/main/h/hello/hello_1.1.0_amd64.deb" in shown
    assert "~ apt/dists/stable/InRelease" in shown
    assert "hello 1.1.0 in stable appears" in shown
    assert "disappears" not in shown
    project.publish()
    assert project.run("plan").stdout == "nothing to do\n"
    assert json.loads(project.run("plan", "--json").stdout)["puts"] == []


def test_the_json_has_all_of_it(project: Project) -> None:
    before = digests(project.site)
    plan = json.loads(project.run("plan", "--json", code=CHANGES).stdout)
    assert digests(project.site) == before
    project.publish()
    after = digests(project.site)
    changed = {path for path in after if after[path] != before.get(path) and not path.startswith(".repogen/")}
    assert {put["path"] for put in plan["puts"]} == changed
    assert {put["path"]: put["sha256"] for put in plan["puts"]} == {path: after[path] for path in changed}
    assert plan["bytes"] == sum((project.site / path).stat().st_size for path in changed)
    assert plan["copied"] == 0
    assert plan["requests"] >= len(changed)
    assert plan["stale"]
    assert all(path in before for path in plan["stale"])
    assert plan["effects"]["appear"] == [{"product": "hello", "version": "1.1.0", "channel": "stable"}]
    assert plan["effects"]["disappear"] == plan["effects"]["identity"] == plan["effects"]["keys_added"] == []


def test_versions_that_disappear_keys_and_identity(project: Project, tmp_path: Path) -> None:
    project.publish()
    url = "https://dl.acme.example"
    project.environment["REPOGEN_SIGNING_KEY"] += secret_key("rsa3072")
    project.configure(url=url, to="site", retention={"keep": 1}, apt={"label": "Other"})
    project.add(make_deb(tmp_path / "3", version="1.2.0"))
    project.build("--accept-identity-change")
    effects = json.loads(project.run("plan", "--json", code=CHANGES).stdout)["effects"]
    gone = [version["version"] for version in effects["disappear"]]
    assert gone == ["1.0.0", "1.1.0"]
    assert effects["keys_added"] == [fingerprint(secret_key("rsa3072"))]
    assert len(effects["identity"]) == 1
    assert "Label" in effects["identity"][0]
    shown = project.run("plan", code=CHANGES).stdout
    assert "hello 1.0.0 in stable disappears" in shown
    assert "signs from now on" in shown


def test_another_name_is_refused_unless_it_is_accepted(project: Project) -> None:
    project.publish()
    tables = {"url": "https://dl.acme.example", "to": "site"}
    project.configure(repo={"name": "other"}, **tables)
    said = "the name of the repository would change from 'acme' to 'other'"
    for words in (("build",), ("yank", "hello", "1.0.0")):
        refused = project.run(*words, code=3).stderr
        assert said in refused
        assert "--accept-identity-change" in refused
    assert not (project.site / "other.repo").exists()
    project.build("--accept-identity-change")
    assert json.loads(project.run("plan", "--json", code=CHANGES).stdout)["effects"]["identity"] == [said]
    project.publish()
    project.build()
    project.run("yank", "hello", "1.0.0")
    project.configure(**tables)
    assert "would change from 'other' to 'acme'" in project.build(code=3).stderr


@pytest.mark.parametrize("how", ["--out", "--json"])
def test_a_saved_plan_is_carried_out(project: Project, how: str) -> None:
    file = project.folder / "plan.json"
    if how == "--out":
        project.run("plan", "--out", "plan.json", code=CHANGES)
    else:
        file.write_text(project.run("plan", "--json", code=CHANGES).stdout)
    assert "snapshot 2" in project.publish("--plan", "plan.json").stderr
    assert "up to date" in project.publish("--plan", "plan.json").stderr


def test_somebody_published_since(project: Project, tmp_path: Path) -> None:
    project.run("plan", "--out", "plan.json", code=CHANGES)
    other = Project(tmp_path / "other", to=str(project.site))
    other.release(make_deb(tmp_path / "3", version="1.2.0"))
    before = digests(project.site)
    said = project.publish("--plan", "plan.json", code=REFUSED).stderr
    assert "follows snapshot 1" in said
    assert "snapshot 2 stands now" in said
    assert digests(project.site) == before
    project.publish()


def test_something_else_is_published_and_built_since(project: Project, tmp_path: Path) -> None:
    """That there is nothing to do then does not mean that the plan was carried out."""
    project.run("plan", "--out", "plan.json", code=CHANGES)
    project.empty()
    project.release(make_deb(tmp_path / "3", version="1.2.0"))
    assert "snapshot 2 stands now" in project.publish("--plan", "plan.json", code=REFUSED).stderr


def test_other_bytes_were_built_since(project: Project, tmp_path: Path) -> None:
    project.run("plan", "--out", "plan.json", code=CHANGES)
    project.add(make_deb(tmp_path / "3", version="1.2.0"))
    project.build()
    before = digests(project.site)
    assert "what is built now is not what was planned" in project.publish("--plan", "plan.json", code=REFUSED).stderr
    assert digests(project.site) == before


def test_another_destination(project: Project, tmp_path: Path) -> None:
    project.run("plan", "--out", "plan.json", code=CHANGES)
    assert "the plan is for" in project.publish("--plan", "plan.json", "--to", str(tmp_path / "elsewhere"), code=REFUSED).stderr
    assert not (tmp_path / "elsewhere/index.html").exists()


@pytest.mark.parametrize("damage", [lambda text: text[:-40], lambda text: text.replace('"size": ', '"size": 1', 1), lambda _: "{}", lambda _: "\0"])
def test_a_damaged_plan(project: Project, damage) -> None:
    project.run("plan", "--out", "plan.json", code=CHANGES)
    file = project.folder / "plan.json"
    file.write_text(damage(file.read_text()))
    assert "plan.json" in project.publish("--plan", "plan.json", code=WRONG).stderr


def test_a_plan_that_is_not_there(project: Project) -> None:
    assert "no-plan" in project.publish("--plan", "no-plan", code=WRONG).stderr
    assert "nowhere" in project.run("plan", "--out", "nowhere/plan.json", code=WRONG).stderr
