"""EUSurvey's exports in every format it has, with everything that it does to them."""

from __future__ import annotations

from datetime import datetime

import pytest

from callforth.model.intake import FIELD, META, QUESTION
from callforth.plaintext import tables
from callforth.workflow.intake import shapes

from .workbooks import ods, packed, written, xls, xlsx

ANA, BO = "5f0c1d2e-77aa-4c1b-9f00-0123456789ab", "0b7e6a51-1111-4222-8333-abcdefabcdef"
METAS = ["Invitation number", "Contribution ID", "User name", "Creation date", "Last update", "Languages"]
ASKED = [
    "Your name", "E-mail", "Country", "Topics", "How often: We meet", "How often: We cook", "Why do you want to come?",
]  # fmt: skip
WHY = "For the bridge.\nAnd so; it goes."
ANAS = ["Ana Silva", "ana@example.org", "Portugal", "Faith;Youth, school", "Weekly", "Never", WHY]
BOS = ["Bo Ek", "bo@example.org", "Sweden", "Youth, school", "Never", "", "We sing."]
WHEN = datetime(2022, 8, 20, 10, 12, 13)
LATER = datetime(2022, 8, 21, 9, 0, 1)
HEAD = [["Alias", "open-call"], ["Export Date", datetime(2022, 9, 10, 8, 30)], []]
ROWS = [
    [*ASKED, *METAS],
    [*ANAS, "", ANA, "", WHEN, LATER, "EN"],
    [*BOS, "inv-7", BO, "", LATER, LATER, "SV"],
]
TEXTS = dict(zip(ASKED, [*ANAS[:3], "Faith; Youth, school", *ANAS[4:]], strict=True))
XML = f"""<?xml version="1.0" encoding="UTF-8"?>
<Results create="2022-09-10_08-30-00"><Survey id="77" uid="u-1" alias="open-call"><Elements lang="EN">
<Section id="s">About you</Section>
<Question id="q1" type="Free Text">&lt;p&gt;Your &lt;b&gt;na&lt;/b&gt;me&lt;/p&gt;</Question>
<Question id="q2" type="E-mail">E-mail</Question>
<Question id="q3" type="Single Choice">Country</Question>
<Answer id="a1" type="Choice Answer">Portugal</Answer><Answer id="a2" type="Choice Answer">Sweden</Answer>
<Question id="q4" type="Multiple Choice">Topics</Question>
<Answer id="a3">Faith</Answer><Answer id="a4">Youth, school</Answer>
<MatrixTitle id="m" type="Matrix">How often</MatrixTitle>
<MatrixQuestion id="m1">We meet</MatrixQuestion><MatrixQuestion id="m2">We cook</MatrixQuestion>
<MatrixAnswer id="w">Weekly</MatrixAnswer><MatrixAnswer id="n">Never</MatrixAnswer><MatrixCell qid="m1" aid="w"/>
<Question id="q5" type="Free Text">Why do you want to come?</Question>
</Elements><Elements lang="SV"><Question id="q1">Ditt namn</Question></Elements></Survey><Answers>
<AnswerSet id="{ANA}" create="2022-08-20_10-12-13" last="2022-08-21_09-00-01" list="901" lang="EN" user="" invitation="">
<Answer qid="q1">Ana Silva</Answer><Answer qid="q2">ana@example.org</Answer><Answer qid="q3" aid="a1"/>
<Answer qid="q4" aid="a3"/><Answer qid="q4" aid="a4"/><Answer aid="w" qid="m1"/><Answer aid="n" qid="m2"/>
<Answer qid="q5">For the bridge.&#10;And so; it goes.</Answer></AnswerSet>
<AnswerSet id="{BO}" create="2022-08-21_09-00-01" last="2022-08-21_09-00-01" list="902" lang="SV" user="" invitation="inv-7">
<Answer qid="q1">Bo Ek</Answer><Answer qid="q2">bo@example.org</Answer><Answer qid="q3" aid="a2"/>
<Answer qid="q4" aid="a4"/><Answer aid="n" qid="m1"/><Answer qid="q5">We sing.</Answer></AnswerSet>
</Answers></Results>
"""  # noqa: E501
FILES = {
    "xlsx": lambda: xlsx({"Content": HEAD + ROWS}),
    "xls": lambda: xls({"Content": HEAD + ROWS}),
    "ods": lambda: ods({"Content": HEAD + ROWS}),
    "ods-untyped": lambda: ods({"Content": HEAD + ROWS}, untyped=("Alias", "Export Date")),
    "csv": lambda: written(HEAD + ROWS, ";", "utf-8-sig"),
    "xml": lambda: XML.encode(),
    "zip": lambda: packed(
        ("open-call.xlsx", xlsx({"Content": HEAD + ROWS})), (f"{ANA}/Upload_1/list.xlsx", xlsx({"Content": [["a"]]}))
    ),
}


def read(data):
    return shapes.recognise(tables.read(data, "export"), "export")


def sheets(*rows, more=None):
    return read(xlsx({"Content": [*HEAD, *rows], **(more or {})}))


