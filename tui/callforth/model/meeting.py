"""A meeting and its call: what is asked, how many seats there are, what reviews score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Field:
    """One thing asked about the applicant; `identity` marks what says who they are."""

    name: str
    label: str
    required: bool = False
    identity: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One question, or one part of the question `parent`; `ask` is its whole wording with the parent's."""

    id: str
    text: str
    ask: str
    required: bool = False
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that reviews score, from `least` to `most`."""

    id: str
    text: str
    least: float
    most: float
    weight: float = 1.0

    @property
    def scale(self) -> str:
        """The scale as the call writes it: `1-5`."""
        return f"{self.least:g}-{self.most:g}"


@dataclass(frozen=True, slots=True)
class Quota:
    """A least or most number of seats for `value` of `field` (for every single value where `value` is empty)."""

    field: str
    value: str = ""
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a column of an export was taken for when it was last imported; `kind` is the export's.

    `to` is `applicant.NAME`, `answer.QUESTION`, `received`, `source`, `extra` (an answer under its own heading), or
    `ignore`.
    """

    kind: str
    column: str
    to: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting with its call. Times are aware; `text` is the body of the call.

    `review_fields` are the names of the applicant's fields that blind reviewers are given.
    """

    id: str
    title: str
    series: str
    starts: datetime
    ends: datetime
    place: str
    language: str
    seats: int
    published: str
    closes: datetime
    contact: str
    profile: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    questions: tuple[Question, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    quotas: tuple[Quota, ...] = ()
    reviews_each: int = 0
    blind: bool = False
    related: tuple[str, ...] = ()
    text: str = ""
    imports: tuple[Mapped, ...] = ()
    review_fields: tuple[str, ...] = ()

    @property
    def place_and_year(self) -> str:
        """The meeting in a word, as a header shows it: `Stockholm 2022`."""
        return f"{self.place.split(',')[0]} {self.starts.year}"

    @property
    def short_series(self) -> str:
        """The series, or the title where the meeting belongs to none."""
        return self.series or self.title
