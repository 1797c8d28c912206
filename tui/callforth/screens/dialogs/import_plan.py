"""What an import will do, before it does it: who is new, changed, left out and why, and who may be one person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from callforth.errors import CallforthError
from callforth.model.text import clean_line, counted
from callforth.screens.actions import bar_key
from callforth.screens.dialogs.base import Window
from callforth.screens.dialogs.mapping import of_the_form, plain
from callforth.screens.dialogs.pair import Both, Sent
from callforth.screens.themes import MUTED
from callforth.screens.typing import looks_pasted
from callforth.screens.widgets.bars import KeyBar
from callforth.screens.widgets.choices import Choices
from callforth.screens.widgets.fields import CLICKED, cell
from callforth.workflow.intake import items
from callforth.workflow.intake.duplicates import Duplicate, Person
from callforth.workflow.intake.items import Item
from callforth.workflow.intake.mapping import APPLICANT
from callforth.workflow.intake.planning import Plan

KEEP, JOIN, LEAVE = "keep", "join", "leave"
_SAYS = {KEEP: "b keep", JOIN: "o join", LEAVE: "l leave out"}
_MOST_SHOWN = 200  # of each kind
# What else can be taken in: its key, what `Said` and rows call it, and what the screen does.
_MORE = (("d", "decided", "decided ones"), ("i", "incomplete", "incomplete"), ("r", "again", "removed ones"))
_ORDER = (items.REFUSED, items.CHANGED, items.JOINED, items.INCOMPLETE, items.LEFT_OUT, items.NEW)


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of an import: `same` by row (see `planning.Options`), and what else to take in."""

    same: Mapping[int, str] = field(default_factory=dict)
    incomplete: bool = False
    decided: bool = False
    again: bool = False


Again = Callable[[Said], Awaitable[Plan]]
_Line = tuple[Content, Duplicate | None, bool]
"""How a line looks, the pair it is, and whether the cursor stops there."""
WhatWasSent = Callable[[Plan, Person], Awaitable[Sent]]


class _Lines(Choices):
    """The lines; a click on a choice makes it."""

    def on_click(self, event: events.Click) -> None:
        """As in any list to choose from, but that a click on a choice makes it."""
        choice = event.style.meta.get(CLICKED)
        if choice is None or not isinstance(self.screen, ImportPlan):
            super().on_click(event)
            return
        event.prevent_default()
        self.highlighted = event.style.meta.get("option")
        self.screen.action_say(choice)


