"""Reviews: writing one, what is left to review, how far everybody is; other commands of reviews come from beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from callforth.cli import review_assign, review_branch, review_pack
from callforth.cli.common import (
    command,
    complete_ids,
    complete_meetings,
    group,
    json_option,
    narrate,
    narrate_some,
    open_workspace,
    print_json,
)
from callforth.errors import UsageError
from callforth.model.ids import is_id
from callforth.model.review import RECOMMENDATIONS

if TYPE_CHECKING:
    from callforth.model.review import Review
    from callforth.workflow.review import Saved
    from callforth.workflow.workspace import Workspace

_WRITE = "write"
_NEAR = 0.8
_MOST_TOLD = 20
_MORE = "and {} more like these"


class NoScore(UsageError):
    """A score is not written as criterion=number."""


class _Reviews(click.Group):
    """A group in which a word that is no command is an application's id: `review k7m2qx` is `review write k7m2qx`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        at = 0
        while at < len(args) and args[at].split("=")[0] in own:
            if args[at] in ctx.help_option_names:
                return super().parse_args(ctx, args)
            at += 1 if "=" in args[at] else 2
        if at < len(args) and args[at] not in self.commands:
            self._check_slip(ctx, args[at])
            args = [*args[:at], _WRITE, *args[at:]]
        return super().parse_args(ctx, args)

    def _check_slip(self, ctx: click.Context, word: str) -> None:
        """Raise `click.UsageError` where a word is nearly a command's name, and no whole id."""
        from difflib import get_close_matches

        near = get_close_matches(word, self.commands, n=1, cutoff=_NEAR)
        if near and not is_id(word):
            raise click.UsageError(f"there is no command 'review {word}'; did you mean 'review {near[0]}'?", ctx)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        ids = complete_ids(ctx, click.Argument(["id"]), incomplete) if not incomplete.startswith("-") else []
        return [*super().shell_complete(ctx, incomplete), *map(CompletionItem, ids)]


review = group(
    "review",
    """Say what you think of applications, and see what is left to review.

'callforth review ID' is 'callforth review write ID'.

\b
Examples:
  callforth review queue
  callforth review k7m2qx --recommend accept --score fit=4 -m 'Years of it, and modest.'
  callforth review progress""",
    _Reviews,
)


@command(
    _WRITE,
    "callforth review k7m2qx\n"
    "callforth review k7m2qx --recommend accept --score fit=3.5 -m 'Years of it, and modest.'\n"
    "callforth review k7m2qx --conflict",
    """Write your review of an application, or change it. It becomes one commit that changes your file alone.

    Without options your editor opens (as git would choose it) on a file that spells out what is asked. With options
    only what they name is changed. A review counts once it recommends something. Who has a conflict of interest says
    --conflict and need say nothing else.""",
)
@click.argument("id", metavar="ID", shell_complete=complete_ids)
@click.option("--recommend", type=click.Choice(RECOMMENDATIONS), help="What the team should do.")
@click.option(
    "--score",
    "scores",
    multiple=True,
    metavar="CRITERION=NUMBER",
    help="A score on the call's scale; without a number it is taken away. May be given several times.",
)
@click.option("--message", "-m", "remarks", metavar="REMARKS", help="Your remarks, in place of earlier ones.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag that you suggest; may be given several times.")
@click.option(
    "--conflict/--no-conflict", default=None, help="You should not judge this one: you know them, or work with them."
)
@json_option
def write(
    id: str,
    recommend: str | None,
    scores: tuple[str, ...],
    remarks: str | None,
    tags: tuple[str, ...],
    conflict: bool | None,
    as_json: bool,
) -> None:
    """Review an application."""
    from callforth.workflow import review as reviewing

    workspace = open_workspace()
    me = reviewing.reviewer(workspace)
    application = workspace.catalog.application(id).id
    elsewhere = reviewing.waits_on_branch(workspace, application, me.slug)
    if elsewhere:
        narrate(elsewhere)
    if recommend is None and not scores and remarks is None and not tags and conflict is None:
        from callforth.cli.review_editor import in_editor

        _report(workspace, in_editor(workspace, application, me), as_json)
        return
    seen, before = reviewing.read(workspace, application, me.slug)
    changed = _changed(before or reviewing.blank(application, me.slug), recommend, scores, remarks, tags, conflict)
    _report(workspace, reviewing.save(workspace, application, changed, seen), as_json)


