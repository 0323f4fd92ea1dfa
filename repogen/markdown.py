"""Release notes: CommonMark with tables (https://spec.commonmark.org/0.31.2/) in, safe HTML out.

Raw HTML is shown as text, an image as its description. What is rendered goes through an allow-list as well, so
that a fault in the first does not reach the page. Only whole http, https and mailto addresses stay links.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from msgspec import Struct

from repogen.quoting import html, plain

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_SCHEMES = {"http", "https", "mailto"}
_TAGS = {
    "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code",
    "em", "strong", "s", "a", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


def to_html(text: str, *, top: int = 1) -> str:
    """HTML of Markdown; its largest heading becomes ``h<top>``, so that it fits below the page's own."""
    if not text.strip():
        return ""
    import nh3  # as the parser: here, since not every site has notes

    return nh3.clean(
        _parser(top).render(plain(text)),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        attribute_filter=_attribute,
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener noreferrer",
    )


class Heading(Struct, frozen=True):
    """A heading that begins with ``#`` and stands in no list or quotation."""

    level: int
    text: str
    line: int
    """Number of its line, from 0."""


@lru_cache(maxsize=8)
def headings(text: str) -> tuple[Heading, ...]:
    """The headings of a text with line feeds alone. What looks like one in a code block or a comment is none."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").disable("inline").parse(text)
    found = (at for at, token in enumerate(tokens) if token.type == "heading_open" and token.level == 0 and token.markup.startswith("#"))
    return tuple(Heading(len(tokens[at].markup), tokens[at + 1].content, (tokens[at].map or [0])[0]) for at in found)


def is_web_address(address: str) -> bool:
    """Whether an address is a whole http or https one; anything else never becomes a link."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme.lower() in {"http", "https"} and bool(parts.netloc)


def _attribute(tag: str, name: str, value: str) -> str | None:
    """A link relative to the notes' own repository leads nowhere here, so it loses its address."""
    if (tag, name) == ("a", "href"):
        return value if is_web_address(value) or value.lower().startswith("mailto:") else None
    return value


@lru_cache(maxsize=8)
def _parser(top: int) -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.add_render_rule("image", _image)
    parser.core.ruler.push("headings", lambda state: _lower_headings(state.tokens, top))
    return parser


def _image(renderer: Any, tokens: Sequence[Any], index: int, options: Any, env: Any) -> str:
    """An image would be fetched from a foreign host; its description tells what it shows."""
    return html(str(renderer.renderInlineAsText(tokens[index].children or [], options, env)))


def _lower_headings(tokens: Sequence[Any], top: int) -> None:
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    shift = top - min((int(token.tag[1]) for token in headings), default=top)
    for token in headings:
        token.tag = f"h{min(6, max(top, int(token.tag[1]) + shift))}"
