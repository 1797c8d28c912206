"""Proposing decisions: on a branch, by pull request; and what a branch would change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from callforth.cli.common import (
    command,
    complete_meetings,
    group,
    json_option,
    narrate,
    open_workspace,
    print_json,
)

if TYPE_CHECKING:
    from callforth.workflow.propose import Started, Submitted

switch_option = click.option("--switch", is_flag=True, help="Switch to it, if no edit would be lost.")
base_option = click.option(
    "--base", metavar="BRANCH", default="", help="What to merge into, if not the remote's main branch."
)
title_option = click.option("--title", metavar="TEXT", default="", help="The pull request's title, if not ours.")
no_text_option = click.option("--no-text", is_flag=True, help="Do not write what is changed into the pull request.")


propose = group(
    "propose",
    """Decide by pull request: on a branch, and merging it makes it so.

'callforth propose start' makes the branch, there you decide as ever, 'callforth propose submit' hands it in.

\b
Examples:
  callforth propose start --switch
  callforth propose start stockholm-2022 --name second-round""",
)


@command(
    "start",
    "callforth propose start --switch\ncallforth propose start stockholm-2022 --name second-round --switch",
    """Make a branch to decide on: propose/MEETING/YOU-1, or the next number, or a name of your own.

    It begins at what you have in hand. Then decide as ever; 'git switch main' goes back.""",
)
@click.argument("meeting", required=False, shell_complete=complete_meetings)
@click.option("--name", metavar="NAME", default="", help="The last part of the branch's name.")
@switch_option
@json_option
def start(meeting: str | None, name: str, switch: bool, as_json: bool) -> None:
    """Start a proposal."""
    from callforth.workflow.propose import start_proposal

    workspace = open_workspace()
    tell_started(start_proposal(workspace, workspace.meeting_or_only(meeting), name, switch), as_json)


@command(
    "submit",
    "callforth propose submit\ncallforth propose submit propose/stockholm-2022/sanna-1 --base main",
    """Push a branch with decisions, and open a pull request that says what it changes.

    BRANCH is the one in hand if left out. It goes through gh, glab or tea where they are installed, else by push
    options (GitLab, Gitea, Forgejo), else the link to open is printed. Where the forge cannot be told from the remote's
    address, say 'git config callforth.forge gitlab' (or github, gitea, forgejo, bitbucket). To add more later, submit
    again.""",
)
@click.argument("branch", required=False)
@base_option
@title_option
@no_text_option
@json_option
def submit(branch: str | None, base: str, title: str, no_text: bool, as_json: bool) -> None:
    """Submit a proposal."""
    from callforth.workflow import propose as proposing

    workspace = open_workspace(reading=False)
    chosen = proposing.proposed_branch(workspace, branch or "")
    tell_submitted(proposing.submit(workspace, chosen, base, title, not no_text), as_json)


@command(
    "summary",
    "callforth summary --base main\ncallforth summary HEAD --base main --json",
    """Write what a branch would change, as Markdown for a pull request's text.

    BRANCH is what you have in hand if left out.

    Decisions with their reasons, seats and balance before and after, reviews by reviewer, tags, and whatever else is
    changed. Applications are told by their ids, unless --names is given. Only what is committed counts. In a meeting
    that is reviewed blind, it does not say what reviewers recommend.""",
)
@click.argument("branch", required=False)
@click.option("--base", metavar="REV", required=True, help="What it would be merged into: a branch, a commit, a date.")
@click.option("--names", is_flag=True, help="Name the applicants too.")
@json_option
def summary(branch: str | None, base: str, names: bool, as_json: bool) -> None:
    """Summarise a branch."""
    from callforth.cli.summary_json import summary_json
    from callforth.workflow import summary as summing
    from callforth.workflow.summary_page import page

    found = summing.summary(open_workspace(reading=False), base, branch or "HEAD")
    if as_json:
        print_json(summary_json(found, names))
    else:
        click.echo(page(found, names), nl=False)


def tell_started(found: Started, as_json: bool) -> None:
    """Print the branch that was made, and say what to do next."""
    if as_json:
        print_json(
            {"branch": found.branch, "made": found.made, "follows": found.follows or None, "switched": found.switched}
        )
        return
    click.echo(found.branch)
    if not found.made:
        narrate("it was there already, and stays where it is")
    elif found.follows:
        narrate(f"it begins where that of '{found.follows}' is")
    if found.pack:
        narrate("it is a pack without who applied: fill in its files on the forge, or in a clone of that branch alone")
    elif found.switched:
        narrate("you are on it now; go back with 'git switch -'")
    else:
        narrate(f"to work on it: git switch {found.branch}")


def tell_submitted(found: Submitted, as_json: bool) -> None:
    """Print the pull request's link, or say how one is opened."""
    from callforth.workflow.forge import LEFT_OUT

    opened = found.opened
    if as_json:
        print_json(
            {
                "branch": opened.branch,
                "into": opened.target,
                "how": opened.how,
                "link": opened.link or None,
                "said": opened.said or None,
            }
        )
        return
    if opened.link:
        click.echo(opened.link)
    if opened.said:
        narrate(opened.said)
    hint = ", or say which forge that is: git config callforth.forge github"
    if opened.forge:
        hint = f"; git's callforth.forge says {opened.forge}, but no link can be made of the remote's address"
    narrate(
        {
            "link": f"{opened.branch} is pushed; open the pull request into {opened.target} with this link",
            "hand": f"{opened.branch} is pushed; open a pull request for it into {opened.target} where the remote is"
            f"{hint}",
            "pack": f"{opened.branch} is pushed; it is a pack, which nothing can be merged from: an organiser takes "
            f"the reviews in with 'callforth review collect {opened.branch}'",
        }.get(opened.how, f"{opened.branch} is pushed, and its pull request into {opened.target} is open")
    )
    if opened.how in LEFT_OUT:
        narrate(f"for its text: callforth summary {opened.branch} --base {found.base}")


for _command in (start, submit):
    propose.add_command(_command)

COMMANDS = (propose, summary)
