"""What an import will do, before it does it: who is new, changed, left out and why, and who may be one person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.style import Style
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from callforth.errors import CallforthError
from callforth.model.text import clean_line, counted
from callforth.screens.actions import Action
from callforth.screens.dialogs.mapping import plain
from callforth.screens.themes import MUTED
from callforth.screens.typing import looks_pasted
from callforth.screens.widgets.bars import KeyBar
from callforth.screens.widgets.choices import Choices
from callforth.workflow.intake import planning
from callforth.workflow.intake.duplicates import Duplicate, Person
from callforth.workflow.intake.mapping import APPLICANT
from callforth.workflow.intake.planning import Item, Plan

KEEP, JOIN, LEAVE = "keep", "join", "leave"
_SAYS = {KEEP: "b keep", JOIN: "o join", LEAVE: "l leave out"}
_MOST_SHOWN = 200  # of each kind
_CHOICE = "choice"
_ORDER = (planning.REFUSED, planning.CHANGED, planning.INCOMPLETE, planning.LEFT_OUT, planning.NEW)


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of an import: `same` by row (see `planning.Options`), and what else to take in."""

    same: Mapping[int, str] = field(default_factory=dict)
    incomplete: bool = False
    decided: bool = False


Again = Callable[[Said], Awaitable[Plan]]


class _Lines(Choices):
    """The lines; a click on a choice makes it."""

    def on_click(self, event: events.Click) -> None:
        """As in any list to choose from, but that a click on a choice makes it."""
        choice = event.style.meta.get(_CHOICE)
        if choice is None or not isinstance(self.screen, ImportPlan):
            super().on_click(event)
            return
        event.prevent_default()
        self.highlighted = event.style.meta.get("option")
        self.screen.action_say(choice)


