"""Handing out applications to reviewers: who gets which, and files to be filled in, on a branch of each reviewer's.

An assignment is the reviewer's file and nothing else (see `reviewers`). So what was handed out before stays, whoever
did it and wherever it lies, and a second call only adds what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from callforth.errors import RefusedError, RepositoryError, UsageError
from callforth.index.rows import Row
from callforth.model import conflict
from callforth.model.assignment import Assignment, Need, assign
from callforth.model.meeting import Meeting
from callforth.model.review import Review
from callforth.model.team import Member
from callforth.model.text import clean_line, counted
from callforth.plaintext import call as call_file
from callforth.plaintext import layout
from callforth.plaintext import review as review_file
from callforth.plaintext.document import FileUnusable
from callforth.repo import branches, history, remote
from callforth.repo.branches import BranchEdit
from callforth.repo.edits import BranchMoved, Progress
from callforth.workflow import change, handing_out, pack, reviewers
from callforth.workflow.workspace import Workspace

SEED = "1"
_TRIES = 3


class HowMany(UsageError):
    """Neither the call nor the caller says how many reviews each application needs."""


class NoSuchReviewer(UsageError):
    """Somebody is named who is not in the team, or may not review."""


class NobodyReviews(RefusedError):
    """There is no reviewer in the team."""


class GoneApart(RepositoryError):
    """A reviewer's branch has commits here and elsewhere that do not follow on each other."""


class NotBlind(RefusedError):
    """Files would be handed out in a way that the call is not reviewed in."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What one reviewer (their slug) gets: new ids, and how many they had and have been given altogether.

    `before` leaves out those that they should not judge.
    """

    reviewer: str
    new: tuple[str, ...]
    before: int

    @property
    def load(self) -> int:
        """How many they have been given, with the new ones."""
        return self.before + len(self.new)


@dataclass(frozen=True, slots=True)
class Short:
    """An application with fewer reviewers than wanted, and the kind of conflict of each who might have been asked."""

    application: str
    has: int
    conflicts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Who gets what, nothing of it done yet.

    `considered` is how many applications are still to be decided; `kept` are earlier assignments in which a conflict
    can be seen that nobody has declared: application, reviewer, kind.
    """

    meeting: Meeting
    each: int
    seed: str
    considered: int
    handed: tuple[Handed, ...]
    short: tuple[Short, ...]
    kept: tuple[tuple[str, str, str], ...]

    @property
    def new(self) -> int:
        """How many files there are to hand out."""
        return sum(len(one.new) for one in self.handed)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known before: who may review, who is asked, and what files there are, by application and reviewer."""

    may: Mapping[str, Member]
    asked: tuple[str, ...]
    files: Mapping[str, Mapping[str, Review | None]]
    signs: Mapping[str, conflict.Signs]

    def conflicts(self, row: Row) -> dict[str, str]:
        """Return the kinds of conflict that those who may review have with an application, by reviewer."""
        theirs = conflict.of_applicant(row)
        found = {slug: conflict.between(signs, theirs) for slug, signs in self.signs.items()}
        given = self.files.get(row.id, {})
        declared = [slug for slug, review in given.items() if review is not None and review.conflict]
        return {slug: kind for slug, kind in found.items() if kind} | dict.fromkeys(declared, conflict.DECLARED)

    def review_it(self, id: str) -> int:
        """Return how many review an application or have done so; whoever has left the team only if they have."""
        given = self.files.get(id, {})
        return sum(
            review.counts if review is not None and review.done else slug in self.may for slug, review in given.items()
        )

    def loads(self) -> dict[str, int]:
        """Return how much each of those who are asked has been given that they may judge."""
        loads = dict.fromkeys(self.asked, 0)
        for given in self.files.values():
            for slug in self.asked:
                if slug in given and not ((review := given[slug]) is not None and review.conflict):
                    loads[slug] += 1
        return loads


