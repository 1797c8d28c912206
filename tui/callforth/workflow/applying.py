"""Applications that come in one by one, through a form: each, and each correction, is one commit on a chosen branch.

Who commits is the form's own identity, a member of the team. What was decided meanwhile stands: an application that the
team has begun to decide on is not corrected any more, and what was removed does not come in again. Only one thread at a
time may write through an `Intake`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from callforth.errors import CallforthError, RefusedError
from callforth.index.reading import read_file
from callforth.model import ids
from callforth.model.application import Answer, Application
from callforth.model.decision import Actor, Record
from callforth.model.meeting import Meeting
from callforth.model.status import Status
from callforth.model.team import FORM
from callforth.model.text import fold
from callforth.plaintext import application as application_file
from callforth.plaintext import arrival, edit, layout, merge, message
from callforth.plaintext import call as call_file
from callforth.plaintext.document import FileUnusable
from callforth.repo import beside, committed, history, switching
from callforth.repo import commit as committing
from callforth.repo.repository import Signature
from callforth.workflow.change import NotInTeam, actor, tag_changes
from callforth.workflow.workspace import MeetingGone, Workspace

WITHDREW = "withdrew"
_HEADS = "refs/heads/"
_BY_LINK = "By the applicant, through the form's private link."
_TRIES = 3


class Decided(RefusedError):
    """The team has begun to decide on an application, so the form changes it no more."""


class SeenOther(RefusedError):
    """An application is not what its applicant was shown when they began to correct it."""


class SentBefore(RefusedError):
    """A form is sent again as it was sent before, and what it said was corrected since."""


class OtherPerson(RefusedError):
    """A form is sent again with the same address and another name: perhaps that is somebody else."""


class NotThere(RefusedError):
    """The application is not on the branch."""


class Removed(NotThere):
    """The application was there and was taken out, as on request of its applicant; nothing brings it in again."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody filled in: the applicant's fields by name, and answers; cleaned, without what was left empty.

    `asked` has what the form asked: `applicant.<field>` and `answer.<question>`.
    """

    applicant: Mapping[str, str]
    answers: tuple[Answer, ...]
    asked: frozenset[str]


@dataclass(frozen=True, slots=True)
class Kept:
    """An application on the branch. `touched` is True where its status was changed, there or where the team decides.

    `version` tells it from what it was before (see `corrected`).
    """

    application: Application
    raw: bytes
    touched: bool

    @property
    def version(self) -> str:
        """A digest of the file."""
        return version_of(self.raw)

    @property
    def withdrawn(self) -> bool:
        """Whether its applicant has withdrawn it."""
        return self.application.status is Status.WITHDRAWN or WITHDREW in self.application.tags


@dataclass(frozen=True, slots=True)
class Edit:
    """One commit to make: a file as it is on the branch (None: a new one), as it shall be, and the record of it."""

    path: str
    before: bytes | None
    after: bytes
    record: Record


def version_of(raw: bytes) -> str:
    """Return a short digest of a file's bytes."""
    return hashlib.sha256(raw).hexdigest()[:16]


