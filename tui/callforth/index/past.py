"""What happened to applications, out of the index: every commit that touched one, and what its file was around it.

The index follows history in steps, and what is asked is the same however it came there. Where it has not come to HEAD
yet, one application's history is asked of git instead.
"""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from callforth.index import commits
from callforth.index.blobs import NOTHING, Blobs, State
from callforth.index.chosen import with_choices
from callforth.index.database import Database
from callforth.model.decision import Actor
from callforth.plaintext import layout
from callforth.repo import history
from callforth.repo.git import GitFailed
from callforth.repo.repository import Repository

Progress = Callable[[int, int], None]
_Row = tuple[Any, ...]

_AT_ONCE = 2000  # commits in one transaction
_SOON = 0.15  # seconds in which the index may catch up with HEAD before git is asked for one application's history
_FORGETS_AFTER = 3  # streams that led nowhere
_FIRST_PAGE, _LARGEST_PAGE = 32, 1024
_NEWEST = (1 << 62, b"", 0)
# One parent's id has at most 32 bytes, two have at least 40.
_TOUCHES = """SELECT c.date, c.id, c.rank, p.name, p.email, p.at, p.message, length(p.parents) > 32, c.meeting,
    c.application, b.id, a.id, c.seal
    FROM past_change c LEFT JOIN past p ON p.number = c.past
    LEFT JOIN blob b ON b.number = c.before LEFT JOIN blob a ON a.number = c.after
    WHERE p.here IS NOT 0 AND (c.date, c.id, c.rank) < (?, ?, ?)"""
_IN_ORDER = "ORDER BY c.date DESC, c.id DESC, c.rank DESC LIMIT ?"
_BY = "SELECT id FROM past WHERE who = ? AND here AND instr(message, ?) ORDER BY date, id LIMIT 1"


@dataclass(frozen=True, slots=True)
class Touch:
    """What one commit did to the file of one application.

    `at` is the author's time, `before` and `after` are the blobs (empty where the file was not there) and `was` and
    `became` what they say. `before` is that of the first parent.
    """

    commit: str
    author: Actor
    at: datetime
    message: str
    is_merge: bool
    meeting: str
    application: str
    before: str
    after: str
    was: State
    became: State


Did = tuple[State, State]


