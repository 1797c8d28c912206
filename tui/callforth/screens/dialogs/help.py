"""All keys, from the registry of actions, and what the signs in the interface mean."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from callforth.model.status import Status
from callforth.screens.actions import ACTIONS, GROUPS
from callforth.screens.dialogs.base import Reading
from callforth.screens.widgets.applications import APPLIED, TOOK_PART

SIGNS = (
    *((status.letter, str(status)) for status in Status),
    ("●", "marked: verbs act on all that are"),
    ("!", "a file that cannot be used"),
    (TOOK_PART, "took part in another meeting"),
    (APPLIED, "applied to another meeting"),
    ("▲", "score: the mean of the reviews"),
    ("≈", "corrected for severe and lenient reviewers"),
    ("±", "spread: how far reviewers are apart"),
    ("2A 1D", "reviews: two say accept, one says decline"),
    ("▓▒░", "seats: confirmed, offered, free"),
)

# Of the last group, but nothing that the screen does: the terminal's own key, that stops a program.
_OF_THE_SHELL = ("ctrl+z", "Give the terminal back for now; the shell's fg goes on.")


class Keys(Reading[None]):
    """The key help, and below it the signs."""

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
        lines[-1:-1] = [Content.assemble((f"  {_OF_THE_SHELL[0]:<12}", "bold $accent"), _OF_THE_SHELL[1])]
        lines.append(Content.styled("Signs", "bold $primary"))
        lines += [Content.assemble((f"  {sign:<12}", "bold $accent"), meaning) for sign, meaning in SIGNS]
        with VerticalScroll(classes="dialog-scroll"):
            yield Static(Content("\n").join(lines), markup=False)
