"""The index's file: SQLite inside the git directory, made anew whenever it is missing, of another make, or damaged.

It is never the truth. Whatever goes wrong with it costs time and nothing else: a file that cannot be used is thrown
away, and where none can be kept at all (no git directory, a full or read-only disk, another process that does not let
go) the index is held in memory for as long as the process lives.
"""

from __future__ import annotations

import os
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from callforth import __version__
from callforth.index import schema
from callforth.index.rows import weight
from callforth.repo.listing import git_dir_of

T = TypeVar("T")
_DAMAGED = re.compile("malformed|decode|no such (table|column)|user-defined function")

NAME = "index.sqlite"
_WAIT_SECONDS = 2.0
_VERSION_AT = 60  # of four bytes, big-endian. Source: "Database File Format", sqlite.org


def place_of(root: Path) -> Path | None:
    """Return where the index of a workspace is kept, or None where it has no git directory."""
    folder = git_dir_of(root)
    return folder / "callforth" / NAME if folder else None


def is_there(root: Path) -> bool:
    """Tell, without opening it, whether there is an index of this make."""
    place = place_of(root)
    if place is None:
        return False
    try:
        with place.open("rb") as stream:
            head = stream.read(_VERSION_AT + 4)
    except OSError:
        return False
    return head[_VERSION_AT:] == _make().to_bytes(4, "big")


def _make() -> int:
    """Return a number that differs when the schema, or the code that fills it, does."""
    parts = [__version__, schema.TABLES]
    package = Path(__file__).parent.parent
    for room in ("model", "plaintext", "index"):
        for entry in sorted(os.scandir(package / room), key=lambda entry: entry.name):
            if entry.name.endswith(".py"):
                status = entry.stat()
                parts.append(f"{entry.name} {status.st_size} {status.st_mtime_ns}")
    return zlib.crc32("\n".join(parts).encode()) & 0x7FFFFFFF


class Damaged(sqlite3.DatabaseError):
    """The index has something in it that nobody of ours has put there."""


class Database:
    """The index's tables. Not for use from several threads at once."""

    def __init__(self, place: Path | None) -> None:
        self._place = place
        self._connection: sqlite3.Connection | None = None
        self.generation = 0

    def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Call `work` with the open index and return what it returns.

        Where the index turns out to be damaged, it is made anew, empty, and `work` is called again; `generation` then
        differs. Where others hold it, or the disk takes nothing, the same is done in memory.
        """
        for _ in range(2):
            try:
                return work(self._open())
            except UnicodeDecodeError:
                self._give_up(damaged=True)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.ProgrammingError | sqlite3.InterfaceError):
                    raise
                refused = isinstance(error, sqlite3.OperationalError) and not _DAMAGED.search(str(error))
                self._give_up(damaged=not refused)
        return work(self._open())

    @contextmanager
    def changing(self, db: sqlite3.Connection) -> Iterator[None]:
        """Make what is changed within whole, or nothing of it."""
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")

    def renew(self) -> None:
        """Throw away what there is, and begin anew."""
        self._give_up(damaged=True)

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._at(self._place)
            self.generation += 1
        return self._connection

    def _give_up(self, damaged: bool) -> None:
        self.close()
        if damaged and self._place is not None:
            remove(self._place)
            if not self._place.exists():
                return
        self._place = None

    def _at(self, place: Path | None) -> sqlite3.Connection:
        if place is not None:
            if not place.exists():
                remove(place)  # what SQLite keeps beside it would be taken for the new one's
            with suppress(OSError):
                place.parent.mkdir(exist_ok=True)
                place.touch(0o600)  # it holds what applicants wrote
        name = ":memory:" if place is None else place
        # Opened by the thread that first needs it, closed by the one that ends: never two at once.
        db = sqlite3.connect(name, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            _prepare(db)
        except BaseException:
            db.close()
            raise
        return db


def remove(place: Path) -> None:
    """Delete an index, with what SQLite keeps beside it."""
    for beside in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            place.with_name(place.name + beside).unlink()


def _prepare(db: sqlite3.Connection) -> None:
    make = _make()
    db.create_function("weight", 1, lambda line: weight(line.encode()), deterministic=True)
    db.execute("PRAGMA journal_mode = WAL").fetchone()
    # Without a sync for each change a power cut loses the last ones, and damages nothing: they are read again.
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA temp_store = MEMORY")
    if _number(db, "PRAGMA user_version") == make:
        return
    db.execute("BEGIN IMMEDIATE")
    if _number(db, "PRAGMA user_version") != make:  # else another process has just made it
        for kind, name in db.execute(
            "SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
        ).fetchall():
            db.execute(f'DROP {kind.upper()} IF EXISTS "{name}"')
        for statement in schema.TABLES.split(";\n"):
            db.execute(statement)
        if has_words():
            db.execute(schema.WORDS)
        db.execute(f"PRAGMA user_version = {make}")
    db.execute("COMMIT")


@cache
def has_words() -> bool:
    """Tell whether this SQLite can look words up by three letters in a row."""
    with closing(sqlite3.connect(":memory:")) as db:
        there = bool(_number(db, "SELECT sqlite_compileoption_used('ENABLE_FTS5')"))
    return there and sqlite3.sqlite_version_info >= schema.LEAST_FOR_WORDS


def _number(db: sqlite3.Connection, statement: str) -> Any:
    return db.execute(statement).fetchone()[0]