class Intake:
    """One meeting's applications as a form reads and writes them, on one branch, in one name."""

    def __init__(self, workspace: Workspace, meeting: str, branch: str = "", by: Actor | None = None) -> None:
        """Open; `branch` is a short name ('' for the one that is checked out), `by` who commits (None: who git says).

        Raises `NotInTeam`, `NoIdentity`, `NotWritable`, `MeetingGone`, `BadBranch`, `CheckedOut`.
        """
        self.workspace = workspace
        self.repository = workspace.repository
        self.meeting = meeting
        self.branch = branch or self.repository.branch().removeprefix(_HEADS)
        self.by = by or self.repository.me()
        self._own = by is not None
        self._calls: dict[str, Meeting] = {}
        self._without: dict[str, str] = {}  # by id: a commit with nothing of it in all that leads to it
        self.check()
        # Every id that was ever given, as far as these commits know.
        self._begun = self.repository.head() or ""
        self._ever = frozenset(workspace.past.ids())
        self._taken = set(self._ever)
        self._known: set[str] = set()

    def check(self) -> None:
        """Raise what would keep every application from being taken in, as far as that can be told without one."""
        self._check_actor()
        self.call()
        beside.check_free(self.repository, self.branch)
        if self._is_here():
            self.repository.tip()

    def _check_actor(self) -> Signature | None:
        signed_by = Signature.of(self.by, datetime.now().astimezone()) if self._own else None
        actor(self.workspace, signed_by, or_form=True)
        if (tip := self._tip()) not in ("HEAD", self.repository.head()):
            try:  # the audit goes by the team of what each commit builds on
                actor(self.workspace, signed_by, or_form=True, at=tip)
            except NotInTeam as error:
                says = f"on the branch {self.branch}, {error.says}; merge the branch you are on into it"
                raise NotInTeam(says) from None
        return signed_by

    # Reading

    def call(self) -> Meeting:
        """Return the meeting as its call is committed where the team works. Raises `MeetingGone`, `FileUnusable`."""
        head = self.repository.head() or ""
        if head not in self._calls:
            path = layout.call(self.meeting)
            raw = self.repository.blob("HEAD", path)
            if raw is None:
                raise MeetingGone(f"{path} is not committed; commit the call first")
            self._calls = {head: call_file.parse(raw, path, self.meeting)}
        return self._calls[head]

    def get(self, name: str) -> Kept | None:
        """Return an application by its id, None where it never was on the branch.

        Raises `Removed` where it was removed, there or where the team decides, and `FileUnusable`.
        """
        path = layout.application(self.meeting, name)
        tip, head = self._tip(), self.repository.head() or "HEAD"
        raw, team = self.repository.blob(tip, path), self.repository.blob(head, path)
        missing = {commit for commit, there in ((tip, raw), (head, team)) if there is None}
        if any(self._had(commit, name) for commit in missing):
            raise Removed(f"{name} was removed from {self.meeting}; the form does not bring it in again")
        if raw is None:
            return None
        here = application_file.parse(raw, path, self.meeting, name)
        there = application_file.parse(team, path, self.meeting, name) if team and team != raw else here
        touched = any(one.status is not Status.RECEIVED for one in (here, there))
        return Kept(here, raw, touched)

    def _tip(self) -> str:
        return self.repository.commit(_HEADS + self.branch) or "HEAD"

    def _had(self, commit: str, name: str) -> bool:
        """Tell whether an application that is not there at a commit was there before."""
        since = self._without.get(name, "" if name in self._ever else self._begun)
        if since == commit:
            return False
        revision = f"{since}..{commit}" if since and self.repository.commit(since) else commit
        had = any(True for _ in history.walk(self.repository, revision, [layout.application(self.meeting, name)]))
        if not had:
            self._without[name] = commit
        return had

    def _versions(self, name: str) -> list[Application]:
        """Return what an application said, as far as it can be read, newest first."""
        path = layout.application(self.meeting, name)
        commits = history.walk(self.repository, self._tip(), [path])
        blobs = [change.after for one in commits for change in one.changes if change.path == path and change.after]
        found: list[Application] = []
        for raw in history.many_blobs(self.repository, blobs):
            with suppress(FileUnusable):
                found.append(application_file.parse(raw or b"", path, self.meeting, name))
        return found

    def free_id(self) -> str:
        """Return an id that no application has, or had, and keep it for who asked."""
        for commit in (self._tip(), self.repository.head() or "HEAD"):
            if commit not in self._known:
                found = committed.files(self.repository.git, commit, (f"{layout.APPLICATIONS}/",))
                self._taken |= {place[1] for one in found if (place := layout.parse_application(one.path))}
                self._known.add(commit)
        name = ids.new_id(secrets.choice, self._taken)
        self._taken.add(name)
        return name

    # What becomes of a file

    def arrived(self, name: str, reference: str, received: datetime, sent: Sent) -> Edit:
        """Return the edit that takes a new application in; `received` is aware."""
        raw = arrival.write(name, received, sent.applicant, sent.answers, f"{FORM}/{reference}")
        path = layout.application(self.meeting, name)
        application_file.parse(raw, path, self.meeting, name)
        record = Record(f"Receive {name} for {self.meeting}", self.meeting, name, imported=f"1 new from {FORM}")
        return Edit(path, None, raw, record)

    def corrected(self, name: str, sent: Sent, seen: str = "") -> Edit | None:
        """Return the edit that makes an application say what its applicant says now, None where it does already.

        `seen` is the `version` that they were shown ('' if that does not matter). What the team added stays. Raises
        `NotThere`, `Removed`, `Decided`, `SeenOther`.
        """
        kept = self._need(name)
        base, theirs = _as_sent(kept.application, sent)
        if base == theirs:
            return None
        if kept.touched:
            raise Decided(f"{name} is not as it came in any more; the form does not change it")
        if seen and seen != kept.version:
            raise SeenOther(f"{name} was changed meanwhile; show it again")
        path = layout.application(self.meeting, name)
        merged = merge.merge(path, base, kept.raw, theirs)
        if merged.clashes or merged.content is None:
            raise SeenOther(f"{name} was edited in a way that the form cannot follow")
        if merged.content == kept.raw:
            return None
        record = Record(f"Correct {name} for {self.meeting}", self.meeting, name, imported=f"1 changed from {FORM}")
        return Edit(path, kept.raw, merged.content, record)

    def again(self, name: str, sent: Sent) -> Edit | None:
        """Return the edit for a form that is sent again, None where its application says what it says.

        It corrects what it brought itself. What was corrected since, by the private link or by the team, stays. Raises
        `SentBefore` where the form said just that before, `OtherPerson`, and what `corrected` raises.
        """
        kept = self._need(name)
        if _says(kept.application, sent):
            return None
        versions = [kept.application, *self._versions(name)]
        if any(_says(one, sent) for one in versions):
            raise SentBefore(f"{name} was corrected since this form was sent; that stays")
        if self._name(sent.applicant) not in {self._name(one.applicant) for one in versions}:
            raise OtherPerson(f"{name} has the same address and another name")
        if not kept.touched and _said(versions[-1]) != _said(kept.application):
            raise SeenOther(f"{name} was changed meanwhile; show it again")
        return self.corrected(name, sent)

    def _name(self, applicant: Mapping[str, str]) -> tuple[str, ...]:
        """Return somebody's name for comparing: the field of that name, else all that say who they are."""
        asked = [field.name for field in self.call().fields if field.identity and field.name != "email"]
        fields = asked if asked and "name" not in asked else ["name"]
        return tuple(" ".join(fold(applicant.get(field, "")).split()) for field in fields)

    def withdrawn(self, name: str) -> Edit | None:
        """Return the edit that withdraws an application, None where it is withdrawn.

        Where the rules do not let it become that (it was declined, and nobody has told the applicant), a tag says so:
        that the applicant does not want the seat any more is noted, and nothing of the decision is let out. Raises
        `NotThere`, `Removed`, `FileUnusable`.
        """
        kept = self._need(name)
        if kept.withdrawn:
            return None
        path, now = layout.application(self.meeting, name), kept.application
        record = Record(f"Withdraw {name} for {self.meeting}", self.meeting, name, _BY_LINK, now.status, now.status)
        if Status.WITHDRAWN in now.status.may_become:
            after = edit.set_status(kept.raw, path, Status.WITHDRAWN)
            return Edit(path, kept.raw, after, replace(record, after=Status.WITHDRAWN))
        tags = tuple(sorted({*now.tags, WITHDREW}))
        record = replace(record, subject=f"Tag {name} for {self.meeting}", tags=tag_changes(now.tags, tags))
        return Edit(path, kept.raw, edit.set_tags(kept.raw, path, tags), record)

    def _need(self, name: str) -> Kept:
        kept = self.get(name)
        if kept is None:
            raise NotThere(f"{name} is not on the branch {self.branch}")
        return kept

    # Writing

    def write(self, edits: Sequence[Edit]) -> list[CallforthError | None]:
        """Make one commit of each edit, no two of the same file; return for each what kept it from being made.

        They go together where they can; where one cannot be written, the others are all the same.
        """
        if not edits:
            return []
        try:
            signed_by = self._check_actor()
        except CallforthError as error:
            return [error] * len(edits)
        return self._written(edits, signed_by)

    def _written(self, edits: Sequence[Edit], signed_by: Signature | None) -> list[CallforthError | None]:
        for _ in range(_TRIES):
            wrong = self._try(edits, signed_by)
            if not isinstance(wrong, committing.BranchMoved):
                break
        if wrong is None:
            return [None] * len(edits)
        if len(edits) == 1:
            return [wrong]
        return [found for one in edits for found in self._written([one], signed_by)]

    def _try(self, edits: Sequence[Edit], signed_by: Signature | None) -> CallforthError | None:
        try:
            before = {self._tip(), self.repository.head() or ""}
            if self._is_here():
                commits = [_here(self, one, signed_by) for one in edits]
                made = committing.write(self.repository, commits)[-1].id
            else:
                made = beside.write(self.repository, self.branch, [_beside(one, signed_by) for one in edits])[-1]
            if (
                before <= self._known
                and self.repository.git.text("rev-parse", f"{made}~{len(edits)}", doing="read the branch") in before
            ):
                self._known.add(made)  # nobody else's
        except CallforthError as error:
            return error
        return None

    def _is_here(self) -> bool:
        return switching.current(self.repository) == self.branch


