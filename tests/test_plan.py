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
    assert [put.path for put in make_plan(OLD, OLD, complete=False).puts] == ["Packages", "InRelease"]


def test_what_is_named_no_more_is_stale_and_not_deleted() -> None:
    assert make_plan({"pool/a": OLD["pool/a"]}, OLD).stale == ("Packages", "InRelease")


def test_other_bytes_for_published_payload_are_refused() -> None:
    with pytest.raises(ProtectionError, match="published with other bytes"):
        make_plan({"pool/a": Entry(1, "9" * 64, Stage.PAYLOAD)}, OLD)
