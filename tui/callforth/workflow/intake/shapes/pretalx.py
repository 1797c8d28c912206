"""What pretalx exports: the organisers' CSV and JSON, answers one a row, and objects of its API, old and new.

Source: github.com/pretalx/pretalx, src/pretalx: orga/forms/export.py, speaker.py and schedule.py (the exports, whose
headings are in the organiser's language), submission/exporters.py (one answer a row), and
api/serializers/submission.py, speaker.py, question.py and legacy.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from callforth.model.intake import FIELD, META, QUESTION, Export
from callforth.model.text import clean_line, fold
from callforth.plaintext.tables import TableUnusable, Workbook
from callforth.workflow.intake.shapes.gathered import Gathered, all_addresses, gone_said, objects, text_of

# Letters and figures that nobody takes for one another (pretalx, GenerateCode).
_CODE = re.compile(r"[A-HJ-NP-Z3789]{6}")
_IDS = re.compile(r"\bids?\b")
_CODES = re.compile(rf"{_CODE.pattern}((\n|, ){_CODE.pattern})*")
_LONG = ({"code", "name", "email", "question", "answer"}, {"code", "title", "question", "answer"})
_STATES = {"submitted", "accepted", "rejected", "confirmed", "canceled", "cancelled", "withdrawn", "draft", "deleted"}
_GONE = {"rejected", "canceled", "cancelled", "withdrawn", "deleted"}
# A session's times are those of a plan, in whole minutes; when a proposal was made is known to the microsecond.
_CREATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)")
_NAMED = ";speaker names;namen der vortragenden;name;"
_SEVERAL = re.compile(r"\n|, ")
_ITS_OWN = (
    ";picture;bild;session image;bild zum beitrag;duration;dauer;slot count;median score;wertung (median);"
    "average (mean) score;wertung (mittelwert);room;raum;start;ende;end;is featured;internal notes;interne notiz;"
)
_TITLES = {
    "title": "Proposal title", "submission_type": "Session type", "track": "Track", "abstract": "Abstract",
    "description": "Description", "notes": "Notes", "biography": "Biography", "resources": "Resources", "tags": "Tags",
}  # fmt: skip
_META = ("code", "state", "pending_state", "content_locale", "created", "updated")
_EXPAND = "speakers,answers.question,submission_type,track,tags"


def recognise(book: Workbook, name: str) -> Export | None:
    """Return what is in an export of pretalx, None for anything else. Raises `TableUnusable`."""
    if book.kind == "json":
        records = _objects(book.document)
        if not records:
            return None
        if all("code" in one for one in records):
            return _of_api(records, (*book.notes, *_pages(book.document)), name)
        if all("ID" in one for one in records):
            heads = list(dict.fromkeys(key for one in records for key in one))
            rows = [[_several(one.get(head)) for head in heads] for one in records]
            return _of_list([clean_line(head) for head in heads], rows, range(1, len(rows) + 1), book.notes)
        return None
    sheet = next(iter(book.sheets), None)
    if sheet is None or len(sheet.rows) < 2:
        return None
    heads, *more = ([_bare(cell) for cell in row] for row in sheet.rows)
    if set(heads) in _LONG:
        return _of_answers(heads, more, sheet.numbers[1:], book.notes)
    return _of_list([clean_line(head) for head in heads], more, sheet.numbers[1:], book.notes)


def _bare(cell: str) -> str:
    """Return a cell without what pretalx puts before text that a spreadsheet could run (defusedcsv)."""
    return cell[1:].replace("\\|", "|") if re.match(r"'[@+\-=|%]", cell) else cell


def _several(value: object) -> str:
    return "\n".join(map(text_of, value)) if isinstance(value, list) else text_of(value)


def _of_list(
    heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int], notes: Sequence[str]
) -> Export | None:
    """Return the organisers' export of speakers or sessions: the code first, then what was chosen to be in it."""
    columns = list(zip(*rows, strict=True))
    if heads[0] != "ID" or len(heads) < 2 or not all(map(_CODE.fullmatch, columns[0])):
        return None
    kinds = _kinds(heads, columns)
    gathered = Gathered()
    for row, number in zip(rows, numbers, strict=True):
        cells: dict[str, str] = {}
        received, state = "", ""
        count = max((len(_SEVERAL.split(cell)) for cell, kind in zip(row, kinds, strict=True) if kind == "email"),
                    default=1)  # fmt: skip
        for head, cell, kind in zip(heads, row, kinds, strict=True):
            if kind in ("name", "email"):
                first, *others = _each(cell, count)
                gathered.put(cells, kind, first, head, FIELD)
                if others:
                    label = "Other speakers" if kind == "name" else "Other speakers' addresses"
                    gathered.put(cells, label, "; ".join(others))
                continue
            gathered.put(cells, head, cell, head, _kind(kind))
            received = cell if kind == "created" else received
            state = cell if kind == "state" else state
        gathered.add(number, row[0], received, cells, state != "draft", _gone(state))
    return gathered.export("pretalx", "", [*notes, *gone_said(gathered.submissions, "pretalx")])


