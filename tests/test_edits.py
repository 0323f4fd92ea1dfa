"""Yank, undo, promote, rollout and rollback as functions of a catalog."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from repogen.apt_suites import Suite
from repogen.artifact import Artifact, DebFacts, Kind, SourceFacts, SourceFile
from repogen.catalog import KEYRING, Catalog, Product, Repodata, SuiteIdentity
from repogen.edits import Edit, Promote, Reinstate, Rollback, Rollout, Yank, drop, edited
from repogen.errors import ProtectionError, RepogenError, UsageError
from repogen.left_out import left_out
from tests.support.catalogs import catalog
from tests.support.releases import NOTES, QUIET, acme, archive, artifact, deb, rpm

NOW = "2026-11-20T10:00:00Z"


def told(made: Catalog, edit: Edit) -> RepogenError:
    with pytest.raises(RepogenError) as caught:
        edited(made, edit, NOW)
    return caught.value


def names(made: Catalog) -> list[str]:
    return [" ".join(release.key) for release in made.releases]


# -- yank --------------------------------------------------------------------------------------


def test_a_yanked_version_leaves_the_catalog_and_is_remembered() -> None:
    before = acme()
    after = edited(before, Yank(product="taskguard", version="1.4.0", reason="data loss"), NOW)
    assert "taskguard 1.4.0 stable" not in names(after)
    assert not [a for a in after.artifacts if a.release == ("taskguard", "1.4.0", "stable")]
    (withdrawal,) = after.withdrawn
    assert (withdrawal.release.notes, withdrawal.date, withdrawal.reason) == (NOTES, NOW, "data loss")
    assert set(withdrawal.artifacts) == set(before.artifacts) - set(after.artifacts)
    newest = after.newest("taskguard", "stable")
    assert newest
    assert newest.version == "1.3.0"
    assert after.date == before.date, "the one who publishes dates it"


def test_a_product_without_a_release_is_offered_no_more() -> None:
    after = edited(acme(), Yank(product="quiet", version="1.0.0"), NOW)
    assert [product.id for product in after.offered] == ["taskguard"]
    assert after.product("quiet") == QUIET


def test_one_channel_alone() -> None:
    both = edited(acme(), Promote(product="taskguard", version="1.5.0-beta.2", to="stable"), NOW)
    beta = edited(both, Yank(product="taskguard", version="1.5.0-beta.2", channel="beta"), NOW)
    assert "taskguard 1.5.0-beta.2 stable" in names(beta)
    assert "taskguard 1.5.0-beta.2 beta" not in names(beta)
    assert {a.path for a in both.artifacts if a.kind is Kind.DEB} == {a.path for a in beta.artifacts if a.kind is Kind.DEB}
    everywhere = edited(both, Yank(product="taskguard", version="1.5.0-beta.2"), NOW)
    assert not [name for name in names(everywhere) if "1.5.0" in name]
    assert len(everywhere.withdrawn) == 2


def test_files_of_a_withdrawn_release_stay_out_when_they_are_built_again() -> None:
    files = [a for a in acme().artifacts if a.version == "1.4.0"]
    after = edited(acme(), Yank(product="taskguard", version="1.4.0"), NOW)
    assert after.add(files) == after
    with pytest.raises(ProtectionError, match="would change the published file"):
        after.add([replace(files[0], sha256="0" * 64)])


def revised(artifact: Artifact, revision: str) -> Artifact:
    """A deb of the same release in another packaging revision."""
    assert isinstance(artifact.facts, DebFacts)
    version = f"{artifact.version}-{revision}"
    path = artifact.path.replace(artifact.facts.version, version)
    return replace(artifact, path=path, filename=path.rpartition("/")[2], sha256=revision * 64, facts=replace(artifact.facts, version=version))


def test_another_revision_of_what_was_withdrawn_is_offered() -> None:
    bad, other = deb("hello", "1.1"), deb("hello", "1.1", "arm64")
    good, archived = revised(bad, "2"), archive("hello", "1.1", "linux", "amd64")
    yanked = edited(catalog(deb("hello", "1.0"), bad), Yank(product="hello", version="1.1"), NOW)
    repaired = yanked.add([bad, other, good, archived])
    assert repaired.files_of(repaired.releases_of("hello")[0]) == (good,)
    assert (repaired.withdrawn, repaired.gone) == (yanked.withdrawn, ())
    (said,) = left_out([bad, other, good], yanked)
    assert "withdrawn: hello_1.1-1_amd64.deb (stable), hello_1.1-1_arm64.deb (stable); `repogen yank --undo hello 1.1`" in said
    assert "withdrawn: hello 1.1 (stable);" in next(left_out([bad, other], yanked))

    both = edited(repaired, Yank(product="hello", version="1.1"), NOW)
    assert [w.artifacts for w in both.withdrawn] == [(bad, good)]
    assert both.add([bad, good]) == both
    undone = edited(both, Reinstate(product="hello", version="1.1"), NOW)
    assert (undone.withdrawn, undone.files_of(undone.releases_of("hello")[0])) == ((), (bad, good))
    back = edited(both, Rollback(number=3, catalog=repaired), NOW)
    assert (back.artifacts, back.withdrawn) == (repaired.artifacts, repaired.withdrawn)
    bare = edited(repaired, Rollback(number=2, catalog=yanked), NOW)
    assert [(w.artifacts, w.date, w.reason) for w in bare.withdrawn] == [((bad, good), w.date, w.reason) for w in yanked.withdrawn]
    assert bare.add([bad, good]) == edited(bare, Rollback(number=2, catalog=yanked), NOW) == bare


def test_a_version_of_which_no_file_is_known_is_not_offered_again() -> None:
    """As after a rebuild of the state, where prune had deleted the files."""
    made = catalog(deb("hello", "1.0"), deb("hello", "1.1"), deb("hello", "1.1", channel="beta"))
    yanked = edited(made, Yank(product="hello", version="1.1"), NOW)
    stable, beta = yanked.withdrawn[::-1]
    lost = replace(yanked, withdrawn=(replace(stable, artifacts=()),))
    assert edited(lost, Reinstate(product="hello", version="1.1"), NOW) == lost
    known = edited(replace(yanked, withdrawn=(beta, replace(stable, artifacts=()))), Reinstate(product="hello", version="1.1"), NOW)
    assert (names(known), [w.release.channel for w in known.withdrawn]) == (["hello 1.1 beta", "hello 1.0 stable"], ["stable"])


def test_a_withdrawn_revision_does_not_come_back_for_another_distribution() -> None:
    bad, other, good = (revised(deb("hello", "1.1"), revision) for revision in ("1~bookworm1", "1~trixie1", "2~trixie1"))
    yanked = edited(catalog(bad), Yank(product="hello", version="1.1"), NOW)
    assert yanked.add([other, good]).artifacts == (good,)


def test_another_revision_is_offered_with_its_signature() -> None:
    bad = deb("hello", "1.1")
    good = revised(bad, "2")
    sides = [artifact(f"downloads/hello/1.1/{one.filename}.sig", Kind.SIDE, "hello", "1.1", "any", "any") for one in (bad, good)]
    yanked = edited(catalog(bad, sides[0]), Yank(product="hello", version="1.1"), NOW)
    assert set(yanked.add([bad, good, *sides]).artifacts) == {good, sides[1]}
    assert yanked.withdrawn_among([good, *sides]) == (sides[0],)


def test_another_revision_brings_the_upstream_tarball_again() -> None:
    first, second = (tuple(replace(a, version="1.0") for a in source(revision)) for revision in ("1.0-1", "1.0-2"))
    yanked = edited(catalog(*first), Yank(product="hello", version="1.0"), NOW)
    assert set(yanked.add([*first, *second]).artifacts) == set(second)


@pytest.mark.parametrize(
    ("edit", "sentence", "hint"),
    [
        (Yank(product="nope", version="1.0"), "no product 'nope' is published", "published: quiet, taskguard"),
        (Yank(product="taskguard", version="9"), "taskguard 9 is not published", "published: 1.5.0-beta.2 (beta), 1.4.0 (stable), 1.3.0 (stable)"),
        (Yank(product="quiet", version="1.0.0", channel="beta"), "quiet 1.0.0 is not published in beta", "published: 1.0.0 (stable)"),
        (Reinstate(product="quiet", version="1.1.0"), "quiet 1.1.0 is not published", "published: 1.0.0 (stable)"),
        (Promote(product="quiet", version="2", to="beta"), "quiet 2 is not published", "published: 1.0.0 (stable)"),
        (Promote(product="taskguard", version="1.4.0", to="nightly", source="beta"), "taskguard 1.4.0 is not published in beta", "1.4.0 (stable)"),
        (Rollout(product="quiet", percent=5, channel="beta"), "quiet is not published in beta", "published: 1.0.0 (stable)"),
        (Rollout(product="nope", percent=5), "no product 'nope' is published", "published: quiet, taskguard"),
        (Rollout(product="quiet", percent=5, version="3"), "quiet 3 is not published", "published: 1.0.0 (stable)"),
    ],
    ids=str,
)
def test_what_is_not_there_is_named_with_what_is(edit: Edit, sentence: str, hint: str) -> None:
    error = told(acme(), edit)
    assert isinstance(error, UsageError)
    assert error.message == sentence
    assert hint in error.hint


def test_what_is_so_already_is_no_change() -> None:
    yank = Yank(product="taskguard", version="1.4.0", reason="data loss")
    yanked = edited(acme(), yank, NOW)
    assert edited(yanked, yank, "2026-12-01T00:00:00Z") == yanked
    assert edited(yanked, Yank(product="taskguard", version="1.4.0"), "2026-12-01T00:00:00Z") == yanked
    assert edited(acme(), Reinstate(product="taskguard", version="1.4.0"), NOW) == acme()
    assert edited(acme(), Promote(product="quiet", version="1.0.0", to="stable"), NOW) == acme()
    assert edited(acme(), Rollout(product="quiet", percent=100), NOW) == acme()


def test_another_reason_is_told_later() -> None:
    yanked = edited(acme(), Yank(product="taskguard", version="1.4.0", reason="perhaps bad"), NOW)
    (withdrawal,) = edited(yanked, Yank(product="taskguard", version="1.4.0", reason="data loss"), "2026-12-01T00:00:00Z").withdrawn
    assert (withdrawal.reason, withdrawal.date) == ("data loss", NOW)


def test_what_is_withdrawn_is_neither_promoted_nor_rolled_out() -> None:
    yanked = edited(acme(), Yank(product="taskguard", version="1.4.0"), NOW)
    for edit in (Promote(product="taskguard", version="1.4.0", to="beta"), Rollout(product="taskguard", version="1.4.0", percent=5)):
        error = told(yanked, edit)
        assert error.message == "taskguard 1.4.0 is withdrawn"
        assert "`repogen yank --undo taskguard 1.4.0`" in error.hint


def test_our_own_keyring_packages_are_left_alone() -> None:
    keyring = Product(id="acme-archive-keyring", title="keyring", type=KEYRING)
    made = catalog(deb("acme-archive-keyring", "2026.1"), products=(keyring,))
    assert "is made by repogen itself" in told(made, Yank(product="acme-archive-keyring", version="2026.1")).message


# -- undo --------------------------------------------------------------------------------------


def test_an_undone_yank_was_none() -> None:
    before = edited(acme(), Rollout(product="taskguard", percent=25), NOW)
    after = edited(before, Yank(product="taskguard", version="1.4.0"), NOW)
    assert edited(after, Reinstate(product="taskguard", version="1.4.0"), "2026-11-21T10:00:00Z") == before


def source(revision: str) -> tuple[Artifact, ...]:
    """A Debian source package; all revisions share the upstream tarball, which the first one brought."""
    tarball = artifact("apt/pool/main/h/hello/hello_1.0.orig.tar.gz", Kind.SOURCE, "hello", revision, "any", "any")
    debian = artifact(f"apt/pool/main/h/hello/hello_{revision}.debian.tar.xz", Kind.SOURCE, "hello", revision, "any", "any")
    named = tuple(SourceFile(name=part.filename, size=part.size, sha256=part.sha256) for part in (tarball, debian))
    facts = SourceFacts(package="hello", version=revision, stanza=b"Package: hello\n", files=named)
    return artifact(f"apt/pool/main/h/hello/hello_{revision}.dsc", Kind.DSC, "hello", revision, "any", "any", facts=facts), tarball, debian


def test_a_tarball_that_a_remaining_source_package_names_stays() -> None:
    before = catalog(*source("1.0-1"), *source("1.0-2"))
    after = edited(before, Yank(product="hello", version="1.0-1"), NOW)
    assert [(a.filename, a.version) for a in after.artifacts] == [
        ("hello_1.0-2.debian.tar.xz", "1.0-2"),
        ("hello_1.0-2.dsc", "1.0-2"),
        ("hello_1.0.orig.tar.gz", "1.0-2"),
    ]
    assert edited(after, Reinstate(product="hello", version="1.0-1"), NOW) == before
    none = edited(after, Yank(product="hello", version="1.0-2"), NOW)
    assert none.artifacts == ()
    one = edited(none, Reinstate(product="hello", version="1.0-1"), NOW)
    assert [a.filename for a in one.artifacts] == ["hello_1.0-1.debian.tar.xz", "hello_1.0-1.dsc", "hello_1.0.orig.tar.gz"]


# -- promote -----------------------------------------------------------------------------------


def test_a_promoted_version_has_the_same_files_and_notes() -> None:
    before = acme().with_notes({("taskguard", "1.5.0-beta.2"): "Better."})
    after = edited(before, Promote(product="taskguard", version="1.5.0-beta.2", to="stable"), NOW)
    old, new = (after.by_release["taskguard", "1.5.0-beta.2", channel] for channel in ("beta", "stable"))
    assert {a.sha256 for a in old} == {a.sha256 for a in new}
    assert {a.path for a in new} ^ {a.path for a in old} == {
        f"yum/{channel}/Packages/t/taskguard-1.5.0~beta.2-1.{arch}.rpm" for channel in ("beta", "stable") for arch in ("x86_64", "aarch64")
    }
    (release,) = [r for r in after.releases if r.key == ("taskguard", "1.5.0-beta.2", "stable")]
    assert (release.notes, release.date, release.rollout) == ("Better.", NOW, 100)
    assert set(before.artifacts) < set(after.artifacts)


def test_a_file_that_came_later_is_promoted_too() -> None:
    promotion = Promote(product="taskguard", version="1.5.0-beta.2", to="stable")
    made = edited(edited(acme(), promotion, NOW), Rollout(product="taskguard", version="1.5.0-beta.2", channel="stable", percent=25), NOW)
    late = [pack("taskguard", "1.5.0-beta.2", "s390x", channel="beta") for pack in (deb, rpm)]
    after = edited(made.add(late), promotion, "2026-12-01T00:00:00Z")
    old, new = (after.by_release["taskguard", "1.5.0-beta.2", channel] for channel in ("beta", "stable"))
    assert {a.filename for a in new} == {a.filename for a in old} > {a.filename for a in made.by_release["taskguard", "1.5.0-beta.2", "stable"]}
    assert after.releases == made.releases, "the release has the date and the share of machines that it had"
    assert edited(after, promotion, "2026-12-02T00:00:00Z") == after


def test_what_was_withdrawn_from_a_channel_is_not_promoted_into_it() -> None:
    made = edited(acme(), Promote(product="taskguard", version="1.5.0-beta.2", to="stable"), NOW)
    made = edited(made, Yank(product="taskguard", version="1.5.0-beta.2", channel="stable"), NOW)
    error = told(made, Promote(product="taskguard", version="1.5.0-beta.2", to="stable"))
    assert error.exit_code == 3
    assert "was withdrawn from stable" in error.message


def test_a_release_of_which_no_file_is_known_is_not_offered_again() -> None:
    """A state that is made anew knows what was withdrawn, but no files that are deleted."""
    gone = edited(acme(), Yank(product="taskguard", version="1.4.0"), NOW)
    rebuilt = replace(gone, withdrawn=tuple(replace(withdrawal, artifacts=()) for withdrawal in gone.withdrawn))
    assert edited(rebuilt, Reinstate(product="taskguard", version="1.4.0"), NOW) == rebuilt


# -- rollout -----------------------------------------------------------------------------------


def shares(made: Catalog) -> dict[str, int]:
    return {f"{r.version} {r.channel}": r.rollout for r in made.releases if r.rollout != 100}


def test_a_rollout_is_of_the_newest_stable_version_unless_another_is_named() -> None:
    assert shares(edited(acme(), Rollout(product="taskguard", percent=25), NOW)) == {"1.4.0 stable": 25}
    assert shares(edited(acme(), Rollout(product="taskguard", percent=25, channel="beta"), NOW)) == {"1.5.0-beta.2 beta": 25}
    assert shares(edited(acme(), Rollout(product="taskguard", percent=0, version="1.5.0-beta.2"), NOW)) == {"1.5.0-beta.2 beta": 0}
    assert shares(edited(acme(), Rollout(product="taskguard", percent=25, version="1.3.0"), NOW)) == {"1.3.0 stable": 25}


def test_a_rollout_ends() -> None:
    begun = edited(acme(), Rollout(product="taskguard", percent=25), NOW)
    assert edited(begun, Rollout(product="taskguard", percent=100), NOW) == acme()


def test_channels_of_one_suite_have_one_share() -> None:
    """apt sees one package there, which cannot be for all machines and for some."""
    both = edited(acme(), Promote(product="taskguard", version="1.5.0-beta.2", to="stable"), NOW)
    edit = Rollout(product="taskguard", version="1.5.0-beta.2", channel="stable", percent=25)
    joined = (Suite(name="bookworm", codename="bookworm", distribution="bookworm", channels=("stable", "beta")),)
    assert shares(edited(both, edit, NOW, joined)) == {"1.5.0-beta.2 stable": 25, "1.5.0-beta.2 beta": 25}
    assert shares(edited(both, edit, NOW)) == {"1.5.0-beta.2 stable": 25}


# -- rollback ----------------------------------------------------------------------------------


def test_a_rollback_withdraws_what_came_later_and_offers_what_went() -> None:
    then = acme()
    now = edited(then, Yank(product="quiet", version="1.0.0"), NOW)
    now = now.add([deb("taskguard", "2.0.0")])
    back = edited(now, Rollback(number=3, catalog=then), NOW)
    assert names(back) == names(then)
    assert back.artifacts == then.artifacts
    assert [(w.release.version, w.reason) for w in back.withdrawn] == [("2.0.0", "rolled back to snapshot 3")]


def test_a_rollback_takes_back_single_files_and_a_build_leaves_them_out() -> None:
    then = catalog(deb("hello", "1.0.0"), deb("hello", "1.1.0"))
    late = deb("hello", "1.0.0", "arm64")
    back = edited(then.add([late]), Rollback(number=1, catalog=then), NOW)
    assert (back.artifacts, back.withdrawn, back.taken_back) == (then.artifacts, (), (late,))
    assert back.add([late]) == back
    with pytest.raises(ProtectionError, match="would change the published file"):
        back.add([replace(late, sha256="0" * 64)])
    undo = Reinstate(product="hello", version="1.0.0")
    assert edited(back, undo, NOW) == then.add([late])
    assert edited(back, Reinstate(product="hello", version="1.1.0"), NOW) == back
    yanked = edited(back, Yank(product="hello", version="1.0.0"), NOW)
    assert edited(yanked, undo, NOW) == back
    assert edited(yanked, Rollback(number=1, catalog=then), NOW) == back
    again = edited(back, Rollback(number=2, catalog=then.add([late])), NOW)
    assert (again.artifacts, again.taken_back) == (then.add([late]).artifacts, ())


def test_what_a_rollback_took_back_is_not_promoted() -> None:
    made = edited(acme(), Promote(product="quiet", version="1.0.0", to="beta"), NOW)
    late = deb("quiet", "1.0.0", "s390x")
    both = made.add([late, replace(late, channel="beta")])
    back = edited(both, Rollback(number=1, catalog=made.add([late])), NOW)
    error = told(back, Promote(product="quiet", version="1.0.0", to="beta"))
    assert error.exit_code == 3
    assert "was withdrawn from beta" in error.message
    assert edited(edited(both, Rollback(number=1, catalog=made), NOW), Promote(product="quiet", version="1.0.0", to="beta"), NOW).artifacts == made.artifacts


def test_keys_histories_suites_and_keyring_packages_only_go_forward() -> None:
    keyring = Product(id="acme-archive-keyring", title="keyring", type=KEYRING)
    older, newer = deb("acme-archive-keyring", "2026.1"), deb("acme-archive-keyring", "2026.2")
    suite = SuiteIdentity(origin="Acme", label="Acme", codename="stable", automatic=True, channels=("stable",))
    modules = Repodata(channel="stable", type="modules", content=b"one")
    then = catalog(older, products=(keyring,), repodata=(modules,))
    now = catalog(older, newer, deb("hello", "1.0.0"), products=(keyring,), suites={"stable": suite}, served=("yum/stable",), package_keys=("key",))
    back = edited(replace(now, keys=acme().keys), Rollback(number=1, catalog=then), NOW)
    assert names(back) == ["acme-archive-keyring 2026.2 stable", "acme-archive-keyring 2026.1 stable"]
    assert (back.keys, back.suites, back.served, back.package_keys) == (acme().keys, now.suites, now.served, now.package_keys)
    assert back.repodata == (modules,)
    assert [product.id for product in back.products] == ["acme-archive-keyring", "hello"]


def test_what_is_dropped_is_not_remembered() -> None:
    made = drop(acme(), acme().releases_of("quiet"))
    assert not made.withdrawn
    assert [product.id for product in made.offered] == ["taskguard"]


# -- any catalog -------------------------------------------------------------------------------

_VERSIONS, _CHANNELS, _PRODUCTS = ("1.0.0", "1.1.0", "2.0.0"), ("stable", "beta", "lts"), ("hello", "world")


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    """Some releases of two products in three channels, each with some of its files; the debs of a version are the same file in all channels."""
    keys = draw(st.sets(st.tuples(st.sampled_from(_PRODUCTS), st.sampled_from(_VERSIONS), st.sampled_from(_CHANNELS)), min_size=1))
    files: list[Artifact] = []
    for product, version, channel in sorted(keys):
        some = (deb(product, version, channel=channel), rpm(product, version, channel=channel), archive(product, version, "linux", "amd64", channel=channel))
        files += draw(st.lists(st.sampled_from(some), min_size=1, unique=True))
    return catalog(*files)


@given(catalogs(), st.data())
def test_yank_and_undo_leave_any_catalog_as_it_was(made: Catalog, data: st.DataObject) -> None:
    release = data.draw(st.sampled_from(made.releases))
    channel = data.draw(st.sampled_from(["", release.channel]))
    after = edited(made, Yank(product=release.product, version=release.version, channel=channel), NOW)
    assert release.key not in {r.key for r in after.releases}
    assert set(after.artifacts) | {a for w in after.withdrawn for a in w.artifacts} == set(made.artifacts)
    assert {a.release for a in after.artifacts} <= {r.key for r in after.releases}
    assert edited(after, Reinstate(product=release.product, version=release.version, channel=channel), NOW) == made


@given(catalogs(), catalogs())
def test_a_rollback_offers_what_the_snapshot_offered(then: Catalog, now: Catalog) -> None:
    back = edited(now, Rollback(number=1, catalog=then), NOW)
    assert (back.artifacts, back.releases) == (then.artifacts, then.releases)
    assert {w.release.key for w in back.withdrawn} == {r.key for r in now.releases} - {r.key for r in then.releases}
    assert edited(back, Rollback(number=2, catalog=now), NOW).releases == now.releases


@given(catalogs(), st.data())
def test_what_is_promoted_is_the_same_in_both_channels(made: Catalog, data: st.DataObject) -> None:
    release = data.draw(st.sampled_from(made.releases))
    to = data.draw(st.sampled_from([c for c in (*_CHANNELS, "nightly") if (release.product, release.version, c) not in {r.key for r in made.releases}] or [""]))
    if not to:
        return
    after = edited(made, Promote(product=release.product, version=release.version, to=to, source=release.channel), NOW)
    assert {a.sha256 for a in after.by_release[release.product, release.version, to]} == {a.sha256 for a in made.files_of(release)}
    assert edited(after, Yank(product=release.product, version=release.version, channel=to), NOW).artifacts == made.artifacts
