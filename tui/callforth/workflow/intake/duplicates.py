"""Who may be one person: the same address, or alike names with alike organisations, in this meeting and all others.

Nothing is decided here: a person looks at each pair. Names are compared only where they share a part, so that ten
thousand against ten thousand take seconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from callforth.index.catalog import Catalog
from callforth.model import person
from callforth.model.text import fold
from callforth.workflow.intake.values import address

SURE = 100
_LEAST_NAME, _LEAST_ORGANISATION = 90.0, 80.0
_LEAST = 88
# A part of a name that so many have says little by itself.
_COMMON = 60
_SHORT = 3


@dataclass(frozen=True, slots=True)
class Person:
    """What one application, or one that is coming in, says about who sent it; `row` is 0 for one that is here."""

    id: str
    meeting: str
    name: str
    email: str
    organisation: str
    row: int = 0

    @property
    def known_by(self) -> str:
        """By what it is named where another row is said to be the same: its row in the file, or its id."""
        return str(self.row or self.id)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two applications that may be one person's. `score` is 0 to 100 (the same address); `one` is coming in."""

    one: Person
    other: Person
    score: int
    why: str

    @property
    def joins(self) -> bool:
        """Whether they can become one: applications to another meeting stay what they are."""
        return self.one.meeting == self.other.meeting

    @property
    def says(self) -> str:
        """The pair in a line, without a name or an address."""
        where = f"row {self.other.row}" if self.other.row else f"{self.other.id} ({self.other.meeting})"
        return f"row {self.one.row} and {where}: {self.why} ({self.score})"


def here(catalog: Catalog) -> list[Person]:
    """Return everybody who applied to any meeting. The catalog must have been refreshed."""
    return [
        Person(row.id, row.meeting, person.name(row), address(person.email(row)), person.organisation(row))
        for meeting in catalog.meetings
        for row in catalog.rows(meeting.id)
    ]


def coming(meeting: str, sent: Iterable[tuple[str, int, Mapping[str, str]]]) -> list[Person]:
    """Return who is coming in: of each the new id, the row, and the applicant's fields."""
    return [
        Person(name, meeting, said.get("name", ""), address(said.get("email", "")), said.get("organisation", ""), row)
        for name, row, said in sent
    ]


def find(new: Sequence[Person], old: Sequence[Person]) -> list[Duplicate]:
    """Return the pairs of a new one with an old one, or with an earlier new one, by row.

    Of each row those come first that can become one, and of these the best.
    """
    by_address: dict[str, list[Person]] = defaultdict(list)
    by_part: dict[str, list[Person]] = defaultdict(list)
    for one in old:
        _note(one, by_address, by_part)
    found: list[Duplicate] = []
    for one in new:
        pairs = {pair.other.id: pair for pair in _pairs(one, by_address, by_part)}
        found += sorted(pairs.values(), key=lambda pair: (not pair.joins, -pair.score, pair.other.id))
        _note(one, by_address, by_part)
    return found


def _note(one: Person, by_address: dict[str, list[Person]], by_part: dict[str, list[Person]]) -> None:
    if one.email:
        by_address[one.email].append(one)
    for part in _parts(one.name):
        by_part[part].append(one)


def _parts(name: str) -> set[str]:
    return {part for part in fold(name).replace("-", " ").split() if len(part) >= _SHORT}


def _pairs(
    one: Person, by_address: Mapping[str, list[Person]], by_part: Mapping[str, list[Person]]
) -> Iterator[Duplicate]:
    shared: dict[str, int] = defaultdict(int)
    people: dict[str, Person] = {}
    for part in _parts(one.name):
        there = by_part.get(part, [])
        for other in there:
            shared[other.id] += 2 if len(there) <= _COMMON else 1
            people[other.id] = other
    for name, count in shared.items():
        if count > 1:
            yield from _alike(one, people[name])
    # Last, for it is what counts where a pair is alike in both ways.
    for other in by_address.get(one.email, []) if one.email else ():
        yield Duplicate(one, other, SURE, "the same address")


def _alike(one: Person, other: Person) -> Iterator[Duplicate]:
    from rapidfuzz import fuzz

    name = fuzz.token_sort_ratio(fold(one.name), fold(other.name))
    if name < _LEAST_NAME:
        return
    if one.organisation and other.organisation:
        organisation = fuzz.token_set_ratio(fold(one.organisation), fold(other.organisation))
        if organisation < _LEAST_ORGANISATION:
            return
        score, why = round(0.6 * name + 0.4 * organisation), "alike names and organisations"
    else:
        score, why = round(0.95 * name), "alike names"
    if score >= _LEAST:
        yield Duplicate(one, other, min(score, SURE - 1), why)