def _each(cell: str, count: int) -> list[str]:
    """Return the people in a cell, one a line; with commas where just so many are parted by them (as in `A, B`)."""
    parts = _SEVERAL.split(cell)
    return parts if len(parts) == count else cell.split("\n")


def _kind(kind: str) -> str:
    return FIELD if kind in ("name", "email") else kind if kind in (META, QUESTION) else META


def _kinds(heads: Sequence[str], columns: Sequence[Sequence[str]]) -> list[str]:
    """Return what each column is: name, email, state, created, META or QUESTION; its cells tell, or its heading."""
    kinds: list[str] = []
    for at, (head, column) in enumerate(zip(heads, columns, strict=True)):
        filled = {cell for cell in column if cell}
        if at == 0 or (_IDS.search(fold(head)) and all(map(_CODES.fullmatch, filled))):
            kind = META
        elif all_addresses(one for cell in filled for one in _SEVERAL.split(cell)):
            kind = "email"
        elif filled and filled <= _STATES:
            kind = "state"
        elif filled and all(map(_CREATED.fullmatch, filled)):
            kind = "created"
        elif f";{fold(head)};" in _NAMED:
            kind = "name"
        else:
            kind = META if f";{fold(head)};" in _ITS_OWN else QUESTION
        if kind not in (META, QUESTION) and kind in kinds:  # the first is pretalx's own
            kind = META if kind == "state" else QUESTION
        kinds.append(kind)
    return kinds


def _of_answers(
    heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int], notes: Sequence[str]
) -> Export:
    """Return the export with one answer a row, as one submission for each speaker or proposal."""
    gathered = Gathered()
    found: dict[str, tuple[int, dict[str, str]]] = {}
    for row, number in zip(rows, numbers, strict=True):
        said = dict(zip(heads, row, strict=True))
        if said["code"] not in found:
            cells: dict[str, str] = {}
            found[said["code"]] = (number, cells)
            for key, label in (("name", "Name"), ("email", "Email"), ("title", _TITLES["title"])):
                if key in said:
                    name, kind = (label, QUESTION) if key == "title" else (key, FIELD)
                    gathered.put(cells, name, said[key], label, kind)
        gathered.put(found[said["code"]][1], clean_line(said["question"]) or "question", said["answer"])
    for code, (number, cells) in found.items():
        gathered.add(number, code, "", cells)
    return gathered.export("pretalx", "", notes)


def _objects(document: object) -> list[dict[str, Any]]:
    """Return the objects in a page of the API, a list, or alone."""
    found: object = document
    if isinstance(document, dict):
        found = document.get("results", [document])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        return []
    return found


def _pages(document: object) -> Iterator[str]:
    if isinstance(document, dict) and (document.get("next") or document.get("previous")):
        yield f"this is one page of several ({text_of(document.get('count'))} in all); import the others too"


