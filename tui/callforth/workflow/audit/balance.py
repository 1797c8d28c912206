"""What became of applications by what applicants said of themselves: country, and fields whose answers are chosen.

Only what does not say who somebody is: no field with `identity`, and no answer that is free text, for that may name
people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callforth.index.rows import Row
from callforth.model import person
from callforth.model.meeting import Field, Meeting
from callforth.model.status import Status

FEWEST = 5  # of fewer, a percentage says nothing
NOT_SAID = "(not said)"
OTHERWISE = "(something else)"
_COUNTRY = "country"
_PLACE = re.compile(r"[^\W\d_]+(?:[ '’().,-]+[^\W\d_]+)*\)?")
_MOST_PLACE = 40


@dataclass(frozen=True, slots=True)
class Share:
    """What became of the applications with one answer.

    `accepted` and `confirmed` count who ever was, `waitlisted` and `declined` who is now.
    """

    value: str
    applied: int
    accepted: int
    confirmed: int
    waitlisted: int
    declined: int


@dataclass(frozen=True, slots=True)
class Balance:
    """A field, and a share for each of its answers, the most frequent first; `of` is the number of applications."""

    field: str
    label: str
    of: int
    shares: tuple[Share, ...]


def balances(meeting: Meeting, rows: Sequence[Row], ever: Mapping[Status, set[str]]) -> tuple[Balance, ...]:
    """Return the balance of each field that may be shown: country first, then in the order of the call."""
    asked = {field.name: field for field in meeting.fields}
    shown = [asked.get(_COUNTRY, Field(_COUNTRY, "Country"))] if any(person.country(row) for row in rows) else []
    shown += [field for field in meeting.fields if field.choices and field.name != _COUNTRY]
    return tuple(_balance(field, rows, ever) for field in shown if not field.identity)


def _balance(field: Field, rows: Sequence[Row], ever: Mapping[Status, set[str]]) -> Balance:
    by_value: dict[str, list[Row]] = {}
    for row in rows:
        by_value.setdefault(_value(field, row), []).append(row)
    shares = [_share(value, those, ever) for value, those in by_value.items()]
    shares.sort(key=lambda share: (share.value in (OTHERWISE, NOT_SAID), -share.applied, share.value))
    return Balance(field.name, field.label or field.name, len(rows), tuple(shares))


def _share(value: str, rows: Sequence[Row], ever: Mapping[Status, set[str]]) -> Share:
    return Share(
        value=value,
        applied=len(rows),
        accepted=sum(row.id in ever[Status.ACCEPTED] for row in rows),
        confirmed=sum(row.id in ever[Status.CONFIRMED] for row in rows),
        waitlisted=sum(row.status is Status.WAITLISTED for row in rows),
        declined=sum(row.status is Status.DECLINED for row in rows),
    )


def _value(field: Field, row: Row) -> str:
    said = person.country(row) if field.name == _COUNTRY else row.applicant.get(field.name, "")
    if not said:
        return NOT_SAID
    if field.choices:
        choices = {choice.upper(): choice for choice in field.choices} if field.name == _COUNTRY else {}
        return choices.get(said, said if said in field.choices else OTHERWISE)
    # A country that was typed in: what does not look like one may be anything.
    return said if len(said) <= _MOST_PLACE and _PLACE.fullmatch(said) else OTHERWISE