def plan(
    workspace: Workspace, meeting: Meeting, each: int = 0, asked: Sequence[str] | None = None, seed: str = SEED
) -> Plan:
    """Return who is to get what, so that each application that is still to be decided has `each` reviewers.

    With 0 it is as many as the call says; `asked` are slugs of reviewers or organisers, with None all reviewers of the
    committed team. The catalog must be fresh. Raises `HowMany`, `NoSuchReviewer`, `NobodyReviews`, `NotInTeam`.
    """
    each = each or meeting.reviews_each
    if each < 1:
        raise HowMany(
            f"{layout.call(meeting.id)} does not say how many reviews each application needs; say it with --each, or "
            "write 'each: 2' below 'review:' there"
        )
    known = _known(workspace, meeting.id, asked)
    catalog = workspace.catalog
    rows = catalog.only(catalog.find(meeting.id, catalog.query(meeting.id, reviewers.UNDECIDED)))
    seen = {row.id: known.conflicts(row) for row in rows}
    before = known.loads()
    needs = {
        id: Need(max(0, each - known.review_it(id)), frozenset(kinds) | known.files.get(id, {}).keys())
        for id, kinds in seen.items()
    }
    drawn = assign(needs, before, seed)
    lacking = [
        Short(id, each - drawn.lacking[id], tuple((slug, kinds[slug]) for slug in known.asked if slug in kinds))
        for id, kinds in seen.items()
        if id in drawn.lacking
    ]
    kept = [
        (id, slug, kind)
        for id, kinds in seen.items()
        for slug, kind in kinds.items()
        if kind != conflict.DECLARED and slug in known.files.get(id, {})
    ]
    return Plan(meeting, each, seed, len(rows), _handed(drawn, before, seen), tuple(lacking), tuple(kept))


def _handed(drawn: Assignment, before: Mapping[str, int], order: Iterable[str]) -> tuple[Handed, ...]:
    new: dict[str, list[str]] = {slug: [] for slug in before}
    for id in order:  # each one's in the order in which they came in
        for slug in drawn.new.get(id, ()):
            new[slug].append(id)
    return tuple(Handed(slug, tuple(ids), before[slug]) for slug, ids in new.items())


def _known(workspace: Workspace, meeting: str, asked: Sequence[str] | None) -> _Known:
    team = change.committed_team(workspace)
    may = {member.slug: member for member in team.members if member.decides or "reviewer" in member.roles}
    for slug in asked or ():
        if slug not in may:
            raise NoSuchReviewer(
                f"'{clean_line(slug)[:40]}' is no reviewer or organiser of the team; name some of: "
                f"{', '.join(may) or 'nobody yet'}"
            )
    usual = [slug for slug, member in may.items() if "reviewer" in member.roles]
    chosen = tuple(usual if asked is None else dict.fromkeys(asked))
    if not chosen:
        raise NobodyReviews(
            f"nobody in the committed {layout.CONFIG} has the role reviewer; give it to somebody and commit that, or "
            "name organisers with --reviewers"
        )
    files: dict[str, dict[str, Review | None]] = {}
    for (application, slug), review in reviewers.all_files(workspace, meeting).items():
        files.setdefault(application, {})[slug] = review
    return _Known(may, chosen, files, {slug: conflict.of_member(member) for slug, member in may.items()})


# Handing out


def hand_out(
    workspace: Workspace,
    meeting: Meeting,
    each: int = 0,
    asked: Sequence[str] | None = None,
    seed: str = SEED,
    progress: Progress | None = None,
) -> tuple[Plan, dict[str, str]]:
    """Plan, and put each reviewer's new files on their branch, one commit each, all or none.

    Returns the plan and the commits, by reviewer. A branch that is not there begins at HEAD; in a meeting that is
    reviewed blind it has no history and holds a pack (see `workflow.pack`). Raises what `plan` does, `NotInTeam` where
    who acts is no organiser, `GoneApart`, `NotBlind`, and what `repo.branches.write_all` does; nothing is changed then.
    """
    change.actor(workspace)
    _check_committed(workspace, meeting)
    for attempt in range(_TRIES):
        made = plan(workspace, meeting, each, asked, seed)
        edits = list(_edits(workspace, made))
        try:
            commits = branches.write_all(workspace.repository, edits, progress)
        except BranchMoved:
            if attempt == _TRIES - 1:
                raise
        else:
            slugs = [handed.reviewer for handed in made.handed if handed.new]
            return made, dict(zip(slugs, commits, strict=True))
    raise AssertionError("the last attempt returns or raises")


