"""What `callforth import` asks at a terminal: what columns are, how dates are meant, and who may be one person."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING

import click

from callforth.cli.common import narrate
from callforth.errors import UsageError
from callforth.model.text import clean_line, fold

if TYPE_CHECKING:
    from callforth.model.intake import Column, Export
    from callforth.model.meeting import Meeting
    from callforth.workflow.intake.duplicates import Duplicate
    from callforth.workflow.intake.mapping import Targets
    from callforth.workflow.intake.planning import Options, Plan
    from callforth.workflow.workspace import Workspace

_SAMPLES = 3
_MOST_ALIKE = 5
_BACK = "back"
_LONG = 40  # so much is written on average where somebody was asked to tell something
WIDE = 60


@dataclass
class Heard:
    """What was answered so far: by column what it is, how dates are meant, and by row whose it is ('' to skip it)."""

    columns: dict[str, str] = field(default_factory=dict)
    dates: str = ""
    same: dict[int, str] = field(default_factory=dict)

    def options(self, export: Export) -> str:
        """Return it as options of the command, '' where nothing was answered."""
        words = [word for key, target in self.columns.items() for word in ("--map", f"{_name(key, export)}={target}")]
        words += ["--dates", self.dates] if self.dates else []
        for row, name in self.same.items():
            words += ["--same", f"{row}={name}"] if name else ["--skip", str(row)]
        return shlex.join(words)


def _name(key: str, export: Export) -> str:
    """Return what `--map` calls a column: its heading, where that names no other one too, else its key."""
    from callforth.workflow.intake import mapping

    label = next(one.label for one in export.columns if one.key == key)
    with suppress(mapping.BadMapping):
        return label if label.strip() and mapping.column_of(export, label).key == key else key
    return key


def columns(export: Export, meeting: Meeting, said: Mapping[str, str], asks: bool, heard: Heard) -> Targets:
    """Ask what the columns are that are not clear, until an import can be made of it; return what each is.

    `said` was said before, by the columns' names or keys; with `asks` a column may be a new question of the call. What
    is answered is in `heard` at once, so that it can be told where it ends midway.
    """
    from callforth.workflow.intake import mapping

    before = {mapping.column_of(export, name).key: target for name, target in said.items()}
    targets = mapping.propose(export, meeting, before, asks)
    sure = [key for key, target in targets.to.items() if key not in targets.guessed and target != mapping.EXTRA]
    look = [one for one in mapping.unclear(export, meeting, targets) if one.key not in {*sure, *before}]
    wrong = _wrong(export, targets, meeting)
    if not look and not wrong:
        return targets
    _explain(export, meeting, targets, asks, wrong)
    while True:
        targets = _ask_all(look or export.columns, export, meeting, targets, asks, before, heard)
        wrong = _wrong(export, targets, meeting)
        if not wrong:
            return targets
        narrate(f"\n{wrong}. Once more:")
        look = []


def _explain(export: Export, meeting: Meeting, targets: Targets, asks: bool, wrong: str) -> None:
    from callforth.workflow.intake import mapping

    narrate(f"Into {meeting.id}: {clean_line(meeting.title)[:WIDE]}")
    if wrong:
        narrate(f"{wrong}.\n")
    can_be = ", ".join(mapping.choices(meeting, asks))
    narrate(f"What is each column? One of {can_be}. Enter keeps what is in brackets, '{_BACK}' goes to the one before.")
    if asks:
        narrate("'question' is one that the call asks from now on.")
    if not _is_timed(export, targets):
        narrate("Nothing tells when each was sent: if a column does, that is 'received'.")


def _ask_all(
    look: Sequence[Column],
    export: Export,
    meeting: Meeting,
    targets: Targets,
    asks: bool,
    before: Mapping[str, str],
    heard: Heard,
) -> Targets:
    """Ask what these columns are, one after the other; return what each of all is then."""
    from callforth.workflow.intake import mapping

    at = 0
    while at < len(look):
        column = look[at]
        said = heard.columns.get(column.key) or before.get(column.key)
        now = said or _proposed(column, export, meeting, targets, asks)
        answer = _ask(export, meeting, column, now, asks, first=at == 0)
        if answer == _BACK:
            at -= 1
            continue
        _, other = mapping.turned(export, meeting, targets, column.key, answer)
        if other is not None:
            narrate(f"  {mapping.called(other, export)} was that; it is an answer of its own now")
            heard.columns[other.key] = mapping.EXTRA
        heard.columns[column.key] = answer
        targets = mapping.propose(export, meeting, {**before, **heard.columns}, asks)
        at += 1
    return targets


def _proposed(column: Column, export: Export, meeting: Meeting, targets: Targets, asks: bool) -> str:
    """Return what a column is likely to be; what people wrote much under is asked by a call that is as it was begun."""
    from callforth.workflow.intake import mapping
    from callforth.workflow.meeting_new import asks_the_usual

    target = targets.to[column.key]
    if target != mapping.EXTRA or not asks or not asks_the_usual(meeting):
        return target
    wrote = [len(text) for one in export.submissions if (text := one.cells.get(column.key, ""))]
    return mapping.QUESTION if wrote and sum(wrote) >= _LONG * len(wrote) else target


def _wrong(export: Export, targets: Targets, meeting: Meeting) -> str:
    """Return why no import can be made of these columns, '' where one can."""
    from callforth.workflow.intake import planning
    from callforth.workflow.intake.unsaid import Unsaid

    try:
        planning.check(export, targets, meeting)
    except Unsaid as error:
        return error.what
    return ""


def _is_timed(export: Export, targets: Targets) -> bool:
    return targets.column("received") is not None or any(one.received for one in export.submissions)


def _ask(export: Export, meeting: Meeting, column: Column, now: str, asks: bool, first: bool) -> str:
    """Ask what one column is, with what some people wrote there; a wrong word is told, and it is asked again."""
    from callforth.workflow.intake import mapping

    def target(typed: str) -> str:
        if typed.strip() == _BACK and first:
            raise click.UsageError("there is none before this one")
        try:
            return typed if typed in (now, _BACK) else mapping.check(_whole(typed, meeting, asks), meeting, asks)
        except UsageError as error:
            raise click.UsageError(error.says) from None

    narrate(f"\n{clean_line(mapping.called(column, export))[:WIDE]}")
    for text in [text for one in export.submissions if (text := one.cells.get(column.key, ""))][:_SAMPLES]:
        narrate(f"    {clean_line(text)[:WIDE]}")
    answer: str = click.prompt("  is", default=now, err=True, value_proc=target)
    return answer


def _whole(typed: str, meeting: Meeting, asks: bool) -> str:
    """Return the target that was meant, where it was typed without what stands before the dot, and only one fits."""
    from callforth.workflow.intake import mapping

    names = mapping.choices(meeting, asks)
    wanted = typed.strip()
    fitting = [name for name in names if fold(name.partition(".")[2]) == fold(wanted)] if wanted else []
    if wanted in names or not fitting:
        return wanted
    if len(fitting) > 1:
        raise UsageError(f"'{clean_line(wanted)[:WIDE]}' may be {' or '.join(fitting)}; write all of it")
    return fitting[0]


def plan(
    workspace: Workspace, meeting: Meeting, export: Export, targets: Targets, options: Options, heard: Heard
) -> tuple[Plan, Options]:
    """Work out what importing would do, asking how dates are meant where they do not tell; return what was said too."""
    from callforth.workflow.intake import planning, values

    try:
        return planning.plan(workspace, meeting, export, targets, options), options
    except values.AmbiguousDates as error:
        if options.dates:
            raise
        narrate(f"\n{error.what}.")
    order: str = click.prompt("  dates are", type=click.Choice(values.ORDERS), err=True)
    heard.dates = order
    options = replace(options, dates=order)
    return planning.plan(workspace, meeting, export, targets, options), options


def pairs(plan: Plan, said: Mapping[int, str], heard: Heard) -> dict[int, str]:
    """Ask about rows that may be of somebody who is here already: keep both, join them, or leave the row out.

    Rows that can be joined with one of this meeting come first, each with all that it may be joined with. `said` was
    said before. Returns by row what it is a newer version of, '' where it is left out.
    """
    rows = [(row, list(some)) for row, some in groupby(plan.duplicates, lambda pair: pair.one.row)]
    for row, some in sorted(rows, key=lambda one: not any(pair.joins for pair in one[1])):
        if row in said:
            continue
        here = [pair for pair in some if pair.joins]
        answer = _ask_whose(here or some[:1])
        if answer == "keep-all":
            break
        if answer != "keep":
            heard.same[row] = "" if answer == "leave" else answer
    return heard.same


def _ask_whose(pairs: Sequence[Duplicate]) -> str:
    """Ask whose a row is; return `keep`, `leave`, `keep-all`, or by what the one is named that it is joined with."""
    narrate("")
    names = [pair.other.known_by for pair in pairs if pair.joins]
    for pair in pairs[:_MOST_ALIKE]:
        narrate(pair.says)
    if len(pairs) > _MOST_ALIKE:
        narrate(f"… and {len(pairs) - _MOST_ALIKE} more")
    for one in (pairs[0].one, *(pair.other for pair in pairs[:_MOST_ALIKE])):
        narrate(f"    {clean_line(one.name)[:30]:<30}  {one.email[:30]:<30}  {clean_line(one.organisation)[:30]}")
    choices = ["keep", *(["join"] if len(names) == 1 else names), "leave", "keep-all"]
    ways = "keep it, or leave the row out"
    if len(names) == 1:
        ways = "keep both, join them into one, or leave the row out"
    elif names:
        ways = "keep all, leave the row out, or say with which one it is joined"
    answer: str = click.prompt(f"  {ways}", type=click.Choice(choices), default="keep", err=True)
    return names[0] if answer == "join" else answer
