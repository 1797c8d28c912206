"""The choke point: the one place where an application's file is changed and committed.

Every verb plans `Change`s from what it has read; `carry_out` reads each file again, refuses if it says something
else by now, edits only the lines in question, and commits each change by itself, all or none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from callforth.errors import RefusedError
from callforth.index.reading import read_file
from callforth.index.rows import Row
from callforth.model.application import Application
from callforth.model.decision import Actor, Entry, Record
from callforth.model.status import Status
from callforth.model.team import FORM, Team, no_organiser
from callforth.model.text import clean_line
from callforth.plaintext import application as application_file
from callforth.plaintext import config, edit, layout, message
from callforth.plaintext.document import read
from callforth.repo import commit as committing
from callforth.repo.repository import Signature
from callforth.workflow.workspace import Workspace

Progress = Callable[[int, int], None]
_TRIES = 3


class NotInTeam(RefusedError):
    """Who acts is not an organiser."""


class Meanwhile(RefusedError):
    """Somebody changed the application since it was read."""


@dataclass(frozen=True, slots=True)
class Change:
    """One application's change: what it is now, what it becomes, and the record of it.

    `content` replaces the whole file (an edit by hand); otherwise only status and tags are edited.
    """

    application: Application
    status: Status
    tags: tuple[str, ...]
    record: Record
    content: bytes | None = None


def path_of(application: Application | Row) -> str:
    """Return the application's path in the workspace."""
    return layout.application(application.meeting, application.id)


def actor(workspace: Workspace, signed_by: Signature | None = None, or_form: bool = False, at: str = "HEAD") -> Actor:
    """Return who acts, if they may decide; `or_form`: or take applications in.

    The team that counts is the one committed `at` a commit: nobody lets themself in by an edit that is not committed.
    Author and committer must both be in it. Raises `NoIdentity`, `NotInTeam`, `FileUnusable`.
    """
    me = signed_by.actor if signed_by else workspace.repository.me()
    team = committed_team(workspace, at)
    for one in [me] if signed_by else [me, workspace.repository.committer()]:
        member = team.member(one.email)
        if not (or_form and member is not None and member.is_form):
            _check_organiser(team, one, or_form)
    return me


def _check_organiser(team: Team, me: Actor, or_form: bool) -> None:
    if what := no_organiser(team.member(me.email)):
        who = ", ".join(f"{m.name} <{m.email}>" for m in team.organisers) or "nobody"
        if or_form:
            raise NotInTeam(
                f"{me.email} is {what}, and no form; an organiser can put the form into {layout.CONFIG}, in a section "
                f'with roles = ["{FORM}"]; organisers here are: {who}'
            )
        raise NotInTeam(
            f"{me.email} is {what}; organisers here are: {who}. Ask one of them to add you to {layout.CONFIG}, "
            "or set git's user.email to the address you have there"
        )


def committed_team(workspace: Workspace, at: str = "HEAD") -> Team:
    """Return the team in the last commit, or in another one. Raises `FileUnusable`, `NotInTeam` where there is none."""
    raw = workspace.repository.blob(at, layout.CONFIG)
    if raw is None:
        raise NotInTeam(f"{layout.CONFIG} is not committed, so nobody may decide yet; commit it first")
    return config.parse(raw)


