"""Writing review files: templates, whole reviews, and changes of single lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from callforth.model.meeting import Criterion, Meeting
from callforth.model.review import RECOMMENDATIONS, Review, blank, tidy
from callforth.plaintext.document import FileUnusable
from callforth.plaintext.review import handed_out, parse, render, update

PATH = "meetings/oslo-2022/reviews/k7m2qx/hedda.md"
WHEN = datetime(2022, 10, 4, 12, 30, tzinfo=UTC)
CALL = Meeting(
    "oslo-2022", "A meeting", "", WHEN, WHEN, "Oslo", "en", 3, "", WHEN, "",
    criteria=(Criterion("practice", "Brings examples", 1, 5, 3), Criterion("fit: local", "Fits # here", 0, 2.5)),
)  # fmt: skip
NOTHING = blank("k7m2qx", "hedda")
TEMPLATE = """---
application: k7m2qx
reviewer: hedda
recommend:  # accept, waitlist, decline or abstain
scores:
  practice:  # 1-5, weight 3: Brings examples
  "fit: local":  # 0-2.5, weight 1: Fits # here
tags:  # suggestions, if you have any: one '- tag' on each line below this one
conflict:  # true if you should not judge this one, and then nothing else
---

<!-- review: Read applications/oslo-2022/k7m2qx.md first: that is what the applicant answered. -->
<!-- review: Above, write a word after 'recommend:', and a number after each criterion you can judge. -->
<!-- review: Below, write your remarks. Lines like these three are no part of them, and may stay. -->
"""
WHOLE = replace(
    NOTHING,
    recommend="accept",
    scores={"practice": 4.0, "fit: local": 2.5, "old": 1.0},
    tags=("arts", "youth"),
    remarks="Years of it.\n\n<!-- review: no -->",
)
RENDERED = """---
application: k7m2qx
reviewer: hedda
recommend: accept
scores:
  practice: 4
  "fit: local": 2.5
  old: 1
tags:
- arts
- youth
conflict: false
---

Years of it.

