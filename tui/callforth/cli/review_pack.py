"""Packs for blind review: answers and chosen fields of applications, without who applied."""

from __future__ import annotations

import click

from callforth.cli.common import (
    at_home,
    command,
    complete_meetings,
    json_option,
    narrate,
    narrate_some,
    open_workspace,
    print_json,
)
from callforth.model.text import counted

_MOST_TOLD = 20


@command(
    "pack",
    "callforth review pack stockholm-2022 review/stockholm-2022/hedda --reviewer hedda\n"
    "callforth review pack stockholm-2022 ../for-reviewers --ids k7m2qx,3fh9td",
    """Write a pack for reviewers: answers and chosen fields, and nothing that says who applied.

    BRANCH|DIR is a branch where it names one, or begins with 'review/'; else a folder. A branch gets a commit without
    the workspace's history, so that there is nothing in it to leak; push it where reviewers may read. With --reviewer
    it has their files to fill in. A pack that is there gets what is new; what was filled in stays.

    Which fields are given: 'review: fields' in the call, else all that are not marked 'identity: true'; never name or
    e-mail address. Applications in which a name, an address or the like seems to stand in an answer are named: look at
    them before you give the pack away.""",
)
@click.argument("meeting", shell_complete=complete_meetings)
@click.argument("target", metavar="BRANCH|DIR")
@click.option("--reviewer", metavar="NAME", default="", help="For this member of the team: what they have to review.")
@click.option("--ids", metavar="ID,…", default="", help="These applications, in place of all that are undecided.")
@json_option
def pack(meeting: str, target: str, reviewer: str, ids: str, as_json: bool) -> None:
    """Write a pack."""
    from callforth.repo import branches
    from callforth.workflow import handing_out

    workspace = open_workspace()
    chosen = workspace.catalog.meeting(meeting)
    wanted = handing_out.chosen(workspace, chosen, reviewer, [id for id in ids.replace(",", " ").split() if id])
    folder = at_home(target)
    if target.startswith("review/") or (not folder.exists() and branches.exists(workspace.repository, target)):
        packed = handing_out.to_branch(workspace, chosen, wanted, reviewer, target)
    else:
        packed = handing_out.to_folder(workspace, chosen, wanted, reviewer, folder)
    if as_json:
        print_json(
            {
                "where": packed.where,
                "commit": packed.commit or None,
                "ids": list(packed.ids),
                "telling": {id: list(fields) for id, fields in packed.telling.items()},
                "left_out": list(packed.left_out),
            }
        )
        return
    click.echo(packed.where)
    narrate(f"{counted(len(packed.ids), 'application')} of {meeting}{f' for {reviewer}' if reviewer else ''}")
    if packed.left_out:
        some = ", ".join(packed.left_out[:_MOST_TOLD])
        narrate(f"left out, as the call does not ask it: {some}; add it to its questions to show it")
    told = [
        f"look at {id}: its answers seem to hold the applicant's {' and '.join(fields)}"
        for id, fields in packed.telling.items()
    ]
    narrate_some(told, _MOST_TOLD, "and at {} more; --json names them all")


COMMANDS = (pack,)
