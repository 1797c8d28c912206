"""How data looks: as JSON with the documented keys, and as text for a terminal."""

from __future__ import annotations

import shutil
import textwrap
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from callforth.index.rows import Row
from callforth.model import person, scores
from callforth.model.application import Application
from callforth.model.decision import Entry
from callforth.model.meeting import Meeting
from callforth.model.status import Status, came
from callforth.plaintext.application import answers
from callforth.workflow.workspace import Workspace


def meeting_json(workspace: Workspace, meeting: Meeting) -> dict[str, Any]:
    """Return one item of `meetings --json`."""
    counts = workspace.catalog.statuses().get(meeting.id, Counter())
    return {
        "meeting": meeting.id,
        "title": meeting.title,
        "series": meeting.series,
        "starts": meeting.starts.isoformat(),
        "ends": meeting.ends.isoformat(),
        "place": meeting.place,
        "seats": meeting.seats,
        "taken": workspace.catalog.taken(meeting.id),
        "closes": meeting.closes.isoformat(),
        "statuses": {status.value: counts[status] for status in Status if counts[status]},
    }


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return one item of `log --json`."""
    return {
        "commit": entry.commit,
        "at": entry.at.isoformat(),
        "by": {"name": entry.by.name, "email": entry.by.email},
        "meeting": entry.meeting,
        "application": entry.application,
        "from": entry.before.value if entry.before else None,
        "to": entry.after.value if entry.after else None,
        "tags": list(entry.tags),
        "reason": entry.reason,
        "batch": entry.batch or None,
        "reverts": entry.reverts or None,
    }


def answers_json(application: Application) -> list[dict[str, str]]:
    """Return `answers` of `show --json`."""
    return [{"question": a.question, "ask": a.ask, "text": a.text} for a in answers(application.body)]


def overview(workspace: Workspace, meeting: Meeting) -> str:
    """Return a meeting in a few lines: what, when, seats, applications by status."""
    counts = workspace.catalog.statuses().get(meeting.id, Counter())
    taken, over = workspace.catalog.taken(meeting.id), came(counts)
    by_status = ", ".join(f"{counts[status]} {status}" for status in Status if counts[status]) or "none"
    return "\n".join(
        [
            f"{meeting.place_and_year}: {meeting.title}",
            f"  {dates(meeting)}, {meeting.place}; applications until {day(meeting.closes)}",
            f"  seats: {f'{meeting.seats}, {over}' if over else f'{taken} of {meeting.seats} taken'}",
            f"  applications: {sum(counts.values())} ({by_status})",
        ]
    )


def seats(meeting: Meeting, counts: Mapping[Status, int]) -> str:
    """Return how many seats of a meeting are taken, `3/12 seats`; of one that is over, how many came."""
    taken = sum(number for status, number in counts.items() if status.holds_seat)
    return came(counts) or f"{taken}/{meeting.seats} seats"


def table(rows: Iterable[Sequence[str]], limits: Sequence[int]) -> list[str]:
    """Return rows as aligned lines; a cell wider than its limit is cut with `…`, the last column is left alone."""
    cut = [[_cut(cell, limit) for cell, limit in zip(row, limits, strict=True)] for row in rows]
    if not cut:
        return []
    widths = [max(_width(row[i]) for row in cut) for i in range(len(limits))]
    return ["  ".join(_pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cut]


def application_rows(applications: Iterable[Row]) -> list[str]:
    """Return applications as the lines of `list`; with what reviews come to, where there are any."""
    shown = list(applications)
    reviewed = any(a.reviews for a in shown)
    return table(
        (
            (
                a.id,
                a.status,
                f"{a.received:%Y-%m-%d}",
                person.country(a),
                person.name(a),
                person.organisation(a),
                *([*_numbers(a), scores.in_words(a.recommend)] if reviewed else ()),
                " ".join(a.tags),
            )
            for a in shown
        ),
        (6, 11, 10, 3, 28, 28, *((9, 9, 9, 40) if reviewed else ()), 200),
    )


def scored(row: Row, offsets: Mapping[str, float]) -> list[str]:
    """Return what the reviews of an application come to as the lines of `show`; none where none counts.

    `offsets` say how much more than colleagues those who reviewed it give, in points.
    """
    if not row.reviews:
        return []
    lines = [f"\nreviews: {row.reviews} ({scores.in_words(row.recommend)})"]
    if row.score is not None:
        lines.append(f"  score {row.score:.2f}{_spread(row.spread)}")
    if row.corrected is not None and offsets:
        given = ", ".join(f"{who} {offset:+.2f}" for who, offset in sorted(offsets.items()))
        lines.append(f"  corrected {row.corrected:.2f} (offsets: {given})")
    if row.reviews > 1:
        lines += [f"  {name} {part.mean:.2f}{_spread(part.spread)}" for name, part in row.criteria.items()]
    return lines


def _spread(spread: float | None) -> str:
    return f", spread {spread:.2f}" if spread is not None else ""


def _numbers(row: Row) -> list[str]:
    of = (("▲", row.score), ("≈", row.corrected), ("±", row.spread))
    return [f"{sign} {scores.shown(number)}" if number is not None else "" for sign, number in of]


def entry_rows(entries: Iterable[Entry]) -> list[str]:
    """Return ledger entries as the lines of `log`."""
    return table(
        (
            (
                e.commit[:7],
                f"{e.at:%Y-%m-%d %H:%M}",
                e.by.name,
                e.application,
                what(e),
                " ".join(e.reason.split()),
            )
            for e in entries
        ),
        (7, 16, 18, 6, 40, 400),
    )


def what(entry: Entry) -> str:
    """Return in a few words what an entry did."""
    unsaid = "" if entry.recorded else " (no record)"
    tags = " ".join(entry.tags)
    if entry.before is None:
        return f"came in as {entry.after}" if entry.after else "unreadable"
    if entry.after is None:
        return "removed or made unreadable"
    if entry.is_decision:
        return f"{entry.before} → {entry.after}{' (undo)' if entry.reverts else ''}{' ' + tags if tags else ''}{unsaid}"
    if tags:
        return f"tags {tags}{unsaid}"
    return entry.edited_how


def wrap(text: str, indent: str = "") -> str:
    """Return paragraphs folded to the terminal's width (at most 100)."""
    width = min(shutil.get_terminal_size().columns, 100) - len(indent)
    folded = []
    for line in text.split("\n"):
        folded += textwrap.wrap(line, max(width, 20), break_on_hyphens=False) or [""]
    return "\n".join(indent + line if line else "" for line in folded)


def dates(meeting: Meeting) -> str:
    """Return a meeting's days, like `4–5 Oct 2022`."""
    first, last = meeting.starts, meeting.ends
    if (first.year, first.month) == (last.year, last.month):
        span = f"{first.day}" if first.day == last.day else f"{first.day}–{last.day}"
        return f"{span} {first:%b %Y}"
    return f"{day(first)} – {day(last)}"


def day(moment: datetime) -> str:
    """Return a day, like `9 Sep 2022`."""
    return f"{moment.day} {moment:%b %Y}"


def _width(text: str) -> int:
    # Imported here: JSON needs no widths, and their tables take a while to load.
    from wcwidth import wcswidth

    return max(wcswidth(text), 0)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _cut(text: str, limit: int) -> str:
    # Measuring takes its time: a text that is far too long is never measured as a whole, nor character by character.
    if len(text) <= limit * 8 and _width(text) <= limit:
        return text
    lengths = range(min(len(text), limit * 8) + 1)
    longest = bisect_right(lengths, limit - 1, key=lambda length: _width(text[:length])) - 1
    return text[:longest] + "…"
