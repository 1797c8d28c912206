"""The commits that the index knows: added parents first, never taken away, and which of them lead to HEAD.

What is known is whole: with a commit, all that it builds on. `past.here` marks the commits that lead to one of the
noted heads, so that another branch, or history rewritten, moves marks and takes nothing that it would have to read
again. All functions are called within a transaction.
"""

from __future__ import annotations

import heapq
import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from callforth.index import store
from callforth.model.text import clean_line
from callforth.plaintext import layout
from callforth.repo.history import Commit, dated

_HEADS, _TIPS, _EDGES = "history heads", "history tips", "history edges"
_WAS, _IS, _BOTH = 1, 2, 3
_ADD_CHANGE = """INSERT INTO past_change VALUES (?1, ?2, ?3, ?4, ?5, ?6,
    (SELECT number FROM blob WHERE application = ?6 AND id = ?7),
    (SELECT number FROM blob WHERE application = ?6 AND id = ?8), ?9)"""


def stands_at(db: sqlite3.Connection, head: str, edges: str) -> bool:
    """Tell whether the commits marked are those that lead to `head`, in a history with these edges."""
    return store.get(db, _HEADS) == head and is_bound(db, edges)


def seal(*values: object) -> int:
    """Return a number that differs, most likely, when any of these does: a database does not see its bytes change."""
    return zlib.crc32(repr(values).encode("utf-8", "surrogatepass"))


def has(db: sqlite3.Connection, commit: str) -> bool:
    """Tell whether a commit is known."""
    return _date_and_mark(db, commit) is not None


def tips(db: sqlite3.Connection) -> list[str]:
    """Return the known commits on which no known one builds. Raises `sqlite3.DatabaseError`."""
    noted = store.get(db, _TIPS).split()
    for commit in noted:
        _date(db, commit)  # it would not be for git to hear of, were it not known
    return noted


def who(email: str) -> str:
    """Return an address as commits are found by it."""
    return clean_line(email).casefold()


def is_bound(db: sqlite3.Connection, edges: str) -> bool:
    """Tell whether the commits known were read in a history with these edges: in others they have other parents."""
    return store.get(db, _EDGES) == edges


def forget(db: sqlite3.Connection, edges: str) -> None:
    """Forget all commits, and note the edges of the history that will be read."""
    for table in ("past", "past_change"):
        db.execute(f"DELETE FROM {table}")
    for name, value in ((_HEADS, ""), (_TIPS, ""), (_EDGES, edges)):
        store.put(db, name, value)


