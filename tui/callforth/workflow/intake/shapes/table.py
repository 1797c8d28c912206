"""A plain table: a row of headings or two, then one row for each person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from callforth.model.intake import Column, Export, Submission
from callforth.model.text import clean_line, fold
from callforth.plaintext.tables import Grid, TableUnusable, Workbook
from callforth.workflow.intake.shapes.own import with_own

# What SurveyMonkey writes below the headings of its questions.
_BELOW = {"response", "open-ended response", "antwort", "reponse ouverte", "respuesta abierta"}
_LOOKED_AT = 12
_NONE = "column"


def read(book: Workbook, name: str) -> Export:
    """Return a plain table of which nothing more is known. Raises `TableUnusable`."""
    if book.kind not in ("xlsx", "xls", "ods", "csv"):
        raise TableUnusable(
            f"{name} is {book.kind.upper()} of an unknown kind; export the answers as a spreadsheet or CSV"
        )
    filled = [sheet for sheet in book.sheets if sheet.rows]
    if not filled:
        raise TableUnusable(f"{name} has no filled cell; export it once more")
    sheet = max(filled, key=lambda one: len(one.rows))
    others = [one.name for one in filled if one is not sheet]
    notes = [f"read from the sheet '{sheet.name}'; not from {', '.join(others)}"] if others else []
    at = header_at(sheet)
    headings, first = sheet.rows[at], at + 1
    for above in (at, at - 1):
        if both := _of_two(sheet, above, at):
            headings, first = both, above + 2
            notes.append("the two rows of headings were read as one")
            break
    columns, doubled = columns_of(headings, sheet, first)
    notes += [f"several columns are called '{one}'; the later ones have a number" for one in doubled]
    rows = zip(sheet.numbers[first:], sheet.rows[first:], strict=True)
    submissions = tuple(Submission(number, "", "", cells_of(columns, row)) for number, row in rows)
    kept = tuple(column for column in columns if column is not None)
    return with_own(Export("table", clean_line(sheet.name), kept, submissions, (*book.notes, *notes)))


def header_at(sheet: Grid) -> int:
    """Return which row has the headings: the first that is about as wide as the rows below it."""
    start = sheet.rows[:_LOOKED_AT]
    widths = [sum(bool(cell) for cell in row) for row in start]
    usual = sorted(widths)[len(widths) // 2]
    return next((at for at, width in enumerate(widths) if width >= max(1, 0.6 * usual)), 0)


def _of_two(sheet: Grid, at: int, head: int) -> tuple[str, ...]:
    """Return the headings of this row and the one below it, where together they are headings; else nothing.

    Then a heading over several columns has one below it in each of them, and any other heading nothing. `head` is the
    row that has the headings if it is one alone.
    """
    if at < 0 or at + 1 >= len(sheet.rows) or sheet.numbers[at] + 1 != sheet.numbers[at + 1]:
        return ()
    above, below = sheet.rows[at : at + 2]
    if at == head and any(fold(cell.strip()) in _BELOW for cell in below):
        return joined(above, below)
    merged = [(left, right) for row, left, right in sheet.merged if row == sheet.numbers[at] and right < len(above)]
    spans = merged or _spans(above)
    inside = {column for left, right in spans for column in range(left, right + 1)}
    alone = [column for column in range(len(above)) if above[column] and column not in inside]
    title = merged and sum(map(bool, above)) == 1 and merged[0][0] == 0
    if title or not inside or not all(below[column] for column in inside) or any(below[column] for column in alone):
        return ()
    if merged:
        over = {column: above[left] for left, right in spans for column in range(left, right + 1)}
        return tuple(f"{over[at]}: {one}" if over.get(at) else one or above[at] for at, one in enumerate(below))
    return joined(above, below) if alone else ()


def _spans(headings: Sequence[str]) -> list[tuple[int, int]]:
    """Return the first and last column of headings that have empty ones beside them."""
    starts = [at for at, heading in enumerate(headings) if heading]
    ends = [*(start - 1 for start in starts[1:]), len(headings) - 1] if starts else []
    return [(start, end) for start, end in zip(starts, ends, strict=True) if end > start]


def columns_of(headings: Sequence[str], sheet: Grid, first: int) -> tuple[list[Column | None], list[str]]:
    """Return the columns (None where a column is empty), and which headings stand there more than once."""
    seen: Counter[str] = Counter()
    columns: list[Column | None] = []
    doubled: list[str] = []
    for at, heading in enumerate(headings):
        if not heading and not any(row[at] for row in sheet.rows[first:]):
            columns.append(None)
            continue
        label = clean_line(heading) or f"{_NONE} {at + 1}"
        seen[label] += 1
        if seen[label] > 1:
            doubled += [label] if seen[label] == 2 else []
            label = f"{label} ({seen[label]})"
        columns.append(Column(label, label))
    return columns, doubled


def cells_of(columns: Sequence[Column | None], row: Sequence[str]) -> dict[str, str]:
    """Return a row's filled cells by column key."""
    return {column.key: cell for column, cell in zip(columns, row, strict=False) if column is not None and cell}


def joined(above: Sequence[str], below: Sequence[str]) -> tuple[str, ...]:
    """Return the headings of two rows: of a question over several columns, with each one's own below it."""
    found: list[str] = []
    question = ""
    for one, other in zip(above, below, strict=True):
        question = one or question
        found.append(question if not other or fold(other.strip()) in _BELOW else f"{question}: {other}".strip(": "))
    return tuple(found)
