"""What `callforth import` asks at a terminal: what columns are, how dates are meant, and who may be one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from callforth.cli.common import narrate
from callforth.errors import UsageError
from callforth.model.text import clean_line

if TYPE_CHECKING:
    from callforth.model.intake import Column, Export
    from callforth.model.meeting import Meeting
    from callforth.workflow.intake.mapping import Targets
    from callforth.workflow.intake.planning import Options, Plan
    from callforth.workflow.workspace import Workspace

_SAMPLES = 3
WIDE = 60


def columns(export: Export, meeting: Meeting, said: Mapping[str, str], asks: bool) -> Targets:
    """Ask what the columns are that are not clear, until an import can be made of it; return what each is.

    `said` was said before, by the columns' names or keys; with `asks` a column may be a new question of the call.
    """
    from callforth.workflow.intake import mapping

    answers = {mapping.column_of(export, name).key: target for name, target in said.items()}
    targets = mapping.propose(export, meeting, answers, asks)
    sure = [key for key, target in targets.to.items() if key not in targets.guessed and target != mapping.EXTRA]
    look = [one for one in mapping.unclear(export, meeting, targets) if one.key not in {*sure, *answers}]
    wrong = _wrong(export, targets, meeting)
    if not look and not wrong:
        return targets
    if wrong:
        narrate(f"{wrong}.\n")
    can_be = ", ".join(mapping.choices(meeting, asks))
    narrate(f"What is each column? One of {can_be}. Enter keeps what is in brackets.")
    if asks:
        narrate("'question' is one that the call asks from now on.")
    if not _is_timed(export, targets):
        narrate("Nothing tells when each was sent: if a column does, that is 'received'.")
    while True:
        for column in look or export.columns:
            answer = _ask(export, meeting, column, answers.get(column.key) or targets.to[column.key], asks)
            once = answer not in (mapping.EXTRA, mapping.IGNORE, mapping.QUESTION, "applicant.name")
            for other in export.columns if once else ():
                if other.key != column.key and targets.to[other.key] == answer:
                    narrate(f"  {mapping.called(other, export)} was that; it is an answer of its own now")
                    answers[other.key] = mapping.EXTRA
            answers[column.key] = answer
            targets = mapping.propose(export, meeting, answers, asks)
        wrong = _wrong(export, targets, meeting)
        if not wrong:
            return targets
        narrate(f"\n{wrong}. Once more:")
        look = []


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


def _ask(export: Export, meeting: Meeting, column: Column, now: str, asks: bool) -> str:
    """Ask what one column is, with what some people wrote there; a wrong word is told, and it is asked again."""
    from callforth.workflow.intake import mapping

    def target(typed: str) -> str:
        try:
            return typed if typed == now else mapping.check(typed, meeting, asks)
        except UsageError as error:
            raise click.UsageError(error.says) from None

    narrate(f"\n{clean_line(mapping.called(column, export))[:WIDE]}")
    for text in [text for one in export.submissions if (text := one.cells.get(column.key, ""))][:_SAMPLES]:
        narrate(f"    {clean_line(text)[:WIDE]}")
    answer: str = click.prompt("  is", default=now, err=True, value_proc=target)
    return answer


def plan(
    workspace: Workspace, meeting: Meeting, export: Export, targets: Targets, options: Options
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
    options = replace(options, dates=order)
    return planning.plan(workspace, meeting, export, targets, options), options


def pairs(plan: Plan, said: Mapping[int, str]) -> dict[int, str]:
    """Ask about rows that may be of somebody who is here already: keep both, join them, or leave the row out.

    `said` was said before. Returns by row what it is a newer version of, '' where it is left out.
    """
    answers: dict[int, str] = {}
    asked = set(said)
    for pair in plan.duplicates:
        row = pair.one.row
        if row in asked:
            continue
        asked.add(row)
        choices = ["keep", "join", "leave", "keep-all"] if pair.joins else ["keep", "leave", "keep-all"]
        narrate(f"\n{pair.says}")
        for one in (pair.one, pair.other):
            narrate(f"    {clean_line(one.name)[:30]:<30}  {one.email[:30]:<30}  {clean_line(one.organisation)[:30]}")
        ways = "keep both, join them into one, or leave the row out" if pair.joins else "keep it, or leave the row out"
        answer = click.prompt(f"  {ways}", type=click.Choice(choices), default="keep", err=True)
        if answer == "keep-all":
            break
        if answer != "keep":
            answers[row] = pair.other.known_by if answer == "join" else ""
    return answers
