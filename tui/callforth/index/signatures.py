"""How commits and tags are signed, each verified once: what has an id never changes, nor does its signature."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from functools import partial

from callforth.index.commits import seal
from callforth.index.database import Database
from callforth.repo import verifying
from callforth.repo.repository import Repository
from callforth.repo.verifying import Signed

_KNOWN = "SELECT state, key, seal FROM signature WHERE id = ?"
_UNCHECKED = "unchecked"


class Signatures:
    """The signatures in `repository`, as `database` knows them."""

    def __init__(self, database: Database, repository: Repository) -> None:
        self._database = database
        self._repository = repository

    def of(self, wanted: Collection[str]) -> dict[str, Signed]:
        """Return how these commits and tags (full ids) are signed. Raises `GitFailed`."""
        found = self._database.run(partial(_known, wanted))
        left = sorted(set(wanted) - found.keys())
        if left:
            said = verifying.check(self._repository, left)
            # What this machine cannot check today it may be able to tomorrow.
            rows = [
                (bytes.fromhex(one), signed.state, signed.key, seal(one, signed.state, signed.key))
                for one, signed in said.items()
                if signed.state != _UNCHECKED
            ]

            def keep(db: sqlite3.Connection) -> None:
                with self._database.changing(db):
                    db.executemany("INSERT OR REPLACE INTO signature VALUES (?, ?, ?, ?)", rows)

            self._database.run(keep)
            found |= said
        return found


def _known(wanted: Collection[str], db: sqlite3.Connection) -> dict[str, Signed]:
    found = {}
    for one in wanted:
        row = db.execute(_KNOWN, (bytes.fromhex(one),)).fetchone()
        if row and row[2] == seal(one, *row[:2]):
            found[one] = Signed(*row[:2])
    return found
