"""What can be asked of an index: meetings, applications, rows, what a query finds, and how many there are of each.

Where its files come from, and how it follows them, is for the classes that build on this one to say.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Container, Iterable
from typing import TypeVar

from callforth.errors import UsageError
from callforth.index import database, rows, scoring
from callforth.index.database import Damaged, Database
from callforth.index.oddities import all_lost, lost
from callforth.index.query import BY_CRITERION, EVERYTHING, NUMBERS, Query, compile_query, number_named
from callforth.index.reading import place_of, unpack
from callforth.index.rows import Rows, weight
from callforth.model import person, scores
from callforth.model.application import Application, Problem
from callforth.model.ids import typed_id
from callforth.model.meeting import Meeting
from callforth.model.review import RECOMMENDATIONS, Review
from callforth.model.status import Status
from callforth.model.text import clean_line
from callforth.plaintext import application as application_file
from callforth.plaintext import layout
from callforth.plaintext.document import FileUnusable

T = TypeVar("T")

LOST = "~lost"
"""By what a file is known (see `schema.py`) that is in git's index, and not in the work tree."""
FACETS = ("status", "score", "tag", "country")
_MOST_PARSED = 2000
_LINES = "group_concat(line, char(10))"
_OF_MEETING = "a.meeting = ? ORDER BY a.received, a.id"
_STATUSES = frozenset(status.value for status in Status)
_RANK = " ".join(f"WHEN '{status}' THEN {rank}" for rank, status in enumerate(Status))
_COUNTED = {
    "status": "(SELECT json_group_object(status, n) FROM (SELECT status, count(*) n FROM hit GROUP BY status))",
    # In whole points, as `score:4` asks for them.
    "score": "(SELECT json_group_object(points, n) FROM (SELECT CAST(round(score) AS INTEGER) points, count(*) n "
    "FROM hit WHERE score IS NOT NULL GROUP BY points))",
    "country": "(SELECT json_group_object(country, n) FROM (SELECT country, count(*) n FROM hit GROUP BY country))",
    "tag": "(SELECT json_group_object(name, n) FROM (SELECT name, count(*) n FROM tag WHERE meeting = ?1 "
    "AND id IN (SELECT id FROM hit) GROUP BY name))",
}
_ORDER_BY = {
    "received": "a.received",
    "name": "a.name",
    "country": "a.country",
    "status": f"CASE a.status {_RANK} END",
    "organisation": "a.organisation",
    "id": "a.id",
}


