"""The conversation with gpg-agent when the agent does not play along; tests/test_signing.py has the real one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from repogen.errors import SigningError
from repogen.signing.agent import Agent
from repogen.signing.gpg_home import AGENT

GREETING = b"OK Pleased to meet you\n"


@contextmanager
def agent(folder: Path, *answers: bytes) -> Iterator[list[bytes]]:
    """An agent that gives these answers, one to each line it hears; yields what it heard."""
    heard: list[bytes] = []

    def talk() -> None:
        connection, _ = server.accept()
        with connection, connection.makefile("rwb") as stream:
            stream.write(GREETING)
            for answer in answers:
                stream.flush()
                heard.append(stream.readline())
                stream.write(answer)

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / AGENT))
        server.listen()
        thread = threading.Thread(target=talk)
        thread.start()
        yield heard
        thread.join()


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("a")


def test_a_signature_with_a_passphrase(folder: Path) -> None:
    signature = b"D (7:sig-val(5:eddsa(1:r3:%25)1)(1:s2:%0A(\nD )))\nOK\n"
    with agent(folder, b"OK\n", b"OK\n", b"OK\n", b"S INQUIRE_MAXLEN 255\nINQUIRE PASSPHRASE\n", b"", signature) as heard:
        open_agent = Agent(folder, "0" * 40, "p%ä\n")
        assert open_agent.sign([bytes(64)]) == [(b"%)1", b"\n(")]
        open_agent.close()
    assert heard == [
        b"OPTION pinentry-mode=loopback\n",
        b"SIGKEY " + b"0" * 40 + b"\n",
        b"SETHASH --hash=sha512 " + b"00" * 64 + b"\n",
        b"PKSIGN\n",
        b"D p%25%C3%A4%0A\n",
        b"END\n",
    ]


def test_other_questions_are_declined(folder: Path) -> None:
    with agent(folder, b"OK\n", b"OK\n", b"OK\n", b"INQUIRE NEWS\n", b"ERR 99 Operation cancelled\n") as heard:
        open_agent = Agent(folder, "0" * 40, None)
        with pytest.raises(SigningError, match="gpg-agent cannot sign: 99 Operation cancelled"):
            open_agent.sign([bytes(64)])
        open_agent.close()
    assert heard[-1] == b"CAN\n"


def test_an_agent_that_ends(folder: Path) -> None:
    with agent(folder, b"OK\n", b"OK\n", b"OK\n"):
        open_agent = Agent(folder, "0" * 40, None)
        with pytest.raises(SigningError, match="ended while it was signing"):
            open_agent.sign([bytes(64)])
        open_agent.close()


def test_an_answer_without_a_signature(folder: Path) -> None:
    with agent(folder, b"OK\n", b"OK\n", b"OK\n", b"D (3:abc)\nOK\n"):
        open_agent = Agent(folder, "0" * 40, None)
        with pytest.raises(SigningError, match="gave no signature"):
            open_agent.sign([bytes(64)])
        open_agent.close()


def test_no_agent(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Agent(folder, "0" * 40, None)
    with agent(folder, b"ERR 1 No\n"), pytest.raises(SigningError):
        Agent(folder, "0" * 40, None)


def test_many_requests_go_out_before_the_first_answer_once_the_passphrase_is_known(folder: Path) -> None:
    signature = b"D (7:sig-val(5:eddsa(1:r1:a)(1:s1:b)))\nOK\n"
    with agent(folder, b"OK\n", b"OK\n", b"OK\n", signature, b"", b"", b"", b"OK\n" + signature + b"OK\n" + signature) as heard:
        open_agent = Agent(folder, "0" * 40, None)
        assert open_agent.sign([bytes([number]) * 64 for number in range(3)]) == [(b"a", b"b")] * 3
        assert open_agent.sign([]) == []
        open_agent.close()
    assert [line[:23] for line in heard[2:]] == [b"SETHASH --hash=sha512 0", b"PKSIGN\n"] * 3
