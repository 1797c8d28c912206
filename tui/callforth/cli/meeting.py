"""Meetings: announcing a new one, and looking over its call before it goes out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from callforth.cli.common import (
    can_ask,
    command,
    complete_meetings,
    confirm,
    group,
    json_option,
    narrate,
    open_workspace,
    print_json,
    yes_option,
)
from callforth.errors import CallforthError, UsageError

if TYPE_CHECKING:
    from callforth.workflow.meeting_new import Needed

MOST_SEATS = 999_999


class NotAllSaid(UsageError):
    """Something that a call needs was not given, and nobody sits at the terminal."""


class Past(UsageError):
    """The meeting, or the deadline of its call, would be past already, and there is nobody to ask."""


meeting = group(
    "meeting",
    "Announce a meeting, and look over its call.\n\n\b\nExamples:\n"
    "  callforth meeting new oslo-2027 --title Bridges --seats 25 --starts 2027-10-04 --lunch-to-lunch "
    "--closes 2027-09-09 --zone Europe/Oslo\n"
    "  callforth meeting check oslo-2027",
)


@command(
    "new",
    "callforth meeting new oslo-2027\n"
    "callforth meeting new oslo-2027 --title 'Bridges' --seats 25 --starts 2027-10-04 --lunch-to-lunch "
    "--closes 2027-09-09 --zone Europe/Oslo",
    """Write the call of a new meeting, and commit it.

    At a terminal it asks for what was not given, and again for what cannot be. Times are like 2027-10-04T09:00, in the
    zone that --zone names, or with an offset of their own (2027-10-04T09:00+02:00). A day alone closes at its end,
    23:59. --lunch-to-lunch takes two half days: from 12:30 on the first day to 13:00 on the last, which is the next one
    where --ends is left out. Times that are past must be meant: it asks, or needs --yes.

    What is asked of applicants is written so that it can be changed in the file; --like takes it over from an earlier
    call. Nothing is on a site before its call has a day in 'published'.""",
)
@click.argument("name", metavar="MEETING")
@click.option("--title", default="", help="What the meeting is called.")
@click.option("--seats", type=click.IntRange(1, MOST_SEATS), help="How many can take part.")
@click.option("--starts", default="", metavar="TIME", help="When it begins.")
@click.option("--ends", default="", metavar="TIME", help="When it ends.")
@click.option("--closes", default="", metavar="TIME", help="The last moment to apply.")
@click.option("--zone", default="", metavar="ZONE", help="The time zone of these, like Europe/Stockholm.")
@click.option("--lunch-to-lunch", "lunch", is_flag=True, help="From lunch on the first day to lunch on the last.")
@click.option("--place", default="", help="Where it is: 'Town, Country'.")
@click.option("--series", default="", help="The working group it belongs to.")
@click.option("--contact", default="", metavar="EMAIL", help="Whom applicants may ask.")
@click.option("--language", default="en", show_default=True, metavar="CODE", help="The call's language.")
@click.option("--published", default="", metavar="DAY", help="From when on it may be on a site.")
@click.option(
    "--like", default="", metavar="MEETING", help="Ask what this call asks.", shell_complete=complete_meetings
)
@click.option("--question", "questions", multiple=True, metavar="ID=TEXT", help="A question; as often as needed.")
@yes_option
@json_option
def new(name: str, yes: bool, as_json: bool, **said: Any) -> None:
    """Announce a meeting."""
    from callforth.cli import meeting_asking
    from callforth.workflow import change, meeting_new

    workspace = open_workspace()
    meeting_new.check_free(workspace, name)
    change.actor(workspace)  # who may not is told so before all questions
    if said["like"]:
        workspace.catalog.meeting(said["like"])
        if said["questions"]:
            raise UsageError("--like and --question exclude each other: the earlier call says what is asked")
    meeting_new.questions(said["questions"])
    _published(said)
    missing, terminal = _missing(said), can_ask() and not yes
    if missing and not terminal:
        raise NotAllSaid(f"a call needs more: say {', '.join(missing)}")
    before = dict(said)
    try:
        if missing:
            meeting_asking.ask(workspace, said)
        needed = _needed(said)
        if not missing and not yes:
            _check_past(needed, terminal)
        made = meeting_new.make(workspace, name, needed)
    except (CallforthError, click.Abort):
        if said != before:
            narrate(f"\nwhat you said: {meeting_asking.command(name, said)}")
        raise
    if as_json:
        print_json({"meeting": made.meeting, "path": made.path, "commit": made.commit})
    else:
        click.echo(made.path)
    from callforth.cli import check_formats

    for line in check_formats.text(made.notes):
        narrate(line)
    asked = "" if needed.like or needed.questions else " (let its questions be those of your form)"
    look = "look it over with 'callforth meeting check'"
    narrate(f"committed as {made.commit[:7]}; next, edit {made.path}{asked}, and {look}")


def _missing(said: dict[str, Any]) -> list[str]:
    """Return the options without which there is no call."""
    needed = ["title", "seats", "starts", "ends", "closes"]
    if said["lunch"]:
        needed.remove("ends")
    return [f"--{name}" for name in needed if not said[name]]


def _needed(said: dict[str, Any]) -> Needed:
    from callforth.workflow import meeting_new, meeting_times

    return meeting_new.Needed(
        title=said["title"],
        times=meeting_times.times(said["starts"], said["ends"], said["closes"], said["zone"], said["lunch"]),
        seats=said["seats"],
        place=said["place"],
        series=said["series"],
        contact=said["contact"],
        language=said["language"],
        published=_published(said),
        questions=meeting_new.questions(said["questions"]),
        like=said["like"],
    )


def _published(said: dict[str, Any]) -> str:
    from callforth.workflow import meeting_times

    return meeting_times.day(said["published"], "published") if said["published"] else ""


def _check_past(needed: Needed, terminal: bool) -> None:
    from callforth.workflow import meeting_times

    past = meeting_times.past(needed.times, datetime.now(UTC))
    if past and not terminal:
        raise Past(f"{past}; correct it, or say --yes if that is meant")
    if past:
        confirm(f"{past[0].upper()}{past[1:]}. Is that meant?")


@command(
    "check",
    "callforth meeting check\ncallforth meeting check oslo-2027",
    """Say what a careful colleague would say of a call before it goes out.

    A closing date that is missing, or after the meeting begins; no seats; times without a zone; a question without an
    id; quotas that cannot be met; a text that names another day than the call closes on. Looks at the files as they
    are, committed or not, of all meetings where none is named.

    Exits with 1 where something is found; notes are only shown.""",
)
@click.argument("meetings", nargs=-1, metavar="[MEETING]...", shell_complete=complete_meetings)
@json_option
def check(meetings: tuple[str, ...], as_json: bool) -> int:
    """Look over calls."""
    from callforth.cli import check_formats
    from callforth.workflow import meeting_check

    workspace = open_workspace(telling_problems=False)
    found = meeting_check.check(workspace, meetings)
    grave = any(one.grave for one in found)
    if as_json:
        print_json(check_formats.as_data(found))
        return 1 if grave else 0
    for line in check_formats.text(found):
        click.echo(line)
    narrate(check_formats.result(found))
    return 1 if grave else 0


meeting.add_command(new)
meeting.add_command(check)
COMMANDS = (meeting,)
