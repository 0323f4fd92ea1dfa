"""Which releases stay offered: of each product and channel on its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from repogen.artifact import Artifact, Kind
from repogen.catalog import KEYRING, Catalog, Product
from repogen.compose import grow
from repogen.config import ProductConfig, parse
from repogen.edits import Edit, Promote, Reinstate, Rollback, Yank, edited
from repogen.errors import UsageError
from repogen.record import Additions
from repogen.retention import retain
from repogen.retention_config import RetentionConfig
from tests.support import catalogs


def release(product: str, version: str, channel: str = "stable", *, day: int = 1) -> Artifact:
    return Artifact(
        path=f"downloads/{product}/{version}/{channel}.zip", filename=f"{channel}.zip", kind=Kind.ZIP, product=product, version=version, channel=channel,
        os="linux", arch="amd64", size=1, sha256=f"{hash((product, version)) & 0xFFFF:064x}", date=f"2026-01-{day:02}T00:00:00Z",
    )  # fmt: skip


def kept(catalog: Catalog, **tables: object) -> set[str]:
    retained = retain(catalog, catalogs.config(**tables))
    assert {(r.product, r.version, r.channel) for r in retained.releases} == {(a.product, a.version, a.channel) for a in retained.artifacts}
    return {f"{r.product} {r.version} {r.channel}" for r in retained.releases}


HELLO = [release("hello", f"1.{minor}.0", day=minor + 1) for minor in range(4)]


def test_nothing_is_dropped_unless_asked_for() -> None:
    catalog = catalogs.catalog(*HELLO)
    assert retain(catalog, catalogs.config()) is catalog


def test_the_last_ones_stay() -> None:
    assert kept(catalogs.catalog(*HELLO), retention=RetentionConfig(keep=2)) == {"hello 1.3.0 stable", "hello 1.2.0 stable"}


def test_each_product_and_channel_is_counted_alone() -> None:
    other = [release("other", "0.1.0"), *(release("hello", f"2.0.0-beta.{n}", "beta", day=n) for n in range(1, 5))]
    catalog = catalogs.catalog(*HELLO, *other)
    assert kept(catalog, retention=RetentionConfig(keep=1)) == {"hello 1.3.0 stable", "hello 2.0.0-beta.4 beta", "other 0.1.0 stable"}


def test_a_table_names_channels_and_the_rest_keeps_all() -> None:
    nightly = [release("hello", f"1.4.0-nightly.{n}", "nightly", day=n) for n in range(1, 4)]
    catalog = catalogs.catalog(*HELLO, *nightly)
    assert kept(catalog, retention=RetentionConfig(keep={"nightly": 1})) == {f"hello {a.version} stable" for a in HELLO} | {"hello 1.4.0-nightly.3 nightly"}


def test_the_products_own_number_comes_first() -> None:
    catalog = catalogs.catalog(*HELLO, release("other", "1.0.0"), release("other", "1.1.0", day=2))
    tables = {"retention": RetentionConfig(keep=1), "product": (ProductConfig(id="other", keep=0), ProductConfig(id="hello", keep={"stable": 3}))}
    assert kept(catalog, **tables) == {"other 1.0.0 stable", "other 1.1.0 stable", *(f"hello 1.{n}.0 stable" for n in (1, 2, 3))}


def test_a_fix_for_an_old_line_is_kept_and_so_is_the_highest_version() -> None:
    late = [release("hello", "1.0.1", day=20), release("hello", "1.0.2", day=21)]
    assert kept(catalogs.catalog(*HELLO, *late), retention=RetentionConfig(keep=2)) == {"hello 1.3.0 stable", "hello 1.0.2 stable"}


@pytest.mark.parametrize("edit", [Reinstate(product="hello", version="1.0.0"), Promote(product="hello", version="1.0.0", to="stable")], ids=str)
def test_what_an_edit_offers_and_keep_has_no_room_for_is_refused(edit: Edit) -> None:
    published = catalogs.catalog(release("hello", "1.0.0", "beta" if isinstance(edit, Promote) else "stable"))
    if isinstance(edit, Reinstate):
        published = edited(published, Yank(product="hello", version="1.0.0"), "2026-01-02")
    published = published.add([release("hello", "1.1.0", day=2)])
    after = grow(published, Additions(products=published.products, edits=(edit,)), catalogs.config(retention=RetentionConfig(keep=2)), "2026-01-03")
    assert ("hello", "1.0.0", "stable") in {r.key for r in after.releases}
    with pytest.raises(UsageError, match=r"hello 1\.0\.0 cannot be offered in stable: keep = 1 leaves no room"):
        grow(published, Additions(products=published.products, edits=(edit,)), catalogs.config(retention=RetentionConfig(keep={"stable": 1})), "2026-01-03")


def test_our_own_keyring_packages_are_not_counted() -> None:
    keyring = Product(id="acme-archive-keyring", title="keyring", type=KEYRING)
    own = [replace(release(keyring.id, f"{year}.1"), channel="stable") for year in (2024, 2025, 2026)]
    assert len(kept(catalogs.catalog(*own, products=(keyring,)), retention=RetentionConfig(keep=1))) == 3


def test_the_same_again_is_the_same() -> None:
    config = catalogs.config(retention=RetentionConfig(keep=2))
    once = retain(catalogs.catalog(*HELLO), config)
    assert retain(once.add(HELLO), config) == once


def test_a_machine_that_knows_nothing_of_former_builds_brings_nothing_new() -> None:
    config = catalogs.config(retention=RetentionConfig(keep=2))
    published = retain(catalogs.catalog(*HELLO), config)
    again = [replace(a, date="2026-02-01T00:00:00Z") for a in HELLO]
    assert retain(published.add(again), config) == published
    assert retain(published.add([replace(HELLO[0], sha256="0" * 64)]), config) == published, "nothing of it is published, whatever its bytes are now"
    roomy = retain(published.add(again), catalogs.config(retention=RetentionConfig(keep=3)))
    assert [(r.version, r.date) for r in roomy.releases] == [(a.version, a.date) for a in HELLO[:0:-1]]
    assert [r.version for r in roomy.dropped] == ["1.0.0"]
    fix = retain(roomy.add([release("hello", "1.0.1", day=20)]), config)
    assert [r.version for r in fix.releases] == ["1.3.0", "1.0.1"]


def test_a_rollback_to_when_it_was_dropped_withdraws_nothing() -> None:
    config = catalogs.config(retention=RetentionConfig(keep=1))
    first = catalogs.catalog(HELLO[0])
    second = retain(first.add([HELLO[1]]), config)
    back = retain(edited(second, Rollback(number=1, catalog=first), "2026-02-01T00:00:00Z"), config)
    assert [w.release.version for w in back.withdrawn] == [HELLO[1].version]
    again = retain(edited(back, Rollback(number=2, catalog=second), "2026-02-02T00:00:00Z"), config)
    assert (again.releases, again.withdrawn, again.dropped) == (second.releases, (), second.dropped)
    assert edited(again, Rollback(number=2, catalog=second), "2026-02-03T00:00:00Z") == again


@pytest.mark.parametrize("keep", [-1, {"nightly": -2}])
def test_a_negative_number_is_refused(keep: object) -> None:

    data = {"repo": {"name": "acme", "url": "https://dl.acme.example"}, "retention": {"keep": keep}}
    with pytest.raises(UsageError, match=r"\[retention\] keep -\d is negative"):
        parse(data, Path("repogen.toml"))


@pytest.mark.parametrize("tables", [{"retention": {"keep": {"Stable": 1}}}, {"product": [{"id": "a", "keep": {"Stable": 1}}]}])
def test_what_cannot_be_a_channel_is_refused(tables: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"(\[retention\]|\[\[product\]\] a:) keep names 'Stable', which cannot be a channel"):
        parse({"repo": {"name": "acme", "url": "https://dl.acme.example"}, **tables}, Path("repogen.toml"))
