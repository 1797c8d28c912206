"""The history of one application: every step, what it changed in the file, and ways to look back from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static

from callforth.errors import CallforthError
from callforth.model.text import clean
from callforth.screens.actions import bar_key
from callforth.screens.dialogs.base import Window
from callforth.screens.engine import Engine
from callforth.screens.themes import MUTED
from callforth.screens.widgets.bars import KeyBar
from callforth.screens.widgets.choices import Choices
from callforth.screens.widgets.preview import step as step_line
from callforth.workflow.ledger import Step, diff

_STYLES = {"+": "$success", "-": "$error", "@": MUTED}
_KEYS = (
    bar_key("open", "enter", "as it was"),
    bar_key("as_of", "at", "whole meeting"),
    bar_key("compare", "c", "changes since"),
    bar_key("leave", "escape", "back"),
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The step from which to look at the whole meeting: as it was after it, or what changed since (`compare`)."""

    commit: str
    compare: bool


class History(Window[Chosen]):
    """Steps on the left (above, where narrow), the diff of the highlighted one on the right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("q,h", "leave", "back"),
        ("j", "move(1)"),
        ("k", "move(-1)"),
        ("J,pagedown", "scroll(1)"),
        ("K,pageup", "scroll(-1)"),
        ("g", "ends(0)"),
        ("G", "ends(-1)"),
        ("at", "as_of"),
        ("c", "compare"),
    ]

    def __init__(self, title: str, steps: Sequence[Step], engine: Engine) -> None:
        super().__init__()
        self._title, self._steps, self._engine = title, steps, engine

    def compose(self) -> ComposeResult:
        """The list of steps and the diff."""
        with Horizontal(id="history"):
            steps = Choices([(step_line(step.entry), True) for step in self._steps], id="steps")
            steps.border_title = Content(self._title)
            yield steps
            with VerticalScroll(id="diff"):
                yield Static("", markup=False)
        with Horizontal(id="history-line"):
            yield Static(Content(" j k step · J K scroll the change "), id="history-moves")
            yield KeyBar(id="history-keys")

    def on_mount(self) -> None:
        """Begin with the newest step."""
        self.query_one("#steps").focus()
        self.query_one(KeyBar).show(_KEYS)

    async def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show what the step changed."""
        step = self._steps[event.option_index]
        lines = await self._engine.run(diff, self._engine.workspace, step)
        if not self.is_attached or event.option_list.highlighted != event.option_index:
            return  # the window was left, or the cursor went on, while this was read
        entry = step.entry
        head = [
            Content.styled(clean(entry.subject), "bold"),
            Content.styled(f"{entry.commit[:12]}  {entry.at:%Y-%m-%d %H:%M}  {clean(entry.by.name)}", MUTED),
            *([Content(entry.reason)] if entry.reason else []),
            Content(""),
        ]
        body = [Content.styled(clean(line), _STYLES.get(line[:1], "")) for line in lines[:2000]]
        if not body:
            body = [Content.styled("The file did not change.", MUTED)]
        self.query_one("#diff Static", Static).update(Content("\n").join([*head, *body]))
        self.query_one("#diff").scroll_home(animate=False)

    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open the application as it was after the step."""
        from callforth.screens.dialogs.version import AsItWas
        from callforth.screens.looking_back import version

        try:
            found = await self._engine.run(version, self._engine.workspace, self._steps[event.option_index])
        except CallforthError as error:
            self.query_one("#steps").border_subtitle = Content(error.says)
            return
        if self.is_attached and self.app.screen is self:
            self.app.push_screen(AsItWas(found))

    def action_open(self) -> None:
        """Open the application as it was after the highlighted step."""
        self.query_one("#steps", Choices).action_select()

    def action_as_of(self) -> None:
        """Show the whole meeting as it was after the highlighted step."""
        self._choose(compare=False)

    def action_compare(self) -> None:
        """Show what changed in the meeting since the highlighted step."""
        self._choose(compare=True)

    def _choose(self, compare: bool) -> None:
        at = self.query_one("#steps", Choices).highlighted
        if at is not None:
            self.dismiss(Chosen(self._steps[at].entry.commit, compare))

    def action_move(self, direction: int) -> None:
        """To the next step or the one before."""
        steps = self.query_one("#steps", OptionList)
        steps.action_cursor_down() if direction > 0 else steps.action_cursor_up()

    def action_scroll(self, direction: int) -> None:
        """Scroll the change."""
        self.query_one("#diff").scroll_relative(y=direction * 8, animate=False)

    def action_ends(self, which: int) -> None:
        """To the newest step, or the oldest."""
        steps = self.query_one("#steps", OptionList)
        steps.action_first() if which == 0 else steps.action_last()
