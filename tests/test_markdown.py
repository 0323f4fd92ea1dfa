"""Release notes: what people write is shown, what could run is not."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repogen.markdown import is_web_address, to_html

ALLOWED = {"p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "s", "a"}
ALLOWED |= {"table", "thead", "tbody", "tr", "th", "td"}


class Tags(HTMLParser):
    """Collects the elements and attributes of a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_what_notes_are_made_of() -> None:
    html = to_html("# 1.0\n\n- **bold** and `code`\n- [link](https://acme.example/a?b=1&c=2)\n\n| a |\n|---|\n| ~~1~~ |\n")
    for piece in ("<h1>1.0</h1>", "<strong>bold</strong>", "<code>code</code>", 'href="https://acme.example/a?b=1&amp;c=2"', "<td><s>1</s></td>"):
        assert piece in html


def test_headings_fit_below_the_pages_own() -> None:
    assert to_html("# A\n\n## B\n", top=4) == "<h4>A</h4>\n<h5>B</h5>\n"
    assert to_html("### A\n\n#### B\n\n###### C\n", top=4) == "<h4>A</h4>\n<h5>B</h5>\n<h6>C</h6>\n"


def test_raw_html_is_shown_as_text() -> None:
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in to_html("<script>alert(1)</script>")
    assert Tags(to_html('hello <img src=x onerror="alert(1)"> there')).found == [("p", {})]


def test_an_image_is_its_description() -> None:
    assert to_html("![a *fine* <b> picture](https://acme.example/x.png)") == "<p>a fine &lt;b&gt; picture</p>\n"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "../issues/1", "//evil.example/x", "vbscript:x", "file:///etc"]
)
def test_only_whole_web_addresses_stay_links(address: str) -> None:
    assert "href" not in to_html(f"[text](<{address}>)")


@given(st.text(alphabet=st.sampled_from("<>\"'&[]()!#*`~|-\n /:=javscript.onk\u202e\x00"), max_size=200))
def test_no_notes_make_more_than_the_allowed_elements(text: str) -> None:
    for tag, attributes in Tags(to_html(text)).found:
        assert tag in ALLOWED
        assert attributes.keys() <= {"href", "rel", "start"}
        assert is_web_address(attributes.get("href") or "https://x.example") or attributes["href"].startswith("mailto:")


def test_web_addresses() -> None:
    assert is_web_address("https://acme.example/x")
    assert not any(map(is_web_address, ("", "acme.example", "javascript://acme.example/%0aalert(1)", "http://", "http://[")))
