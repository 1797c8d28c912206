"""Hostile cells, JSON and mail in the shapes of LimeSurvey, Indico, pretalx and mail: none crashes, none is lost."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callforth.model.text import clean, typed
from callforth.plaintext import tables
from callforth.plaintext.tables import TableUnusable
from callforth.workflow.intake import shapes

from .workbooks import written

PIECES = ['"', "'", ",", ";", "\n", "\t", "=1+1", "'=", "@SUM", "---", "<!--", "-->", "\u202e", "ß", "名", "👩", " ",
          "a", "\\", "|", "[", "]", "[{", '"filename"', "Yes", "No", "N/A", "\r"]  # fmt: skip
MASKED = tuple("'" + sign for sign in "@+-=|%")
ABOVE = {
    "limesurvey": ["id", "submitdate", "lastpage"],
    "indico": ["ID", "Name", "Registration date"],
    "pretalx": ["ID"],
}
FIRST = {
    "limesurvey": ["7", "2022-08-20 10:12:33", "3"],
    "indico": ["7", "Ana Silva", "2022-08-20"],
    "pretalx": ["AJ7K3X"],
}
WORDS = st.sampled_from(
    ["code", "ID", "id", "regform_id", "full_name", "checked_in", "registrant_id", "personal_data", "email", "tags",
     "registration_data", "fields", "choices", "data", "title", "caption", "input_type", "choice", "results", "name",
     "registrants", "submissions", "speakers", "state", "answers", "question", "options", "answer", "track",
     "responses", "submitdate", "lastpage", "en", "de", "firstName", "biography", "submission_type", "next"]
)  # fmt: skip
PLAIN = st.none() | st.booleans() | st.integers(0, 9) | st.floats(allow_nan=False) | WORDS | st.just("AJ7K3X")
VALUES = st.recursive(
    PLAIN, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(WORDS, inside, max_size=5), max_leaves=12
)
# Records that are nearly right, with something else in one place.
RIGHT = (
    {"id": 1, "regform_id": 1, "full_name": "Ana", "checked_in": False, "tags": [], "registration_data": []},
    {"registrant_id": "1", "personal_data": {}, "full_name": "Ana", "checked_in": False},
    {"code": "AJ7K3X", "state": "draft", "speakers": [{"code": "ZXCVB9", "name": "Ana"}], "answers": []},
    {"code": "AJ7K3X", "name": "Ana", "submissions": [], "answers": []},
    {"ID": "AJ7K3X", "Name": "Ana"},
)
LINES = st.sampled_from(
    ["From ana@example.org Sat Aug 20 10:12:33 2022", "From: a@example.org", "From: =?x?q?=", "Date: 99", "Date: x",
     "Message-ID: <1>", "Content-Type: multipart/mixed; boundary=x", "Content-Type: text/plain; charset=bad",
     "Content-Type: text/html", "Content-Transfer-Encoding: base64", "Content-Type: message/rfc822",
     "MIME-Version: 1.0", "Reply-To: <", "", "", "--x", "--x--", "-- ", "> q?", "1. Why?", "<!-- question: why -->",
     "## Why", "A: b", "On 2022 x wrote:", "so", "\udce4\udcff", "=C3", "<p>x", "<!", "<![CDATA["]
)  # fmt: skip


@pytest.mark.parametrize("kind", ABOVE)
def test_hostile_cells_come_through(kind):
    chance = random.Random(kind)
    asked = [f"question{at}" for at in range(20)]
    rows = [["".join(chance.choices(PIECES, k=chance.randint(0, 12))) for _ in asked] for _ in range(300)]
    data = written([[*ABOVE[kind], *asked], *([*FIRST[kind], *row] for row in rows)], quoting=1)
    export = shapes.recognise(tables.read(data, "x"), "x")
    assert export.kind == kind
    bare = {
        "limesurvey": lambda cell: cell[1:] if cell.startswith("'=") else cell,
        "indico": lambda cell: cell,
        "pretalx": lambda cell: (
            cell[1:].replace("\\|", "|") if cell[:1] == "'" and cell[1:2] in tuple("@+-=|%") else cell
        ),
    }[kind]
    wanted = [
        {key: text for key, cell in zip(asked, row, strict=True) if (text := bare(read_back(cell)))} for row in rows
    ]
    assert [{key: one.cells[key] for key in asked if key in one.cells} for one in export.submissions] == wanted


def read_back(cell):
    return clean(typed(cell)).strip()


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(VALUES, st.builds(lambda one, key, value: [one | {key: value}], st.sampled_from(RIGHT), WORDS, VALUES))
)
def test_no_json_crashes(document):
    read(json.dumps(document).encode())


@settings(max_examples=100, deadline=None)
@given(st.lists(LINES, max_size=25))
def test_no_mail_crashes(lines):
    read(("From: a@example.org\nTo: b@example.org\n" + "\n".join(lines)).encode("utf-8", "surrogateescape"))


def read(data):
    try:
        export = shapes.recognise(tables.read(data, "x"), "x")
    except TableUnusable as error:
        assert str(error).startswith("x ")
        return
    keys = [column.key for column in export.columns]
    assert len(set(keys)) == len(keys)
    assert all(one.cells.keys() <= set(keys) for one in export.submissions)
