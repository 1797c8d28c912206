"""Which submission is of which application that is here: by its id, or by who sent what and when.

An export may tell of the same otherwise than the last one did: a column is taken for something else, dates are read in
another order, times are in another zone, or one of two who share an address has gone. Then it is known by what the
former mapping makes of it, and by what it says.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from callforth.index.rows import Row
from callforth.model.application import Application
from callforth.model.text import fold
from callforth.plaintext import application as application_file
from callforth.plaintext import layout
from callforth.workflow.intake import imported, who
from callforth.workflow.intake.again import Stands, is_as_before
from callforth.workflow.intake.imported import Brought
from callforth.workflow.intake.items import Known
from callforth.workflow.intake.sent import Sent
from callforth.workflow.intake.values import address, is_shifted
from callforth.workflow.workspace import Workspace

# What a source is that no program gave: a digest of who sent it and when.
_DIGEST = re.compile(r"\w+/[0-9a-f]{16}(-[0-9a-f]{4}(-\d+)?)?")


@dataclass(slots=True)
class Here:
    """What is here of a meeting, beside what a file of one `kind` says; see `find`."""

    workspace: Workspace
    meeting: str
    kind: str
    rows: Sequence[Row]
    columns: Stands
    zone: tzinfo
    known: dict[int, Known] = field(default_factory=dict)
    unsure: dict[int, tuple[str, ...]] = field(default_factory=dict)
    earlier: dict[str, Brought] = field(default_factory=dict)

    def path(self, name: str) -> str:
        """Return the file of an application."""
        return layout.application(self.meeting, name)

    def find(
        self, sent: Sequence[Sent], former: Mapping[int, Sent], otherwise: Callable[[], Iterable[Sequence[Sent]]]
    ) -> None:
        """Fill in which row is `known` as what, and which may be one of several and nobody can tell (`unsure`).

        `former` are the submissions as columns were taken the last time, by row, where they were taken otherwise;
        `otherwise` returns all of them as they are where dates are read in another order. `earlier` becomes what came
        in before, by path. Raises `GitFailed`.
        """
        there = {source: row for row in self.rows for source in row.source.split()}
        numbers: dict[str, list[str]] = defaultdict(list)
        for source in there:
            numbers[source.rpartition("-")[0]].append(source)
        for one in sent:
            was = former.get(one.row, one)
            if one.source in there:
                self._is(one, Known(there[one.source].id, one.source, one.applicant))
            elif was.source in there and not who.another(there[was.source].applicant, was.applicant):
                self._is(one, Known(there[was.source].id, was.source, was.applicant, anew=True))
            elif found := _once(one, there, numbers):
                self._is(one, Known(there[found].id, found, one.applicant))
        self._find_joined(sent, there, otherwise)
        left = [one for one in sent if one.row not in self.known]
        orphans = _Orphans(self.rows, {one.source for one in self.known.values()}, self.kind)
        near = {row.id for one in left for row in orphans.near(one)}
        alone = {there[one.alone].id for one in left if one.alone in there}
        names = sorted({*near, *alone, *(one.name for one in self.known.values())})
        self.earlier = imported.versions(self.workspace.repository, [self.path(name) for name in names], self.kind)
        for one in left:
            row = there.get(one.alone)
            if row is not None and is_as_before(one, self._was(row), self.columns):
                self._is(one, Known(row.id, one.alone, one.applicant))
                orphans.take(row)
        self._find_by_what_they_say([one for one in left if one.row not in self.known], orphans)

    def _find_joined(
        self, sent: Sequence[Sent], there: Mapping[str, Row], otherwise: Callable[[], Iterable[Sequence[Sent]]]
    ) -> None:
        """Take rows that were joined into one application for what they would be with dates in another order.

        What each of them said is in no file, only what all said in the end: so each is found by its source alone.
        """
        taken = {known.source for known in self.known.values()}
        joined = {
            source: row
            for source, row in there.items()
            if " " in row.source and source not in taken and source.startswith(f"{self.kind}/")
        }
        people = {key for row in joined.values() for key in _keys(row.applicant)}
        left = [one for one in sent if one.row not in self.known and not one.numbered]
        now = {one.row: one for one in left if people.intersection(_keys(one.applicant))}
        for reading in otherwise() if now else ():
            for was in reading:
                row = joined.get(was.source)
                if row is not None and was.row in now and who.same(row.applicant, was.applicant):
                    one = now.pop(was.row)
                    self._is(one, Known(row.id, was.source, one.applicant, anew=True))

    def _is(self, one: Sent, known: Known) -> None:
        self.known[one.row] = known

    def _was(self, row: Row) -> Application:
        brought = self.earlier.get(self.path(row.id))
        if brought is None:
            return self.workspace.catalog.application(row.id)
        return application_file.parse(brought.raw, self.path(row.id), self.meeting, row.id)

    def _find_by_what_they_say(self, left: Sequence[Sent], orphans: _Orphans) -> None:
        was = {row.id: self._was(row) for one in left for row in orphans.near(one)}

        def says_it(one: Sent, row: Row) -> bool:
            return _says_the_same(one, was[row.id])

        def at_it(one: Sent, row: Row) -> bool:
            told, name = row.source.split()[-1], was[row.id].applicant.get("name", "")
            of_one = told == one.told_by or told.startswith(f"{one.told_by}-")
            return of_one and fold(name) == fold(one.applicant.get("name", ""))

        def then(one: Sent, row: Row) -> bool:
            # Where either has no time of its own, who sent it tells by itself.
            before, brought = was[row.id], self.earlier.get(self.path(row.id))
            timeless = one.received is None or (brought and brought.is_time_of_import(before.received))
            when = timeless or (one.received and is_shifted(before.received, one.received, self.zone))
            return bool(when) and who.same(before.applicant, one.applicant)

        for one in left:
            if row := next((row for row in orphans.near(one) if says_it(one, row)), None):
                self._soft(one, row, orphans)
        for fits in (at_it, then):
            self._find_only_ones([one for one in left if one.row not in self.known], orphans, fits)
        self._find_first_of_joined([one for one in left if one.row not in self.known], orphans, then)
        for one in left:
            may_be = [row.id for row in orphans.near(one) if at_it(one, row)] if one.row not in self.known else []
            if may_be:
                self.unsure[one.row] = tuple(may_be)

    def _find_only_ones(self, left: Sequence[Sent], orphans: _Orphans, fits: Callable[[Sent, Row], bool]) -> None:
        """Take a row for an application where each fits only the other."""
        pairs = [(one, row) for one in left for row in orphans.near(one) if fits(one, row)]
        rows, names = Counter(one.row for one, _ in pairs), Counter(row.id for _, row in pairs)
        for one, row in pairs:
            if rows[one.row] == names[row.id] == 1:
                self._soft(one, row, orphans)

    def _find_first_of_joined(self, left: Sequence[Sent], orphans: _Orphans, then: Callable[[Sent, Row], bool]) -> None:
        """Take a row for the first of those that were joined, where the last was found: their time is the first's."""
        claimed = {known.source for known in self.known.values()}
        pairs = [(one, row) for one in left for row in orphans.joined(one) if then(one, row)]
        rows, names = Counter(one.row for one, _ in pairs), Counter(row.id for _, row in pairs)
        for one, row in pairs:
            first = row.source.split()[0]
            if rows[one.row] == names[row.id] == 1 and first not in claimed:
                self._is(one, Known(row.id, first, one.applicant, soft=True))

    def _soft(self, one: Sent, row: Row, orphans: _Orphans) -> None:
        self._is(one, Known(row.id, row.source.split()[-1], one.applicant, soft=True))
        orphans.take(row)


