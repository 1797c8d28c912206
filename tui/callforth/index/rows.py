"""Rows of a list: what is known of an application without reading its answers.

A row is kept as the JSON that `list --json` prints, so that ten thousand are fetched as one text and only those on
screen are ever taken apart.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import overload

from callforth.model.application import Application
from callforth.model.scores import Part, Summary
from callforth.model.status import Status

_ID = slice(8, 14)  # every line begins with `{"id": "k7m2qx"`
as_json = json.JSONEncoder(ensure_ascii=False).encode
WEIGHTS = 65521
_REVIEWS = re.compile(r', "reviews": (?=[0-9])')  # what an applicant's field of this name says is never a bare number
_CORRECTED = ', "corrected": '


@dataclass(frozen=True, slots=True)
class Row:
    """One application as lists show it, with what its reviews come to (see `model.scores`): `reviews` are those that
    count, `score` is their mean, and `corrected` that mean made up for severe and lenient reviewers.
    """

    id: str
    meeting: str
    status: Status
    received: datetime
    applicant: Mapping[str, str]
    tags: tuple[str, ...]
    source: str
    informed: str
    reviews: int
    score: float | None
    spread: float | None = None
    recommend: Mapping[str, int] = field(default_factory=dict)
    criteria: Mapping[str, Part] = field(default_factory=dict)
    corrected: float | None = None


def weight(data: bytes) -> int:
    """Return the sum of all bytes, modulo `WEIGHTS`: that of many rows together is that of each, added.

    It is the half of Adler-32 that does not depend on the order (RFC 1950, section 8.2), at some gigabytes a second.
    """
    return ((zlib.adler32(data) & 0xFFFF) - 1) % WEIGHTS


def write(application: Application) -> str:
    """Return the row of an application as JSON, but for its end, which `finish` adds."""
    said = {
        "id": application.id,
        "meeting": application.meeting,
        "status": application.status.value,
        "received": application.received.isoformat(),
        "applicant": dict(application.applicant),
        "tags": list(application.tags),
        "source": application.source or None,
        "informed": application.informed or None,
    }
    return as_json(said)[:-1]


def finish(start: str, said: Summary, corrected: float | None) -> str:
    """Return a row's JSON from how it begins, or from the whole of an older one, and what its reviews come to."""
    start = _REVIEWS.split(start, 1)[0]
    numbers = {
        "reviews": said.reviews,
        "score": said.score,
        "spread": said.spread,
        "recommend": said.recommend,
        "criteria": {
            name: {"mean": part.mean, "spread": part.spread, "reviews": part.reviews}
            for name, part in said.criteria.items()
        },
        "corrected": corrected,
    }
    return f"{start}, {as_json(numbers)[1:]}"


def correct(line: str, corrected: float | None) -> str:
    """Return a row's JSON with another corrected mean."""
    return f"{line.rsplit(_CORRECTED, 1)[0]}{_CORRECTED}{as_json(corrected)}}}"


def parse(line: str) -> Row:
    """Return the row that a line of JSON says."""
    said = json.loads(line)
    return Row(
        id=said["id"],
        meeting=said["meeting"],
        status=Status(said["status"]),
        received=datetime.fromisoformat(said["received"]),
        applicant=said["applicant"],
        tags=tuple(said["tags"]),
        source=said["source"] or "",
        informed=said["informed"] or "",
        reviews=said["reviews"],
        score=said["score"],
        spread=said["spread"],
        recommend=said["recommend"],
        criteria={name: Part(**part) for name, part in said["criteria"].items()},
        corrected=said["corrected"],
    )


class Rows(Sequence[Row]):
    """Rows in an order, taken apart when they are asked for; they do not change when the files do."""

    def __init__(self, lines: Sequence[str], known: dict[str, Row] | None = None) -> None:
        self.lines = lines
        self.damaged = False
        self._known: dict[str, Row] = {} if known is None else known
        self._by_id: dict[str, str] | None = None

    def __len__(self) -> int:
        return len(self.lines)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        if isinstance(at, slice):
            return [self._row(line) for line in self.lines[at]]
        return self._row(self.lines[at])

    def __iter__(self) -> Iterator[Row]:
        return map(self._row, self.lines)

    @property
    def ids(self) -> list[str]:
        """The ids, in order, without taking the rows apart."""
        return [line[_ID] for line in self.lines]

    def get(self, application_id: str) -> Row | None:
        """Return the row of an application, or None."""
        line = self._lines_by_id().get(application_id)
        return self._row(line) if line is not None else None

    def place(self, application_id: str) -> int | None:
        """Return where the row of an application stands, or None."""
        return next((at for at, line in enumerate(self.lines) if line[_ID] == application_id), None)

    def only(self, ids: Iterable[str]) -> Rows:
        """Return those with these ids, in the order of `ids`."""
        by_id = self._lines_by_id()
        return Rows([by_id[one] for one in ids if one in by_id], self._known)

    def _lines_by_id(self) -> dict[str, str]:
        if self._by_id is None:
            self._by_id = {line[_ID]: line for line in self.lines}
        return self._by_id

    def _row(self, line: str) -> Row:
        row = self._known.get(line)
        if row is None:
            try:
                row = parse(line)
            except (ValueError, LookupError, TypeError):
                # Somebody wrote into the index. The row shows its id until the index has been made anew.
                self.damaged = True
                row = Row(line[_ID], "", Status.RECEIVED, datetime.fromtimestamp(0, UTC), {}, (), "", "", 0, None)
            self._known[line] = row
        return row
