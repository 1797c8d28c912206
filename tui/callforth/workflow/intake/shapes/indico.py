"""Registrations of Indico: the list as CSV or a workbook, and what its check-in API says as JSON.

Source: github.com/indico/indico, indico/modules/events/registration (util.generate_spreadsheet_from_registrations,
schemas.CheckinRegistrationSchema, util.build_registrations_api_data) and indico/util/spreadsheets.py.
The secret that lets somebody check in (`checkin_secret`) is never taken in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from callforth.model.intake import FIELD, META, Column, Export, Submission
from callforth.model.text import clean_line, fold
from callforth.plaintext.tables import Grid, Workbook
from callforth.workflow.intake.shapes.gathered import (
    Gathered,
    all_addresses,
    gone_said,
    objects,
    record,
    text_of,
    without_repeats,
)
from callforth.workflow.intake.shapes.parts import stamp
from callforth.workflow.intake.shapes.table import columns_of

_NAMES = ("First Name", "Last Name", "Title")
_DATE, _STATE = "Registration date", "Registration state"
# What may stand after the fields; never translated. https://github.com/indico/indico, special_item_mapping
_ITS_OWN = {
    _DATE, "Modification date", _STATE, "Created by", "Price", "Checked in", "Check-in date", "Payment date", "Tags",
}  # fmt: skip
_GONE = ("rejected", "withdrawn")
_PHONE = re.compile(r"\b(tele)?(ph|f)on[eo]?\b|\bmobil|\btel\b|\bpuhelin\b|\bτηλεφ")
_WRITTEN = ("%d %b %Y, %H:%M:%S", "%d %b %Y, %H:%M", "%b %d, %Y, %I:%M:%S %p", "%b %d, %Y, %I:%M %p",
            "%d %b %Y %H:%M:%S", "%d %b %Y %H:%M")  # fmt: skip


def recognise(book: Workbook, name: str) -> Export | None:
    """Return what is in a list of registrations from Indico, None for anything else."""
    if book.kind == "json":
        return _of_api(book.document, book.notes)
    sheet = next(iter(book.sheets), None)
    if sheet is None or not sheet.rows or len(sheet.rows[0]) < 3:
        return None
    heads = sheet.rows[0]
    if heads[:2] != ("ID", "Name") or not {_DATE, _STATE} & set(heads[2:]):
        return None
    return _of_list(sheet, book.notes)


def _of_list(sheet: Grid, notes: Sequence[str]) -> Export:
    heads = sheet.rows[0]
    last = {head: at for at, head in enumerate(heads)}
    ends = min(at for head, at in last.items() if head in (_DATE, _STATE))
    columns, _ = columns_of(heads, sheet, 1)
    email = next((at for at in range(2, ends) if all_addresses(row[at] for row in sheet.rows[1:])), -1)
    for at, column in enumerate(columns):
        if column is None:
            continue
        if at == 1:
            columns[at] = Column("name", column.label, FIELD)
        elif at == email:
            columns[at] = Column("email", column.label, FIELD)
        elif at == 0 or (at >= ends and heads[at] in _ITS_OWN):
            columns[at] = Column(column.key, column.label, META)
    submissions = []
    for number, row in zip(sheet.numbers[1:], sheet.rows[1:], strict=True):
        cells = {column.key: cell for column, cell in zip(columns, row, strict=True) if column and cell}
        received = _dated(row[last[_DATE]]) if _DATE in last else ""
        gone = _gone(row[last[_STATE]]) if _STATE in last else ""
        # Every event counts from one. A workbook has times in the event's zone, CSV in UTC: the day tells enough.
        day = stamp(received)[:6]
        source = f"{row[0]}-{day}" if row[0] and day else row[0]
        once = (row[0], f"{row[0]}-") if row[0] else ()
        submissions.append(Submission(number, source, received, cells, gone=gone, once=once))
    more = (*gone_said(submissions, "Indico"), *_phones(sheet))
    kept = tuple(column for column in columns if column is not None)
    export = Export("indico", clean_line(sheet.name), kept, tuple(submissions), (*notes, *more))
    return without_repeats(export, "name", _NAMES)


def _dated(text: str) -> str:
    """Return a time with a month's name, as a workbook of Indico's has it, in figures; any other as it is."""
    for form in _WRITTEN if re.search(r"[^\W\d_]{3}", text) else ():
        with suppress(ValueError):
            return datetime.strptime(" ".join(text.split()), form).isoformat()
    return text


def _gone(state: str) -> str:
    return f"is {fold(state)} in Indico" if fold(state) in _GONE else ""


def _phones(sheet: Grid) -> Iterator[str]:
    for at, head in enumerate(sheet.rows[0]):
        if not _PHONE.search(fold(head)):
            continue
        numbers = (re.sub(r"[\s()/.-]", "", row[at]) for row in sheet.rows[1:])
        if any(re.fullmatch(r"[1-9]\d{8,14}", one) for one in numbers):
            yield f"Indico leaves out a + before text, so numbers in '{clean_line(head)[:40]}' may lack one"


def _of_api(document: object, notes: Sequence[str]) -> Export | None:
    """Return what the check-in API says: registrations in its present form, or in the form before Indico 3.2."""
    found = _registrations(document)
    if not found:
        return None
    gathered = Gathered()
    bare = 0
    for row, one in enumerate(found, 1):
        cells: dict[str, str] = {}
        gathered.put(cells, "name", one.get("full_name"), "Name", FIELD)
        if "personal_data" in one:
            source = one.get("registrant_id")
            _put_person(gathered, cells, one["personal_data"])
        else:
            source = one.get("id")
            gathered.put(cells, "email", one.get("email"), "Email", FIELD)
            gathered.put(cells, _STATE, one.get("state"), _STATE, META)
            bare += "registration_data" not in one
            _put_fields(gathered, cells, one.get("registration_data"))
        tags = [tag.get("title") for tag in objects(one.get("tags"))] or one.get("tags")
        gathered.put(cells, "Tags", tags, "Tags", META)
        received = text_of(one.get("registration_date"))
        gathered.put(cells, _DATE, received, _DATE, META)
        # Lists number registrations within one event, the API numbers all: the two must not be taken for one another.
        gone = _gone(text_of(one.get("state")))
        gathered.add(row, f"registration-{text_of(source)}", received, cells, gone=gone)
    more = [*notes, *gone_said(gathered.submissions, "Indico")]
    if bare:
        more.append("Indico left out the answers; export the list as CSV, or ask its API for each registration")
    export = without_repeats(gathered.export("indico", "", more), "name", _NAMES)
    return without_repeats(export, "email")


def _registrations(document: object) -> list[dict[str, Any]]:
    """Return the registrations in a document of the API, none where it is something else."""
    found: object = document
    if isinstance(document, dict):
        listed = document.get("registrants", document.get("results"))
        found = listed if isinstance(listed, list) else [document]
    if not isinstance(found, list) or not found:
        return []
    for one in found:
        if not isinstance(one, dict) or "full_name" not in one or "checked_in" not in one:
            return []
        if not ({"registrant_id", "personal_data"} <= one.keys() or {"id", "regform_id"} <= one.keys()):
            return []
    return found


def _put_person(gathered: Gathered, cells: dict[str, str], person: object) -> None:
    """Put what the older API says of a person."""
    said = dict(record(person))
    gathered.put(cells, "email", said.pop("email", ""), "Email", FIELD)
    labels = {"firstName": "First Name", "surname": "Last Name", "affiliation": "Affiliation", "position": "Position",
              "address": "Address", "phone": "Phone", "country": "Country", "title": "Title"}  # fmt: skip
    said.pop("country_code", None)
    for key, value in said.items():
        label = labels.get(key, key)
        gathered.put(cells, label, value, label)


def _put_fields(gathered: Gathered, cells: dict[str, str], sections: object) -> None:
    """Put what a form's sections say, under their fields' titles."""
    for section in objects(sections):
        for field in objects(section.get("fields")):
            listed = objects(field.get("choices"))
            choices = {str(one.get("id") or one.get("countryKey")): text_of(one.get("caption")) for one in listed}
            options = [] if field.get("input_type") == "country" else list(choices.values())
            title = clean_line(text_of(field.get("title")) or f"field {text_of(field.get('id'))}")
            gathered.put(cells, title, _said(field.get("data"), choices), title, options=options)


def _said(data: object, choices: Mapping[str, str]) -> object:
    """Return a field's value in words: what was chosen, with how many more places, and when somebody arrives."""
    if isinstance(data, str):
        return choices.get(data, data)
    if isinstance(data, list):
        return [_said(one, choices) for one in data]
    if not isinstance(data, dict):
        return data
    if "firstName" in data or "first_name" in data:
        names = (data.get("firstName") or data.get("first_name"), data.get("lastName") or data.get("last_name"))
        return " ".join(filter(None, map(text_of, names)))
    if "choice" in data:
        times = [text_of(data.get(key)) for key in ("arrivalDate", "departureDate")]
        chosen = choices.get(text_of(data["choice"]), text_of(data["choice"]))
        return f"{chosen} ({' – '.join(times)})" if all(times) else chosen
    if data and all(isinstance(places, int) for places in data.values()):
        return [choices.get(key, key) + (f" (+{places - 1})" if places > 1 else "") for key, places in data.items()
                if places]  # fmt: skip
    return data
