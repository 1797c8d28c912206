"""Asking for what a new call needs, one thing after the other; what cannot be is said at once, and asked again."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import click

from callforth.cli.common import narrate, yes
from callforth.cli.meeting import MOST_SEATS
from callforth.errors import CallforthError, UsageError
from callforth.model.text import clean_line
from callforth.workflow import meeting_new, meeting_times
from callforth.workflow.meeting_times import Times
from callforth.workflow.workspace import Workspace

_FLAGS = {"lunch": "--lunch-to-lunch", "questions": "--question"}


class _Again(UsageError):
    """What was typed is not taken."""


def ask(workspace: Workspace, said: dict[str, Any]) -> None:
    """Ask for what was not given, and for what was given and cannot be; `said` has the options by name, and takes it.

    What is past when this returns was said to be meant.
    """
    last = workspace.catalog.meetings[0] if workspace.catalog.meetings else None
    _one(said, "title", "Title", check=_not_empty)
    _one(said, "series", "Working group or series (Enter for none)", last.series if last else "")
    _one(said, "place", "Place, as in 'Oslo, Norway'")
    _one(said, "zone", "Time zone", meeting_times.zone_here() or "UTC", meeting_times.zone)
    _ask_times(said)
    if not said["seats"]:
        said["seats"] = click.prompt("Seats", type=click.IntRange(1, MOST_SEATS), err=True)
    _one(said, "contact", "Address that applicants may write to (Enter for none)", check=meeting_new.check_contact)
    if last and not said["like"] and not said["questions"]:
        names = [one.id for one in workspace.catalog.meetings]
        earlier = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
        text = f"Ask what an earlier call asked ({earlier}; Enter for none)"
        _one(said, "like", text, check=lambda name: not name or workspace.catalog.meeting(name))


def command(meeting: str, said: dict[str, Any]) -> str:
    """Return the command that says without a dialogue what was said so far."""
    words = ["callforth", "meeting", "new", meeting]
    for name, value in said.items():
        for one in value if isinstance(value, tuple) else (value,) if value else ():
            words += [_FLAGS.get(name, f"--{name}"), *(() if one is True else (str(one),))]
    return shlex.join(words)


def _ask_times(said: dict[str, Any]) -> None:
    """Ask when the meeting is, and when its call closes."""
    meant: list[bool] = []

    def times(starts: str, ends: str, closes: str) -> Times:
        return meeting_times.times(starts, ends, closes, said["zone"], said["lunch"])

    def check_past(found: Times) -> None:
        past = meeting_times.past(found, datetime.now(UTC))
        if past and not meant:
            if not yes(f"{past[0].upper()}{past[1:]}. Is that meant?"):
                raise _Again("then say another day")
            meant.append(True)

    def check_order(found: Times) -> None:
        published = meeting_times.day(said["published"], "published") if said["published"] else ""
        meeting_new.check(meeting_new.Needed("-", found, 1, published=published))

    def starts(text: str) -> None:
        check_past(times(text, "" if said["lunch"] else text, text))

    def ends(text: str) -> None:
        found = times(said["starts"], text, said["starts"])
        check_order(replace(found, closes=found.starts))

    def closes(text: str) -> None:
        found = times(said["starts"], said["ends"], text)
        check_order(found)
        check_past(found)

    if not said["lunch"] and not said["starts"]:
        said["lunch"] = yes("From lunch to lunch (12:30 on the first day, 13:00 on the last)?")
    if said["lunch"]:
        _one(said, "starts", "First day, as in 2027-10-04", check=starts)
        following = times(said["starts"], "", said["starts"]).ends
        _one(said, "ends", "Last day", f"{following:%Y-%m-%d}", ends)
    else:
        _one(said, "starts", "Begins, as in 2027-10-04T09:00", check=starts)
        _one(said, "ends", "Ends", check=ends)
    _one(said, "closes", "Last day to apply", check=closes)


def _one(
    said: dict[str, Any], name: str, text: str, default: str = "", check: Callable[[str], object] | None = None
) -> None:
    """Ask for one thing, unless it was given and can be."""

    def take(value: str) -> str:
        try:
            if check is not None:
                check(value.strip())
        except CallforthError as error:
            raise click.UsageError(error.says) from None
        return value.strip()

    if said[name]:
        try:
            said[name] = take(said[name])
            return
        except click.UsageError as error:
            narrate(f"--{name}: {error.message}")
    said[name] = click.prompt(text, default=default, show_default=bool(default), err=True, value_proc=take)


def _not_empty(value: str) -> None:
    if not clean_line(value):
        raise _Again("a meeting needs a title")
