"""The sizes of the workspaces that are measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """How many meetings, applications to each, and decisions on each application."""

    meetings: int
    each: int
    decisions: int = 0

    @property
    def total(self) -> int:
        """How many applications there are."""
        return self.meetings * self.each

    @property
    def commits(self) -> int:
        """How many commits it is made with: one for each meeting's applications, and the decisions."""
        return self.meetings + self.total * self.decisions

    @property
    def text(self) -> str:
        """Return it in words: `10,000 in 20 meetings`."""
        meetings = f"{self.meetings} meetings" if self.meetings > 1 else "1 meeting"
        decided = f", {self.total * self.decisions:,} decisions" if self.decisions else ""
        return f"{self.total:,} in {meetings}{decided}"


HUNDRED = Shape(1, 100)
SMALL = Shape(1, 500)
# A folder with thousands of files makes every commit write a tree of that size: so each is measured both ways.
FLAT = Shape(1, 10_000)
SPREAD = Shape(20, 500)
FLAT_DECIDED = Shape(1, 10_000, 5)
SPREAD_DECIDED = Shape(20, 500, 5)
# Meetings of 1,000, as large as they come: a workspace gets this large by years of meetings, not by one.
LARGE = Shape(100, 1_000)
# For the list alone, which shows one meeting at a time.
LARGE_FLAT = Shape(1, 100_000)


def meeting_name(number: int) -> str:
    """Return the name of the meeting of this number, from 0."""
    return f"meeting-{number + 1:03}"
