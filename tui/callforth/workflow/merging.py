"""Merging two lines of history: what comes together by itself, and what somebody has to choose.

Applications, reviews and calls are merged by what they say (`plaintext.merge`), all else as git does it. Two people may
have decided differently on one application: then one of them has to stand, and the merge's message says which, and why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from callforth.errors import RefusedError, UsageError
from callforth.index.reading import place_of
from callforth.model.status import Status, reason_due
from callforth.model.team import Member
from callforth.model.text import clean, clean_line
from callforth.plaintext import application as application_file
from callforth.plaintext import choices as choice_lines
from callforth.plaintext import config, layout, message
from callforth.plaintext import merge as merging
from callforth.plaintext import review as review_file
from callforth.plaintext.choices import Choice
from callforth.plaintext.document import FileUnusable
from callforth.plaintext.merge import FILE
from callforth.repo import history
from callforth.repo import merging as trees
from callforth.repo.merging import File, TreeMerge
from callforth.repo.repository import Repository, Signature
from callforth.workflow.change import shown
from callforth.workflow.decide import ReasonMissing
from callforth.workflow.merging_places import check_removed, check_twice
from callforth.workflow.together import Two, brought_together

# More paths than that are not named to git, which then tells of all.
_FEW = 500
OURS, THEIRS = SIDES = merging.OURS, merging.THEIRS


class ChoiceMissing(RefusedError):
    """Something that both sides changed was not chosen between."""


class NoChoice(UsageError):
    """What was chosen is not there to be chosen, or not one of the sides."""


class MayNotChoose(RefusedError):
    """Who acts may not choose: between two decisions only an organiser may."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a clash: its value (cleaned; empty where it is not there), and who made it so, when and why.

    That is the last commit on this side, since both were one, that changed it; `at` is None where there is none.
    """

    value: str
    by: str
    at: datetime | None
    why: str
    commit: str


@dataclass(frozen=True, slots=True)
class Clash:
    """One thing that both sides changed, each in its own way; `what` is as in `plaintext.merge.Clashing`.

    `meeting` and `application` are empty where it is not about an application (a call, say). `reason_due` tells for
    each side (`ours`, `theirs`) whether choosing it needs a reason.
    """

    path: str
    meeting: str
    application: str
    what: str
    ours: Side
    theirs: Side
    reason_due: Mapping[str, bool] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> tuple[str, str]:
        """What choices are given by: the path, and what of it."""
        return self.path, self.what


@dataclass(frozen=True, slots=True)
class Plan:
    """A merge of two commits (full ids), as far as it goes by itself: the tree so far, where ours stands in each clash.

    `paths` are the files that both sides changed. What follows is for `complete`.
    """

    ours: str
    theirs: str
    tree: str
    clashes: tuple[Clash, ...]
    paths: tuple[str, ...]
    merge: TreeMerge
    files: Mapping[str, bytes | File | None]
    open: Mapping[str, Two]


class Completed(NamedTuple):
    """A merge that only has to be committed: its tree, and the message that says what was chosen."""

    tree: str
    message: str


def plan(repository: Repository, ours: str, theirs: str) -> Plan:
    """Return how two commits merge. Nothing but objects is stored.

    Raises `RemovedAndMoved`, `TwoPlaces`, `GitFailed`, and of `repo.merging` `UnrelatedHistories`, `CannotMerge`,
    `GitTooOld`.
    """
    merge = trees.merge_trees(repository, ours, theirs)
    check_removed(repository, merge)
    files: dict[str, bytes | File | None] = {}
    unsettled: dict[str, Two] = {}
    for two in brought_together(repository, merge):
        if two.moved:
            files[two.moved] = None
        if two.merged is None or two.merged.clashes:
            unsettled[two.path] = two
        files[two.path] = two.ours if two.merged is None else two.merged.content
    tree = _finish(repository, merge, files)
    clashes = _clashes(repository, merge, unsettled.values())
    return Plan(ours, theirs, tree, tuple(clashes), tuple(one.path for one in merge.both), merge, files, unsettled)


def complete(
    repository: Repository,
    plan: Plan,
    choices: Mapping[tuple[str, str], str] | None = None,
    reasons: Mapping[str, str] | None = None,
    subject: str = "",
    signed_by: Signature | None = None,
) -> Completed:
    """Return the tree and the message of a merge in which every clash is chosen.

    `choices` has `ours` or `theirs` by `Clash.key`; `reasons` why, by path, or for all under an empty one. The message
    says that it is a sync, so that who merges does not thereby agree with what others have decided. Raises
    `NoChoice`, `ChoiceMissing`, `MayNotChoose`, `ReasonMissing`, `TwoPlaces`, `NoIdentity`, `GitFailed`; nothing is
    changed then.
    """
    choices, reasons = choices or {}, reasons or {}
    _check_choices(plan, choices)
    _check_may(repository, plan, signed_by)
    made, others, why = _check_reasons(plan, choices, reasons)
    tree = plan.tree
    if any(side == THEIRS for side in choices.values()):
        files = {**plan.files, **{path: _resolved(two, choices) for path, two in plan.open.items()}}
        tree = _finish(repository, plan.merge, files)
    subject = subject or f"Merge {plan.theirs[:7]}"
    return Completed(tree, choice_lines.write(subject, made, others, why, plan.theirs))


def _finish(repository: Repository, merge: TreeMerge, files: Mapping[str, bytes | File | None]) -> str:
    """Return the tree of a merge, in which no application is there twice. Raises `TwoPlaces`, `GitFailed`."""
    tree = trees.finish(repository, merge, files)
    check_twice(repository, merge, tree)
    return tree


def _clashes(repository: Repository, merge: TreeMerge, files: Collection[Two]) -> Iterator[Clash]:
    if not files:
        return
    paths = {path for two in files for path in (two.path, two.moved) if path}
    steps = [
        _Steps(repository, history.walk(repository, f"{other}..{side}", _few(paths)), paths)
        for other, side in ((merge.theirs, merge.ours), (merge.ours, merge.theirs))
    ]
    for two in files:
        place = place_of(two.path)
        meeting, application = (*place, "", "")[:2] if isinstance(place, tuple) else ("", "")
        unlike = merging.Clashing(FILE, "", *map(_kind, (two.ours, two.theirs)))
        for one in two.merged.clashes if two.merged is not None else (unlike,):
            ours, theirs = (
                of.side(two, one.what, value) for of, value in zip(steps, (one.ours, one.theirs), strict=True)
            )
            yield Clash(two.path, meeting, application, one.what, ours, theirs, _due(two, one.what))


def _kind(file: File) -> str:
    return "" if not file.mode else "file" if file.plain else "link" if file.mode == "120000" else "module"


def _few(paths: Collection[str]) -> list[str]:
    return sorted(paths) if len(paths) < _FEW else []


class _Steps:
    """What the commits of one side, newest first, did to some of the files."""

    def __init__(self, repository: Repository, commits: Iterable[history.Commit], paths: Collection[str]) -> None:
        self._repository = repository
        self._steps: dict[str, list[tuple[int, history.Commit, history.Change]]] = defaultdict(list)
        for number, commit in enumerate(commits):
            for change in commit.changes:
                if change.path in paths:
                    self._steps[change.path].append((number, commit, change))
        self._blobs: dict[str, bytes | None] = {}
        self._things: dict[tuple[str, str], Mapping[str, str]] = {}

    def side(self, two: Two, what: str, value: str) -> Side:
        """Return this side of a clash."""
        value = review_file.remarks(value) if what == "remarks" else clean(value)
        steps = self._steps.get(two.path, []) + self._steps.get(two.moved, [])
        for _, some in groupby(sorted(steps, key=itemgetter(0)), key=itemgetter(0)):
            found = list(some)
            commit, changes = found[0][1], [change for _, _, change in found]
            # Where it was moved, one place has it before, and the other after.
            after = next((change.after for change in changes if change.after), "")
            befores = [next(filter(None, each), "") for each in zip(*(one.befores for one in changes), strict=True)]
            now = self._of(two.path, what, after)
            if all(self._of(two.path, what, before) != now for before in befores):
                why = clean(message.parse(commit.message).reason)
                return Side(value, shown(commit.author).name, commit.at, why, commit.id)
        return Side(value, "", None, "", "")

    def _of(self, path: str, what: str, blob: str) -> str:
        """Return what a version of a file says of one thing."""
        if what == FILE or not blob:
            return blob
        if (path, blob) not in self._things:
            raw = self._read(blob)
            self._things[path, blob] = merging.things(path, raw) if raw else {}
        return self._things[path, blob].get(what, "")

    def _read(self, blob: str) -> bytes | None:
        if blob not in self._blobs:
            # All at once, when the first is asked for.
            of_files = [change for some in self._steps.values() for _, _, change in some]
            wanted = sorted({one for change in of_files for one in (change.after, *change.befores)} - {""})
            self._blobs = dict(zip(wanted, history.many_blobs(self._repository, wanted), strict=True))
        return self._blobs[blob]


def _due(two: Two, what: str) -> dict[str, bool]:
    if what == FILE:  # removing one says why
        return {side: not file.mode for side, file in zip(SIDES, (two.ours, two.theirs), strict=True)}
    if what != "status":
        return dict.fromkeys(SIDES, False)
    ours, theirs = _statuses(two)
    return {
        side: bool(before and after and reason_due(before, after))
        for side, before, after in ((OURS, theirs, ours), (THEIRS, ours, theirs))
    }


def _statuses(two: Two) -> tuple[Status | None, Status | None]:
    """Return the status on our side and on theirs; None where it is not there, or none."""
    place = place_of(two.path)
    found: list[Status | None] = []
    for raw in two.merged.versions[1:] if two.merged is not None else ():
        try:
            meeting, name = place if isinstance(place, tuple) and len(place) == 2 else ("", "")
            found.append(application_file.parse(raw, two.path, meeting, name).status if raw else None)
        except FileUnusable:
            found.append(None)
    return (found[0], found[1]) if found else (None, None)


def _check_choices(plan: Plan, choices: Mapping[tuple[str, str], str]) -> None:
    keys = {clash.key for clash in plan.clashes}
    for key, side in choices.items():
        if key not in keys:
            raise NoChoice(
                f"{clean_line(': '.join(key))} is not among what both sides changed; nothing is chosen there"
            )
        if side not in SIDES:
            raise NoChoice(f"'{clean_line(side)}' is no side; choose 'ours' or 'theirs'")
    missing = [clash for clash in plan.clashes if clash.key not in choices]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise ChoiceMissing(
            f"both sides changed {clean_line(missing[0].what)} of {clean_line(missing[0].path)}{more}; "
            "choose 'ours' or 'theirs'"
        )


def _check_may(repository: Repository, plan: Plan, signed_by: Signature | None) -> None:
    """Refuse where who acts may not choose: all but their own reviews takes an organiser."""
    if not plan.clashes:
        return
    raw = repository.object(f"{plan.ours}:{layout.CONFIG}")
    team = config.parse(raw[2] if raw else b"")
    actors = [signed_by.actor] if signed_by else [repository.me(), repository.committer()]
    for actor in actors:
        member = team.member(actor.email)
        for clash in plan.clashes:
            if not may_choose(member, place_of(clash.path)):
                who = ", ".join(f"{one.name} <{one.email}>" for one in team.organisers) or "nobody"
                raise MayNotChoose(
                    f"{clean_line(actor.email)} may not choose between two versions of {clean_line(clash.path)}; "
                    f"an organiser may: {who}"
                )


def may_choose(member: Member | None, place: object) -> bool:
    """Tell whether a member may choose between two versions of a file (its place as `place_of` has it)."""
    return member is not None and (member.decides or owns(member, place))


def owns(member: Member, place: object) -> bool:
    """Tell whether a file (its place as `place_of` has it) is a review of this member's own."""
    return isinstance(place, tuple) and len(place) == 3 and place[2] == member.slug