def _changed(
    review: Review,
    recommend: str | None,
    scores: Sequence[str],
    remarks: str | None,
    tags: Sequence[str],
    conflict: bool | None,
) -> Review:
    from dataclasses import replace

    given = dict(review.scores)
    for said in scores:
        criterion, equals, number = said.rpartition("=")
        try:
            if not equals or not criterion:
                raise ValueError
            if number.strip():
                given[criterion.strip()] = float(number)
            else:
                given.pop(criterion.strip(), None)
        except ValueError:
            raise NoScore(f"'{said}' is no score; write it like practice=4") from None
    return replace(
        review,
        recommend=review.recommend if recommend is None else recommend,
        scores=given,
        remarks=review.remarks if remarks is None else remarks,
        tags=(*review.tags, *tags),
        conflict=review.conflict if conflict is None else conflict,
    )


def _report(workspace: Workspace, saved: Saved, as_json: bool) -> None:
    from callforth.workflow import review as reviewing

    said = saved.review
    meeting = workspace.catalog.application(said.application).meeting
    if as_json:
        print_json({"commit": saved.commit, "path": saved.path, **review_json(said, meeting)})
        return
    click.echo(f"{saved.commit[:7]}  Review {said.application} for {meeting}")
    if not said.done:
        narrate("it does not count yet: it recommends nothing")
    left = len(reviewing.queue(workspace, meeting, said.reviewer))
    narrate(f"{meeting}: {left} left for you to review")


def review_json(review: Review, meeting: str) -> dict[str, Any]:
    """Return a review with its documented keys."""
    return {
        "meeting": meeting,
        "application": review.application,
        "reviewer": review.reviewer,
        "recommend": review.recommend or None,
        "scores": dict(review.scores),
        "tags": list(review.tags),
        "conflict": review.conflict,
        "remarks": review.remarks,
        "counts": review.counts,
    }


@command(
    "queue",
    "callforth review queue\ncallforth review queue stockholm-2022 --json",
    """List what is left for you to review: what still waits for a decision first, then by arrival.

    Where nothing was assigned to anybody, that is everything undecided that you have not reviewed.""",
)
@click.argument("meeting", required=False, shell_complete=complete_meetings)
@json_option
def queue(meeting: str | None, as_json: bool) -> None:
    """List what is left."""
    from callforth.cli import render
    from callforth.workflow import review as reviewing

    workspace = open_workspace()
    chosen = workspace.meeting_or_only(meeting)
    me = reviewing.reviewer(workspace)
    ids = reviewing.queue(workspace, chosen.id, me.slug)
    narrate_some(reviewing.amiss(workspace, chosen.id, me.slug), _MOST_TOLD, _MORE)
    rows = {row.id: row for row in workspace.catalog.only(ids)}
    ordered = [rows[one] for one in ids]
    if as_json:
        print_json([{"id": row.id, "meeting": row.meeting, "status": row.status.value} for row in ordered])
        return
    if chosen.blind:  # who they are is not for reviewers
        lines = render.table(((row.id, row.status, f"{row.received:%Y-%m-%d}") for row in ordered), (6, 11, 10))
    else:
        lines = render.application_rows(ordered)
    for line in lines:
        click.echo(line)
    narrate(f"{chosen.id}: {len(ids)} left for {me.name} to review")


@command(
    "progress",
    "callforth review progress\ncallforth review progress stockholm-2022 --json",
    """Tell for each reviewer how many applications they were assigned, have done, gave up, and have left.

    It looks at the files here and at the reviewers' own branches (review/MEETING/NAME), as they were last fetched.""",
)
@click.argument("meeting", required=False, shell_complete=complete_meetings)
@json_option
def progress(meeting: str | None, as_json: bool) -> None:
    """Tell how far reviewers are."""
    from dataclasses import asdict

    from callforth.cli import render
    from callforth.workflow import review as reviewing

    workspace = open_workspace()
    chosen = workspace.meeting_or_only(meeting).id
    loads = reviewing.progress(workspace, chosen)
    narrate_some(reviewing.amiss(workspace, chosen), _MOST_TOLD, _MORE)
    if as_json:
        print_json([{"meeting": chosen, **asdict(load)} for load in loads])
        return
    rows = [(one.reviewer, *map(str, (one.assigned, one.done, one.conflicts, one.left))) for one in loads]
    if rows:
        head = ("reviewer", "assigned", "done", "conflicts", "left")
        for line in render.table([head, *rows], (40, 8, 8, 9, 8)):
            click.echo(line)
    left = sum(one.left for one in loads)
    narrate(f"{chosen}: {left} of {sum(one.assigned for one in loads)} assigned reviews left")


for _command in (
    write,
    queue,
    progress,
    *review_assign.COMMANDS,
    *review_pack.COMMANDS,
    *review_branch.COMMANDS,
):
    review.add_command(_command)

COMMANDS = (review,)
