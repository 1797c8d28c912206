"""What pretalx exports: lists with headings in some language, one answer a row, objects of its API old and new."""

from __future__ import annotations

import json

import pytest

from callforth.model.intake import FIELD, META, QUESTION
from callforth.plaintext import tables
from callforth.plaintext.tables import TableUnusable
from callforth.workflow.intake.shapes import pretalx

from .workbooks import written

WHY, PICK = "Why do you want to come?", "Which ones?"
SPEAKERS = [
    ["ID", "Name", "Biography", "Email", "Picture", "Proposal IDs", "Proposal titles", WHY],
    ["AJ7K3X", "Ana Silva", "Rows.\nSings.", "ana@example.org", "https://example.org/a.png", "QWERTY\nLKJHGF",
     "On\nOff", "'-For the bridge\\|ferry."],
    ["ZXCVB9", "Bo Ek", "", "bo@example.org", "", "", "", "We sing."],
]  # fmt: skip
SESSIONS = [
    ["ID", "Einreichungstitel", "Einreichungsstatus", "Art", "created", "Namen der Vortragenden",
     "IDs der Vortragenden", "Start", WHY],
    ["QWERTY", "On boats", "submitted", "Talk", "2022-08-20T10:12:33.123456+00:00", "Ana Silva\nBo Ek",
     "AJ7K3X\nZXCVB9", "2022-10-04T12:30:00+02:00", "For the bridge."],
    ["LKJHGF", "On ropes", "draft", "Talk", "2022-08-21T09:00:00.000123+00:00", "Bo Ek", "ZXCVB9", "", ""],
    ["HGFDSA", "On sails", "withdrawn", "Talk", "2022-08-21T09:30:00.000123+00:00", "Cy Roe", "MNBVCX", "", "We sail."],
]  # fmt: skip
ANA = {"code": "AJ7K3X", "name": "Ana Silva", "biography": "Rows.", "email": "ana@example.org"}
OPTIONS = [{"id": 1, "answer": {"en": "Boats, and ropes", "de": "Boote"}}, {"id": 2, "answer": {"en": "Song"}}]


def answer(number, text, question, **more):
    asked = {"id": number, "variant": "text", "question": {"en": question, "de": "?"}, "options": []}
    return {"id": 9 + number, "question": asked | more, "answer": text, "answer_file": None, "options": []}


ANSWERS = [
    answer(1, "For the bridge.", WHY),
    answer(2, "Boats, and ropes, Song", PICK, options=OPTIONS) | {"options": OPTIONS},
    answer(3, "True", "Shall we print your name?", variant="boolean"),
]
EARLIER = {
    "code": "QWERTY", "speakers": [ANA | {"avatar": None}, {"code": "ZXCVB9", "name": "Bo Ek", "biography": None}],
    "created": "2022-08-20T12:12:33+02:00", "title": "On boats", "submission_type": {"en": "Talk"},
    "submission_type_id": 3, "track": None, "state": "submitted", "abstract": "", "description": None, "tags": [],
    "slot": None, "answers": ANSWERS,
}  # fmt: skip
PRESENT = EARLIER | {
    "speakers": [ANA | {"submissions": ["QWERTY"], "answers": [answer(4, "vegan", "Diet")]}],
    "submission_type": {"id": 3, "name": {"en": "Talk"}, "default_duration": 30}, "track": 4, "slots": [7],
}  # fmt: skip


def read(data, name="export"):
    return pretalx.recognise(tables.read(data if isinstance(data, bytes) else json.dumps(data).encode(), name), name)


def kinds(export, kind):
    return [column.key for column in export.columns if column.kind == kind]


