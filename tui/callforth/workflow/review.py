"""Reviewing: who may, what they have said of an application, and the one function that writes a review.

A reviewer's files may lie on the branch in hand and on a branch of their own (`review/<meeting>/<reviewer>`), local or
as it was last fetched: what is read here is what says most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import EllipsisType

from callforth.errors import RefusedError, UsageError, WorkspaceError
from callforth.index.reading import read_file
from callforth.model.application import Application
from callforth.model.decision import Actor, Record
from callforth.model.meeting import Meeting
from callforth.model.review import Review, blank, check, strays, tidy
from callforth.model.team import Member
from callforth.plaintext import layout, message
from callforth.plaintext import review as review_file
from callforth.plaintext.document import FileUnusable
from callforth.repo import branches
from callforth.repo import commit as committing
from callforth.repo.repository import Signature
from callforth.workflow import change
from callforth.workflow.reviewers import Load, amiss, branch_of, elsewhere, own, progress, queue, says_more
from callforth.workflow.workspace import Workspace

__all__ = [
    "BadReview",
    "Load",
    "NotReviewer",
    "NothingSaid",
    "ReviewChanged",
    "Saved",
    "amiss",
    "as_read",
    "blank",
    "branch_of",
    "check_fields",
    "elsewhere",
    "mine",
    "progress",
    "queue",
    "read",
    "reviewer",
    "save",
    "save_file",
    "template",
    "visible",
    "waits_on_branch",
]

_TRIES = 3
_FEW = 3


class NotReviewer(RefusedError):
    """Who acts may not write this review."""


class BadReview(UsageError):
    """The review says something that it may not."""


class NothingSaid(UsageError):
    """The review says nothing, or nothing new."""


class ReviewChanged(RefusedError):
    """The review was changed elsewhere since it was read."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A review that was committed: the commit, the file's path, and what it says now."""

    commit: str
    path: str
    review: Review


def reviewer(workspace: Workspace, signed_by: Signature | None = None) -> Member:
    """Return who acts, if they may review: an organiser or a reviewer of the committed team.

    Author and committer must be the same member. Raises `NoIdentity`, `NotReviewer`, `NotInTeam` where no team is
    committed, `FileUnusable`.
    """
    me = signed_by.actor if signed_by else workspace.repository.me()
    committer = me if signed_by else workspace.repository.committer()
    team = change.committed_team(workspace)
    member = team.member(me.email)
    if member is None or not ("reviewer" in member.roles or member.decides):
        raise NotReviewer(_may_not(me, team.organisers, "not in the team" if member is None else "no reviewer"))
    if team.member(committer.email) != member:
        raise NotReviewer(
            f"git would commit as {committer.email}, who is not {member.name}; a review is written and committed by "
            "the same person: set git's committer to your own address"
        )
    return member


def _may_not(me: Actor, organisers: Sequence[Member], what: str) -> str:
    who = ", ".join(f"{m.name} <{m.email}>" for m in organisers) or "nobody"
    return (
        f"{me.email} is {what}, so they cannot review; organisers here are: {who}. Ask one of them to add you to "
        f"{layout.CONFIG}, or set git's user.email to the address you have there"
    )


# Reading


def mine(workspace: Workspace, application: str, reviewer: str) -> Review | None:
    """Return what a reviewer (their slug) says of an application (its whole id), or None where they have no file of it.

    Raises `UnknownId`, and `FileUnusable` where their file cannot be read.
    """
    return read(workspace, application, reviewer)[1]


def read(workspace: Workspace, application: str, reviewer: str) -> tuple[bytes | None, Review | None]:
    """Return a review as `mine` does, with the bytes it stands in, which `save` wants as `seen`.

    Raises what `mine` raises.
    """
    meeting = workspace.catalog.path_of(application)[0].split("/")[1]
    path = layout.review(meeting, application, reviewer)
    here = _bytes(workspace, path)
    raw, found = here, review_file.parse(here, path, application, reviewer) if here is not None else None
    if found is not None and found.done:
        return raw, found
    for tip in branches.tips(workspace.repository, branch_of(meeting, reviewer)).values():
        other = workspace.repository.blob(tip, path)
        if other is not None and other != here:
            there = review_file.parse(other, path, application, reviewer)
            if found is None or says_more(there, found):
                raw, found = other, there
    return raw, found


