"""Trees: joined, cut, and safe in their paths."""

from __future__ import annotations

import hashlib

import pytest

from repogen.errors import ProtectionError
from repogen.tree import Blob, File, Stage, Tree

HERE = File(b"hello", Stage.PAYLOAD)
IN_THE_STORE = File(Blob(hashlib.sha256(b"hello").hexdigest(), 5), Stage.PAYLOAD)


def test_what_is_at_hand_stays_whichever_tree_has_it() -> None:
    assert (Tree({"a": HERE}) | Tree({"a": IN_THE_STORE}))["a"] is HERE
    assert (Tree({"a": IN_THE_STORE}) | Tree({"a": HERE}))["a"] is HERE


def test_two_outputs_cannot_write_one_path() -> None:
    with pytest.raises(ProtectionError, match="different bytes to a"):
        Tree({"a": HERE}) | Tree({"a": File(b"other", Stage.PAYLOAD)})


def test_a_folder_is_cut_out_with_whole_paths() -> None:
    tree = Tree({"a/b": HERE, "a/c/d": HERE, "ab": HERE})
    assert list(tree.under("a")) == ["a/b", "a/c/d"]
    assert len(tree | Tree()) == 3


@pytest.mark.parametrize("path", ["../a", "/a", "a//b", "a/./b", "a b", "a/-b", "", "a\\b", "a/"])
def test_no_path_leaves_the_site(path: str) -> None:
    with pytest.raises(ProtectionError):
        Tree({path: HERE})
