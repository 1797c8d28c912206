"""Workbooks, read by calamine in a process of its own.

A hostile or broken workbook can make a reader in native code take all memory or end its process (a single cell in the
last row and column does, in python-calamine 0.9): there that ends only the helper, and becomes a sentence.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from contextlib import suppress
from typing import Any

from callforth.model.text import clean, typed
from callforth.plaintext.tables.book import MOST_CELLS, Grid, TableUnusable, Workbook

_SECONDS = 120
_MEMORY = 3 * 1024 * 1024 * 1024


def read(data: bytes, kind: str, name: str) -> Workbook:
    """Return the sheets of a workbook that are not hidden. Raises `TableUnusable`."""
    command = [sys.executable, "-I", "-c", _HELPER, str(MOST_CELLS)]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=_SECONDS, preexec_fn=_limit, check=False
        )
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
        raise TableUnusable(f"{name} is protected by a password; save it without one, and delete that copy afterwards")
    if "damaged" in said:
        raise TableUnusable(f"{name} is damaged ({clean(said['damaged'])[:80]}); export or download it once more")
    if "cells" in said:
        raise TableUnusable(
            f"{name} has a sheet of {said['cells']} cells; delete the empty rows and columns, and save it again"
        )
    sheets = [
        Grid.of(
            clean(sheet["name"]),
            [[clean(typed(cell)).strip() for cell in row] for row in sheet["rows"]],
        )
        for sheet in said["sheets"]
    ]
    if not any(sheet.rows for sheet in sheets):
        raise TableUnusable(f"{name} has no filled cell; export it once more")
    return Workbook(kind, tuple(sheets))


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# What runs in the other process: bytes on stdin, JSON on stdout. It knows nothing of callforth, so that it starts fast.
_HELPER = r"""
import datetime, io, json, sys

def text(cell):
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, (datetime.datetime, datetime.date, datetime.time)):
        return cell.isoformat()
    return str(cell)

def main():
    import python_calamine as calamine
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        names = [one.name for one in book.sheets_metadata
                 if one.typ == calamine.SheetTypeEnum.WorkSheet and one.visible == calamine.SheetVisibleEnum.Visible]
        sheets = []
        for name in names:
            sheet = book.get_sheet_by_name(name)
            if sheet.height * sheet.width > int(sys.argv[1]):
                return {"cells": sheet.height * sheet.width}
            sheets.append({"name": name,
                           "rows": [[text(cell) for cell in row] for row in sheet.iter_rows()]})
        return {"sheets": sheets}
    except calamine.PasswordError:
        return {"password": True}
    except Exception as error:
        return {"damaged": str(error) or type(error).__name__}

json.dump(main(), sys.stdout)
"""
