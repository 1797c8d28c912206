"""The rule of two people: a decision counts once another member of the team has agreed with it.

Somebody agrees by merging the branch that the decision was made on, or by a commit that countersigns it; not by a sync,
which brings in whatever is there. A form is nobody: it agrees with nothing, and what applicants withdraw through it
needs nobody's agreement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from callforth.model.finding import Finding
from callforth.model.status import Status, reason_due
from callforth.model.team import Policy, Team
from callforth.plaintext import choices
from callforth.workflow.audit import form, signers
from callforth.workflow.audit.graph import Graph
from callforth.workflow.audit.scene import Scene
from callforth.workflow.change import shown

_OFF, _REVERSALS = "off", "reversals"


class Pending(NamedTuple):
    """A decision that needs a second person: its commit, who decided (author's and committer's slug), about what.

    An author is only what the committer says: so neither of them can be the second person.
    """

    commit: str
    by: str
    committer: str
    meeting: str
    application: str


class Approval(NamedTuple):
    """A member's agreement with these commits, or with all that a merge brought (`tips`) onto another commit."""

    by: str
    commits: tuple[str, ...]
    tips: tuple[str, ...]
    onto: str


class Decided(NamedTuple):
    """A decision, whether it takes another one back, and how many seats the meeting has (None: unknown)."""

    pending: Pending
    is_reversal: bool
    seats: int | None

    def needs(self, policy: Policy) -> bool:
        """Tell whether a policy asks for a second person."""
        if policy.second_person == _OFF or (policy.second_person == _REVERSALS and not self.is_reversal):
            return False
        return self.seats is None or self.seats > policy.second_person_above


def decided(scene: Scene) -> list[Decided]:
    """Return the decisions of the team in a commit."""
    if scene.team is None:
        return []
    author, other = (shown(one).email for one in (scene.commit.author, scene.commit.committer))
    found = []
    for entry in scene.entries:
        alike = (entry.meeting, entry.application) in scene.alike and not entry.reviewer
        if entry.after is None or not (alike or entry.is_decision):
            continue
        if entry.after is Status.WITHDRAWN and all(member and member.is_form for member in form.people(scene)):
            continue
        by = _slug(scene.team, author)
        committer = by if other == author else _slug(scene.team, other)
        call = scene.files.meeting(scene.world.calls.get(entry.meeting, ""), entry.meeting)
        pending = Pending(scene.commit.id, by, committer, entry.meeting, entry.application)
        was = None if alike else entry.before
        is_reversal = was is None or bool(entry.reverts) or reason_due(was, entry.after)
        found.append(Decided(pending, is_reversal, call.seats if call else None))
    return found


def _slug(team: Team, email: str) -> str:
    member = team.member(email)
    return member.slug if member else ""


def approval(scene: Scene, commits: Sequence[str]) -> Approval | None:
    """Return with what a commit agrees: those it countersigns, and what it merges. None where it does not count."""
    commit = scene.commit
    if scene.team is None:
        return None
    required = scene.policy.signatures == signers.REQUIRED
    member = scene.team.member(shown(commit.committer).email)
    if member is None and not required:
        member = scene.team.member(shown(commit.author).email)  # merged on a forge, which commits in its own name
    if member is None or member.is_form:
        return None
    if required and not signers.is_by(scene.signed(commit.id), member, commit.committed):
        return None
    tips = () if choices.is_sync(commit.message) else commit.parents[1:]
    return Approval(member.slug, tuple(commits), tips, commit.parents[0] if commit.parents else "")


def left(graph: Graph, pending: Sequence[Pending], approvals: Sequence[Approval]) -> list[Pending]:
    """Return the decisions with which nobody but who decided has agreed. Raises `GitFailed`."""
    if not pending:
        return []
    by: dict[str, set[str]] = {}
    for one in approvals:
        brought = graph.brought(one.tips, one.onto) if one.tips else []
        for commit in (*one.commits, *brought):
            by.setdefault(commit, set()).add(one.by)
    return [one for one in pending if not by.get(one.commit, set()) - {one.by, one.committer}]


def findings(pending: Sequence[Pending]) -> list[Finding]:
    """Return what is found of decisions that still need a second person."""
    return [
        Finding(
            rule="second-person",
            says="nobody else in the team has agreed with this decision",
            remedy=f"let another member look at it and say 'callforth audit countersign {one.commit[:12]}'",
            commit=one.commit,
            meeting=one.meeting,
            application=one.application,
        )
        for one in pending
    ]
