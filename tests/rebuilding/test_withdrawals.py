"""Withdrawn releases of a site whose state is lost."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from repogen.catalog import Release, Withdrawal
from repogen.errors import StoreError
from repogen.rebuilding.published_site import PublishedSite
from repogen.rebuilding.repo_json import PublishedCatalog, PublishedWithdrawal
from repogen.rebuilding.salvage import Salvage
from repogen.rebuilding.withdrawals import read_withdrawals
from repogen.stores import Stored
from repogen.stores.memory import MemoryStore
from tests.support.catalogs import DATE, config
from tests.support.releases import deb

EARLIER = "2026-01-01T00:00:00Z"

NOTHING = Salvage(etag="", format=0, number=0, objects={}, damaged=(), cached={}, heads=(), artifacts={}, withdrawals={}, products=(), rests=())
PUBLISHED = PublishedCatalog(
    format=1,
    name="acme",
    date=DATE,
    products=(),
    withdrawn=(PublishedWithdrawal(product="hello", version="1.0", channel="stable", released=DATE, date=DATE),),
)


class RefusingStore(MemoryStore):
    """Gives no list of checksums."""

    def get(self, key: str) -> Stored | None:
        if key.endswith("SHA256SUMS"):
            raise StoreError("access is denied")
        return super().get(key)


def test_a_list_that_is_gone_tells_nothing() -> None:
    (withdrawal,) = read_withdrawals(PublishedSite(MemoryStore(), None), config(), PUBLISHED, {}, NOTHING)
    assert withdrawal.artifacts == ()


@pytest.mark.parametrize("said", [DATE, EARLIER])
def test_of_a_release_that_was_withdrawn_again_the_state_of_the_site_counts(said: str) -> None:
    first, both = deb("hello", "1.0"), (deb("hello", "1.0"), deb("hello", "1.0", "arm64"))
    release = Release(product="hello", version="1.0", channel="stable", date=EARLIER)
    once, again = Withdrawal(release=release, artifacts=(first,), date=EARLIER), Withdrawal(release=release, artifacts=both, date=DATE)
    published = replace(PUBLISHED, withdrawn=(replace(PUBLISHED.withdrawn[0], date=said),))
    for known in ((once, again), (again, once)):
        salvage = replace(NOTHING, withdrawals={release.key: known})
        (withdrawal,) = read_withdrawals(PublishedSite(MemoryStore(), None), config(), published, {}, salvage)
        assert withdrawal.artifacts == (both if said == DATE else (first,))


def test_a_list_that_is_refused_is_not_taken_for_gone() -> None:
    with pytest.raises(StoreError, match="access is denied"):
        read_withdrawals(PublishedSite(RefusingStore(), None), config(), PUBLISHED, {}, NOTHING)