def _said(now: Application) -> tuple[Mapping[str, str], tuple[Answer, ...]]:
    return now.applicant, application_file.answers(now.body)


def _says(now: Application, sent: Sent) -> bool:
    base, theirs = _as_sent(now, sent)
    return base == theirs


def _as_sent(now: Application, sent: Sent) -> tuple[bytes, bytes]:
    """Return the file of what an application says, and that of what it would say with what was sent."""
    before = {answer.question: answer for answer in application_file.answers(now.body)}
    said = {answer.question: answer for answer in sent.answers}
    answers = {**before, **said}
    left = [answer for key, answer in answers.items() if key in said or f"answer.{key}" not in sent.asked]
    fields = {key: value for key, value in now.applicant.items() if f"applicant.{key}" not in sent.asked}
    fields |= sent.applicant
    ordered = {key: fields[key] for key in [*now.applicant, *fields] if key in fields}
    base = arrival.write(now.id, now.received, now.applicant, list(before.values()), now.source)
    return base, arrival.write(now.id, now.received, ordered, left, now.source)


def _beside(one: Edit, signed_by: Signature | None) -> committing.NewCommit:
    return committing.NewCommit(
        {one.path: committing.FileEdit(one.before, one.after)}, message.write(one.record), signed_by
    )


def _here(intake: Intake, one: Edit, signed_by: Signature | None) -> committing.NewCommit:
    # In the work tree lines may end in another way than they are stored.
    before = None if one.before is None else read_file(intake.workspace.root, one.path)
    if before is not None and before != one.before:
        raise committing.UncommittedEdit(f"{one.path} has edits that are not committed; commit them or drop them")
    return _beside(one, signed_by)
