"""Taking applications in: `callforth import`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callforth.cli.common import (
    command,
    complete_meetings,
    json_option,
    narrate,
    open_workspace,
    print_json,
    telling,
    yes_option,
)
from callforth.errors import UsageError
from callforth.model.text import clean_line, counted

if TYPE_CHECKING:
    from callforth.model.intake import Export
    from callforth.workflow.intake.duplicates import Duplicate
    from callforth.workflow.intake.mapping import Targets
    from callforth.workflow.intake.planning import Plan

_SAMPLES = 3
_WIDE = 60


class NobodyToAsk(UsageError):
    """Something must be said before an import, and nobody sits at the terminal."""


class Cancelled(UsageError):
    """Whoever was asked said no."""


@command(
    "import",
    "callforth import stockholm-2022 answers.xlsx --dry-run --dates month-first\n"
    "callforth import answers.csv --map 'Your full name=applicant.name' --dates day-first --yes",
    """Take applications in from a form's export: XLSX, XLS, ODS, CSV in any dialect, JSON, XML, mail.

    What the file is, its content says. It shows what it will do before doing it: who is new, who changed their answers,
    who is left out and why. One commit holds all of it. Importing the same again changes nothing.

    Which column is what is kept in the call for the next time; --map says it. COLUMN is a heading or the start of one,
    TARGET is applicant.NAME (a field of the call, like applicant.email), answer.QUESTION, received, source, extra (an
    answer under its own heading) or ignore.""",
)
@click.argument("words", nargs=-1, required=True, metavar="[MEETING] FILE", shell_complete=complete_meetings)
@click.option("--map", "pairs", multiple=True, metavar="COLUMN=TARGET", help="What a column is; as often as needed.")
@click.option("--dates", type=click.Choice(["day-first", "month-first"]), help="How 04/05/2022 is meant.")
@click.option("--incomplete", is_flag=True, help="Take in also what was begun and not sent.")
@click.option("--decided", is_flag=True, help="Take in changes also of applications that were decided on.")
@click.option(
    "--same", "sames", multiple=True, metavar="ROW=ID", help="A row is a newer version of an application here."
)
@click.option("--skip", "skipped", multiple=True, type=int, metavar="ROW", help="Leave a row out, this time.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@yes_option
@json_option
def import_(
    words: tuple[str, ...],
    pairs: tuple[str, ...],
    dates: str | None,
    incomplete: bool,
    decided: bool,
    sames: tuple[str, ...],
    skipped: tuple[int, ...],
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Import."""
    from callforth.workflow import intake
    from callforth.workflow.change import actor
    from callforth.workflow.intake import mapping, planning, writing

    if len(words) > 2:
        raise UsageError(f"'{words[2]}' is one too many; say 'callforth import MEETING FILE'")
    workspace = open_workspace()
    meeting = workspace.meeting_or_only(words[0] if len(words) == 2 else None)
    export = intake.read(Path(words[-1]).expanduser(), meeting)
    said = mapping.by_labels(pairs)
    targets = mapping.propose(export, meeting, said)
    if not dry_run:
        actor(workspace)  # who may not is told so before all questions
    asking = sys.stdin.isatty() and sys.stderr.isatty() and not yes
    if asking and _unclear(export, targets):
        said = said | _dialogue(export, targets, [question.id for question in meeting.questions])
        targets = mapping.propose(export, meeting, said)
    same = dict.fromkeys(skipped, "") | _same(sames)
    options = planning.Options(dates or "", incomplete, decided, same)
    plan = planning.plan(workspace, meeting, export, targets, options)
    _show(plan)
    if asking and not dry_run and (answers := _ask_of(plan, same)):
        plan = planning.plan(workspace, meeting, export, targets, replace(options, same=same | answers))
        _show(plan)
    if dry_run or not plan.writes:
        _report(plan, "", as_json)
        return
    if not yes:
        if not asking:
            raise NobodyToAsk(
                "there is nobody to ask whether this is right; say --yes to go ahead, or --dry-run to look"
            )
        if not click.confirm(f"Import {counted(len(plan.writes), 'application')}?", err=True):
            raise Cancelled("nothing was imported")
    with telling("applications") as tell:
        done = writing.write(workspace, plan, progress=tell)
    _report(plan, done.commit, as_json)


def _unclear(export: Export, targets: Targets) -> bool:
    who = targets.column("applicant.name"), targets.column("applicant.email")
    return who == (None, None) or bool(targets.guessed)


