"""The audit: the ledger, verifying it, sealing it, and agreeing with others' decisions."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from callforth.cli import audit_report
from callforth.cli.common import (
    command,
    complete_meetings,
    group,
    json_option,
    narrate,
    open_workspace,
    print_json,
    telling,
)
from callforth.model.text import counted

if TYPE_CHECKING:
    from callforth.workflow.audit.verify import Verdict
    from callforth.workflow.workspace import Workspace

FORMATS = ("table", "jsonl", "csv", "md")


def _workspace() -> Workspace:
    """Open the workspace without reading its files: an audit is of what was committed."""
    return open_workspace(reading=False)


audit = group(
    "audit",
    """Who decided what, when and why; and proof that nobody rewrote it.

\b
Examples:
  callforth audit ledger --format jsonl
  callforth audit explain k7m2qx""",
)


@command(
    "ledger",
    "callforth audit ledger stockholm-2022 --format csv > ledger.csv",
    """List what happened to applications, derived from every commit and merge.

    The table, csv and md are in the order of meeting, application and time. jsonl is the canonical form: no commit
    ids, no times, no names of applicants; two people with the same history get the same bytes, and it is what
    'audit seal' seals.""",
)
@click.argument("meeting", required=False, shell_complete=complete_meetings)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help="How to write it."
)
def ledger(meeting: str | None, form: str) -> None:
    """List the ledger."""
    from callforth.cli import audit_tables
    from callforth.workflow.audit import verify

    workspace = _workspace()
    with telling("commits") as tell:
        _, lines, entries = verify.ledger(workspace, tell)
    if meeting is not None:
        known = {one.meeting for one in lines}
        if meeting not in known:
            workspace.catalog.refresh()
            workspace.catalog.meeting(meeting)
    chosen = [(one, entries[one.number][1]) for one in sorted(lines) if meeting is None or one.meeting == meeting]
    if form == "jsonl":
        sys.stdout.buffer.write("".join(f"{one.text}\n" for one, _ in chosen).encode())
        return
    audit_tables.write([entry for _, entry in chosen], form)


@command(
    "verify",
    "callforth audit verify\ncallforth audit verify --digest 9f2c41d07ab3e6559f2c41d07ab3e655 --json",
    """Check all of history, and exit with 1 where it is not sound.

    Every change of an application must have a record that says the same, be allowed by the rules and made by who was
    an organiser then, signed as the policy in callforth.toml asks; nothing may have been rewritten since an earlier
    audit here, or since a seal. Notes are what is allowed, and shown all the same.

    --digest says which seal must be there: compare with the digest that was given out when it was made.""",
)
@click.option("--digest", metavar="HEX", help="A seal's digest (32 characters or more) that must be here.")
@click.option("--fresh", is_flag=True, help="Look at all of history again, whatever earlier audits saw.")
@click.option("--forget", is_flag=True, help="Forget where branches and seals were at earlier audits.")
@json_option
def verify(digest: str | None, fresh: bool, forget: bool, as_json: bool) -> int:
    """Verify history."""
    from callforth.cli import audit_tables
    from callforth.workflow.audit import verify as verifying

    workspace = _workspace()
    with telling("commits") as tell:
        verdict = verifying.verify(workspace, digest, fresh, forget, tell)
    if as_json:
        print_json(
            {
                "sound": verdict.sound,
                "findings": [audit_tables.finding_json(one) for one in verdict.findings],
                "notes": [audit_tables.finding_json(one) for one in verdict.notes],
            }
        )
    else:
        _print(verdict)
    if verdict.forgotten:
        narrate(f"where branches and seals are is not remembered for the next audit: {verdict.forgotten}")
    return 0 if verdict.sound else 1


def _print(verdict: Verdict) -> None:
    from callforth.cli import audit_tables

    for finding in verdict.findings:
        click.echo(audit_tables.finding(finding))
    for note in verdict.notes:
        click.echo(f"note: {audit_tables.finding(note)}")
    seals = counted(len(verdict.seals), "seal") if verdict.seals else "no seal"
    looked = f"{counted(verdict.commits, 'commit')}, {counted(verdict.decisions, 'decision')}, {seals}"
    result = "sound" if verdict.sound else f"NOT SOUND: {counted(len(verdict.findings), 'finding')}"
    narrate(f"{result} at {verdict.tip[:12]} ({looked})")


@command(
    "seal",
    "callforth audit seal",
    """Seal the ledger as it is now: a signed tag on its canonical form.

    Prints the digest. Give it to all organisers, or read it out: whoever has it can check later, with 'callforth
    audit verify --digest HEX', that nothing that stands in the ledger today was changed. Share the tag with 'git push
    origin --tags'.""",
)
@click.option("--unsigned", is_flag=True, help="Make the tag without a signature.")
@json_option
def seal(unsigned: bool, as_json: bool) -> None:
    """Seal the ledger."""
    from callforth.workflow.audit import verify as verifying
    from callforth.workflow.audit.sealing import seal as make

    workspace = _workspace()
    with telling("commits") as tell:
        made, is_new = make(workspace, not unsigned, tell)
    if as_json:
        print_json({"seal": made.tag.name, "digest": made.digest, "lines": made.lines, "commit": made.head})
        return
    click.echo(made.digest)
    if is_new:
        narrate(f"{made.tag.name} seals {made.lines} lines at {made.head[:12]}; give the digest to all organisers,")
        narrate(f"and share the tag: git push origin {made.tag.name}. To check it: callforth audit verify --digest "
                f"{made.digest[: verifying.LEAST_DIGEST]}")  # fmt: skip
    else:
        narrate(f"nothing has changed since {made.tag.name}")


@command(
    "countersign",
    "callforth audit countersign 1a2b3c4d -m 'Read the reviews; I agree.'",
    """Agree with others' decisions: a commit of yours that names them and changes nothing.

    Where the policy asks for a second person, a decision counts once another member of the team has agreed. COMMIT is
    what 'callforth log' shows; --all takes every decision that waits for somebody else than you.""",
)
@click.argument("commits", metavar="COMMIT...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that wait for a second person.")
@click.option("-m", "--message", "--reason", "reason", metavar="WHY", default="", help="Why you agree.")
@json_option
def countersign(commits: tuple[str, ...], everything: bool, reason: str, as_json: bool) -> None:
    """Countersign decisions."""
    from callforth.workflow.audit.sealing import countersign as agree

    workspace = _workspace()
    with telling("commits") as tell:
        made, agreed = agree(workspace, commits, everything, reason, tell)
    if as_json:
        print_json({"commit": made, "countersigned": list(agreed)})
        return
    click.echo(f"{made[:7]} Countersign {counted(len(agreed), 'decision')}")


for _command in (ledger, verify, seal, countersign, *audit_report.COMMANDS):
    audit.add_command(_command)

COMMANDS = (audit,)
