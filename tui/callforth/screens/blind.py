"""What somebody who only reviews is not shown in a meeting that is reviewed blind: what others say, before they do.

The files are theirs to read all the same: this keeps the interface from telling them by accident.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from callforth.errors import CallforthError, RefusedError
from callforth.index.catalog import Catalog
from callforth.index.query import NUMBERS, Query, split_terms
from callforth.model.meeting import Meeting
from callforth.model.review import Review
from callforth.model.team import Member
from callforth.model.text import clean_line, fold
from callforth.workflow.workspace import Workspace

_KEY = re.compile(r"-?(\w+)[\w.-]*(?:[<>:=]|!=)")


class Hidden(RefusedError):
    """What is asked for is not shown to who sits here."""


def viewer(workspace: Workspace) -> Member | None:
    """Return who sits here, as the committed team has them, or None where that is not known."""
    from callforth.workflow.change import committed_team

    try:
        return committed_team(workspace).member(workspace.repository.me().email)
    except CallforthError:
        return None


def limited(workspace: Workspace, meeting: Meeting) -> bool:
    """Tell whether who sits here sees others' reviews of this meeting only where they have written their own.

    As long as git was not asked who that is, they count as one who does: the first screen does not wait for it.
    """
    if not meeting.blind:
        return False
    member = viewer(workspace) if "repository" in workspace.__dict__ else None
    return member is None or member.only_reviews


def seen(workspace: Workspace, meeting: Meeting, reviews: Sequence[Review]) -> tuple[Review, ...]:
    """Return those reviews that who sits here may see now."""
    if not limited(workspace, meeting):
        return tuple(reviews)
    if "repository" not in workspace.__dict__:
        return ()
    from callforth.workflow.review import visible

    return visible(workspace, meeting, viewer(workspace), reviews)


def ask(catalog: Catalog, meeting: str, query: str, limited: bool) -> Query:
    """Return what a query asks of a meeting's applications; nothing about their reviews, where that is `limited`.

    Raises `BadQuery`, `Hidden`.
    """
    for term in split_terms(query) if limited else ():
        key = _KEY.match(term)
        if key and fold(key[1]) in (*NUMBERS, "recommend"):
            raise Hidden(f"'{clean_line(term)[:60]}': while you review blind, nothing is narrowed by others’ reviews")
    return catalog.query(meeting, query)
