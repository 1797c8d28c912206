"""EUSurvey's results as XLSX, XLS, ODS, or saved from there as CSV; the XML of the same is read by `eusurvey_xml`.

Source: `CommonExcelExportCreator.java` and `OdfExportCreator.java` of github.com/EUSurvey/EUSURVEY (package
`com.ec.survey.tools.export`). Above the headings stand `Alias | name` and `Export Date | …`, on each sheet. After the
questions come up to seven columns about the submission, in a fixed order, with headings in the organiser's language.
After 254 columns it goes on in a sheet `Content1`; a text of more than 32,767 UTF-16 units goes on in the next row, by
some versions one column further right. Where somebody has saved the table without the rows above it, the columns at its
end tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from callforth.model.intake import META, Column, Export, Submission
from callforth.model.text import clean_line, fold
from callforth.plaintext.tables import Grid, Workbook
from callforth.workflow.intake.shapes import eusurvey_xml
from callforth.workflow.intake.shapes.parts import together, unique

KIND = "eusurvey"
INVITATION, ID, USER, CREATED, UPDATED, LANGUAGES, SCORE = (
    "Invitation number", "Contribution ID", "User name", "Creation date", "Last update", "Languages", "Total score",
)  # fmt: skip
_METAS = (INVITATION, ID, USER, CREATED, UPDATED, LANGUAGES, SCORE)
# In other languages they are told by what is in them, beside an id.
_TRANSLATED = {
    INVITATION: "einladungsnummer;numero de l'invitation",
    CREATED: "erstellungsdatum;date de creation",
    UPDATED: "letzte aktualisierung;derniere mise a jour",
    USER: "nutzername;nom d'utilisateur",
    LANGUAGES: "sprachen;langues",
}
_RANKS = {fold(name): rank for rank, name in enumerate(_METAS)} | {
    word: _METAS.index(name) for name, words in _TRANSLATED.items() for word in words.split(";")
}
# A question may well be called so.
_ALSO_QUESTIONS = {USER, LANGUAGES, SCORE}
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ANONYMOUS = "anonymous"
_DAY = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T].*)?")
_ASSIGNED = re.compile(r"(?P<title>.*\S)\s+(?:\((?P<value>[^\s()]+)\)|(?P<bare>ID\d+))", re.DOTALL)
_ASSIGNED_INSIDE = re.compile(r"\s\([^\s()]+\):(?=\S)")
_ANSWER_ENDS = re.compile(r"\s*\(ID\d+\)(?:\s*;\s*|\s*$)")
_CELL_ENDS = 32_767
# Cleaning takes away what cannot be seen.
_ABOUT_FULL = 30_000
_NO_ID = f"there is no column '{ID}'; export that too, so that changed answers are known as such"
_TICKED, _NOT_TICKED = "Yes", "No"


@dataclass(slots=True)
class _Person:
    """One submission while it is put together: its rows by sheet, the last pieces of long texts, and where it ends."""

    number: int
    end: int
    rows: list[list[str] | None]
    tails: list[list[str]] = field(default_factory=list)


def recognise(book: Workbook, name: str) -> Export | None:
    """Return the submissions of an export of EUSurvey, None for what is none."""
    if book.kind == "xml":
        return eusurvey_xml.recognise(book, name)
    heads = [(sheet, head) for sheet in book.sheets if (head := _head(sheet))]
    filled = [sheet for sheet in book.sheets if sheet.rows]
    if not heads and len(filled) == 1 and (bare := _without_head(filled[0])) is not None:
        heads = [(filled[0], ("", bare))]
    if not heads:
        return None
    alias = heads[0][1][0]
    sheets = [(sheet, at) for sheet, (other, at) in heads if other == alias and at < len(sheet.rows)]
    headings = [heading for sheet, at in sheets for heading in sheet.rows[at]]
    people = _people(sheets)
    table = [_whole(person, [len(sheet.rows[at]) for sheet, at in sheets]) for person in people]
    metas = _metas(headings, table)
    titles, assigned = _titles(headings, metas)
    groups = _groups(titles, metas, table)
    columns, notes = _columns(titles, headings, metas, groups, table)
    submissions = []
    for person, row in zip(people, table, strict=True):
        cells = {
            column.key: text
            for column, places in columns
            if (text := _cell(row, places, column, assigned)) and (column.kind != META or fold(text) != _ANONYMOUS)
        }
        about = {meta: row[at] for at, meta in metas.items() if fold(row[at]) != _ANONYMOUS}
        received = about.get(CREATED) or about.get(UPDATED, "")
        submissions.append(Submission(person.number, about.get(ID, ""), received, cells))
    kept = tuple(column for column, _ in columns)
    return Export(KIND, clean_line(alias), kept, tuple(submissions), (*book.notes, *notes))


def _head(sheet: Grid) -> tuple[str, int] | None:
    """Return the survey's alias, and which row has the headings; None for a sheet that EUSurvey did not write.

    Some versions leave cells above the headings without a type in ODS, and then readers see empty ones.
    """
    if len(sheet.rows) < 2 or any(sheet.rows[0][2:]):
        return None
    label, alias = (*sheet.rows[0], "")[:2]
    if alias and label == "Alias" and sheet.rows[1][0] == "Export Date":
        return alias, 2
    below = next((at for at, number in enumerate(sheet.numbers) if number > 2), len(sheet.rows))
    untyped = (sheet.name, label, sheet.numbers[0]) == ("Content", "", 1) and below < len(sheet.rows)
    return (alias, below) if alias and untyped and sheet.numbers[below] < 5 else None


def _without_head(sheet: Grid) -> int | None:
    """Return which row has the headings of a table that has lost what stands above them; None for any other table."""
    for at in range(min(3, len(sheet.rows) - 1)):
        headings, rows = sheet.rows[at], sheet.rows[at + 1 :]
        metas = _metas(headings, rows)
        ids = [place for place, meta in metas.items() if meta == ID and _all(_UUID, rows, place)]
        named = {_RANKS.get(fold(clean_line(headings[place]))) for place in metas}
        if ids and (_METAS.index(ID) in named or {_METAS.index(CREATED), _METAS.index(UPDATED)} <= named):
            return at
    return None


def _people(sheets: Sequence[tuple[Grid, int]]) -> list[_Person]:
    """Return for each submission its rows on all sheets, with texts that go on in the next row put together.

    Where a text on one sheet goes on, the row on the next sheet stands as far down as that has come.
    """
    tables = [dict(zip(sheet.numbers[at + 1 :], sheet.rows[at + 1 :], strict=True)) for sheet, at in sheets]
    found: list[_Person] = []
    for number in sorted(set().union(*tables)):
        for at, table in enumerate(tables):
            row = table.get(number)
            if row is None:
                continue
            last = found[-1] if found else None
            before = last.rows[at] if last else None
            if last and before is not None and (pieces := _going_on(last.tails[at], row)):
                for place, piece in pieces.items():
                    gap = " " if _units(last.tails[at][place]) == _CELL_ENDS - 1 else ""
                    before[place] += gap + piece
                last.tails[at] = [pieces.get(place, "") for place in range(len(row))]
                last.end = number
            elif last and before is None and last.end == number:
                last.rows[at], last.tails[at] = list(row), list(row)
            else:
                person = _Person(number, number, [None] * len(tables), [[] for _ in tables])
                person.rows[at], person.tails[at] = list(row), list(row)
                found.append(person)
    return found


def _going_on(before: Sequence[str], row: Sequence[str]) -> dict[int, str]:
    """Return by column the texts with which a row goes on from the one before, {} where it begins anew."""
    full = {at for at, cell in enumerate(before) if _is_full(cell)}
    if not full:
        return {}
    filled = {at: cell for at, cell in enumerate(row) if cell}
    if set(filled) <= full:
        return filled
    shifted = {at - 1: cell for at, cell in filled.items()}
    return shifted if set(shifted) <= full else {}


def _is_full(cell: str) -> bool:
    # Few cells are near it, and a character takes two units at most.
    return len(cell) >= _ABOUT_FULL // 2 and _units(cell) + cell.count("\n") >= _ABOUT_FULL


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _whole(person: _Person, widths: Sequence[int]) -> list[str]:
    return [cell for row, width in zip(person.rows, widths, strict=True) for cell in (row or [""] * width)]


def _metas(headings: Sequence[str], table: Sequence[Sequence[str]]) -> dict[int, str]:
    """Return which columns at the end are about the submission itself, and what each is (one of `_METAS`)."""
    found: dict[int, str] = {}
    last = max((at + 1 for at, heading in enumerate(headings) if heading), default=0)
    below = len(_METAS)
    for at in reversed(range(last)):
        rank = _RANKS.get(fold(clean_line(headings[at])), below)
        if rank >= below:
            break
        found[at], below = _METAS[rank], rank
    if len(found) < 2 and set(found.values()) <= _ALSO_QUESTIONS:
        found = {}
    if ID in found.values():
        return found
    for at in range(max(0, last - len(_METAS)), last):
        if _all(_UUID, table, at):
            return {at: ID} | _beside_id(range(at + 1, last), table) | found
    return found


def _beside_id(places: Sequence[int], table: Sequence[Sequence[str]]) -> dict[int, str]:
    """Return what the columns after an id are, by what is in them."""
    found: dict[int, str] = {}
    for at in places:
        if _all(_DAY, table, at):
            found[at] = UPDATED if CREATED in found.values() else CREATED
        elif _all(re.compile(r"[A-Za-z]{2}"), table, at):
            found[at] = LANGUAGES
        else:
            found[at] = SCORE if UPDATED in found.values() or LANGUAGES in found.values() else USER
    return found


def _all(pattern: re.Pattern[str], table: Sequence[Sequence[str]], at: int) -> bool:
    cells = [row[at] for row in table if row[at]]
    return bool(cells) and all(pattern.fullmatch(cell) for cell in cells)


def _titles(headings: Sequence[str], metas: Mapping[int, str]) -> tuple[list[str], bool]:
    """Return the headings without assigned values such as ` (P3)`, and whether there were any.

    All have one, or none has; a survey gives each value to one question or option.
    """
    titles = [clean_line(heading) for heading in headings]
    asked = [_ASSIGNED.fullmatch(title) for at, title in enumerate(titles) if title and at not in metas]
    pairs = {(found["value"] or found["bare"], found["title"]) for found in asked if found}
    values = {value for value, _ in pairs}
    if not asked or None in asked or len(values) < len(pairs) or not any(re.search(r"\d", one) for one in values):
        return titles, False
    for at, title in enumerate(titles):
        if at not in metas and (found := _ASSIGNED.fullmatch(title)):
            titles[at] = _ASSIGNED_INSIDE.sub(":", found["title"])
    return titles, True


def _groups(titles: Sequence[str], metas: Mapping[int, str], table: Sequence[Sequence[str]]) -> dict[int, list[int]]:
    """Return for questions with a column for each option which columns those are.

    Such a question has an empty column of its own, and each option says Yes or No for everybody.
    """
    found: dict[int, list[int]] = {}
    at = 0
    while table and at < len(titles):
        options: list[int] = []
        if titles[at] and at not in metas and not any(row[at] for row in table):
            for other in range(at + 1, len(titles)):
                ticks = {row[other] for row in table}
                if other in metas or not titles[other] or titles[other].endswith("?"):
                    break
                if not ticks <= {_TICKED, _NOT_TICKED}:
                    break
                options.append(other)
        if len(options) > 1:
            found[at] = options
            at = options[-1]
        at += 1
    return found


def _columns(
    titles: Sequence[str],
    headings: Sequence[str],
    metas: Mapping[int, str],
    groups: Mapping[int, list[int]],
    table: Sequence[Sequence[str]],
) -> tuple[list[tuple[Column, list[int]]], list[str]]:
    """Return the columns with the places that each is read from (its own, or those of its options), and notes."""
    inside = {other for options in groups.values() for other in options}
    asked = [
        at
        for at, title in enumerate(titles)
        if at not in metas and at not in inside and (title or any(row[at] for row in table))
    ]
    names = unique(titles[at] or f"column {at + 1}" for at in asked)
    found = []
    for at, name in zip(asked, names, strict=True):
        options = tuple(titles[other] for other in groups.get(at, ()))
        found.append((Column(name, name, options=options), groups.get(at, [at])))
    keys = unique([*names, *(metas[at] for at in sorted(metas))])[len(names) :]
    for at, key in zip(sorted(metas), keys, strict=True):
        found.append((Column(key, clean_line(headings[at]) or key, META), [at]))
    doubled = [name for at, name in zip(asked, names, strict=True) if titles[at] and name != titles[at]]
    notes = [f"'{name}' has the heading of another column before it" for name in doubled]
    notes += [
        f"'{titles[at]}' was read from its {len(options)} columns of Yes and No" for at, options in groups.items()
    ]
    if ID not in metas.values():
        notes.append(_NO_ID)
    return found, notes


def _cell(row: Sequence[str], places: Sequence[int], column: Column, assigned: bool) -> str:
    if column.options:
        ticked = zip(column.options, places, strict=True)
        return "; ".join(option for option, place in ticked if row[place] == _TICKED)
    text = row[places[0]]
    if column.kind == META:
        return text
    if assigned and (parts := _ANSWER_ENDS.split(text))[-1] == "" and len(parts) > 1:
        return "; ".join(part.strip() for part in parts[:-1])
    return together(text)
