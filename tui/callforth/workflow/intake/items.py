"""What becomes of one submission in an import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NEW, CHANGED, UNCHANGED, REFUSED, INCOMPLETE = "new", "changed", "unchanged", "refused", "incomplete"
DECIDED, AGAIN = "decided", "again"
JOINED, LEFT_OUT = "joined", "left out"
WORDS = (NEW, CHANGED, JOINED, UNCHANGED, REFUSED, INCOMPLETE, LEFT_OUT)


@dataclass(frozen=True, slots=True)
class Item:
    """What becomes of one submission: one of `WORDS`; `why` where it is not taken in as one of its own.

    `path`, `before` (None for a new file) and `content` are the file, as it is and as it shall be. `fields` are the
    names of what changes in it. `option` is what takes it in all the same, of `planning.Options`: `decided`, `again`,
    `incomplete`, '' where nothing does.
    """

    row: int
    what: str
    id: str = ""
    path: str = ""
    before: bytes | None = None
    content: bytes | None = None
    why: str = ""
    fields: tuple[str, ...] = ()
    option: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """The application that a submission is of, by the `source` that it has there.

    `anew` is where it is to be known by its own source from now on, `soft` where only what it says tells that it is the
    same. `applicant` is who the row would be as columns were taken the last time.
    """

    name: str
    source: str
    applicant: Mapping[str, str]
    anew: bool = False
    soft: bool = False