def columns(export, kind=QUESTION):
    return [column.label for column in export.columns if column.kind == kind]


@pytest.mark.parametrize("kind", FILES)
def test_every_format_says_the_same(kind):
    export = read(FILES[kind]())
    assert (export.kind, export.title) == ("eusurvey", "open-call")
    assert columns(export) == ASKED
    assert columns(export, META) == [one for one in METAS if kind != "xml" or one != "User name"]
    ana, bo = export.submissions
    assert {key: ana.cells[key] for key in ASKED} == TEXTS
    assert (ana.source, bo.source, ana.complete) == (ANA, BO, True)
    assert (ana.row, bo.row) == ((1, 2) if kind == "xml" else (5, 6))
    assert ana.received == ("20/08/2022 10:12" if kind == "csv" else "2022-08-20T10:12:13")
    assert (bo.cells["Invitation number"], bo.cells["Languages"]) == ("inv-7", "SV")
    assert "How often: We cook" not in bo.cells


def test_each_format_is_imported_and_is_known_again_in_any_other(workspace, tmp_path):
    first = []
    for kind, make in FILES.items():
        file = tmp_path / f"results-{kind}"
        file.write_bytes(make())
        said = workspace.done("import", "oslo-2022", str(file), "--yes")
        first = first or said["new"]
        assert (len(first), said["changed"], said["duplicates"]) == (2, [], []), kind
        assert (said["new"], said["unchanged"]) == (([], first) if kind != "xlsx" else (first, [])), kind
    text = workspace.read(f"applications/oslo-2022/{first[0]}.md")
    assert "received: 2022-08-20T08:12:13Z\napplicant:\n  name: Ana Silva\n  email: ana@example.org\n" in text
    assert f"  country: PT\nsource: eusurvey/{ANA}\n---\n" in text
    assert "<!-- question: why -->\n## Why do you want to come?\n\nFor the bridge.\nAnd so; it goes.\n" in text
    assert "## Topics\n\nFaith; Youth, school\n" in text
    assert "## How often: We meet\n\nWeekly\n" in text
    assert "Contribution" not in text


def test_a_table_that_lost_the_rows_above_it_is_known_all_the_same():
    whole = read(FILES["csv"]())
    for rows in (ROWS, [["Results"], *ROWS]):
        export = read(written(rows, ";"))
        assert (export.kind, export.title, export.columns) == ("eusurvey", "", whole.columns)
        assert [(one.source, one.received, one.cells) for one in export.submissions] == [
            (one.source, one.received, one.cells) for one in whole.submissions]  # fmt: skip
    other = [["Name", "Token", "Updated"], ["Ana", ANA, "2022-08-20 10:00"]]
    assert read(written(other)).kind == "table"


def test_assigned_values_go_from_headings_and_answers():
    headings = [f"{name} (P{at})" for at, name in enumerate(ASKED)]
    answers = [*ANAS[:2], "Portugal (ID7)", "Faith (ID76);Youth; school (ID77)", "Weekly (ID9)", "", "We began (2019)"]
    export = sheets([*headings, *METAS], [*answers, "", ANA, "", WHEN, WHEN, "EN"])
    assert columns(export) == ASKED
    said = export.submissions[0].cells
    assert (said["Country"], said["Topics"]) == ("Portugal", "Faith; Youth; school")
    assert (said["How often: We meet"], said["Why do you want to come?"]) == ("Weekly", "We began (2019)")
    plain = sheets(["Name (first)", "Budget (EUR)"], ["Ana (ID3)", "5"])
    assert columns(plain) == ["Name (first)", "Budget (EUR)"]
    assert plain.submissions[0].cells["Name (first)"] == "Ana (ID3)"


def test_a_column_for_each_option_becomes_one_answer():
    export = sheets(
        ["Your name", "Topics", "Faith", "Youth, school", "Art", "Have you been before?", "Remarks", *METAS],
        ["Ana Silva", "", "Yes", "Yes", "No", "Yes", "", "", ANA, "", WHEN, WHEN, "EN"],
        ["Bo Ek", "", "No", "No", "No", "No", "", "", BO, "", WHEN, WHEN, "EN"],
    )
    assert columns(export) == ["Your name", "Topics", "Have you been before?", "Remarks"]
    assert export.column("Topics").options == ("Faith", "Youth, school", "Art")
    assert [one.cells.get("Topics") for one in export.submissions] == ["Faith; Youth, school", None]
    assert [one.cells["Have you been before?"] for one in export.submissions] == ["Yes", "No"]
    assert export.notes == ("'Topics' was read from its 3 columns of Yes and No",)


