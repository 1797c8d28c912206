"""The shapes in which programs export what people filled in; each is recognised by its content."""

from __future__ import annotations

from collections.abc import Callable

from callforth.model.intake import Export
from callforth.model.meeting import Meeting
from callforth.plaintext.tables import Workbook
from callforth.workflow.intake.shapes import (
    eusurvey,
    google,
    indico,
    limesurvey,
    mail,
    msforms,
    pretalx,
    surveymonkey,
    table,
)

# The stricter first.
_SHAPES: tuple[Callable[[Workbook, str], Export | None], ...] = (
    eusurvey.recognise,
    msforms.recognise,
    limesurvey.recognise,
    indico.recognise,
    pretalx.recognise,
    google.recognise,
    surveymonkey.recognise,
)


def recognise(book: Workbook, name: str, meeting: Meeting | None = None) -> Export:
    """Return what is in a file, as the program that made it means it; `name` is what messages call it.

    In mail, answers are found by how the `meeting`'s call words its questions. What no program is known for is read as
    a plain table. Raises `TableUnusable`.
    """
    if book.kind == "mail":
        found = mail.recognise(book, name, meeting)
        if found is not None:
            return found
    for shape in _SHAPES:
        found = shape(book, name)
        if found is not None:
            return found
    return table.read(book, name)
