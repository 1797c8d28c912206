"""Exchanging work with the team's remote."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from callforth.cli.common import command, json_option, narrate, open_workspace, print_json, saying
from callforth.cli.ending import say
from callforth.errors import CallforthError, UsageError

if TYPE_CHECKING:
    from callforth.workflow.merging import Clash, Side
    from callforth.workflow.sync import Synced, Undecided
    from callforth.workflow.workspace import Workspace

_SIDES = ("ours", "theirs")


class BadTake(UsageError):
    """What was given with --take does not say what, or which side, or says both."""


@command(
    "sync",
    "callforth sync\ncallforth sync --take k7m2qx=theirs -m 'Dario spoke with her yesterday.'",
    """Exchange work with the team: fetch, merge, push.

    What different people changed comes together by itself, field by field; nothing is ever rewritten. Where two people
    changed the same thing, it stops with exit code 3, both sides as they were, and says who decided what; --take says
    which stands: ours (made here) or theirs. It stops likewise where both gave away the last seat, unless --over-seats
    says that this shall be. Where the remote cannot be reached, it says what is waiting to be pushed; that is no error.
    Ends with what came in.""",
)
@click.option(
    "--take",
    "takes",
    multiple=True,
    metavar="ID=ours|theirs",
    help="Which side stands, of an application or of a file by its path; ID:status=… for one of several things.",
)
@click.option(
    "-m",
    "--message",
    "--reason",
    "reason",
    metavar="WHY",
    default="",
    help="Why that side stands; a decision may need it.",
)
@click.option("--over-seats", is_flag=True, help="Merge also where both together take more seats than there are.")
@click.option("--no-push", is_flag=True, help="Only take in what others did.")
@json_option
def sync(takes: tuple[str, ...], reason: str, over_seats: bool, no_push: bool, as_json: bool) -> int:
    """Fetch, merge, push."""
    from callforth.workflow import sync as syncing
    from callforth.workflow.came import doubles

    workspace = open_workspace(telling_problems=False)
    choices = _choices(workspace, takes)
    reasons = {"": reason} if reason else {}
    before = workspace.repository.head()
    try:
        with saying(_how_far) as tell:
            done = syncing.sync(workspace, choices, reasons, not no_push, tell, over_seats)
    except syncing.Undecided as error:
        return _undecided(error, as_json)
    except KeyboardInterrupt:
        if workspace.repository.head() == before:
            raise
        return say("cancelled", "cancelled; what came in is here, and yours may not be pushed yet", 130, as_json)
    twice = doubles(workspace, done.came)
    if as_json:
        more = {"merged": done.merged or None, "offline": done.offline or None, "doubles": twice}
        print_json({**asdict(done), **more})
        return 0
    for one in done.came:
        click.echo(one.says)
    for sentence in twice:
        narrate(f"twice: {sentence}")
    _narrate(done, no_push)
    return 0


def _narrate(done: Synced, no_push: bool) -> None:
    from callforth.model.text import counted

    for sentence in done.seats:
        narrate(f"seats: {sentence}")
    if done.pushed:
        narrate(f"pushed {counted(done.pushed, 'commit')}")
    if done.offline:
        waiting = f"{counted(done.waiting, 'commit')} to push" if done.waiting else "nothing to push"
        narrate(f"offline: {done.offline}; {waiting} with the next sync")
    elif done.waiting and no_push:
        narrate(f"{counted(done.waiting, 'commit')} to push")
    elif not done.came and not done.pushed:
        narrate("nothing new, here or there")


def _undecided(error: Undecided, as_json: bool) -> int:
    from callforth.workflow.sync import described

    if as_json:
        about = {"code": error.code, "says": error.says}
        print_json({"error": about, "clashes": [_clash_json(clash) for clash in error.clashes]})
        return say(error.code, error.says, error.exit_code, as_json=False)
    for clash in error.clashes:
        click.echo(described(clash))
    return say(error.code, error.counted, error.exit_code, as_json=False)


def _clash_json(clash: Clash) -> dict[str, object]:
    return {
        "path": clash.path,
        "meeting": clash.meeting or None,
        "application": clash.application or None,
        "what": clash.what,
        "ours": _side_json(clash.ours),
        "theirs": _side_json(clash.theirs),
    }


def _side_json(side: Side) -> dict[str, object]:
    return {
        "value": side.value or None,
        "by": side.by or None,
        "at": side.at.isoformat() if side.at else None,
        "why": side.why,
        "commit": side.commit or None,
    }


def _choices(workspace: Workspace, takes: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """Return what --take says by application or path, and what of it ('' for all). Raises `BadTake`, `UnknownId`."""
    choices: dict[tuple[str, str], str] = {}
    for take in takes:
        name, found, side = take.rpartition("=")
        if not found or not name or side not in _SIDES:
            raise BadTake(f"'{take}' does not say which side stands; write ID=ours or ID=theirs")
        if choices.setdefault(_about(workspace, name), side) != side:
            raise BadTake(f"'{take}' says another side than an earlier --take of the same; say one of them")
    return choices


def _about(workspace: Workspace, name: str) -> tuple[str, str]:
    path, _, what = name.partition(":")
    if "/" in path or "." in path:
        return name, ""  # a path, of which a colon may be part
    try:
        return workspace.catalog.application(path).id, what
    except CallforthError:
        if workspace.catalog.problems or path in workspace.past.ids():
            return path, what  # perhaps of a file that cannot be read here, or was removed here
        raise


def _how_far(done: int, total: int) -> str:
    return f"{done} of {total} objects" if total else "asking the remote"


COMMANDS = (sync,)
