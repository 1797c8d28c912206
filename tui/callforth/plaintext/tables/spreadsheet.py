"""Workbooks, read by calamine in a process of its own.

A hostile or broken workbook can make a reader in native code take all memory or end its process (a single cell in the
last row and column does, in python-calamine 0.9): there that ends only the helper, and becomes a sentence.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from typing import Any

from callforth.model.text import clean, typed
from callforth.plaintext.tables.book import MOST_CELLS, Grid, TableUnusable, Workbook, locked

_SECONDS = 120
_MEMORY = 3 * 1024 * 1024 * 1024


def read(data: bytes, kind: str, name: str) -> Workbook:
    """Return the sheets of a workbook that are not hidden. Raises `TableUnusable`."""
    command = [sys.executable, "-I", "-c", _HELPER, str(MOST_CELLS), str(_MEMORY)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise TableUnusable(
            f"{name} takes longer than {_SECONDS} seconds to read; save it as CSV and give that"
        ) from None
    said: dict[str, Any] = {"died": True}
    if done.returncode == 0:
        with suppress(ValueError):
            said = json.loads(done.stdout)
    if "died" in said:
        raise TableUnusable(
            f"{name} is damaged, or has a cell far outside of its table; open it in a spreadsheet program, delete the "
            "empty rows and columns, and save it again"
        )
    if "password" in said:
        raise locked(name)
    if "damaged" in said:
        raise TableUnusable(f"{name} is damaged ({clean(said['damaged'])[:80]}); export or download it once more")
    if "cells" in said:
        raise TableUnusable(
            f"{name} has a sheet of {said['cells']} cells; delete the empty rows and columns, and save it again"
        )
    sheets = [_grid(sheet) for sheet in said["sheets"]]
    if not any(sheet.rows for sheet in sheets):
        raise TableUnusable(f"{name} has no filled cell; export it once more")
    notes = []
    if long := next((number for sheet in said["sheets"] if (number := sheet["long"])), 0):
        notes.append(
            f"numbers of more than 15 digits lose the last ones in a spreadsheet (row {long}); format the column as "
            "text, and enter or import them once more"
        )
    if said["unsaved"]:
        notes.append(
            f"formulas without a saved result are empty cells here (the first in row {said['unsaved']}): open it in a "
            "spreadsheet program, and save it again"
        )
    return Workbook(kind, tuple(sheets), notes=tuple(notes))


def _grid(sheet: dict[str, Any]) -> Grid:
    rows = [[clean(typed(cell)).strip() for cell in row] for row in sheet["rows"]]
    merged = tuple((top + 1, left, right) for top, left, right in sheet["merged"])
    return replace(Grid.of(clean(sheet["name"]), rows), merged=merged)


# What runs in the other process: bytes on stdin, JSON on stdout. It knows nothing of callforth, so that it starts fast.
_HELPER = r"""
import contextlib, datetime, io, json, re, sys, zipfile

def limit(what, most):
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource
        which = getattr(resource, what)
        hard = resource.getrlimit(which)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (most, most))

limit("RLIMIT_AS", int(sys.argv[2]))
limit("RLIMIT_CORE", 0)

def text(cell):
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e21 else repr(cell)
    if isinstance(cell, (datetime.datetime, datetime.date, datetime.time)):
        return cell.isoformat()
    return str(cell)

CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f[\s>][^<]*</(?:\w+:)?f>\s*"
                  rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>")
ROW = re.compile(rb'\br="[A-Z]+(\d+)"')

def unsaved(data):
    # What no spreadsheet program has worked out, as programs write it that only make files. A text may be empty.
    with contextlib.suppress(zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for one in archive.namelist():
                if one.startswith("xl/worksheets/") and one.endswith(".xml"):
                    for cell in CELL.finditer(archive.read(one)):
                        row = ROW.search(cell[1])
                        if row and b't="str"' not in cell[1]:
                            return int(row[1])
    return 0

def main():
    import python_calamine as calamine
    try:
        data = sys.stdin.buffer.read()
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = [one.name for one in book.sheets_metadata
                 if one.typ == calamine.SheetTypeEnum.WorkSheet and one.visible == calamine.SheetVisibleEnum.Visible]
        sheets = []
        for name in names:
            sheet = book.get_sheet_by_name(name)
            if sheet.height * sheet.width > int(sys.argv[1]):
                return {"cells": sheet.height * sheet.width}
            rows, long = [], 0
            for number, row in enumerate(sheet.iter_rows(), 1):
                rows.append([text(cell) for cell in row])
                long = long or number * any(isinstance(cell, float) and 1e15 <= abs(cell) < 1e21 for cell in row)
            left = (sheet.start or (0, 0))[1]
            merged = [(top, first - left, last - left) for (top, first), (bottom, last)
                      in sheet.merged_cell_ranges or () if top == bottom < 12 and last > first >= left]
            sheets.append({"name": name, "rows": rows, "long": long, "merged": merged})
        return {"sheets": sheets, "unsaved": unsaved(data)}
    except calamine.PasswordError:
        return {"password": True}
    except Exception as error:
        return {"damaged": str(error) or type(error).__name__}

json.dump(main(), sys.stdout)
"""
