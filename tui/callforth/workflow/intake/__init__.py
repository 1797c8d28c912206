"""Taking applications in from what other programs export."""

from __future__ import annotations

from pathlib import Path

from callforth.errors import UsageError
from callforth.model.intake import Export
from callforth.model.meeting import Meeting
from callforth.plaintext import tables
from callforth.plaintext.tables.book import MOST_BYTES
from callforth.plaintext.tables.sniff import too_large
from callforth.workflow.intake import shapes


class NoFile(UsageError):
    """The file that was given cannot be opened."""


def read(file: Path, meeting: Meeting | None = None) -> Export:
    """Return what is in an export, of answers to this meeting's call. Raises `NoFile`, `TableUnusable`."""
    try:
        size = file.stat().st_size
        if size > MOST_BYTES:
            raise too_large(file.name, size)
        data = file.read_bytes()
    except OSError as error:
        raise NoFile(f"{file} cannot be read ({error.strerror})") from None
    return shapes.recognise(tables.read(data, file.name), file.name, meeting)
