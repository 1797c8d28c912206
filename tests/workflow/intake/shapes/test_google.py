"""Answers to a form of Google's, from Sheets and from Forms, in several languages and styles of dates."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callforth.model.intake import FIELD, META, QUESTION
from callforth.plaintext import tables
from callforth.workflow.intake import shapes, values

from .workbooks import ods, written, xlsx

HEADINGS = ["Timestamp", "Email Address", "Your name", "Topics", "Why do you want to come?"]
WHY = "For the bridge.\n\nAnd, so; it goes."
ANA = ["20/08/2022 10:12:13", "ana@example.org", "Ana Silva", "Faith, Youth, school", WHY]
BO = ["21/08/2022 09:00:01", "bo@example.org", "Bo Ek", "Youth, school", "We sing."]


def read(data):
    return shapes.recognise(tables.read(data, "export"), "export")


def test_a_sheet_saved_as_csv():
    export = read(written([HEADINGS, ANA, BO]))
    assert export.kind == "google"
    assert [(column.key, column.kind) for column in export.columns] == [
        ("Timestamp", META), ("email", FIELD), ("Your name", QUESTION), ("Topics", QUESTION),
        ("Why do you want to come?", QUESTION),
    ]  # fmt: skip
    ana = export.submissions[0]
    assert (ana.row, ana.source, ana.received) == (2, "", "20/08/2022 10:12:13")
    assert ana.cells == dict(zip(["Timestamp", "email", *HEADINGS[2:]], ANA, strict=True))


@pytest.mark.parametrize("make", [xlsx, ods])
def test_a_workbook_with_other_sheets_and_points(make):
    rows = [
        ["Horodateur", "Note", "Votre nom", "Votre nom", ""],
        [datetime(2022, 8, 20, 10, 12, 13), "7 / 10", "Ana", "Silva", "more"],
    ]
    export = read(make({"Pivot": [["a", "b"], ["c", "d"]], "Réponses au formulaire 1": rows}))
    assert (export.kind, export.title) == ("google", "Réponses au formulaire 1")
    assert export.submissions[0].cells == {
        "Timestamp": "2022-08-20T10:12:13", "Score": "7 / 10", "Votre nom": "Ana", "Votre nom (2)": "Silva",
        "column 5": "more",
    }  # fmt: skip
    assert export.notes == ("read from the sheet 'Réponses au formulaire 1'; not from Pivot",)


@pytest.mark.parametrize(
    ("heading", "time"),
    [
        ("Timestamp", "8/20/2022 10:12:13"),
        ("Timestamp", "2022/08/20 10:12:33 AM GMT+3"),
        ("Zeitstempel", "20.08.2022 10:12:13"),
        ("Informazioni cronologiche", "20/08/2022 10.12.13"),
        ("Tidstämpel", "2022-08-20 10:12:13"),
        ("Időbélyeg", "2022. 08. 20. 10:12:13"),
        ("Χρονική σήμανση", "20/8/2022 10:12:13 π.μ."),
        ("Carimbo de data/hora", "20/08/2022 10:12:13"),
        ("Клеймо за време", "20.8.2022 г., 10:12:13"),
    ],
)
def test_languages_and_styles_of_dates(heading, time):
    export = read(written([[heading, "Name", "Why?"], [time, "Ana", "x"]]))
    assert (export.kind, export.submissions[0].received) == ("google", time)
    when = values.moment(time, "month-first" if time.startswith("8") else "day-first", UTC)
    assert f"{when:%Y-%m-%d %H:%M}" == "2022-08-20 10:12"


def test_a_table_with_days_is_not_taken_for_one_and_headings_alone_are_when_they_are_googles():
    assert read(written([["Timestamp", "Name"], ["20/08/2022", "Ana"]])).kind == "table"
    assert read(written([["Date", "Email Address"], ["20/08/2022 10:12:13", "a@example.org"]])).kind == "table"
    assert read(xlsx({"Form Responses 2": [["Timestamp", "Name"]]})).kind == "google"


def test_it_is_imported_and_the_calls_choices_tell_what_was_ticked(workspace, tmp_path):
    call = workspace.read("meetings/oslo-2022/call.md")
    field = "- name: topics\n  label: Topics\n  choices:\n  - Faith\n  - Youth, school\n  - Youth\n"
    workspace.write("meetings/oslo-2022/call.md", call.replace("questions:\n", f"{field}questions:\n"))
    workspace.commit("Ask for topics")
    file = tmp_path / "answers.csv"
    # As Forms itself gives them: joined by semicolons, and with the zone.
    cy = ["2022/08/22 3:04:05 PM GMT+3", "cy@example.org", "Cy Roe", "Faith;Youth, school", "Why not."]
    di = [datetime(2022, 8, 23, 7, 0, 9), "di@example.org", "Di Moe", "Youth, Faith", "Because."]
    for data, name, ticked, received in (
        (written([HEADINGS, ANA, BO]), "Ana Silva", "Faith; Youth, school", "2022-08-20T08:12:13+00:00"),
        (written([HEADINGS, cy]), "Cy Roe", "Faith; Youth, school", "2022-08-22T12:04:05+00:00"),
        (xlsx({"Form Responses 1": [HEADINGS, di]}), "Di Moe", "Youth; Faith", "2022-08-23T05:00:09+00:00"),
    ):
        file.write_bytes(data)
        said = workspace.done("import", "oslo-2022", str(file), "--yes")
        shown = workspace.done("show", said["new"][0])
        assert (shown["received"], shown["applicant"]["name"], shown["applicant"]["topics"]) == (received, name, ticked)
    head = workspace.head()
    file.write_bytes(written([HEADINGS, ANA, BO, cy]))
    assert len(workspace.done("import", "oslo-2022", str(file), "--yes")["unchanged"]) == 3
    assert workspace.head() == head
