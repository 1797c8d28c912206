"""Writing an import: one commit, one file for each applicant, and in the call which column is what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from callforth.index.reading import read_file
from callforth.model.decision import Record
from callforth.model.intake import Export
from callforth.model.meeting import Meeting
from callforth.model.status import Status
from callforth.model.text import counted
from callforth.plaintext import application as application_file
from callforth.plaintext import call_edit, layout, message
from callforth.plaintext.document import FileUnusable
from callforth.repo import commit as committing
from callforth.repo.repository import Signature
from callforth.workflow.change import Meanwhile, Progress, actor
from callforth.workflow.intake import mapping
from callforth.workflow.intake.items import CHANGED, NEW, Item
from callforth.workflow.intake.mapping import Targets
from callforth.workflow.intake.planning import Plan
from callforth.workflow.workspace import Workspace

_TRIES = 3
_MOST_ROWS = 5


@dataclass(frozen=True, slots=True)
class Imported:
    """An import that was written: its commit, '' where there was nothing to write."""

    plan: Plan
    commit: str


def ready(workspace: Workspace, meeting: Meeting, export: Export, targets: Targets, items: Sequence[Item] = ()) -> None:
    """Raise what `write` would, as far as that can be told before anybody is asked anything.

    `items` are what is planned, as far as it is. Raises `NotInTeam`, and what `repo.commit.ready` does, such as
    `UncommittedEdit` where the call is to keep something and has edits that nobody has committed.
    """
    actor(workspace)
    calls = _kept(workspace, meeting, export, targets) if export.submissions else {}
    files = {path: edit.before for path, edit in calls.items()}
    files |= {item.path: item.before for item in items if item.what == CHANGED}
    committing.ready(workspace.repository, {path: raw for path, raw in files.items() if raw is not None})


def check_call(workspace: Workspace, meeting: Meeting, export: Export, targets: Targets) -> None:
    """Raise `FileUnusable` where the call cannot be made to ask what columns are to be new questions of it."""
    if targets.asks:
        asks = mapping.asked_then(meeting, targets)
        _kept(workspace, replace(meeting, questions=asks), export, targets)


def write(
    workspace: Workspace, plan: Plan, signed_by: Signature | None = None, progress: Progress | None = None
) -> Imported:
    """Write what was planned, all or nothing. Raises `NotInTeam`, `NoIdentity`, and the errors of `repo.commit.write`.

    A file that changed since the plan was made is an error too, and nothing is written then; so is a row that somebody
    else has taken in since, or a call that asks something else (`Meanwhile`).
    """
    actor(workspace, signed_by)
    for attempt in range(_TRIES):
        expected = workspace.repository.head()
        workspace.catalog.refresh()
        _check_meanwhile(workspace, plan)
        files = {item.path: committing.FileEdit(item.before, item.content or b"") for item in plan.writes}
        if plan.items:
            files |= _kept(workspace, plan.meeting, plan.export, plan.targets)
        if not files:
            return Imported(plan, "")
        commit = committing.NewCommit(files, _message(plan), signed_by)
        try:
            made = committing.write(workspace.repository, [commit], expected, progress)
        except committing.BranchMoved:
            if attempt == _TRIES - 1:
                raise
        else:
            workspace.catalog.refresh()
            return Imported(plan, made[0].id)
    raise AssertionError("the last attempt returns or raises")


def _check_meanwhile(workspace: Workspace, plan: Plan) -> None:
    """Raise `Meanwhile` where what is planned would not be planned so any more. The catalog must be fresh."""
    name = plan.meeting.id
    rows, now = workspace.catalog.rows(name), workspace.catalog.meeting(name)
    here = {source for row in rows for source in row.source.split()}
    came = [item.row for item in plan.of(NEW) if here & _sources(item, name)]
    if came:
        which = ", ".join(map(str, came[:_MOST_ROWS])) + (", …" if len(came) > _MOST_ROWS else "")
        raise Meanwhile(
            f"{counted(len(came), 'row')} of it ({which}) came in meanwhile, by another import; "
            "nothing was written: look at the plan once more"
        )
    asked = mapping.asked_then(now, plan.targets)
    if (asked, now.imports) != (plan.meeting.questions, plan.meeting.imports) or (plan.targets.asks and rows):
        raise Meanwhile(f"the call of {name} was changed meanwhile; nothing was written: look at the plan once more")


def _sources(item: Item, meeting: str) -> set[str]:
    """Return by what a new application is known again."""
    return set(application_file.parse(item.content or b"", item.path, meeting, item.id).source.split())


def _kept(
    workspace: Workspace, meeting: Meeting, export: Export, targets: Targets
) -> Mapping[str, committing.FileEdit]:
    """Return the edit of the call that keeps which column is what, and asks what it is to ask, if there is one."""
    path, name = layout.call(meeting.id), meeting.id
    raw = read_file(workspace.root, path)
    after = call_edit.set_questions(raw, path, name, meeting.questions) if targets.asks else raw
    if export.kind != "email":
        others = [one for one in meeting.imports if one.kind != export.kind]
        with suppress(FileUnusable):  # a call that is written in an unusual way keeps nothing, and works all the same
            after = call_edit.set_imports(after, path, name, others + mapping.kept(export, targets))
    return {path: committing.FileEdit(raw, after)} if after != raw else {}


def subject(plan: Plan) -> str:
    """Return the subject of the commit that does what was planned."""
    new, changed = len(plan.of(NEW)), len(plan.of(CHANGED))
    if new:
        more = f" and changes of {changed}" if changed else ""
        return f"Import {counted(new, 'application')}{more} for {plan.meeting.id}"
    if changed:
        return f"Import changes of {counted(changed, 'application')} for {plan.meeting.id}"
    return f"Note the columns of an import for {plan.meeting.id}"


def _message(plan: Plan) -> str:
    new, changed = len(plan.of(NEW)), len(plan.of(CHANGED))
    what = ", ".join([*([f"{new} new"] if new else []), *([f"{changed} changed"] if changed else [])]) or "none"
    edited = tuple(f"{plan.meeting.id}/{item.id}" for item in plan.of(CHANGED) if _is_decided(item, plan.meeting.id))
    return message.write(Record(subject(plan), "", "", imported=f"{what} from {plan.export.kind}", edited=edited))


def _is_decided(item: Item, meeting: str) -> bool:
    now = application_file.parse(item.before or b"", item.path, meeting, item.id)
    return now.status is not Status.RECEIVED
