"""Commands that change applications: the nine verbs, tag and undo."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from callforth.cli.common import (
    NobodyToAsk,
    can_ask,
    command,
    complete_ids,
    complete_ids_and_tags,
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
from callforth.cli.ending import drop_output
from callforth.errors import UsageError, WorkspaceError
from callforth.model import person
from callforth.model.status import VERBS, Verb
from callforth.model.text import clean_line, counted

if TYPE_CHECKING:
    from callforth.model.decision import Entry
    from callforth.workflow.change import Change
    from callforth.workflow.workspace import Workspace

_EXAMPLES = {
    "shortlist": "callforth shortlist k7m2qx -m 'Strong on dialogue; compare with the others from Lisbon.'",
    "accept": "callforth accept k7m2qx -m 'Runs dialogue circles; first from Portugal.'\n"
    "callforth accept --where 'tag:first-choice status:shortlisted' -m 'First round.'",
    "waitlist": "callforth waitlist k7m2qx -m 'Next in line if somebody from the south cancels.'",
    "decline": "callforth decline 3fh9td -m 'Offers a product; no practice of their own.'",
    "confirm": "callforth confirm k7m2qx",
    "withdraw": "callforth withdraw k7m2qx -m 'Wrote on 21 September: ill.'",
    "reopen": "callforth reopen k7m2qx -m 'Can come after all.'",
    "attend": "callforth attend --where 'status:confirmed' --yes",
    "miss": "callforth miss k7m2qx",
}

_MOST_TOLD = 20

where_option = click.option(
    "--where", metavar="EXPR", help="All applications that this query finds (see 'callforth list --help')."
)
meeting_option = click.option(
    "--meeting",
    metavar="MEETING",
    shell_complete=complete_meetings,
    help="The meeting that --where looks in.",
)


class SaysNothing(UsageError):
    """A query of which a term finds everything."""


class NotPrinted(WorkspaceError):
    """It was done, and could not be told."""


class NothingNamed(UsageError):
    """Neither ids nor a query that finds something."""


def _verb_command(verb: Verb) -> click.Command:
    @command(
        verb.name,
        _EXAMPLES[verb.name],
        f"{verb.help} The status becomes '{verb.to}'.\n\n    "
        "Several at once are decided all or none, one commit each, after a preview.",
    )
    @click.argument("ids", nargs=-1, metavar="[ID]...", shell_complete=complete_ids)
    @where_option
    @meeting_option
    @click.option(
        "--message",
        "-m",
        "reason",
        default="",
        metavar="WHY",
        help="The reason; it becomes the body of the commit.",
    )
    @click.option("--over-seats", is_flag=True, help="Accept although all seats are taken; the record says so.")
    @yes_option
    @json_option
    def decide_command(
        ids: tuple[str, ...],
        where: str | None,
        meeting: str | None,
        reason: str,
        over_seats: bool,
        yes: bool,
        as_json: bool,
    ) -> None:
        """Decide."""
        from callforth.workflow import decide

        workspace = open_workspace()
        chosen = _chosen(workspace, ids, where, meeting)
        changes = decide.plan(workspace, verb, chosen, reason, over_seats)
        if len(changes) > 1 or where is not None:
            _ask(workspace, changes, f"{verb.name} {counted(len(changes), 'application')}?", yes)
        _report(workspace, decide.decide(workspace, verb.name, chosen, reason, over_seats), as_json)

    return decide_command


class _TagCommand(click.Command):
    """A command to which `-youth-work` is a tag to take away, not the options -y, -o, -u …"""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = [p for p in self.get_params(ctx) if isinstance(p, click.Option)]
        names = {name for p in own for name in p.opts}
        with_value = {name for p in own if not p.is_flag for name in p.opts}
        options: list[str] = []
        words: list[str] = []
        rest = iter(args)
        for word in rest:
            if word == "--":
                words += rest
            elif word.startswith("--") or word in names:
                options.append(word)
                value = next(rest, None) if word in with_value else ""
                if value is None:
                    return super().parse_args(ctx, options)  # which says that the value is missing
                options += [value] if word in with_value else []
            else:
                words.append(word)
        return super().parse_args(ctx, [*options, "--", *words])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        tags = complete_ids_and_tags(ctx, self.params[0], incomplete) if incomplete.startswith("-") else []
        return [*(CompletionItem(tag) for tag in tags), *super().shell_complete(ctx, incomplete)]


@command(
    "tag",
    "callforth tag k7m2qx +youth-work -late\ncallforth tag --where 'received>=2022-09-10' +late --yes",
    "Add tags (+a) and take tags away (-b); ids and tags may stand in any order.",
    _TagCommand,
)
@click.argument(
    "words",
    nargs=-1,
    required=True,
    metavar="ID... +a -b",
    shell_complete=complete_ids_and_tags,
)
@where_option
@meeting_option
@yes_option
@json_option
def tag(words: tuple[str, ...], where: str | None, meeting: str | None, yes: bool, as_json: bool) -> None:
    """Tag."""
    from callforth.workflow import tag as tagging

    ids = [word for word in words if word[:1] not in "+-"]
    tags = [word for word in words if word[:1] in "+-"]
    if not tags:
        raise tagging.BadTag("no tag given; write +tag to add one, -tag to take one away")
    workspace = open_workspace()
    chosen = _chosen(workspace, ids, where, meeting)
    changes = tagging.plan(workspace, chosen, tags)
    _tell_near(tags, workspace.catalog.tags())
    if len(changes) > 1 or where is not None:
        _ask(workspace, changes, f"tag {counted(len(changes), 'application')}?", yes)
    _report(workspace, tagging.tag(workspace, chosen, tags), as_json)


def _tell_near(words: Sequence[str], in_use: Sequence[str]) -> None:
    from callforth.workflow import tag as tagging

    for word in words:
        said = tagging.novelty([word], in_use)
        if "; " in said:
            narrate(f"{word} is {said}")


@command(
    "undo",
    "callforth undo",
    """Take back your own last decision or tagging, or all of it that was decided together.

    It becomes new commits; history is never rewritten. A second undo goes one further back.""",
)
@click.option("--over-seats", is_flag=True, help="Give a seat back although all are taken by now; the record says so.")
@yes_option
@json_option
def undo(over_seats: bool, yes: bool, as_json: bool) -> None:
    """Undo."""
    from callforth.workflow import change
    from callforth.workflow import undo as undoing

    workspace = open_workspace()
    with telling("commits") as tell:
        entries = undoing.last(workspace, change.actor(workspace), tell)
    changes = undoing.plan(workspace, entries, over_seats)
    imported = undoing.imported_since(workspace, change.actor(workspace), entries)
    if imported:
        narrate(imported)
    if len(changes) > 1 or imported:
        _ask(workspace, changes, f"take back {counted(len(changes), 'application')}?", yes)
    undone = undoing.undo(workspace, over_seats, entries)
    whom = {change.application.id: person.name(change.application) for change in changes}
    _report(workspace, undone, as_json)
    if not as_json:
        took = [f"taken back: {e.application}  {whom.get(e.application, '')}: {_did(e)}" for e in undone]
        narrate_some(took, _MOST_TOLD, "… and {} more")


def _chosen(workspace: Workspace, ids: Sequence[str], where: str | None, meeting: str | None) -> list[str]:
    """Return the whole ids of what was named and of what the query finds."""
    if where is None:
        if not ids:
            raise NothingNamed("name one or more ids, or a query with --where")
        if meeting is not None:
            raise NothingNamed("--meeting goes with --where; ids are unique in the workspace")
        return [workspace.catalog.application(typed).id for typed in ids]
    if ids:
        raise NothingNamed("name ids or a query with --where, not both")
    chosen = workspace.meeting_or_only(meeting).id
    _check_terms(workspace, chosen, where)
    found = workspace.catalog.find(chosen, workspace.catalog.query(chosen, where))
    if not found:
        raise NothingNamed(f"no application is found by '{where}'; try it with 'callforth list --where'")
    return found


def _ask(workspace: Workspace, changes: Sequence[Change], question: str, yes: bool) -> None:
    from callforth.cli import render
    from callforth.workflow.change import actor

    if yes:
        return
    actor(workspace)  # who may not decide is told so before the question, not after it
    rows = render.table(
        ((c.application.id, person.name(c.application), person.country(c.application), _becomes(c)) for c in changes),
        (6, 30, 3, 60),
    )
    for line in rows:
        narrate(f"  {line}")
    if not can_ask():
        what = f"this changes {counted(len(changes), 'application')}"
        raise NobodyToAsk(f"{what}, and there is nobody to ask; say --yes to go ahead")
    confirm(question[0].upper() + question[1:])


def _becomes(change: Change) -> str:
    if change.record.tags:
        return " ".join(change.record.tags)
    return f"{change.application.status} → {change.status}"


def _did(entry: Entry) -> str:
    return " ".join([*([f"{entry.before} → {entry.after}"] if entry.is_decision else []), *entry.tags])


def _check_terms(workspace: Workspace, meeting: str, where: str) -> None:
    """While somebody types, a term without its value finds all; a deed must not be about all by such a slip."""
    from callforth.index.query import EVERYTHING, split_terms

    terms = split_terms(where)
    empty = next((term for term in terms if workspace.catalog.query(meeting, term) == EVERYTHING), None)
    if empty is not None or not terms:
        what = f"the term '{clean_line(empty)}'" if empty else "the query"
        raise SaysNothing(f"{what} says nothing, so it finds all; complete it, as in 'status:received'")


def _report(workspace: Workspace, entries: Sequence[Entry], as_json: bool) -> None:
    from callforth.cli import render

    try:
        if as_json:
            print_json([render.entry_json(entry) for entry in entries])
        else:
            for entry in entries:
                click.echo(f"{entry.commit[:7]}  {entry.subject}")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        drop_output()
        done = f"{counted(len(entries), 'application')} changed, the last one in commit {entries[-1].commit[:12]}"
        raise NotPrinted(f"{done}; that could not be printed ({error.strerror}): do not do it again") from None
    if as_json:
        return
    workspace.catalog.refresh()
    for meeting_id in dict.fromkeys(entry.meeting for entry in entries):
        if any(entry.is_decision for entry in entries):
            taken, meeting = workspace.catalog.taken(meeting_id), workspace.catalog.meeting(meeting_id)
            narrate(f"{meeting_id}: {taken} of {meeting.seats} seats taken")


COMMANDS = (*(_verb_command(verb) for verb in VERBS.values()), tag, undo)
