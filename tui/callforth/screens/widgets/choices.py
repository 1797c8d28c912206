"""A list to choose from: keys move, enter or two clicks choose, one click only moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class Choices(OptionList):
    """Lines of which one is highlighted, with headings in between. Posts what an `OptionList` does."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("j", "cursor_down"),
        ("k", "cursor_up"),
        ("g", "first"),
        ("G", "last"),
    ]

    def __init__(self, lines: Sequence[tuple[Content, bool]], id: str | None = None) -> None:
        """Each line comes with whether it can be chosen."""
        super().__init__(*(Option(line, disabled=not choosable) for line, choosable in lines), id=id, markup=False)

    def on_click(self, event: events.Click) -> None:
        """One click moves, two choose."""
        event.prevent_default()  # Textual's own would choose at the first
        clicked = event.style.meta.get("option")
        if clicked is None or self.get_option_at_index(clicked).disabled:
            return
        self.highlighted = clicked
        if event.chain == 2:
            self.action_select()
