"""Taking applications in: `callforth import`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

import click

from callforth.cli import import_asking as asking_for
from callforth.cli.common import (
    NobodyToAsk,
    at_home,
    can_ask,
    command,
    complete_meetings,
    confirm,
    json_option,
    narrate,
    narrate_some,
    open_workspace,
    print_json,
    telling,
    yes_option,
)
from callforth.errors import CallforthError, UsageError
from callforth.model.text import clean_line, counted

if TYPE_CHECKING:
    from callforth.model.intake import Export
    from callforth.model.meeting import Meeting
    from callforth.workflow.intake.duplicates import Duplicate
    from callforth.workflow.intake.planning import Options, Plan
    from callforth.workflow.workspace import Workspace

_WIDE = asking_for.WIDE
_MOST_PAIRS = 20
# What takes a row in all the same, by the option of `planning.Options`.
_REMEDIES = {"decided": "; take it all the same with --decided", "again": "; --again {} brings it in"}


@command(
    "import",
    "callforth import stockholm-2022 answers.xlsx --dry-run --dates month-first\n"
    "callforth import answers.csv --map 'Your full name=applicant.name' --dates day-first --yes",
    """Take applications in from a form's export: XLSX, XLS, ODS, CSV in any dialect, JSON, XML, mail.

    What the file is, its content says. It shows what it will do before doing it: who is new, who changed their answers,
    who is left out and why. One commit holds all of it. Importing the same again changes nothing.

    Which column is what is kept in the call for the next time; --map says it. COLUMN is a heading or the start of one,
    TARGET is applicant.NAME (a field of the call, like applicant.email), answer.QUESTION, received, source, extra (an
    answer under its own heading) or ignore. While nobody has applied yet it may be question: the call asks it from
    then on.""",
)
@click.argument("words", nargs=-1, required=True, metavar="[MEETING] FILE", shell_complete=complete_meetings)
@click.option("--map", "pairs", multiple=True, metavar="COLUMN=TARGET", help="What a column is; as often as needed.")
@click.option("--dates", type=click.Choice(["day-first", "month-first"]), help="How 04/05/2022 is meant.")
@click.option("--encoding", metavar="NAME", help="What a CSV is encoded in, like cp1250, if not UTF-8; else guessed.")
@click.option("--incomplete", is_flag=True, help="Take in also what was begun and not sent.")
@click.option("--decided", is_flag=True, help="Take in changes also of applications that were decided on.")
@click.option(
    "--same",
    "sames",
    multiple=True,
    metavar="ROW=ID",
    help="A row is a newer version of an application here, or of an earlier row (ROW=ROW).",
)
@click.option("--skip", "skipped", multiple=True, type=int, metavar="ROW", help="Leave a row out, this time.")
@click.option(
    "--again", "agains", multiple=True, metavar="ROW", help="Bring in a row that was removed here on record; or all."
)
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@yes_option
@json_option
def import_(
    words: tuple[str, ...],
    pairs: tuple[str, ...],
    dates: str | None,
    encoding: str | None,
    incomplete: bool,
    decided: bool,
    sames: tuple[str, ...],
    skipped: tuple[int, ...],
    agains: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Import."""
    from callforth.workflow import intake
    from callforth.workflow.intake import mapping, planning, writing

    if len(words) > 2:
        raise UsageError(f"'{words[2]}' is one too many; say 'callforth import MEETING FILE'")
    workspace = open_workspace()
    meeting = workspace.meeting_or_only(words[0] if len(words) == 2 else None)
    export = intake.read(at_home(words[-1]), meeting, encoding or "")
    said, asks = mapping.by_labels(pairs), not workspace.catalog.rows(meeting.id)
    targets = mapping.propose(export, meeting, said, asks)
    writing.check_call(workspace, meeting, export, targets)
    if not dry_run:
        writing.ready(workspace, meeting, export, targets)  # what stands in the way is told before all questions
    # Of a file that nobody answered in, nothing is asked: it is told below.
    asking, same = bool(export.submissions) and can_ask() and not yes, _same(sames, skipped)
    options = planning.Options(dates or "", incomplete, decided, same, _again(agains, export))
    heard = asking_for.Heard()
    try:
        if asking:
            plan = _asked(workspace, meeting, export, said, asks, options, dry_run, heard)
        else:
            plan = planning.plan(workspace, meeting, export, targets, options)
            _show(plan)
        if dry_run or not plan.writes:
            _report(plan, "", as_json)
            return
        if not yes:
            if not asking:
                raise NobodyToAsk(
                    "there is nobody to ask whether this is right; say --yes to go ahead, or --dry-run to look"
                )
            confirm(f"Import {counted(len(plan.writes), 'application')} into {meeting.id}?")
        with telling("applications") as tell:
            done = writing.write(workspace, plan, progress=tell)
    except (CallforthError, click.Abort, KeyboardInterrupt):
        if options_said := heard.options(export):
            narrate(f"\nwhat you said, for the next time: {options_said}")
        raise
    _report(plan, done.commit, as_json)


