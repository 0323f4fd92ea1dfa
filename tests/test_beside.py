from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from repogen.beside import opened_beside


@contextmanager
def door(told: list[str], *, locked: bool = False) -> Iterator[str]:
    if locked:
        raise ValueError("it is locked")
    told.append("opened")
    try:
        yield "room"
    except KeyError:
        told.append("failed inside")
        raise
    finally:
        told.append("closed")


def test_what_was_begun_is_opened_once_and_closed_at_the_end() -> None:
    told: list[str] = []
    with opened_beside(door(told)) as beside:
        beside.begin()
        beside.begin()
        assert beside.result() == beside.result() == "room"
        assert told == ["opened"]
    assert told == ["opened", "closed"]


def test_what_nobody_wanted_is_never_opened() -> None:
    told: list[str] = []
    with opened_beside(door(told)):
        pass
    assert told == []


def test_a_failure_to_open_is_told_where_the_resource_is_wanted() -> None:
    with opened_beside(door([], locked=True)) as beside:
        beside.begin()
        with pytest.raises(ValueError, match="locked"):
            beside.result()


def test_a_failure_of_the_other_work_closes_what_was_begun() -> None:
    told: list[str] = []

    def fail() -> None:
        with opened_beside(door(told)) as beside:
            beside.begin()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert told == ["opened", "failed inside", "closed"]
