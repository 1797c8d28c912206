"""Who holds the seats, before and after: by country, and by each field that one of the call's quotas is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from callforth.index.rows import Row
from callforth.model.meeting import Meeting, Quota
from callforth.model.status import Status
from callforth.workflow.audit import balance

_NO_VALUE = (balance.NOT_SAID, balance.OTHERWISE)
_NONE: dict[Status, set[str]] = {status: set() for status in Status}


@dataclass(frozen=True, slots=True)
class Share:
    """How many seats are held by applications with one answer, and what the call's quota says of that."""

    field: str
    label: str
    value: str
    before: int
    after: int
    least: int | None = None
    most: int | None = None

    @property
    def breaks_quota(self) -> bool:
        """True where the quota is not kept afterwards."""
        return (self.most is not None and self.after > self.most) or (
            self.least is not None and self.after < self.least
        )


def shares(call: Meeting, before: Sequence[Row], after: Sequence[Row]) -> Iterator[Share]:
    """Iterate over the balance of those who hold a seat: by country, and by each field that a quota is about."""
    of_quota: dict[str, list[Quota]] = {}
    for quota in call.quotas:
        of_quota.setdefault(quota.field, []).append(quota)
    wanted = {"country", *of_quota}
    sides = [_held(call, of_quota, [row for row in rows if row.status.holds_seat]) for rows in (before, after)]
    for name in [name for name in dict.fromkeys((*sides[0], *sides[1])) if name in wanted]:
        label = (sides[1].get(name) or sides[0][name])[0]
        was, now = (side.get(name, ("", {}))[1] for side in sides)
        named = {q.value for q in of_quota.get(name, ()) if q.value}
        for value in sorted({*was, *now, *named}, key=lambda one: (one in _NO_VALUE, -now.get(one, 0), one)):
            limits = [q for q in of_quota.get(name, ()) if q.value in ("", value) and value not in _NO_VALUE]
            least = max((q.least for q in limits if q.least is not None), default=None)
            most = min((q.most for q in limits if q.most is not None), default=None)
            yield Share(name, label, value, was.get(value, 0), now.get(value, 0), least, most)


def _held(
    call: Meeting, of_quota: Mapping[str, Sequence[Quota]], rows: Sequence[Row]
) -> dict[str, tuple[str, dict[str, int]]]:
    """Return for each field that may be shown its label, and how many rows have which value."""
    # What a quota names may be shown, also where the field's answers are not chosen from a list.
    named = {name: tuple(one.value for one in quotas if one.value) for name, quotas in of_quota.items()}
    fields = tuple(replace(one, choices=one.choices or named.get(one.name, ())) for one in call.fields)
    found = balance.balances(replace(call, fields=fields), rows, _NONE)
    return {one.field: (one.label, {share.value: share.applied for share in one.shares}) for one in found}