\\<!-- review: no -->
"""
FILLED = (
    TEMPLATE.replace("recommend:  #", "recommend: accept  #")
    .replace("practice:  #", "practice: 4  #")
    .replace('local":  #', 'local": 2.5  #\n  old: 1', 1)
)


def parsed(raw: bytes) -> Review:
    return parse(raw, PATH, "k7m2qx", "hedda")


def test_a_template_spells_out_what_is_asked_and_says_nothing() -> None:
    raw = render(CALL, "k7m2qx", "hedda")
    assert raw.decode() == TEMPLATE
    assert parsed(raw) == NOTHING
    assert (NOTHING.blank, NOTHING.done, NOTHING.counts) == (True, False, False)
    assert (handed_out(raw), handed_out(RENDERED.encode())) == (True, False)
    alike = replace(CALL, criteria=(CALL.criteria[0],))
    assert b"  practice:  # 1-5: Brings examples\n" in render(alike, "k7m2qx", "hedda")
    assert b"scores" not in render(replace(CALL, criteria=()), "k7m2qx", "hedda")


def test_a_review_is_written_without_comments() -> None:
    assert render(CALL, "k7m2qx", "hedda", WHOLE).decode() == RENDERED
    assert parsed(RENDERED.encode()) == WHOLE
    nothing = b"---\napplication: k7m2qx\nreviewer: hedda\nrecommend:\nconflict: false\n---\n"
    assert render(CALL, "k7m2qx", "hedda", NOTHING) == nothing


def test_a_template_is_filled_in_line_by_line() -> None:
    filled = update(TEMPLATE.encode(), PATH, WHOLE, CALL).decode().split("\n")
    before = TEMPLATE.split("\n")
    assert [line for line in filled if line not in before] == [
        "recommend: accept  # accept, waitlist, decline or abstain",
        "  practice: 4  # 1-5, weight 3: Brings examples",
        '  "fit: local": 2.5  # 0-2.5, weight 1: Fits # here',
        "  old: 1",
        "- arts",
        "- youth",
        "Years of it.",
        "\\<!-- review: no -->",
    ]
    assert [line for line in before if line not in filled] == [before[3], before[5], before[6]]
    assert handed_out("\n".join(filled).encode())
    # Emptied again, it is the template, but for the line of a criterion that the call does not have.
    emptied = update("\n".join(filled).encode(), PATH, NOTHING, CALL).decode()
    assert emptied == TEMPLATE.replace("tags:  #", "  old:\ntags:  #")


def test_what_stands_beside_is_kept() -> None:
    raw = (
        b"---\r\nnote: mine  # really\r\napplication: k7m2qx\r\nreviewer: hedda\r\nscores: {practice: 2}  # later\r\n"
        b"# of the team\r\nseen: yes\r\n---\r\nOld remarks."
    )
    changed = update(raw, PATH, replace(NOTHING, recommend="decline", scores={"practice": 3.25}, conflict=True), CALL)
    assert changed == (
        b"---\r\nnote: mine  # really\r\napplication: k7m2qx\r\nreviewer: hedda\r\nrecommend: decline\r\nscores:\r\n"
        b"  practice: 3.25\r\nconflict: true\r\n# of the team\r\nseen: yes\r\n---\r\n"
    )


@pytest.mark.parametrize(
    "unusual",
    ["recommend: |\n  accept\n", "recommend: >-\n  accept\n", "recommend:\n  accept\n", '"recommend": "acc\\x65pt"\n'],
)
def test_a_line_in_an_unusual_form_is_changed_or_refused_but_never_garbled(unusual: str) -> None:
    raw = f"---\napplication: k7m2qx\nreviewer: hedda\n{unusual}scores:\n  practice: 5\n---\n".encode()
    wanted = replace(NOTHING, recommend="decline", scores={"practice": 5.0})
    try:
        changed = update(raw, PATH, wanted, CALL)
    except FileUnusable as error:
        assert error.problem.line == 4
    else:
        assert parsed(changed) == wanted


def _bases() -> list[bytes]:
    odd = RENDERED.replace("conflict: false\n", "conflict: no # sure\nfurther:\n  deep: [a, 'b # c']\n")
    flow = "---\napplication: k7m2qx\nreviewer: hedda\nscores: {}\ntags: [youth]\n---\n<!-- review: kept --> and more\n"
    bare = "---\nreviewer: hedda\napplication: k7m2qx\n---"
    deep = (
        "---\napplication: k7m2qx\nreviewer: hedda\nscores:\n    practice: '3' # three\n    x y: 1\ntags: []\n---\nA\n"
    )
    texts = [TEMPLATE, RENDERED, odd, flow, bare, deep]
    return [text.encode() for text in (*texts, *(text.replace("\n", "\r\n") for text in texts))]


_lines = st.sampled_from(
    [
        "",
        " ",
        "Good.",
        "---",
        "<!-- review: x -->",
        "\\<!-- a",
        "<!-- a -->",
        "<<<<<<< x",
        ">>>>>>> y",
        "=======",
        "# h",
    ]
)
_remarks = st.one_of(st.lists(_lines, max_size=5).map("\n".join), st.text(max_size=12))
_scores = st.dictionaries(
    st.sampled_from(["practice", "fit: local", "old", "x y", "ä-ö"]),
    st.integers(-5_000_000, 5_000_000).map(lambda n: n / 1000),
    max_size=4,
)
_tags = st.lists(st.sampled_from(["youth", "arts", "ärzte", "late", "1.5"]), max_size=3).map(tuple)
_reviews = st.builds(
    Review,
    application=st.just("k7m2qx"),
    reviewer=st.just("hedda"),
    recommend=st.sampled_from(["", *RECOMMENDATIONS]),
    scores=_scores,
    tags=_tags,
    conflict=st.booleans(),
    remarks=_remarks,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(_bases()), _reviews, _reviews)
@example(_bases()[0], replace(NOTHING, remarks="\u200b<!-- review: x -->"), NOTHING)
def test_what_was_updated_says_it_and_nothing_else_changed(base: bytes, review: Review, other: Review) -> None:
    changed = update(base, PATH, review, CALL)
    assert parsed(changed) == tidy(review)
    assert update(changed, PATH, review, CALL) == changed
    assert update(base, PATH, parsed(base), CALL) == base
    assert parsed(update(changed, PATH, other, CALL)) == tidy(other)
    assert parsed(render(CALL, "k7m2qx", "hedda", review)) == tidy(review)
    assert tidy(tidy(review)) == tidy(review)
    if b"\r\n" in base:
        assert b"\n" not in changed.replace(b"\r\n", b"")
