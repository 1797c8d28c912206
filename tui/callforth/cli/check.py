"""Checking what somebody has changed: files, commits, a branch before it is merged, and what is pushed to a server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callforth.cli import check_formats
from callforth.cli.common import Context, command, json_option, narrate, open_workspace, print_json
from callforth.cli.ending import say
from callforth.errors import CallforthError, UsageError

if TYPE_CHECKING:
    from callforth.model.finding import Finding


class OneOrTheOther(UsageError):
    """Two options that exclude each other."""


@command(
    "check",
    "callforth check\ncallforth check --base origin/main --as hedda.nystrom@example.org\n"
    "callforth check --base origin/main --format github",
    """Check that all files can be used; with --base, also what a branch would bring where it is merged.

    Every commit that leads to HEAD and not to REV must keep the rules, also by the team at REV; answers stay as they
    are; merged, both may not take more seats than there are. --as says who asks for it, by e-mail address or name on
    the forge: who is no organiser there may bring nothing but their own reviews and agreement.

    Exits with 1 where something is found; notes are only shown. --format github writes annotations, --format gitlab a
    code quality report; 'callforth init --forge' makes the workflow that runs this on each pull request.

    --pre-receive is for a server: as git's hook of that name in a bare
    repository it refuses a push that breaks the rules, rewrites the main branch, or moves or deletes a seal, and tells
    who pushes why.""",
)
@click.option("--base", metavar="REV", default="", help="Check the commits that lead to HEAD and not to REV.")
@click.option("--as", "who", metavar="EMAIL", default="", help="Who asks for them to be merged.")
@click.option(
    "--format", "form", type=click.Choice(check_formats.FORMATS), default="text", show_default=True,
    help="How to write what is found.",
)  # fmt: skip
@click.option("--pre-receive", "in_hook", is_flag=True, help="Check what git's pre-receive hook is given on stdin.")
@json_option
def check(base: str, who: str, form: str, in_hook: bool, as_json: bool) -> int:
    """Check files, commits, or a push."""
    if in_hook and (base or who):
        raise OneOrTheOther("--pre-receive excludes --base and --as: git says what is pushed")
    if as_json and form not in ("text", "json"):
        raise OneOrTheOther(f"--json and --format {form} exclude each other")
    try:
        found = _pushed() if in_hook else _here(base, who)
    except CallforthError as error:
        if form != "json":
            raise
        return say(error.code, error.says, error.exit_code, as_json=True)  # as --json, which the same is asked with
    grave = any(one.grave for one in found)
    if in_hook and form == "text" and not as_json:
        for line in check_formats.text(found):
            narrate(line)
        if grave:
            narrate(f"refused by callforth: {check_formats.result(found)}; nothing was taken in")
        return 1 if grave else 0
    _write(found, "json" if as_json else form)
    if not as_json:
        narrate(check_formats.result(found))
    return 1 if grave else 0


def _write(found: list[Finding], form: str) -> None:
    if form == "json":
        print_json(check_formats.as_data(found))
    elif form == "gitlab":
        print_json(check_formats.gitlab(found))
        for line in check_formats.text(found):  # the report goes to a file; this is for who reads the job's log
            narrate(line)
    else:
        for line in check_formats.github(found) if form == "github" else check_formats.text(found):
            click.echo(line)


def _here(base: str, who: str) -> list[Finding]:
    from callforth.workflow import checking

    return checking.check(open_workspace(telling_problems=False), base, who)


def _pushed() -> list[Finding]:
    from callforth.repo.repository import Repository
    from callforth.workflow.audit import guard

    folder = click.get_current_context().ensure_object(Context).folder
    repository = Repository(Path(folder).resolve(), interactive=False, in_hook=True)
    click.get_current_context().call_on_close(repository.close)
    return list(guard.findings(repository, guard.pushes(sys.stdin)))


COMMANDS = (check,)
