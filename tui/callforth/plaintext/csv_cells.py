"""Tables as CSV that a spreadsheet can open without running anything in it.

Sources: RFC 4180; OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# What begins a formula in one spreadsheet or another, in full width too.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")

Value = str | int | float | None


def cell(value: Value) -> Value:
    """Return a value as a cell: a text that a spreadsheet would take for a formula gets an apostrophe before it."""
    if isinstance(value, str) and (value.lstrip().startswith(_FORMULA) or value[:1] in ("\t", "\r", "\n")):
        return f"'{value}"
    return value


def write(rows: Iterable[Sequence[Value]]) -> str:
    """Return rows as CSV (commas, quotes where needed, lines that end in CR LF); None is an empty cell."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerows([[cell(value) for value in row] for row in rows])
    return stream.getvalue()