def carry_out(
    workspace: Workspace,
    ids: Sequence[str],
    plan: Callable[[], Sequence[Change]],
    signed_by: Signature | None = None,
    progress: Progress | None = None,
    seen: Mapping[str, Status] | None = None,
) -> list[Entry]:
    """Make the planned changes, one commit each, all or none, and return the ledger's entries for them.

    `seen` has the status of each application as the one who decides has seen it, where that is not what the catalog
    says: if one has another status by now, `Meanwhile` is raised. `plan` reads and checks; it is called again if the
    branch moved between reading and writing, so that nothing stands on seats counted before somebody else's decision.
    Where HEAD is where our own last decision put it, only the files in question are read again. Raises what `plan` and
    `repo.commit.write` raise.
    """
    catalog = workspace.catalog
    applications = [catalog.application(typed) for typed in ids]
    before = {application.id: application.status for application in applications} | dict(seen or {})
    paths = [path_of(application) for application in applications]
    for attempt in range(_TRIES):
        expected = workspace.repository.head()
        if expected is not None and workspace.read_at == expected:
            catalog.reread(paths)
        else:
            catalog.refresh()
            workspace.read_at = expected or ""
        check_seen(workspace, before)
        changes = plan()
        commits = [_new_commit(workspace, change, signed_by) for change in changes]
        try:
            made = committing.write(workspace.repository, commits, expected, progress)
        except committing.BranchMoved:
            if attempt == _TRIES - 1:
                raise
        else:
            if made:
                catalog.reread(paths)
                workspace.read_at = made[-1].id
            files = [next(iter(commit.files.values())) for commit in commits]
            return [_entry(*what) for what in zip(changes, made, files, strict=True)]
    raise AssertionError("the last attempt returns or raises")


def check_seen(workspace: Workspace, seen: Mapping[str, Status]) -> None:
    """Raise `Meanwhile` where one of these, by id, has another status by now; the catalog must have read them."""
    for application_id, status in seen.items():
        now = workspace.catalog.application(application_id)
        if now.status is not status:
            raise Meanwhile(_meanwhile(workspace, now, status))


def _meanwhile(workspace: Workspace, now: Application, seen: Status) -> str:
    from callforth.workflow.ledger import ledger

    last = next((entry for entry in ledger(workspace, application=now) if entry.is_decision), None)
    if last is None or last.after is not now.status:
        return f"{now.id} is {now.status} by now, not {seen}; look at it again"
    return (
        f"{last.by.name} decided on {now.id} {ago(datetime.now(UTC) - last.at)}: "
        f"it is {now.status}, not {seen}; look at it again"
    )


def ago(past: timedelta) -> str:
    """Return in words how long ago something was."""
    minutes = int(past.total_seconds()) // 60
    if minutes < 1:
        return "a moment ago"
    if minutes < 120:
        return f"{minutes} minute{'s' if minutes > 1 else ''} ago"
    return f"{minutes // 60} hours ago" if minutes < 2880 else f"{minutes // 1440} days ago"


def _new_commit(workspace: Workspace, change: Change, signed_by: Signature | None) -> committing.NewCommit:
    before = change.application
    path = path_of(before)
    raw = read_file(workspace.root, path)
    now = application_file.parse(raw, path, before.meeting, before.id)
    if now != before:
        raise Meanwhile(f"{before.id} changed while you looked at it; look at it again")
    after = change.content if change.content is not None else raw
    if change.content is None:
        if change.status is not before.status:
            after = edit.set_status(after, path, change.status)
        if change.tags != before.tags:
            after = edit.set_tags(after, path, change.tags)
    files = {path: committing.FileEdit(raw, after)}
    return committing.NewCommit(files, message.write(change.record), signed_by)


def _entry(change: Change, made: committing.Made, file: committing.FileEdit) -> Entry:
    record = change.record
    before, after = (application_file.content(raw, read(raw, "")) for raw in (file.before or b"", file.after))
    return Entry(
        commit=made.id,
        at=made.author.when,
        by=shown(made.author.actor),
        meeting=record.meeting,
        application=record.application,
        before=change.application.status,
        after=change.status,
        tags=record.tags,
        reason=message.reason(record.reason),
        subject=record.subject,
        batch=record.batch,
        reverts=record.reverts,
        recorded=True,
        over_seats=record.over_seats,
        content=after,
        edited=before != after,
    )


@lru_cache(maxsize=1024)
def shown(actor: Actor) -> Actor:
    """Return who acted as screens may show it: git keeps whatever a name holds."""
    return Actor(clean_line(actor.name), clean_line(actor.email))


def tag_changes(before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    """Return what the `Tags:` trailer says of a change: `+new` and `-gone`, sorted."""
    added = [f"+{tag}" for tag in sorted(set(after) - set(before))]
    removed = [f"-{tag}" for tag in sorted(set(before) - set(after))]
    return (*added, *removed)
