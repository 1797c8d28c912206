"""Several lines to write in, which take in nothing that a terminal would obey."""

from __future__ import annotations

from textual import events
from textual.widgets import TextArea

from callforth.model.text import clean, typed


class Remarks(TextArea):
    """Textual's text area, for text from anywhere: what is pasted may have been copied from an application."""

    def __init__(self, text: str, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(clean(text), id=id, placeholder=placeholder, highlight_cursor_line=False, compact=True)

    async def _on_paste(self, event: events.Paste) -> None:
        """Take in a paste cleaned, with its line ends."""
        event.stop()
        event.prevent_default()
        self.replace(clean(typed(event.text)), *self.selection)
