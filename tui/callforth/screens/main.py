"""The main screen: narrow, list, read, decide.

Here is every action that its keys stand for. What it shows, and how that follows the files, is in `following.py`; what
takes several steps (ask, check, write) is in `deeds.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from callforth.errors import CallforthError
from callforth.index.rows import Row
from callforth.model.status import VERBS
from callforth.model.text import counted
from callforth.screens import engine as seeing
from callforth.screens.actions import ACTIONS, BY_NAME, Action
from callforth.screens.dialogs.help import Keys
from callforth.screens.engine import Narrowed, View
from callforth.screens.narrowing import toggled
from callforth.screens.newcomers import arrived, here_before
from callforth.screens.together import Together
from callforth.screens.widgets.bars import KeyBar
from callforth.screens.widgets.narrow import NarrowPanel

if TYPE_CHECKING:
    from callforth.screens.dialogs.history import Chosen

_KNOWN_DELAY = 0.2


def call_of(action: Action) -> str:
    """Return what Textual runs for an action of the registry."""
    return f"verb('{action.name}')" if action.name in VERBS else action.name


class MainScreen(Together):
    """List, preview, narrowing panel, and the lines around them, with all that can be done there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(action.keys), call_of(action), action.title, show=False) for action in ACTIONS
    ]

    _cleared = False  # the search was, by the key that left its line
    _arrived = 0  # how many applications others brought, as the status line says
    _known_in: object = None  # the rows in which it is known who applied before

    def targets(self) -> list[Row]:
        """Return what verbs act on: all marked, in the order shown, else the one under the cursor."""
        if self.marks and self.shown:
            return list(self.shown.rows.only(one for one in self.shown.rows.ids if one in self.marks))
        return [self.current] if self.current else []

    def action_back(self) -> None:
        """Leave pane, then past; clear marks, then search, then queue. While something is under way: cancel it."""
        if self.busy:
            self.cancelled = True
        elif self.focused is self.search:
            self.close_search(clear=True)
        elif self.focused is not self.listing:
            self.to_list()
        elif self.engine.moment is not None:
            self.back_to_now()
        elif self.marks:
            self.set_marks(frozenset())
        elif self.query_text:
            self.clear_search()
        elif self.queue is not None:
            self.action_queue()

    async def action_quit(self) -> None:
        """Go back from where one is; from the list, leave."""
        if self.focused is not self.listing or self.engine.moment is not None:
            self.action_back()
        elif not self.asking and not self.too_fast():
            if self.drafts:
                from callforth.screens import reviewing

                self.do(reviewing.leaving(self))
            else:
                self.app.exit()

    # Who is new

    async def show_view(self, view: View, cursor_to: str | None = None) -> None:
        """Show a new view, and how many applications others brought since the last one was shown."""
        count = 0 if self.asking else arrived(self.shown, view)
        await super().show_view(view, cursor_to)
        if count and self.is_attached and not self.unsure() and not self.status.text.startswith("came in"):
            self._arrived = count + (self._arrived if self.status.text == _new(self._arrived) else 0)
            self.status.show(_new(self._arrived), "c shows what changed ")

    def is_news(self, text: str) -> bool:
        """Tell whether the status line says what came in."""
        return text.startswith("came in") or text == _new(self._arrived)

    def _show_rows(self, narrowed: Narrowed, cursor_to: str | None) -> None:
        view = self.shown
        if view is not None:
            self.preview.places = {meeting.id: meeting.place_and_year for meeting, _ in view.meetings}
        super()._show_rows(narrowed, cursor_to)
        if view is not None and view.rows is not self._known_in:
            self._know()

    @work(group="known", exclusive=True)
    async def _know(self) -> None:
        """Mark in the list who applied before, a moment after it is painted."""
        await asyncio.sleep(_KNOWN_DELAY)
        view, source = self.shown, self.engine.source
        if view is None or view.meeting is None:
            return
        with suppress(CallforthError):  # whatever is wrong, the list itself tells
            known = await self.engine.run(here_before, source, view.meeting.id)
            if self.stands and view is self.shown:
                self._known_in = view.rows
                self.listing.set_known(*known)

    # Marks, search, narrowing

    def action_mark(self) -> None:
        """Mark or unmark, and go on."""
        row = self.current
        if row is not None and self.meant():
            self.set_marks(self.marks ^ {row.id})
            self.move(self.listing.cursor + 1)

    def action_mark_all(self) -> None:
        """Mark all that is shown, or unmark them."""
        if not self.meant():
            return
        shown = frozenset(self.narrowed.rows.ids)
        self.set_marks(self.marks - shown if shown <= self.marks else self.marks | shown)

    def meant(self) -> bool:
        """Tell whether a key can mean what the list shows, and else say why not."""
        if says := self.unsure():
            self.status.show(says, error=True)
        return not says and not self.too_fast()

    def set_marks(self, marks: frozenset[str]) -> None:
        """Mark exactly these."""
        self.marks = marks
        self.listing.set_marks(marks)
        self._title_list()

    def on_application_list_marked(self) -> None:
        """The mark was clicked."""
        row = self.current
        if row is not None:
            self.set_marks(self.marks ^ {row.id})

    def on_application_list_chosen(self) -> None:
        """A row was double-clicked."""
        self.action_open()

    def action_search(self) -> None:
        """Open the search line."""
        self.to_list()
        self.search.add_class("-open")
        self._cleared = False
        self.search.value = self.query_text
        self.set_focus(self.search)

    async def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow while typing."""
        if event.input is self.search and event.value != self.query_text and not self._cleared:
            self.query_text = event.value
            self._narrow_soon()

    def close_search(self, clear: bool) -> None:
        """Leave the search line for the list; letters that are still on their way into it count if it is kept."""
        self._cleared = clear
        super().close_search(clear)
        if clear:
            self.clear_search()

    @work(group="search")
    async def clear_search(self) -> None:
        """Show all again."""
        self.query_text = ""
        await self.narrow()

    async def on_narrow_panel_toggled(self, event: NarrowPanel.Toggled) -> None:
        """Write what was chosen into the query, or change the meeting."""
        if event.key == "meeting":
            self.go_to_meeting(event.value)
            return
        self.query_text = toggled(self.query_text, event.key, event.value)
        await self.narrow()

    async def action_sort(self) -> None:
        """The next order."""
        if self.too_fast():
            return
        orders = seeing.orders(self.shown) if self.shown else seeing.ORDERS
        at = orders.index(self.order) if self.order in orders else 0
        self.order = orders[(at + 1) % len(orders)]
        self.status.show(f"ordered by {self.order}")
        await self.narrow()

    # Deeds, one at a time, in a worker so that the screen goes on. What they need, git above all, is imported with the
    # first of them: it would make the first screen a tenth later.

    class Progressed(Message):
        """So many of so many are written."""

        def __init__(self, done: int, total: int) -> None:
            super().__init__()
            self.done, self.total = done, total

    def on_main_screen_progressed(self, event: MainScreen.Progressed) -> None:
        """Show how far writing has come."""
        if self.busy and event.done < event.total:
            said = f"writing {event.done} of {event.total} …"
            self.status.show(*((f"{said} cancelling",) if self.cancelled else (said, "esc cancels ")))
        elif self.busy:  # from here on it cannot be cancelled any more
            self.status.show(f"finishing {event.total} …")

    def do(self, deed: Coroutine[Any, Any, None]) -> None:
        """Begin a deed, unless one is going on, keys come faster than a person types them, or nothing can be seen."""
        if self.asking or self.has_class("-tiny") or self.too_fast():
            deed.close()
            return
        self.asking = True
        self._do(deed)

    def decide(self, deed: Coroutine[Any, Any, None]) -> None:
        """Begin a deed that changes something, which the past does not let anybody do."""
        if self.engine.moment is None:
            self.do(deed)
            return
        deed.close()
        self.status.show(f"this is how it was; press {BY_NAME['as_of'].shown_keys} to come back to now", error=True)

    def decide_on(self, deed: Coroutine[Any, Any, None]) -> None:
        """Begin a deed about what the list shows, unless nobody can mean that just now."""
        if self.asking or self.engine.moment is not None or self.meant():
            self.decide(deed)
        else:
            deed.close()

    @work(group="deed")
    async def _do(self, deed: Coroutine[Any, Any, None]) -> None:
        try:
            await deed
        except CallforthError as error:
            self.fail(error)
        finally:
            self.asking = False

    def action_verb(self, name: str) -> None:
        """Decide on the targets."""
        from callforth.screens import deeds

        self.decide_on(deeds.verb(self, name, self.targets()))

    def action_tag(self) -> None:
        """Add and take away tags."""
        from callforth.screens import deeds

        self.decide_on(deeds.tagging(self, self.targets()))

    def action_review(self) -> None:
        """Write one's review of the application under the cursor."""
        from callforth.screens import reviewing

        self.decide_on(reviewing.reviewing(self, self.listing.current))

    @work(group="search")
    async def action_queue(self) -> None:
        """Narrow the list to what waits for one's own review; again: show all."""
        if self.engine.moment is not None or self.meeting_id is None:
            self.status.show("a queue is of now")
            return
        try:
            if self.queue is None:
                self.queue, self.queue_note = await self.find_queue(self.meeting_id)
            else:
                self.queue = None
        except CallforthError as error:
            self.fail(error)
            return
        self.to_list()
        said = "" if self.queue is None else f"{counted(len(self.queue), 'application')} left in your queue"
        self.status.show(said, "" if self.queue is None else "r reviews · m shows all ")
        await self.narrow(self.queue[0] if self.queue else None)

    def action_import(self) -> None:
        """Take applications in from a file."""
        from callforth.screens import importing

        self.decide(importing.importing(self))

    def action_sync(self) -> None:
        """Fetch, merge and push."""
        from callforth.screens import syncing

        self.decide(syncing.syncing(self))

    def action_auto_sync(self) -> None:
        """Sync every few minutes, or only when asked."""
        from callforth.screens import syncing

        self.decide(syncing.turn(self))

    def on_header_waiting(self) -> None:
        """What waits was clicked."""
        self.action_sync()

    def action_undo(self) -> None:
        """Take back one's own last decision."""
        from callforth.screens import deeds

        self.decide(deeds.undoing(self))

    def action_edit(self) -> None:
        """Edit the file under the cursor."""
        from callforth.screens import editing

        self.decide(editing.editing(self, self.listing.current))

    def action_history(self) -> None:
        """Show every step of the application under the cursor."""
        from callforth.screens import going

        self.do(going.show_history(self, self.current))

    def action_as_of(self) -> None:
        """Show the meeting as it was; from there, come back to now."""
        from callforth.screens import looking_back

        if self.engine.moment is not None:
            self.back_to_now()
        else:
            self.do(looking_back.ask(self))

    def action_compare(self) -> None:
        """Show what changed in the meeting."""
        from callforth.screens import looking_back

        self.do(looking_back.compare(self))

    def look_from(self, chosen: Chosen | None) -> None:
        """Look at the whole meeting as of a step that was chosen in a history, or at what changed since."""
        from callforth.screens import looking_back

        if chosen is not None and chosen.compare:
            self.do(looking_back.compare(self, chosen.commit))
        elif chosen is not None:
            self.do(looking_back.after(self, chosen.commit))

    def back_to_now(self) -> None:
        """Come back from the past."""
        from callforth.screens import looking_back

        self.do(looking_back.back(self))

    def on_header_left(self) -> None:
        """The banner of the past was clicked."""
        self.back_to_now()

    def action_go_to(self) -> None:
        """Go to an application or a meeting."""
        from callforth.screens import going

        self.do(going.go_to(self))

    def go_to_meeting(self, meeting: str) -> None:
        """Show another meeting, from its first application, without marks and search."""
        from callforth.screens import going

        self.do(going.go_to_meeting(self, meeting))

    def action_reload(self) -> None:
        """Read the files again."""
        from callforth.screens import deeds

        self.decide(deeds.reload(self))

    def action_help(self) -> None:
        """Show all keys."""
        self.app.push_screen(Keys())

    async def action_theme(self) -> None:
        """The next colours."""
        await self.app.run_action("theme")

    def action_palette(self) -> None:
        """Find an action by name."""
        self.app.action_command_palette()

    # The lines around

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """A key in the bar was clicked."""
        await self.run_action(call_of(BY_NAME[event.action]))


def _new(count: int) -> str:
    return counted(count, "new application")
