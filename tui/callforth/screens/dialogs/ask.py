"""Questions with a line to write in: a reason, tags, where to go; plain yes or no; and why there is no question."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from time import monotonic
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.suggester import Suggester
from textual.widgets import Input, Static

from callforth.errors import CallforthError
from callforth.model.text import clean_line, typed
from callforth.screens.dialogs.base import Dialog, Reading
from callforth.screens.typing import looks_pasted
from callforth.screens.widgets.line import Line

CLOSES = " enter or esc back"
_KEPT = "What you wrote is kept for the next time."
_AGAIN_SECONDS = 0.5
_MOST_LINES = 6


class Ask(Reading[str]):
    """One line to write. Enter answers with the text, unless it came with a paste.

    What it is about may turn out, while it is written, to be impossible: then the question becomes its refusal, in the
    same place, so that no key that was meant for it ever reaches the list; what is written can be kept.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("tab", "complete", "complete"),
        ("up", "scroll(-1)"),
        ("down", "scroll(1)"),
        ("enter", "close", "close"),  # the line's, but for a refusal
    ]

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
        check: Callable[[str], object] | None = None,
        look: Callable[[], Awaitable[str]] | None = None,
        find: Callable[[str], Awaitable[object]] | None = None,
    ) -> None:
        """`due` is what to say when enter finds nothing written (empty: nothing need be); `hints` is shown below.

        `check` raises `CallforthError` for a text that is wrong. `look` finds out, while the question is open, whether
        it can be answered at all: it raises the reason why not, or returns what to say besides (empty: nothing).
        `find` looks for what was named: it raises what is wrong with that, or returns what becomes `found`.
        """
        super().__init__(title, keys)
        self._due, self._hints, self._check, self._look, self._find = due, hints, check, look, find
        self.found: object = None
        shown = list(about[:_MOST_LINES])
        if len(about) > _MOST_LINES:
            shown.append(f"… and {len(about) - _MOST_LINES} more")
        self._about = "\n".join(shown)
        self._input = Line(value, placeholder=placeholder, suggester=suggester)
        self.refused: CallforthError | None = None

    @property
    def written(self) -> str:
        """What stands in the line."""
        return self._input.value

    def body(self) -> ComposeResult:
        """What it is about, the line, and hints or complaints below."""
        yield from self.room(self._about)
        yield self._input
        yield Static(Content(self._hints(self.written) if self._hints else ""), classes="dialog-hint")

    def on_mount(self) -> None:
        """Begin writing, and looking."""
        self._input.focus()
        if self._look:
            self._find_out(self._look)

    @work
    async def _find_out(self, look: Callable[[], Awaitable[str]]) -> None:
        try:
            besides = await look()
        except CallforthError as error:
            self._refuse(error)
        else:
            if besides:
                self.query_one(".dialog-about", Static).update(Content(f"{besides}\n{self._about}"))

    def _refuse(self, error: CallforthError) -> None:
        self.refused = error
        self.add_class("-refused")
        self.query_one(".dialog-about", Static).update(Content(error.says))
        self._input.display = False
        self._keep("")
        self.query_one(".dialog-keys", Static).update(Content(CLOSES))

    def on_key(self, event: events.Key) -> None:
        """Where it is refused: keep what somebody goes on to write without looking."""
        if self.refused and event.is_printable and event.character:
            event.stop()
            self._keep(event.character)

    def on_paste(self, event: events.Paste) -> None:
        """Where it is refused: keep what is pasted too."""
        if self.refused:
            self._keep(clean_line(typed(event.text)))

    def _keep(self, more: str) -> None:
        self._input.value += more
        self._say(_KEPT if self.written.strip() else "")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Follow with the hints."""
        if self._hints and not self.refused:
            self._say(self._hints(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer, unless the enter was part of a paste or something is missing."""
        event.stop()
        if looks_pasted(self.app):
            self._say("That came as a paste: read it, then press enter.")
        elif self._due and not event.value.strip():
            self._say(self._due, error=True)
        else:
            self._answer(event.value)

    def _answer(self, text: str) -> None:
        try:
            if self._check:
                self._check(text)
        except CallforthError as error:
            self._say(error.says, error=True)
        else:
            if self._find and text.strip():
                self._look_for(text, self._find)
            else:
                self.dismiss(text)

    @work(exclusive=True)
    async def _look_for(self, text: str, find: Callable[[str], Awaitable[object]]) -> None:
        try:
            self.found = await find(text.strip())
        except CallforthError as error:
            self._say(error.says, error=True)
        else:
            self.dismiss(text)

    def action_complete(self) -> None:
        """Take the suggestion that is shown."""
        self._input.action_cursor_right()
        self._input.action_end()

    def _say(self, text: str, error: bool = False) -> None:
        hint = self.query_one(".dialog-hint", Static)
        hint.set_class(error, "-error")
        hint.update(Content(text))


class Refused(Reading[bool]):
    """Why there is no question. It stands where the question would, and takes the keys that were meant for that.

    Where it can go on with `others`, so many that fit, `y` answers True.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("enter", "close", "close"),
        ("up", "scroll(-1)"),
        ("down", "scroll(1)"),
        ("y", "others", "the others"),
    ]

    def __init__(self, title: str, says: str, others: int = 0) -> None:
        goes_on = f" y goes on with the other {others} ·" if others > 1 else " y goes on with the other ·"
        super().__init__(title, (goes_on if others else "") + CLOSES)
        self._says, self._others = says, others

    def action_others(self) -> None:
        """Go on with those that fit, unless it came with a paste."""
        if self._others and not self.too_fast("y"):
            self.dismiss(True)

    def body(self) -> ComposeResult:
        """The sentence."""
        yield from self.room(self._says)


class Confirm(Dialog[bool]):
    """Yes or no; only `y` means yes, so that neither a paste nor a stray enter does anything."""

    BINDINGS: ClassVar[list[BindingType]] = [("y", "yes", "yes"), ("n", "leave", "no"), ("q", "again", "no")]

    def __init__(self, title: str, about: Sequence[str], q_is_yes: bool = False) -> None:
        """`q_is_yes`: the key that asked this, pressed again, means it."""
        super().__init__(title, " y or q yes · n no" if q_is_yes else " y yes · n no")
        self._about, self._q_is_yes = about, q_is_yes
        self._opened = monotonic()

    def body(self) -> ComposeResult:
        """What it is about."""
        shown = list(self._about[:12])
        if len(self._about) > 12:
            shown.append(f"… and {len(self._about) - 12} more")
        yield Static(Content("\n".join(shown)), classes="dialog-about")

    def action_yes(self) -> None:
        """Answer yes, unless it came with a paste."""
        if not self.too_fast("y"):
            self.dismiss(True)

    def action_again(self) -> None:
        """Answer what `q` means here; a key that is held a little too long has not seen the question."""
        if not self._q_is_yes:
            self.dismiss(None)
        elif monotonic() > self._opened + _AGAIN_SECONDS:
            self.action_yes()


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
