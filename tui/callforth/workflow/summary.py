"""What a branch would change if it were merged: decisions with their reasons, seats and balance, reviews, tags.

And with which decisions its commits agree, as a second person: that changes no file.

It is counted from the files of three commits: where the branch began, where it is now, and what it is to be merged
into, which may have gone on meanwhile. Messages say only why and by whom.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from callforth.errors import UsageError
from callforth.index.reading import place_of
from callforth.index.rows import Row
from callforth.model import person
from callforth.model.application import Application
from callforth.model.decision import Actor
from callforth.model.meeting import Meeting
from callforth.model.review import Review
from callforth.model.status import Status
from callforth.model.text import clean_line
from callforth.plaintext import application as application_file
from callforth.plaintext import call as call_file
from callforth.plaintext import layout, message
from callforth.plaintext import review as review_file
from callforth.plaintext.document import FileUnusable, read
from callforth.repo import history, revision
from callforth.repo.history import Change
from callforth.repo.repository import Repository
from callforth.workflow import compare, moment
from callforth.workflow.audit import agreeing
from callforth.workflow.change import shown, tag_changes
from callforth.workflow.seat_shares import Share, shares
from callforth.workflow.workspace import Workspace

Place = tuple[str, str]
"""A meeting and an application."""


class NothingInCommon(UsageError):
    """The branch and what it is compared with have no commit in common."""


@dataclass(frozen=True, slots=True)
class Why:
    """What one commit of the branch says of a decision; `at` is aware."""

    commit: str
    at: datetime
    by: Actor
    before: Status
    after: Status
    reason: str
    over_seats: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A status that the branch would change, with every step on the way, oldest first (none that has no record)."""

    application: str
    name: str
    before: Status
    after: Status
    steps: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Tagged:
    """What tags an application would get (`+a`) and lose (`-b`)."""

    application: str
    name: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One reviewer's files that the branch adds or changes: those that count by recommendation, and all others.

    `unusable` are ids of applications of which the file cannot be read; `gone` how many files it takes away.
    """

    reviewer: str
    recommend: Mapping[str, int]
    conflicts: int
    blank: int
    unusable: tuple[str, ...]
    gone: int

    @property
    def reviews(self) -> int:
        """How many reviews count."""
        return sum(self.recommend.values())


@dataclass(frozen=True, slots=True)
class Changed:
    """What the branch would change in one meeting; `seats` and `statuses` are those after the merge.

    `came`, `edited`, `removed`, `unusable` and `repaired` (those that cannot be read where the branch began) are ids;
    `call` tells what is changed in the call.
    """

    meeting: Meeting
    decided: tuple[Decided, ...] = ()
    tagged: tuple[Tagged, ...] = ()
    reviewed: tuple[Reviewed, ...] = ()
    came: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unusable: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()
    call: tuple[str, ...] = ()
    taken: tuple[int, int] = (0, 0)
    statuses: tuple[tuple[Status, int, int], ...] = ()
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreed:
    """A commit of the branch that agrees with decisions, and whose it says it is.

    `decisions` are their commits (full ids), each with the application that it speaks of, if that can be told.
    """

    commit: str
    author: Actor
    committer: Actor
    decisions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a branch would change: `base` is what it is to be merged into, `began` the last commit both have.

    `agreed` is the oldest first.
    """

    base: str
    began: str
    head: str
    commits: int
    meetings: tuple[Changed, ...]
    others: tuple[str, ...]
    agreed: tuple[Agreed, ...] = ()


@dataclass
class _Found:
    """What differs in one meeting, file by file."""

    call: Change | None = None
    applications: dict[str, tuple[Application | None, Application | None]] = field(default_factory=dict)
    contents: dict[str, bool] = field(default_factory=dict)
    unusable: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    reviews: list[tuple[str, str, Review | str | None]] = field(default_factory=list)


