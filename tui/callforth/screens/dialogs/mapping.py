"""Which column of an export is what, with what three people wrote there; what one is, and how its dates are meant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from itertools import islice
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList, Static

from callforth.errors import CallforthError
from callforth.model.intake import META, Column, Export
from callforth.model.meeting import Meeting
from callforth.model.text import clean_line, counted
from callforth.screens.actions import bar_key
from callforth.screens.dialogs.ask import Ask
from callforth.screens.dialogs.base import Dialog, Window
from callforth.screens.themes import MUTED
from callforth.screens.typing import looks_pasted
from callforth.screens.widgets.applications import fitted
from callforth.screens.widgets.bars import KeyBar
from callforth.screens.widgets.choices import Choices
from callforth.workflow.intake import mapping
from callforth.workflow.intake.mapping import (
    ANSWER,
    APPLICANT,
    EXTRA,
    IGNORE,
    QUESTION,
    RECEIVED,
    SOURCE,
    NotMapped,
    Targets,
)
from callforth.workflow.intake.planning import AsksTheUsual, Plan, WrongMeeting
from callforth.workflow.intake.unsaid import Unsaid
from callforth.workflow.intake.values import DAY_FIRST, MONTH_FIRST

_SAMPLES, _LOOKED_AT = 3, 20
_TARGET_CELLS, _SAMPLE_CELLS, _EDGES, _NARROW = 24, 18, 9, 100
_WORDS = {
    RECEIVED: "when it was sent",
    SOURCE: "its id in the form",
    EXTRA: "an answer of its own",
    IGNORE: "left out",
}
_HELP = {
    RECEIVED: "the time of sending",
    SOURCE: "by which the form program knows it again",
    EXTRA: "kept under its own heading, though the call does not ask for it",
    IGNORE: "not taken in",
}
_OF_THE_FORM = "of the form itself"
_ANOTHER = "another"
_ASK = bar_key("ask", "a", "new question")
_KEYS = (
    bar_key("change", "enter", "change"),
    _ASK,
    bar_key(f"turn('{EXTRA}')", "x", "own answer"),
    bar_key(f"turn('{IGNORE}')", "i", "leave out"),
    bar_key("go_on", "n", "next"),
    bar_key("leave", "escape", "back"),
)
Look = Callable[[Targets], Awaitable[Plan | None]]


def plain(error: CallforthError) -> str:
    """Return what an error says without what to type on the command line: here there are keys for that."""
    return error.what if isinstance(error, Unsaid) else error.says


def told(error: CallforthError, asks: bool) -> str:
    """Return what an error says, and which keys mend it where the columns are looked at (`asks` as for `Columns`)."""
    says = plain(error)
    if isinstance(error, AsksTheUsual) and asks:
        return f"{says}; press a on each column with an answer to a question of your form, and the call asks that"
    if isinstance(error, WrongMeeting):
        return f"{says}; if not, choose the question with enter on its column; if so, esc, and : goes to its meeting"
    if isinstance(error, NotMapped):
        return f"{says}; choose the name with enter on its column"
    return says


def of_the_form(column: Column, targets: Targets) -> bool:
    """Tell whether a column is what the form's program adds, and nothing that somebody made of it."""
    return column.kind == META and targets.to[column.key] == IGNORE


def _read_as(column: Column, export: Export) -> str:
    """Return what a column of the form itself was read as, by the first rows: `received`, `source`, or `ignore`."""
    rows = [(one, cell) for one in export.submissions[:_LOOKED_AT] if (cell := one.cells.get(column.key, ""))]
    if rows and all(one.received in (cell, f"{cell} UTC") for one, cell in rows):
        return RECEIVED
    if rows and all(one.source == cell or one.source.startswith(f"{cell}-") for one, cell in rows):
        return SOURCE
    return IGNORE


