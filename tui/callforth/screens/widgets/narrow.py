"""The panel on the left: what to narrow by, with counts; choosing a value writes it into the search line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from callforth.index.questions import FACETS
from callforth.model.status import Status
from callforth.screens.engine import View
from callforth.screens.narrowing import chosen
from callforth.screens.themes import MUTED
from callforth.screens.widgets.applications import fitted

_TITLES = {"status": "status", "score": "score", "tag": "tags", "country": "country"}


class NarrowPanel(OptionList):
    """Values by facet. Posts `Toggled`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("j", "cursor_down"),
        ("k", "cursor_up"),
        ("space", "select"),
        ("g", "first"),
        ("G", "last"),
    ]

    class Toggled(Message):
        """A value was chosen; `key` is a facet, or `meeting`."""

        def __init__(self, key: str, value: str) -> None:
            super().__init__()
            self.key, self.value = key, value

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._values: list[tuple[str, str] | None] = []
        self._shown: tuple[View, Mapping[str, Sequence[tuple[str, int]]], str] | None = None

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        if self._shown:
            self.show(*self._shown)

    def show(self, view: View, facets: Mapping[str, Sequence[tuple[str, int]]], query: str) -> None:
        """Show the counts of a view under a query; the highlighted value stays highlighted."""
        self._shown = (view, facets, query)
        if not self.size.width:
            return  # not laid out yet, or folded away: `on_resize` comes back here
        kept = self._value_at(self.highlighted)
        before, self._values = {*self._values, *(("status", status.value) for status in Status)}, []
        options: list[Option] = []

        def add(content: Content, value: tuple[str, str] | None) -> None:
            options.append(Option(content, disabled=value is None))
            self._values.append(value)

        if len(view.meetings) > 1:
            add(Content.styled("meeting", "bold $primary"), None)
            for meeting, count in view.meetings:
                add(self._line(meeting.id, count, meeting == view.meeting, ends_in_year=True), ("meeting", meeting.id))
        for key in FACETS:
            wanted = chosen(query, key)
            there = {value for value, _ in facets.get(key, ())}
            # What was chosen stays, so that it can be taken back, also where nothing has it any more.
            gone = [(value, 0) for value in dict.fromkeys(wanted) if value not in there and (key, value) in before]
            values = [*facets.get(key, ()), *gone]
            if values:
                add(Content.styled(_TITLES[key], "bold $primary"), None)
            for value, count in values:
                add(self._line(value, count, value in wanted), (key, value))
        scroll = self.scroll_offset
        self.clear_options()
        self.add_options(options)
        if kept is not None and kept in self._values:
            self.highlighted = self._values.index(kept)
        self.scroll_to(scroll.x, scroll.y, animate=False, immediate=True)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Tell which value was chosen."""
        event.stop()
        value = self._value_at(event.option_index)
        if value is not None:
            self.post_message(self.Toggled(*value))

    def _line(self, value: str, count: int, selected: bool, ends_in_year: bool = False) -> Content:
        width = max(self.scrollable_content_region.width, 16) - 2
        number = str(count)
        room = width - len(number) - 3
        text = cut_within(value, room) if ends_in_year else fitted(value, min(room, cell_len(value)))
        line = f"{'▸' if selected else ' '} {text}{' ' * (room - cell_len(text))} {number}"
        return Content.styled(line, "bold $accent" if selected else "" if count else MUTED)

    def _value_at(self, index: int | None) -> tuple[str, str] | None:
        return self._values[index] if index is not None and index < len(self._values) else None


def cut_within(text: str, room: int) -> str:
    """Return a text in at most so many cells: what is too long loses its middle, for its end may be a year."""
    if cell_len(text) <= room:
        return text
    end, tail = "", 5 if room >= 16 else min(2, max(room, 0) // 3)
    for character in reversed(text):
        if cell_len(character + end) > tail:
            break
        end = character + end
    return f"{fitted(text, room - cell_len(end))}{end}" if room > 0 else ""
