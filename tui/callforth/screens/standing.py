"""Where the cursor stands when what is shown changes: on the same row, and if that has gone, whose it was."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from callforth.index.rows import Row
from callforth.model.application import Problem
from callforth.plaintext import layout
from callforth.screens.engine import Listed, Narrowed, View


def key_of(row: Listed | None) -> str:
    """Return by what a row is found again: an application's id, an unusable file's path."""
    if row is None:
        return ""
    return row.id if isinstance(row, Row) else row.path


def nowhere(view: View, narrowed: Narrowed, queue: Sequence[str] | None) -> tuple[str, str]:
    """Return what a list says that shows nobody, and what is said beside it; `queue` is one's own, where it shows that.

    Both are empty while it is not known yet.
    """
    if queue is not None and not queue:
        return "nothing here waits for your review; m shows all applications", "Nothing waits for your review."
    if view.rows and narrowed.error:
        says = f"The search is not understood: {narrowed.error}.\n\n/ goes back to it, esc clears it."
        return "the search is not understood; esc clears it", says
    if view.rows:
        return "nothing here fits the search; esc clears it", "Nothing is found. esc clears the search."
    if view.left:
        return "", ""
    if view.meeting is None:
        return "", "No call yet. 'callforth meeting new MEETING' writes one."
    if view.as_of is not None:
        return "no applications yet", "Nobody had applied then."
    name = view.meeting.id
    return "no applications yet; I takes them in from a form's export", (
        "Nobody has applied yet.\n\nI takes in what people filled in elsewhere: a form's export, or mail.\n\n"
        f"'callforth serve {name}' puts up the call with a form of its own; 'callforth meeting check {name}' says "
        "what is not right with the call."
    )


def lost(before: View | None, after: View, at: Listed | None, marks: Collection[str]) -> list[str]:
    """Return the ids, of the row under the cursor and of those marked, that are no application any more.

    No ids where the views are not of the same meeting at the same moment.
    """
    if before is None or before.as_of != after.as_of or before.meeting is None or after.meeting is None:
        return []
    here = [at.id] if isinstance(at, Row) else []
    here += sorted({*marks} - {*here})
    return [one for one in here if before.meeting.id == after.meeting.id and after.rows.get(one) is None]


def unusable(view: View, application: str) -> Problem | None:
    """Return what is wrong with an application's file, where that is one that cannot be used."""
    parsed = ((layout.parse_application(one.path), one) for one in view.problems)
    return next((problem for place, problem in parsed if place and place[1] == application), None)


def told(ids: list[str], problem: Problem | None) -> str:
    """Return what to say of lost ones; `problem` is what is wrong with the first, where it has not just gone."""
    says = f"{ids[0]} cannot be used any more: {problem.says}" if problem else f"{ids[0]} is gone"
    return says + (f", and {len(ids) - 1} more that you marked" if len(ids) > 1 else "")
