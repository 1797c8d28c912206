"""Who may be one person: the same address, or alike names with alike organisations, in this meeting and all others.

Nothing is decided here: a person looks at each pair. Names are compared only where they share a part, and those who
write name and organisation alike are compared as one, so that ten thousand against ten thousand take seconds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

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
# Pairs of one person. An office may send for hundreds from one address; nobody looks at each with each of them.
MOST_PAIRS = 50


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

    Of each row those come first that can become one, and of these the best. There are `MOST_PAIRS` of a row at most:
    of more who are alike those that were there first, so that all have the same ones to be joined with.
    """
    there = _There()
    for one in old:
        there.note(one)
    found: list[Duplicate] = []
    for one in new:
        pairs = {pair.other.id: pair for pair in there.alike(one)}
        pairs |= {pair.other.id: pair for pair in there.same_address(one)}  # what counts where both are so
        found += sorted(pairs.values(), key=_best_first)[:MOST_PAIRS]
        there.note(one)
    return found


def _best_first(pair: Duplicate) -> tuple[bool, int, str]:
    return not pair.joins, -pair.score, pair.other.id


@dataclass(slots=True)
class _Group:
    """People who are the same in what is compared, by meeting."""

    by_meeting: dict[str, list[Person]] = field(default_factory=dict)

    def add(self, one: Person) -> None:
        self.by_meeting.setdefault(one.meeting, []).append(one)

    def first(self, meeting: str) -> Iterator[Person]:
        """Yield as many of them as one person has pairs at most, those first who applied to this meeting."""
        others = (people for name, people in self.by_meeting.items() if name != meeting)
        return islice(chain(self.by_meeting.get(meeting, []), chain.from_iterable(others)), MOST_PAIRS)


class _There:
    """All who were looked at until now, by their address, and by name and organisation."""

    def __init__(self) -> None:
        self._by_address: dict[str, _Group] = defaultdict(_Group)
        self._named: dict[str, dict[str, _Group]] = defaultdict(lambda: defaultdict(_Group))
        self._by_part: dict[str, set[str]] = defaultdict(set)
        self._have: Counter[str] = Counter()

    def note(self, one: Person) -> None:
        if one.email:
            self._by_address[one.email].add(one)
        name = fold(one.name)
        self._named[name][fold(one.organisation)].add(one)
        for part in _parts(name):
            self._by_part[part].add(name)
            self._have[part] += 1

    def same_address(self, one: Person) -> Iterator[Duplicate]:
        group = self._by_address.get(one.email) if one.email else None
        for other in group.first(one.meeting) if group else ():
            yield Duplicate(one, other, SURE, "the same address")

    def alike(self, one: Person) -> Iterator[Duplicate]:
        """Yield the pairs whose names, and organisations where both say one, are alike; enough of them."""
        found: Counter[bool] = Counter()
        organisation = fold(one.organisation)
        for name, alike in self._alike_names(fold(one.name)):
            for score, why, group in _scored(alike, organisation, self._named[name]):
                for other in group.first(one.meeting):
                    pair = Duplicate(one, other, score, why)
                    found[pair.joins] += 1
                    if found[pair.joins] <= MOST_PAIRS:
                        yield pair
                if found[True] >= MOST_PAIRS:
                    return

    def _alike_names(self, wanted: str) -> list[tuple[str, float]]:
        """Return the names that are alike, and how much, the best first."""
        from rapidfuzz import fuzz

        shared: Counter[str] = Counter()
        for part in _parts(wanted):
            for name in self._by_part.get(part, ()):
                shared[name] += 2 if self._have[part] <= _COMMON else 1
        scores = [(name, fuzz.token_sort_ratio(wanted, name)) for name, count in shared.items() if count > 1]
        return sorted((one for one in scores if one[1] >= _LEAST_NAME), key=lambda one: (-one[1], one[0]))


def _scored(name: float, wanted: str, groups: Mapping[str, _Group]) -> Iterator[tuple[int, str, _Group]]:
    """Yield those whose organisation is the wanted one, or alike, or not said; names are as alike as `name` says."""
    from rapidfuzz import fuzz, process

    same = ((wanted, float(SURE), 0) for _ in range(bool(wanted) and wanted in groups))
    others = (one for one in groups if wanted and one and one != wanted)
    alike = process.extract_iter(wanted, others, scorer=fuzz.token_set_ratio, score_cutoff=_LEAST_ORGANISATION)
    for one, organisation, _ in chain(same, alike):
        score = round(0.6 * name + 0.4 * organisation)
        if score >= _LEAST:
            yield min(score, SURE - 1), "alike names and organisations", groups[one]
    score = round(0.95 * name)
    if score >= _LEAST:
        for one, group in groups.items():
            if not (wanted and one):
                yield min(score, SURE - 1), "alike names", group


def _parts(name: str) -> set[str]:
    """Return the parts of a folded name that tell something."""
    return {part for part in name.replace("-", " ").split() if len(part) >= _SHORT}
