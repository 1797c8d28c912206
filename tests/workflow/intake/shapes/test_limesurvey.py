"""Results of LimeSurvey, with headings and answers in each way that it writes them."""

from __future__ import annotations

import json

import pytest

from callforth.model.intake import FIELD, META, QUESTION, Column
from callforth.plaintext import tables
from callforth.workflow.intake.shapes import limesurvey

from .workbooks import xls, xlsx

CODES = [
    "id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp", "firstname", "lastname", "email",
    "why", "with[SQ001]", "with[SQ002]", "with[other]", "rate[SQ001]", "rate[SQ002]", "cv", "cv[filecount]",
    "interviewtime", "whyTime",
]  # fmt: skip
TEXTS = [
    "Response ID", "Date submitted", "Last page", "Start language", "Seed", "Date started", "Date last action",
    "First name", "Last name", "Email address", "Why do you want to come?", "Whom do you work with? [Young [16–25]]",
    "Whom do you work with? [Elders]", "Whom do you work with? [Other]", "How often? [We meet]", "How often? [We cook]",
    "Your CV", "filecount - Your CV", "Total time", "Question time: why",
]  # fmt: skip
FILES = '[{"title":"","comment":"","size":"11.2","name":"work%20life.pdf","filename":"fu_7a","ext":"pdf"}]'
ANA = [
    "7", "2022-08-20 10:12:33", "3", "en", "1466521712", "2022-08-20 10:01:00", "2022-08-20 10:12:33", "Ana", "Silva",
    "ana@example.org", 'For the "bridge".\n\nAnd the ferry, too.', "Yes", "No", "Sailors; and cooks", "Weekly", "",
    FILES, "1", "693.1", "200",
]  # fmt: skip
BO = ["9", "", "1", "sv", "99213387", "2022-08-21 09:00:00", "2022-08-21 09:02:10", "Bo", "Ek", "bo@example.org",
      "", "N/A", "N/A", "", "", "", "", "", "", ""]  # fmt: skip


