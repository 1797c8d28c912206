"""Questions with a line to write in: a reason, tags, where to go; and plain yes or no."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.suggester import Suggester
from textual.widgets import Input, Static

from callforth.screens.dialogs.base import Dialog
from callforth.screens.typing import looks_pasted
from callforth.screens.widgets.line import Line

_MOST_LINES = 6


class Ask(Dialog[str]):
    """One line to write. Enter answers with the text, unless it came with a paste."""

    BINDINGS: ClassVar[list[BindingType]] = [("tab", "complete", "complete")]

    def __init__(
        self,
        title: str,
        about: Sequence[str],
        keys: str,
        placeholder: str = "",
        value: str = "",
        due: str = "",
        suggester: Suggester | None = None,
        hints: Callable[[str], str] | None = None,
    ) -> None:
        """`due` is what to say when enter finds nothing written (empty: nothing need be); `hints` is shown below."""
        super().__init__(title, keys)
        self._about, self._due, self._hints = about, due, hints
        self._input = Line(value, placeholder=placeholder, suggester=suggester)

    def body(self) -> ComposeResult:
        """What it is about, the line, and hints or complaints below."""
        shown = list(self._about[:_MOST_LINES])
        if len(self._about) > _MOST_LINES:
            shown.append(f"… and {len(self._about) - _MOST_LINES} more")
        yield Static(Content("\n".join(shown)), classes="dialog-about")
        yield self._input
        yield Static(Content(self._hints("") if self._hints else ""), classes="dialog-hint")

    def on_mount(self) -> None:
        """Begin writing."""
        self._input.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Follow with the hints."""
        if self._hints:
            self._say(self._hints(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer, unless the enter was part of a paste or something is missing."""
        event.stop()
        if looks_pasted(self.app):
            self._say("That came as a paste: read it, then press enter.")
        elif self._due and not event.value.strip():
            self._say(self._due, error=True)
        else:
            self.dismiss(event.value)

    def action_complete(self) -> None:
        """Take the suggestion that is shown."""
        self._input.action_cursor_right()
        self._input.action_end()

    def _say(self, text: str, error: bool = False) -> None:
        hint = self.query_one(".dialog-hint", Static)
        hint.set_class(error, "-error")
        hint.update(Content(text))


class Confirm(Dialog[bool]):
    """Yes or no; only `y` means yes, so that neither a paste nor a stray enter does anything."""

    BINDINGS: ClassVar[list[BindingType]] = [("y", "yes", "yes"), ("n", "leave", "no"), ("q", "leave", "no")]

    def __init__(self, title: str, about: Sequence[str]) -> None:
        super().__init__(title, " y yes · n no")
        self._about = about

    def body(self) -> ComposeResult:
        """What it is about."""
        shown = list(self._about[:12])
        if len(self._about) > 12:
            shown.append(f"… and {len(self._about) - 12} more")
        yield Static(Content("\n".join(shown)), classes="dialog-about")

    def action_yes(self) -> None:
        """Answer yes, unless it came with a paste."""
        if not looks_pasted(self.app):
            self.dismiss(True)


class LastWord(Suggester):
    """Completes the last word of a line from known words, keeping a leading `+` or `-`."""

    def __init__(self, words: Iterable[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._words = sorted(words)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the line with its last word completed, or None."""
        head, _, last = value.rpartition(" ")
        sign = last[:1] if last[:1] in ("+", "-") else ""
        start = last[len(sign) :]
        if not start:
            return None
        found = next((word for word in self._words if word.startswith(start) and word != start), None)
        return f"{head} {sign}{found}".lstrip() if found else None
