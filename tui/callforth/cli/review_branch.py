"""Reviewing on a branch: making it, handing it in, and taking in what was filled in elsewhere."""

from __future__ import annotations

import click

from callforth.cli.common import (
    at_home,
    command,
    complete_meetings,
    json_option,
    narrate,
    open_workspace,
    print_json,
)
from callforth.cli.propose import (
    base_option,
    no_text_option,
    switch_option,
    tell_started,
    tell_submitted,
    title_option,
)
from callforth.model.text import counted


@command(
    "start",
    "callforth review start --switch",
    """Make your branch to review on: review/MEETING/YOU.

    Where files to fill in were handed out to you, it begins where that branch of the remote is; else at what you have
    in hand.""",
)
@click.argument("meeting", required=False, shell_complete=complete_meetings)
@switch_option
@json_option
def start(meeting: str | None, switch: bool, as_json: bool) -> None:
    """Start to review."""
    from callforth.workflow.propose import start_review

    workspace = open_workspace()
    tell_started(start_review(workspace, workspace.meeting_or_only(meeting), switch), as_json)


@command(
    "submit",
    "callforth review submit\ncallforth review submit stockholm-2022 --base main",
    """Push your branch with reviews, and open a pull request for it.

    It is the one in hand, or your branch for MEETING. How the pull request is opened: see 'callforth propose submit
    --help'. A branch that is a pack is only pushed: an organiser collects its reviews.""",
)
@click.argument("meeting", required=False, shell_complete=complete_meetings)
@base_option
@title_option
@no_text_option
@json_option
def submit(meeting: str | None, base: str, title: str, no_text: bool, as_json: bool) -> None:
    """Submit reviews."""
    from callforth.workflow import propose

    workspace = open_workspace()
    chosen = workspace.catalog.meeting(meeting) if meeting is not None else None
    branch = propose.reviewers_branch(workspace, chosen)
    tell_submitted(propose.submit(workspace, branch, base, title, not no_text), as_json)


@command(
    "collect",
    "callforth review collect review/stockholm-2022/hedda\ncallforth review collect blind/main --reviewer hedda",
    """Take in reviews that were filled in elsewhere: on a pack, on any branch, in a folder.

    Each becomes a commit on the branch in hand, in the name of its reviewer: if it was they who changed it last there.
    In a folder nobody is named, so only your own are taken from one; push it to a branch for the others.

    What nobody has filled in is left where it is. A review that is here already and did not come from there stays,
    unless you say --replace. Exits with 3 where one could not be taken in.""",
)
@click.argument("source", metavar="BRANCH|DIR")
@click.option("--reviewer", metavar="NAME", default="", help="Only those of this member of the team.")
@click.option("--replace", is_flag=True, help="Take them in place of others that are here.")
@json_option
def collect(source: str, reviewer: str, replace: bool, as_json: bool) -> int:
    """Collect reviews."""
    from callforth.workflow.collect import collect as take_in

    found = take_in(open_workspace(), str(at_home(source)), reviewer, replace)
    if as_json:
        print_json(
            {
                "taken": [
                    {"commit": one.commit, "application": one.review.application, "reviewer": one.review.reviewer}
                    for one in found.taken
                ],
                "same": found.same,
                "blank": found.blank,
                "refused": [{"path": one.path, "line": one.line, "says": one.says} for one in found.refused],
            }
        )
        return 3 if found.refused else 0
    for one in found.taken:
        click.echo(f"{one.commit[:7]}  Review {one.review.application} by {one.review.reviewer}")
    for refused in found.refused:
        narrate(f"not taken: {refused.where}: {refused.says}")
    narrate(
        f"{counted(len(found.taken), 'review')} taken in; {found.same} here already, {found.blank} not filled in, "
        f"{len(found.refused)} refused"
    )
    return 3 if found.refused else 0


COMMANDS = (start, submit, collect)
