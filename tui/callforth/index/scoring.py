"""What reviews come to, in the index: at once for the application they are of, and then for all of its meeting.

The corrected mean of one application depends on every review in the meeting. It is made when all that changed has been
stored, and only rows whose mean it changes are written.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from functools import lru_cache

from callforth.index import rows
from callforth.index.database import Damaged
from callforth.index.reading import place_of, unpack
from callforth.model import scores
from callforth.model.meeting import Criterion, Meeting
from callforth.model.review import Review
from callforth.model.scores import Given, Summary

NOTHING = scores.summary((), ())
NOTHING_GIVEN = "[]"
_UNSETTLED = "unsettled "
# One application by meeting and id. Without the plus SQLite goes through the whole meeting, which it takes for quicker.
ONE = "+meeting = ? AND id = ?"


def summary(db: sqlite3.Connection, meeting: str, application_id: str) -> Summary:
    """Return what the reviews of an application come to."""
    found = [
        review
        for (data,) in db.execute("SELECT data FROM review WHERE application = ? ORDER BY path", (application_id,))
        if isinstance(review := unpack(data), Review)
    ]
    return scores.summary(found, _criteria(db, meeting))


def _criteria(db: sqlite3.Connection, meeting: str) -> tuple[Criterion, ...]:
    found = db.execute("SELECT data FROM call WHERE meeting = ?", (meeting,)).fetchone()
    return _criteria_in(found[0]) if found else ()


@lru_cache(maxsize=8)
def _criteria_in(data: bytes) -> tuple[Criterion, ...]:
    call = unpack(data)
    return call.criteria if isinstance(call, Meeting) else ()


def written(given: Given) -> str:
    """Return overall scores as the index keeps them."""
    return rows.as_json(given)


def reviewed(db: sqlite3.Connection, ids: Iterable[str]) -> set[str]:
    """Return those of these applications that somebody reviews."""
    wanted = "SELECT DISTINCT application FROM review WHERE application IN (SELECT value FROM json_each(?))"
    return {application_id for (application_id,) in db.execute(wanted, (json.dumps(list(ids)),))}


def reviewed_in(db: sqlite3.Connection, meeting: str) -> set[str]:
    """Return the applications to a meeting that somebody reviews."""
    found = db.execute(
        "SELECT DISTINCT application FROM review WHERE application IN (SELECT id FROM application WHERE meeting = ?)",
        (meeting,),
    )
    return {application_id for (application_id,) in found}


def rescore(db: sqlite3.Connection, application_id: str) -> None:
    """Put what an application's reviews come to by now into its row."""
    wanted = "SELECT meeting, line, given, corrected FROM application WHERE id = ?"
    found = db.execute(wanted, (application_id,)).fetchone()
    if not found:
        return
    meeting, line, before, corrected = found
    said = summary(db, meeting, application_id)
    given = written(said.given)
    if given != before:
        unsettle(db, meeting)
    db.execute(
        "UPDATE application SET line = ?, reviews = ?, score = ?, spread = ?, given = ? WHERE id = ? AND meeting = ?",
        (rows.finish(line, said, corrected), said.reviews, said.score, said.spread, given, application_id, meeting),
    )


def unsettle(db: sqlite3.Connection, meeting: str) -> None:
    """Note that a meeting's corrected means are to be made anew."""
    db.execute("INSERT OR REPLACE INTO state VALUES (?, 1)", (_UNSETTLED + meeting,))


def unsettle_with(db: sqlite3.Connection, path: str) -> None:
    """Note that an application goes, where it had scores that others' were compared with."""
    place = place_of(path)
    if isinstance(place, tuple) and len(place) == 2:
        found = db.execute(f"SELECT given FROM application WHERE {ONE}", place).fetchone()
        if found and found[0] != NOTHING_GIVEN:
            unsettle(db, place[0])


def unsettled(db: sqlite3.Connection) -> list[str]:
    """Return the meetings whose corrected means are to be made anew."""
    found = db.execute("SELECT name FROM state WHERE name >= ? AND name < ?", (_UNSETTLED, f"{_UNSETTLED}~"))
    return [name.removeprefix(_UNSETTLED) for (name,) in found]


def settle(db: sqlite3.Connection) -> bool:
    """Make the corrected means of those meetings anew, and tell whether any is another than before.

    Call within a transaction. Raises `Damaged`.
    """
    altered: list[tuple[float | None, str, str]] = []
    for meeting in unsettled(db):
        given, before = given_in(db, meeting)
        offsets = scores.offsets(given.values())
        for application_id, one in given.items():
            corrected = scores.corrected(one, offsets)
            if corrected != before[application_id]:
                altered.append((corrected, meeting, application_id))
        db.execute("DELETE FROM state WHERE name = ?", (_UNSETTLED + meeting,))
    for corrected, *place in altered:
        [line] = db.execute(f"SELECT line FROM application WHERE {ONE}", place).fetchone()
        change = f"UPDATE application SET line = ?, corrected = ? WHERE {ONE}"
        db.execute(change, (rows.correct(line, corrected), corrected, *place))
    return bool(altered)


def given_in(db: sqlite3.Connection, meeting: str) -> tuple[dict[str, Given], dict[str, float | None]]:
    """Return the overall scores of a meeting's applications, where there are or were any, and their corrected means.

    Both by id. Raises `Damaged`.
    """
    wanted = (
        "SELECT id, given, corrected FROM application"
        " WHERE meeting = ? AND (given <> ? OR corrected IS NOT NULL) ORDER BY id"
    )
    found = db.execute(wanted, (meeting, NOTHING_GIVEN)).fetchall()
    try:
        given: dict[str, Given] = {
            one: [(str(reviewer), float(score)) for reviewer, score in json.loads(text)] for one, text, _ in found
        }
    except (ValueError, TypeError) as error:
        raise Damaged(str(error)) from None
    return given, {one: corrected for one, _, corrected in found}