class ImportPlan(Window[Plan]):
    """All of the plan; answers with it to have it done, None to leave it, or to see the `columns` again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("q", "leave", "back"),
        ("y", "go"),
        ("m", "columns"),
        ("b", f"say('{KEEP}')"),
        ("o", f"say('{JOIN}')"),
        ("l", f"say('{LEAVE}')"),
        ("d", "take('decided')"),
        ("i", "take('incomplete')"),
        ("r", "take('again')"),
        ("n", "next"),
        ("v", "answers"),
    ]

    def __init__(
        self,
        name: str,
        plan: Plan,
        said: Said,
        again: Again,
        sent: WhatWasSent,
        before: Iterable[Duplicate],
        from_columns: bool,
    ) -> None:
        """`name` is the file's; `again` works the plan out anew after something else was said.

        `sent` tells what one of a pair has sent. `before` are the pairs shown until the columns were seen again.
        `from_columns` is whether somebody has looked at them, so that back is there.
        """
        super().__init__()
        self._name, self._again, self._sent = name, again, sent
        self.plan, self.said = plan, said
        self.columns, self._from_columns = False, from_columns
        # All pairs ever found: of a row that is joined or left out, the plan has none any more.
        self._pairs = {(pair.one.row, _other(pair)): pair for pair in before if pair.one.row in said.same}
        self._shown: list[Duplicate | None] = []  # of each line, the pair it is
        self._looking = False
        self._rows = {one.row: one for one in plan.export.submissions}

    def compose(self) -> ComposeResult:
        """What it comes to, every row that matters, a line of help, the keys."""
        yield Static("", id="import-sum", markup=False)
        yield _Lines([], id="import-list")
        yield Static("", id="import-hint", classes="window-hint", markup=False)
        yield KeyBar(id="import-keys")

    def on_mount(self) -> None:
        """Begin at the top."""
        self.query_one(Choices).focus()
        self._show()
        self.tell(self._first_words())

    def _first_words(self) -> str:
        if not self.plan.writes:
            return self._nothing()
        if self._pairs:
            return "Some may be here already: of each, keep both, join them, or leave it out."
        return "Nothing is written yet."

    def _nothing(self) -> str:
        refused = "refused, " if self.plan.of(items.REFUSED) else ""
        return f"There is nothing to import: all of it is here already, {refused}or left out."

    @property
    def pairs(self) -> list[Duplicate]:
        """All pairs that may be one person, with those of which something was said."""
        return list(self._pairs.values())

    # What is shown

    def _show(self) -> None:
        """Show the plan as it is now; the line under the cursor stays."""
        plan, choices = self.plan, self.query_one(Choices)
        for pair in plan.duplicates:
            self._pairs.setdefault((pair.one.row, _other(pair)), pair)
        counts = [(len(plan.of(what)), what) for what in items.WORDS]
        head = " · ".join(f"{count} {what}" for count, what in counts if count)
        self.query_one("#import-sum", Static).update(Content.styled(f" {head}", "bold"))
        choices.border_title = Content(f"{self._name} → {plan.meeting.id}")
        choices.border_subtitle = Content(f"{plan.export.program} · {counted(len(plan.export.submissions), 'row')}")
        at = choices.highlighted
        self._shown, options = [], []
        for content, pair_shown, choosable in self._lines():
            options.append(Option(content, disabled=not choosable))
            self._shown.append(pair_shown)
        scroll = choices.scroll_offset
        choices.clear_options()
        choices.add_options(options)
        if at is not None and at < len(options) and not options[at].disabled:
            choices.highlighted = at
            choices.scroll_to(scroll.x, scroll.y, animate=False, immediate=True)
        else:
            choices.action_first()
        self._show_keys()

    def _lines(self) -> Iterator[_Line]:
        """Yield all lines."""
        plan = self.plan
        if plan.notes:
            yield from self._head("to note", len(plan.notes))
            for note in plan.notes:
                yield Content(f"  {clean_line(note)}"), None, True
        here = [pair for pair in self._pairs.values() if pair.joins]
        yield from self._section("perhaps the same person", here)
        for what in _ORDER:
            found = plan.of(what)
            if found:
                yield from self._head(what, len(found))
            for item in found[:_MOST_SHOWN]:
                yield self._item(item), None, True
            yield from self._more(len(found))
        elsewhere = [pair for pair in self._pairs.values() if not pair.joins]
        yield from self._section("perhaps applied to another meeting too", elsewhere)
        own = [one.label for one in plan.export.columns if of_the_form(one, plan.targets)]
        others = [label for label in plan.ignored if label not in own]
        for title, labels in (
            ("kept under their own heading", plan.extra),
            ("columns of the form itself", own),
            ("columns left out", others),
        ):
            if labels:
                yield from self._head(title, len(labels))
                yield Content(f"  {clean_line('; '.join(labels))}"), None, True

    def _section(self, title: str, pairs: Sequence[Duplicate]) -> Iterator[_Line]:
        if pairs:
            yield from self._head(title, len(pairs))
        for pair in pairs[:_MOST_SHOWN]:
            yield self._pair(pair), pair, True
        yield from self._more(len(pairs))

    def _head(self, title: str, count: int) -> Iterator[_Line]:
        yield Content.styled(f"{title}  {count}", "bold $primary"), None, False

    def _more(self, count: int) -> Iterator[_Line]:
        if count > _MOST_SHOWN:
            yield Content.styled(f"  … and {count - _MOST_SHOWN} more", MUTED), None, False

    def _item(self, item: Item) -> Content:
        name = self._named(item.row)
        why = item.why or ", ".join(item.fields)
        there = "" if item.what == items.NEW else item.id
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
        where = "" if pair.joins else f" · {pair.other.meeting}"
        now = self._choice(pair)
        words = [cell(_SAYS[one], one, one == now).append(" ") for one in self._choices(pair)]
        lines = [
            Content.assemble((f"  row {pair.one.row:<5} ", MUTED), row),
            Content.assemble((f"  {place:<9} ", MUTED), other, (where, MUTED)),
            Content("").join([Content.styled(f"  {pair.why} ({pair.score}) ", MUTED), *words]),
        ]
        return Content("\n").join(lines)

    @staticmethod
    def _choices(pair: Duplicate) -> tuple[str, ...]:
        return (KEEP, JOIN, LEAVE) if pair.joins else (KEEP, LEAVE)

    def _choice(self, pair: Duplicate) -> str:
        said = self.said.same.get(pair.one.row)
        if said == "":
            return LEAVE
        return JOIN if said == pair.other.known_by else KEEP  # one that is joined with another stays two with this one

    def _show_keys(self) -> None:
        count = len(self.plan.writes)
        keys = [bar_key("go", "y", f"import {count}")] if count else []
        if self._pairs:
            keys.append(bar_key("next", "n", "next pair"))
            keys.append(bar_key("answers", "v", "answers of both", narrow=False))
            keys += [bar_key(f"say('{one}')", word[0], word[2:], narrow=False) for one, word in _SAYS.items()]
        waiting = {item.option for item in self.plan.items}
        for key, name, label in _MORE:
            taken = getattr(self.said, name)
            if taken or name in waiting:
                turned = f"{'without' if taken else 'take'} {label}"
                keys.append(bar_key(f"take('{name}')", key, turned, narrow=False))
        keys.append(bar_key("columns", "m", "columns"))
        keys.append(bar_key("leave", "escape", "back"))
        self.query_one(KeyBar).show(keys)

    # Keys

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter on a pair: the next choice."""
        pair = self._shown[event.option_index]
        if pair is not None:
            there = self._choices(pair)
            now = self._choice(pair)
            self.action_say(there[(there.index(now) + 1) % len(there)])

    def action_next(self) -> None:
        """To the next pair, or the first one."""
        choices = self.query_one(Choices)
        pairs = [at for at, pair in enumerate(self._shown) if pair is not None]
        at = choices.highlighted or 0
        choices.highlighted = next((one for one in pairs if one > at), pairs[0] if pairs else choices.highlighted)

    def _here(self) -> Duplicate | None:
        """Return the pair under the cursor; where there is none, say that it takes one."""
        at = self.query_one(Choices).highlighted
        pair = self._shown[at] if at is not None and at < len(self._shown) else None
        if pair is None:
            self.tell("That is about a pair that may be one person; n goes to the next one.")
        return pair

    @work(group="look")
    async def action_answers(self) -> None:
        """Show what both of the pair under the cursor have sent."""
        pair = self._here()
        if pair is None or self._looking:
            return
        try:
            one, other = [await self._sent(self.plan, person) for person in (pair.one, pair.other)]
        except CallforthError as error:
            self.tell(plain(error), error=True)
        else:
            self.app.push_screen(Both((f"row {pair.one.row}", one), (_other(pair), other)))

    def action_say(self, choice: str) -> None:
        """Keep both of the pair under the cursor, join them, or leave the row out."""
        pair = self._here()
        if pair is None:
            return
        if choice not in self._choices(pair):
            self.tell(f"The other one is at {pair.other.meeting}: keep both, or leave the row out.", error=True)
            return
        if choice == KEEP and self.said.same.get(pair.one.row, "") not in ("", pair.other.known_by):
            to = self.said.same[pair.one.row]
            self.tell(f"Row {pair.one.row} is joined with {'row ' * to.isdecimal()}{to}: b there keeps both.")
            return
        same = {row: said for row, said in self.said.same.items() if row != pair.one.row}
        if choice != KEEP:
            same[pair.one.row] = pair.other.known_by if choice == JOIN else ""
        self._look(replace(self.said, same=same))

    def action_take(self, name: str) -> None:
        """Take in also what is incomplete, changes of what was decided, or what was removed; or not any more."""
        turned = (getattr(self.said, one) != (one == name) for one in ("incomplete", "decided", "again"))
        self._look(Said(self.said.same, *turned))

    def _look(self, said: Said) -> None:
        if not self._looking and not looks_pasted(self.app):
            self._find_out(said)

    @work(group="look")
    async def _find_out(self, said: Said) -> None:
        self._looking = True
        self.tell("looking again …")
        try:
            self.plan = await self._again(said)
        except CallforthError as error:
            self.tell(plain(error), error=True)
        else:
            self.said = said
            self.tell("")
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
            self.tell(self._nothing(), error=True)

    def action_leave(self) -> None:
        """One step back: to the columns, with all that was said of them, where one comes from there."""
        if self._from_columns:
            self.action_columns()
        else:
            super().action_leave()

    def action_columns(self) -> None:
        """Back to what each column is."""
        if not self._looking:
            self.columns = True
            self.dismiss(None)


def _other(pair: Duplicate) -> str:
    return f"row {pair.other.row}" if pair.other.row else pair.other.id


def _who(one: Person) -> str:
    said = (clean_line(one.name)[:40], clean_line(one.email)[:60], clean_line(one.organisation)[:40])
    return " · ".join(part for part in said if part)
