"""Checking what somebody has changed: files, commits, and what is pushed to a server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callforth.cli.common import Context, command, json_option, narrate, open_workspace, print_json
from callforth.errors import UsageError

if TYPE_CHECKING:
    from callforth.model.finding import Finding


class OneOrTheOther(UsageError):
    """Two options that exclude each other."""


@command(
    "check",
    "callforth check\ncallforth check --base HEAD",
    """Check that all files can be used; with --base, also that every commit since then keeps the rules.

    Exits with 1 where something is found. --pre-receive is for a server: as git's hook of that name in a bare
    repository it refuses a push that breaks the rules, rewrites the main branch, or moves or deletes a seal, and tells
    who pushes why.""",
)
@click.option("--base", metavar="REV", default="", help="Check the commits that lead to HEAD and not to REV.")
@click.option("--pre-receive", "in_hook", is_flag=True, help="Check what git's pre-receive hook is given on stdin.")
@json_option
def check(base: str, in_hook: bool, as_json: bool) -> int:
    """Check files, commits, or a push."""
    if in_hook and base:
        raise OneOrTheOther("--base and --pre-receive exclude each other: git says what is pushed")
    from callforth.cli import audit_tables

    found = _pushed() if in_hook else _here(base)
    if as_json:
        print_json({"sound": not found, "findings": [audit_tables.finding_json(one) for one in found]})
    elif in_hook:
        for one in found:
            narrate(audit_tables.finding(one))
        if found:
            narrate(f"refused by callforth: {len(found)} finding{'s' if len(found) > 1 else ''}; nothing was taken in")
    else:
        for one in found:
            click.echo(audit_tables.finding(one))
        narrate("nothing found" if not found else f"{len(found)} finding{'s' if len(found) > 1 else ''}")
    return 1 if found else 0


def _here(base: str) -> list[Finding]:
    from callforth.model.finding import Finding

    workspace = open_workspace(telling_problems=False)
    found = [
        Finding("unreadable", problem.says, problem.remedy, path=problem.path, line=problem.line)
        for problem in workspace.catalog.problems
    ]
    if base:
        from callforth.repo import tags
        from callforth.workflow.audit import guard, verify

        head = verify.whole(workspace.repository)
        found += guard.new_findings(workspace.repository, tags.commit(workspace.repository, base), head)
    return found


def _pushed() -> list[Finding]:
    from callforth.repo.repository import Repository
    from callforth.workflow.audit import guard

    folder = click.get_current_context().ensure_object(Context).folder
    repository = Repository(Path(folder).resolve(), interactive=False, in_hook=True)
    click.get_current_context().call_on_close(repository.close)
    return list(guard.findings(repository, guard.pushes(sys.stdin)))


COMMANDS = (check,)
