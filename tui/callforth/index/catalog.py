"""Every file of a workspace, as the index has it: what lists, narrowing and counting read.

The work tree is the truth. `refresh` asks git which files changed since last time and reads only those; a file that
cannot be read becomes a `Problem` and takes nothing else down. Where nothing is known yet, everything is read, by all
cores, and can be watched growing.
"""

from __future__ import annotations

import json
import sqlite3
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from callforth.errors import RepositoryError, UsageError
from callforth.index import database, store
from callforth.index.database import Damaged, Database
from callforth.index.oddities import FOLDERS, Oddities
from callforth.index.query import EVERYTHING, Query, compile_query
from callforth.index.readers import Readers, everything, in_order
from callforth.index.reading import Record, content_id, place_of, read_file, unpack
from callforth.index.rows import Rows
from callforth.model import person
from callforth.model.application import Application, Problem
from callforth.model.ids import typed_id
from callforth.model.meeting import Meeting
from callforth.model.review import Review
from callforth.model.status import Status
from callforth.model.text import clean_line
from callforth.plaintext import application as application_file
from callforth.plaintext import layout
from callforth.plaintext.document import FileUnusable
from callforth.repo.listing import Listing, WorkTree, git_dir_of, object_format
from callforth.repo.look import look_of, stamp

T = TypeVar("T")
Progress = Callable[[int, int], None]

FACETS = ("status", "tag", "country")
_MOST_PARSED = 2000
_STATUSES = frozenset(status.value for status in Status)
_LINK = "120000"
_GONE = "~"
_MODE = 4  # of what `look_of` returns
_RANK = " ".join(f"WHEN '{status}' THEN {rank}" for rank, status in enumerate(Status))
_COUNTED = {
    "status": "(SELECT json_group_object(status, n) FROM (SELECT status, count(*) n FROM hit GROUP BY status))",
    "country": "(SELECT json_group_object(country, n) FROM (SELECT country, count(*) n FROM hit GROUP BY country))",
    "tag": "(SELECT json_group_object(name, n) FROM (SELECT name, count(*) n FROM tag WHERE meeting = ?1 "
    "AND id IN (SELECT id FROM hit) GROUP BY name))",
}
_ORDER_BY = {
    "received": "a.received, a.id",
    "name": "a.name, a.id",
    "country": "a.country, a.received, a.id",
    "status": f"CASE a.status {_RANK} END, a.received, a.id",
    "score": "coalesce(a.score, 0), a.id",
    "best": "coalesce(a.score, 0) DESC, a.received, a.id",
    "organisation": "a.organisation, a.id",
    "id": "a.id",
}


class UnknownId(UsageError):
    """No application, or more than one, has an id that begins like this."""


class UnknownMeeting(UsageError):
    """No meeting has this name."""


