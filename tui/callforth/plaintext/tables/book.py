"""What a file with tables holds."""

from __future__ import annotations

from dataclasses import dataclass

from callforth.errors import UsageError

# A spreadsheet program itself ends at about this; a call has some hundred rows.
MOST_BYTES = 64 * 1024 * 1024
MOST_CELLS = 5_000_000


class TableUnusable(UsageError):
    """A file that was given cannot be read as a table; says what it is and what to do."""


def locked(name: str) -> TableUnusable:
    """Return the error of a file with a password."""
    return TableUnusable(f"{name} is protected by a password; save it without one, and delete that copy afterwards")


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: rows of cleaned cells, all of the same length, and the number that each row has in the file (from 1).

    Empty rows are left out. Dates are ISO 8601, whole numbers without a point, truth values `Yes` and `No`. `merged`
    are cells that are one, near the top: the number of their row, the first column and the last (from 0).
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    merged: tuple[tuple[int, int, int], ...] = ()

    @classmethod
    def of(cls, name: str, rows: list[list[str]], first: int = 1) -> Grid:
        """Make one of rows as they stand in the file, the first of which has this number."""
        width = max((at + 1 for row in rows for at, cell in enumerate(row) if cell.strip()), default=0)
        kept, numbers = [], []
        for number, row in enumerate(rows, first):
            if any(cell.strip() for cell in row):
                kept.append((*row[:width], *[""] * (width - len(row))))
                numbers.append(number)
        return cls(name, tuple(kept), tuple(numbers))


@dataclass(frozen=True, slots=True)
class Workbook:
    """A file's content. `kind` is `xlsx`, `xls`, `ods`, `csv`, `json`, `xml` or `mail`.

    `sheets` are those of a spreadsheet that are not hidden, or the one of a CSV; `document` is parsed JSON, the root
    element of XML, or the bytes of a mail or mailbox, with `sheets` empty. `notes` say what had to be guessed.
    """

    kind: str
    sheets: tuple[Grid, ...] = ()
    document: object = None
    notes: tuple[str, ...] = ()