def _dialogue(export: Export, targets: Targets, questions: Sequence[str]) -> dict[str, str]:
    """Ask about the columns that are not sure, each with what some people wrote there."""
    there = ["applicant.name", "applicant.email", *(f"answer.{one}" for one in questions), "extra", "ignore"]
    narrate(
        f"What is each column? One of {', '.join(there)}, or another applicant.FIELD. Enter keeps what is in brackets."
    )
    said: dict[str, str] = {}
    for column in export.columns:
        now = targets.to[column.key]
        if column.key not in targets.guessed and now != "extra":
            continue
        narrate(f"\n{clean_line(column.label)[:_WIDE]}")
        wrote = [text for one in export.submissions if (text := one.cells.get(column.key, ""))][:_SAMPLES]
        for text in wrote:
            narrate(f"    {clean_line(text)[:_WIDE]}")
        answer = click.prompt("  is", default=now, err=True)
        if answer != now:
            said[column.key] = answer
    return said


def _same(pairs: Sequence[str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for pair in pairs:
        row, equals, name = pair.partition("=")
        if not equals or not row.strip().isdecimal() or not name.strip():
            raise UsageError(f"'{clean_line(pair)[:40]}' is not ROW=ID, as in --same 12=k7m2qx")
        found[int(row)] = name.strip()
    return found


def _ask_of(plan: Plan, said: Mapping[int, str]) -> dict[int, str]:
    """Ask about rows that may be of somebody who is here already: keep both, join them, or leave the row out."""
    answers: dict[int, str] = {}
    for pair in plan.duplicates:
        row = pair.one.row
        if row in said or row in answers:
            continue
        joins = pair.other.meeting == plan.meeting.id and not pair.other.row
        choices = ["keep", "join", "leave"] if joins else ["keep", "leave"]
        narrate(f"\n{pair.says}")
        for one in (pair.one, pair.other):
            narrate(f"    {clean_line(one.name)[:30]:<30}  {one.email[:30]:<30}  {clean_line(one.organisation)[:30]}")
        ways = "keep both, join them into one, or leave the row out" if joins else "keep it, or leave the row out"
        answer = click.prompt(f"  {ways}", type=click.Choice(choices),
                              default="keep", err=True)  # fmt: skip
        if answer != "keep":
            answers[row] = pair.other.id if answer == "join" else ""
    return answers


def _show(plan: Plan) -> None:
    """Tell what will be done, on stderr."""
    from callforth.workflow.intake import planning

    export = plan.export
    narrate(f"{export.kind}: {counted(len(export.submissions), 'row')}, {counted(len(export.columns), 'column')}")
    for column in export.columns:
        target = plan.targets.to[column.key]
        if target not in ("extra", "ignore"):
            alike = "  (alike)" if column.key in plan.targets.guessed else ""
            narrate(f"  {target:<26} {clean_line(column.label)[:_WIDE]}{alike}")
    if plan.extra:
        narrate(f"  under their own heading:   {'; '.join(label[:30] for label in plan.extra)}")
    own = [one.label for one in export.columns if one.kind == "meta" and plan.targets.to[one.key] == "ignore"]
    if own:
        narrate(f"  the program's own:         {'; '.join(label[:30] for label in own)}")
    out = [label for label in plan.ignored if label not in own]
    if out:
        narrate(f"  left out:                  {'; '.join(label[:30] for label in out)}")
    for note in plan.notes:
        narrate(f"  note: {note}")
    for what in planning.WORDS:
        items = plan.of(what)
        if items:
            narrate(f"{len(items):>6} {what}")
        for item in items if what in (planning.REFUSED, planning.INCOMPLETE) else ():
            narrate(f"         row {item.row}{f' ({item.id})' if item.id else ''}: {item.why}")
        for item in items if what == planning.CHANGED else ():
            narrate(f"         {item.id}: {', '.join(item.fields)}")
    for one in plan.duplicates:
        narrate(f"  perhaps the same person: {one.says}")


def _report(plan: Plan, commit: str, as_json: bool) -> None:
    from callforth.workflow.intake import planning

    if as_json:
        done = commit or not plan.writes
        print_json(
            {
                planning.NEW: [item.id if done else item.row for item in plan.of(planning.NEW)],
                planning.CHANGED: [item.id for item in plan.of(planning.CHANGED)],
                planning.UNCHANGED: [item.id for item in plan.of(planning.UNCHANGED)],
                planning.REFUSED: [item.id or item.row for item in plan.of(planning.REFUSED)],
                planning.INCOMPLETE: [item.row for item in plan.of(planning.INCOMPLETE)],
                "duplicates": [_duplicate(one) for one in plan.duplicates],
                "commit": commit or None,
            }
        )
    elif commit:
        click.echo(f"{commit[:7]}  {counted(len(plan.writes), 'application')} imported")
    elif plan.writes:
        narrate("nothing was imported (--dry-run)")
    else:
        narrate("there is nothing to import; all of it is here already, or left out")


def _duplicate(pair: Duplicate) -> dict[str, object]:
    return {
        "row": pair.one.row,
        "id": pair.one.id,
        "other": {"row": pair.other.row or None, "id": pair.other.id, "meeting": pair.other.meeting},
        "score": pair.score,
        "why": pair.why,
    }


COMMANDS = (import_,)
