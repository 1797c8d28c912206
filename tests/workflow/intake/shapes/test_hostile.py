"""Whatever people write comes through every shape, and whatever a file holds, a shape reads it or leaves it."""

from __future__ import annotations

import random
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callforth.model.text import clean, typed
from callforth.plaintext import tables
from callforth.plaintext.tables import Grid, TableUnusable, Workbook
from callforth.workflow.intake import shapes

from .workbooks import written

POOL = [
    '"',
    "'",
    ",",
    "\n",
    "\t",
    "=1+1",
    "@SUM",
    "---",
    "<!--",
    "\u202e",
    "ß",
    "名",
    "👩",
    " ",
    "a",
    "\\",
    "|",
    "&",
    "Yes",
]
ABOVE = {
    "eusurvey": ([["Alias", "x"], ["Export Date", "2022-09-10"]], []),
    "msforms": ([], ["ID", "Start time", "Completion time", "Email", "Name"]),
    "google": ([], ["Timestamp", "Email Address"]),
    "surveymonkey": ([], ["Respondent ID", "Collector ID"]),
}
FIRST = {
    "eusurvey": [],
    "msforms": ["1", "2022-08-20 10:00", "2022-08-20 11:00", "a@example.org", "A"],
    "google": ["2022-08-20 10:00:00", "a@example.org"],
    "surveymonkey": ["11843210001", "4"],
}
HEADINGS = st.sampled_from(
    ["", "Alias", "x", "Export Date", "ID", "Start time", "Completion time", "Email", "Name", "Name2", "email", "name",
     "Timestamp", "Email Address", "Contribution ID", "Languages", "Creation date", "Why?", "Why?", "A (ID1)",
     "B (ID2)", "id", "submitdate", "lastpage", "seed", "Registration state", "code", "question", "answer",
     "First Name", "End Date", "Submission ID", "#", "Submit Date (UTC)"]
)  # fmt: skip
CELLS = st.sampled_from(
    ["", "Yes", "No", "1", "2022-08-20T10:00:00", "5f0c1d2e-77aa-4c1b-9f00-0123456789ab", "anonymous", "a;b;",
     "EN", "a@example.org", "x (ID3)", "3 / 4", "x" * 32_767, "y" * 32_766, "\n"]
)  # fmt: skip


@pytest.mark.parametrize("kind", ABOVE)
def test_ten_thousand_hostile_cells_come_through(kind):
    chance = random.Random(kind)
    above, own = ABOVE[kind]
    asked = [f"Question {at}" for at in range(20)]
    rows = [["".join(chance.choices(POOL, k=chance.randint(0, 12))) for _ in asked] for _ in range(500)]
    data = written([*above, [*own, *asked], *([*FIRST[kind], *row] for row in rows)], quoting=1)
    export = shapes.recognise(tables.read(data, "x"), "x")
    assert export.kind == kind
    wanted = [
        {key: text for key, cell in zip(asked, row, strict=True) if (text := clean(typed(cell)).strip())}
        for row in rows
    ]
    found = [{key: one.cells[key] for key in asked if key in one.cells} for one in export.submissions]
    assert found == [row for row in wanted if row or kind != "eusurvey"]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.lists(HEADINGS, max_size=8), st.lists(st.lists(CELLS, max_size=8), max_size=4)), max_size=3),
    st.sampled_from(list(ABOVE)),
    st.sampled_from(["", "Content", "Form Responses 1"]),
)
def test_no_table_leads_to_anything_but_an_export_or_a_sentence(sheets, kind, name):
    above, own = ABOVE[kind]
    grids = [Grid.of(name, [*above, [*own, *headings], *rows]) for headings, rows in sheets]
    try:
        export = shapes.recognise(Workbook("xlsx", tuple(grids)), "x")
    except TableUnusable:
        return
    keys = [column.key for column in export.columns]
    assert len(keys) == len(set(keys))
    assert all(set(one.cells) <= set(keys) and all(one.cells.values()) for one in export.submissions)


def element(tag, attributes, inside, text):
    written = "".join(f" {name}='{value}'" for name, value in attributes.items())
    return f"<{tag}{written}>{text}{''.join(inside)}</{tag}>"


ELEMENTS = st.recursive(
    st.just(""),
    lambda inside: st.tuples(
        st.sampled_from(
            ["Survey", "Answers", "Elements", "Question", "Answer", "AnswerSet", "MatrixTitle", "MatrixQuestion",
             "MatrixAnswer", "TableTitle", "TableQuestion", "TableAnswer", "Cell", "RankingItem", "Text"]
        ),
        st.dictionaries(st.sampled_from(["id", "qid", "aid", "type", "lang", "list", "create"]),
                        st.sampled_from(["", "a", "b", "Ranking", "Anonymous", "2022-08-20_10-12-13"]), max_size=3),
        st.lists(inside, max_size=4),
        st.sampled_from(["", "text", "&lt;p&gt;", "a;b"]),
    ).map(lambda one: element(*one)),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.lists(ELEMENTS, max_size=4), st.lists(ELEMENTS, max_size=4))
def test_no_xml_leads_to_anything_but_an_export(elements, answers):
    asked, said = "".join(elements), "".join(answers)
    text = f"<Results><Survey><Elements>{asked}</Elements></Survey><Answers>{said}</Answers></Results>"
    export = shapes.recognise(Workbook("xml", document=fromstring(text)), "x")
    keys = [column.key for column in export.columns]
    assert len(keys) == len(set(keys))
    assert all(set(one.cells) <= set(keys) and all(one.cells.values()) for one in export.submissions)