class Past:
    """What happened in `repository`, as `database` knows it. Not for use from several threads at once."""

    def __init__(self, database: Database, repository: Repository) -> None:
        self._database = database
        self._repository = repository
        self._stream: history.Stream | None = None
        self._blobs = Blobs(database, repository)
        self._done, self._total = 0, 0

    def close(self) -> None:
        """End git, where it is still being read from."""
        if self._stream is not None:
            self._stream.close()
        self._stream = None

    def grow(self, seconds: float = math.inf, progress: Progress | None = None) -> bool:
        """Go on for about so long towards knowing all that leads to HEAD, and tell whether nothing is left to read.

        What was read is kept, also when the process is killed. `progress` is called with how many commits were read
        and how many there are to read. Raises `GitFailed`.
        """
        until = time.monotonic() + seconds
        head = self._repository.head()
        return head is None or (self._reach(head, until, progress) and self._blobs.read_on(until))

    def of(self, meeting: str, application: str) -> Iterator[Touch]:
        """Iterate over what happened to one application, newest first. Raises `GitFailed`."""
        head = self._repository.head()
        if head is None:
            return
        if self._reach(head, time.monotonic() + _SOON):
            yield from self._pages(head, "c.application = ? AND c.meeting = ?", (application, meeting))
        else:
            yield from self._walked(head, meeting, application)

    def all(self, meeting: str | None = None, progress: Progress | None = None) -> Iterator[Touch]:
        """Iterate over what happened to all applications, or those to one meeting, newest first.

        Where HEAD is not reached yet, it is first; `progress` and errors are those of `grow`.
        """
        head = self._repository.head()
        if head is not None:
            where, values = ("c.meeting = ?", (meeting,)) if meeting is not None else ("TRUE", ())
            yield from self._pages(head, where, values, progress)

    def oldest(self, email: str, saying: str = "", progress: Progress | None = None) -> str | None:
        """Return the oldest commit that touched an application, is by this address, and has `saying` in its message.

        The case of an address does not matter. None where there is no such commit. Raises `GitFailed`.
        """
        head = self._repository.head()
        if head is None:
            return None
        found = self._ask(head, _BY, (commits.who(email), saying), progress)
        return found[0][0].hex() if found else None

    def did(self, commit: str, meeting: str, application: str) -> Did | None:
        """Return what this application's file said before and after a commit (its full id) that leads to HEAD.

        None where there is no such commit, or it did not touch the file. Raises `GitFailed`.
        """
        return next(((t.was, t.became) for t in self.of(meeting, application) if t.commit == commit), None)

    def ids(self) -> set[str]:
        """Return the ids of all applications that were ever there, also of those that are gone. Raises `GitFailed`."""
        head = self._repository.head()
        if head is None:
            return set()
        self._reach(head)
        wanted = "SELECT DISTINCT application FROM past_change"
        return {one for (one,) in self._database.run(lambda db: db.execute(wanted).fetchall())}

    # Growing

    def _reach(self, head: str, until: float = math.inf, progress: Progress | None = None) -> bool:
        """Read on until `head` is known and what leads to it is marked; False where the time is over before."""
        in_vain = 0
        while not self._database.run(partial(self._stand_at, head)):
            stream = self._stream = self._stream or self._begin(head, progress)
            found = with_choices(self._repository, stream.take(until, _AT_ONCE))
            kept = self._database.run(partial(self._add, found, stream.edges)) if found else not stream.ended
            self._done += len(found)
            if progress:
                progress(self._done, max(self._total, self._done))
            if stream.ended or not kept:
                self.close()
            if not kept:
                in_vain += 1
                if in_vain > _FORGETS_AFTER:
                    raise GitFailed("read the history", f"fatal: what leads to commit {head} is not whole")
                if in_vain == _FORGETS_AFTER:
                    self._database.run(self._forget)  # what it knows does not hold together
            if not stream.ended and time.monotonic() >= until:
                return False
        return True

    def _begin(self, head: str, progress: Progress | None) -> history.Stream:
        known = self._database.run(commits.tips)
        self._done = 0
        self._total = history.count(self._repository, head, known) if progress else 0
        return history.Stream(self._repository, head, known, layout.APPLICATIONS)

    def _stand_at(self, head: str, db: sqlite3.Connection) -> bool:
        edges = history.edges(self._repository)
        if commits.stands_at(db, head, edges):
            return True
        with self._database.changing(db):
            if not commits.is_bound(db, edges):
                commits.forget(db, edges)
            return commits.move(db, head)

    def _add(self, found: Sequence[history.Commit], edges: str, db: sqlite3.Connection) -> bool:
        with self._database.changing(db):
            return commits.add(db, found, edges)

    def _forget(self, db: sqlite3.Connection) -> None:
        with self._database.changing(db):
            commits.forget(db, history.edges(self._repository))

    # Answering

    def _pages(
        self, head: str, where: str, values: tuple[str, ...], progress: Progress | None = None
    ) -> Iterator[Touch]:
        place, size = _NEWEST, _FIRST_PAGE
        wanted = f"{_TOUCHES} AND {where} {_IN_ORDER}"
        while True:
            rows = self._ask(head, wanted, (*place, *values, size), progress, _unsealed)
            yield from self._touches([_found(*row[1:]) for row in rows])
            if len(rows) < size:
                return
            place, size = rows[-1][:3], min(2 * size, _LARGEST_PAGE)

    def _ask(
        self,
        head: str,
        wanted: str,
        values: tuple[object, ...],
        progress: Progress | None,
        read: Callable[[_Row], _Row] = tuple,
    ) -> list[_Row]:
        """Return the rows of a question, asked while the commits marked are those that lead to `head`."""

        def ask(db: sqlite3.Connection) -> list[_Row] | None:
            db.execute("BEGIN")
            try:
                at_head = commits.stands_at(db, head, history.edges(self._repository))
                found = db.execute(wanted, values).fetchall() if at_head else None
            finally:
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
            return None if found is None else [read(row) for row in found]

        while (rows := self._database.run(ask)) is None:
            self._reach(head, progress=progress)
        return rows

    def _walked(self, head: str, meeting: str, application: str) -> Iterator[Touch]:
        """Iterate over what happened to one application as git tells it, in the same order."""
        path = layout.application(meeting, application)
        found = with_choices(self._repository, list(history.walk(self._repository, head, [path])))
        if len(found) > 1:
            dates = self._dates(head)
            found.sort(key=lambda commit: (dates[commit.id], commit.id), reverse=True)
        yield from self._touches(
            [
                _Found(
                    commit.id,
                    commit.author,
                    commit.at,
                    commit.message,
                    len(commit.parents) > 1,
                    meeting,
                    application,
                    change.befores[0],
                    change.after,
                )
                for commit in found
                for change in commit.changes
                if change.path == path
            ]
        )

    def _dates(self, head: str) -> dict[str, int]:
        """Return the dates of all commits that lead to `head`, read from git alone."""
        dates: dict[str, int] = {}
        for commit, parents, seconds in history.graph(self._repository, head):
            dates[commit] = history.dated(seconds, (dates[parent] for parent in parents))
        return dates

    def _touches(self, found: Sequence[_Found]) -> Iterator[Touch]:
        names = {(blob, one.application) for one in found for blob in (one.before, one.after) if blob}
        states = self._blobs.states(names)
        for one in found:
            was, became = (states.get((blob, one.application), NOTHING) for blob in (one.before, one.after))
            yield Touch(*one, was, became)


class _Found(NamedTuple):
    commit: str
    author: Actor
    at: datetime
    message: str
    is_merge: bool
    meeting: str
    application: str
    before: str
    after: str


def _unsealed(row: _Row) -> _Row:
    *values, sealed = row
    if sealed != commits.seal(*(b"" if value is None else value for value in values)):
        raise sqlite3.DatabaseError("the index says something else than was written to it")
    return tuple(values)


def _found(commit: bytes, _: int, name: str, email: str, at: str, message: str, *touched: Any) -> _Found:
    is_merge, meeting, application, *around = touched
    by = Actor(name, email), datetime.fromisoformat(at)
    blobs = (blob.hex() if blob else "" for blob in around)
    return _Found(commit.hex(), *by, message, bool(is_merge), meeting, application, *blobs)
