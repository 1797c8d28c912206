"""The search line: narrows while it is written in."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from callforth.screens.widgets.line import Line


class SearchLine(Line):
    """Enter keeps the search, esc clears it.

    Both are priority bindings that act at once: the next key, however fast it is pressed, is the list's already.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "close(False)", show=False, priority=True),
        Binding("down", "close(False)", show=False, priority=True),
        Binding("escape,ctrl+c", "close(True)", show=False, priority=True),
    ]

    def __init__(self, on_close: Callable[[bool], None], id: str | None = None) -> None:
        super().__init__(id=id, placeholder="words, status:received, tag:…, country:PT,ES, -tag:late", compact=True)
        self._on_close = on_close

    def action_close(self, clear: bool) -> None:
        """Leave the line; `clear` the search, or keep it."""
        self._on_close(clear)