def as_read(workspace: Workspace, application: str, reviewer: str) -> bytes | None:
    """Return the bytes that `read` returns, also where they are unusable. Raises `UnknownId`."""
    try:
        return read(workspace, application, reviewer)[0]
    except FileUnusable:
        meeting = workspace.catalog.path_of(application)[0].split("/")[1]
        return _bytes(workspace, layout.review(meeting, application, reviewer))


def waits_on_branch(workspace: Workspace, application: str, reviewer: str) -> str:
    """Return a sentence where the reviewer's branch alone has their file of an application, else nothing.

    Whoever reviews elsewhere makes a second version, to be merged with that one. Raises `UnknownId`.
    """
    meeting = workspace.catalog.path_of(application)[0].split("/")[1]
    path, branch = layout.review(meeting, application, reviewer), branch_of(meeting, reviewer)
    if (workspace.root / path).exists():
        return ""
    tips = branches.tips(workspace.repository, branch).values()
    tip = next((tip for tip in tips if workspace.repository.blob(tip, path) is not None), None)
    if tip is None:
        return ""
    if workspace.repository.blob(tip, layout.CONFIG) is None:
        return (
            f"your file of it is on {branch}, which is a pack without who applied: fill it in on the forge, or in a "
            "clone of that branch alone"
        )
    return f"your file of it is on {branch}: 'callforth review start --switch' takes you there"


def template(workspace: Workspace, application: str, reviewer: str) -> bytes:
    """Return the bytes that somebody edits who reviews an application: their file, be it unusable, or a new template.

    Raises `UnknownId`.
    """
    found = workspace.catalog.application(application)
    raw = as_read(workspace, found.id, reviewer)
    if raw is not None:
        return raw
    return review_file.render(workspace.catalog.meeting(found.meeting), found.id, reviewer)


def _bytes(workspace: Workspace, path: str) -> bytes | None:
    if not (workspace.root / path).exists():
        return None
    return read_file(workspace.root, path)


def visible(
    workspace: Workspace, meeting: Meeting, member: Member | None, reviews: Iterable[Review]
) -> tuple[Review, ...]:
    """Return those of a meeting's reviews that a member (None: nobody of the team) may see now.

    All, unless the meeting is reviewed blind: then who only reviews sees others' reviews of an application once they
    have recommended something themselves, or said that they should not judge.
    """
    given = tuple(reviews)
    if not meeting.blind or (member is not None and (member.decides or "reviewer" not in member.roles)):
        return given
    if member is None:
        return ()
    said = {one.application for one in given if one.reviewer == member.slug and one.done}
    missing = {one.application for one in given} - said
    if len(missing) > _FEW:
        said |= {
            application for application, one in own(workspace, meeting.id, member.slug).items() if one and one.done
        }
    else:
        said |= {application for application in missing if _has_said(workspace, application, member.slug)}
    return tuple(one for one in given if one.reviewer == member.slug or one.application in said)


def _has_said(workspace: Workspace, application: str, reviewer: str) -> bool:
    with suppress(UsageError, WorkspaceError):
        found = mine(workspace, application, reviewer)
        return found is not None and found.done
    return False


# Writing