@pytest.mark.parametrize("shift", [0, 1])
def test_long_texts_go_on_below_and_more_columns_on_another_sheet(shift):
    long, longer = "".join(f"{number:06d} " for number in range(5_000)), "x" * 70_000
    asked = [f"Question {number}" for number in range(300)]
    first = ["Ana Silva", long[:32_767], longer[:32_767], *[f"a{at}" for at in range(3, 254)]]
    second = [*[f"a{at}" for at in range(254, 300)], "", ANA, "", WHEN, WHEN, "EN"]
    below = [*[""] * (1 + shift), long[32_767:], longer[32_767:65_534]]
    lowest = [*[""] * (2 + shift), longer[65_534:]]
    others = [f"b{at}" for at in range(254)]
    export = sheets(
        asked[:254], first, below, lowest, others,
        more={"Content1": [*HEAD, [*asked[254:], *METAS], [], [], second,
                           [*[f"b{at}" for at in range(254, 300)], "", BO, "", LATER, LATER, "SV"]]},
    )  # fmt: skip
    assert columns(export) == asked
    ana, bo = export.submissions
    assert (ana.source, bo.source, ana.row, bo.row) == (ANA, BO, 5, 8)
    assert (ana.cells["Question 1"], ana.cells["Question 2"]) == (long.strip(), longer)
    assert ana.cells["Question 299"] == "a299"
    assert [bo.cells[f"Question {at}"] for at in range(300)] == [f"b{at}" for at in range(300)]


def test_what_is_about_the_submission_is_known_in_any_language_and_never_a_question():
    greek = ["Αριθμός πρόσκλησης", "Αναγνωριστικό", "Ημερομηνία δημιουργίας", "Τελευταία ενημέρωση", "Γλώσσες"]
    export = sheets(["Όνομα", "Languages", *greek[1:]], ["Ana", "EN", ANA, WHEN, LATER, "EL"])
    assert (columns(export), columns(export, META)) == (["Όνομα", "Languages"], greek[1:])
    assert (export.submissions[0].source, export.submissions[0].received) == (ANA, "2022-08-20T10:12:13")
    assert export.submissions[0].cells["Languages"] == "EN"
    anonymous = sheets(["Your name", *METAS[1:]], ["Ana", "Anonymous", "Anonymous", WHEN, WHEN, "EN"])
    assert (anonymous.submissions[0].source, "User name" in anonymous.submissions[0].cells) == ("", False)
    alone = sheets(["Your name", "Languages"], ["Ana", "Portuguese"])
    assert columns(alone) == ["Your name", "Languages"]
    assert [column for column in alone.columns if column.kind == FIELD] == []


def test_headings_that_stand_there_twice_are_told_apart_and_an_empty_export_says_so(workspace, tmp_path):
    export = sheets(["Your name", "Why?", "Why?"], ["Ana", "a", "b"])
    assert export.submissions[0].cells == {"Your name": "Ana", "Why?": "a", "Why? (2)": "b"}
    assert export.notes == (
        "'Why? (2)' has the heading of another column before it",
        "there is no column 'Contribution ID'; export that too, so that changed answers are known as such",
    )
    file = tmp_path / "none.xlsx"
    file.write_bytes(xlsx({"Content": [*HEAD, ROWS[0]]}))
    ran = workspace.run("import", "oslo-2022", str(file), "--yes")
    assert (ran.code, "nobody's answers" in ran.err) == (2, True)


def test_xml_of_tables_ratings_rankings_and_of_what_is_asked_no_more():
    text = """<Results><Survey alias="x"><Elements lang="EN">
        <TableTitle id="t">Events</TableTitle><TableQuestion id="r1">May</TableQuestion>
        <TableQuestion id="r2">June</TableQuestion><TableAnswer id="c1">Where</TableAnswer>
        <TableAnswer id="c2">Who</TableAnswer>
        <Question id="g" type="Rating">Rate</Question><RatingQuestion id="g1">Rate: Food</RatingQuestion>
        <Question id="k" type="Ranking">Order</Question><RankingItem id="k1">One</RankingItem>
        <RankingItem id="k2">Two</RankingItem>
        <ComplexTableTitle id="z">Z</ComplexTableTitle>
        <Cell id="z1" type="StaticText"><ResultText>no</ResultText></Cell>
        <Cell id="z2" type="SingleChoice"><CellTitle/><ResultText>Z: Pick</ResultText>
        <Answer id="p">Pick me</Answer></Cell>
        </Elements></Survey><Answers>
        <AnswerSet id="Anonymous" list="12"><Answer qid="r2" aid="c1">Hall\u202e</Answer><Answer qid="g1">4</Answer>
        <Answer qid="k">k2;k1</Answer><Answer qid="z2" aid="p"/><Answer qid="old">kept</Answer>
        <Explanation qid="g"><ExplanationText>x</ExplanationText></Explanation></AnswerSet>
        </Answers></Results>"""
    export = read(text.encode())
    assert columns(export) == [
        "Events May:Where", "Events May:Who", "Events June:Where", "Events June:Who", "Rate: Food", "Order", "Z: Pick",
        "question old",
    ]  # fmt: skip
    assert export.submissions[0].cells == {
        "Events June:Where": "Hall", "Rate: Food": "4", "Order": "Two; One", "Z: Pick": "Pick me",
        "question old": "kept",
    }  # fmt: skip
    assert (export.submissions[0].source, export.submissions[0].received) == ("list-12", "")
    assert export.notes == ("what people explained and discussed of each other's answers was left out",)