def test_the_list_of_speakers():
    export = read(written(SPEAKERS))
    assert (export.kind, kinds(export, FIELD)) == ("pretalx", ["name", "email"])
    assert kinds(export, QUESTION) == ["Biography", "Proposal titles", WHY]
    ana, bo = export.submissions
    assert (ana.row, ana.source, ana.received, ana.complete) == (2, "AJ7K3X", "", True)
    assert (ana.cells["name"], ana.cells["email"], ana.cells["Biography"], ana.cells[WHY]) == (
        "Ana Silva", "ana@example.org", "Rows.\nSings.", "-For the bridge|ferry.")  # fmt: skip
    assert bo.cells == {"ID": "ZXCVB9", "name": "Bo Ek", "email": "bo@example.org", WHY: "We sing."}
    records = [dict(zip(SPEAKERS[0], [*row[:5], row[5].split("\n"), row[6].split("\n"), row[7].replace("'-", "-")],
                        strict=True)) for row in SPEAKERS[1:]]  # fmt: skip
    records[0][WHY] = {"en": "-For the bridge|ferry.", "de": ""}
    same = read(records)
    assert [one.cells for one in same.submissions] == [one.cells for one in export.submissions]
    assert [column.key for column in same.columns] == [column.key for column in export.columns]


def test_the_list_of_sessions_in_another_language():
    export = read(written(SESSIONS))
    assert kinds(export, FIELD) == ["name"]
    assert kinds(export, META) == ["ID", "Einreichungsstatus", "created", "IDs der Vortragenden", "Start"]
    assert kinds(export, QUESTION) == ["Einreichungstitel", "Art", "Other speakers", WHY]
    ana, bo, _ = export.submissions
    assert (ana.source, ana.received, ana.cells["name"], ana.cells["Other speakers"]) == (
        "QWERTY", "2022-08-20T10:12:33.123456+00:00", "Ana Silva", "Bo Ek")  # fmt: skip
    assert (ana.complete, bo.complete) == (True, False)
    assert export.notes == (
        "1 of them is withdrawn, cancelled or rejected in pretalx (row 4): left out where new, unless with "
        "--incomplete; who is here already stays",
    )


@pytest.mark.parametrize("mark", ["\n", ", "])
def test_of_several_speakers_the_first_has_applied(mark):
    heads = ["ID", "Proposal title", "Speaker names", "Speaker emails"]
    names, addresses = mark.join(["Ana Silva", "Bo Ek"]), mark.join(["ana@example.org", "bo@example.org"])
    export = read(
        written([heads, ["QWERTY", "On boats", names, addresses], ["LKJHGF", "On", "Roe, Cy", "cy@example.org"]])
    )
    ana, cy = (one.cells for one in export.submissions)
    assert kinds(export, FIELD) == ["name", "email"]
    assert (ana["name"], ana["email"], ana["Other speakers"], ana["Other speakers' addresses"]) == (
        "Ana Silva", "ana@example.org", "Bo Ek", "bo@example.org")  # fmt: skip
    assert (cy["name"], cy["email"], "Other speakers" in cy) == ("Roe, Cy", "cy@example.org", False)


def test_one_answer_a_row():
    rows = [["AJ7K3X", "Ana Silva", "ana@example.org", WHY, "For the bridge."],
            ["AJ7K3X", "Ana Silva", "ana@example.org", PICK, "Song"],
            ["ZXCVB9", "Bo Ek", "bo@example.org", WHY, "We sing."]]  # fmt: skip
    export = read(written([["code", "name", "email", "question", "answer"], *rows]))
    assert kinds(export, FIELD) + kinds(export, QUESTION) == ["name", "email", WHY, PICK]
    assert [(one.row, one.source, one.cells) for one in export.submissions] == [
        (2, "AJ7K3X", {"name": "Ana Silva", "email": "ana@example.org", WHY: "For the bridge.", PICK: "Song"}),
        (4, "ZXCVB9", {"name": "Bo Ek", "email": "bo@example.org", WHY: "We sing."}),
    ]
    proposals = read(written([["code", "title", "question", "answer"], ["QWERTY", "On boats", WHY, "So."]]))
    assert proposals.submissions[0].cells == {"Proposal title": "On boats", WHY: "So."}


