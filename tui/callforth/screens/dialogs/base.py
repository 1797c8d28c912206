"""What all windows over the main screen share: esc leaves them; the whole screen, or a frame with a line of keys."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from callforth.screens.typing import TOO_FAST, looks_pasted
from callforth.screens.widgets.bars import KeyBar

Result = TypeVar("Result")


class Window(ModalScreen[Result | None], Generic[Result]):
    """A window that esc leaves without a result; its keys stand in a `KeyBar`, what it has to say in `.window-hint`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "leave", "back"),
        # In a line to write in, Textual would copy: here it leaves, as everywhere else in a terminal.
        Binding("ctrl+c", "leave", show=False, priority=True),
        Binding("ctrl+z", "app.suspend", show=False),
    ]

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """A key in the bar was clicked."""
        await self.run_action(event.action)

    def action_leave(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    def tell(self, text: str, error: bool = False) -> None:
        """Say something above the keys, in place of what is said there."""
        hint = self.query_one(".window-hint", Static)
        hint.set_class(error, "-error")
        hint.update(Content(f" {text}"))


class Dialog(Window[Result]):
    """A framed window; subclasses yield what is in it from `body`."""

    def __init__(self, title: str, keys: str) -> None:
        super().__init__()
        self._title, self._keys = title, keys

    def compose(self) -> ComposeResult:
        """The frame with the body and the line of keys."""
        with Vertical(classes="dialog") as frame:
            frame.border_title = Content(self._title)
            yield from self.body()
            yield Static(Content(self._keys), classes="dialog-keys")

    def body(self) -> ComposeResult:
        """What stands in the frame."""
        yield from ()

    def too_fast(self, key: str) -> bool:
        """Tell whether a key came as fast as a paste, which counts for nothing, and say so."""
        pasted = looks_pasted(self.app)
        if pasted:
            self.query_one(".dialog-keys", Static).update(Content(f" {TOO_FAST}; press {key} again"))
        return pasted


class Reading(Dialog[Result]):
    """A dialog with something to read, which scrolls where there is no room for all of it."""

    def room(self, says: Content | str) -> ComposeResult:
        """What there is to read; it leaves the keys to whatever else is in the window."""
        with VerticalScroll(classes="dialog-room", can_focus=False):
            yield Static(says if isinstance(says, Content) else Content(says), classes="dialog-about")

    def action_scroll(self, lines: int) -> None:
        """Scroll by some lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_close(self) -> None:
        """Close without a result, unless it came with a paste."""
        if not self.too_fast("enter"):
            self.dismiss(None)
