import pytest

from repogen.errors import ProtectionError
from repogen.manifest import Entry
from repogen.plan import make_plan
from repogen.tree import Stage

OLD = {
    "pool/a": Entry(1, "a" * 64, Stage.PAYLOAD),
    "Packages": Entry(1, "b" * 64, Stage.INDEX),
    "InRelease": Entry(1, "c" * 64, Stage.ENTRY),
}


def test_puts_come_in_the_order_of_their_stages() -> None:
    wanted = {
        "index.html": Entry(1, "d" * 64, Stage.PAGE),
        "InRelease": Entry(1, "e" * 64, Stage.ENTRY),
        **{k: OLD[k] for k in ("Packages", "pool/a")},
        "pool/b": Entry(5, "f" * 64, Stage.PAYLOAD),
    }
    plan = make_plan(wanted, OLD)
    assert [put.path for put in plan.puts] == ["pool/b", "InRelease", "index.html"]
    assert [put.replaces for put in plan.puts] == [False, True, False]
    assert (plan.size, plan.unchanged) == (7, 2)


def test_the_same_again_is_nothing_to_do() -> None:
    assert make_plan(OLD, OLD).puts == ()


def test_after_a_cut_every_index_is_written_again() -> None:
    assert [put.path for put in make_plan(OLD, OLD, sure={}).puts] == ["Packages", "InRelease"]


def test_after_a_cut_what_surely_stands_is_left() -> None:
    assert [put.path for put in make_plan(OLD, OLD, sure={"Packages": OLD["Packages"]}).puts] == ["InRelease"]


def test_what_is_named_no_more_is_stale_and_not_deleted() -> None:
    assert make_plan({"pool/a": OLD["pool/a"]}, OLD).stale == ("Packages", "InRelease")


def test_other_bytes_for_published_payload_are_refused() -> None:
    with pytest.raises(ProtectionError, match="published with other bytes"):
        make_plan({"pool/a": Entry(1, "9" * 64, Stage.PAYLOAD)}, OLD)


LARGE = 1 << 20


def test_what_the_destination_has_under_another_path_is_copied() -> None:
    """Also where this machine has it: a package that enters one more channel."""
    wanted = {**OLD, "yum/beta/a": Entry(LARGE, "1" * 64, Stage.PAYLOAD), "yum/beta/b": Entry(LARGE, "2" * 64, Stage.PAYLOAD)}
    plan = make_plan(wanted, OLD, here=wanted, there={"1" * 64: "yum/stable/a"})
    assert {put.path: put.copy_of for put in plan.puts} == {"yum/beta/a": "yum/stable/a", "yum/beta/b": ""}
    assert (plan.size, plan.copied) == (LARGE, LARGE)


def test_the_same_new_file_at_several_paths_is_sent_once() -> None:
    same = {f"yum/stable/{name}": Entry(LARGE, "1" * 64, Stage.PAYLOAD) for name in ("a", "b", "c")}
    assert [put.copy_of for put in make_plan(same, {}, here=same).puts] == ["", "yum/stable/a", "yum/stable/a"]


def test_none_is_copied_from_what_is_itself_a_copy() -> None:
    """They are made at the same time."""
    published = {"yum/stable/x": Entry(LARGE, "1" * 64, Stage.PAYLOAD)}
    wanted = {**published, **{f"yum/beta/{name}": Entry(LARGE, "1" * 64, Stage.PAYLOAD) for name in ("a", "b")}}
    assert {put.copy_of for put in make_plan(wanted, published, here={"yum/beta/b"}).puts} == {"yum/stable/x"}


def test_a_small_file_is_put_and_not_copied() -> None:
    same = {f"by-hash/{name}": Entry(100, "1" * 64, Stage.PAYLOAD) for name in ("a", "b")}
    assert not any(put.copy_of for put in make_plan(same, {}, here=same).puts)
    assert make_plan({"Packages": Entry(LARGE, "1" * 64, Stage.INDEX), "Packages.old": Entry(LARGE, "1" * 64, Stage.INDEX)}, {}).copied == 0


def test_what_stands_there_from_earlier_is_replaced() -> None:
    """A list of a release that comes back: to find out by a refused put takes two requests more."""
    held = {"downloads/a/1/a.zip": Entry(9, "1" * 64, Stage.PAYLOAD), "downloads/a/1/SHA256SUMS": Entry(9, "2" * 64, Stage.ENTRY)}
    plan = make_plan({**OLD, **held}, OLD, held=held)
    assert {put.path: put.replaces for put in plan.puts} == {"downloads/a/1/SHA256SUMS": True}
