"""`callforth review assign`: reviewers for each application, and their files on their branches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from callforth.cli.common import (
    command,
    complete_meetings,
    json_option,
    narrate,
    narrate_some,
    open_workspace,
    print_json,
)
from callforth.errors import RepositoryError, UsageError
from callforth.model import conflict
from callforth.model.text import clean_line, counted

if TYPE_CHECKING:
    from callforth.workflow.assign import Plan, Short

_MOST_SHOWN = 20
_MORE = "  and {} more; --json has them all"


class NobodyNamed(UsageError):
    """`--reviewers` names nobody."""


@command(
    "assign",
    "callforth review assign --dry-run\n"
    "callforth review assign stockholm-2022 --each 3 --push\n"
    "callforth review assign --reviewers hedda,nils --seed 2",
    """Give each application that is still to be decided as many reviewers as it needs.

    Each reviewer gets their files, ready to be filled in, in one commit on a branch of theirs
    (review/MEETING/REVIEWER); nothing changes on the branch you stand on. Loads are as even as can be, and nobody gets
    an application that they said they should not judge, or of their own organisation or e-mail domain. What was
    handed out before stays. The same seed draws the same.""",
)
@click.argument("meeting", required=False, shell_complete=complete_meetings)
@click.option(
    "--each", type=click.IntRange(min=1), metavar="N", help="How many reviewers each gets; usually the call says it."
)
@click.option(
    "--reviewers", metavar="A,B", help="Whom to ask, by their names in callforth.toml; usually all reviewers."
)
@click.option("--seed", default="1", metavar="S", help="What chance is drawn from: another seed, another draw.")
@click.option("--dry-run", is_flag=True, help="Only show what would be handed out.")
@click.option("--push", is_flag=True, help="Push the reviewers' branches to the remote.")
@json_option
def assign(
    meeting: str | None, each: int | None, reviewers: str | None, seed: str, dry_run: bool, push: bool, as_json: bool
) -> int:
    """Assign."""
    from callforth.workflow import assign as assigning

    workspace = open_workspace()
    chosen = workspace.meeting_or_only(meeting)
    asked = None if reviewers is None else [slug.strip() for slug in reviewers.split(",") if slug.strip()]
    if asked is not None and not asked:
        raise NobodyNamed("--reviewers names nobody; leave it out to ask all reviewers of the team")
    how = (each or 0, asked, clean_line(seed)[:40])
    if push and not dry_run:
        assigning.where_to_push(workspace)
    if dry_run:
        plan, commits = assigning.plan(workspace, chosen, *how), dict[str, str]()
    else:
        plan, commits = assigning.hand_out(workspace, chosen, *how)
    if not as_json:
        for line in _lines(plan, commits):
            click.echo(line)
    _tell(plan, dry_run)
    pushed: int | None = None
    failed: RepositoryError | None = None
    if push and not dry_run:
        try:
            pushed = assigning.push(workspace, plan.meeting.id, [one.reviewer for one in plan.handed])
        except RepositoryError as error:
            failed = error  # what was handed out stands, and is told
    if as_json:
        about = {"code": failed.code, "says": failed.says} if failed else None
        print_json({**_json(plan, commits), "pushed": pushed, "error": about})
    if failed:
        narrate(f"not pushed: {failed}; 'callforth review assign --push' tries again")
        return failed.exit_code
    if pushed is not None:
        narrate(f"pushed {pushed} branch{'es' if pushed > 1 else ''}" if pushed else "nothing new to push")
    elif commits:
        narrate("the branches are in this clone only; 'callforth review assign --push' pushes them")
    return 0


def _json(plan: Plan, commits: dict[str, str]) -> dict[str, Any]:
    return {
        "meeting": plan.meeting.id,
        "each": plan.each,
        "seed": plan.seed,
        "blind": plan.meeting.blind,
        "applications": plan.considered,
        "reviewers": [
            {
                "reviewer": one.reviewer,
                "before": one.before,
                "new": list(one.new),
                "commit": commits.get(one.reviewer),
            }
            for one in plan.handed
        ],
        "short": [
            {
                "application": one.application,
                "has": one.has,
                "conflicts": [{"reviewer": slug, "kind": kind} for slug, kind in one.conflicts],
            }
            for one in plan.short
        ],
        "kept": [{"application": id, "reviewer": slug, "kind": kind} for id, slug, kind in plan.kept],
    }


def _lines(plan: Plan, commits: dict[str, str]) -> list[str]:
    from callforth.cli import render

    rows = [
        (one.reviewer, f"{len(one.new)} new", f"{one.load} in all", commits.get(one.reviewer, "")[:7])
        for one in plan.handed
    ]
    return [line.rstrip() for line in render.table(rows, (64, 12, 14, 7))]


def _tell(plan: Plan, dry_run: bool) -> None:
    wanted = counted(plan.each, "reviewer")
    if not plan.considered:
        narrate(f"no application of {plan.meeting.id} is still to be decided, so there is nothing to hand out")
        return
    how = f"{counted(plan.considered, 'application')} of {plan.meeting.id} still to be decided, {wanted} each"
    if not plan.new:
        narrate(f"{how}; nothing new to hand out")
    else:
        narrate(f"{how}; drawn with the seed '{plan.seed}'{': nothing was handed out' if dry_run else ''}")
    _tell_short(plan, wanted)
    kept = [
        f"note: {slug} was given {id} before and {conflict.SAYS[kind]}; it stays theirs until they declare it"
        for id, slug, kind in plan.kept
    ]
    narrate_some(kept, _MOST_SHOWN, _MORE)


def _tell_short(plan: Plan, wanted: str) -> None:
    if not plan.short:
        return
    narrate(f"{counted(len(plan.short), 'application')} could not get {wanted}:")
    few = plan.each > len(plan.handed)
    if few:
        narrate(
            f"  of {counted(len(plan.handed), 'reviewer')} nobody can have {plan.each}; ask more, or for fewer reviews"
        )
    shown = [one for one in plan.short if one.conflicts or not few]
    narrate_some([f"  {one.application} has {one.has}: {_why(one)}" for one in shown], _MOST_SHOWN, _MORE)


def _why(one: Short) -> str:
    who = [f"{slug} {conflict.SAYS[kind]}" for slug, kind in one.conflicts]
    return "; ".join(who) or "the others have it already"


COMMANDS = (assign,)