class _Orphans:
    """Applications that came in by exports of one kind, and that no row of this file is known to be of."""

    def __init__(self, rows: Iterable[Row], claimed: set[str], kind: str) -> None:
        self._by: dict[str, list[Row]] = defaultdict(list)
        self._taken: set[str] = set()
        for row in rows:
            sources = row.source.split()
            if sources and sources[-1].startswith(f"{kind}/") and not claimed.intersection(sources):
                for key in _keys(row.applicant):
                    self._by[key].append(row)

    def near(self, one: Sent) -> list[Row]:
        """Return those of this name or address, where one side has no id, and the row none of the program's own."""
        return [row for row in self._alike(one) if row.id not in self._taken]

    def joined(self, one: Sent) -> list[Row]:
        """Return those of this name or address that several were joined in, and that some row was found to be of."""
        return [row for row in self._alike(one) if row.id in self._taken and " " in row.source]

    def _alike(self, one: Sent) -> list[Row]:
        if one.numbered:
            return []
        found = {row.id: row for key in _keys(one.applicant) for row in self._by.get(key, ())}
        return [
            row for row in found.values() if _DIGEST.fullmatch(one.source) or _DIGEST.fullmatch(row.source.split()[-1])
        ]

    def take(self, row: Row) -> None:
        """Have this one be no orphan any more."""
        self._taken.add(row.id)


def _keys(applicant: Mapping[str, str]) -> list[str]:
    keys = (address(applicant.get("email", "")), fold(applicant.get("name", "")))
    return [key for key in keys if key]


def _once(one: Sent, there: Mapping[str, Row], numbers: Mapping[str, Sequence[str]]) -> str:
    """Return the source that a row may have had in another export, '' where none is, or not the same person's.

    `numbers` are sources by what stands before the last hyphen.
    """
    found = [
        source
        for once in one.once
        for source in ([once] if once in there else numbers.get(once[:-1], ()) if once.endswith("-") else ())
        if who.same(there[source].applicant, one.applicant)
    ]
    return found[0] if len(set(found)) == 1 else ""


def _says_the_same(one: Sent, was: Application) -> bool:
    """Tell whether a submission says what an application said, as far as both speak of it, and answers something."""
    before = {answer.question: answer.text.strip() for answer in application_file.answers(was.body)}
    answers = {answer.question: answer.text.strip() for answer in one.answers if answer.text.strip()}
    both = before.keys() & answers.keys()
    fields = was.applicant.keys() & one.applicant.keys()
    return (
        bool(both)
        and who.same(was.applicant, one.applicant)
        and all(before[key] == answers[key] for key in both)
        and all(was.applicant[key] == one.applicant[key] for key in fields)
    )
