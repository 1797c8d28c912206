"""One application as it was after a step of its history, to be read and nothing else."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from callforth.repo.revision import shown
from callforth.screens.actions import bar_key
from callforth.screens.dialogs.base import Window
from callforth.screens.looking_back import Version
from callforth.screens.widgets.bars import KeyBar
from callforth.screens.widgets.header import BACK
from callforth.screens.widgets.preview import Preview

_KEYS = (
    bar_key("scroll(2)", "j", "down"),
    bar_key("scroll(-2)", "k", "up"),
    bar_key("leave", "escape", "back to now"),
)


class AsItWas(Window[None]):
    """The banner that tells of when it is, and all of the application."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("q", "leave", "back"),
        ("j,down,J", "scroll(2)"),
        ("k,up,K", "scroll(-2)"),
        ("pagedown,ctrl+d,space", "page(1)"),
        ("pageup,ctrl+u", "page(-1)"),
        ("g,home", "ends(0)"),
        ("G,end", "ends(-1)"),
    ]

    def __init__(self, version: Version) -> None:
        super().__init__()
        self._version = version

    def compose(self) -> ComposeResult:
        """Banner, text, keys."""
        when = shown(self._version.step.entry.at)
        yield Static(Content(f" as of {when} · read-only · {BACK}"), id="banner", markup=False)
        yield Preview(id="version")
        yield KeyBar(id="version-keys")

    def on_mount(self) -> None:
        """Show it."""
        preview, version = self.query_one(Preview), self._version
        preview.past = True
        if version.row is None:
            preview.say(version.step.entry.application, "There is no file of this application after this step.")
        else:
            preview.show(version.row, version.beside, version.entries)
        preview.focus()
        self.query_one(KeyBar).show(_KEYS)

    def action_scroll(self, lines: int) -> None:
        """Scroll by some lines."""
        self.query_one(Preview).scroll_relative(y=lines, animate=False)

    def action_page(self, direction: int) -> None:
        """Scroll by a page."""
        preview = self.query_one(Preview)
        preview.scroll_relative(y=direction * max(1, preview.size.height - 2), animate=False)

    def action_ends(self, which: int) -> None:
        """To the top, or to the end."""
        preview = self.query_one(Preview)
        preview.scroll_home(animate=False) if which == 0 else preview.scroll_end(animate=False)
