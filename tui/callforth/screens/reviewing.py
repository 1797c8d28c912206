"""Reviewing from the main screen: the form beside the answers, saving it, the queue of what waits for one's review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callforth.errors import CallforthError
from callforth.index.reading import read_file
from callforth.index.rows import Row
from callforth.model.meeting import Meeting
from callforth.model.review import Review, blank
from callforth.model.text import counted
from callforth.plaintext import layout
from callforth.repo import commit as committing
from callforth.screens import engine as seeing
from callforth.screens.deeds import refuse, watched
from callforth.screens.dialogs.ask import Confirm
from callforth.screens.dialogs.review import ReviewForm, Written
from callforth.screens.engine import Beside
from callforth.workflow import review
from callforth.workflow.workspace import Workspace

if TYPE_CHECKING:
    from callforth.screens.main import MainScreen

_TITLE = "Review"


@dataclass(frozen=True, slots=True)
class _Desk:
    """All that a review is written from: the call, the answers, and one's own review with its file's bytes.

    `elsewhere` says where the file was handed out, where that is not here.
    """

    meeting: Meeting
    beside: Beside
    start: Review
    raw: bytes | None
    elsewhere: str


def queue(workspace: Workspace, meeting: str) -> tuple[str, ...]:
    """Return the ids of what waits for the review of who sits here. Raises `NotReviewer`, `NoIdentity`, `GitFailed`."""
    return tuple(review.queue(workspace, meeting, review.reviewer(workspace).slug))


def handed_out_on(workspace: Workspace, meeting: str) -> str:
    """Return the branch on which files of who sits here wait, where it is not the one in hand; raises as `queue`."""
    return review.elsewhere(workspace, meeting, review.reviewer(workspace).slug)


async def reviewing(screen: MainScreen, row: seeing.Listed | None) -> None:
    """Write a review of the application under the cursor, and of those that come after it in one's queue."""
    if not isinstance(row, Row):
        screen.status.show("there is nothing here to review" if row is None else "this file cannot be used: e mends it")
        return
    at: Row | None = row
    while at is not None:
        at = await _review(screen, at)


async def _review(screen: MainScreen, row: Row) -> Row | None:
    """Ask for one review and save it; return the next one where the reviewer goes on."""
    try:
        desk = await screen.engine.run(_lay_out, screen.engine.workspace, row)
    except CallforthError as error:
        await refuse(screen, _TITLE, error)
        return None
    tags = screen.shown.facets["tag"] if screen.shown else ()
    engine = screen.engine
    form = ReviewForm(
        desk.meeting,
        row,
        desk.beside,
        desk.start,
        screen.drafts.get(row.id),
        tags,
        lambda: engine.run(seeing.history, engine.workspace, row),
        desk.elsewhere and f"{desk.elsewhere[0].upper()}{desk.elsewhere[1:]}.",
    )
    written: Written | None = await screen.app.push_screen_wait(form)
    draft = form.draft
    screen.drafts.pop(row.id, None)
    if written is None:
        if draft is not None:
            screen.drafts[row.id] = draft
            screen.status.show(f"your review of {row.id} is not saved; r goes on with it, until you leave callforth")
        return None
    if draft is None:
        screen.status.show(f"your review of {row.id} is as it was")
    else:
        screen.drafts[row.id] = draft
        if not await _save(screen, row, written.review, desk.raw):
            return None
    return await _following(screen, row) if written.go_on else None


async def _following(screen: MainScreen, done: Row) -> Row | None:
    """Put the cursor on what waits for one's review next, and return it; None where nothing else waits."""
    try:
        left = [one for one in await screen.engine.run(queue, screen.engine.workspace, done.meeting) if one != done.id]
    except CallforthError:
        return None  # what was saved is told already
    following = screen.shown.rows.get(_next(screen, done.id, left) or "") if screen.shown else None
    place = screen.narrowed.place(following.id) if following else None
    if place is not None:
        screen.listing.move(place)
    return following


async def leaving(screen: MainScreen) -> None:
    """Leave callforth, unless somebody would rather save what they wrote."""
    names = ", ".join(sorted(screen.drafts))
    about = f"Not saved yet: your review{'s' if len(screen.drafts) > 1 else ''} of {names}."
    if await screen.app.push_screen_wait(
        Confirm("Leave?", [about, "", "Leave callforth all the same?"], q_is_yes=True)
    ):
        screen.app.exit()


def _lay_out(workspace: Workspace, row: Row) -> _Desk:
    """Return what a review is written from; raises what would keep it from being saved, as far as that is known."""
    workspace.check_there()
    meeting = workspace.catalog.meeting(row.meeting)
    me = review.reviewer(workspace)
    raw, said = review.read(workspace, row.id, me.slug)
    if said is not None:
        review.check_fields(meeting, said)
    path = layout.review(row.meeting, row.id, me.slug)
    there = {path: read_file(workspace.root, path)} if (workspace.root / path).exists() else {}
    committing.ready(workspace.repository, there)
    elsewhere = review.waits_on_branch(workspace, row.id, me.slug)
    return _Desk(meeting, seeing.beside(workspace, row), said or blank(row.id, me.slug), raw, elsewhere)


async def _save(screen: MainScreen, row: Row, written: Review, raw: bytes | None) -> bool:
    """Save a review, and put the cursor on the next one that waits; tell whether it was saved."""
    engine = screen.engine
    try:
        with watched(screen):
            saved = await engine.run(review.save, engine.workspace, row.id, written, raw)
    except CallforthError as error:
        await refuse(screen, _TITLE, error, "What you wrote is kept for the next time.")
        return False
    screen.drafts.pop(row.id, None)
    screen.done = saved.commit
    said = f"{saved.commit[:7]}  Review {row.id} for {row.meeting}"
    try:
        view = await engine.run(seeing.load, engine.workspace, screen.meeting_id)
        left = await engine.run(queue, engine.workspace, row.meeting)
    except CallforthError as error:
        await refuse(screen, _TITLE, error, f"Your review is saved: {said}.")
        return True
    screen.status.show(said, f"{counted(len(left), 'review')} left " if left else "nothing left to review ")
    await screen.show_view(view, _next(screen, row.id, left) or row.id)
    return True


def _next(screen: MainScreen, done: str, left: Sequence[str]) -> str | None:
    """Return what waits next in the list as it is shown, from where one is on and round; else what waits at all."""
    ids = screen.narrowed.rows.ids
    at = ids.index(done) if done in ids else 0
    waiting = frozenset(left)
    return next((one for one in [*ids[at:], *ids[:at], *left] if one in waiting), None)
