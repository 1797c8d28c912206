"""Writing into the index what was read: every table that has something of a file, and nothing half."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from callforth.index import rows, scoring
from callforth.index.reading import Record, Told, pack, place_of
from callforth.model.application import Problem
from callforth.model.meeting import Meeting
from callforth.model.review import Review
from callforth.model.text import fold

Token = Callable[[Record], str]
_AT_ONCE = 500  # texts, of about 0.1 ms each


class _Was(NamedTuple):
    """What was known of an application whose file is read again: its number where its text is the same, its scores."""

    number: int | None
    given: str
    corrected: float | None


_NEW = _Was(None, scoring.NOTHING_GIVEN, None)


def get(db: sqlite3.Connection, name: str) -> str:
    """Return what the index notes under a name, or an empty string."""
    found = db.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
    return str(found[0]) if found else ""


def put(db: sqlite3.Connection, name: str, value: object) -> None:
    """Note something under a name."""
    db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))


def key(path: str) -> str:
    """Return a path as the tables have it: where it is not UTF-8, with those bytes written out."""
    return path if path.isascii() else path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def edition(db: sqlite3.Connection) -> int:
    """Return a number that grows with every change of what the index says of the files."""
    return int(get(db, "edition") or 0)


def keep(db: sqlite3.Connection, records: Iterable[Record], gone: Mapping[str, str], token: Token) -> None:
    """Store what was read, in place of what was known of these files, and forget what those said that are `gone`.

    Of these, the token is kept by which the next look will know that they are gone still; an empty one forgets all.
    `token` returns by what the next look will know the file again. Call within a transaction.
    """
    told: dict[str, tuple[str, Told]] = {}
    was: dict[str, _Was] = {}
    rescored: set[str] = set()
    altered = False
    for path, left in gone.items():
        altered = True
        scoring.unsettle_with(db, path)
        rescored |= _forget(db, path)
        db.execute("DELETE FROM file WHERE path = ?", (key(path),))
        if left:
            db.execute("INSERT INTO file (path, token, content, id) VALUES (?, ?, '', '')", (key(path), left))
    for record in records:
        known = db.execute("SELECT content, twin FROM file WHERE path = ?", (key(record.path),)).fetchone()
        if known and record.content and known == (record.content, 0):
            # The same bytes, touched or checked out anew: only how they are known again is new.
            db.execute("UPDATE file SET token = ? WHERE path = ?", (token(record), key(record.path)))
            continue
        if record.said is None:
            continue  # not parsed, as its bytes were known; they are not any more, so the next look reads it
        altered = True
        if known:
            if isinstance(record.said, Told):
                was |= _known(db, record.path, record.said.text)
            else:
                scoring.unsettle_with(db, record.path)
            rescored |= _forget(db, record.path)
        _insert(db, record, token(record))
        if isinstance(record.said, Told):
            told[record.path] = _names(record.path)[0], record.said
        elif isinstance(record.said, Review):
            db.execute("INSERT INTO review VALUES (?, ?, ?)", (record.path, record.said.application, pack(record.said)))
            rescored.add(record.said.application)
        elif isinstance(record.said, Meeting):
            db.execute("INSERT INTO call VALUES (?, ?)", (record.said.id, pack(record.said)))
            rescored |= scoring.reviewed_in(db, record.said.id)
    _insert_told(db, told, was)
    for application_id in sorted(rescored - {_names(path)[1] for path in told}):
        scoring.rescore(db, application_id)
    if altered:
        put(db, "edition", str(edition(db) + 1))


def settle(db: sqlite3.Connection) -> None:
    """Make what depends on all of a meeting's reviews, once all that changed is stored. Call within a transaction."""
    if scoring.settle(db):
        put(db, "edition", str(edition(db) + 1))


def note_words(db: sqlite3.Connection) -> bool:
    """Note of some more texts which letters they have; tell whether that was all. Call within a transaction."""
    searched = int(get(db, "searched") or 0)
    wanted = "SELECT number, text FROM text WHERE number > ? ORDER BY number LIMIT ?"
    found = db.execute(wanted, (searched, _AT_ONCE)).fetchall()
    if found:
        db.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", found)
        put(db, "searched", found[-1][0])
    return len(found) < _AT_ONCE


def twins(db: sqlite3.Connection) -> list[str]:
    """Return the paths of application files whose id another one has, or had: all are to be read again, together."""
    return [
        path
        for (path,) in db.execute(
            "SELECT path FROM file WHERE id IN (SELECT id FROM file WHERE id <> '' GROUP BY id HAVING count(*) > 1)"
            " OR twin ORDER BY path"
        )
    ]


