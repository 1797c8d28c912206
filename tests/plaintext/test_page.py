"""Pages: every kind of block in HTML and Markdown, and nothing in a text that would be taken for more."""

from __future__ import annotations

import pytest

from callforth.plaintext import page_html, page_markdown
from callforth.plaintext.bars import svg
from callforth.plaintext.page import Bar, Chart, Commands, Facts, Heading, Page, Table, Text

PAGE = Page(
    "A & B",
    (
        Heading("Seats < all"),
        Text("Said “so”."),
        Facts((("state", "<now>"),)),
        Chart("Bars & more", ("one",), (Bar("x < y", (3,), ("3",)),)),
        Table("Numbers", ("what", "count"), (("a|b", 2), ("c\nd", 3))),
        Commands((("ls | wc -l", "how many"),)),
    ),
)


def test_a_page_as_html():
    body = page_html.render(PAGE).partition("<main>\n")[2].partition("\n</main>")[0]
    assert body == (
        "<h1>A &amp; B</h1>\n"
        "<h2>Seats &lt; all</h2>\n"
        "<p>Said “so”.</p>\n"
        "<dl>\n<dt>state</dt><dd>&lt;now&gt;</dd>\n</dl>\n"
        '<svg role="img" aria-label="Bars &amp; more" viewBox="0 0 720 22" font-family="sans-serif" font-size="12">\n'
        '<text class="label" text-anchor="end" x="192" y="11">x &lt; y</text>\n'
        '<rect class="bar0" fill="#1d4f7c" stroke="#1d4f7c" x="200" y="1" width="410" height="11"/>\n'
        '<text x="616" y="11">3</text>\n'
        "</svg>\n"
        '<div class="wide"><table>\n<caption>Numbers</caption>\n'
        '<thead><tr><th scope="col">what</th><th scope="col" class="number">count</th></tr></thead>\n<tbody>\n'
        '<tr><th scope="row">a|b</th><td class="number">2</td></tr>\n'
        '<tr><th scope="row">c\nd</th><td class="number">3</td></tr>\n</tbody>\n</table></div>\n'
        "<pre><i># how many</i>\nls | wc -l</pre>"
    )


def test_a_page_as_markdown_has_no_pictures():
    assert page_markdown.render(PAGE) == (
        "# A \\& B\n\n## Seats \\< all\n\nSaid “so”.\n\n- state: \\<now\\>\n\n"
        "Numbers:\n\n| what | count |\n| --- | ---: |\n| a\\|b | 2 |\n| c d | 3 |\n\n"
        "```\n# how many\nls | wc -l\n```\n"
    )


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain, 3.5 and so-on (yes)", "plain, 3.5 and so-on (yes)"),
        ("# heading", "\\# heading"),
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("2) item", "2\\) item"),
        ("6.5", "6.5"),
        ("=====", "\\====="),
        ("> quote", "\\> quote"),
        ("*b* _i_ ~s~ `c` $m$", "\\*b\\* \\_i\\_ \\~s\\~ \\`c\\` \\$m\\$"),
        ("[a](b) ![c](d)", "\\[a\\](b) !\\[c\\](d)"),
        ("<script>&amp;", "\\<script\\>\\&amp;"),
        ("see https://evil.example and www.evil.example", "see https\\://evil.example and www\\.evil.example"),
        ("back\\slash", "back\\\\slash"),
        ("  two\n\nlines\t", "two lines"),
    ],
)
def test_what_markdown_would_take_for_more_is_escaped(text, escaped):
    assert page_markdown.escape(text) == escaped


def test_a_fence_is_longer_than_any_in_it():
    said = page_markdown.render(Page("t", (Commands((("echo ````", "x"),)),)))
    assert said == "# t\n\n`````\n# x\necho ````\n`````\n"


def test_bars_of_several_series_have_a_legend_and_long_labels_are_cut():
    drawn = svg(Chart("c", ("a", "b"), (Bar("x" * 60, (4, 0), ("4", "none")), Bar("界" * 30, (1, 2), ("1", "2")))))
    assert f">{'x' * 26}…<" in drawn
    assert f">{'界' * 12}…<" in drawn
    assert [part.split('"')[0] for part in drawn.split('<rect class="')[1:]] == ["bar0", "bar1", "bar0", "bar0", "bar1"]
    assert [part.split('"')[0] for part in drawn.split(' width="')[1:]] == ["14", "14", "410", "102", "205"]


def test_a_chart_of_nothing_is_a_picture():
    assert svg(Chart("c", ("a",), (Bar("x", (0,), ("0",)),))).count("<rect") == 0
    assert svg(Chart("c", ("a",), ())).startswith('<svg role="img" aria-label="c" viewBox="0 0 720 1" ')
