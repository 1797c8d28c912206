"""What happened to one application: every step, with who, when and why, on which answers, with which reviews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from callforth.index.catalog import UnknownId
from callforth.index.rows import Row
from callforth.model.application import Application
from callforth.model.decision import Actor, Entry
from callforth.model.ids import typed_id
from callforth.model.review import Review
from callforth.model.status import Status
from callforth.model.team import Member
from callforth.plaintext import application as application_file
from callforth.plaintext import layout
from callforth.plaintext.document import FileUnusable
from callforth.repo import history as walking
from callforth.workflow.audit.committed import head_of, reviews_at, team_at, title_at
from callforth.workflow.ledger import Progress, Step, history, ledger
from callforth.workflow.workspace import Workspace

UNREADABLE = "the file cannot be read"
READABLE = "the file can be read again"


@dataclass(frozen=True, slots=True)
class Opinion:
    """A review as it was when something was decided; `review` is None where it could not be read."""

    reviewer: str
    review: Review | None


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo took back: whose it was, when, and from which status to which."""

    commit: str
    by: Actor
    at: datetime
    before: Status | None
    after: Status | None


@dataclass(frozen=True, slots=True)
class Told:
    """One step; `arrived` where there was no file before.

    `version` counts the versions of the answers from 1, 0 where there is none to be read.

    `changed` names what else than status and tags changed, never its text; `informed` is what is noted of letters
    where that changed. `opinions` is None for a step that decided nothing.
    """

    entry: Entry
    arrived: bool
    version: int
    changed: tuple[str, ...]
    informed: str
    undone: Undone | None
    opinions: tuple[Opinion, ...] | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """All steps of one application, oldest first. `status` is None where it was removed, or cannot be read now."""

    application: str
    meeting: str
    title: str
    status: Status | None
    removed: bool
    versions: int
    steps: tuple[Told, ...]


def explain(
    workspace: Workspace, typed: str, progress: Progress | None = None
) -> tuple[Explanation, tuple[Member, ...]]:
    """Return what happened to the application whose id is, or alone begins with, what was typed.

    One that was removed is found in history. With it come all who were in the team at any of its steps, or are now.
    Raises `UnknownId`, `NothingCommitted`, `GitFailed`.
    """
    head = head_of(workspace)
    meeting, application = _place(workspace, typed, progress)
    steps = history(workspace, _at(meeting, application))[::-1]
    if not steps:
        raise UnknownId(f"{application} is not committed yet, so there is nothing to explain; commit its file first")
    versions = _Versions(workspace, meeting, application, steps)
    told = [_told(workspace, step, steps, versions) for step in steps]
    there, status = _now(workspace, head, meeting, application)
    explanation = Explanation(
        application=application,
        meeting=meeting,
        title=title_at(workspace, head, meeting),
        status=status,
        removed=not there,
        versions=versions.count,
        steps=tuple(told),
    )
    commits = dict.fromkeys([*(step.entry.commit for step in steps), head])
    members = dict.fromkeys(member for commit in commits for member in team_at(workspace, commit))
    return explanation, tuple(members)


def _place(workspace: Workspace, typed: str, progress: Progress | None) -> tuple[str, str]:
    try:
        path, application = workspace.catalog.path_of(typed)
        return path.split("/")[1], application
    except UnknownId:
        wanted = typed_id(typed)
        # Of one that was removed, only history knows.
        past = {(e.application, e.meeting) for e in ledger(workspace, progress=progress)} if wanted else set()
        found = {place for place in past if place[0] == wanted} or {p for p in past if p[0].startswith(wanted)}
        if len(found) != 1:
            raise
        [(application, meeting)] = found
        return meeting, application


def _at(meeting: str, application: str) -> Row:
    """Return a row that only says where an application is, or was."""
    nobody: Mapping[str, str] = {}
    return Row(application, meeting, Status.RECEIVED, datetime.fromtimestamp(0, UTC), nobody, (), "", "", 0, None)


