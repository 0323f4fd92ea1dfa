"""``repogen push chocolatey`` against a server that writes down what it is sent."""

from __future__ import annotations

import email
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from repogen import community
from repogen.errors import StoreError
from tests.support.packages import make_zip
from tests.support.programs import pe
from tests.support.releases import nupkg
from tests.support.site import Project

KEY = "0123abcd-secret"
MODERATION = "The package hello has a previous version in a submitted state, and no approved stable releases."
NO_KEY = "The specified API key does not provide the authority to push packages."


class Repository:
    """Answers each PUT with the next of its answers, the last one for ever."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, str]] = [(201, "Created")]
        self.packages: list[tuple[str, str, bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """What came in is in ``packages``."""

            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                form = email.message_from_bytes(b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n" + body)
                (part,) = form.get_payload()
                outer.packages.append((self.path, self.headers["X-NuGet-ApiKey"], part.get_payload(decode=True)))
                status, reason = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                self.send_response(status, reason)
                if status == 302:
                    self.send_header("Location", f"http://{self.headers['Host']}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def repository() -> Iterator[Repository]:
    made = Repository()
    yield made
    made.close()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A site with a stable version and a prerelease that the community repository does not take."""
    folder = tmp_path_factory.mktemp("push")
    made = Project(folder / "project", key=None, product=[{"id": "hello", "license": "MIT"}])
    for version in ("1.0.0", "1.1.0", "2.0.0-beta.1"):
        made.add(make_zip(folder / f"hello-{version}-windows-amd64.zip", {"hello.exe": pe("amd64")}, ()))
    made.build("--unsigned")
    made.publish()
    return made


def push(project: Project, repository: Repository, *options: str, code: int = 0) -> tuple[str, str]:
    done = project.run("push", "chocolatey", "--source", repository.url, *options, code=code, env={"REPOGEN_CHOCOLATEY_KEY": KEY})
    assert KEY not in done.stdout + done.stderr
    return done.stdout, done.stderr


def test_the_newest_stable_package_is_pushed(project: Project, repository: Repository) -> None:
    out, said = push(project, repository, "--json")
    assert repository.packages == [("/api/v2/package", KEY, (project.site / "chocolatey/hello.1.1.0.nupkg").read_bytes())]
    assert [(package["id"], package["version"], package["state"]) for package in json.loads(out)["packages"]] == [("hello", "1.1.0", "pushed")]
    assert "hello.1.1.0.nupkg: there is no iconUrl (CPMR0033)" in said


@pytest.mark.parametrize(("status", "reason", "state"), [(403, MODERATION, "waiting"), (409, "This package version already exists.", "there")])
def test_moderation_fails_no_release(project: Project, repository: Repository, status: int, reason: str, state: str) -> None:
    repository.answers = [(status, reason)]
    out, said = push(project, repository, "--json")
    assert json.loads(out)["packages"][0]["state"] == state
    assert reason in said


def test_a_key_that_is_refused_is_a_failure(project: Project, repository: Repository) -> None:
    repository.answers = [(403, NO_KEY)]
    _, said = push(project, repository, code=1)
    assert NO_KEY in said
    assert "set REPOGEN_CHOCOLATEY_KEY" in said


def test_the_key_goes_to_no_other_address(project: Project, repository: Repository) -> None:
    repository.answers = [(302, "Found")]
    push(project, repository, code=1)
    assert [path for path, _, _ in repository.packages] == ["/api/v2/package"]


def test_a_busy_repository_is_asked_again(repository: Repository) -> None:
    waits: list[float] = []
    repository.answers = [(503, "Busy"), (429, "Too many"), (201, "Created")]
    done = community.push(nupkg("hello", "1.0.0"), b"x", KEY, repository.url, waits.append)
    assert done.state is community.State.PUSHED
    assert waits == [2.0, 4.0]
    repository.answers = [(500, "Down")]
    with pytest.raises(StoreError, match="did not take"):
        community.push(nupkg("hello", "1.0.0"), b"x", KEY, repository.url, waits.append)


def test_what_is_not_taken_is_told_and_not_pushed(project: Project, repository: Repository) -> None:
    _, said = push(project, repository, "--channel", "beta")
    assert "takes no version with a dot in its prerelease" in said
    assert repository.packages == []


def test_a_dry_run_needs_no_key_and_pushes_nothing(project: Project, repository: Repository) -> None:
    done = project.run("push", "chocolatey", "--source", repository.url, "--dry-run", env={"REPOGEN_CHOCOLATEY_KEY": ""})
    assert "hello.1.1.0.nupkg would be pushed" in done.stderr
    assert repository.packages == []


@pytest.mark.parametrize(
    ("options", "key", "sentence"),
    [
        ((), "", "REPOGEN_CHOCOLATEY_KEY is not set"),
        (("--product", "other"), KEY, "no Chocolatey package of other is published"),
        (("--channel", "nightly"), KEY, "no Chocolatey package is published in channel nightly"),
        (("--source", "ftp://x"), KEY, "is no http(s) address"),
    ],
)
def test_wrong_use(project: Project, options: tuple[str, ...], key: str, sentence: str) -> None:
    done = project.run("push", "chocolatey", *options, code=2, env={"REPOGEN_CHOCOLATEY_KEY": key})
    assert sentence in done.stderr
