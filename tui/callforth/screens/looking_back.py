"""Looking back from the main screen: the meeting as it was, what changed since then, and back to now."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from callforth.errors import CallforthError, UsageError
from callforth.index.rows import Row
from callforth.model.application import Problem
from callforth.model.decision import Entry
from callforth.plaintext import layout
from callforth.repo import revision
from callforth.repo.revision import Revision
from callforth.screens import engine as seeing
from callforth.screens.deeds import refuse, watched
from callforth.screens.dialogs.ask import Ask
from callforth.screens.dialogs.changes import Changes, Since
from callforth.screens.engine import Beside
from callforth.screens.standing import key_of
from callforth.workflow import ledger, looked, moment
from callforth.workflow.compare import Comparison
from callforth.workflow.ledger import Step
from callforth.workflow.moment import Moment
from callforth.workflow.workspace import Workspace

if TYPE_CHECKING:
    from callforth.screens.main import MainScreen

_MOST_SEALS = 12


class NoSuchMeeting(UsageError):
    """The meeting that is shown did not exist then."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stood before they looked back: to be found again as it was left."""

    meeting: str | None
    query: str
    order: str
    marks: frozenset[str]
    cursor: str
    left: int


@dataclass(frozen=True, slots=True)
class Version:
    """One application as it was after a step; `row` is why its file could not be used, or None where there was none."""

    step: Step
    row: Row | Problem | None
    beside: Beside | None
    entries: list[Entry]


# The whole meeting


async def ask(screen: MainScreen) -> None:
    """Ask for a moment, and show the meeting as it was then."""
    found = await _asked(screen, "As it was")
    if found is None:
        return
    try:
        await _enter(screen, lambda: moment.after(screen.engine.workspace, found.commit))
    except CallforthError as error:
        await refuse(screen, "As it was", error)


async def after(screen: MainScreen, commit: str) -> None:
    """Show the meeting as it was after a commit."""
    await _enter(screen, lambda: moment.after(screen.engine.workspace, commit))


async def back(screen: MainScreen) -> None:
    """Show the meeting as it is now, from where it was left."""
    engine, place = screen.engine, screen.kept
    if engine.moment is None or place is None:
        return
    then, engine.moment, screen.kept = engine.moment, None, None
    await engine.run(then.close)
    view = await engine.run(seeing.view, engine.workspace, place.meeting)
    screen.query_text, screen.order, screen.marks = place.query, place.order, place.marks
    screen.status.show("back to now")
    await screen.show_view(replace(view, left=place.left), place.cursor)
    screen.show_keys()
    screen.go_on()


async def _enter(screen: MainScreen, find: Callable[[], Moment]) -> None:
    """Read a moment, which can be watched and cancelled, and show the meeting as it was then."""
    engine, shown = screen.engine, screen.shown
    if shown is None:
        return
    then = await engine.run(find)
    kept = False
    try:
        if not await _all(screen, lambda: seeing.read_moment(then)):
            return
        view = await engine.run(seeing.view, then, screen.meeting_id)
        if screen.meeting_id is not None and (view.meeting is None or view.meeting.id != screen.meeting_id):
            when = then.revision.when
            raise NoSuchMeeting(f"{screen.meeting_id} was not there yet as of {when}, or its call could not be used")
        kept = True
    finally:
        if not kept:
            # Not waited for; where callforth is being left, there is nobody to do it, and it goes with the process.
            with suppress(RuntimeError):
                engine.start(then.close)
    before, cursor = engine.moment, key_of(screen.listing.current)
    if screen.kept is None:
        screen.kept = Place(screen.meeting_id, screen.query_text, screen.order, screen.marks, cursor, shown.left)
    engine.moment = then
    if before is not None:
        await engine.run(before.close)
    screen.set_marks(frozenset())
    screen.status.show(f"as of {then.revision.says}")
    await screen.show_view(view, cursor)
    screen.to_list()
    screen.show_keys()


