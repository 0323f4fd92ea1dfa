"""The public keys of the site."""

from __future__ import annotations

from msgspec.structs import replace

from repogen.formats import keys
from repogen.tree import Stage
from tests.support.catalogs import catalog, config
from tests.support.releases import KEY


def test_both_forms_hold_all_keys_in_order() -> None:
    second = replace(KEY, armored="-----BEGIN second\n\n\n", binary=b"second")
    tree = keys.render(catalog(keys=(KEY, second)), config())
    assert set(tree) == {"keys/acme.asc", "keys/acme.gpg"}
    assert tree["keys/acme.asc"].content == (KEY.armored + "-----BEGIN second\n").encode()
    assert tree["keys/acme.gpg"].content == KEY.binary + b"second"


def test_a_new_key_is_there_before_what_it_signs() -> None:
    tree = keys.render(catalog(keys=(KEY,)), config())
    assert all(file.stage < Stage.ENTRY for file in tree.values())


def test_an_unsigned_preview_has_no_key_files() -> None:
    assert not keys.render(catalog(), config())
