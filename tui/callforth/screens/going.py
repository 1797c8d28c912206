"""Going to other places: an application's history, another application, another meeting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callforth.index.questions import UnknownId
from callforth.index.rows import Row
from callforth.model import person
from callforth.model.application import Application
from callforth.model.ids import typed_id
from callforth.screens import engine as seeing
from callforth.screens.dialogs.ask import Ask, LastWord
from callforth.screens.dialogs.history import History
from callforth.workflow import ledger

if TYPE_CHECKING:
    from callforth.screens.main import MainScreen


async def show_history(screen: MainScreen, row: Row | None) -> None:
    """Show every step of an application."""
    if row is None:
        return
    steps = await screen.engine.run(ledger.history, screen.engine.source, row)
    if steps:
        screen.app.push_screen(History(f"{row.id} · {person.name(row)}", steps, screen.engine), screen.look_from)
    else:
        screen.status.show(f"{row.id} is not committed yet; it has no history")


async def go_to(screen: MainScreen) -> None:
    """Go to an application, in whichever meeting, or to a meeting."""
    if screen.shown is None:
        return
    meetings = [meeting.id for meeting, _ in screen.shown.meetings]
    ids = screen.shown.rows.ids
    workspace = screen.engine.source

    async def find(word: str) -> str | Application:
        if word in meetings:
            return word
        matching = [a for a in ids if a.startswith(typed_id(word))]
        wanted = matching[0] if len(matching) == 1 else word
        try:
            return await screen.engine.run(workspace.catalog.application, wanted)
        except UnknownId as error:
            raise UnknownId(
                error.what, error.remedy and "no meeting has this name either; press / to search for a name"
            ) from None

    question = Ask(
        "Go to",
        ["an application's id (or its start), or a meeting"],
        " enter go · tab complete · esc back",
        placeholder="k7m2qx",
        suggester=LastWord([*meetings, *ids]),
        find=find,
    )
    await screen.app.push_screen_wait(question)
    found = question.found
    if isinstance(found, str):
        await go_to_meeting(screen, found)
    if not isinstance(found, Application):
        return
    if screen.narrowed.place(found.id) is None:
        screen.query_text, screen.queue = "", None
    view = await screen.engine.run(seeing.view, workspace, found.meeting)
    await screen.show_view(view, found.id)
    screen.to_list()


async def go_to_meeting(screen: MainScreen, meeting: str) -> None:
    """Show another meeting, from its first application, without marks and search."""
    screen.query_text, screen.marks = "", frozenset()
    view = await screen.engine.run(seeing.view, screen.engine.source, meeting)
    screen.listing.move(0)
    await screen.show_view(view)
    screen.to_list()
