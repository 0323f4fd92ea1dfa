"""The download page as a text; tests/clients/test_page.py opens it in a browser."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from repogen.artifact import InstallerFacts, Kind
from repogen.catalog import Catalog
from repogen.config import RepoConfig
from repogen.formats import site, updates
from repogen.formats.site import words
from repogen.formats.site.model import MOST_BUTTONS, MOST_FILES, MOST_PRODUCTS, OLDER
from repogen.tree import Stage
from tests.support.catalogs import catalog, config
from tests.support.releases import KEY, QUIET, acme, archive, deb, download

VOID = {"meta", "link", "input", "br", "hr", "img"}
HOSTILE = "</title></script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}&lt;"


class Page(HTMLParser):
    """Elements, identities and text of a page; complains where tags do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        return [a for t, a in self.elements if t == tag and attributes.items() <= a.items()]


def html(made: Catalog, **repo: str) -> str:
    settings = config(repo=RepoConfig(**{"name": "acme", "url": "https://dl.acme.example", "title": "Acme Tools", **repo}))
    return site.render(made, settings)["index.html"].content.decode()


def page(made: Catalog, **repo: str) -> Page:
    return Page(html(made, **repo))


def test_the_page_comes_last_and_its_assets_are_named_by_digest() -> None:
    tree = site.render(acme(), config())
    assert tree["index.html"].stage is Stage.PAGE
    assets = [path for path in tree if path != "index.html"]
    assert len(assets) == 3
    for path in assets:
        assert tree[path].stage is Stage.PAYLOAD
        assert tree[path].sha256[:8] in path
        assert f'"{path}"' in tree["index.html"].content.decode()


@pytest.mark.parametrize("made", [acme(), acme(keys=()), catalog()], ids=["acme", "unsigned", "empty"])
def test_elements_match_and_identities_are_unique(made: Catalog) -> None:
    ids = [a["id"] for _, a in page(made).elements if "id" in a]
    assert len(ids) == len(set(ids))


