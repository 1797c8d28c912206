"""A call's text as HTML: nothing in it runs, nothing is fetched, and its headings follow on each other."""

import re

import pytest

from callforth.workflow.site.markdown import html, summary

FORM = "https://form.example/x"
TABLE = (
    '<div class="wide" role="group" aria-label="Table" tabindex="0">\n'
    "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n"
    "<td>&lt;i&gt;</td>\n</tr>\n</tbody>\n</table>\n</div>"
)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("# Title\n\nOne **two**.", "<p>One <strong>two</strong>.</p>"),
        ("# Another\n\nOne.", "<h3>Another</h3>\n<p>One.</p>"),
        ("# T\n## A\n#### B\n## C\n###### D\n# E", "h3 h4 h5 h4 h5 h3"),
        ("#### A\n## B\n### C", "h3 h3 h4"),
        ("# 1\n## 2\n### 3\n#### 4\n##### 5\n###### 6", "h3 h4 h5 h6 h6 h6"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>"),
        ("![the <square>](https://elsewhere.example/p.png)", "<p>[the &lt;square&gt;]</p>"),
        ("![](https://elsewhere.example/p.png)", "<p>[picture]</p>"),
        ("![](data:image/png;base64,AAAA)", "<p>![](data:image/png;base64,AAAA)</p>"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
        ("[a](JAVASCRIPT&colon;alert(1))", "<p>[a](JAVASCRIPT:alert(1))</p>"),
        ("[a](data:text/html,x) [b](file:///etc/passwd)", "<p>[a](data:text/html,x) [b](file:///etc/passwd)</p>"),
        ("[a](//elsewhere.example/x)", "<p>[a](//elsewhere.example/x)</p>"),
        ("[a](/\\elsewhere.example/x)", '<p><a href="/%5Celsewhere.example/x">a</a></p>'),
        ('[a](https://e.example/?b="2" "t")', '<p><a href="https://e.example/?b=%222%22" title="t">a</a></p>'),
        ("[a](https://e.example/?a=1&b=2)", '<p><a href="https://e.example/?a=1&amp;b=2">a</a></p>'),
        ("[a](oslo-2022.html)", '<p><a href="oslo-2022.html">a</a></p>'),
        ("https://form.example/x, town.example.", f'<p><a href="{FORM}" class="bare">{FORM}</a>, town.example.</p>'),
        ("ask@example.org", '<p><a href="mailto:ask@example.org" class="bare">ask@example.org</a></p>'),
        ("|a|b|\n|-|-|\n|1|<i>|", TABLE),
        ("&#0; &lt;script&gt; &#x202e;", "<p>\ufffd &lt;script&gt; \u202e</p>"),
        ("", ""),
    ],
)  # fmt: skip
def test_text_becomes_html_in_which_nothing_runs(text, made):
    found = html(text, "Title")
    assert (" ".join(re.findall(r"<(h\d)>", found)) if re.fullmatch(r"(h\d ?)+", made) else found) == made


def test_the_summary_is_the_first_paragraph_without_markup():
    text = "# Title\n\n> quoted\n\nOn **4 October** we\nmeet in [Oslo](https://e.example/).\n\nMore."
    assert summary(text, "Title") == "On 4 October we meet in Oslo."
    assert summary("word " * 100, "T", 21) == "word word word word …"
    assert summary("# Title", "Title") == ""
