"""The two lines on top: which meeting, until when, how many seats, how many to decide."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.cells import cell_len
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from callforth.model.meeting import Meeting
from callforth.model.status import Status
from callforth.model.text import counted
from callforth.screens.engine import View
from callforth.screens.themes import MUTED

BACK = "esc back to now"


class Header(Widget):
    """The meeting's line and the seats' line; one line where the window is narrow. Of the past, it says so."""

    class Left(Message):
        """It was clicked while it showed the past."""

    class Waiting(Message):
        """It was clicked while something waits to be pushed or fetched."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view: View | None = None
        self._push, self._fetch = 0, 0

    def show(self, view: View) -> None:
        """Show a view's meeting."""
        self._view = view
        self.set_class(view.as_of is not None, "-then")
        self.refresh()

    def tell(self, push: int, fetch: int) -> None:
        """Show how many commits wait to be pushed and fetched."""
        if (push, fetch) != (self._push, self._fetch):
            self._push, self._fetch = push, fetch
            self.refresh()

    def on_click(self) -> None:
        """Tell, where it shows the past, or what waits."""
        if self._view is not None and self._view.as_of is not None:
            self.post_message(self.Left())
        elif self._push or self._fetch:
            self.post_message(self.Waiting())

    def render(self) -> Content:
        """Draw one or two lines, as there is room."""
        width = self.size.width
        if self._view is None:
            return Content.styled(" callforth  reading the files …", "bold")
        meeting = self._view.meeting
        if meeting is None:
            return Content.styled(" callforth  no meeting yet; 'callforth meeting new MEETING' begins one", "bold")
        name = called(meeting, self._view)
        if self.size.height < 2:
            if self._view.as_of is not None:
                return _spread(Content(f"{banner(self._view)} · {name}"), Content(), width)
            left = Content.assemble((f" {name} ", "bold"), self._gauge(meeting, 10))
            right = f"{self._waiting(short=True)}{closing(meeting, datetime.now(UTC))}· {self._work()}"
            return _spread(left, Content(right), width)
        when = f"{span(meeting)}, {meeting.place.split(',')[0]}"
        title = Content.assemble((f" {name}", "bold"), f" · {meeting.short_series} · {when}")
        first = _spread(title, Content(f"{self._waiting()}{closing(meeting, datetime.now(UTC))}"), width)
        if self._view.as_of is not None:
            first = _spread(Content(banner(self._view)), Content(f"{name} "), width)
        left = Content.assemble(" seats ", self._gauge(meeting, 26), f" · {self._detail()}")
        right = f"{counted(len(self._view.rows), 'application')} · {self._work()}"
        return Content("\n").join([first, _spread(left, Content(right), width)])

    def _gauge(self, meeting: Meeting, width: int) -> Content:
        view = self._view
        if view is None:
            return Content()
        confirmed, taken, seats = view.statuses[Status.CONFIRMED], view.taken, max(meeting.seats, 1)
        solid = min(width, confirmed * width // seats)
        light = min(width, -(-taken * width // seats)) - solid if taken else 0
        over = taken > meeting.seats
        return Content.assemble(
            ("▓" * solid, "$success"),
            ("▒" * light, "$success"),
            ("░" * (width - solid - light), MUTED),
            (f" {taken} of {meeting.seats}", "bold $error" if over else "bold"),
            (" over" if over else "", "bold $error"),
        )

    def _waiting(self, short: bool = False) -> str:
        signs = ("↑{}", "↓{}") if short else ("{} to push", "{} to fetch")
        both = [sign.format(count) for sign, count in zip(signs, (self._push, self._fetch), strict=True) if count]
        return f"{' · '.join(both)} · " if both and not short else f"{' '.join(both)} " if both else ""

    def _detail(self) -> str:
        if self._view is None:
            return ""
        statuses = self._view.statuses
        if statuses[Status.ATTENDED]:
            return f"{statuses[Status.ATTENDED]} attended, {statuses[Status.ABSENT]} absent"
        return f"{statuses[Status.CONFIRMED]} confirmed, {statuses[Status.ACCEPTED]} to answer"

    def _work(self) -> str:
        if self._view is None:
            return ""
        if self._view.left > 1:
            return f"reading, {self._view.left} files left "
        undecided = sum(count for status, count in self._view.statuses.items() if status.undecided)
        problems = f" · {len(self._view.problems)} unusable" if self._view.problems else ""
        return f"{undecided} to decide{problems} "


def banner(view: View) -> str:
    """Return what tells that the past is shown: ` as of 22 Aug 2022 14:10 · read-only · esc back to now`."""
    return f" as of {view.as_of.when if view.as_of else 'now'} · read-only · {BACK}"


def called(meeting: Meeting, view: View) -> str:
    """Return the meeting in a word: place and year, its id where another one would read the same."""
    same = sum(other.place_and_year == meeting.place_and_year for other, _ in view.meetings)
    return meeting.place_and_year if same < 2 else meeting.id


def span(meeting: Meeting) -> str:
    """Return a meeting's days: `4–5 Oct`."""
    first, last = meeting.starts, meeting.ends
    if first.date() == last.date():
        return f"{first.day} {first:%b}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last.day} {first:%b}"
    return f"{first.day} {first:%b} – {last.day} {last:%b}"


def closing(meeting: Meeting, now: datetime) -> str:
    """Return when the call closes, or that it has."""
    closes = meeting.closes
    day = f"{closes.day} {closes:%b}"
    if now >= closes:
        return f"closed {day} {closes.year} "
    days = (closes - now).days
    left = "today" if days == 0 else "1 day left" if days == 1 else f"{days} days left"
    return f"closes {day} · {left} "


def _spread(left: Content, right: Content, width: int) -> Content:
    room = width - cell_len(right.plain)
    if cell_len(left.plain) + 1 > room:
        if cell_len(left.plain) >= width:
            return left.truncate(width, ellipsis=True)
        return left.truncate(max(room - 1, 1), ellipsis=True).append(" ").append(right) if room > 20 else left
    return left.append(" " * (room - cell_len(left.plain))).append(right)
