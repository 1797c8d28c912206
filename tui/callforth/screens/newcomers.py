"""Who is new here: applications that others brought while one looked on, and people who applied before."""

from __future__ import annotations

from pathlib import PurePosixPath

from callforth.screens.engine import View
from callforth.workflow.workspace import Workspace


def arrived(before: View | None, now: View) -> int:
    """Return how many applications are in a view that were not in the one before, of the same meeting and of now.

    A file that could not be used and can be now was there already.
    """
    if before is None or before.left or now.meeting is None or before.meeting is None:
        return 0
    if before.as_of or now.as_of or before.meeting.id != now.meeting.id or before.rows is now.rows:
        return 0
    known = {PurePosixPath(problem.path).stem for problem in before.problems}
    return len(set(now.rows.ids).difference(before.rows.ids, known))


def here_before(workspace: Workspace, meeting: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return which applications of a meeting are of people who applied to another one, and who took part in one."""
    catalog = workspace.catalog
    applied = frozenset(catalog.find(meeting, catalog.query(meeting, "before:yes")))
    took_part = catalog.find(meeting, catalog.query(meeting, "took-part:yes")) if applied else ()
    return applied, frozenset(took_part)