def written(*rows, delimiter=","):
    """Write CSV as LimeSurvey does: a mark of its encoding, everything in quotes, an empty line at the end."""
    lines = [delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    return ("\ufeff" + "".join(f"{line}\r\n" for line in lines) + "\r\n").encode()


def read(data):
    return limesurvey.recognise(tables.read(data, "results.csv"), "results.csv")


def both(separator=". "):
    named = dict(zip(CODES, TEXTS, strict=True)) | {"cv[filecount]": "Your CV [filecount]"}
    return [f"{code}{separator}{named[code]}" for code in CODES]


def kinds(export, kind):
    return [column.key for column in export.columns if column.kind == kind]


def test_codes_and_texts():
    export = read(written(both(), ANA, BO))
    assert [column for column in export.columns if column.kind != META] == [
        Column("name", "Name", FIELD),
        Column("email", "Email address", FIELD),
        Column("why", "Why do you want to come?"),
        Column("with", "Whom do you work with?", QUESTION, ("Young [16–25]", "Elders")),
        Column("rate[SQ001]", "How often? [We meet]"),
        Column("rate[SQ002]", "How often? [We cook]"),
        Column("cv", "Your CV"),
    ]
    assert kinds(export, META) == ["cv[filecount]", "interviewtime", "whyTime", *CODES[:7]]
    assert [column.label for column in export.columns[-7:]] == TEXTS[:7]
    ana, bo = export.submissions
    assert (ana.row, ana.source, ana.received, ana.complete) == (2, "7-1466521712", "2022-08-20 10:12:33", True)
    assert {key: ana.cells[key] for key in ("name", "email", "why", "with", "rate[SQ001]", "cv")} == {
        "name": "Ana Silva",
        "email": "ana@example.org",
        "why": 'For the "bridge".\n\nAnd the ferry, too.',
        "with": "Young [16–25]; Sailors; and cooks",
        "rate[SQ001]": "Weekly",
        "cv": "work%20life.pdf",
    }
    assert (bo.row, bo.source, bo.received, bo.complete, bo.cells["name"]) == (3, "9-99213387", "", False, "Bo Ek")
    assert (export.kind, export.notes) == ("limesurvey", ())


def test_codes_alone_and_answers_as_codes():
    ana = [*ANA[:11], "Y", "", "", "A2", "AO01", *ANA[16:]]
    export = read(written(CODES, ana, delimiter=";"))
    assert {key: export.submissions[0].cells.get(key) for key in ("with", "rate[SQ001]")} == {
        "with": "SQ001", "rate[SQ001]": "A2"}  # fmt: skip
    assert export.column("with") == Column("with", "with", QUESTION, ("SQ001", "SQ002"))
    assert export.notes == (
        "the headings are codes; choose 'Question code & question text' in LimeSurvey to have the questions too",
        "some answers are codes; choose 'Full answers' in LimeSurvey to have them in words",
    )


def test_texts_alone_in_any_language_the_cells_tell():
    english = read(written(TEXTS, ANA, BO))
    assert kinds(english, FIELD) == ["name", "email"]
    assert kinds(english, META) == ["Total time", "Question time: why", *CODES[:7]]
    assert english.submissions[0].cells["Whom do you work with?"] == "Young [16–25]; Sailors; and cooks"
    greek = ["Κωδικός", "Υποβλήθηκε", "Τελευταία σελίδα", "Γλώσσα", "Σπόρος", "Έναρξη", "Ενέργεια", "Όνομα"]
    export = read(written(greek, [*ANA[:7], "Άννα"], [*BO[:7], ""]))
    assert [(column.key, column.kind) for column in export.columns] == [
        ("Όνομα", QUESTION), *((code, META) for code in CODES[:7])]  # fmt: skip
    assert [one.complete for one in export.submissions] == [True, False]


def test_options_that_only_the_text_tells():
    heads = [*both()[:4], "q. Pick [One]", "q. Pick [Two [2]]", "r. Say [one]"]
    export = read(written(heads, [*ANA[:4], "Yes", "Yes", "so"]))
    assert export.columns[:2] == (Column("q", "Pick", QUESTION, ("One", "Two [2]")), Column("r", "Say [one]"))
    assert export.submissions[0].cells["q"] == "One; Two [2]"


def test_a_survey_without_times_and_one_without_answers():
    export = read(written(both(), [ANA[0], "1980-01-01 00:00:00", *ANA[2:]]))
    assert (export.submissions[0].received, export.submissions[0].complete) == ("", True)
    empty = read(written(both(), [""] * len(CODES)))
    assert (empty.submissions, len(empty.columns)) == ((), 19)


def test_comments_on_choices_and_masked_equations():
    heads = [*both()[:4], "q[A]. Pick [One]", "q[Acomment]. Pick [One] [Comment]", "q[B]. Pick [Two]",
             "q[Bcomment]. Pick [Two] [Comment]", "sum. Sum?"]  # fmt: skip
    (one,) = read(written(heads, [*ANA[:4], "Yes", "often", "Yes", "", "'=1+1"])).submissions
    assert (one.cells["q"], one.cells["sum"]) == ("One (often); Two", "=1+1")


@pytest.mark.parametrize("nested", [True, False])
def test_json(nested):
    records = [dict(zip(CODES, [cell or None for cell in row], strict=True)) for row in (ANA, BO)]
    data = {"responses": [{one["id"]: one} for one in records] if nested else records}
    ana, bo = read(json.dumps(data).encode()).submissions
    assert (ana.row, ana.source, ana.cells["name"], ana.cells["why"]) == (1, "7-1466521712", "Ana Silva", ANA[10])
    assert (bo.row, bo.complete) == (2, False)


def test_workbooks_say_the_same_as_csv():
    wanted = read(written(both(), ANA, BO))
    for make in (xlsx, xls):
        export = read(make({"Open call": [both(), [7, *ANA[1:]], [9, *BO[1:]]]}))
        assert (export.columns, export.submissions, export.title) == (wanted.columns, wanted.submissions, "Open call")


@pytest.mark.parametrize(
    "rows",
    [
        [["id", "name", "why"], ["1", "Ana", "so"]],
        [["id", "submitdate", "name"], ["1", "2022-08-20 10:12:33", "Ana"]],
        [["Nr", "Timestamp", "Age", "Mother tongue", "Why"], ["1", "20/08/2022 10:12:33", "44", "pt", "so"]],
        [["Nr", "Timestamp", "Age", "Tongue", "Why"], ["1", "2022-08-20 10:12:33", "44", "Portuguese", "so"]],
    ],
)
def test_a_plain_table_is_not_taken_for_one(rows):
    assert read(written(*rows)) is None
    assert read(json.dumps({"responses": "none"}).encode()) is None


def test_it_is_imported(workspace, tmp_path):
    file = tmp_path / "results-survey123456.csv"
    file.write_bytes(written(both(), ANA, BO))
    said = workspace.done("import", "oslo-2022", str(file), "--yes")
    (ana,) = said["new"]
    assert (said["incomplete"], said["commit"]) == ([3], workspace.head())
    text = workspace.read(f"applications/oslo-2022/{ana}.md")
    assert text.startswith(
        f"---\nid: {ana}\nstatus: received\nreceived: 2022-08-20T08:12:33Z\napplicant:\n  name: Ana Silva\n"
        "  email: ana@example.org\nsource: limesurvey/7-1466521712\n---\n\n<!-- question: why -->\n"
    )
    assert "## Whom do you work with?\n\nYoung [16–25]; Sailors; and cooks\n" in text
    again = tmp_path / "results-survey123456.xls"
    again.write_bytes(xls({"Open call": [both(), ANA, BO]}))
    assert workspace.done("import", "oslo-2022", str(again), "--yes")["unchanged"] == [ana]
    bo = [BO[0], "2022-08-22 10:00:00", *BO[2:10], "We sing.", *BO[11:]]
    file.write_bytes(written(both(), ANA, bo))
    assert len(workspace.done("import", "oslo-2022", str(file), "--yes")["new"]) == 1


def test_another_survey_has_other_people_under_the_same_numbers(workspace, tmp_path):
    def take(*rows, heads=None, more=()):
        (tmp_path / "a.csv").write_bytes(written(heads or both(), *rows))
        return workspace.done("import", "oslo-2022", str(tmp_path / "a.csv"), *more, "--yes")

    ana, bo = take(ANA, BO, more=("--incomplete",))["new"]
    cy = ["7", *ANA[1:4], "1234567", *ANA[5:7], "Cy", "Roe", "cy@example.org", *ANA[10:]]
    assert len(take(cy)["new"]) == 1
    # Begun and taken in, then sent: now it has a time of its own.
    sent = [BO[0], "2022-08-22 10:00:00", *BO[2:]]
    assert take(ANA, sent)["changed"] == [bo]
    assert "received: 2022-08-22T08:00:00Z\n" in workspace.read(f"applications/oslo-2022/{bo}.md")
    # Without the column of seeds, and without that of beginnings, the number and the person tell.
    bare = [at for at, code in enumerate(CODES) if code not in ("seed", "startdate")]
    less = [[row[at] for at in bare] for row in (both(), ANA, sent)]
    assert take(*less[1:], heads=less[0])["unchanged"] == [ana, bo]
    assert workspace.run("audit", "verify").code == 0
