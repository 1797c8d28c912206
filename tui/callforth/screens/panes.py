"""The panes of the main screen: what is where, how they fold, and moving in and between them."""

from __future__ import annotations

from dataclasses import replace

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Static

from callforth.index.rows import Row
from callforth.screens.actions import BY_NAME, SEARCHING
from callforth.screens.typing import TOO_FAST, looks_pasted
from callforth.screens.widgets.applications import ApplicationList
from callforth.screens.widgets.bars import KeyBar, StatusLine
from callforth.screens.widgets.header import Header
from callforth.screens.widgets.narrow import NarrowPanel
from callforth.screens.widgets.preview import Preview
from callforth.screens.widgets.search import SearchLine

_AGAIN = f"{TOO_FAST}, so it does nothing; press it again"
LEAST_WIDTH, LEAST_HEIGHT = 40, 10


class Panes(Screen[None]):
    """Header, search line, narrowing panel, list, preview, and two lines below. What they show is `MainScreen`'s."""

    reviews_only = False  # who sits here decides nothing
    shares = False  # there is a remote to sync with

    def compose(self) -> ComposeResult:
        """The areas from top to bottom."""
        yield Header(id="header")
        yield SearchLine(self.close_search, id="search")
        with Horizontal(id="panes"):
            yield NarrowPanel(id="narrow")
            yield ApplicationList(id="list")
            yield Preview(id="preview")
        yield StatusLine(id="status")
        yield KeyBar(id="keys")
        yield Static("", id="small", markup=False)

    # What is where

    @property
    def stands(self) -> bool:
        """True as long as all areas are there; while callforth is being left, they go one by one."""
        return self.is_attached and len(self.query("#header, #narrow, #list, #preview, #status, #keys")) == 6

    @property
    def listing(self) -> ApplicationList:
        """The list of applications."""
        return self.query_one("#list", ApplicationList)

    @property
    def preview(self) -> Preview:
        """The application under the cursor."""
        return self.query_one("#preview", Preview)

    @property
    def panel(self) -> NarrowPanel:
        """What to narrow by."""
        return self.query_one("#narrow", NarrowPanel)

    @property
    def search(self) -> SearchLine:
        """The search line."""
        return self.query_one("#search", SearchLine)

    @property
    def status(self) -> StatusLine:
        """The line that tells what was done."""
        return self.query_one("#status", StatusLine)

    @property
    def current(self) -> Row | None:
        """The application under the cursor."""
        row = self.listing.current
        return row if isinstance(row, Row) else None

    @property
    def reads_keys(self) -> bool:
        """True where all keys are the main screen's: not in the search line, nor in the panel, which has its own."""
        return self.focused is not None and self.focused in (self.listing, self.preview)

    # Folding

    def fit(self, size: Size) -> None:
        """Fold the panes as a window of this size wants it."""
        # As Textual will, but before the first layout: else the first picture would be of another width.
        for breakpoints, cells in (
            (self.app.HORIZONTAL_BREAKPOINTS, size.width),
            (self.app.VERTICAL_BREAKPOINTS, size.height),
        ):
            reached = [name for least, name in breakpoints or () if cells >= least]
            self.add_class(*reached[-1:])

    def on_resize(self, event: events.Resize) -> None:
        """Say so where the window is too small to work in."""
        size = event.size
        tiny = size.width < LEAST_WIDTH or size.height < LEAST_HEIGHT
        self.set_class(tiny, "-tiny")
        self.query_one("#small", Static).update(
            f"{size.width}×{size.height} is too small;\ncallforth needs {LEAST_WIDTH}×{LEAST_HEIGHT}"
        )

    # Moving

    def move(self, to: int) -> None:
        """Put the cursor on a row, as somebody does who has read what the status line says."""
        self.listing.move(to)
        if self.passes():
            self.status.show("")

    def passes(self) -> bool:
        """Tell whether what the status line says is only of the moment."""
        return bool(self.status.text)

    def too_fast(self) -> bool:
        """Tell whether keys come as fast as a paste, which do nothing here, and say so."""
        pasted = looks_pasted(self.app)
        if pasted and self.status.text != _AGAIN:
            self.status.show(_AGAIN, error=True)
        return pasted

    def action_down(self) -> None:
        """Down by one; scrolls where the answers have the keys."""
        self._move_or_scroll(1)

    def action_up(self) -> None:
        """Up by one."""
        self._move_or_scroll(-1)

    def action_first(self) -> None:
        """To the top."""
        self.preview.scroll_home(animate=False) if self.reading else self.move(0)

    def action_last(self) -> None:
        """To the end."""
        self.preview.scroll_end(animate=False) if self.reading else self.move(len(self.listing.rows) - 1)

    def action_page_down(self) -> None:
        """One page down."""
        self._page(1)

    def action_page_up(self) -> None:
        """One page up."""
        self._page(-1)

    def action_scroll_answers_down(self) -> None:
        """Scroll the answers from the list; while reading, go to the next application."""
        self._other(1)

    def action_scroll_answers_up(self) -> None:
        """Scroll back; while reading, go to the application before."""
        self._other(-1)

    def action_open(self) -> None:
        """Go to the answers."""
        if self.listing.current is not None:
            self.add_class("-reading")
            self.remove_class("-narrowing")
            self.set_focus(self.preview)

    def action_next_pane(self) -> None:
        """From list to answers to narrowing and round."""
        if self.focused is self.listing:
            self.action_open()
        elif self.focused is self.preview:
            self.remove_class("-reading")
            self.action_narrow()
        else:
            self.to_list()

    def action_narrow(self) -> None:
        """Go to what can be narrowed by."""
        self.remove_class("-reading")
        self.add_class("-narrowing")
        self.set_focus(self.panel)
        if self.panel.highlighted is None:
            self.panel.action_first()

    def to_list(self) -> None:
        """Go to the list."""
        self.remove_class("-reading")
        self.remove_class("-narrowing")
        self.set_focus(self.listing)

    def on_descendant_focus(self) -> None:
        """Show the keys of where one is now; the search line closes where it was left by the mouse."""
        if self.focused is not self.search:
            self.search.remove_class("-open")
        self.show_keys()

    def close_search(self, clear: bool) -> None:
        """Leave the search line for the list, keeping the search or clearing it."""
        self.search.remove_class("-open")
        self.to_list()

    @property
    def reading(self) -> bool:
        """True where the answers have the keys."""
        return self.focused is self.preview

    def _move_or_scroll(self, by: int) -> None:
        if self.reading:
            self.preview.scroll_relative(y=by, animate=False)
        else:
            self.move(self.listing.cursor + by)

    def _page(self, direction: int) -> None:
        if self.reading:
            self.preview.scroll_relative(y=direction * max(1, self.preview.size.height - 2), animate=False)
        else:
            self.move(self.listing.cursor + direction * max(1, self.listing.size.height - 1))

    def _other(self, by: int) -> None:
        if self.reading:
            self.move(self.listing.cursor + by)
        else:
            self.preview.scroll_relative(y=by * 3, animate=False)

    def show_keys(self) -> None:
        """Show the keys that work where the focus is."""
        looking_back = self.query_one(Header).has_class("-then")
        names = ["accept", "decline", "waitlist", "shortlist", "tag", "review", "mark", "search", "history", "undo"]
        names += ["narrow", "queue", *(["sync"] if self.shares else []), "help", "quit"]
        if self.reviews_only:
            names = ["review", "queue", "search", "narrow", "history", *(["sync"] if self.shares else [])]
            names += ["help", "quit"]
        if looking_back:
            names = ["as_of", "compare", "search", "narrow", "history", "sort", "help", "quit"]
        if self.focused is self.search:
            self.query_one(KeyBar).show(SEARCHING)
            return
        if self.focused is not self.listing or looking_back:
            names = ["back", *(name for name in names if name != "search" or looking_back)]
        now = replace(BY_NAME["as_of"], label="now", narrow=True)
        self.query_one(KeyBar).show([now if looking_back and name == "as_of" else BY_NAME[name] for name in names])
