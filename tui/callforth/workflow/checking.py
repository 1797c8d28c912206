"""Checking a workspace, and what a branch would bring: what a forge runs on each pull request.

Nothing of the branch is run; what it says of who may do what does not count for itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from callforth.errors import UsageError, WorkspaceError
from callforth.index.questions import UnknownMeeting
from callforth.index.reading import place_of
from callforth.model.application import Problem
from callforth.model.finding import Finding
from callforth.model.meeting import Meeting
from callforth.model.review import check as check_review
from callforth.model.team import Team
from callforth.model.text import clean_line, counted
from callforth.plaintext import config, layout
from callforth.plaintext import review as review_file
from callforth.plaintext.document import FileUnusable, read
from callforth.workflow import checking_sources
from callforth.workflow.checking_files import InCommit, InWorkTree
from callforth.workflow.workspace import Workspace

if TYPE_CHECKING:
    from callforth.workflow.audit.branch import Branch

Files = InWorkTree | InCommit

_REVIEW = 3  # parts of a review's place
# What is wrong with a decision is shown where the status stands.
_OF_STATUS = (
    "unrecorded",
    "record-disagrees",
    "transition",
    "reason",
    "seats",
    "seats-over",
    "arrival",
    "undo",
    "author",
)


class Shallow(WorkspaceError):
    """A part of the history that is to be checked is not here."""


class NoBase(UsageError):
    """Who opened a pull request says nothing without where it is to be merged."""


def check(workspace: Workspace, base: str = "", as_email: str = "") -> list[Finding]:
    """Return what is wrong with a workspace, and what is only to be shown (notes, which are not grave).

    Without a `base`, files are judged as they are in the work tree. Where it names a revision, as HEAD has them, and it
    is also returned what is wrong with the commits that lead to HEAD and not to it; the team there counts. `as_email`
    is who asks for them to be merged: an e-mail address, or a name on the forge; empty where that is not to be checked.
    Raises `NoBase`, `Shallow`, `UnknownCommit`, `NothingCommitted`, `FileUnusable` where the team at `base` cannot be
    read, `GitTooOld`, `GitFailed`.
    """
    if as_email and not base:
        raise NoBase("who opened a pull request is checked by the team of where it is to be merged: add --base REV")
    if not base:
        workspace.catalog.refresh()
        files = InWorkTree(workspace)
        return [*_unusable(workspace), *_reviews(files, frozenset()), *checking_sources.repeated(files)]
    from callforth.repo import tags
    from callforth.workflow import moment, opening
    from callforth.workflow.audit import branch as branching
    from callforth.workflow.audit import committed

    repository = workspace.repository
    head = committed.head_of(workspace)
    if (repository.common_dir / "shallow").exists():
        raise Shallow(
            "this clone is shallow: a part of the history to check is not here; get all of it with "
            "'git fetch --unshallow' (in a workflow: 'fetch-depth: 0', in GitLab 'GIT_DEPTH: 0')"
        )
    # A forge names no commit by zeros: the branch is new, and all of it is looked at.
    onto = tags.commit(repository, base) if set(base) != {"0"} else ""
    branch = branching.read(repository, onto, head)
    then = moment.after(workspace, head)
    try:
        found = [*_uncommitted(workspace), *_of_branch(InCommit(then), branch)]
    finally:
        then.close()
    if as_email:
        raw = repository.blob(onto, layout.CONFIG) if onto else None
        found += opening.opened_by(branch, config.parse(raw) if raw is not None else Team("", ()), as_email)
    return found


def _of_branch(files: InCommit, branch: Branch) -> Iterator[Finding]:
    """Iterate over what is wrong with the files at a branch's end, and with its commits."""
    from callforth.workflow.audit import branch as branching
    from callforth.workflow.audit import guard

    files.workspace.catalog.refresh()
    yield from _unusable(files.workspace)
    yield from _reviews(files, branch.paths)
    yield from (_on_its_line(files, one) for one in guard.of_branch(branch, strictly=True))
    yield from branching.together(branch)
    yield from checking_sources.repeated(files, branch.paths, checking_sources.at_base(branch))


