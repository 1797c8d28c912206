"""All keys, from the registry of actions."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from callforth.screens.actions import ACTIONS, GROUPS
from callforth.screens.dialogs.base import Reading


class Keys(Reading[None]):
    """The key help."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("q", "leave", "back"),
        ("question_mark", "leave", "back"),
        ("j", "scroll(2)"),
        ("k", "scroll(-2)"),
    ]

    def __init__(self) -> None:
        super().__init__("Keys", " j k scroll · esc back")

    def body(self) -> ComposeResult:
        """The keys by group."""
        lines: list[Content] = []
        for group in GROUPS:
            lines.append(Content.styled(f"{group}", "bold $primary"))
            for action in ACTIONS:
                if action.group == group:
                    lines.append(Content.assemble((f"  {action.shown_keys:<12}", "bold $accent"), action.help))
            lines.append(Content(""))
        with VerticalScroll(classes="dialog-scroll"):
            yield Static(Content("\n").join(lines), markup=False)
