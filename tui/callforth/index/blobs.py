"""What the versions of application files say: each parsed once, when it is first asked for or there is time."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import NamedTuple

from callforth.index.commits import seal
from callforth.index.database import Database
from callforth.model.status import Status
from callforth.plaintext import application as application_file
from callforth.plaintext import versions
from callforth.plaintext.document import FileUnusable, read
from callforth.repo import history
from callforth.repo.repository import Repository

_AT_ONCE = 50
_END = 1 << 62
_STATUS = {status.value: status for status in Status}
_UNUSABLE, _MISSING = "", "?"
# What is missing (in a partial clone, say) may come, so it is looked for each time.
_KNOWN = f"""SELECT status, tags, informed, content, seal FROM blob
    WHERE application = ? AND id = ? AND status <> '{_MISSING}'"""
_KEEP = """INSERT INTO blob (id, application, status, tags, informed, content, seal) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET status = excluded.status, tags = excluded.tags, informed = excluded.informed,
    content = excluded.content, seal = excluded.seal"""
_UNREAD = "SELECT number, id, application FROM blob WHERE status IS NULL AND number < ? ORDER BY number DESC LIMIT ?"

Name = tuple[str, str]
"""A blob's id, and the id of the application as whose file it is read."""
_Said = tuple[str, str, str, str]


class State(NamedTuple):
    """What a file says of an application: no status where it is not there, or cannot be used.

    `content` is a digest of all that is neither status nor tags nor `informed`.
    """

    status: Status | None
    tags: tuple[str, ...]
    informed: str = ""
    content: str = ""


NOTHING = State(None, ())


class Blobs:
    """The versions of application files in `repository`, as `database` knows them."""

    def __init__(self, database: Database, repository: Repository) -> None:
        self._database = database
        self._repository = repository
        self._below = _END
        self._usable: set[tuple[str, versions.Form]] = set()

    def states(self, wanted: Collection[Name]) -> dict[Name, State]:
        """Return what these say. Raises `GitFailed`."""
        return self.begin(wanted)()

    def begin(self, wanted: Collection[Name]) -> Callable[[], dict[Name, State]]:
        """Begin to read these, beside whatever else is done; what is returned returns what they say.

        That raises `GitFailed`.
        """
        found = self._database.run(partial(_known, wanted))
        unread = sorted(set(wanted) - found.keys())
        ids = [blob for blob, _ in unread]
        many = len(ids) > _AT_ONCE
        reading = _Beside(lambda: history.many_blobs(self._repository, ids)) if many else None

        def end() -> dict[Name, State]:
            raws = reading.end() if reading else history.blobs(self._repository, ids)
            said = found | self._take(unread, raws)
            return {name: _state(*one) for name, one in said.items()}

        return end

    def read_on(self, until: float) -> bool:
        """Parse what nobody has asked for yet, the newest first, until there is none or the time is over.

        The time is one of `time.monotonic`; False where it was over. Raises `GitFailed`.
        """
        while rows := self._database.run(self._unread):
            names = [(blob.hex(), application) for _, blob, application in rows]
            self._take(names, history.blobs(self._repository, [blob for blob, _ in names]))
            self._below = rows[-1][0]
            if time.monotonic() >= until:
                return False
        self._below = _END
        return True

    def _unread(self, db: sqlite3.Connection) -> list[tuple[int, bytes, str]]:
        return db.execute(_UNREAD, (self._below, _AT_ONCE)).fetchall()

    def _take(self, names: Sequence[Name], raws: Sequence[bytes | None]) -> dict[Name, _Said]:
        """Take in what was read of these, and return what they say."""
        if not names:
            return {}
        said = {name: self._parsed(raw, name[1]) for name, raw in zip(names, raws, strict=True)}
        rows = [(bytes.fromhex(name[0]), name[1], *said[name], seal(name, said[name])) for name in names]

        def keep(db: sqlite3.Connection) -> None:
            with self._database.changing(db):
                db.executemany(_KEEP, rows)

        self._database.run(keep)
        return said

    def _parsed(self, raw: bytes | None, application: str) -> _Said:
        if raw is None:
            return _MISSING, "", "", ""
        parts = versions.parted(raw)
        if parts and (application, parts.form) in self._usable:
            # It differs from a version that was read only in what parts are, so it would be read alike.
            return parts.status, parts.tags, parts.informed, parts.content
        try:
            document = read(raw, application)
            said = application_file.typed(document, "", application)
        except FileUnusable:
            return _UNUSABLE, "", "", ""
        content = application_file.content(raw, document)
        found = said.status.value, " ".join(said.tags), said.informed, content
        if parts and found == (parts.status, parts.tags, parts.informed, parts.content):
            self._usable.add((application, parts.form))
        return found


class _Beside(threading.Thread):
    """Reads while this thread does something else: git is another process."""

    def __init__(self, read: Callable[[], list[bytes | None]]) -> None:
        super().__init__(daemon=True)
        self._read = read
        self._found: list[bytes | None] = []
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        """Read."""
        try:
            self._found = self._read()
        except BaseException as error:
            self._error = error

    def end(self) -> list[bytes | None]:
        """Wait, and return what was read, or raise what it raised."""
        self.join()
        if self._error:
            raise self._error
        return self._found


def _known(wanted: Collection[Name], db: sqlite3.Connection) -> dict[Name, _Said]:
    found: dict[Name, _Said] = {}
    for name in wanted:
        said = db.execute(_KNOWN, (name[1], bytes.fromhex(name[0]))).fetchone()
        if said and said[-1] == seal(name, said[:-1]):
            found[name] = said[:-1]
    return found


def _state(status: str, tags: str, informed: str, content: str) -> State:
    if status in (_UNUSABLE, _MISSING):
        return NOTHING
    return State(_STATUS[status], tuple(tags.split()), informed, content)
