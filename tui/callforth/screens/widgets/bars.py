"""The two lines at the bottom: what was last done, and the keys that work now."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from callforth.screens.actions import Action
from callforth.screens.themes import MUTED


class StatusLine(Widget):
    """The last commit, an error, or what is going on."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._left, self._right, self._is_error = "", "", False

    def show(self, left: str, right: str = "", error: bool = False) -> None:
        """Show a text; it stays until the next one."""
        self._left, self._right, self._is_error = left, right, error
        self.set_class(error, "-error")
        self.refresh(layout=error)

    @property
    def text(self) -> str:
        """What it says."""
        return self._left

    def render(self) -> Content:
        """Draw the line, cut where there is no room; an error takes more lines instead."""
        width = self.size.width
        style = "bold $error" if self._is_error else ""
        left = Content.styled(f" {'! ' if self._is_error else ''}{self._left}", style)
        if self._is_error:
            return left
        room = width - cell_len(self._right) - 1
        if cell_len(left.plain) > room or not self._right:
            return left.truncate(width, ellipsis=True)
        gap = " " * (room - cell_len(left.plain))
        return left.append(gap).append(Content.styled(self._right, MUTED))


class KeyBar(Widget):
    """The keys that work now; a click does what the key does."""

    class Pressed(Message):
        """An action was clicked."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._actions: Sequence[Action] = ()
        self._places: list[tuple[int, int, str]] = []

    def show(self, actions: Sequence[Action]) -> None:
        """Show these actions."""
        if list(actions) != list(self._actions):
            self._actions = actions
            self.refresh()

    def render(self) -> Content:
        """Draw as many as there is room for, in their order; those that a narrow window needs most get it first."""
        room = self.size.width
        fitting = [a for a in self._actions if a.label]
        for action in sorted(fitting, key=lambda a: (not a.first, not a.narrow)):
            room -= self._cells(action)
            if room < 0:
                fitting.remove(action)
        parts: list[Content] = []
        self._places = []
        at = 0
        for action in fitting:
            self._places.append((at, at + self._cells(action), action.name))
            parts.append(Content.assemble((f" {self._key(action)}", "bold $accent"), f" {action.label} "))
            at += self._cells(action)
        return Content("").join(parts)

    def on_click(self, event: events.Click) -> None:
        """Do what the key under the pointer does."""
        for start, end, name in self._places:
            if start <= event.x < end:
                self.post_message(self.Pressed(name))

    @staticmethod
    def _key(action: Action) -> str:
        return action.shown_keys.split(" ")[0]

    @classmethod
    def _cells(cls, action: Action) -> int:
        return cell_len(f" {cls._key(action)} {action.label} ")