def save(
    workspace: Workspace,
    application: str,
    review: Review,
    seen: bytes | EllipsisType | None = ...,
    signed_by: Signature | None = None,
) -> Saved:
    """Write a review (by its reviewer alone) into its file, as one commit on the branch in hand.

    `seen` has the bytes that `read` returned when the reviewer began; where the file says something else by now,
    `ReviewChanged` is raised. Raises `UnknownId`, `NoIdentity`, `NotReviewer`, `BadReview`, `NothingSaid`,
    `FileUnusable`, and the errors of `repo.commit.write`; nothing is changed then.
    """
    me = reviewer(workspace, signed_by)
    found = workspace.catalog.application(application)
    meeting = workspace.catalog.meeting(found.meeting)
    if (review.application, review.reviewer) != (found.id, me.slug):
        raise NotReviewer(f"a review is written by its reviewer alone: this one is of {review.reviewer}, not {me.slug}")
    review = tidy(review)
    path = layout.review(found.meeting, found.id, me.slug)

    def edited(base: bytes | None, before: Review | None) -> bytes:
        if review.blank and not review.tags and (before is None or before.blank):
            raise NothingSaid(f"this review of {found.id} says nothing yet; recommend something, or give a score")
        if before is not None:
            check_fields(meeting, before)
        _check(meeting, review, before)
        if base is None:
            return review_file.render(meeting, found.id, me.slug, review)
        return review_file.update(base, path, review, meeting)

    return _write(workspace, found, me, edited, seen, signed_by)


def save_file(
    workspace: Workspace,
    application: str,
    content: bytes,
    seen: bytes | EllipsisType | None = ...,
    signed_by: Signature | None = None,
) -> Saved:
    """Write a review file that its reviewer has edited by hand, as `save` does; a file that was unusable may be mended.

    Raises what `save` raises.
    """
    me = reviewer(workspace, signed_by)
    found = workspace.catalog.application(application)
    meeting = workspace.catalog.meeting(found.meeting)
    path = layout.review(found.meeting, found.id, me.slug)
    review = review_file.parse(content, path, found.id, me.slug)

    def edited(base: bytes | None, before: Review | None) -> bytes:
        _check(meeting, review, before)
        if base is None and review.blank and not review.tags:
            raise NothingSaid(f"nothing was filled in, so there is no review of {found.id} to save")
        return content

    return _write(workspace, found, me, edited, seen, signed_by, mending=True)


def _check(meeting: Meeting, review: Review, before: Review | None) -> None:
    """Raise `BadReview` for what is wrong, unless it stood there before: calls change, and old reviews stay."""
    old = dict(before.scores) if before else {}
    for wrong in check(review, meeting.criteria):
        if (
            wrong.where in review.further
            or wrong.where not in old
            or old[wrong.where] != review.scores.get(wrong.where)
        ):
            raise BadReview(wrong.sentence)


def check_fields(meeting: Meeting, review: Review) -> None:
    """Raise `BadReview` where a score stands in a review's file outside of its scores, and would be lost there."""
    for wrong in strays(review, [one.id for one in meeting.criteria]):
        raise BadReview(f"{wrong.sentence}; 'callforth review {review.application}' opens your file")


def _write(
    workspace: Workspace,
    application: Application,
    me: Member,
    edited: Callable[[bytes | None, Review | None], bytes],
    known: bytes | EllipsisType | None,
    signed_by: Signature | None,
    mending: bool = False,
) -> Saved:
    path = layout.review(application.meeting, application.id, me.slug)
    for attempt in range(_TRIES):
        expected = workspace.repository.head()
        here = _bytes(workspace, path)
        try:
            base, before = read(workspace, application.id, me.slug)
        except FileUnusable:
            if not mending:
                raise
            base, before = here, None
        if known is not ... and base != known:
            raise ReviewChanged(f"your review of {application.id} was changed elsewhere meanwhile; look at it again")
        content = edited(base, before)
        if content == here:
            raise NothingSaid(f"your review of {application.id} is as it was")
        new = committing.NewCommit({path: committing.FileEdit(here, content)}, _message(application, me), signed_by)
        try:
            made = committing.write(workspace.repository, [new], expected)[-1].id
        except committing.BranchMoved:
            if attempt == _TRIES - 1:
                raise
        else:
            workspace.catalog.reread([path])
            if workspace.read_at == expected:
                workspace.read_at = made
            return Saved(made, path, review_file.parse(content, path, application.id, me.slug))
    raise AssertionError("the last attempt returns or raises")


def _message(application: Application, me: Member) -> str:
    # Nothing of the remarks: they speak of a person, and a message cannot be taken back.
    subject = f"Review {application.id} for {application.meeting}"
    record = Record(subject, application.meeting, application.id)
    return f"{message.write(record)}Review: {me.slug}\n"
