"""The main screen: narrow, list, read, decide.

It holds what is shown (view, query, order, marks) and nothing about the workspace; whatever reads or writes goes to the
engine's thread and comes back as a value. What takes several steps (ask, check, write) is in `deeds.py`.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from time import monotonic
from typing import Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from callforth.errors import CallforthError
from callforth.index.rows import Row, Rows
from callforth.model.decision import Entry
from callforth.model.status import VERBS
from callforth.screens import engine as seeing
from callforth.screens.actions import ACTIONS, BY_NAME, Action
from callforth.screens.dialogs.help import Keys
from callforth.screens.engine import Engine, First, Listed, Narrowed, View
from callforth.screens.narrowing import toggled
from callforth.screens.panes import Panes
from callforth.screens.typing import looks_pasted
from callforth.screens.widgets.bars import KeyBar
from callforth.screens.widgets.header import Header
from callforth.screens.widgets.narrow import NarrowPanel

_POLL_SECONDS = 1.0
_PREVIEW_DELAY = 0.05
_HISTORY_DELAY = 0.2
_IDLE_SECONDS = 0.05
_RESTS = 4


def call_of(action: Action) -> str:
    """Return what Textual runs for an action of the registry."""
    return f"verb('{action.name}')" if action.name in VERBS else action.name


class MainScreen(Panes):
    """List, preview, narrowing panel, and the lines around them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(action.keys), call_of(action), action.title, show=False) for action in ACTIONS
    ]

    def __init__(self, engine: Engine, first: Future[First]) -> None:
        super().__init__()
        self.engine = engine
        self.query_text = ""
        self.order = seeing.ORDERS[0]
        self.marks: frozenset[str] = frozenset()
        self.shown: View | None = None
        self.narrowed = Narrowed("", Rows([]))
        self.asking = False
        self.busy = False
        self.cancelled = False
        self._first = first
        self._narrowing = 0
        self._next_poll = 0.0
        self._cleared = False
        self._preview_timer: Timer | None = None
        self._histories: dict[str, tuple[object, list[Entry]]] = {}

    def targets(self) -> list[Row]:
        """Return what verbs act on: all marked, in the order shown, else the one under the cursor."""
        if self.marks and self.shown:
            return list(self.shown.rows.only(one for one in self.shown.rows.ids if one in self.marks))
        return [self.current] if self.current else []

    # Reading

    def on_mount(self) -> None:
        """Begin to read, and to watch."""
        self.fit(self.app.size)
        self.panel.border_title = "narrow"
        self.listing.focus()
        self.show_keys()
        if self._first.done():
            self._open()  # before the first layout: nothing is painted twice
        else:
            self._open_later()
        self.set_interval(_POLL_SECONDS, self._poll)

    @work(group="read", exclusive=True)
    async def _open_later(self) -> None:
        with suppress(Exception):  # what went wrong is told by `_open`
            await asyncio.wrap_future(self._first)
        self._open()

    def _open(self) -> None:
        try:
            first = self._first.result()
        except CallforthError as error:
            self.app.exit(error, return_code=error.exit_code)
            return
        if not self.is_attached:
            return  # callforth was left while it read
        self.shown = first.view
        self.query_one(Header).show(first.view)
        self._show_rows(first.narrowed, first.cursor.id if first.cursor else None)
        self.panel.show(first.view, first.counts, "")
        if first.cursor:
            self.preview.show(first.cursor, first.beside, None)
            self.preview.id_shown = first.cursor.id
        if not self.status.text:
            self.status.show("j k move · enter reads · space marks · ? shows all keys")
        self.call_after_refresh(_collect_again)
        self._read_on()

    @work(group="read", exclusive=True)
    async def _read_on(self) -> None:
        """Check what the index had, or read what it had not, a little at a time, and show it as it comes."""
        while self.shown is not None and self.shown.left and self.is_attached:
            before = self.shown
            try:
                view = await self.engine.run(seeing.read_on, self.engine.workspace, self.meeting_id, before)
            except CallforthError as error:
                self.app.exit(error, return_code=error.exit_code)
                return
            if self.asking:
                await asyncio.sleep(_POLL_SECONDS)  # what is decided must be what was on screen when it was asked
            elif view.rows is before.rows:
                self.shown = view
                self.query_one(Header).show(view)
            else:
                await self.show_view(view)
        self.set_timer(_HISTORY_DELAY, self._show_current)

    @work(group="past", exclusive=True)
    async def _remember(self) -> None:
        """Take in what is new in history, where nothing else is to be done, so that it is at hand when asked for."""
        known = False
        while not known and self.is_attached:
            await asyncio.sleep(_IDLE_SECONDS)
            if not self.engine.pending and not self.asking:
                try:
                    known = await self.engine.run(seeing.remember, self.engine.workspace)
                except CallforthError:
                    return  # whoever asks for history is told why there is none

    @work(group="poll")
    async def _poll(self) -> None:
        # Not while a question is open: what is decided must be what was on screen when it was asked.
        if self.shown is None or self.shown.left or self.asking or self.engine.pending:
            return
        started = monotonic()
        if started < self._next_poll:
            return
        try:
            view = await self.engine.run(seeing.poll, self.engine.workspace, self.meeting_id, self.shown)
        except CallforthError as error:
            self.fail(error)
            return
        finally:
            # Where there is much to look at, most of the time is left to the person.
            self._next_poll = monotonic() + _RESTS * (monotonic() - started)
        if view is None:
            return
        self._remember()  # where HEAD stands is new, or known for the first time
        if view.rows is self.shown.rows:
            self.shown = view
        else:
            await self.show_view(view)

    async def show_view(self, view: View, cursor_to: str | None = None) -> None:
        """Show a new view; the cursor stays on its application, or goes to the one named."""
        if not self.is_attached:
            return  # callforth was left while this was read
        self.shown = view
        self._histories.clear()
        self.marks = frozenset(mark for mark in self.marks if view.rows.get(mark) is not None)
        self.query_one(Header).show(view)
        await self.narrow(cursor_to)

    async def narrow(self, cursor_to: str | None = None) -> None:
        """Apply query and order to the view; the last call wins."""
        view = self.shown
        if view is None:
            return
        self._narrowing += 1
        turn = self._narrowing
        query, order = self.query_text, self.order

        def find() -> Narrowed | None:
            # In the engine's thread: while this waited for its turn, more may have been typed.
            return seeing.narrow(self.engine.workspace, view, query, order) if turn == self._narrowing else None

        narrowed = await self.engine.run(find)
        if narrowed is None or turn != self._narrowing or not self.is_attached:
            return
        if narrowed.error:
            self.status.show(narrowed.error, error=True)
        elif self.narrowed.error:
            self.status.show("")
        self._show_rows(narrowed, cursor_to)
        self.on_application_list_moved()  # the answers come after the rows are painted
        self._count()

    @work(group="narrow", exclusive=True)
    async def _narrow_soon(self) -> None:
        """Apply what is being typed; what was typed before it, and not yet looked for, never is."""
        await self.narrow()

    @work(group="count", exclusive=True)
    async def _count(self) -> None:
        """Count the values to narrow by, once the typing rests: it takes longer than to find the rows."""
        view, query = self.shown, self.query_text
        if view is None:
            return
        if self.focused is self.search:
            await asyncio.sleep(_PREVIEW_DELAY)
        counts = await self.engine.run(seeing.count, self.engine.workspace, view, query)
        if self.is_attached:
            self.panel.show(view, counts, query)

    def _show_rows(self, narrowed: Narrowed, cursor_to: str | None) -> None:
        view = self.shown
        if view is None:
            return
        self.narrowed = narrowed
        wanted = cursor_to or _key(self.listing.current)
        place = narrowed.place(wanted) if wanted else None
        self.listing.show(narrowed, self.listing.cursor if place is None else place, self.marks)
        self._title_list()

    @property
    def meeting_id(self) -> str | None:
        """The meeting that is shown."""
        return self.shown.meeting.id if self.shown and self.shown.meeting else None

    def _title_list(self) -> None:
        total = len(self.shown.rows) if self.shown else 0
        count = len(self.narrowed.rows)
        marked = f" · {len(self.marks)} marked" if self.marks else ""
        order = f" · by {self.order}" if self.order != seeing.ORDERS[0] else ""
        self.listing.border_title = Content(self.query_text or "all")
        self.listing.border_subtitle = Content(f"{count} of {total}{marked}{order}")

    # The preview follows the cursor, a moment later

    def on_application_list_moved(self) -> None:
        """Show the new application once the cursor rests."""
        if self._preview_timer:
            self._preview_timer.stop()
        self._preview_timer = self.set_timer(_PREVIEW_DELAY, self._show_current)

    @work(group="preview", exclusive=True)
    async def _show_current(self) -> None:
        row = self.listing.current
        if not isinstance(row, Row):
            self.preview.show(row, None, None)
            self.preview.scroll_home(animate=False)
            return
        beside = await self.engine.run(seeing.beside, self.engine.workspace, row)
        if not self.is_attached:
            return
        known = self._histories.get(row.id)
        self.preview.show(row, beside, known[1] if known else None)
        if self.preview.id_shown != row.id:
            self.preview.id_shown = row.id
            self.preview.scroll_home(animate=False)
        if known is None:
            await asyncio.sleep(_HISTORY_DELAY)
            try:
                entries = await self.engine.run(seeing.history, self.engine.workspace, row)
            except CallforthError as error:
                self.fail(error)
                return
            self._histories[row.id] = (row, entries)
            if self.is_attached and self.listing.current is row:
                self.preview.show(row, beside, entries)

    def action_back(self) -> None:
        """Leave the pane; then clear marks; then the search. While something is being written: cancel it."""
        if self.busy:
            self.cancelled = True
        elif self.focused is self.search:
            self.close_search(clear=True)
        elif self.focused is not self.listing:
            self.to_list()
        elif self.marks:
            self.set_marks(frozenset())
        elif self.query_text:
            self.clear_search()

    async def action_quit(self) -> None:
        """Go back from where one is; from the list, leave."""
        if self.focused is not self.listing:
            self.action_back()
        elif not self.asking and not looks_pasted(self.app):
            self.app.exit()

    # Marks, search, narrowing

    def action_mark(self) -> None:
        """Mark or unmark, and go on."""
        row = self.current
        if row is not None:
            self.set_marks(self.marks ^ {row.id})
            self.listing.move(self.listing.cursor + 1)

    def action_mark_all(self) -> None:
        """Mark all that is shown, or unmark them."""
        shown = frozenset(self.narrowed.rows.ids)
        self.set_marks(self.marks - shown if shown <= self.marks else self.marks | shown)

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
        orders = seeing.ORDERS
        self.order = orders[(orders.index(self.order) + 1) % len(orders)]
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
        if self.busy:
            self.status.show(f"writing {event.done} of {event.total} …", "esc cancels ")

    def do(self, deed: Coroutine[Any, Any, None]) -> None:
        """Begin a deed, unless one is going on, keys come faster than a person types them, or nothing can be seen."""
        if self.asking or looks_pasted(self.app) or self.has_class("-tiny"):
            deed.close()
            return
        self.asking = True
        self._do(deed)

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

        self.do(deeds.verb(self, name, self.targets()))

    def action_tag(self) -> None:
        """Add and take away tags."""
        from callforth.screens import deeds

        self.do(deeds.tagging(self, self.targets()))

    def action_undo(self) -> None:
        """Take back one's own last decision."""
        from callforth.screens import deeds

        self.do(deeds.undoing(self))

    def action_edit(self) -> None:
        """Edit the file under the cursor."""
        from callforth.screens import editing

        self.do(editing.editing(self, self.listing.current))

    def action_history(self) -> None:
        """Show every step of the application under the cursor."""
        from callforth.screens import going

        self.do(going.show_history(self, self.current))

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

        self.do(deeds.reload(self))

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

    def fail(self, error: CallforthError) -> None:
        """Show an error until the next thing is done."""
        if not self.is_attached:
            return
        self.status.show(error.says, error=True)


def _collect_again() -> None:
    """Let Python collect garbage again: it was told not to, for a quick start; what is there now stays for good."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _key(row: Listed | None) -> str:
    if row is None:
        return ""
    return row.id if isinstance(row, Row) else row.path