def add(db: sqlite3.Connection, commits: Iterable[Commit], edges: str) -> bool:
    """Add commits, parents first, read in a history with these edges.

    False where one's parents are not known, or the index is of other edges: so it is not the one they were read for.
    Those before it are added all the same.
    """
    if not is_bound(db, edges):
        return False
    heads, ends = set(store.get(db, _HEADS).split()), set(store.get(db, _TIPS).split())
    known: dict[str, tuple[int, int]] = {}

    def look(commit: str) -> tuple[int, int] | None:
        found = known.get(commit) or _date_and_mark(db, commit)
        if found:
            known[commit] = found
        return found

    whole = True
    number = db.execute("SELECT coalesce(max(number), 0) FROM past").fetchone()[0]
    rows: list[tuple[object, ...]] = []
    changes: list[tuple[object, ...]] = []
    for commit in commits:
        if look(commit.id):
            continue
        parents = [found for parent in commit.parents if (found := look(parent))]
        if len(parents) < len(commit.parents):
            whole = False
            break
        here = all(marked for _, marked in parents)
        known[commit.id] = dated(commit.committed, (at for at, _ in parents)), here
        number += 1
        touched = _touched(commit, number, known[commit.id][0])
        rows.append(_row(commit, number, *known[commit.id], bool(touched)))
        changes += touched
        for noted in (heads, ends) if here else (ends,):
            noted.difference_update(commit.parents)
            noted.add(commit.id)
    db.executemany("INSERT INTO past VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    _add_changes(db, changes)
    store.put(db, _HEADS, " ".join(sorted(heads)))
    store.put(db, _TIPS, " ".join(sorted(ends)))
    return whole


def move(db: sqlite3.Connection, head: str) -> bool:
    """Mark the commits that lead to `head`, and no others. False where it is not known."""
    before = set(store.get(db, _HEADS).split())
    if before == {head}:
        return True
    if not has(db, head):
        return False
    # As a date is later than all parents', the latest one left to look at is final, and once all that are left lead
    # to both, so does all that they build on.
    marks = dict.fromkeys(before, _WAS)
    marks[head] = marks.get(head, 0) | _IS
    queue = [(-_date(db, commit), commit) for commit in marks]
    heapq.heapify(queue)
    undecided = sum(mark != _BOTH for mark in marks.values())
    changed: list[tuple[int, bytes]] = []
    while undecided:
        _, commit = heapq.heappop(queue)
        mark = marks[commit]
        if mark != _BOTH:
            undecided -= 1
            changed.append((mark == _IS, bytes.fromhex(commit)))
        for parent in _parents(db, commit):
            was = marks.get(parent, 0)
            marks[parent] = was | mark
            undecided += (marks[parent] != _BOTH) - (was in (_WAS, _IS))
            if not was:
                heapq.heappush(queue, (-_date(db, parent), parent))
    db.executemany("UPDATE past SET here = ? WHERE id = ?", changed)
    store.put(db, _HEADS, head)
    return True


def _date_and_mark(db: sqlite3.Connection, commit: str) -> tuple[int, int] | None:
    found: tuple[int, int] | None
    found = db.execute("SELECT date, here FROM past WHERE id = ?", (bytes.fromhex(commit),)).fetchone()
    return found


def _date(db: sqlite3.Connection, commit: str) -> int:
    return int(_known(db, "date", commit))


def _parents(db: sqlite3.Connection, commit: str) -> list[str]:
    joined = _known(db, "parents", commit).hex()
    return [joined[at : at + len(commit)] for at in range(0, len(joined), len(commit))]


def _known(db: sqlite3.Connection, column: str, commit: str) -> Any:
    """Return what the index has of a commit that it must know, having noted it; else it is damaged."""
    with suppress(ValueError):  # not even an id
        found = db.execute(f"SELECT {column} FROM past WHERE id = ?", (bytes.fromhex(commit),)).fetchone()
        if found:
            return found[0]
    raise sqlite3.DatabaseError("the index has lost a commit")


def _row(commit: Commit, number: int, at: int, here: int, touches: bool) -> tuple[object, ...]:
    place = number, bytes.fromhex(commit.id), at, bytes.fromhex("".join(commit.parents)), here
    if not touches:
        return (*place, None, None, None, None, None)
    author = commit.author
    return (*place, who(author.email), author.name, author.email, commit.at.isoformat(), commit.message)


def _touched(commit: Commit, number: int, at: int) -> list[tuple[object, ...]]:
    """Return the rows of the application files that a commit changed, in the order of their paths."""
    author, is_merge = commit.author, int(len(commit.parents) > 1)
    said = author.name, author.email, commit.at.isoformat(), commit.message, is_merge
    rows: list[tuple[object, ...]] = []
    for change in commit.changes:
        name = layout.parse_application(change.path)
        if name:
            before, after = bytes.fromhex(change.befores[0]), bytes.fromhex(change.after)
            place = at, bytes.fromhex(commit.id), -len(rows)
            rows.append((*place, number, *name, before, after, seal(*place, *said, *name, before, after)))
    return rows


def _add_changes(db: sqlite3.Connection, changes: Sequence[tuple[object, ...]]) -> None:
    blobs = ((blob, row[5]) for row in changes for blob in row[6:8] if blob)
    db.executemany("INSERT OR IGNORE INTO blob (id, application) VALUES (?, ?)", blobs)
    db.executemany(_ADD_CHANGE, changes)