class ImportPlan(ModalScreen[Plan | None]):
    """All of the plan; answers with it to have it done, None to leave it, or to see the `columns` again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q", "leave", "back"),
        Binding("ctrl+c", "leave", show=False, priority=True),
        ("y", "go"),
        ("m", "columns"),
        ("b", f"say('{KEEP}')"),
        ("o", f"say('{JOIN}')"),
        ("l", f"say('{LEAVE}')"),
        ("d", "take('decided')"),
        ("i", "take('incomplete')"),
        ("n", "next"),
    ]

    def __init__(self, name: str, plan: Plan, said: Said, again: Again) -> None:
        """`name` is the file's; `again` works the plan out anew after something else was said."""
        super().__init__()
        self._name, self._again = name, again
        self.plan, self.said = plan, said
        self.columns = False
        # All pairs ever found: of a row that is joined or left out, the plan has none any more.
        self._pairs: dict[tuple[int, str], Duplicate] = {}
        self._shown: list[tuple[str, Duplicate | None]] = []  # of each line, what it says in full, and the pair it is
        self._looking = False
        self._rows = {one.row: one for one in plan.export.submissions}

    def compose(self) -> ComposeResult:
        """What it comes to, every row that matters, a line of help, the keys."""
        yield Static("", id="import-sum", markup=False)
        yield _Lines([], id="import-list")
        yield Static("", id="import-hint", markup=False)
        yield KeyBar(id="import-keys")

    def on_mount(self) -> None:
        """Begin at the top."""
        self.query_one(Choices).focus()
        self._show()
        self._tell(self._first_words())

    def _first_words(self) -> str:
        if not self.plan.writes:
            return "There is nothing to import: all of it is here already, or left out."
        if self._pairs:
            return "Some may be here already: say of each whether to keep both, join them, or leave the row out."
        return "Nothing is written yet."

    def on_resize(self) -> None:
        """Cut the lines to the new width."""
        self._show()

    # What is shown

    def _show(self) -> None:
        """Show the plan as it is now; the line under the cursor stays."""
        plan, choices = self.plan, self.query_one(Choices)
        for pair in plan.duplicates:
            self._pairs.setdefault((pair.one.row, _other(pair)), pair)
        counts = [(len(plan.of(what)), what) for what in planning.WORDS]
        head = " · ".join(f"{count} {what}" for count, what in counts if count)
        self.query_one("#import-sum", Static).update(Content.styled(f" {head}", "bold"))
        choices.border_title = Content(f"{self._name} → {plan.meeting.id}")
        choices.border_subtitle = Content(f"{plan.export.kind} · {counted(len(plan.export.submissions), 'row')}")
        at = choices.highlighted
        self._shown, options = [], []
        for content, says, about, choosable in self._lines():
            options.append(Option(content, disabled=not choosable))
            self._shown.append((says, about))
        scroll = choices.scroll_offset
        choices.clear_options()
        choices.add_options(options)
        if at is not None and at < len(options) and not options[at].disabled:
            choices.highlighted = at
            choices.scroll_to(scroll.x, scroll.y, animate=False, immediate=True)
        else:
            choices.action_first()
        self._show_keys()

    def _lines(self) -> Iterator[tuple[Content, str, Duplicate | None, bool]]:
        """Yield all lines: how each looks, what it says in full, the pair it is, and whether the cursor stops there."""
        plan = self.plan
        if plan.notes:
            yield from self._head("to note", len(plan.notes))
            for note in plan.notes:
                yield Content(f"  {clean_line(note)}"), clean_line(note), None, True
        here = [pair for pair in self._pairs.values() if pair.other.meeting == plan.meeting.id]
        yield from self._section("perhaps the same person", here)
        for what in _ORDER:
            items = plan.of(what)
            if items:
                yield from self._head(what, len(items))
            for item in items[:_MOST_SHOWN]:
                content = self._item(item)
                yield content, content.plain.strip(), None, True
            yield from self._more(len(items))
        elsewhere = [pair for pair in self._pairs.values() if pair.other.meeting != plan.meeting.id]
        yield from self._section("perhaps applied to another meeting too", elsewhere)
        for title, labels in (("kept under their own heading", plan.extra), ("columns left out", plan.ignored)):
            if labels:
                yield from self._head(title, len(labels))
                said = clean_line("; ".join(labels))
                yield Content(f"  {said}"), said, None, True

    def _section(self, title: str, pairs: Sequence[Duplicate]) -> Iterator[tuple[Content, str, Duplicate | None, bool]]:
        if pairs:
            yield from self._head(title, len(pairs))
        for pair in pairs[:_MOST_SHOWN]:
            yield self._pair(pair), pair.says, pair, True
        yield from self._more(len(pairs))

    def _head(self, title: str, count: int) -> Iterator[tuple[Content, str, None, bool]]:
        yield Content.styled(f"{title}  {count}", "bold $primary"), "", None, False

    def _more(self, count: int) -> Iterator[tuple[Content, str, None, bool]]:
        if count > _MOST_SHOWN:
            yield Content.styled(f"  … and {count - _MOST_SHOWN} more", MUTED), "", None, False

    def _item(self, item: Item) -> Content:
        name = self._named(item.row)
        why = plain(item.why) if item.why else ", ".join(item.fields)
        there = "" if item.what == planning.NEW else item.id
        return Content.assemble(
            (f"  row {item.row:<5}", MUTED),
            (f" {there}" if there else ""),
            f" {name}",
            (f"  {why}" if why else "", MUTED),
        )

    def _named(self, row: int) -> str:
        """Return who sent a row, as it is written there."""
        one = self._rows.get(row)
        keys = (self.plan.targets.column(APPLICANT + name) for name in ("name", "organisation"))
        said = [clean_line(one.cells.get(key, ""))[:40] for key in keys if key] if one else []
        return " · ".join(part for part in said if part)

    def _pair(self, pair: Duplicate) -> Content:
        row, other = _who(pair.one), _who(pair.other)
        place = f"row {pair.other.row}" if pair.other.row else pair.other.id
        where = "" if pair.other.meeting == self.plan.meeting.id else f" · {pair.other.meeting}"
        now = self._choice(pair)
        words = [_word(one, one == now) for one in self._choices(pair)]
        lines = [
            Content.assemble((f"  row {pair.one.row:<5} ", MUTED), row),
            Content.assemble((f"  {place:<9} ", MUTED), other, (where, MUTED)),
            Content("").join([Content.styled(f"  {pair.why} ({pair.score}) ", MUTED), *words]),
        ]
        room = max(self.size.width - 6, 20)
        return Content("\n").join([one.truncate(room, ellipsis=True) for one in lines])

    def _choices(self, pair: Duplicate) -> tuple[str, ...]:
        joins = pair.other.meeting == self.plan.meeting.id and not pair.other.row
        return (KEEP, JOIN, LEAVE) if joins else (KEEP, LEAVE)

    def _choice(self, pair: Duplicate) -> str:
        said = self.said.same.get(pair.one.row)
        if said is None:
            return KEEP
        return LEAVE if not said else JOIN if said == pair.other.id else ""

    def _show_keys(self) -> None:
        count = len(self.plan.writes)
        keys = [Action("go", ("y",), "", "", "", f"import {count}", narrow=True)] if count else []
        if self._pairs:
            keys.append(Action("next", ("n",), "", "", "", "next pair", narrow=True))
            keys += [Action(f"say('{one}')", (word[0],), "", "", "", word[2:]) for one, word in _SAYS.items()]
        if self.said.decided or any("--decided" in item.why for item in self.plan.of(planning.REFUSED)):
            keys.append(Action("take('decided')", ("d",), "", "", "", self._turned("decided ones too", "decided")))
        if self.said.incomplete or self.plan.of(planning.INCOMPLETE):
            keys.append(Action("take('incomplete')", ("i",), "", "", "", self._turned("incomplete too", "incomplete")))
        keys.append(Action("columns", ("m",), "", "", "", "columns", narrow=True))
        keys.append(Action("leave", ("escape",), "", "", "", "back", narrow=True))
        self.query_one(KeyBar).show(keys)

    def _turned(self, label: str, name: str) -> str:
        return f"{'without' if getattr(self.said, name) else 'take'} {label.removesuffix(' too')}"

    def _tell(self, text: str, error: bool = False) -> None:
        hint = self.query_one("#import-hint", Static)
        hint.set_class(error, "-error")
        hint.update(Content(f" {text}"))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say the whole of a line that may be cut."""
        says = self._shown[event.option_index][0]
        if len(says) > self.size.width - 6:
            self._tell(says)

    # Keys

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """A key in the bar was clicked."""
        await self.run_action(event.action)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter on a pair: the next choice."""
        pair = self._shown[event.option_index][1]
        if pair is not None:
            there = self._choices(pair)
            now = self._choice(pair)
            self.action_say(there[(there.index(now) + 1) % len(there)] if now in there else KEEP)

    def action_next(self) -> None:
        """To the next pair, or the first one."""
        choices = self.query_one(Choices)
        pairs = [at for at, (_, pair) in enumerate(self._shown) if pair is not None]
        at = choices.highlighted or 0
        choices.highlighted = next((one for one in pairs if one > at), pairs[0] if pairs else choices.highlighted)

    def action_say(self, choice: str) -> None:
        """Keep both of the pair under the cursor, join them, or leave the row out."""
        at = self.query_one(Choices).highlighted
        pair = self._shown[at][1] if at is not None and at < len(self._shown) else None
        if pair is None:
            self._tell("That is about a pair that may be one person; n goes to the next one.")
            return
        if choice not in self._choices(pair):
            where = "in the same file" if pair.other.row else f"at {pair.other.meeting}"
            self._tell(f"The other one is {where}: keep both, or leave the row out.", error=True)
            return
        same = {row: said for row, said in self.said.same.items() if row != pair.one.row}
        if choice != KEEP:
            same[pair.one.row] = pair.other.id if choice == JOIN else ""
        self._look(replace(self.said, same=same))

    def action_take(self, name: str) -> None:
        """Take in also what is incomplete, or changes of what was decided; or not any more."""
        said = self.said
        decided, incomplete = said.decided != (name == "decided"), said.incomplete != (name == "incomplete")
        self._look(replace(said, decided=decided, incomplete=incomplete))

    def _look(self, said: Said) -> None:
        if not self._looking and not looks_pasted(self.app):
            self._find_out(said)

    @work(group="look")
    async def _find_out(self, said: Said) -> None:
        self._looking = True
        self._tell("looking again …")
        try:
            self.plan = await self._again(said)
        except CallforthError as error:
            self._tell(plain(error.says), error=True)
        else:
            self.said = said
            self._tell("")
            self._show()
        finally:
            self._looking = False

    def action_go(self) -> None:
        """Have it done, unless it came with a paste."""
        if self._looking or looks_pasted(self.app):
            return
        if self.plan.writes:
            self.dismiss(self.plan)
        else:
            self._tell("There is nothing to import: all of it is here already, or left out.", error=True)

    def action_columns(self) -> None:
        """Back to what each column is."""
        if not self._looking:
            self.columns = True
            self.dismiss(None)

    def action_leave(self) -> None:
        """Leave it; nothing is imported."""
        self.dismiss(None)


def _other(pair: Duplicate) -> str:
    return f"row {pair.other.row}" if pair.other.row else pair.other.id


def _who(one: Person) -> str:
    said = (clean_line(one.name)[:40], clean_line(one.email)[:60], clean_line(one.organisation)[:40])
    return " · ".join(part for part in said if part)


def _word(choice: str, chosen: bool) -> Content:
    text = _SAYS[choice]
    shown = Content.styled(f"[{text}]", "bold $success") if chosen else Content(f" {text} ")
    return shown.stylize(Style.from_meta({_CHOICE: choice})).append(" ")
