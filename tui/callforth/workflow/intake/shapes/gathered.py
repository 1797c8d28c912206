"""Putting an export together from what is met record by record: JSON, mail, and tables with one answer a row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from callforth.model.intake import META, QUESTION, Column, Export, Submission
from callforth.model.text import clean, clean_line, fold, typed
from callforth.workflow.intake import values

_LANGUAGE = re.compile(r"[a-z]{2,3}([-_][A-Za-z]+)*")


class Gathered:
    """Columns in the order in which they are met first, and the submissions that have them."""

    def __init__(self) -> None:
        self.columns: dict[str, Column] = {}
        self.submissions: list[Submission] = []

    def put(
        self,
        cells: dict[str, str],
        key: str,
        value: object,
        label: str = "",
        kind: str = QUESTION,
        options: Iterable[str] = (),
    ) -> None:
        """Put a value (of JSON, or text) into a submission's cells, in the column with this key.

        Where the submission has a value there already, a column with a number takes this one. A column of the
        program's own is there only where it says something.
        """
        text = text_of(value)
        if not text and kind == META:
            return
        number, wanted = 1, key
        while wanted in cells:
            number += 1
            wanted = f"{key} ({number})"
        name = clean_line(label or key) + (f" ({number})" if number > 1 else "")
        self.columns.setdefault(wanted, Column(wanted, name, kind, tuple(dict.fromkeys(options))))
        if text:
            cells[wanted] = text

    def add(
        self, row: int, source: str, received: str, cells: Mapping[str, str], complete: bool = True, gone: str = ""
    ) -> None:
        """Add what one person sent; `gone` says why it is not to come in."""
        self.submissions.append(Submission(row, source, received, cells, complete, gone))

    def export(self, kind: str, title: str = "", notes: Iterable[str] = ()) -> Export:
        """Return all of it, as an export of this kind."""
        return Export(kind, clean_line(title), tuple(self.columns.values()), tuple(self.submissions), tuple(notes))


def text_of(value: object) -> str:
    """Return a value of JSON as cleaned text: lists joined by `; `, of texts in several languages the English one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, Mapping):
        said = {str(key): text_of(one) for key, one in value.items()}
        if said and all(_LANGUAGE.fullmatch(key) for key in said):
            return said.get("en") or next((one for one in said.values() if one), "")
        return "; ".join(f"{key}: {one}" for key, one in said.items() if one)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(filter(None, map(text_of, value)))
    return clean(typed(str(value))).strip()


def objects(value: object) -> list[dict[str, Any]]:
    """Return the objects in a list of JSON; none where it is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def record(value: object) -> dict[str, Any]:
    """Return an object of JSON; an empty one where it is something else."""
    return value if isinstance(value, dict) else {}


def rows_said(rows: Sequence[int]) -> str:
    """Return which rows are meant, in a note: `row 4`, `rows 4, 7, 9 …`."""
    return f"row{'s' if len(rows) > 1 else ''} {', '.join(map(str, rows[:8]))}{' …' if len(rows) > 8 else ''}"


def gone_said(submissions: Iterable[Submission], program: str) -> Iterator[str]:
    """Yield the note on those who are not to come in, by what the program says of them."""
    rows = [one.row for one in submissions if one.gone]
    if rows:
        yield (
            f"{len(rows)} of them {'is' if len(rows) == 1 else 'are'} withdrawn, cancelled or rejected in {program} "
            f"({rows_said(rows)}): left out where new, unless with --incomplete; who is here already stays"
        )


def all_addresses(cells: Iterable[str]) -> bool:
    """Return whether there is text in these cells, and each that has some is one e-mail address."""
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(" " not in cell and values.address(cell) for cell in filled)


def without_repeats(export: Export, key: str, labels: Iterable[str] = ()) -> Export:
    """Return the export with the columns as META that only repeat (parts of) what the column `key` says.

    With `labels` only those with one of these names can be such.
    """
    wanted = {fold(label) for label in labels}

    def repeats(column: Column) -> bool:
        if column.kind != QUESTION or (wanted and fold(column.label) not in wanted):
            return False
        pairs = [(one.cells.get(column.key, ""), one.cells.get(key, "")) for one in export.submissions]
        filled = [(fold(part), fold(whole)) for part, whole in pairs if part]
        return bool(filled) and all(part in whole if wanted else part == whole for part, whole in filled)

    columns = tuple(
        Column(column.key, column.label, META, column.options) if repeats(column) else column
        for column in export.columns
    )
    return Export(export.kind, export.title, columns, export.submissions, export.notes)