class Catalog:
    """The files of the workspace at `root`. Not for use from several threads at once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.database = Database(database.place_of(root))
        self._tree: WorkTree | None = None
        self._reading: Iterator[tuple[int, int]] | None = None
        self._parsed: dict[str, tuple[str, Application]] = {}  # with the id of the bytes it was in
        self._oddities = Oddities(root)
        self._odd: tuple[Problem, ...] = ()
        self._seen: tuple[object, ...] = ()
        self._whole: int | None = None  # the generation of the index that all was read into

    def close(self) -> None:
        """Close the index."""
        self._reading = None
        self.database.close()

    # Reading

    def read_ahead(self) -> Readers | None:
        """Begin to read all files in other processes, where the index has nothing of them; for `read_on`."""
        if database.is_there(self.root) or git_dir_of(self.root) is None:
            return None
        return Readers.ahead(self.root, self._object_format)

    def refresh(self, progress: Progress | None = None) -> bool:
        """Read what is new or changed, here or by another process; tell whether anything did since last time.

        `progress` is called now and then with how many files were read and how many there are to read. Raises
        `WorkspaceError` where the workspace has no folders to read.
        """
        if self._reading is not None:
            self._read_all(progress)  # begun a while ago: it does not know what has changed since
        generation = -1
        while generation != self.database.generation:  # else what was read went with a damaged index
            self._run(store.edition)
            generation = self.database.generation
            self._read_all(progress)
        return self.changed()

    def read_on(self, progress: Progress | None = None, readers: Readers | None = None) -> bool:
        """Read some of what is new or changed, and tell whether that was all; what was read is there at once.

        `readers` have begun to read already. Raises what `refresh` does.
        """
        if self._reading is None:
            self._reading = self._look(readers)
        try:
            done, total = next(self._reading)
        except StopIteration:
            self._reading = None
            return True
        except BaseException:
            self._reading = None
            raise
        if progress:
            progress(done, total)
        return False

    def _read_all(self, progress: Progress | None) -> None:
        while not self.read_on(progress):
            continue

    def reread(self, paths: Iterable[str]) -> None:
        """Read these files again where they changed, and no other file."""
        wanted, now = list(paths), time.time_ns()
        records = Readers.here(self.root, wanted, self._object_format, self._contents(wanted))
        gone = dict.fromkeys(set(wanted) - {record.path for record in records}, _GONE)
        # Known by a stamp of ours until the next look, which compares it with what git says by then.
        self._store(records, gone, lambda record: _token(record, {}, now))
        read = {record.path: record.content for record in records}
        for path in wanted:
            if path in self._parsed and self._parsed[path][0] != read.get(path):
                del self._parsed[path]

    def note_words(self) -> bool:
        """Make searching faster for some more texts, for about a tenth of a second; tell whether that was all."""
        return not database.has_words() or self._change(store.note_words)

    def forget(self) -> None:
        """Throw the index away; the next refresh reads everything anew."""
        self._reading = None
        self.database.renew()

    def changed(self) -> bool:
        """Tell whether the index says anything else than when this was last asked, whoever has changed it."""
        edition = self._run(store.edition)
        before, self._seen = self._seen, (self.database.generation, edition, self._odd)
        if self._seen != before:
            self._parsed.clear()
        return self._seen != before

    def _look(self, readers: Readers | None) -> Iterator[tuple[int, int]]:
        """Read whatever differs from what the index knows, in batches, and yield files done and to do after each."""
        self._odd = self._oddities.find()
        now = time.time_ns()
        listing = self._listing(self._run(lambda db: store.get(db, "mark")))
        generation = self.database.generation
        found = self._differences(listing, now)
        if found is None:
            listing = self._listing("")
            found = self._differences(listing, now)
        todo, gone, tokens = found or ([], set(), {})

        def token(record: Record) -> str:
            return _token(record, tokens, now)

        with closing(readers or Readers(self.root, todo, self._object_format)) as reading:
            done = 0
            for batch in reading.batches(todo, self._contents(todo)):
                self._store(batch, {}, token)
                done += len(batch)
                yield done, len(todo)
            missing = reading.missing
        if gone or missing:
            # git goes on telling of those that are missing, until they are there again or their going is staged.
            self._store((), dict.fromkeys(gone, "") | dict.fromkeys(missing, _GONE), token)
        if todo or gone:
            self._settle_twins(token)
        if generation == self.database.generation:
            self._whole = generation
            if listing.tracked is not None:
                self._change(lambda db: store.put(db, "mark", listing.mark))

    def _listing(self, known: str) -> Listing:
        """Return what git says of the work tree, or, where it does not answer, all that lies there as changed."""
        try:
            if self._tree is None:
                folder = git_dir_of(self.root)
                if folder is None:
                    return Listing("", frozenset(), everything(self.root))
                self._tree = WorkTree(self.root, folder, FOLDERS)
            return self._tree.look(known)
        except RepositoryError:
            return Listing("", frozenset(), everything(self.root))

    def _store(self, records: Iterable[Record], gone: Mapping[str, str], token: store.Token) -> None:
        self._change(lambda db: store.keep(db, records, gone, token))

    @cached_property
    def _object_format(self) -> str:
        folder = git_dir_of(self.root)
        return object_format(folder) if folder else "sha1"

    def _differences(self, listing: Listing, now: int) -> tuple[list[str], set[str], dict[str, str]] | None:
        """Return the paths to read, the paths that are gone, and how git knows each file that is as its index says.

        None where that takes git's whole listing, and there is none.
        """
        dirty = {path: _dirty_token(self.root, path, now) for path in listing.dirty}
        keys = {store.key(path) for path in dirty}
        if listing.tracked is None:
            if not keys.issuperset(path for (path,) in self._run(lambda db: db.execute(_DIRTY).fetchall())):
                return None
            clean: dict[str, str] = {}
            known = dict(self._run(lambda db: db.execute(_AMONG, (json.dumps(list(keys)),)).fetchall()))
        else:
            entries = (entry.decode(errors="surrogateescape").partition("\t") for entry in listing.tracked)
            clean = {path: token for token, _, path in entries if path not in dirty}
            known = dict(self._run(lambda db: db.execute("SELECT path, token FROM file").fetchall()))
            keys.update(map(store.key, clean))
        stale = [
            path
            for tokens in (clean, dirty)
            for path, token in tokens.items()
            if token != known.get(store.key(path)) and _matters(path, token)
        ]
        return in_order(stale), known.keys() - keys, clean

    def _contents(self, paths: list[str]) -> dict[str, str]:
        """Return the ids of the bytes that were last read of these files, where they stand by themselves."""
        asked = "SELECT value FROM json_each(?)"
        wanted = f"SELECT path, content FROM file WHERE content <> '' AND NOT twin AND path IN ({asked})"
        keys = json.dumps([store.key(path) for path in paths])
        return dict(self._run(lambda db: db.execute(wanted, (keys,)).fetchall()))

    def _settle_twins(self, token: store.Token) -> None:
        paths = self._run(store.twins)
        if paths:
            records = Readers.here(self.root, paths, self._object_format)
            self._change(lambda db: store.keep_twins(db, records, token))

    # Meetings

    @property
    def problems(self) -> list[Problem]:
        """The files that cannot be used, by path."""
        wanted = "SELECT DISTINCT place, line, says, remedy FROM file WHERE says IS NOT NULL"
        found = {Problem(*one) for one in self._ask(lambda db: db.execute(wanted).fetchall())} | set(self._odd)
        return sorted(found, key=lambda problem: (problem.path, problem.line))

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
        raise UnknownMeeting(f"there is no meeting '{clean_line(name)}' here; there is: {there}")

    def statuses(self) -> dict[str, Counter[Status]]:
        """Return for each meeting how many of its applications stand where."""
        wanted = "SELECT meeting, status, count(*) FROM application GROUP BY meeting, status"

        def work(db: sqlite3.Connection) -> dict[str, Counter[Status]]:
            counts: dict[str, Counter[Status]] = {}
            for meeting, status, count in db.execute(wanted).fetchall():
                if status not in _STATUSES:
                    raise Damaged(status)
                counts.setdefault(meeting, Counter())[Status(status)] = count
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
            raw = read_file(self.root, path)
            application = application_file.parse(raw, path, path.split("/")[1], application_id)
            if len(self._parsed) >= _MOST_PARSED:
                self._parsed.clear()
            known = self._parsed[path] = (content_id(raw, self._object_format), application)
        return known[1]

    def path_of(self, typed: str) -> tuple[str, str]:
        """Return the path and id of the application file that what was typed names. Raises `UnknownId`."""
        wanted = typed_id(typed)
        shown = clean_line(typed)[:40]
        matches = dict(self._ask(lambda db: db.execute(_BEGINNING, (wanted, f"{wanted}~", wanted)).fetchall()))
        exact = [path for path, name in matches.items() if name == wanted]
        if len(exact) == 1 or len(matches) == 1:
            path = (exact or list(matches))[0]
            return path, matches[path]
        if not wanted or not matches:
            raise UnknownId(f"no application's id begins with '{shown}'; 'callforth list' shows the ids")
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
        return self._rows("a.meeting = ? ORDER BY a.received, a.id", meeting)

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
        return compile_query(text, lambda: self.fields(meeting), database.has_words())

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

        Orders are `received`, `name`, `country`, `organisation`, `status`, `id`, `score`; `best` has the highest first.
        """
        wanted = (
            f"SELECT group_concat(id, ' ') FROM (SELECT a.id FROM application a WHERE a.meeting = ? AND {query.where} "
            f"ORDER BY {_ORDER_BY[order]})"
        )
        found = self._ask(lambda db: db.execute(wanted, (meeting, *query.values)).fetchone()[0])
        return found.split(" ") if found else []

    def count(self, meeting: str, query: Query = EVERYTHING, facets: Iterable[str] = FACETS) -> dict[str, Counter[str]]:
        """Return for each facet how many of those that a query lets through have each value."""
        # One answer in one step, however much it counts: each step gives up Python's lock, and may wait to get it back.
        chosen = [_COUNTED[facet] for facet in facets]
        wanted = (
            "WITH hit AS MATERIALIZED (SELECT a.id, a.status, a.country FROM application a "
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
        wanted = f"SELECT group_concat(line, char(10)) FROM (SELECT a.line FROM application a WHERE {where})"
        found = self._ask(lambda db: db.execute(wanted, values).fetchone()[0])
        return Rows(found.split("\n") if found else [])

    def _problem(self, path: str) -> Problem | None:
        wanted = "SELECT place, line, says, remedy FROM file WHERE path = ? AND says IS NOT NULL"
        found = self._ask(lambda db: db.execute(wanted, (path,)).fetchone())
        return Problem(*found) if found else None

    def _ask(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what the index says; where it had to be made anew since all was read, all is read once more before."""
        answer = self._run(work)
        if self._whole not in (None, self.database.generation):
            self.refresh()
            answer = self._run(work)
        return answer

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return self.database.run(work)

    def _change(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def whole(db: sqlite3.Connection) -> T:
            with self.database.changing(db):
                return work(db)

        return self.database.run(whole)


_DIRTY = "SELECT path FROM file WHERE token >= '~'"
_AMONG = "SELECT path, token FROM file WHERE path IN (SELECT value FROM json_each(?))"
_BEGINNING = "SELECT path, id FROM file WHERE id >= ? AND id < ? AND id <> '' AND ? <> '' ORDER BY path"


def _unpacked(db: sqlite3.Connection, wanted: str, *values: object) -> list[Meeting | Review]:
    return [unpack(data) for (data,) in db.execute(wanted, values)]


def _dirty_token(root: Path, path: str, now: int) -> str:
    try:
        return f"~{stamp(look_of((root / path).lstat()), now)}"
    except OSError:
        return _GONE  # unless it turns out that it only cannot be looked at


def _token(record: Record, clean: dict[str, str], now: int) -> str:
    """Return by what the next look will know a file again, if it has not changed by then."""
    token = clean.get(record.path)
    if token is None:
        return f"~{stamp(record.looked, now)}" if record.looked else _GONE
    # Where git keeps other bytes than those that were read, it filters them, or the file has just changed: either way
    # it is read again when git's index next changes.
    return token if record.content in ("", token.split(" ")[1]) else f"?{token}"


def _matters(path: str, token: str) -> bool:
    return place_of(path) is not None or token.startswith(_LINK) or (token[:1] == "~" and _is_link(token))


def _is_link(token: str) -> bool:
    return token != _GONE and stat.S_ISLNK(int(token[1:].split(" ")[_MODE]))
