"""What the main screen shows, kept up with the files: read, narrowed, polled, and the preview after the cursor.

It holds what is shown (view, query, order, marks) and nothing about the workspace; whatever reads goes to the engine's
thread and comes back as a value.
"""

from __future__ import annotations

import asyncio
import gc
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from textual import work
from textual.content import Content
from textual.timer import Timer

from callforth.errors import CallforthError, Gone
from callforth.index.rows import Row, Rows
from callforth.model.application import Problem
from callforth.model.decision import Entry
from callforth.screens import engine as seeing
from callforth.screens import standing
from callforth.screens.engine import Engine, First, Narrowed, View
from callforth.screens.panes import Panes
from callforth.screens.standing import key_of
from callforth.screens.widgets.header import Header

if TYPE_CHECKING:
    from callforth.screens.looking_back import Place

_POLL_SECONDS = 1.0
_PREVIEW_DELAY = 0.05
_HISTORY_DELAY = 0.2
_IDLE_SECONDS = 0.05
_RESTS = 4
_SAID_SECONDS = 10.0
_UNSURE_SECONDS = 1.0
_FIRST_KEYS = "j k move · enter reads · space marks · ? shows all keys"


class Following(Panes):
    """The panes with something in them that follows the files. What can be done there is `MainScreen`'s."""

    def __init__(self, engine: Engine, first: Future[First]) -> None:
        super().__init__()
        self.engine = engine
        self.query_text = ""
        self.order = seeing.ORDERS[0]
        self.marks: frozenset[str] = frozenset()
        self.shown: View | None = None
        self.narrowed = Narrowed("", Rows([]))
        self._understood = ""  # the last query that could be: while another cannot, the list stays with it
        self.asking = False
        self.busy = False
        self.cancelled = False
        self.done = ""  # the commit that was last written here
        self.missed = ""  # what kept the files from being followed, while it does
        self.unwritten: dict[tuple[str, str], str] = {}  # what was asked for in vain, by kind and application
        self.kept: Place | None = None  # where now was left, while the past is looked at
        self.queue: tuple[str, ...] | None = None  # what waits for one's own review, where nothing else is shown
        self.queue_note = ""  # where the files of one's queue were handed out, if that is not here
        self._first = first
        self._narrowing = 0
        self._lost = ("", 0.0)  # why the cursor went on by itself, and when
        self._said = ("", 0.0)  # what the status line says, and since when
        self._next_poll = 0.0
        self._preview_timer: Timer | None = None
        self._histories: dict[str, tuple[object, list[Entry]]] = {}

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
        self.set_interval(_POLL_SECONDS, self._fade)

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
        if first.cursor is None:
            self._show_other(None)
        else:
            self.preview.show(first.cursor, first.beside, None)
            self.preview.id_shown = first.cursor.id
        if not self.status.text:
            self.status.show(_FIRST_KEYS)
        self.call_after_refresh(_collect_again)
        self._read_on()

    @work(group="read", exclusive=True)
    async def _read_on(self) -> None:
        """Check what the index had, or read what it had not, a little at a time, and show it as it comes."""
        while self.shown is not None and self.shown.left and self.is_attached:
            before = self.shown
            try:
                view = await self.engine.run(seeing.read_on, self.engine.workspace, self.meeting_id, before)
            except Gone as error:
                self._miss(error)
                await asyncio.sleep(_POLL_SECONDS)
                continue
            except CallforthError as error:
                self.app.exit(error, return_code=error.exit_code)
                return
            self._miss(None)
            if self.engine.moment is not None:
                return  # looking back: it goes on when that is over
            if self.asking:
                await asyncio.sleep(_POLL_SECONDS)  # what is decided must be what was on screen when it was asked
            elif view.rows is before.rows:
                self.shown = view
                self.query_one(Header).show(view)
            else:
                begin = None if before.rows else seeing.first_waiting(view)
                await self.show_view(view, begin.id if begin else None)
        self.set_timer(_HISTORY_DELAY, self._show_current)

    @work(group="past", exclusive=True)
    async def _remember(self) -> None:
        """Take in what is new in history, where nothing else is to be done, so that it is at hand when asked for."""
        known = False
        while not known and self.is_attached and self.engine.moment is None:
            await asyncio.sleep(_IDLE_SECONDS)
            if not self.engine.pending and not self.asking:
                try:
                    known = await self.engine.run(seeing.remember, self.engine.workspace)
                except CallforthError:
                    return  # whoever asks for history is told why there is none

    @work(group="poll")
    async def _poll(self) -> None:
        # Not while a question is open: what is decided must be what was on screen when it was asked. The past stays.
        if self.shown is None or self.shown.left or self.asking or self.engine.pending or self.engine.moment:
            return
        started = monotonic()
        if started < self._next_poll:
            return
        try:
            view = await self.engine.run(seeing.poll, self.engine.workspace, self.meeting_id, self.shown)
        except CallforthError as error:
            self._miss(error)
            return
        finally:
            # Where there is much to look at, most of the time is left to the person.
            self._next_poll = monotonic() + _RESTS * (monotonic() - started)
        self._miss(None)
        if view is None or self.engine.moment is not None:
            return
        if self.done and view.head != self.shown.head:
            await self._see_done()
        self._remember()  # where HEAD stands is new, or known for the first time
        if view.rows is self.shown.rows:
            self.shown = view
        else:
            await self.show_view(view)

    def _miss(self, error: CallforthError | None) -> None:
        """Say what keeps the files from being followed, for as long as it does (None: nothing)."""
        if error:
            self.fail(error)
        elif self.missed:
            if self.status.text == self.missed:
                self.status.show("")
            self.on_application_list_moved()  # the answers may not have been read meanwhile
        self.missed = error.says if error else ""

    async def _see_done(self) -> None:
        """Take back what the status line says was done, where it is undone by git itself."""
        commit = self.done
        try:
            if await self.engine.run(seeing.stands, self.engine.workspace, commit):
                return
        except CallforthError:
            return
        if self.is_attached and self.status.text.startswith(commit[:7]):
            self.status.show(f"{commit[:7]} is not in this history any more")
        self.done = ""

    async def show_view(self, view: View, cursor_to: str | None = None) -> None:
        """Show a new view; the cursor stays on its application, or goes to the one named."""
        if not self.is_attached:
            return  # callforth was left while this was read
        at = self.listing.current
        lost = [] if cursor_to is not None else standing.lost(self.shown, view, at, self.marks)
        unusable = standing.unusable(view, lost[0]) if lost else None
        self.shown = view
        self._histories.clear()
        self.marks = frozenset(mark for mark in self.marks if view.rows.get(mark) is not None)
        self.query_one(Header).show(view)
        self.preview.past = view.as_of is not None
        await self.narrow(unusable.path if unusable and lost[0] == key_of(at) else cursor_to)
        if lost and self.is_attached:
            self._lost = (standing.told(lost, unusable), monotonic())
            self.status.show(self._lost[0], error=True)

    def unsure(self) -> str:
        """Return why nobody can mean just now what the list shows (empty: they can).

        A search that is not understood says nothing about anyone; a cursor that went on by itself was elsewhere a
        moment ago; what was just typed may not have narrowed the list yet.
        """
        if self.narrowed.query != self.query_text:
            return "the list does not follow the search yet; press it again"
        says, when = self._lost
        return self.narrowed.error or (says if monotonic() < when + _UNSURE_SECONDS else "")

    def passes(self) -> bool:
        """Tell whether what the status line says is only of the moment, and nothing that still holds or goes on."""
        stays = self.busy or self.asking or self.narrowed.error or self.status.text in (self.missed, _FIRST_KEYS)
        return super().passes() and not stays

    def _fade(self) -> None:
        """Clear the status line some seconds after whatever it says was said."""
        text, since = self._said
        if self.status.text != text:
            self._said = (self.status.text, monotonic())
        elif monotonic() > since + _SAID_SECONDS and self.passes() and not self.is_news(text):
            self.status.show("")

    def is_news(self, text: str) -> bool:
        """Tell whether the status line has news for somebody who may be away."""
        return False

    def go_on(self) -> None:
        """Follow the files again, after the past was looked at."""
        if self.shown is not None and self.shown.left:
            self._read_on()
        self._remember()

    async def narrow(self, cursor_to: str | None = None) -> None:
        """Apply query and order to the view; the last call wins."""
        view = self.shown
        if view is None:
            return
        self._narrowing += 1
        turn = self._narrowing
        query, order, source, queue = self.query_text, self.order, self.engine.source, self.queue_now
        understood = self._understood

        def find() -> Narrowed | None:
            # In the engine's thread: while this waited for its turn, more may have been typed.
            if turn != self._narrowing:
                return None
            found = seeing.narrow(source, view, query, order, queue)
            if not found.error:
                return found
            before = seeing.narrow(source, view, understood, order, queue)
            return replace(found, rows=Rows([]) if before.error else before.rows, problems=())

        try:
            narrowed = await self.engine.run(find)
        except CallforthError as error:
            self.fail(error)
            return
        if narrowed is None or turn != self._narrowing or not self.is_attached:
            return
        if narrowed.error:
            self.status.show(narrowed.error, error=True)
        else:
            self._understood = query
            if self.narrowed.error:
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
        view, query, source = self.shown, self.query_text, self.engine.source
        if view is None:
            return
        if self.focused is self.search:
            await asyncio.sleep(_PREVIEW_DELAY)
        if source is not self.engine.source:
            return
        try:
            counts = await self.engine.run(seeing.count, source, view, query, self.queue_now)
        except CallforthError:
            return  # as for the rows, which said so
        if self.stands:
            self.panel.show(view, counts, query)

    def _show_rows(self, narrowed: Narrowed, cursor_to: str | None) -> None:
        view = self.shown
        if view is None:
            return
        self.narrowed = narrowed
        wanted = cursor_to or key_of(self.listing.current)
        place = narrowed.place(wanted) if wanted else None
        at = self.listing.cursor if place is None else place
        self.listing.show(narrowed, at, self.marks, standing.nowhere(view, narrowed, self.queue_now)[0])
        self._title_list()

    @property
    def meeting_id(self) -> str | None:
        """The meeting that is shown."""
        return self.shown.meeting.id if self.shown and self.shown.meeting else None

    @property
    def queue_now(self) -> tuple[str, ...] | None:
        """The queue that the list is narrowed to; the past has none."""
        return self.queue if self.engine.moment is None else None

    def _title_list(self) -> None:
        total = len(self.shown.rows) if self.shown else 0
        count = len(self.narrowed.rows)
        marked = f" · {len(self.marks)} marked" if self.marks else ""
        order = f" · by {self.order}" if self.order != seeing.ORDERS[0] else ""
        queue = "" if self.queue_now is None else f"my queue: {len(self.queue_now)} left{self.queue_note}"
        asked = f"not understood: {self.query_text}" if self.narrowed.error else self.query_text
        self.listing.border_title = Content(" · ".join(part for part in (queue, asked) if part) or "all")
        self.listing.border_subtitle = Content(f"{count} of {total}{marked}{order}")

    # The preview follows the cursor, a moment later

    def on_application_list_moved(self) -> None:
        """Show the new application once the cursor rests."""
        if self._preview_timer:
            self._preview_timer.stop()
        self._preview_timer = self.set_timer(_PREVIEW_DELAY, self._show_current)

    def _show_other(self, row: Problem | None) -> None:
        if row is not None:
            self.preview.show(row, None, None)
        elif self.shown is not None:
            self.preview.say("", standing.nowhere(self.shown, self.narrowed, self.queue_now)[1])
        self.preview.id_shown = ""
        self.preview.scroll_home(animate=False)

    @work(group="preview", exclusive=True)
    async def _show_current(self) -> None:
        row = self.listing.current
        if not isinstance(row, Row):
            self._show_other(row)
            return
        source = self.engine.source
        try:
            beside = await self.engine.run(seeing.beside, source, row)
        except CallforthError as error:
            self.fail(error)
            return
        if not self.is_attached or source is not self.engine.source:
            return
        known = self._histories.get(row.id)
        self.preview.show(row, beside, known[1] if known else None)
        if self.preview.id_shown != row.id:
            self.preview.id_shown = row.id
            self.preview.scroll_home(animate=False)
        if known is None:
            await asyncio.sleep(_HISTORY_DELAY)
            if source is not self.engine.source:
                return
            try:
                entries = await self.engine.run(seeing.history, source, row)
            except CallforthError as error:
                self.fail(error)
                return
            if source is not self.engine.source:
                return
            self._histories[row.id] = (row, entries)
            if self.is_attached and self.listing.current is row:
                self.preview.show(row, beside, entries)

    def fail(self, error: CallforthError) -> None:
        """Show an error until the next thing is done."""
        if not self.is_attached:
            return
        self.status.show(error.says, error=True)
        if isinstance(error, Gone):
            self.missed = error.says


def _collect_again() -> None:
    """Let Python collect garbage again: it was told not to, for a quick start; what is there now stays for good."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
