"""Taking applications in from what other programs export."""

from __future__ import annotations

import stat
from pathlib import Path

from callforth.errors import UsageError
from callforth.model.intake import Export
from callforth.model.meeting import Meeting
from callforth.model.text import clean_line
from callforth.plaintext import tables
from callforth.plaintext.tables.book import MOST_BYTES
from callforth.plaintext.tables.sniff import too_large
from callforth.workflow.intake import shapes


class NoFile(UsageError):
    """The file that was given cannot be opened."""


def read(file: Path, meeting: Meeting | None = None, encoding: str = "") -> Export:
    """Return what is in an export, of answers to this meeting's call.

    `encoding` is that of a CSV or JSON, '' to have it found out. Raises `NoFile`, `TableUnusable`, `UnknownEncoding`.
    """
    try:
        there = file.stat()
        if not stat.S_ISREG(there.st_mode):  # what never ends is not begun
            what = "a folder" if stat.S_ISDIR(there.st_mode) else "a pipe or a device"
            raise NoFile(f"{clean_line(str(file))} is {what}, not a file; save what is in it as a file first")
        if there.st_size > MOST_BYTES:
            raise too_large(file.name, there.st_size)
        data = file.read_bytes()
    except OSError as error:
        raise NoFile(f"{clean_line(str(file))} cannot be read ({error.strerror})") from None
    except ValueError:
        raise NoFile(f"{clean_line(str(file))} names no file") from None
    return shapes.recognise(tables.read(data, file.name, encoding), file.name, meeting)