def _now(workspace: Workspace, head: str, meeting: str, application: str) -> tuple[bool, Status | None]:
    """Return whether the application is committed now, and where it stands if it can be read."""
    path = layout.application(meeting, application)
    raw = walking.blobs(workspace.repository, [f"{head}:{path}"])[0]
    with suppress(FileUnusable):
        if raw is not None:
            return True, application_file.parse(raw, path, meeting, application).status
    return raw is not None, None


def _told(workspace: Workspace, step: Step, steps: Sequence[Step], versions: _Versions) -> Told:
    entry = step.entry
    opinions = None
    if entry.is_decision:
        reviews = reviews_at(workspace, entry.commit, entry.meeting, entry.application)
        names = {member.slug: member.name for member in team_at(workspace, entry.commit)}
        opinions = tuple(
            Opinion(names.get(one.reviewer, one.reviewer), one.review) for one in reviews if one.says_something
        )
    return Told(
        entry=entry,
        arrived=not step.before,
        version=versions.number(step.after),
        changed=versions.changed(step),
        informed=versions.informed(step),
        undone=_undone(entry, steps),
        opinions=opinions,
    )


def _undone(entry: Entry, steps: Sequence[Step]) -> Undone | None:
    for step in steps:
        one = step.entry
        if entry.reverts and one.commit == entry.reverts:
            return Undone(one.commit, one.by, one.at, one.before, one.after)
    return None


class _Versions:
    """The versions of one application's answers: whatever its file says beside status, tags and `informed`."""

    def __init__(self, workspace: Workspace, meeting: str, application: str, steps: Sequence[Step]) -> None:
        ids = list(dict.fromkeys(oid for step in steps for oid in (step.before, step.after) if oid))
        self._said: dict[str, Application | None] = {}
        for oid in ids:
            raw = walking.blobs(workspace.repository, [oid])[0]
            self._said[oid] = None
            with suppress(FileUnusable):
                if raw is not None:
                    path = layout.application(meeting, application)
                    self._said[oid] = application_file.parse(raw, path, meeting, application)
        self._numbers: dict[str, int] = {}
        known: list[Application] = []
        for oid in ids:
            said = self._said[oid]
            if said is None:
                continue
            answers = _answers(said)
            if answers not in known:
                known.append(answers)
            self._numbers[oid] = known.index(answers) + 1
        self.count = len(known)

    def number(self, oid: str) -> int:
        """Return which version of the answers a blob has, from 1; 0 where it has none that could be read."""
        return self._numbers.get(oid, 0)

    def changed(self, step: Step) -> tuple[str, ...]:
        """Return what a step changed beside status, tags and `informed`, by name; nothing if the file came or went."""
        before, after = self._said.get(step.before), self._said.get(step.after)
        if not step.before or not step.after:
            return ()
        if before is None or after is None:
            return (UNREADABLE if after is None else READABLE,)
        return tuple(_differences(before, after))

    def informed(self, step: Step) -> str:
        """Return what a step noted of letters, or an empty string."""
        before, after = self._said.get(step.before), self._said.get(step.after)
        was = before.informed if before else ""
        return after.informed if after and after.informed != was else ""


def _answers(said: Application) -> Application:
    """Return an application without what the team decides about."""
    return replace(said, status=Status.RECEIVED, tags=(), informed="")


def _differences(before: Application, after: Application) -> list[str]:
    found = []
    if before.received != after.received:
        found.append("when it was received")
    if before.source != after.source:
        found.append("where it came from")
    found += [f"the field '{name}'" for name in _unlike(before.applicant, after.applicant)]
    found += [f"the field '{name}'" for name in _unlike(before.extra, after.extra)]
    texts = [{a.question: a for a in application_file.answers(said.body)} for said in (before, after)]
    found += [f"the answer to '{name}'" if name else "text outside of answers" for name in _unlike(*texts)]
    if before.body != after.body and not any(name.startswith(("the answer", "text")) for name in found):
        found.append("the order or the layout of the answers")
    return found


def _unlike(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    return [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