class UnknownId(UsageError):
    """No application, or more than one, has an id that begins like this; `remedy` may be empty."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(f"{what}; {remedy}" if remedy else what)
        self.what, self.remedy = what, remedy


class UnknownMeeting(UsageError):
    """No meeting has this name."""


class Questions:
    """An index in `database`, to be asked. Not for use from several threads at once."""

    when = ""  # as of when, where that is not now; what is not there was not there then

    def __init__(self, index: Database) -> None:
        self.database = index
        self._parsed: dict[str, tuple[str, Application]] = {}  # with the id of the bytes it was in
        self._odd: tuple[Problem, ...] = ()
        self._whole: int | None = None  # the generation of the index that all was read into

    def _raw(self, path: str) -> tuple[bytes, str]:
        """Return the bytes of a file, and the id that git gives them. Raises `FileUnusable`."""
        raise NotImplementedError

    def _again(self) -> None:
        """Read all once more, into an index that had to be made anew."""
        raise NotImplementedError

    # Meetings

    @property
    def problems(self) -> list[Problem]:
        """The files that cannot be used, by path."""
        wanted = "SELECT DISTINCT place, line, says, remedy FROM file WHERE says IS NOT NULL"
        found = {Problem(*one) for one in self._ask(lambda db: db.execute(wanted).fetchall())}
        return sorted(found.union(self._odd, all_lost(self._lost())), key=lambda problem: (problem.path, problem.line))

    @property
    def meetings(self) -> list[Meeting]:
        """All meetings with a usable call, the latest first."""
        found = [
            one for one in self._ask(lambda db: _unpacked(db, "SELECT data FROM call")) if isinstance(one, Meeting)
        ]
        return sorted(found, key=lambda meeting: (meeting.starts, meeting.id), reverse=True)

    def meeting(self, name: str) -> Meeting:
        """Return the meeting called `name`. Raises `UnknownMeeting`, or `FileUnusable` where its call is broken."""
        found = self._ask(lambda db: _unpacked(db, "SELECT data FROM call WHERE meeting = ?", name))
        if found and isinstance(found[0], Meeting):
            return found[0]
        problem = self._problem(layout.call(name))
        if problem:
            raise FileUnusable(problem)
        there = ", ".join(meeting.id for meeting in self.meetings) or "none yet"
        raise UnknownMeeting(f"there is no meeting '{clean_line(name)}' here{self.when}; there is: {there}")

    def statuses(self) -> dict[str, Counter[Status]]:
        """Return for each meeting how many of its applications stand where."""
        wanted = "SELECT meeting, status, count(*) FROM application GROUP BY meeting, status"

        def work(db: sqlite3.Connection) -> dict[str, Counter[Status]]:
            counts: dict[str, Counter[Status]] = {}
            for meeting, status, count in db.execute(wanted).fetchall():
                if status not in _STATUSES:
                    raise Damaged(status)
                counts.setdefault(meeting, Counter())[Status(status)] = count
            said = dict(db.execute("SELECT meeting, rows FROM tally WHERE rows <> 0").fetchall())
            if said != {meeting: of_one.total() for meeting, of_one in counts.items()}:
                raise Damaged("not all are counted")
            return counts

        return self._ask(work)

    def taken(self, meeting: str) -> int:
        """Return how many seats of a meeting are held."""
        counts = self.statuses().get(meeting, Counter())
        return sum(count for status, count in counts.items() if status.holds_seat)

    # Applications

    def application(self, typed: str) -> Application:
        """Return the application whose id is, or alone begins with, what was typed, as it was at the last refresh.

        Raises `UnknownId`, or `FileUnusable` where it is the id of a file that cannot be used.
        """
        path, application_id = self.path_of(typed)
        known = self._parsed.get(path)
        if known is None:
            problem = self._problem(path)
            if problem:
                raise FileUnusable(problem)
            raw, content = self._raw(path)
            application = application_file.parse(raw, path, path.split("/")[1], application_id)
            if len(self._parsed) >= _MOST_PARSED:
                self._parsed.clear()
            known = self._parsed[path] = (content, application)
        return known[1]

    def path_of(self, typed: str) -> tuple[str, str]:
        """Return the path and id of the application file that what was typed names. Raises `UnknownId`."""
        wanted = typed_id(typed)
        shown = clean_line(typed)[:40]
        matches = dict(self._ask(lambda db: db.execute(_BEGINNING, (wanted, f"{wanted}~", wanted)).fetchall()))
        matches |= self._lost_applications(wanted, matches.values())
        exact = [path for path, name in matches.items() if name == wanted]
        if len(exact) == 1 or len(matches) == 1:
            path = (exact or list(matches))[0]
            return path, matches[path]
        if not wanted or not matches:
            raise UnknownId(f"no application's id begins with '{shown}'{self.when}", "'callforth list' shows the ids")
        if len(exact) > 1:
            raise UnknownId(
                f"{len(exact)} files have the id {wanted} ({', '.join(sorted(exact))}); give all but one a new id"
            )
        some = ", ".join(sorted(matches.values())[:6])
        raise UnknownId(f"'{shown}' is the start of {len(matches)} ids ({some}); write more of it")

    def reviews(self, application_id: str) -> list[Review]:
        """Return the reviews of one application, by reviewer."""
        wanted = "SELECT data FROM review WHERE application = ? ORDER BY path"
        found = self._ask(lambda db: _unpacked(db, wanted, application_id))
        return [one for one in found if isinstance(one, Review)]

    def ids(self) -> list[str]:
        """Return the ids of all usable applications."""
        return [one for (one,) in self._ask(lambda db: db.execute("SELECT id FROM application ORDER BY id").fetchall())]

    def tags(self) -> list[str]:
        """Return all tags in use."""
        return [one for (one,) in self._ask(lambda db: db.execute("SELECT DISTINCT name FROM tag").fetchall())]

    # Rows

    def rows(self, meeting: str) -> Rows:
        """Return the rows of a meeting's usable applications, in the order in which they came in."""
        wanted = f"SELECT CAST({_LINES} AS BLOB) FROM (SELECT a.line FROM application a WHERE {_OF_MEETING})"

        def work(db: sqlite3.Connection) -> list[str]:
            found: bytes = db.execute(wanted, (meeting,)).fetchone()[0] or b""
            lines = found.decode().split("\n") if found else []
            between = max(0, len(lines) - 1)
            weighed = (weight(found) - between * weight(b"\n")) % rows.WEIGHTS
            if (len(lines), len(found) - between, weighed) != _tally(db, meeting):
                raise Damaged(meeting)
            return lines

        return Rows(self._ask(work))

    def only(self, ids: Iterable[str]) -> Rows:
        """Return the rows of these applications, as far as they are there."""
        return self._rows("a.id IN (SELECT value FROM json_each(?)) ORDER BY a.received, a.id", json.dumps(list(ids)))

    def elsewhere(self, row: person.Applied, meeting: str) -> Rows:
        """Return this person's applications to other meetings than this one, the latest first."""
        where = "a.person = ? AND a.meeting <> ? ORDER BY a.received DESC, a.id DESC"
        return self._rows(where, person.key(row), meeting)

    def again(self, row: person.Applied, meeting: str) -> Rows:
        """Return this person's other applications to the same meeting."""
        where = "a.person = ? AND a.meeting = ? AND a.id <> ? ORDER BY a.received, a.id"
        return self._rows(where, person.key(row), meeting, row.id)

    def query(self, meeting: str, text: str) -> Query:
        """Return what a query asks of a meeting's applications. Raises `BadQuery`."""
        return compile_query(text, lambda: self.fields(meeting), database.has_words(), lambda: self.criteria(meeting))

    def criteria(self, meeting: str) -> list[str]:
        """Return what the reviews of a meeting score, by its call; nothing where that cannot be used."""
        found = self._ask(lambda db: _unpacked(db, "SELECT data FROM call WHERE meeting = ?", meeting))
        return [one.id for call in found if isinstance(call, Meeting) for one in call.criteria]

    def offsets(self, meeting: str) -> dict[str, float]:
        """Return how much more than colleagues each reviewer of a meeting gives, in points (see `model.scores`)."""
        return scores.offsets(self._ask(lambda db: scoring.given_in(db, meeting))[0].values())

    def orders(self, meeting: str) -> list[str]:
        """Return by what a meeting's applications can be sorted."""
        by_criterion = [f"{key}.{one}" for key in BY_CRITERION for one in self.criteria(meeting)]
        return [*_ORDER_BY, *NUMBERS, *by_criterion, *(f"recommend.{one}" for one in RECOMMENDATIONS)]

    def fields(self, meeting: str) -> set[str]:
        """Return the names of all fields of the applicants, and further ones, that a meeting's applications have."""
        wanted = "SELECT DISTINCT names FROM application WHERE meeting = ?"

        def work(db: sqlite3.Connection) -> set[str]:
            try:
                return {name for (names,) in db.execute(wanted, (meeting,)) for name in json.loads(names)}
            except ValueError as error:
                raise Damaged(str(error)) from None

        return self._ask(work)

    def find(self, meeting: str, query: Query, order: str = "received") -> list[str]:
        """Return the ids of a meeting's applications that a query lets through, in an order.

        An order is one of `orders`, with a minus before it to turn it round. Those that are alike stand as they came
        in; what has no number stands where the least ones do.
        """
        name = order.removeprefix("-")
        number = number_named(name, lambda: self.criteria(meeting))
        by = Query(_ORDER_BY[name]) if number is None else number
        down = " DESC" if order.startswith("-") else ""
        alike = f", a.id{down}" if name == "received" else ", a.received, a.id"
        wanted = (
            f"SELECT group_concat(id, ' ') FROM (SELECT a.id FROM application a WHERE a.meeting = ? AND {query.where} "
            f"ORDER BY {by.where}{down}{alike})"
        )
        values = (meeting, *query.values, *by.values)
        found = self._ask(lambda db: db.execute(wanted, values).fetchone()[0])
        return found.split(" ") if found else []

    def count(self, meeting: str, query: Query = EVERYTHING, facets: Iterable[str] = FACETS) -> dict[str, Counter[str]]:
        """Return for each facet how many of those that a query lets through have each value."""
        # One answer in one step, however much it counts: each step gives up Python's lock, and may wait to get it back.
        chosen = [_COUNTED[facet] for facet in facets]
        wanted = (
            "WITH hit AS MATERIALIZED (SELECT a.id, a.status, a.country, a.score FROM application a "
            f"WHERE a.meeting = ?1 AND {query.where}) SELECT {', '.join(chosen)}"
        )

        def work(db: sqlite3.Connection) -> dict[str, Counter[str]]:
            found = db.execute(wanted, (meeting, *query.values)).fetchone()
            try:
                return {facet: Counter(json.loads(said)) for facet, said in zip(facets, found, strict=True)}
            except ValueError as error:
                raise Damaged(str(error)) from None

        return self._ask(work)

    def _rows(self, where: str, *values: object) -> Rows:
        # One text, fetched in one step, in place of so many rows.
        wanted = f"SELECT {_LINES} FROM (SELECT a.line FROM application a WHERE {where})"
        found = self._ask(lambda db: db.execute(wanted, values).fetchone()[0])
        return Rows(found.split("\n") if found else [])

    def _problem(self, path: str) -> Problem | None:
        wanted = "SELECT place, line, says, remedy FROM file WHERE path = ? AND says IS NOT NULL"
        found = self._ask(lambda db: db.execute(wanted, (path,)).fetchone())
        if found:
            return Problem(*found)
        return lost(path) if path in self._lost() else None

    def _lost(self) -> list[str]:
        """Return the paths of the files that git has, and that are not there."""
        found = [path for (path,) in self._ask(lambda db: db.execute(_ALL_LOST, (LOST,)).fetchall())]
        return [path for path in found if isinstance(place_of(path), tuple)]

    def _lost_applications(self, wanted: str, there: Container[str]) -> dict[str, str]:
        """Return the paths and ids of lost files whose id begins like this, but for those that were only moved."""
        places = ((path, place_of(path)) for path in self._lost() if wanted)
        found = {path: place[1] for path, place in places if isinstance(place, tuple) and len(place) == _APPLICATION}
        return {path: one for path, one in found.items() if one.startswith(wanted) and one not in there}

    def _ask(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what the index says; where it had to be made anew since all was read, all is read once more before."""
        answer = self._run(work)
        if self._whole not in (None, self.database.generation):
            self._again()
            answer = self._run(work)
        return answer

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return self.database.run(work)


# The index of those that differ from git's has few of them; it is used for what says that it wants no others.
_ALL_LOST = "SELECT path FROM file WHERE token >= '~' AND token = ? ORDER BY path"
_APPLICATION = 2  # parts of an application's place
_BEGINNING = "SELECT path, id FROM file WHERE id >= ? AND id < ? AND id <> '' AND ? <> '' ORDER BY path"


def _unpacked(db: sqlite3.Connection, wanted: str, *values: object) -> list[Meeting | Review]:
    return [unpack(data) for (data,) in db.execute(wanted, values)]


def _tally(db: sqlite3.Connection, meeting: str) -> tuple[int, int, int]:
    """Return how many rows a meeting has, how many bytes they are together, and what these weigh."""
    found = db.execute("SELECT rows, size, weight FROM tally WHERE meeting = ?", (meeting,)).fetchone()
    return (found[0], found[1], found[2] % rows.WEIGHTS) if found else (0, 0, 0)