def _edits(workspace: Workspace, plan: Plan) -> Iterable[BranchEdit]:
    pages: dict[str, bytes] = {}
    for handed in plan.handed:
        if not handed.new:
            continue
        parent, tip = _start(workspace, plan.meeting, handed.reviewer)
        if plan.meeting.blind:
            files = pack.files(workspace, plan.meeting, handed.new, handed.reviewer, pages)
        else:
            files = {
                layout.review(plan.meeting.id, id, handed.reviewer): review_file.render(
                    plan.meeting, id, handed.reviewer
                )
                for id in handed.new
            }
        subject = f"Assign {counted(len(handed.new), 'application')} of {plan.meeting.id} to {handed.reviewer}"
        how = f"So that each has {counted(plan.each, 'review')}; drawn with the seed '{plan.seed}'."
        yield BranchEdit(
            reviewers.branch_of(plan.meeting.id, handed.reviewer), files, f"{subject}\n\n{how}\n", parent, tip
        )


def _check_committed(workspace: Workspace, meeting: Meeting) -> None:
    """Raise `NotBlind` where the call says otherwise, in the last commit, whether it is reviewed blind."""
    path = layout.call(meeting.id)
    raw = workspace.repository.blob("HEAD", path)
    try:
        committed = None if raw is None else call_file.parse(raw, path, meeting.id)
    except FileUnusable:
        committed = None
    if committed is not None and committed.blind is not meeting.blind:
        raise NotBlind(
            f"{path} says 'blind: {str(meeting.blind).lower()}' here, and 'blind: {str(committed.blind).lower()}' in "
            "the last commit; commit it first, or take it back"
        )


def _check_kind(workspace: Workspace, meeting: Meeting, branch: str, tip: str) -> None:
    """Raise `NotBlind` where a branch was handed out in the other way, before the call was changed."""
    away = f"take in its reviews ('callforth review collect {branch}'), delete it here and on the remote, and try again"
    if handing_out.shows_who_applied(workspace, tip) is not meeting.blind:
        return
    if meeting.blind:
        raise NotBlind(f"{branch} shows who applied, in its files or their history, and {meeting.id} is blind; {away}")
    raise NotBlind(f"{branch} is a pack without who applied, and {meeting.id} is not blind; {away}")


def _start(workspace: Workspace, meeting: Meeting, slug: str) -> tuple[str | None, str | None]:
    """Return the commit that a reviewer's branch goes on from, and where it is here; None for none."""
    repository, branch = workspace.repository, reviewers.branch_of(meeting.id, slug)
    found = branches.tips(repository, branch)
    local = newest = found.pop(branch, None)
    for name, commit in found.items():
        if newest is None or history.leads_to(repository, newest, commit):
            newest = commit
        elif not history.leads_to(repository, commit, newest):
            raise GoneApart(
                f"{branch} and {clean_line(name)} have gone apart; switch to {branch}, merge the other, and try again"
            )
    if newest is not None:
        _check_kind(workspace, meeting, branch, newest)
    if meeting.blind:
        return newest, local
    head = repository.head()
    # What has been merged goes on from there, so that its reviewer has the newer applications too.
    merged = newest is None or (head is not None and history.leads_to(repository, newest, head))
    return head if merged else newest, local


def where_to_push(workspace: Workspace) -> str:
    """Return the name of the remote that goes with the branch in hand. Raises `NoRemote`, `NotWritable`."""
    return remote.required(workspace.repository, "to push to").name


def push(workspace: Workspace, meeting: str, slugs: Iterable[str]) -> int:
    """Push those of these reviewers' branches that have something new, and return how many they were.

    Raises `NotBlind`, and what `where_to_push` and `repo.remote.push` do.
    """
    repository, where = workspace.repository, where_to_push(workspace)
    call = workspace.catalog.meeting(meeting)
    wanted = []
    for branch in (reviewers.branch_of(meeting, slug) for slug in slugs):
        tips = branches.tips(repository, branch)
        if branch in tips:
            _check_kind(workspace, call, branch, tips[branch])
        there = tips.get(f"{where}/{branch}")
        if branch in tips and not (there and history.leads_to(repository, tips[branch], there)):
            wanted.append(f"refs/heads/{branch}:refs/heads/{branch}")
    if wanted:
        remote.push(repository, where, wanted)
    return len(wanted)
