"""Plain tables, with what spreadsheets and form programs do to them."""

from __future__ import annotations

import io

import openpyxl
import pytest

from callforth.model.intake import META, QUESTION
from callforth.plaintext import tables
from callforth.workflow.intake import shapes

from .workbooks import saved, written, xlsx

PEOPLE = [["Ana", "ana@example.org", "yes", "no", "So."], ["Bo", "bo@example.org", "", "yes", ""]]
UPPER = ["Name", "E-mail", "Languages", "", "Why?"]
LOWER = ["", "", "speak", "read", ""]
READ = ["Name", "E-mail", "Languages: speak", "Languages: read", "Why?"]
TYPEFORM = [
    ["#", "Your name", "Response Type", "Start Date (UTC)", "Stage Date (UTC)", "Submit Date (UTC)", "Network ID"],
    ["hefupfubphvacf8sv12ch63vnvacgl4s", "Ana", "completed", "2022-08-20 10:00:00", "", "2022-08-20 10:12:33", "938f"],
    ["068127e3d5e9ca5f5fac8e04fa692a9e", "Bo", "partial", "2022-08-20 11:00:00", "2022-08-20 11:01:00", "", "938f"],
]  # fmt: skip


def read(data):
    return shapes.recognise(tables.read(data, "x"), "x")


def labels(export, kind=QUESTION):
    return [column.label for column in export.columns if column.kind == kind]


def merged(rows, *ranges):
    book = openpyxl.load_workbook(io.BytesIO(xlsx({"Answers": rows})))
    for one in ranges:
        book.active.merge_cells(one)
    return saved(book)


@pytest.mark.parametrize(
    "data",
    [
        written([UPPER, LOWER, *PEOPLE]),
        merged([["Applications"], UPPER, LOWER, *PEOPLE], "A1:E1", "C2:D2", "A2:A3"),
        # Each heading stands where it would be seen, on one line.
        merged([["", "", "Languages", "", ""], ["Name", "E-mail", "speak", "read", "Why?"], *PEOPLE], "C1:D1"),
        # So many columns below one heading that the lower row is the wider one.
        merged([["", "", "Languages", "", "Why?"], ["Name", "E-mail", "speak", "read", ""], *PEOPLE], "C1:D1"),
    ],
)
def test_headings_over_several_columns_are_read_with_those_below_them(data):
    export = read(data)
    assert (export.kind, labels(export)) == ("table", READ)
    assert [one.cells["Name"] for one in export.submissions] == ["Ana", "Bo"]
    assert export.notes == ("the two rows of headings were read as one",)


def test_nobodys_answers_are_taken_for_headings():
    for headings, first in (
        (["Name", "E-mail", "Remarks", ""], ["Ana", "ana@example.org", "so", "x"]),
        (["Name", "", "Country", ""], ["Ana", "x", "Malta", "y"]),
        (["Name", "E-mail", "Why?"], ["Ana", "", ""]),
    ):
        assert len(read(written([headings, first, ["Bo"]])).submissions) == 2
    above = read(written([["Report", ""], ["Name", "Response"], ["Ana", "x"]]))
    assert labels(above) == ["Name", "Response"]
    titled = read(merged([["Applications 2027", "", ""], ["Name", "E-mail", "Why?"], PEOPLE[0]], "A1:B1"))
    assert labels(titled)[:3] == ["Name", "E-mail", "Why?"]


def test_ids_and_times_of_form_programs_are_known_and_nothing_of_the_machine_comes_in():
    typeform = read(written(TYPEFORM))
    assert (labels(typeform), len(labels(typeform, META))) == (["Your name"], 6)
    assert [(one.source, one.received, one.complete) for one in typeform.submissions] == [
        (TYPEFORM[1][0], "2022-08-20 10:12:33 UTC", True), (TYPEFORM[2][0], "", False)]  # fmt: skip
    tally = read(
        written([["Submission ID", "Respondent ID", "Submitted at", "Name"], ["PgYbzQ", "l0", "2022-08-20", "A"]])
    )
    assert (labels(tally), tally.submissions[0].source) == (["Submitted at", "Name"], "PgYbzQ")
    short = read(
        written([["Submission Date", "Name", "IP", "Submission ID"], ["2022-08-20 10:12", "A", "1.2.3.4", "12"]])
    )
    assert (labels(short), short.submissions[0].source) == (["Submission Date", "Name"], "12-2208201012")


@pytest.mark.parametrize(
    "rows",
    [
        [["#", "Name"], ["1", "Ana"], ["2", "Bo"]],
        [["ID", "Name"], ["1", "Ana"], ["2", "Bo"]],
        [["Submission ID", "Name"], ["1", "Ana"], ["2", "Bo"]],
        [["Submission ID", "Name"], ["12345678", "Ana"], ["12345678", "Bo"]],
        [["Network ID", "Name"], ["d3560842b2", "Ana"], ["068127e3d5", "Bo"]],
    ],
)
def test_numbers_that_may_be_others_next_time_are_no_ids(rows):
    assert [one.source for one in read(written(rows)).submissions] == ["", ""]
