"""What a form is made of beside lines of text: one of several values, a score on its scale, yes or no.

Each is worked by keys and by clicks, and posts `Changed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import RenderResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widget import Widget

from callforth.screens.themes import MUTED
from callforth.screens.typing import looks_pasted

ROOMY, _BROAD = 30, 100  # from so many lines and columns on there is room for two lines each
_MOST_CELLS = 11
_TOGETHER_SECONDS = 1.5
CLICKED = "value"  # in a style's meta: what was clicked


class FormField(Widget, can_focus=True):
    """One line of a form, with a bar before it while it has the keys."""

    class Changed(Message):
        """It says something else."""

    def on_focus(self) -> None:
        """Show that it has the keys."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that it has not."""
        self.refresh()

    def _changed(self) -> None:
        self.refresh(layout=True)
        self.post_message(self.Changed())


class Pick(FormField):
    """One of several words, or none; left and right go through them, a click or the word's own letter chooses."""

    BINDINGS: ClassVar[list[BindingType]] = [("left", "go(-1)"), ("right", "go(1)"), ("delete,backspace", "clear")]

    def __init__(self, choices: Sequence[tuple[str, str]], chosen: str = "", id: str | None = None) -> None:
        """`choices` are letters and words."""
        super().__init__(id=id)
        self._choices, self._chosen = choices, chosen

    @property
    def chosen(self) -> str:
        """The word that is chosen, or an empty string."""
        return self._chosen

    def choose(self, word: str) -> None:
        """Choose a word; where it is chosen already, or empty: none."""
        self._chosen = "" if word == self._chosen else word
        self._changed()

    def action_go(self, by: int) -> None:
        """To the word beside."""
        words = [word for _, word in self._choices]
        at = words.index(self._chosen) + by if self._chosen else 0 if by > 0 else len(words) - 1
        self._chosen = words[max(0, min(at, len(words) - 1))]
        self._changed()

    def action_clear(self) -> None:
        """Choose none."""
        self.choose("")

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked."""
        word = event.style.meta.get(CLICKED)
        if word is not None:
            self.choose(word)

    def render(self) -> RenderResult:
        """Draw all words; the chosen one in brackets."""
        return Content("").join(cell(f"{key} {word}", word, word == self._chosen) for key, word in self._choices)


class Score(FormField):
    """A number on a scale, or none: typed, by left and right, or by a click. Above it stands what is scored."""

    BINDINGS: ClassVar[list[BindingType]] = [("left", "go(-1)"), ("right", "go(1)"), ("delete,backspace", "clear")]

    def __init__(self, name: str, text: str, least: float, most: float, note: str, score: float | None = None) -> None:
        """`text` is what is scored, `note` what is said of it besides, `score` what is there already."""
        super().__init__(name=name)
        self.text, self.least, self.most, self._note = text, least, most, note
        self.score = score
        self._typed, self._typed_at = "", 0.0

    @property
    def scale(self) -> str:
        """The scale in a word: `1-5`."""
        return f"{self.least:g}–{self.most:g}"

    def on_key(self, event: events.Key) -> None:
        """Take in digits: those typed one soon after the other make one number, as far as the scale goes."""
        character = event.character or ""
        if not (character.isascii() and character.isdigit()) and character not in (".", "-"):
            return
        event.stop()
        if looks_pasted(self.app):
            return
        now = monotonic()
        before = self._typed if now - self._typed_at < _TOGETHER_SECONDS else ""
        self._typed_at = now
        for typed in (before + character, character):
            if self._takes(typed):
                self._typed = typed
                if self._fits(typed):
                    self._set(float(typed))
                return
        self._typed = ""

    def _takes(self, typed: str) -> bool:
        """Tell whether this is a number on the scale, or may become one."""
        if self._fits(typed) or (typed == "-" and self.least < 0) or (typed.endswith(".") and typed.count(".") == 1):
            return True
        with suppress(ValueError):  # on a scale from 10 to 20, a 1 is the beginning of 15
            return "." not in typed and self.least <= float(f"{typed}9") and float(f"{typed}0") <= self.most
        return False

    def _fits(self, typed: str) -> bool:
        try:
            return self.least <= float(typed) <= self.most
        except ValueError:
            return False

    def action_go(self, by: int) -> None:
        """One up or down."""
        first = self.least if by > 0 else self.most
        self._set(first if self.score is None else max(self.least, min(self.score + by, self.most)))

    def action_clear(self) -> None:
        """No score."""
        self._typed = ""
        self._set(None)

    def on_click(self, event: events.Click) -> None:
        """Take the number that was clicked; the one that is there goes."""
        value = event.style.meta.get(CLICKED)
        if value is not None:
            self._set(None if value == self.score else float(value))

    def _set(self, score: float | None) -> None:
        self.score = score
        self._changed()

    def render(self) -> RenderResult:
        """Draw the scale with the score in brackets, and what is scored above it; in one line where room is short."""
        scale = self._scale()
        if self.app.size.height < ROOMY or self.app.size.width < _BROAD:
            room = self.size.width - cell_len(scale.plain) - 2
            return scale.append("  ").append(Content(self.text).truncate(max(room, 1), ellipsis=True))
        text = Content.assemble((self.text, "bold" if self.has_focus else ""), (f" ({self._note})", MUTED))
        return Content("\n").join([text, scale])

    def _scale(self) -> Content:
        steps = self.most - self.least
        if steps.is_integer() and self.least.is_integer() and steps < _MOST_CELLS:
            values = [self.least + step for step in range(int(steps) + 1)]
            cells = [cell(f"{value:g}", value, value == self.score) for value in values]
            if self.score is not None and self.score not in values:
                cells.append(cell(f"{self.score:g}", self.score, True))
            return Content("").join(cells)
        said = "…" if self.score is None else f"{self.score:g}"
        return Content.assemble(cell(said, self.score or 0.0, self.score is not None), (f" of {self.scale}", MUTED))


class Tick(FormField):
    """Yes or no: space, or a click, turns it round."""

    BINDINGS: ClassVar[list[BindingType]] = [("space", "turn")]

    def __init__(self, text: str, on: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text, self.on = text, on

    def action_turn(self) -> None:
        """The other way round."""
        self.on = not self.on
        self._changed()

    def on_click(self) -> None:
        """The other way round."""
        self.action_turn()

    def render(self) -> RenderResult:
        """Draw the box and what it means."""
        return Content.assemble(("[x] " if self.on else "[ ] ", "bold $accent"), self._text)


class Press(FormField):
    """A button of a form: enter, or a click, presses it."""

    BINDINGS: ClassVar[list[BindingType]] = [("enter,space", "press")]

    class Pressed(Message):
        """It was pressed."""

        def __init__(self, button: Press) -> None:
            super().__init__()
            self.button = button

    def __init__(self, text: str, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = text

    def action_press(self) -> None:
        """Tell."""
        self.post_message(self.Pressed(self))

    def on_click(self) -> None:
        """Tell."""
        self.action_press()

    def render(self) -> RenderResult:
        """Draw it."""
        return Content.styled(f"[ {self._text} ]", "bold $accent" if self.has_focus else "bold")


def cell(text: str, value: object, chosen: bool) -> Content:
    """Return one of several words or numbers to choose from, in brackets where it is chosen; a click tells `value`."""
    shown = Content.styled(f"[{text}]", "bold $success") if chosen else Content(f" {text} ")
    return shown.stylize(Style.from_meta({CLICKED: value}))