def keep_twins(db: sqlite3.Connection, records: Sequence[Record], token: Token) -> None:
    """Store these, of which the first usable one of each id stands, and the others cannot be used."""
    first: dict[str, str] = {}
    for record in records:
        scoring.unsettle_with(db, record.path)
        _forget(db, record.path)
        said = record.said
        twin = False
        if isinstance(said, Told):
            application_id = _names(record.path)[1]
            twin = application_id in first
            if twin:
                says = f"the id {application_id} is also that of {first[application_id]}"
                said = Problem(record.path, 0, says, "give one of them a new id")
            first.setdefault(application_id, record.path)
        stored = Record(record.path, record.content, said, record.looked)
        _insert(db, stored, token(record), twin)
        if isinstance(said, Told):
            _insert_told(db, {record.path: (_names(record.path)[0], said)}, {})
    put(db, "edition", str(edition(db) + 1))


def _names(path: str) -> tuple[str, ...]:
    place = place_of(path)
    return place if isinstance(place, tuple) else ("", "")


def _insert(db: sqlite3.Connection, record: Record, token: str, twin: bool = False) -> None:
    place = place_of(record.path)
    application_id = place[1] if isinstance(place, tuple) and len(place) == 2 else ""
    problem = record.said if isinstance(record.said, Problem) else None
    said = (problem.path, problem.line, problem.says, problem.remedy) if problem else (None, None, None, None)
    db.execute(
        "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (key(record.path), token, record.content, application_id, *said, twin),
    )


def _forget(db: sqlite3.Connection, path: str) -> set[str]:
    """Take what a file said out of the tables, and return the applications whose reviews or criteria went with it."""
    place = place_of(path)
    if not isinstance(place, tuple):
        return set()
    if len(place) == 1:
        db.execute("DELETE FROM call WHERE meeting = ?", place)
        return scoring.reviewed_in(db, place[0])
    if len(place) == 3:
        db.execute("DELETE FROM review WHERE path = ?", (path,))
        return {place[1]}
    found = db.execute(f"SELECT number FROM application WHERE {scoring.ONE}", place).fetchone()
    if found:
        db.execute("DELETE FROM text WHERE number = ?", found)
        db.execute("DELETE FROM tag WHERE meeting = ? AND id = ?", place)
        db.execute("DELETE FROM application WHERE meeting = ? AND id = ?", place)
    return set()


def _known(db: sqlite3.Connection, path: str, text: str) -> dict[str, _Was]:
    """Return what was known of an application, by its id. Where the text is this one, its words are noted already."""
    meeting, application_id = _names(path)
    found = db.execute(
        "SELECT t.number, a.given, a.corrected FROM application a LEFT JOIN text t ON t.number = a.number AND"
        " t.text = ? WHERE +a.meeting = ? AND a.id = ?",
        (text, meeting, application_id),
    ).fetchone()
    return {application_id: _Was(*found)} if found else {}


def _insert_told(db: sqlite3.Connection, told: dict[str, tuple[str, Told]], was: dict[str, _Was]) -> None:
    if not told:
        return
    number = int(get(db, "number") or 0)
    reviewed = scoring.reviewed(db, [_names(path)[1] for path in told])
    of_applications, of_texts, of_tags = [], [], []
    for path, (meeting, one) in told.items():
        application_id = _names(path)[1]
        before = was.get(application_id, _NEW)
        own = before.number or number + 1
        number = max(number, own)
        of_texts.append((own, one.text))
        said = scoring.summary(db, meeting, application_id) if application_id in reviewed else scoring.NOTHING
        given = scoring.written(said.given)
        if given != before.given:
            scoring.unsettle(db, meeting)
        of_applications.append(
            (
                meeting, one.received, application_id, own, one.status, rows.finish(one.line, said, before.corrected),
                one.person, one.country, one.name, one.organisation, one.informed, one.fields, one.names,
                said.reviews, said.score, said.spread, before.corrected, given,
            )
        )  # fmt: skip
        of_tags += [(meeting, tag, fold(tag), application_id) for tag in dict.fromkeys(one.tags)]
    put(db, "number", number)
    db.executemany(f"INSERT INTO application VALUES ({', '.join('?' * 18)})", of_applications)
    db.executemany("INSERT INTO text VALUES (?, ?)", of_texts)
    db.executemany("INSERT INTO tag VALUES (?, ?, ?, ?)", of_tags)
