"""A line to write in, which takes in nothing that a terminal would obey."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from callforth.model.text import clean, clean_line, typed


class Line(Input):
    """Textual's input, for text from anywhere: what is pasted may have been copied from an application."""

    def validate_value(self, value: str) -> str:
        """Clean whatever comes in."""
        return clean(value)

    def on_paste(self, event: events.Paste) -> None:
        """Take in a paste whole, on one line (Textual drops all but the first)."""
        event.stop()
        event.prevent_default()
        self.replace(clean_line(typed(event.text)), *self.selection)
