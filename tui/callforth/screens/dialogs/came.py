"""What came in with a sync, by whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from callforth.model.text import clean_line
from callforth.screens.dialogs.base import Reading
from callforth.workflow.sync import Synced


class CameIn(Reading[bool]):
    """What others did, and what else a sync says. Answers True to see every change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("enter", "close", "close"),
        ("q", "leave", "back"),
        ("c", "changes", "changes"),
        ("j,down", "scroll(1)"),
        ("k,up", "scroll(-1)"),
    ]

    def __init__(self, synced: Synced, besides: str, twice: Sequence[str] = ()) -> None:
        """`besides` is said below; `twice` has a sentence for each meeting where one row of a form is there twice."""
        super().__init__("What came in", " c every change · enter or esc back")
        self._synced, self._besides, self._twice = synced, besides, twice

    def body(self) -> ComposeResult:
        """Who did what; then what the meetings say of their seats and doubles; then what was pushed or waits."""
        lines = [Content(clean_line(came.says)) for came in self._synced.came]
        lines += [Content.styled(f"◆ {clean_line(seats)}", "$warning") for seats in (*self._synced.seats, *self._twice)]
        yield from self.room(Content("\n").join(lines))
        yield Static(Content(self._besides), classes="dialog-hint")

    def action_changes(self) -> None:
        """Ask for every change."""
        self.dismiss(True)
