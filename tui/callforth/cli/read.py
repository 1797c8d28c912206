"""Commands that only read: meetings, list, show, log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from callforth.cli.common import (
    Context,
    command,
    complete_ids,
    complete_meetings,
    complete_places,
    json_option,
    narrate,
    open_workspace,
    print_json,
    telling,
)
from callforth.errors import UsageError
from callforth.model import person
from callforth.model.application import Application
from callforth.model.text import clean_line, counted

if TYPE_CHECKING:
    from callforth.model.decision import Entry
    from callforth.workflow.workspace import Workspace

at_option = click.option(
    "--at",
    metavar="REV|DATE",
    help="As it was: at a commit, branch or tag, or by the end of a day or minute (2022-08-20, '2022-08-20 14:30').",
)


class UnknownSortKey(UsageError):
    """`--sort` names something that applications cannot be sorted by."""


@command(
    "meetings",
    "callforth meetings --json | jq '.[] | {meeting, taken, seats}'",
    "List the meetings, the latest first, with seats and how many applications stand where.",
)
@json_option
def meetings(as_json: bool) -> None:
    """List the meetings."""
    from callforth.cli import render

    workspace = open_workspace()
    found = workspace.catalog.meetings
    statuses = workspace.catalog.statuses()
    if as_json:
        print_json([render.meeting_json(workspace, meeting) for meeting in found])
        return
    for line in render.table(
        (
            (m.id, render.dates(m), render.seats(m, statuses.get(m.id, {})),
             counted(sum(statuses.get(m.id, {}).values()), "application"), m.title)
            for m in found
        ),
        (30, 24, 24, 20, 80),
    ):  # fmt: skip
        click.echo(line)
    if not found:
        narrate("no meeting yet; 'callforth meeting new MEETING' writes the call of one")


@command(
    "list",
    "callforth list stockholm-2022 --where 'status:received country:PT,ES -tag:late' --sort name",
    """List a meeting's applications.

    --where narrows: status:received, tag:youth-work, country:PT,ES, any field of the applicant (role:imam),
    received>=2022-08-20, before:yes (applied to an earlier meeting), score>=4, reviews:<2, spread.fit>1 (of one
    criterion), recommend:decline (somebody says so), or words to look for in everything that was written. Terms are
    joined by 'and', a comma means 'or', a minus in front turns a term round, quotes keep spaces.

    --sort takes received, name, country, organisation, status, id, reviews, score, corrected (for severe and lenient
    reviewers), spread, score.fit or spread.fit (of one criterion), or recommend.accept (how many do); a minus in front
    reverses it, as in --sort=-corrected.

    --at shows the list as it was, out of what is committed.""",
)
@click.argument("meeting", required=False, shell_complete=complete_meetings)
@click.option("--where", metavar="EXPR", default="", help="Only applications that this query finds.")
@click.option("--sort", metavar="KEY", default="received", show_default=True, help="What to sort by.")
@at_option
@json_option
def list_applications(meeting: str | None, where: str, sort: str, at: str | None, as_json: bool) -> None:
    """List a meeting's applications."""
    from callforth.cli import render

    workspace = _open(at)
    chosen = workspace.meeting_or_only(meeting)
    orders = workspace.catalog.orders(chosen.id)
    if sort.removeprefix("-") not in orders:
        raise UnknownSortKey(f"applications cannot be sorted by '{clean_line(sort)}'; there is: {', '.join(orders)}")
    applications = workspace.catalog.rows(chosen.id)
    found = applications.only(workspace.catalog.find(chosen.id, workspace.catalog.query(chosen.id, where), sort))
    if as_json:
        click.echo(f"[{', '.join(found.lines)}]")
        return
    for line in render.application_rows(found):
        click.echo(line)
    narrate(f"{len(found)} of {counted(len(applications), 'application')} to {chosen.id}")


@command(
    "show",
    "callforth show k7m2qx",
    """Show one application: who, the answers, the reviews, and its history.

    --at shows it as it was, with what had happened by then.""",
)
@click.argument("id", shell_complete=complete_ids)
@at_option
@json_option
def show(id: str, at: str | None, as_json: bool) -> None:
    """Show one application."""
    from callforth.cli import render
    from callforth.workflow.ledger import ledger

    workspace = _open(at)
    application = workspace.catalog.application(id)
    entries = list(ledger(workspace, application=application))
    if as_json:
        data = json.loads(workspace.catalog.only([application.id]).lines[0])
        data["answers"] = render.answers_json(application)
        data["history"] = [render.entry_json(entry) for entry in entries]
        print_json(data)
        return
    _show_text(workspace, application, entries)