def _check_reasons(
    plan: Plan, choices: Mapping[tuple[str, str], str], reasons: Mapping[str, str]
) -> tuple[list[Choice], list[str], str]:
    """Return the decisions that were chosen, what else was, in a line each, and why."""
    made: list[Choice] = []
    others: list[str] = []
    why: dict[str, None] = {}
    for clash in plan.clashes:
        ours = choices[clash.key] == OURS
        chosen, other = (clash.ours, clash.theirs) if ours else (clash.theirs, clash.ours)
        reason = message.reason(reasons.get(clash.path) or reasons.get("", ""))
        if clash.reason_due[choices[clash.key]] and not reason:
            raise ReasonMissing(
                f"{clash.application or clean_line(clash.path)}: to choose '{chosen.value or choice_lines.REMOVED}' "
                f"over '{other.value or choice_lines.REMOVED}' needs a reason (-m 'why')"
            )
        decision = _decision(plan.open[clash.path], clash, ours)
        if decision is not None:
            made.append(Choice(clash.meeting, clash.application, *decision, reason))
        else:
            others.append(f"{clash.path} {clash.what} {plan.ours if ours else plan.theirs}")
            why[reason] = None
    said = {choice.reason for choice in made}
    return made, others, "\n\n".join(reason for reason in why if reason not in said)


def _decision(two: Two, clash: Clash, ours: bool) -> tuple[Status | None, Status | None] | None:
    """Return the status that goes and the one that stands by a choice, where it is one between two of them."""
    if clash.what not in ("status", FILE) or not clash.application:
        return None
    here, there = _statuses(two)
    known = all(status or not file.mode for status, file in ((here, two.ours), (there, two.theirs)))
    if not known or here is there:
        return None
    return (there, here) if ours else (here, there)


def _resolved(two: Two, choices: Mapping[tuple[str, str], str]) -> bytes | File | None:
    if two.merged is None or (two.path, FILE) in choices:
        return two.theirs if choices[two.path, FILE] == THEIRS else two.ours
    sides = {clash.what: choices[two.path, clash.what] for clash in two.merged.clashes}
    made = merging.resolve(two.merged, two.path, sides)
    sides_usable = (version is not None and merging.usable(two.path, version) for version in two.merged.versions[1:])
    if made is not None and not merging.usable(two.path, made) and all(sides_usable):
        raise NoChoice(
            f"what was chosen makes of {clean_line(two.path)} a file that cannot be used; choose one side for all of it"
        )
    return made
