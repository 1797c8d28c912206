"""Answers to a form of Microsoft's."""

from __future__ import annotations

from datetime import datetime

import pytest

from callforth.model.intake import META, QUESTION
from callforth.plaintext import tables
from callforth.workflow.intake import shapes

from .workbooks import ods, written, xls, xlsx

OWN = ["ID", "Start time", "Completion time", "Email", "Name"]
ASKED = ["Name2", "Topics", "Why do you want to come?"]
BEGAN, SENT = datetime(2022, 8, 20, 10, 2, 3), datetime(2022, 8, 20, 10, 12, 13)
ANA = [1, BEGAN, SENT, "anonymous", "", "Ana Silva", "Faith;Youth, school;", "For the bridge; and more."]
BO = [2, SENT, SENT, "anonymous", "", "Bo Ek", "Faith;", "We sing."]
ROWS = [OWN + ASKED, ANA, BO]


def read(data):
    return shapes.recognise(tables.read(data, "export"), "export")


def kinds(export):
    return {column.key: column.kind for column in export.columns}


@pytest.mark.parametrize("make", [xlsx, xls, ods])
def test_an_anonymous_form(make):
    export = read(make({"Form1": ROWS}))
    assert export.kind == "msforms"
    assert [(column.key, column.label) for column in export.columns if column.kind == QUESTION] == [
        ("Name2", "Name"), ("Topics", "Topics"), ("Why do you want to come?", "Why do you want to come?"),
    ]  # fmt: skip
    assert kinds(export)["email"] == kinds(export)["name"] == META
    ana, bo = export.submissions
    assert ana.cells == {
        "Name2": "Ana Silva", "Topics": "Faith; Youth, school", "Why do you want to come?": "For the bridge; and more.",
        "ID": "1", "Start time": "2022-08-20T10:02:03", "Completion time": "2022-08-20T10:12:13",
    }  # fmt: skip
    assert (ana.source, bo.source, ana.received, bo.cells["Topics"]) == (
        "1-2208201002", "2-2208201012", "2022-08-20T10:12:13", "Faith",
    )  # fmt: skip


def test_who_was_signed_in_is_the_applicant_unless_the_form_asks():
    modified = [*OWN, "Last modified time", "Why?", "Points - Why?"]
    signed = [1, BEGAN, SENT, "ana@example.org", "Silva Ana", "", "x", 5]
    export = read(xlsx({"Sheet1": [modified, signed]}))
    assert kinds(export) == {
        "Why?": "question", "Points - Why?": "meta", "ID": "meta", "Start time": "meta", "Completion time": "meta",
        "email": "field", "name": "field", "Last modified time": "meta",
    }  # fmt: skip
    assert export.submissions[0].cells["email"] == "ana@example.org"
    asks = read(xlsx({"Sheet1": [[*OWN, "Your e-mail address", "Full name"], [*signed[:5], "a@example.org", "Ana"]]}))
    assert (kinds(asks)["email"], kinds(asks)["name"]) == ("meta", "meta")


@pytest.mark.parametrize(
    "own",
    [
        ["ID", "Startzeit", "Fertigstellungszeit", "E-Mail", "Name"],
        ["ID", "Heure de début", "Heure de fin", "Adresse de messagerie", "Nom"],
        ["Id", "Algusaeg", "Lõpetamise aeg", "Meiliaadress", "Nimi"],
    ],
)
def test_in_other_languages(own):
    export = read(xlsx({"Sheet1": [[*own, *ASKED], ANA, BO]}))
    assert (export.kind, [one.label for one in export.columns if one.kind == META]) == ("msforms", own)


def test_a_plain_table_is_not_taken_for_one():
    assert read(xlsx({"Sheet1": [["ID", "Name", "Email", "Why?"], [1, "Ana", "ana@example.org", "x"]]})).kind == "table"
    table = [["ID", "Born", "Arrived", "Email"], ["1", datetime(2022, 1, 2), datetime(2022, 1, 1), "ana@example.org"]]
    assert read(xlsx({"Sheet1": table})).kind == "table"


def test_it_is_imported_and_a_csv_of_the_same_changes_nothing(workspace, tmp_path):
    file, other, second = (tmp_path / name for name in ("answers.xlsx", "answers.csv", "second.xlsx"))
    file.write_bytes(xlsx({"Sheet1": ROWS}))
    said = workspace.done("import", "oslo-2022", str(file), "--yes")
    text = workspace.read(f"applications/oslo-2022/{said['new'][0]}.md")
    assert "received: 2022-08-20T08:12:13Z\napplicant:\n  name: Ana Silva\nsource: msforms/1-2208201002\n" in text
    assert "## Topics\n\nFaith; Youth, school\n" in text
    other.write_bytes(written(ROWS, ";", "cp1252"))
    assert workspace.done("import", "oslo-2022", str(other), "--yes")["unchanged"] == said["new"]
    # Another form gives the same numbers, to other people.
    second.write_bytes(xlsx({"Sheet1": [ROWS[0], [1, LATER, LATER, "anonymous", "", "Cy Roe", "", "Why not."]]}))
    assert len(workspace.done("import", "oslo-2022", str(second), "--yes")["new"]) == 1


LATER = datetime(2022, 8, 25, 17, 0, 0)