def _asked(
    workspace: Workspace,
    meeting: Meeting,
    export: Export,
    said: Mapping[str, str],
    asks: bool,
    options: Options,
    dry_run: bool,
    heard: asking_for.Heard,
) -> Plan:
    """Ask what is not clear, show what would be done, ask who is one person, and return the plan."""
    from callforth.workflow.intake import planning, writing

    targets = asking_for.columns(export, meeting, said, asks, heard)
    writing.check_call(workspace, meeting, export, targets)
    plan, options = asking_for.plan(workspace, meeting, export, targets, options, heard)
    _show(plan)
    if dry_run:
        return plan
    writing.ready(workspace, plan.meeting, export, targets, plan.items)
    if answers := asking_for.pairs(plan, options.same, heard):
        options = replace(options, same={**options.same, **answers})
        plan = planning.plan(workspace, meeting, export, targets, options)
        _show(plan)
    return plan


def _again(rows: Sequence[str], export: Export) -> frozenset[int]:
    wrong = next((row for row in rows if row != "all" and not row.isdecimal()), None)
    if wrong is not None:
        raise UsageError(f"'{clean_line(wrong)[:40]}' is no row; say --again ROW, or --again all")
    every = {one.row for one in export.submissions} if "all" in rows else set()
    return frozenset(every | {int(row) for row in rows if row != "all"})


def _same(pairs: Sequence[str], skipped: Sequence[int]) -> dict[int, str]:
    found = dict.fromkeys(skipped, "")
    for pair in pairs:
        row, equals, name = pair.partition("=")
        if not equals or not row.strip().isdecimal() or not name.strip():
            raise UsageError(f"'{clean_line(pair)[:40]}' is not ROW=ID, as in --same 12=k7m2qx")
        if found.setdefault(int(row), name.strip()) != name.strip():
            raise UsageError(f"of row {int(row)} it was said twice what becomes of it; say one --same or one --skip")
    return found


def _show(plan: Plan) -> None:
    """Tell what will be done, on stderr."""
    from callforth.workflow.intake import items as words
    from callforth.workflow.intake.mapping import called

    export = plan.export
    narrate(f"{export.program}: {counted(len(export.submissions), 'row')}, {counted(len(export.columns), 'column')}")
    for column in export.columns:
        target = plan.targets.to[column.key]
        if target not in ("extra", "ignore"):
            alike = "  (alike)" if column.key in plan.targets.guessed else ""
            narrate(f"  {target:<26} {clean_line(called(column, export))[:_WIDE]}{alike}")
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
    for what in words.WORDS:
        items = plan.of(what)
        if items:
            narrate(f"{len(items):>6} {what}")
        for item in items:
            if item.why:
                remedy = _REMEDIES.get(item.option, "").format(item.row)
                narrate(f"         row {item.row}{f' ({item.id})' if item.id else ''}: {item.why}{remedy}")
            elif what == words.CHANGED:
                narrate(f"         {item.id}: {', '.join(item.fields)}")
    narrate_some(list(_pairs(plan.duplicates)), _MOST_PAIRS, "  … and {} more (--json has all pairs)")


def _pairs(pairs: Sequence[Duplicate]) -> Iterator[str]:
    """Yield who may be one person, a line for each row; those first that can become one with another."""
    rows = [list(some) for _, some in groupby(pairs, lambda pair: pair.one.row)]
    for best, *others in sorted(rows, key=lambda some: not some[0].joins):
        yield f"  perhaps the same person: {best.says}{f'; and {len(others)} more' if others else ''}"


def _report(plan: Plan, commit: str, as_json: bool) -> None:
    from callforth.workflow.intake import items as words

    if as_json:
        done = commit or not plan.writes
        print_json(
            {
                words.NEW: [item.id if done else item.row for item in plan.of(words.NEW)],
                words.CHANGED: [item.id for item in plan.of(words.CHANGED)],
                words.UNCHANGED: [item.id for item in plan.of(words.UNCHANGED)],
                words.REFUSED: [item.id or item.row for item in plan.of(words.REFUSED)],
                words.INCOMPLETE: [item.row for item in plan.of(words.INCOMPLETE)],
                words.JOINED: [item.row for item in plan.of(words.JOINED)],
                "left_out": [item.row for item in plan.of(words.LEFT_OUT)],
                "duplicates": [_duplicate(one) for one in plan.duplicates],
                "commit": commit or None,
            }
        )
    elif commit:
        counts = ", ".join(f"{len(plan.of(what))} {what}" for what in words.WORDS if plan.of(what))
        click.echo(f"{commit[:7]}  {counted(len(plan.writes), 'application')} imported: {counts}")
        narrate(f"'git revert --no-edit {commit[:7]}' takes it back")
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