def _uncommitted(workspace: Workspace) -> Iterator[Finding]:
    from callforth.repo import listing

    edited = listing.uncommitted(workspace.repository.git, (layout.CONFIG, layout.MEETINGS, layout.APPLICATIONS))
    if edited:
        says = f"{counted(len(edited), 'file')} with edits that are not committed, and were not checked: "
        says += clean_line(edited[0]) + (f" and {len(edited) - 1} more" if len(edited) > 1 else "")
        yield Finding("uncommitted", says, "commit them, and check again", path=clean_line(edited[0]), grave=False)


def _unusable(workspace: Workspace) -> Iterator[Finding]:
    """Iterate over the files that cannot be used; the catalog must have been refreshed."""
    yield from map(_unreadable, workspace.catalog.problems)
    try:
        workspace.team()
    except FileUnusable as error:
        yield _unreadable(error.problem)


def _unreadable(problem: Problem) -> Finding:
    return Finding("unreadable", problem.says, problem.remedy, path=problem.path, line=problem.line)


def _reviews(files: Files, changed: frozenset[str]) -> Iterator[Finding]:
    """Iterate over what reviews say that does not fit their call, the team, or the applications.

    What came to be so otherwise is only noted, where the review's file is not among those `changed`: criteria are
    reworded, members leave, applicants are erased.
    """
    catalog, team = files.workspace.catalog, _team(files.workspace)
    for path, (meeting, application, reviewer) in files.reviews():
        grave = path in changed
        if not files.has(layout.application(meeting, application)):
            says = f"there is no application {application} in {meeting}"
            yield _of_review(path, 0, says, "name the folder after the application's id", grave)
        elif team is not None and all(member.slug != reviewer for member in team.members):
            says = f"nobody in the team is called '{reviewer}'"
            yield _of_review(path, 0, says, f"name the file as {layout.CONFIG} names the reviewer", grave)
        with suppress(FileUnusable, UnknownMeeting):  # which is found of that file
            yield from _review(files.read(path), path, (application, reviewer), catalog.meeting(meeting), grave)


def _team(workspace: Workspace) -> Team | None:
    with suppress(FileUnusable):  # which is found of that file
        return workspace.team()
    return None


def _review(raw: bytes, path: str, place: tuple[str, str], meeting: Meeting, changed: bool) -> Iterator[Finding]:
    """Iterate over what one review's file says that does not fit its call. Raises `FileUnusable`."""
    review = review_file.parse(raw, path, *place)
    wrongs = check_review(review, meeting.criteria)
    if not wrongs and not changed:
        return
    known = {criterion.id for criterion in meeting.criteria}
    lines = read(raw, path).lines
    for wrong in wrongs:
        stray = wrong.where in review.further
        line = (not stray and lines.get(("scores", wrong.where))) or lines.get((wrong.where,), 0)
        outdated = not stray and wrong.where in review.scores and wrong.where not in known
        yield _of_review(path, line, wrong.says, wrong.remedy, changed or not outdated)
    if changed and not review.done and not review.blank:
        says = "this review does not count yet: it recommends nothing"
        remedy = "write accept, waitlist, decline or abstain after 'recommend:', or 'conflict: true'"
        yield Finding("template", says, remedy, path=path, line=lines.get(("recommend",), 1), grave=False)
    if changed and review.conflict and (review.recommend or review.scores):
        says = "beside 'conflict: true', the recommendation and the scores count for nothing"
        yield _of_review(path, lines.get(("conflict",), 1), says, "take out the one or the other", grave=False)
    for name in set(review.further) - {wrong.where for wrong in wrongs} if changed else ():
        says = f"'{clean_line(name)[:40]}' is no field of a review, so nobody reads it"
        yield _of_review(path, lines.get((name,), 1), says, "say it in the remarks, if somebody should", grave=False)


def _of_review(path: str, line: int, says: str, remedy: str, grave: bool) -> Finding:
    return Finding("review-file", says, remedy, path=clean_line(path), line=line, grave=grave)


def _on_its_line(files: InCommit, one: Finding) -> Finding:
    """Return a finding with the line that it is about, where that can be told from the file at the branch's end."""
    place = place_of(one.path)
    if one.line or one.rule not in _OF_STATUS or not isinstance(place, tuple) or len(place) == _REVIEW:
        return one
    with suppress(FileUnusable):
        return replace(one, line=read(files.read(one.path), one.path).lines.get(("status",), 0))
    return one
