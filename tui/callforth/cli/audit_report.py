"""Commands of the audit that tell: a report on a meeting, and what happened to one application."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from callforth.cli.common import (
    at_home,
    command,
    complete_ids,
    complete_meetings,
    json_option,
    narrate,
    open_workspace,
    print_json,
    telling,
)
from callforth.errors import UsageError

FORMATS = ("html", "md", "csv", "json")
_SUFFIXES = {**{f".{form}": form for form in FORMATS}, ".htm": "html", ".markdown": "md"}


class UnknownFormat(UsageError):
    """It is not clear as what the report is to be written."""


@command(
    "report",
    "callforth audit report stockholm-2022 -o report.html\ncallforth audit report stockholm-2022 -o - --format json",
    """Write a report on the selection for a meeting, for a jury or a data protection officer.

    One file that needs nothing else: how many applied and how far they came, decisions over time and by whom, what
    was taken back and why, the balance of countries and roles, what 'audit verify' finds, and how to check it all with
    plain git. It names no applicant, and is the same to the byte until something is committed. Read the reasons in it
    before you publish it.

    The format is that of the file's name (.html, .md, .csv, .json), or --format. A file that is there is replaced.""",
)
@click.argument("meeting", required=False, shell_complete=complete_meetings)
@click.option("-o", "--output", metavar="FILE", required=True, help="Where to write it; - for stdout.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="What to write, whatever the file is called.")
def report(meeting: str | None, output: str, form: str | None) -> None:
    """Report on a meeting."""
    chosen = form or _format_of(output)
    workspace = open_workspace()
    name = workspace.meeting_or_only(meeting).id
    from callforth.workflow.audit import report as reporting
    from callforth.workflow.audit.verify import findings

    with telling("commits") as tell:
        made = reporting.report(workspace, name, findings(workspace, tell), tell)
    data = reporting.write(made, chosen)
    if output == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return
    from callforth.cli.output import to_file

    to_file(at_home(output), data)
    narrate(f"wrote {output}: {name} as of commit {made.head[:12]}")
    if made.reversals:
        narrate("reasons stand in it as they were given; read them before you publish it")


def _format_of(output: str) -> str:
    found = _SUFFIXES.get(Path(output).suffix.lower())
    if found is None:
        says = "stdout has no name to tell the format by" if output == "-" else "the file's name does not tell a format"
        raise UnknownFormat(f"{says}; say --format {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    return found


@command(
    "explain",
    "callforth audit explain k7m2qx\ncallforth audit explain k7m2qx --redact > letter.txt",
    """Tell in plain language what happened to one application, oldest first.

    Every step with who, when and why, on which version of the answers, and with which reviews at that moment: what
    they recommended and their scores, never their remarks. One that was removed is told from history.

    --redact leaves out who of the team it was, in reasons too, for sending it to the applicant. Read it before.""",
)
@click.argument("id", shell_complete=complete_ids)
@click.option("--redact", "redacted", is_flag=True, help="Leave out names and addresses of the team.")
@json_option
def explain(id: str, redacted: bool, as_json: bool) -> None:
    """Explain what happened to one application."""
    from callforth.cli import explaining
    from callforth.workflow.audit.explain import explain as explain_it
    from callforth.workflow.audit.redact import redact

    workspace = open_workspace()
    with telling("commits") as tell:
        found, team = explain_it(workspace, id, tell)
    if redacted:
        found = redact(found, team)
    if as_json:
        print_json(explaining.explanation_json(found))
        return
    for line in explaining.lines(found):
        click.echo(line)


COMMANDS = (report, explain)
