"""What all windows over the main screen share: a frame, a title, a line of keys, esc to leave."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

Result = TypeVar("Result")


class Dialog(ModalScreen[Result | None], Generic[Result]):
    """A framed window; subclasses yield what is in it from `body`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "leave", "back"),
        # In a line to write in, Textual would copy: here it leaves, as everywhere else in a terminal.
        Binding("ctrl+c", "leave", show=False, priority=True),
    ]

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

    def action_leave(self) -> None:
        """Close without a result."""
        self.dismiss(None)