async def _all(screen: MainScreen, read: Callable[[], int]) -> bool:
    """Call what reads, and returns how much is left, until nothing is; False where that was cancelled."""
    with watched(screen):
        while left := await screen.engine.run(read):
            if screen.cancelled:
                screen.status.show("cancelled")
                return False
            screen.status.show(f"looking back: {left} files left to read …", "esc cancels ")
    return True


async def _asked(screen: MainScreen, title: str) -> Revision | None:
    """Ask until what is written stands for a commit; None where nobody says."""
    repository = screen.engine.workspace.repository
    question = Ask(
        title,
        ["a date (2022-08-20, or with a time: 2022-08-20 14:30), yesterday, -3d, a commit, a branch or a tag"],
        " enter look · esc back",
        placeholder="2022-08-20",
        due="Write when, or which commit.",
        find=lambda typed: screen.engine.run(revision.find, repository, typed),
    )
    await screen.app.push_screen_wait(question)
    return question.found if isinstance(question.found, Revision) else None


# What changed


async def compare(screen: MainScreen, commit: str = "") -> None:
    """Show what changed in the meeting since a commit, or since whatever is chosen, until what is shown."""
    engine, meeting = screen.engine, screen.meeting_id
    if meeting is None:
        return
    now, until = await engine.run(_stands_at, engine.workspace), await engine.run(_stands_at, engine.source)
    if now is None or until is None:
        screen.status.show("nothing is committed yet, so there is nothing to compare")
        return
    since = await engine.run(revision.at_commit, engine.workspace.repository, commit) if commit else None
    since = since or await _since(screen, None if engine.moment is None else until)
    if since is None:
        return
    if since == until and engine.moment is not None:
        until = now
    comparison = Comparison(engine.workspace.repository.git, meeting, since, until)
    if not await _all(screen, lambda: 0 if comparison.read_on() else comparison.total - comparison.done or 1):
        return
    there = frozenset(screen.shown.rows.ids) if screen.shown else frozenset()
    screen.status.show("")
    chosen = await screen.app.push_screen_wait(Changes(comparison, until == now, there))
    if chosen:
        if screen.narrowed.place(chosen) is None:
            screen.query_text, screen.queue = "", None
        await screen.narrow(chosen)
        screen.to_list()


async def _since(screen: MainScreen, then: Revision | None) -> Revision | None:
    """Ask since when; None where nobody says. `then` is the moment that is shown, where it is not now."""
    workspace = screen.engine.workspace
    known = await screen.engine.run(_known, workspace)
    if then is not None:
        known.insert(0, ("from then until now", then))
    if known:
        chosen = await screen.app.push_screen_wait(Since(known))
        if chosen is None:
            return None
        if chosen < len(known):
            return known[chosen][1]
    return await _asked(screen, "What changed since")


def _known(workspace: Workspace) -> list[tuple[str, Revision]]:
    """Return the moments that have a name here: when it was last looked at, and the seals, the newest first."""
    before = looked.last(workspace)
    seals = revision.seals(workspace.repository)[:_MOST_SEALS]
    return ([("since you last looked", before)] if before else []) + [(f"since {name}", at) for name, at in seals]


def _stands_at(workspace: Workspace) -> Revision | None:
    head = workspace.repository.head()
    return revision.at_commit(workspace.repository, head) if head else None


# One application


def version(workspace: Workspace, step: Step) -> Version:
    """Return the application that a step was about as it was after it. Raises `UnknownRevision`, `GitFailed`."""
    entry = step.entry
    meeting, name = entry.meeting, entry.application
    path = layout.application(meeting, name)
    places = (path, layout.call(meeting), f"{layout.MEETINGS}/{meeting}/reviews/{name}")
    then = moment.after(workspace, entry.commit, places)
    try:
        then.catalog.refresh()
        row = then.catalog.rows(meeting).get(name)
        if row is None:
            problem = next((one for one in then.catalog.problems if one.path == path), None)
            return Version(step, problem, None, [])
        return Version(step, row, seeing.beside(then, row), list(ledger.ledger(then, application=row)))
    finally:
        then.close()
