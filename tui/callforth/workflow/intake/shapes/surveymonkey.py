"""SurveyMonkey's responses as XLSX, XLS or CSV: one row each, below two rows of headings.

Source: exports in public repositories (`Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First
Name,Last Name,Custom Data 1`, then the questions). The second row of headings has an option or a part of the question
above it in each column, `Response` or `Open-Ended Response` where there is only one. What was ticked of several has its
own heading as the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from callforth.model.intake import FIELD, META, QUESTION, Column, Export, Submission
from callforth.model.text import clean_line, fold
from callforth.plaintext.tables import Grid, Workbook
from callforth.workflow.intake.shapes.parts import folded, unique

KIND = "surveymonkey"
_ID, _COLLECTOR = "respondent id", "collector id"
_EMAIL, _FIRST, _LAST = "email address", "first name", "last name"
# When it was sent; a response that is changed later keeps when it was created.
_SENT = ("end date", "date created", "date modified", "start date")
_OWN = {_ID, _COLLECTOR, *_SENT, "ip address", _EMAIL, _FIRST, _LAST}
_CUSTOM = "custom data"
_ONLY = folded("response;open-ended response;antwort;réponse;réponse ouverte;respuesta;respuesta abierta;risposta")


def recognise(book: Workbook, name: str) -> Export | None:
    """Return the responses to a survey of SurveyMonkey's, None for anything else."""
    for sheet in book.sheets:
        heads = [fold(clean_line(cell)) for cell in sheet.rows[0]] if sheet.rows else []
        if heads[:2] == [_ID, _COLLECTOR]:
            return _read(sheet, heads, book)
    return None


def _read(sheet: Grid, heads: Sequence[str], book: Workbook) -> Export:
    asked = next((at for at, head in enumerate(heads) if head not in _OWN and not head.startswith(_CUSTOM)), len(heads))
    own = {head: at for at, head in enumerate(heads[:asked]) if head}
    two = len(sheet.rows) > 1 and not any(sheet.rows[1][:asked])
    parts = [clean_line(cell) for cell in sheet.rows[1]] if two else [""] * len(heads)
    first = 1 + two
    rows = sheet.rows[first:]
    found = list(_asked([clean_line(cell) for cell in sheet.rows[0]], parts, asked, rows))
    labels = unique(label for label, _, _ in found)
    columns = [Column(label, label, QUESTION, options) for label, (_, options, _) in zip(labels, found, strict=True)]
    texts = [cells for _, _, cells in found]
    people = list(_people(own, rows))
    keys = unique([*labels, *(key for key, *_ in people)])[len(labels) :]
    for key, (wanted, label, kind, _) in zip(keys, people, strict=True):
        columns.append(Column(key, label, kind if key == wanted else META))
    texts += [cells for *_, cells in people]
    sent = next((own[head] for head in _SENT if head in own), None)
    submissions = []
    for at, (number, row) in enumerate(zip(sheet.numbers[first:], rows, strict=True)):
        said = {column.key: cells[at] for column, cells in zip(columns, texts, strict=True) if cells[at]}
        submissions.append(Submission(number, row[0], row[sent] if sent is not None else "", said))
    return Export(KIND, clean_line(sheet.name), tuple(columns), tuple(submissions), book.notes)


def _asked(
    heads: Sequence[str], parts: Sequence[str], first: int, rows: Sequence[Sequence[str]]
) -> Iterator[tuple[str, tuple[str, ...], list[str]]]:
    """Yield each question's heading, its options where several could be ticked, and the answers."""
    starts = [at for at in range(first, len(heads)) if heads[at] or at == first]
    for start, end in pairwise([*starts, len(heads)]):
        question = heads[start] or f"column {start + 1}"
        options = [at for at in range(start, end) if parts[at] and all(row[at] in ("", parts[at]) for row in rows)]
        ticked = any(row[at] for row in rows for at in options)
        others = [at for at in range(start, end) if at not in options]
        if len(options) > 1 and ticked and others in ([], [end - 1]):
            yield (
                question,
                tuple(parts[at] for at in options),
                ["; ".join(filter(None, row[start:end])) for row in rows],
            )
            continue
        for at in range(start, end):
            alone = not parts[at] or fold(parts[at]) in _ONLY
            if parts[at] or at == start or any(row[at] for row in rows):
                yield question if alone else f"{question}: {parts[at]}", (), [row[at] for row in rows]


def _people(own: dict[str, int], rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield key, label, kind and cells of what SurveyMonkey adds; who was invited by name or address has applied."""
    names = [own[head] for head in (_FIRST, _LAST) if head in own]
    whole = [" ".join(filter(None, (row[at] for at in names))) for row in rows]
    if any(whole):
        yield "name", "Name", FIELD, whole
    for head, at in own.items():
        cells = [row[at] for row in rows]
        if head == _EMAIL and any(cells):
            yield "email", head.capitalize(), FIELD, cells
        elif head not in (_FIRST, _LAST, _EMAIL):
            yield head, head.capitalize(), META, cells