@pytest.mark.parametrize(
    ("proposal", "more"), [(EARLIER, {"Other speakers": "Bo Ek"}), (PRESENT, {"Diet": "vegan"})], ids=["old", "new"]
)
def test_proposals_of_the_api(proposal, more):
    export = read({"count": 1, "next": None, "previous": None, "results": [proposal]})
    (one,) = export.submissions
    assert (one.row, one.source, one.received) == (1, "QWERTY", "2022-08-20T12:12:33+02:00")
    assert {key: text for key, text in one.cells.items() if export.column(key).kind != META} == {
        "name": "Ana Silva", "email": "ana@example.org", "Proposal title": "On boats", "Session type": "Talk",
        "Biography": "Rows.", WHY: "For the bridge.", PICK: "Boats, and ropes; Song",
        "Shall we print your name?": "Yes", **more,
    }  # fmt: skip
    assert export.column(PICK).options == ("Boats, and ropes", "Song")
    assert export.notes == ()


def test_speakers_of_the_api_and_a_page_of_several():
    speaker = ANA | {"submissions": ["QWERTY"], "answers": ANSWERS[:1]}
    export = read({"count": 51, "next": "https://example.org/?page=2", "previous": None, "results": [speaker]})
    assert export.submissions[0].cells == {
        "name": "Ana Silva", "email": "ana@example.org", "Biography": "Rows.", WHY: "For the bridge.", "code": "AJ7K3X"
    }  # fmt: skip
    assert export.notes == ("this is one page of several (51 in all); import the others too",)


@pytest.mark.parametrize(
    "change", [{"speakers": ["AJ7K3X"]}, {"answers": [10, 11]}, {"answers": [ANSWERS[0] | {"question": 1}]}]
)
def test_codes_in_place_of_people_and_questions_are_refused(change):
    with pytest.raises(TableUnusable) as error:
        read([PRESENT | change], "talks.json")
    assert str(error.value) == (
        "talks.json has codes where people and questions should be; ask pretalx once more, with "
        "?expand=speakers,answers.question,submission_type,track,tags"
    )


@pytest.mark.parametrize(
    "data",
    [
        written([["ID", "Name"], ["12", "Ana"]]),
        written([["ID", "Name"]]),
        written([["code", "name", "email"], ["AJ7K3X", "Ana", "ana@example.org"]]),
        [{"code": "AJ7K3X", "name": "Ana"}],
        [{"ID": 7, "Name": "Ana"}],
        [1],
    ],
)
def test_a_plain_table_is_not_taken_for_one(data):
    assert read(data) is None


def test_all_forms_are_imported(workspace, tmp_path):
    forms = {
        "speakers.csv": written(SPEAKERS),
        "sessions.csv": written([SESSIONS[0], SESSIONS[3]]),
        "answers.csv": written([["code", "name", "email", "question", "answer"],
                                ["GFDSAP", "Di Fox", "di@example.org", WHY, "We cook."]]),
        "api.json": json.dumps([PRESENT]).encode(),
    }  # fmt: skip
    for name, data in forms.items():
        (tmp_path / name).write_bytes(data)
    withdrawn = workspace.done("import", "oslo-2022", str(tmp_path / "sessions.csv"), "--yes")
    assert (withdrawn["new"], withdrawn["incomplete"]) == ([], [2])
    options = {name: ["--incomplete"] if name == "sessions.csv" else [] for name in forms}
    counts = {
        name: len(workspace.done("import", "oslo-2022", str(tmp_path / name), *more, "--yes")["new"])
        for name, more in options.items()
    }
    assert counts == {"speakers.csv": 2, "sessions.csv": 1, "answers.csv": 1, "api.json": 1}
    rows = {row["source"]: row for row in workspace.done("list", "oslo-2022") if row["source"].startswith("pretalx")}
    assert sorted(rows) == [f"pretalx/{code}" for code in ("AJ7K3X", "GFDSAP", "HGFDSA", "QWERTY", "ZXCVB9")]
    shown = workspace.done("show", rows["pretalx/QWERTY"]["id"])
    assert (shown["received"], shown["applicant"]) == (
        "2022-08-20T10:12:33+00:00", {"name": "Ana Silva", "email": "ana@example.org"})  # fmt: skip
    assert {one["question"]: one["text"] for one in shown["answers"]}["why"] == "For the bridge."
    assert workspace.done("import", "oslo-2022", str(tmp_path / "api.json"), "--yes")["commit"] is None