def summary(workspace: Workspace, base: str, branch: str = "HEAD") -> Summary:
    """Return what a branch would change in `base`; both are revisions, or dates.

    Raises `UnknownRevision`, `NothingYet`, `NothingInCommon`, `GitFailed`.
    """
    repository = workspace.repository
    into = revision.find(repository, base).commit
    head = revision.find(repository, branch).commit
    common = history.merge_bases(repository, [head], into)
    if not common and history.edges(repository):
        raise NothingInCommon(
            "this clone has only a part of history, so it does not show where this branch began; fetch the rest with "
            "'git fetch --unshallow'"
        )
    if not common:
        raise NothingInCommon(
            f"this branch and {clean_line(base)[:60]} have no commit in common, so nothing here can be merged into it; "
            "a pack's reviews are taken in with 'callforth review collect'"
        )
    began = common[0]
    trees = [history.tree_and_time(repository, one)[0] for one in (began, head)]
    changes = history.differences(repository, [(trees[0], trees[1])])[0]
    commits = list(history.walk(repository, f"{into}..{head}"))
    found, others = _sorted_out(workspace, changes)
    steps = _steps(commits)
    meetings = [_changed(workspace, name, found[name], steps, into, head) for name in sorted(found)]
    agreed = [
        Agreed(one.commit, shown(one.author), shown(one.committer), tuple(_told(repository, one.decisions)))
        for one in agreeing.among(repository, reversed(commits), into, head)
    ]
    some = tuple(one for one in meetings if one)
    return Summary(into, began, head, len(commits), some, tuple(others), tuple(agreed))


