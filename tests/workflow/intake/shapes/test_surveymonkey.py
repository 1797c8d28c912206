"""SurveyMonkey's responses, with two rows of headings."""

from __future__ import annotations

from callforth.model.intake import FIELD, QUESTION
from callforth.plaintext import tables
from callforth.workflow.intake import shapes

from .workbooks import written, xlsx

OWN = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "First Name",
       "Last Name", "Custom Data 1"]  # fmt: skip
ASKED = ["About you", "", "", "Why do you want to come?", "Which ones?", "", "", "How often?", "", "Country", ""]
BELOW = ["Your name", "Email Address", "Company", "Open-Ended Response", "Boats", "Songs", "Other (please specify)",
         "We meet", "We cook", "Response", "Other (please specify)"]  # fmt: skip
ANA = [
    "Ana Silva",
    "ana@example.org",
    "Bairro",
    "For the bridge.",
    "Boats",
    "",
    "ropes",
    "Weekly",
    "Never",
    "",
    "Malta",
]
BO = ["Bo Ek", "bo@example.org", "", "We sing.", "Boats", "Songs", "", "Never", "", "Sweden", ""]
ROWS = [
    [*OWN, *ASKED],
    [*[""] * 9, *BELOW],
    ["11843210001", "400", "08/20/2022 10:00:00 AM", "08/20/2022 10:12:33 AM", "192.0.2.1", "", "", "", "", *ANA],
    ["11843210002", "400", "08/21/2022 11:00:00 AM", "08/21/2022 11:12:33 AM", "192.0.2.2", "", "", "", "", *BO],
]


def read(data):
    return shapes.recognise(tables.read(data, "x"), "x")


def labels(export, kind):
    return [column.label for column in export.columns if column.kind == kind]


def test_questions_with_their_parts_and_what_was_ticked():
    export = read(xlsx({"Sheet": ROWS}))
    assert (export.kind, labels(export, FIELD)) == ("surveymonkey", [])
    assert labels(export, QUESTION) == [
        "About you: Your name", "About you: Email Address", "About you: Company", "Why do you want to come?",
        "Which ones?", "How often?: We meet", "How often?: We cook", "Country", "Country: Other (please specify)",
    ]  # fmt: skip
    ana, bo = export.submissions
    assert (ana.row, ana.source, ana.received) == (3, "11843210001", "08/20/2022 10:12:33 AM")
    assert (ana.cells["Which ones?"], bo.cells["Which ones?"]) == ("Boats; ropes", "Boats; Songs")
    assert export.column("Which ones?").options == ("Boats", "Songs")


def test_who_was_invited_by_address_has_applied():
    export = read(written([OWN, [""] * 9, ["1", "4", "", "", "", "ana@example.org", "Ana", "Silva", ""]]))
    assert labels(export, FIELD) == ["Name", "Email address"]
    (ana,) = export.submissions
    assert (ana.cells["name"], ana.cells["email"]) == ("Ana Silva", "ana@example.org")


def test_it_is_imported_and_changes_are_known_as_such(workspace, tmp_path):
    file = tmp_path / "responses.csv"
    file.write_bytes(written(ROWS))
    ana, bo = workspace.done("import", "oslo-2022", str(file), "--yes")["new"]
    assert workspace.read(f"applications/oslo-2022/{ana}.md").startswith(
        f"---\nid: {ana}\nstatus: received\nreceived: 2022-08-20T08:12:33Z\napplicant:\n  name: Ana Silva\n"
        "  email: ana@example.org\n  organisation: Bairro\nsource: surveymonkey/11843210001\n---\n"
    )
    assert "192.0.2" not in workspace.read(f"applications/oslo-2022/{bo}.md")
    file.write_bytes(written([*ROWS[:3], [cell.replace("We sing", "We sail") for cell in ROWS[3]]]))
    said = workspace.done("import", "oslo-2022", str(file), "--yes")
    assert (said["new"], said["unchanged"], said["changed"]) == ([], [ana], [bo])
