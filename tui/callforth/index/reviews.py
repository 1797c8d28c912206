"""The reviews of a whole meeting, or of one reviewer, as the index has them."""

from __future__ import annotations

import sqlite3

from callforth.index.questions import Questions
from callforth.index.reading import place_of, unpack
from callforth.model.review import Review
from callforth.plaintext import layout

_WANTED = "SELECT data FROM review WHERE path >= ? AND path < ? AND path GLOB ? ORDER BY path"
_UNUSABLE = "SELECT path FROM file WHERE path >= ? AND path < ? AND path GLOB ? AND says IS NOT NULL ORDER BY path"


def of_meeting(catalog: Questions, meeting: str, reviewer: str = "*") -> list[Review]:
    """Return all reviews of a meeting, templates too, by application and reviewer; those of one reviewer if named.

    Those that cannot be read are left out.
    """

    def work(db: sqlite3.Connection) -> list[Review]:
        said = (unpack(data) for (data,) in db.execute(_WANTED, _places(meeting, reviewer)))
        return [one for one in said if isinstance(one, Review)]

    return catalog._ask(work)


def unusable(catalog: Questions, meeting: str, reviewer: str = "*") -> list[tuple[str, str]]:
    """Return application and reviewer of each review of a meeting that cannot be read."""

    def work(db: sqlite3.Connection) -> list[tuple[str, str]]:
        places = (place_of(path) for (path,) in db.execute(_UNUSABLE, _places(meeting, reviewer)))
        return [(place[1], place[2]) for place in places if isinstance(place, tuple) and len(place) == 3]

    return catalog._ask(work)


def _places(meeting: str, reviewer: str) -> tuple[str, str, str]:
    folder = f"{layout.MEETINGS}/{meeting}/reviews/"
    # Slugs hold nothing that a pattern could mean; the range is what SQLite finds quickly.
    return folder, f"{folder}~", f"{folder}*/{reviewer}.md"