class Columns(Window[Plan]):
    """All columns with what each is. Answers with the plan that `look` makes of it, None to leave it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("q", "leave", "back"),
        ("n", "go_on"),
        ("x", f"turn('{EXTRA}')"),
        ("i", f"turn('{IGNORE}')"),
        ("a", "ask"),
    ]

    def __init__(
        self, name: str, export: Export, meeting: Meeting, targets: Targets, asks: bool, look: Look, says: str
    ) -> None:
        """`name` is the file's; `look` raises `CallforthError` where nothing can come of it; `says` is said first.

        With `asks` a column may be a question that the call is to ask from now on.
        """
        super().__init__()
        self._name, self._export, self._meeting, self._look, self._says = name, export, meeting, look, says
        self.targets, self._asks = targets, asks
        self._read_as = {one.key: _read_as(one, export) for one in export.columns if one.kind == META}
        self._looking = False

    def compose(self) -> ComposeResult:
        """The columns, what was written in the one under the cursor, a line of help, the keys."""
        export = self._export
        head = f"{self._name} → {self._meeting.id} · {export.program} · {counted(len(export.submissions), 'row')}"
        columns = Choices([(self._line(column, 78), True) for column in export.columns], id="import-list")
        columns.border_title = Content(head)
        yield columns
        yield Static("", id="import-samples", markup=False)
        yield Static("", id="import-hint", classes="window-hint", markup=False)
        yield KeyBar(id="import-keys")

    def on_mount(self) -> None:
        """Begin with the first column that somebody should look at."""
        columns = self.query_one(Choices)
        columns.focus()
        unsure = [at for at, one in enumerate(self._export.columns) if one.key in self.targets.guessed]
        columns.highlighted = (unsure or [0])[0]
        self.query_one(KeyBar).show([key for key in _KEYS if self._asks or key is not _ASK])
        self.tell(self._says or "Is each column what it says? enter changes one, n goes on.", bool(self._says))
        self._count()

    def on_resize(self, event: events.Resize) -> None:
        """Show as many cells beside each other as there is room for."""
        for at in range(len(self._export.columns)):
            self._draw(at, event.size.width)

    # What is shown

    def _line(self, column: Column, width: int) -> Content:
        target = self.targets.to[column.key]
        word = "a new question" if self._is_new(target) else named(target)
        if of_the_form(column, self.targets):
            target = self._read_as[column.key]
            word = _OF_THE_FORM if target == IGNORE else named(target)
        guess = "≈ " if column.key in self.targets.guessed else "  "
        style = MUTED if target == IGNORE else "" if target == EXTRA else "bold"
        heading = 24 if width < _NARROW else width // 4
        parts: list[str | Content | tuple[str, str]] = [
            fitted(clean_line(column.label), heading),
            (f" {guess}", "$warning"),
            (fitted(word, _TARGET_CELLS), style),
        ]
        room = width - heading - _TARGET_CELLS - _EDGES
        count = max(1, min(_SAMPLES, room // _SAMPLE_CELLS))
        for one in self._export.submissions[:count]:
            parts.append((f" {fitted(clean_line(one.cells.get(column.key, '')), room // count - 1)}", MUTED))
        return Content.assemble(*parts)

    def _draw(self, at: int, width: int = 0) -> None:
        line = self._line(self._export.columns[at], width or self.size.width)
        self.query_one(Choices).replace_option_prompt_at_index(at, line)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show what three people wrote there."""
        column = self._export.columns[event.option_index]
        samples = self.query_one("#import-samples", Static)
        samples.border_title = Content(clean_line(column.label))
        wrote = ((one.row, text) for one in self._export.submissions if (text := one.cells.get(column.key, "")))
        lines = [
            Content.assemble((f"row {row:<4} ", MUTED), clean_line(text)[:400]).truncate(
                max(self.size.width - 4, 20), ellipsis=True
            )
            for row, text in islice(wrote, _SAMPLES)
        ]
        samples.update(Content("\n").join(lines) if lines else Content.styled("nobody wrote anything there", MUTED))

    def _count(self) -> None:
        guessed = len(self.targets.guessed)
        said = f"≈ {counted(guessed, 'column')} guessed" if guessed else ""
        self.query_one(Choices).border_subtitle = Content(said)

    # Keys

    def action_change(self) -> None:
        """Ask what the column under the cursor is."""
        self.query_one(Choices).action_select()

    @work(group="change", exclusive=True)
    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Ask what the column is."""
        if looks_pasted(self.app):
            return
        column = self._export.columns[event.option_index]
        now = self.targets.to[column.key]
        chosen = await self.app.push_screen_wait(
            WhatItIs(
                column,
                self._meeting,
                QUESTION if self._is_new(now) else now,
                self._taken(column),
                self._read_as.get(column.key),
                self._asks,
            )
        )
        if chosen == _ANOTHER:
            chosen = await self._another()
        if chosen:
            self._set(event.option_index, chosen)

    async def _another(self) -> str | None:
        name = await self.app.push_screen_wait(
            Ask(
                "A field of the applicant",
                ["its name in the files, like age-group; the call need not ask for it"],
                " enter take it · esc back",
                placeholder="age-group",
                due="Write its name.",
                check=lambda typed: mapping.check(APPLICANT + typed.strip(), self._meeting),
            )
        )
        return APPLICANT + name.strip() if name else None

    def action_turn(self, target: str) -> None:
        """Make an answer of its own of the column, or leave it out."""
        at = self.query_one(Choices).highlighted
        if at is not None and not looks_pasted(self.app):
            self._set(at, target)

    def action_ask(self) -> None:
        """Make the column under the cursor a question of the call."""
        if self._asks:
            self.action_turn(QUESTION)
        else:
            self.tell(f"there are applications to {self._meeting.id}, which were not asked that", error=True)

    def _is_new(self, target: str) -> bool:
        return target in {ANSWER + question.id for question in self.targets.asks}

    def _set(self, at: int, target: str) -> None:
        """Take a column for something; the one that was it until now becomes an answer of its own."""
        columns = self._export.columns
        self.targets, before = mapping.turned(self._export, self._meeting, self.targets, columns[at].key, target)
        self._draw(at)
        if before is not None:
            self._draw(columns.index(before))
            self.tell(f"'{clean_line(before.label)[:50]}' was that; it is an answer of its own now")
        else:
            self.tell("")
        self._count()

    def _taken(self, column: Column) -> dict[str, str]:
        others = (one for one in self._export.columns if one.key != column.key)
        return {self.targets.to[one.key]: one.label for one in others}

    def action_go_on(self) -> None:
        """Find out what the import would do."""
        if not self._looking and not looks_pasted(self.app):
            self._find_out()

    @work(group="look")
    async def _find_out(self) -> None:
        self._looking = True
        self.tell(f"looking at {counted(len(self._export.submissions), 'row')} …")
        try:
            plan = await self._look(self.targets)
        except CallforthError as error:
            self.tell(told(error, self._asks), error=True)
        else:
            self.tell("")
            if plan is not None:
                self.dismiss(plan)
        finally:
            self._looking = False


class WhatItIs(Dialog[str]):
    """All that a column can be: the call's fields and questions, and the rest. Answers with the target."""

    BINDINGS: ClassVar[list[BindingType]] = [("q", "leave", "back")]

    def __init__(
        self, column: Column, meeting: Meeting, now: str, taken: Mapping[str, str], read_as: str | None, asks: bool
    ) -> None:
        """`taken` are the headings of the columns that are something already, by what they are.

        `read_as` is what a column of the form itself was read as (see `_read_as`), None of any other column.
        """
        super().__init__(f"What is '{clean_line(column.label)[:50]}'?", " j k move · enter choose · esc back")
        self._now, self._taken, self._targets = now, taken, [""]
        self._lines: list[tuple[Content, bool]] = [(Content.styled("the applicant", "bold $primary"), False)]
        fields = {one.name: one.label for one in meeting.fields}
        fields |= {name: "" for name in ("name", "email", "organisation", "role", "country") if name not in fields}
        for name, label in fields.items():
            self._add(APPLICANT + name, name, label)
        if now.startswith(APPLICANT) and now.removeprefix(APPLICANT) not in fields:
            self._add(now, now.removeprefix(APPLICANT), "")
        self._add(_ANOTHER, "another field …", "")
        self._head("an answer to")
        for question in meeting.questions:
            self._add(ANSWER + question.id, question.id, question.ask)
        if asks:
            self._add(QUESTION, "a new question", "the call asks it from now on, in the words of the heading")
        self._head("or")
        for target, word in _WORDS.items():
            if target != IGNORE or read_as is None:
                self._add(target, word, _HELP[target])
            else:
                self._add(
                    target, _OF_THE_FORM, _HELP[read_as] if read_as != IGNORE else "about the sending; not taken in"
                )

    def body(self) -> ComposeResult:
        """The list."""
        yield Choices(self._lines, id="targets")

    def on_mount(self) -> None:
        """Begin with what it is now."""
        choices = self.query_one(Choices)
        choices.focus()
        choices.highlighted = self._targets.index(self._now) if self._now in self._targets else 1

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer, unless it came with a paste."""
        event.stop()
        if not looks_pasted(self.app):
            self.dismiss(self._targets[event.option_index])

    def _head(self, text: str) -> None:
        self._lines.append((Content.styled(text, "bold $primary"), False))
        self._targets.append("")

    def _add(self, target: str, word: str, says: str) -> None:
        other = self._taken.get(target, "") if target not in mapping.MANY else ""
        said = f"now '{clean_line(other)[:40]}'" if other else clean_line(says)[:100]
        mark = "▸" if target == self._now else " "
        line = Content.assemble(
            f"{mark} ", (word, "bold"), (f"  {said}" if said else "", "$warning" if other else MUTED)
        )
        self._lines.append((line, True))
        self._targets.append(target)


class Dates(Dialog[str]):
    """Whether the day or the month stands first, where no date tells. Answers `day-first` or `month-first`."""

    BINDINGS: ClassVar[list[BindingType]] = [("q", "leave", "back")]

    def __init__(self, says: str) -> None:
        super().__init__("Dates", " j k move · enter choose · esc back")
        self._says = says

    def body(self) -> ComposeResult:
        """What it is about, and both ways."""
        yield Static(Content(self._says), classes="dialog-about")
        yield Choices(
            [
                (Content("the day: 31/12/2022 is the last of the year"), True),
                (Content("the month: 12/31/2022 is"), True),
            ],
            id="orders",
        )

    def on_mount(self) -> None:
        """Nothing is likelier: begin with the first."""
        self.query_one(Choices).focus()
        self.query_one(Choices).highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer, unless it came with a paste."""
        event.stop()
        if not looks_pasted(self.app):
            self.dismiss((DAY_FIRST, MONTH_FIRST)[event.option_index])


def named(target: str) -> str:
    """Return what a column is in the words of the screen."""
    if target.startswith(APPLICANT):
        return f"applicant: {target.removeprefix(APPLICANT)}"
    if target.startswith(ANSWER):
        return f"answer: {target.removeprefix(ANSWER)}"
    return _WORDS.get(target, target)
