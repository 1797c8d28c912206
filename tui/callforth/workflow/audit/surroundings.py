"""The rules about all that is not an application: reviews, calls, the team, and who may change them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from callforth.model.application import Problem
from callforth.model.decision import Actor, Entry
from callforth.model.meeting import Meeting
from callforth.model.team import FORGES, Member, Policy, Team, no_organiser
from callforth.model.text import counted
from callforth.plaintext import layout
from callforth.repo import history
from callforth.workflow.audit import form, restoring, signers
from callforth.workflow.audit.scene import FileChange, Place, Scene, named
from callforth.workflow.change import shown

_REMEDY_ROLE = "leave it out, on a new branch, or if it is merged take it back with 'git revert'; an organiser may"
_REMEDY_FORM = "take it back with 'git revert'; give the form another key, for somebody else may have this one"
_LIKE_REVIEW = 3
_PLAIN = "100644"
_MODES = {_PLAIN: "plain again", "100755": "executable", "120000": "a link"}


def check(scene: Scene) -> None:
    """Check who changed what, and every change of a file that is no application."""
    _check_role(scene)
    for change in scene.changes:
        if isinstance(change.place, Problem) and change.after:
            says = f"{change.place.says} ({change.place.where})"
            scene.find("unreadable", says, change.place.remedy, change.path)
    _check_reviews(scene)
    for change, place in scene.of_kind(1):
        _check_call(scene, change, place[0])
    for change in scene.changes:
        if change.path == layout.CONFIG:
            _check_config(scene, change)


def check_meaning(scene: Scene, change: FileChange, sides: Sequence[str]) -> None:
    """Check the team or a call that a merge brought together of these blobs, as far as one of them cannot be used."""
    place = change.place
    meeting = place[0] if isinstance(place, tuple) else ""

    def usable(blob: str) -> bool:
        return bool(scene.files.meeting(blob, meeting) if meeting else scene.files.team(blob))

    if all(usable(blob) for blob in (change.after, *filter(None, sides))):
        return
    if meeting:
        _check_call(scene, change, meeting)
    else:
        _check_config(scene, change)


def _check_role(scene: Scene) -> None:
    """Who changes anything but their own reviews must be an organiser, or a form, as author and as committer."""
    changed = [c for c in scene.changes if not (isinstance(c.place, tuple) and len(c.place) == _LIKE_REVIEW)]
    if not changed:
        return
    place = next((c.place for c in changed if isinstance(c.place, tuple)), ())
    path = changed[0].path
    if scene.team is None:
        says = f"nobody was in a team yet: there was no usable {layout.CONFIG}"
        scene.find("role", says, f"commit {layout.CONFIG} first", path, place)
        return
    for what, actor in acting(scene):
        why = not_organiser(scene.team, actor)
        if (member := _member(scene, actor)) and member.is_form:
            if did := form.beyond(scene):
                says = f"the {what}, {named(actor)}, is the form, which may not {did}"
                scene.find("role", says, _REMEDY_FORM, path, place)
                return
        elif why:
            says = f"the {what}, {named(actor)}, was {why} at that moment"
            scene.find("role", says, _REMEDY_ROLE, path, place)
            return


def acting(scene: Scene) -> list[tuple[str, Actor]]:
    """Return by whom a commit is: its author and its committer, each with which of both they are.

    An edit in a forge's browser is committed by the forge, and its author's. Where signatures are required that does
    not do, for the forge has signed it.
    """
    commit = scene.commit
    both = [("author", commit.author), ("committer", commit.committer)]
    by_forge = commit.committer.email.casefold() in FORGES and scene.policy.signatures != signers.REQUIRED
    return both[:1] if by_forge else both


def not_organiser(team: Team, actor: Actor) -> str:
    """Return why somebody may not decide, or an empty string."""
    return no_organiser(team.member(shown(actor).email))


def _check_reviews(scene: Scene) -> None:
    outside = []
    for change, place in scene.of_kind(_LIKE_REVIEW):
        _check_mode(scene, change, place)
        if _check_review(scene, change, place):
            outside.append((change, place))
    if not outside:
        return
    # One reason for all of them: as where somebody merges on what was there before they came.
    change, place = outside[0]
    what, actor = next((what, one) for what, one in acting(scene) if _member(scene, one) is None)
    more = f" and {counted(len(outside) - 1, 'more review')}" if len(outside) > 1 else ""
    says = (
        f"the {what}, {named(actor)}, was not in the team at that moment, and {_did(change)} the review of {place[2]}"
    )
    remedy = f"take it back with 'git revert'; do it again on what builds on a {layout.CONFIG} that names them"
    scene.find("review", f"{says}{more}", remedy, change.path, place)


def _did(change: FileChange) -> str:
    return "took away" if not change.after else "changed" if change.before else "wrote"


def _member(scene: Scene, actor: Actor) -> Member | None:
    return scene.team.member(shown(actor).email) if scene.team else None


def _check_mode(scene: Scene, change: FileChange, place: Place) -> None:
    if change.after and (change.mode != _PLAIN or change.after == change.before):
        says = f"the review's file came to be {_MODES.get(change.mode, 'no file')} (mode {change.mode})"
        scene.find("mode", says, "ask why; a review is a plain file", change.path, place, grave=False)


def _check_review(scene: Scene, change: FileChange, place: Place) -> bool:
    """Check one review; tell whether it is of somebody who was not in the team, which is still to be found."""
    meeting, application, reviewer = place
    commit = scene.commit
    said = scene.files.review(change.after, application, reviewer)
    raw = history.blobs(scene.files.repository, [change.after])[0] if change.after else b""
    scene.entries.append(
        Entry(
            commit=commit.id,
            at=commit.at,
            by=shown(commit.author),
            meeting=meeting,
            application=application,
            before=None,
            after=None,
            tags=(),
            reason="",
            subject=scene.record.subject,
            batch="",
            reverts="",
            recorded=True,
            content=hashlib.sha256(raw or b"").hexdigest()[:32] if change.after else "",
            reviewer=reviewer,
        )
    )
    people = [_member(scene, actor) for _, actor in acting(scene)]
    if all(member is not None and member.slug == reviewer and not member.is_form for member in people):
        return False
    if _handed_in(scene, people, reviewer):
        says = f"the review is said to be of {named(commit.author)}, and was committed by {named(commit.committer)}"
        scene.find("author", says, "ask whom it is said to be of", change.path, place, grave=False)
        return False
    if not change.before and _moved(scene, change, place):
        return False
    organisers = all(member is not None and member.decides for member in people)
    was = scene.files.review(change.before, application, reviewer)
    blank = (not change.after or (said is not None and not said.recommend and not said.scores)) and (
        not change.before or (was is not None and not was.recommend and not was.scores)
    )
    gone = any(not other.after and where[:2] == place[:2] for other, where in scene.of_kind(2))
    gone = gone or any(not other.before and where[1:] == place[1:] for other, where in scene.of_kind(_LIKE_REVIEW))
    if organisers and (blank or (gone and not change.after) or restoring.brings_back(scene, change, place)):
        return False  # a template that is handed out or taken back, or an application that goes, or comes back, whole
    if None in people:
        return True
    who = named(commit.author if people[0] is None or people[0].slug != reviewer else commit.committer)
    says = f"the review of {reviewer} was {'written' if change.after else 'taken away'} by {who}"
    scene.find("review", says, "take it back with 'git revert', and let the reviewer write it", change.path, place)
    return False


def _handed_in(scene: Scene, people: Sequence[Member | None], reviewer: str) -> bool:
    """Tell whether an organiser committed what a reviewer wrote, as where a forge squashes or rebases a branch."""
    author, committer = people[0], people[-1]
    if author is None or author.slug != reviewer or author.is_form or committer is None or not committer.decides:
        return False
    return scene.policy.signatures != signers.REQUIRED  # else the reviewer must have signed it


def _moved(scene: Scene, change: FileChange, place: Place) -> bool:
    """Tell whether a review only came to lie elsewhere, as it was, with its meeting."""
    others = scene.of_kind(_LIKE_REVIEW)
    return any(not other.after and where[1:] == place[1:] and other.before == change.after for other, where in others)


def _check_call(scene: Scene, change: FileChange, meeting: str) -> None:
    was = scene.files.meeting(change.before, meeting) if change.before else None
    # Of one that cannot be used, or is gone, the last one that could be counts on.
    was = was or scene.files.meeting(scene.world.calls.get(meeting, ""), meeting)
    now = scene.files.meeting(change.after, meeting) if change.after else None
    if change.after and now is None:
        says = "the call cannot be read"
        scene.find("unreadable", says, "restore the file from the commit before", change.path, (meeting,))
    elif change.after and now and now.seats < scene.world.taken(meeting):
        says = f"the call has {now.seats} seats now, and {scene.world.taken(meeting)} were taken"
        scene.find("call-changed", says, "waitlist somebody", change.path, (meeting,), grave=False)
    applied = scene.world.applied(meeting)
    if not applied or was is None:
        return
    changed = _what_changed(was, now) if now else ["it was removed"] if not change.after else []
    if changed:
        says = f"the call was changed after {applied} application{'s' if applied > 1 else ''} came in: "
        says += "; ".join(changed)
        scene.find("call-changed", says, "say in the report why", change.path, (meeting,), grave=False)


def _what_changed(was: Meeting, now: Meeting) -> list[str]:
    changed = []
    if was.seats != now.seats:
        changed.append(f"seats {was.seats} -> {now.seats}")
    if was.closes != now.closes:
        changed.append(f"closes {was.closes.isoformat()} -> {now.closes.isoformat()}")
    for what in ("criteria", "quotas", "questions", "fields"):
        if getattr(was, what) != getattr(now, what):
            changed.append(what)
    if (was.reviews_each, was.blind) != (now.reviews_each, now.blind):
        changed.append("how it is reviewed")
    return changed


def _in_words(policy: Policy) -> str:
    above = f" above {policy.second_person_above} seats" if policy.second_person_above else ""
    return f"signatures {policy.signatures}, second person {policy.second_person}{above}"


def _check_config(scene: Scene, change: FileChange) -> None:
    was = (scene.files.team(change.before) if change.before else None) or scene.files.team(scene.world.config)
    now = scene.files.team(change.after) if change.after else None
    if now is None:
        says = f"{layout.CONFIG} {'cannot be read' if change.after else 'was removed'}; the team before counts on"
        scene.find("unreadable", says, "restore the file from the commit before", change.path)
        return
    if was is None:
        return
    before, after = ({member.slug: member for member in team.members} for team in (was, now))
    changed = [f"{slug} came" for slug in after if slug not in before]
    changed += [f"{slug} left" for slug in before if slug not in after]
    for slug, member in before.items():
        other = after.get(slug, member)
        for what in ("roles", "email", "keys", "account"):
            if getattr(member, what) != getattr(other, what):
                changed.append(f"the {what} of {slug}")
    if changed:
        says = f"the team was changed: {', '.join(changed)}"
        scene.find("team-changed", says, "see that all of the team know", change.path, grave=False)
    if was.policy != now.policy:
        says = f"the policy was changed: {_in_words(was.policy)} -> {_in_words(now.policy)}"
        scene.find("policy-changed", says, "see that all of the team know", change.path, grave=False)