def _show_text(workspace: Workspace, application: Application, entries: list[Entry]) -> None:
    from callforth.cli import render
    from callforth.plaintext.application import answers

    who = application.applicant
    click.echo(f"{person.name(application)}  ({application.id}, {application.status})")
    for field in (f for f in who if f != "name"):
        click.echo(f"  {field}: {who[field]}")
    click.echo(f"  received: {application.received:%Y-%m-%d %H:%M}")
    if application.tags:
        click.echo(f"  tags: {' '.join(application.tags)}")
    for field, value in application.extra.items():
        click.echo(f"  {field}: {value}")
    for other in workspace.catalog.elsewhere(application, application.meeting):
        click.echo(f"  has been here before: {other.meeting} ({other.status}, {other.id})")
    for other in workspace.catalog.again(application, application.meeting):
        click.echo(f"  the same person applied twice: {other.id} ({other.status})")
    for answer in answers(application.body):
        click.echo(f"\n{render.wrap(answer.ask)}\n" if answer.ask else "")
        click.echo(render.wrap(answer.text, "  "))
    reviews = workspace.catalog.reviews(application.id)
    offsets = workspace.catalog.offsets(application.meeting) if reviews else {}
    of_these = {one.reviewer: offsets[one.reviewer] for one in reviews if one.counts and one.reviewer in offsets}
    for line in render.scored(workspace.catalog.only([application.id])[0], of_these):
        click.echo(line)
    for review in reviews:
        scores = ", ".join(f"{name} {value:g}" for name, value in review.scores.items())
        verdict = "conflict of interest" if review.conflict else review.recommend or "not yet reviewed"
        click.echo(f"\nreview by {review.reviewer}: {verdict}{' (' + scores + ')' if scores else ''}")
        if review.remarks:
            click.echo(render.wrap(review.remarks, "  "))
    click.echo("\nhistory")
    for line in render.entry_rows(entries):
        click.echo(f"  {line}")


@command(
    "log",
    "callforth log stockholm-2022 -n 20",
    """Show the ledger: every decision and tag, newest first, derived from the files' history.

    Of one application or one meeting where an id or a meeting is given, of the whole workspace otherwise.

    --at shows only what leads to that moment.""",
)
@click.argument("what", metavar="[ID|MEETING]", required=False, shell_complete=complete_places)
@click.option("-n", "limit", type=click.IntRange(1), metavar="N", help="Only the newest N.")
@at_option
@json_option
def log(what: str | None, limit: int | None, at: str | None, as_json: bool) -> None:
    """Show the ledger."""
    from itertools import islice

    from callforth.cli import render
    from callforth.workflow.ledger import ledger

    workspace = _open(at, files=what is not None)
    with telling("commits") as tell:
        if what is None:
            entries = ledger(workspace, progress=tell)
        elif any(meeting.id == what for meeting in workspace.catalog.meetings):
            entries = ledger(workspace, meeting=what, progress=tell)
        else:
            entries = ledger(workspace, application=workspace.catalog.application(what))
        found = list(islice(entries, limit))
    if as_json:
        print_json([render.entry_json(entry) for entry in found])
        return
    for line in render.entry_rows(found):
        click.echo(line)


def _open(at: str | None, files: bool = True) -> Workspace:
    """Open the workspace, as it was where a moment is given; tells which one, and which of its files were unusable.

    Without `files`, those of a moment are not read: for who asks for history alone.
    """
    if at is None:
        return open_workspace()
    from callforth.workflow import moment
    from callforth.workflow.workspace import Workspace

    context = click.get_current_context()
    workspace = Workspace.find(context.ensure_object(Context).folder)
    context.call_on_close(workspace.close)
    then = moment.at(workspace, at)
    context.call_on_close(then.close)
    narrate(f"as of {then.revision.says}")
    if not files:
        return then
    with telling("files") as tell:
        then.catalog.refresh(tell)
    for problem in then.catalog.problems:
        narrate(f"unusable then: {problem.sentence}")
    return then


COMMANDS = (meetings, list_applications, show, log)
