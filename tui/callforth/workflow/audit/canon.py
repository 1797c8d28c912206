"""The ledger in its canonical form: the same bytes from every clone of the same history.

One JSON object a line (UTF-8, keys in this order, no spaces), ordered by meeting, then application, then history. It
holds no commit ids, no times and nothing of applicants, so that neither a clock nor a new signature changes it, and it
may be shown around.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from callforth.model.decision import Entry


class Line(NamedTuple):
    """One line of the ledger: its place in history (a date for ordering, a commit), and what it says."""

    meeting: str
    application: str
    date: int
    commit: str
    number: int
    text: str


def kind(entry: Entry) -> str:
    """Return in one word what an entry did."""
    if entry.reviewer:
        return "review"
    if entry.before is None:
        return "arrival" if entry.after else "unreadable"
    if entry.after is None:
        return "removal"
    if entry.is_decision:
        return "decision"
    if entry.tags:
        return "tags"
    if entry.told:
        return "letter"
    return "edit" if entry.edited else "other"


def line(date: int, entry: Entry, number: int) -> Line:
    """Return an entry as a line; `number` tells those of one commit apart."""
    said = {
        "meeting": entry.meeting,
        "application": entry.application,
        "kind": kind(entry),
        "from": entry.before,
        "to": entry.after,
        "tags": list(entry.tags),
        "by": entry.by.email,
        "reason": entry.reason,
        "undo": bool(entry.reverts),
        "over_seats": bool(entry.over_seats),
        "recorded": entry.recorded,
        "reviewer": entry.reviewer,
        "content": entry.content,
    }
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return Line(entry.meeting, entry.application, date, entry.commit, number, text)


def ledger(lines: Iterable[Line]) -> bytes:
    """Return the whole ledger."""
    return "".join(f"{one.text}\n" for one in sorted(lines)).encode("utf-8", "surrogatepass")


def digest(data: bytes) -> str:
    """Return the digest of a ledger: 64 hexadecimal digits of SHA-256."""
    return hashlib.sha256(data).hexdigest()


def by_application(data: bytes) -> dict[tuple[str, str], list[str]]:
    """Return a ledger's lines by meeting and application. Raises `ValueError` where it is none."""
    found: dict[tuple[str, str], list[str]] = {}
    for text in data.decode("utf-8", "surrogatepass").split("\n")[:-1]:
        try:
            said = json.loads(text)
        except RecursionError:
            raise ValueError("a line has too much in it") from None
        if not isinstance(said, dict):
            raise ValueError("a line is not an object")
        found.setdefault((str(said.get("meeting")), str(said.get("application"))), []).append(text)
    return found


def differing(sealed: bytes, now: bytes) -> Sequence[tuple[str, str]]:
    """Return the applications whose sealed lines are not the first ones of today's."""
    today = by_application(now)
    return [place for place, lines in by_application(sealed).items() if today.get(place, [])[: len(lines)] != lines]
