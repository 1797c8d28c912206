"""What changed in a meeting between two moments, and the question since when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList

from callforth.repo.revision import Revision
from callforth.screens.actions import bar_key
from callforth.screens.dialogs.base import Dialog, Window
from callforth.screens.themes import MUTED
from callforth.screens.widgets.applications import fitted
from callforth.screens.widgets.bars import KeyBar
from callforth.screens.widgets.choices import Choices
from callforth.workflow.compare import Comparison, Difference, Kind

_MOST_SHOWN = 2000
_NAME_CELLS, _FEW_CELLS, _NARROW = 26, 16, 100
_KEYS = (
    bar_key("go", "enter", "goes to it"),
    bar_key("leave", "escape", "back"),
)


class Since(Dialog[int]):
    """Since when? Answers with the number of what was chosen; one more than there are moments: another one."""

    BINDINGS: ClassVar[list[BindingType]] = [("q", "leave", "back")]

    def __init__(self, moments: Sequence[tuple[str, Revision]]) -> None:
        super().__init__("What changed", " j k move · enter compare · esc back")
        self._moments = moments

    def body(self) -> ComposeResult:
        """The moments that are known, and one line for any other."""
        lines = [
            Content.assemble(f"{name}  ", (f"({moment.when}, {moment.commit[:7]})", MUTED))
            for name, moment in self._moments
        ]
        lines.append(Content("since a date, a commit, a branch or a tag …"))
        yield Choices([(line, True) for line in lines], id="since")

    def on_mount(self) -> None:
        """Begin with the first."""
        self.query_one(Choices).focus()
        self.query_one(Choices).highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer."""
        self.dismiss(event.option_index)


class Changes(Window[str]):
    """The differences, by kind; answers with the application to go to, None for none."""

    BINDINGS: ClassVar[list[BindingType]] = [("q,c", "leave", "back")]

    def __init__(self, comparison: Comparison, until_now: bool, there: Collection[str]) -> None:
        """`there` are the applications that the list has."""
        super().__init__()
        self._comparison, self._until_now, self._there = comparison, until_now, there
        self._applications: list[str] = []

    def compose(self) -> ComposeResult:
        """The list, and the keys."""
        found = self._comparison
        lines = self._lines(found.differences)
        changes = Choices(lines, id="changes")
        until = "now" if self._until_now else found.after.when
        changes.border_title = Content(f"{found.meeting}: from {found.before.when} to {until}")
        changes.border_subtitle = Content(f"{found.before.commit[:7]} → {found.after.commit[:7]}")
        yield changes
        yield KeyBar(id="changes-keys")

    def on_mount(self) -> None:
        """Begin at the top."""
        changes = self.query_one(Choices)
        changes.focus()
        changes.action_first()
        self.query_one(KeyBar).show(_KEYS)

    def _lines(self, differences: Sequence[Difference]) -> list[tuple[Content, bool]]:
        """Return the lines, and note beside each which application it is about."""
        if not differences:
            self._applications = [""]
            return [(Content.styled("Nothing changed in this meeting.", MUTED), False)]
        lines: list[tuple[Content, bool]] = []
        for kind, group in groupby(differences[:_MOST_SHOWN], key=lambda one: one.kind):
            several = list(group)
            count = "" if kind is Kind.CALL else f"  {len(several)}"
            lines.append((Content.styled(f"{kind.value}{count}", "bold $primary"), False))
            self._applications.append("")
            for one in several:
                lines.append((_line(one, _FEW_CELLS if self.app.size.width < _NARROW else _NAME_CELLS), True))
                self._applications.append(one.application)
        if len(differences) > _MOST_SHOWN:
            lines.append((Content.styled(f"… and {len(differences) - _MOST_SHOWN} more", MUTED), False))
            self._applications.append("")
        return lines

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to the application, if it is there."""
        chosen = self._applications[event.option_index]
        if chosen in self._there:
            self.dismiss(chosen)
        elif chosen:
            event.option_list.border_subtitle = Content(f"{chosen} is not in the list")

    def action_go(self) -> None:
        """Go to the application under the cursor."""
        self.query_one(Choices).action_select()


def _line(one: Difference, cells: int) -> Content:
    if one.kind is Kind.CALL:
        return Content(f"  {one.says}")
    return Content.assemble(f"  {one.application}  {fitted(one.name, cells)}  ", (one.says, "bold"))
