"""What the versions of application files say: each parsed once, when it is first asked for or there is time."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Sequence
from functools import partial
from typing import NamedTuple

from callforth.index.commits import seal
from callforth.index.database import Database
from callforth.model.status import Status
from callforth.plaintext import application as application_file
from callforth.plaintext.document import FileUnusable
from callforth.repo import history
from callforth.repo.repository import Repository

_AT_ONCE = 50
_END = 1 << 62
_UNUSABLE, _MISSING = "", "?"
# What is missing (in a partial clone, say) may come, so it is looked for each time.
_KNOWN = f"SELECT status, tags, seal FROM blob WHERE application = ? AND id = ? AND status <> '{_MISSING}'"
_KEEP = """INSERT INTO blob (id, application, status, tags, seal) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET status = excluded.status, tags = excluded.tags, seal = excluded.seal"""
_UNREAD = "SELECT number, id, application FROM blob WHERE status IS NULL AND number < ? ORDER BY number DESC LIMIT ?"

Name = tuple[str, str]
"""A blob's id, and the id of the application as whose file it is read."""
_Said = tuple[str, str]


class State(NamedTuple):
    """What a file says of an application: no status where it is not there, or cannot be used."""

    status: Status | None
    tags: tuple[str, ...]


NOTHING = State(None, ())


class Blobs:
    """The versions of application files in `repository`, as `database` knows them."""

    def __init__(self, database: Database, repository: Repository) -> None:
        self._database = database
        self._repository = repository
        self._below = _END

    def states(self, wanted: Collection[Name]) -> dict[Name, State]:
        """Return what these say. Raises `GitFailed`."""
        found = self._database.run(partial(_known, wanted))
        unread = sorted(set(wanted) - found.keys())
        for start in range(0, len(unread), _AT_ONCE):
            found |= self._read(unread[start : start + _AT_ONCE])
        return {name: _state(*said) for name, said in found.items()}

    def read_on(self, until: float) -> bool:
        """Parse what nobody has asked for yet, the newest first, until there is none or the time is over.

        The time is one of `time.monotonic`; False where it was over. Raises `GitFailed`.
        """
        while rows := self._database.run(self._unread):
            self._read([(blob.hex(), application) for _, blob, application in rows])
            self._below = rows[-1][0]
            if time.monotonic() >= until:
                return False
        self._below = _END
        return True

    def _unread(self, db: sqlite3.Connection) -> list[tuple[int, bytes, str]]:
        return db.execute(_UNREAD, (self._below, _AT_ONCE)).fetchall()

    def _read(self, names: Sequence[Name]) -> dict[Name, _Said]:
        found = history.blobs(self._repository, [blob for blob, _ in names])
        said = {name: _parsed(raw, name[1]) for name, raw in zip(names, found, strict=True)}
        rows = [(bytes.fromhex(name[0]), name[1], *said[name], seal(name, said[name])) for name in names]

        def keep(db: sqlite3.Connection) -> None:
            with self._database.changing(db):
                db.executemany(_KEEP, rows)

        self._database.run(keep)
        return said


def _known(wanted: Collection[Name], db: sqlite3.Connection) -> dict[Name, _Said]:
    found: dict[Name, _Said] = {}
    for name in wanted:
        said = db.execute(_KNOWN, (name[1], bytes.fromhex(name[0]))).fetchone()
        if said and said[2] == seal(name, said[:2]):
            found[name] = said[:2]
    return found


def _parsed(raw: bytes | None, application: str) -> _Said:
    if raw is None:
        return _MISSING, ""
    try:
        said = application_file.parse(raw, application, "", application)
    except FileUnusable:
        return _UNUSABLE, ""
    return said.status.value, " ".join(said.tags)


def _state(status: str, tags: str) -> State:
    return NOTHING if status in (_UNUSABLE, _MISSING) else State(Status(status), tuple(tags.split()))