def _told(repository: Repository, decisions: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Iterate over commits, each with the application that its message speaks of, or an empty string."""
    for id in decisions:
        found = repository.object(id)
        said = found[2].partition(b"\n\n")[2].decode(errors="replace") if found and found[1] == "commit" else ""
        yield id, message.parse(said).application


def _sorted_out(workspace: Workspace, changes: Sequence[Change]) -> tuple[dict[str, _Found], list[str]]:
    found: dict[str, _Found] = {}
    others: list[str] = []
    raws = iter(history.many_blobs(workspace.repository, [b for c in changes for b in (c.befores[0], c.after) if b]))
    for change in changes:
        before, after = (next(raws) if blob else None for blob in (change.befores[0], change.after))
        place = place_of(change.path)
        if not isinstance(place, tuple):
            others.append(clean_line(change.path))
        elif len(place) == 1:
            found.setdefault(place[0], _Found()).call = change
        elif len(place) == 2:
            _application(found.setdefault(place[0], _Found()), change, place[0], place[1], (before, after))
        else:
            said = _review(change.path, place[1], place[2], after)
            found.setdefault(place[0], _Found()).reviews.append((place[2], place[1], said))
    return found, others


def _application(
    found: _Found, change: Change, meeting: str, id: str, versions: tuple[bytes | None, bytes | None]
) -> None:
    parsed: list[Application | None] = []
    for raw in versions:
        try:
            parsed.append(application_file.parse(raw, change.path, meeting, id) if raw is not None else None)
        except FileUnusable:
            parsed.append(None)
    if versions[1] is not None and parsed[1] is None:
        found.unusable.append(id)
        return
    found.applications[id] = (parsed[0], parsed[1])
    if versions[0] is not None and parsed[0] is None and parsed[1] is not None:
        found.repaired.append(id)
    digests = [
        application_file.content(raw, read(raw, change.path))
        for raw, one in zip(versions, parsed, strict=True)
        if raw and one
    ]
    found.contents[id] = len(set(digests)) > 1


def _review(path: str, application: str, reviewer: str, raw: bytes | None) -> Review | str | None:
    """Return a review, why it cannot be read, or None where it is gone."""
    try:
        return review_file.parse(raw, path, application, reviewer) if raw is not None else None
    except FileUnusable as error:
        return error.problem.says


def _steps(commits: Iterable[history.Commit]) -> dict[Place, list[Why]]:
    """Return what the commits' messages say of decisions, by application, oldest first."""
    steps: dict[Place, list[Why]] = {}
    for commit in reversed(list(commits)):
        record = message.parse(commit.message)
        said = [record] if record.application else message.claims(commit.message)
        touched = {change.path for change in commit.changes}
        for one in said:
            path = layout.application(one.meeting, one.application)
            if one.before and one.after and one.before is not one.after and path in touched:
                why = Why(commit.id, commit.at, shown(commit.author), one.before, one.after, one.reason, one.over_seats)
                steps.setdefault((one.meeting, one.application), []).append(why)
    return steps


def _changed(
    workspace: Workspace, name: str, found: _Found, steps: Mapping[Place, list[Why]], into: str, head: str
) -> Changed | None:
    call = _call(workspace, name, head) or _call(workspace, name, into)
    if call is None:
        return None  # no call can be read on either side: nothing can be said of seats, and `check` finds it
    pairs = sorted(found.applications.items())
    both = [(id, was, now) for id, (was, now) in pairs if was and now]
    decided = [
        Decided(id, person.name(now), was.status, now.status, tuple(steps.get((name, id), ())))
        for id, was, now in both
        if was.status is not now.status
    ]
    tagged = [(id, person.name(now), tag_changes(was.tags, now.tags)) for id, was, now in both]
    rows = _rows(workspace, name, into)
    after = _merged(rows, found.applications)
    return Changed(
        meeting=call,
        decided=tuple(sorted(decided, key=lambda one: (list(Status).index(one.after), one.application))),
        tagged=tuple(Tagged(*one) for one in tagged if one[2]),
        reviewed=tuple(_reviewed(found.reviews)),
        came=tuple(id for id, (was, now) in pairs if now and not was and id not in found.repaired),
        edited=tuple(id for id, _, _ in both if found.contents[id]),
        told=tuple(id for id, was, now in both if was.informed != now.informed),
        removed=tuple(id for id, (_, now) in pairs if now is None),
        unusable=tuple(sorted(found.unusable)),
        repaired=tuple(sorted(found.repaired)),
        call=tuple(_call_changes(workspace, name, found.call)) if found.call else (),
        taken=(_taken(rows), _taken(after)),
        statuses=_statuses(rows, after),
        shares=tuple(shares(call, rows, after)),
    )


def _call(workspace: Workspace, name: str, commit: str) -> Meeting | None:
    raw = workspace.repository.blob(commit, layout.call(name))
    try:
        return call_file.parse(raw, layout.call(name), name) if raw is not None else None
    except FileUnusable:
        return None


def _call_changes(workspace: Workspace, name: str, change: Change) -> list[str]:
    before, after = (
        history.blobs(workspace.repository, [blob])[0] if blob else None for blob in (change.befores[0], change.after)
    )
    return compare.call_changes(change.path, name, before, after)


def _rows(workspace: Workspace, name: str, commit: str) -> list[Row]:
    """Return the rows of a meeting's applications as a commit has them."""
    places = (f"{layout.APPLICATIONS}/{name}", layout.call(name))
    then = moment.after(workspace, commit, places)
    try:
        then.catalog.refresh()
        return list(then.catalog.rows(name))
    finally:
        then.close()


def _merged(
    rows: Sequence[Row], applications: Mapping[str, tuple[Application | None, Application | None]]
) -> list[Row]:
    """Return the rows as they would be after the merge."""
    found = {row.id: row for row in rows}
    for id, (was, now) in applications.items():
        row = found.get(id)
        if now is None:
            found.pop(id, None)
        elif row is None:
            found[id] = Row(
                id, now.meeting, now.status, now.received, now.applicant, now.tags, now.source, now.informed, 0, None
            )
        else:
            found[id] = replace(
                row,
                status=row.status if was and was.status is now.status else now.status,
                applicant=_changed_fields(was.applicant if was else {}, now.applicant, row.applicant),
            )
    return list(found.values())


def _changed_fields(was: Mapping[str, str], now: Mapping[str, str], there: Mapping[str, str]) -> dict[str, str]:
    """Return an applicant's fields as they are there, but for those that the branch changed."""
    return {**there, **{name: now.get(name, "") for name in (*was, *now) if was.get(name) != now.get(name)}}


def _taken(rows: Iterable[Row]) -> int:
    return sum(row.status.holds_seat for row in rows)


def _statuses(before: Sequence[Row], after: Sequence[Row]) -> tuple[tuple[Status, int, int], ...]:
    counts = [Counter(row.status for row in rows) for rows in (before, after)]
    return tuple((one, counts[0][one], counts[1][one]) for one in Status if counts[0][one] or counts[1][one])


def _reviewed(reviews: Iterable[tuple[str, str, Review | str | None]]) -> Iterator[Reviewed]:
    by: dict[str, list[tuple[str, Review | str | None]]] = {}
    for reviewer, application, said in reviews:
        by.setdefault(reviewer, []).append((application, said))
    for reviewer, those in sorted(by.items()):
        written = [said for _, said in those if isinstance(said, Review)]
        counted = Counter(one.recommend for one in written if one.counts)
        yield Reviewed(
            reviewer=reviewer,
            recommend=dict(sorted(counted.items())),
            conflicts=sum(one.conflict for one in written),
            blank=sum(not one.counts and not one.conflict for one in written),
            unusable=tuple(sorted(application for application, said in those if isinstance(said, str))),
            gone=sum(said is None for _, said in those),
        )