def test_nothing_is_inline_or_from_another_host() -> None:
    found = page(acme())
    assert not found.all("style")
    assert all("style" not in a and not any(name.startswith("on") for name in a) for _, a in found.elements)
    assert [a["src"].split(".")[0] for a in found.all("script")] == ["assets/site"]
    assert all(not a["href"].startswith("http") for a in found.all("link"))
    policy = next(a["content"] for a in found.all("meta") if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'")


def test_every_file_has_its_link_size_and_checksum() -> None:
    made, found = acme(), page(acme())
    links = {a["href"] for a in found.all("a")}
    for artifact in made.artifacts:
        assert artifact.path in links
        assert artifact.sha256 in found.text
    assert "84.2 MB" in found.text


def test_links_lead_to_what_is_there() -> None:
    found = page(acme())
    ids = {a["id"] for _, a in found.elements if "id" in a}
    inner = {a["href"].removeprefix("#") for a in found.all("a") if a["href"].startswith("#")}
    assert inner <= ids


def test_newest_versions_channels_and_older_ones() -> None:
    text = page(acme()).text
    for piece in ("1.4.0", "14 September 2026", "1.5.0-beta.2", "2 November 2026", "Older versions", "1.3.0", "4 May 2026"):
        assert piece in text


def test_notes_are_rendered_below_the_pages_headings() -> None:
    assert "<h4>Taskguard 1.4.0</h4>" in html(acme())


def test_the_key_is_shown_with_its_fingerprint() -> None:
    text = " ".join(page(acme()).text.split())
    assert " ".join(KEY.fingerprint[i : i + 4] for i in range(0, 40, 4)) in text
    assert "Ed25519 key of 1 January 2026, valid until 1 January 2029" in text


def test_an_unsigned_preview_says_so_and_links_no_signature() -> None:
    text = html(acme(keys=()))
    assert "unsigned preview" in text
    assert ".asc" not in text


def test_nothing_from_a_package_leaves_its_quoting() -> None:
    odd = replace(QUIET, title=HOSTILE, description=HOSTILE, license=HOSTILE, homepage="javascript:alert(1)")
    file = download("quiet", "1.0.0", "quiet.exe", Kind.EXE, "windows", "amd64", facts=InstallerFacts())
    made = catalog(replace(file, filename=HOSTILE, version=f"1.0{HOSTILE}"), products=(odd,), keys=(replace(KEY, user_id=HOSTILE),))
    made = made.with_notes({("quiet", f"1.0{HOSTILE}"): HOSTILE})
    found = page(made, title=HOSTILE, description=HOSTILE, homepage="javascript:alert(1)")
    assert len(found.all("script")) == 1
    assert not found.all("img")
    assert all(not name.startswith("on") for _, a in found.elements for name in a)
    assert all(a.get("href", "").startswith(("#", "assets/", "downloads/", "keys/", "repo.json")) for a in found.all("a"))
    assert HOSTILE in found.text


def test_a_plus_in_a_path_is_escaped() -> None:
    package = replace(deb("hello", "1.0.0"), path="apt/pool/main/h/hello/hello_1.0.0+deb12_amd64.deb")
    assert "apt/pool/main/h/hello/hello_1.0.0%2Bdeb12_amd64.deb" in {a["href"] for a in page(catalog(package)).all("a")}


def test_a_long_history_is_cut_and_says_so() -> None:
    text = page(catalog(*(archive("hello", f"1.{minor}.0", "linux", "amd64") for minor in range(OLDER + 4)))).text
    assert "3 still older versions are listed" in text
    assert "1.3.0" in text
    assert "1.2.0-linux" not in text


def test_a_release_of_very_many_files_is_cut_and_says_so() -> None:
    few, many = (
        page(catalog(*(download("hello", "1.0.0", f"part-{number:03}.exe", Kind.EXE, "windows", "amd64") for number in range(count))))
        for count in (MOST_FILES, MOST_FILES + 5)
    )
    assert "more are in the list of checksums" not in few.text
    assert "5 more are in the list of checksums" in many.text
    assert f"All files and checksums {MOST_FILES + 5}" in " ".join(many.text.split())
    assert f"and {MOST_FILES + 5 - MOST_BUTTONS} more" in many.text
    assert len(many.all("a", href="downloads/hello/1.0.0/part-000.exe")) > len(many.all("a", href="downloads/hello/1.0.0/part-099.exe")) > 0


def test_update_manifests_are_linked_with_the_address_to_build_in() -> None:
    made = updates.derive(acme(), config()).catalog
    shown = page(made)
    links = {str(a["href"]) for a in shown.all("a") if str(a.get("href", "")).startswith("updates/")}
    assert {"updates/stable/windows/latest.json", "updates/taskguard/beta/linux/latest.json", "updates/stable/latest-linux.yml"} <= links
    assert links <= set(updates.render(made, config()))
    assert "https://dl.acme.example/updates/stable" in shown.text, "what electron-updater is built with"
    assert "Update manifests" not in page(catalog(deb("hello", "1.0.0"))).text


def test_very_many_products_are_a_directory() -> None:
    made = catalog(*(deb(f"tool-{n}", "1.0.0") for n in range(MOST_PRODUCTS + 1)))
    found = page(made)
    assert "sudo apt-get install tool-7\n" in found.text
    assert {a.path for a in made.artifacts} <= {a["href"] for a in found.all("a")}
    assert len(html(made)) < 2_000 * len(made.products)


def test_two_downloads_of_one_kind_are_told_apart_by_name() -> None:
    setup = download("quiet", "1.0.0", "Quiet Setup.exe", Kind.EXE, "windows", "amd64", facts=InstallerFacts(technology="nsis"))
    portable = download("quiet", "1.0.0", "Quiet Portable.exe", Kind.EXE, "windows", "amd64", facts=InstallerFacts(technology="portable"))
    text = page(catalog(portable, setup, products=(QUIET,)))
    buttons = [a["href"] for a in text.all("a") if a.get("class") == "button quiet"]
    assert buttons == ["downloads/quiet/1.0.0/Quiet-Setup.exe"]
    assert re.search(r"Quiet Setup\.exe.*Quiet Portable\.exe", text.text, re.DOTALL)


def test_words() -> None:
    assert words.date("2026-11-20T23:59:59Z") == "20 November 2026"
    assert words.suffix(archive("hello", "1.0.0", "linux", "amd64", suffix="tar.zst")) == ".tar.zst"
    assert words.suffix(download("hello", "1.0.0", "hello-1.0.0", Kind.BINARY, "linux", "amd64")) == "program"


def test_the_same_catalog_gives_the_same_bytes() -> None:
    assert html(acme()) == html(acme())


def test_every_region_has_a_name_of_its_own() -> None:
    names = [a["aria-label"] for a in page(acme()).all("section") if "aria-label" in a]
    assert "Downloads of Quiet 1.0.0" in names
    assert len(names) == len(set(names))
