"""Meetings: announcing a new one, and looking over its call before it goes out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from callforth.cli.common import (
    command,
    complete_meetings,
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
    from callforth.workflow.meeting_times import Times
    from callforth.workflow.workspace import Workspace

_MOST_SEATS = 999_999


class NotAllSaid(UsageError):
    """Something that a call needs was not given, and nobody sits at the terminal."""


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

    At a terminal it asks for what was not given. Times are like 2027-10-04T09:00, in the zone that --zone names, or
    with an offset of their own (2027-10-04T09:00+02:00). A day alone closes at its end, 23:59. --lunch-to-lunch takes
    two half days: from 12:30 on the first day to 13:00 on the last, which is the next one where --ends is left out.

    What is asked of applicants is written so that it can be changed in the file; --like takes it over from an earlier
    call. Nothing is on a site before its call has a day in 'published'.""",
)
@click.argument("slug")
@click.option("--title", default="", help="What the meeting is called.")
@click.option("--seats", type=click.IntRange(1, _MOST_SEATS), help="How many can take part.")
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
def new(slug: str, yes: bool, as_json: bool, **said: Any) -> None:
    """Announce a meeting."""
    from callforth.workflow import change, meeting_new

    workspace = open_workspace()
    meeting_new.check_free(workspace, slug)
    change.actor(workspace)  # who may not is told so before all questions
    if said["like"]:
        workspace.catalog.meeting(said["like"])
        if said["questions"]:
            raise UsageError("--like and --question exclude each other: the earlier call says what is asked")
    missing = _missing(said)
    if missing and sys.stdin.isatty() and sys.stderr.isatty() and not yes:
        _ask(workspace, said)
    elif missing:
        raise NotAllSaid(f"a call needs more: say {', '.join(missing)}")
    made = meeting_new.make(workspace, slug, _needed(said))
    if as_json:
        print_json({"meeting": made.meeting, "path": made.path, "commit": made.commit})
    else:
        click.echo(made.path)
    from callforth.cli import check_formats

    for line in check_formats.text(made.notes):
        narrate(line)
    narrate(f"committed as {made.commit[:7]}; next, edit {made.path}, and look it over with 'callforth meeting check'")


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
        times=_times(said),
        seats=said["seats"],
        place=said["place"],
        series=said["series"],
        contact=said["contact"],
        language=said["language"],
        published=meeting_times.day(said["published"], "published") if said["published"] else "",
        questions=tuple(meeting_new.question(one) for one in said["questions"]),
        like=said["like"],
    )


def _times(said: dict[str, Any]) -> Times:
    from callforth.workflow import meeting_times

    return meeting_times.times(said["starts"], said["ends"], said["closes"], said["zone"], said["lunch"])


def _ask(workspace: Workspace, said: dict[str, Any]) -> None:
    """Ask for what was not given; what cannot be is said at once, and asked again."""
    from callforth.workflow import meeting_times
    from callforth.workflow.meeting_times import LAST_MINUTE, moment

    last = workspace.catalog.meetings[0] if workspace.catalog.meetings else None

    def ask(name: str, text: str, default: str = "", check: Callable[[str], object] | None = None) -> None:
        if said[name]:
            return
        shown = bool(default)
        said[name] = click.prompt(text, default=default, show_default=shown, err=True, value_proc=_taken(check, text))

    ask("title", "Title", check=_not_empty)
    ask("series", "Working group or series (Enter for none)", last.series if last else "")
    ask("place", "Place, as in 'Oslo, Norway'")
    ask("zone", "Time zone", meeting_times.zone_here() or "UTC", meeting_times.zone)
    within = meeting_times.zone(said["zone"])
    if not said["lunch"] and not said["starts"]:
        said["lunch"] = click.confirm("From lunch to lunch (12:30 on the first day, 13:00 on the last)?", err=True)
    if said["lunch"]:
        ask("starts", "First day, as in 2027-10-04", check=lambda text: meeting_times.day(text, "starts"))
        following = meeting_times.times(said["starts"], "", said["starts"], said["zone"], True).ends
        ask("ends", "Last day", f"{following:%Y-%m-%d}", lambda text: meeting_times.day(text, "ends"))
    else:
        ask("starts", "Begins, as in 2027-10-04T09:00", check=lambda text: moment(text, "starts", within))
        ask("ends", "Ends", check=lambda text: moment(text, "ends", within))
    ask("closes", "Last day to apply", check=lambda text: moment(text, "closes", within, LAST_MINUTE))
    if not said["seats"]:
        said["seats"] = click.prompt("Seats", type=click.IntRange(1, _MOST_SEATS), err=True)
    ask("contact", "Address that applicants may write to (Enter for none)")
    if last and not said["like"] and not said["questions"]:
        names = [one.id for one in workspace.catalog.meetings]
        earlier = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
        text = f"Ask what an earlier call asked ({earlier}; Enter for none)"
        ask("like", text, check=lambda name: not name or workspace.catalog.meeting(name))


def _taken(check: Callable[[str], object] | None, text: str) -> Callable[[str], str]:
    def take(value: str) -> str:
        try:
            if check is not None:
                check(value)
        except CallforthError as error:
            raise click.UsageError(error.says) from None
        return value.strip()

    return take


def _not_empty(value: str) -> None:
    if not value.strip():
        raise UsageError("a meeting needs a title")


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
    grave = sum(one.grave for one in found)
    if as_json:
        print_json(check_formats.as_data(found))
        return 1 if grave else 0
    for line in check_formats.text(found):
        click.echo(line)
    notes = len(found) - grave
    result = f"{grave} finding{'s' if grave > 1 else ''}" if grave else "nothing found"
    narrate(result + (f", {notes} note{'s' if notes > 1 else ''}" if notes else ""))
    return 1 if grave else 0


meeting.add_command(new)
meeting.add_command(check)
COMMANDS = (meeting,)