def _of_api(records: Sequence[dict[str, Any]], notes: Sequence[str], name: str) -> Export | None:
    proposals = all("state" in one and isinstance(one.get("speakers"), list) for one in records)
    if not proposals and not all("name" in one and "submissions" in one for one in records):
        return None
    _check_whole(records, proposals, name)
    gathered = Gathered()
    for row, one in enumerate(records, 1):
        cells: dict[str, str] = {}
        people = one["speakers"] if proposals else [one]
        _put_people(gathered, cells, people)
        for key, label in _TITLES.items():
            if text_of(one.get(key)) and not (key == "biography" and proposals):
                kind = META if isinstance(one[key], int) or isinstance(_first(one[key]), int) else QUESTION
                gathered.put(cells, label, _worded(one[key]), label, kind)
        for answer in objects(one.get("answers")):
            _put_answer(gathered, cells, answer)
        if proposals:
            for person in people[:1]:
                if person.get("biography"):
                    gathered.put(cells, _TITLES["biography"], person["biography"])
                for answer in objects(person.get("answers")):
                    _put_answer(gathered, cells, answer)
        for key in _META:
            if key in one:
                gathered.put(cells, key, one[key], key, META)
        state = text_of(one.get("state"))
        received = text_of(one.get("created"))
        gathered.add(row, text_of(one["code"]), received, cells, state != "draft", _gone(state))
    return gathered.export("pretalx", "", [*notes, *gone_said(gathered.submissions, "pretalx")])


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else None


def _check_whole(records: Sequence[dict[str, Any]], proposals: bool, name: str) -> None:
    """Raise `TableUnusable` where the API was not asked for who speaks, or for the answers."""
    for one in records:
        people = one["speakers"] if proposals else [one]
        lists = [each.get("answers") for each in (one, *people) if isinstance(each, dict)]
        answers = [answer for each in lists if isinstance(each, list) for answer in each]
        whole = all(isinstance(person, dict) for person in people) and all(
            isinstance(answer, dict) and isinstance(answer.get("question"), dict) for answer in answers
        )
        if not whole:
            expand = _EXPAND if proposals else "answers.question"
            raise TableUnusable(
                f"{name} has codes where people and questions should be; ask pretalx once more, with ?expand={expand}"
            )


def _put_people(gathered: Gathered, cells: dict[str, str], people: Sequence[Mapping[str, Any]]) -> None:
    """Put the first of the speakers as who applies, and name the others."""
    first = people[0] if people else {}
    gathered.put(cells, "name", first.get("name"), "Name", FIELD)
    gathered.put(cells, "email", first.get("email"), "Email", FIELD)
    if len(people) > 1:
        gathered.put(cells, "Other speakers", [person.get("name") for person in people[1:]])


def _put_answer(gathered: Gathered, cells: dict[str, str], answer: Mapping[str, Any]) -> None:
    question = answer["question"]
    label = clean_line(text_of(question.get("question"))) or f"question {text_of(question.get('id'))}"
    known = [text_of(one.get("answer")) for one in objects(question.get("options"))]
    chosen = [text_of(one.get("answer")) for one in objects(answer.get("options"))]
    value = chosen if any(chosen) else answer.get("answer") or answer.get("answer_file")
    gathered.put(cells, label, _truth(value, question), label, options=known)


def _truth(value: object, question: Mapping[str, Any]) -> object:
    """Return the answer to a question of yes or no in these words."""
    words = {"True": "Yes", "False": "No"}
    return words.get(value, value) if question.get("variant") == "boolean" and isinstance(value, str) else value


def _worded(value: object) -> object:
    """Return what an expanded object is called, or the value itself."""
    if isinstance(value, list):
        return [_worded(one) for one in value]
    if isinstance(value, dict):
        for key in ("name", "tag", "resource"):
            if key in value:
                return value[key]
    return value


def _gone(state: str) -> str:
    return f"is {state} in pretalx" if state in _GONE else ""
