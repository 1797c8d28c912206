"""Registrations of Indico: the list in its three versions, and its API's JSON, present and earlier."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from callforth.model.intake import FIELD, META, QUESTION, Column
from callforth.plaintext import tables
from callforth.workflow.intake.shapes import indico

from .workbooks import written, xls, xlsx

HEADS = ["ID", "Name", "First Name", "Last Name", "Email Address", "Affiliation", "Phone Number", "Workshops",
         "Price", "Why do you want to come?", "Registration date", "Registration state", "Price", "Checked in",
         "Tags"]  # fmt: skip
ANA = ["1", "Ana Silva", "Ana", "Silva", "ana@example.org", "Bairro", "351912345678", "Singing; Boats, and ropes",
       "cheap", "For the bridge.", "2022-08-20 10:12:33.123456+00:00", "Completed", "0", "No", ""]  # fmt: skip
BO = ["3", "Bo Ek", "Bo", "Ek", "bo@example.org", "", "", "", "", "We sing.", "2022-08-21 09:00:00+00:00", "Withdrawn",
      "0", "No", "late; vip"]  # fmt: skip
SECRET = "5b1e5c3e-7c1a-4a43-9d55-0a8f3b0f6c11"
REGISTRATION = {
    "id": 4711, "regform_id": 12, "event_id": 34, "full_name": "Ana Silva", "email": "ana@example.org",
    "state": "complete", "checked_in": False, "checked_in_dt": None, "checkin_secret": SECRET, "is_paid": False,
    "price": 0, "payment_date": None, "currency": "EUR", "formatted_price": "", "occupied_slots": 1,
    "tags": [{"id": 1, "title": "late", "color": "red"}], "registration_date": "2022-08-20T10:12:33.123456+00:00",
    "registration_data": [
        {"id": 1, "position": 1, "title": "Personal Data", "description": "", "fields": [
            {"id": 1, "title": "First Name", "input_type": "text", "data": "Ana"},
            {"id": 2, "title": "Last Name", "input_type": "text", "data": "Silva"},
            {"id": 3, "title": "Email Address", "input_type": "email", "data": "ana@example.org"},
            {"id": 4, "title": "Country", "input_type": "country", "data": "PT",
             "choices": [{"caption": "Portugal", "countryKey": "PT"}]}]},
        {"id": 2, "position": 2, "title": "About you", "description": "", "fields": [
            {"id": 5, "title": "Workshops", "input_type": "multi_choice", "data": {"u-1": 1, "u-2": 2},
             "choices": [{"id": "u-1", "caption": "Singing"}, {"id": "u-2", "caption": "Boats, and ropes"}]},
            {"id": 6, "title": "Bed", "input_type": "accommodation",
             "choices": [{"id": "h", "caption": "Hostel"}],
             "data": {"choice": "h", "isNoAccommodation": False, "arrivalDate": "2022-10-03",
                      "departureDate": "2022-10-05"}},
            {"id": 7, "title": "Comes along", "input_type": "accompanying_persons",
             "data": [{"id": "p", "firstName": "Cy", "lastName": "Roe"}]},
            {"id": 8, "title": "May we print your name?", "input_type": "bool", "data": True},
            {"id": 9, "title": "Why do you want to come?", "input_type": "textarea", "data": "For the bridge."}]},
    ],
}  # fmt: skip
EARLIER = {"registrants": [{
    "registrant_id": "17", "checked_in": False, "checkin_secret": SECRET, "full_name": "Dr Ana Silva",
    "personal_data": {"title": "Dr", "firstName": "Ana", "surname": "Silva", "affiliation": "Bairro", "position": "",
                      "address": "", "phone": "", "country": "Portugal", "email": "ana@example.org"},
}]}  # fmt: skip


def read(data):
    return indico.recognise(tables.read(data, "registrations"), "registrations")


def kinds(export, kind):
    return [column.key for column in export.columns if column.kind == kind]


def test_a_list_as_csv_and_workbook():
    export = read(written([HEADS, ANA, BO], encoding="utf-8-sig"))
    assert (export.kind, kinds(export, FIELD)) == ("indico", ["name", "email"])
    assert kinds(export, QUESTION) == ["Affiliation", "Phone Number", "Workshops", "Price", "Why do you want to come?"]
    assert kinds(export, META) == [
        "ID", "First Name", "Last Name", "Registration date", "Registration state", "Price (2)", "Checked in", "Tags"
    ]  # fmt: skip
    ana, bo = export.submissions
    assert (ana.row, ana.source, ana.received, ana.complete) == (2, "1-220820", ANA[10], True)
    assert (ana.cells["Workshops"], ana.cells["Price"], bo.cells["Tags"]) == (ANA[7], "cheap", "late; vip")
    assert export.notes == (
        "1 of them is withdrawn, cancelled or rejected in Indico (row 3): left out where new, unless with "
        "--incomplete; who is here already stays",
        "Indico leaves out a + before text, so numbers in 'Phone Number' may lack one",
    )
    for make in (xlsx, xls):
        book = read(make({"Sheet1": [HEADS, [1, *ANA[1:]], [3, *BO[1:]]]}))
        assert (book.columns, book.submissions) == (export.columns, export.submissions)


@pytest.mark.parametrize(
    ("written_as", "received"),
    [
        ("20 Aug 2022, 10:12:33", "2022-08-20T10:12:33"),
        ("Aug 20, 2022, 10:12:33 PM", "2022-08-20T22:12:33"),
        ("20 Αυγ 2022, 10:12", "20 Αυγ 2022, 10:12"),
        (datetime(2022, 8, 20, 10, 12, 33), "2022-08-20T10:12:33"),
    ],
)
def test_times_in_workbooks(written_as, received):
    heads = ["ID", "Name", "Why?", "Registration date"]
    (one,) = read(xlsx({"Sheet1": [heads, [1, "Ana", "so", written_as]]})).submissions
    assert one.received == received


@pytest.mark.parametrize("wrapped", [[REGISTRATION], REGISTRATION, {"count": 1, "results": [REGISTRATION]}])
def test_the_api_says_it_in_words_and_no_secret(wrapped):
    export = read(json.dumps(wrapped).encode())
    (ana,) = export.submissions
    assert SECRET not in repr(export)
    assert (ana.row, ana.source, ana.received) == (1, "registration-4711", REGISTRATION["registration_date"])
    assert kinds(export, FIELD) == ["name", "email"]
    assert {key: ana.cells[key] for key in kinds(export, QUESTION)} == {
        "Country": "Portugal",
        "Workshops": "Singing; Boats, and ropes (+1)",
        "Bed": "Hostel (2022-10-03 – 2022-10-05)",
        "Comes along": "Cy Roe",
        "May we print your name?": "Yes",
        "Why do you want to come?": "For the bridge.",
    }
    assert export.column("Workshops") == Column("Workshops", "Workshops", QUESTION, ("Singing", "Boats, and ropes"))


def test_the_earlier_api_and_one_that_leaves_out_the_answers():
    export = read(json.dumps(EARLIER).encode())
    (ana,) = export.submissions
    assert (SECRET in repr(export), ana.source, ana.received) == (False, "registration-17", "")
    assert {key: ana.cells[key] for key in ("name", "email", "Affiliation", "Country")} == {
        "name": "Dr Ana Silva", "email": "ana@example.org", "Affiliation": "Bairro", "Country": "Portugal"}  # fmt: skip
    bare = {key: value for key, value in REGISTRATION.items() if key != "registration_data"}
    assert read(json.dumps([bare]).encode()).notes == (
        "Indico left out the answers; export the list as CSV, or ask its API for each registration",
    )


@pytest.mark.parametrize(
    "data",
    [
        written([["ID", "Name", "Email"], ["1", "Ana", "ana@example.org"]]),
        written([["Name", "ID", "Registration date"], ["Ana", "1", "2022-08-20"]]),
        json.dumps([{"id": 1, "full_name": "Ana", "email": "ana@example.org"}]).encode(),
        b"[1, 2]",
        b"{}",
    ],
)
def test_a_plain_table_is_not_taken_for_one(data):
    assert read(data) is None


def test_both_are_imported_and_not_taken_for_one_another(workspace, tmp_path):
    (tmp_path / "list.csv").write_bytes(written([HEADS, ANA, BO], encoding="utf-8-sig"))
    (tmp_path / "list.xlsx").write_bytes(xlsx({"Sheet1": [HEADS, ANA, BO]}))
    (tmp_path / "api.json").write_text(json.dumps([REGISTRATION]))
    look = workspace.run("import", "oslo-2022", str(tmp_path / "list.xlsx"), "--dry-run")
    assert "row 3: is withdrawn in Indico" in look.err
    said = workspace.done("import", "oslo-2022", str(tmp_path / "list.xlsx"), "--yes")
    assert said["incomplete"] == [3]
    (ana,) = said["new"]
    assert workspace.read(f"applications/oslo-2022/{ana}.md").startswith(
        f"---\nid: {ana}\nstatus: received\nreceived: 2022-08-20T10:12:33Z\napplicant:\n  name: Ana Silva\n"
        "  email: ana@example.org\n  organisation: Bairro\nsource: indico/1-220820\n---\n\n<!-- question: why -->\n"
        "## Why do you want to come?\n\nFor the bridge.\n"
    )
    look = workspace.done("import", "oslo-2022", str(tmp_path / "api.json"), "--dry-run")
    assert [(one["row"], one["other"]["id"], one["score"]) for one in look["duplicates"]] == [(1, ana, 100)]
    assert workspace.done("import", "oslo-2022", str(tmp_path / "list.csv"), "--yes")["commit"] is None
    assert len(workspace.done("import", "oslo-2022", str(tmp_path / "api.json"), "--yes")["new"]) == 1
    # In the zone of the event it may have been the next day; in another event 1 is somebody else.
    night = [*ANA[:10], "21 Aug 2022, 00:30", *ANA[11:]]
    cy = ["1", "Cy Roe", "Cy", "Roe", "cy@example.org", *ANA[5:10], "2022-08-29 10:00:00+00:00", *ANA[11:]]
    (tmp_path / "list.csv").write_bytes(written([HEADS, night, cy], encoding="utf-8-sig"))
    said = workspace.done("import", "oslo-2022", str(tmp_path / "list.csv"), "--yes")
    assert (said["unchanged"], len(said["new"])) == ([ana], 1)
