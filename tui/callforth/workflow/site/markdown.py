"""A call's text as HTML: Markdown, in which nothing runs and nothing is fetched.

HTML in it is shown as it was written, a picture by its description; a link leads to a page or an address, or is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from callforth.model.text import clean_line, fold

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_LEADS_TO = ("http", "https", "mailto", "")
_WIDE = '<div class="wide" role="group" aria-label="Table" tabindex="0">\n'
_LEAST, _MOST = 3, 6  # below the heading that pages put above the text


def html(text: str, title: str) -> str:
    """Return a text as HTML; its first heading is left out where it says the title.

    Headings begin at the third level, and none is passed over, whatever levels the text uses.
    """
    parser = _parser()
    tokens = parser.parse(text)
    for token in (inner for one in tokens for inner in one.children or ()):
        if token.type == "link_open" and token.info == "auto":
            token.attrSet("class", "bare")  # its text is the address itself
    if _says(tokens, title):
        tokens = tokens[3:]
    _settle(tokens)
    return str(parser.renderer.render(tokens, parser.options, {})).strip()


def summary(text: str, title: str, most: int = 200) -> str:
    """Return the beginning of a text's first paragraph, without markup, of at most about `most` characters."""
    tokens = _parser().parse(text)
    for before, token in pairwise(tokens):
        if before.type == "paragraph_open" and before.level == 0:
            said = clean_line("".join(_plain(token.children or ())))
            if said and fold(said) != fold(title):
                return said if len(said) <= most else said[:most].rsplit(" ", 1)[0].rstrip(" ,;:–-") + " …"
    return ""


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    class Careful(MarkdownIt):
        def validateLink(self, url: str) -> bool:  # noqa: N802 (its name there)
            return _may_link(url)

    parser = Careful("commonmark", {"html": False, "linkify": True}).enable(["table", "linkify"])
    if parser.linkify is not None:
        parser.linkify.set({"fuzzy_link": False})  # `town.example` in a sentence is no link, an e-mail address is
    parser.add_render_rule("image", _image)
    parser.add_render_rule("table_open", _table)
    parser.add_render_rule("table_close", _table)
    return parser


def _may_link(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    # Without a scheme only what is on the site; `//elsewhere` is elsewhere in nobody knows which scheme.
    return parts.scheme.lower() in _LEADS_TO and (bool(parts.scheme) or not parts.netloc) and "\\" not in url


def _image(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    from html import escape

    return escape(f"[{tokens[at].content or 'picture'}]")


def _table(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    # What is wider than the page is moved by itself, with the keyboard too.
    return f"{_WIDE}<table>\n" if tokens[at].nesting > 0 else "</table>\n</div>\n"


def _says(tokens: Sequence[Token], title: str) -> bool:
    first = tokens[:2]
    return (
        len(first) == 2
        and first[0].type == "heading_open"
        and fold(clean_line("".join(_plain(first[1].children or ())))) == fold(clean_line(title))
    )


def _settle(tokens: Sequence[Token]) -> None:
    """Give headings levels that follow on each other: a deeper one is one deeper, however many signs it has."""
    above: list[int] = []
    tag = ""
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1:])
            while above and above[-1] >= level:
                above.pop()
            above.append(level)
            tag = f"h{min(_LEAST + len(above) - 1, _MOST)}"
        if token.type in ("heading_open", "heading_close"):
            token.tag = tag


def _plain(tokens: Sequence[Token]) -> list[str]:
    return [" " if token.type in ("softbreak", "hardbreak") else token.content for token in tokens]


_FORBIDDEN = re.compile("[\ufffe\uffff\x00-\x08\x0b\x0c\x0e-\x1f]")


def for_xml(text: str) -> str:
    """Return a text with U+FFFD in place of the characters that XML 1.0 (section 2.2) does not allow."""
    return _FORBIDDEN.sub("\ufffd", text)
