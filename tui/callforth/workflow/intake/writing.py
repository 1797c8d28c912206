"""Writing an import: one commit, one file for each applicant, and in the call which column is what."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from callforth.index.reading import read_file
from callforth.model.decision import Record
from callforth.model.text import counted
from callforth.plaintext import call_edit, layout, message
from callforth.plaintext.document import FileUnusable
from callforth.repo import commit as committing
from callforth.repo.repository import Signature
from callforth.workflow.change import Progress, actor
from callforth.workflow.intake import mapping
from callforth.workflow.intake.items import CHANGED, NEW
from callforth.workflow.intake.planning import Plan
from callforth.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Imported:
    """An import that was written: its commit, '' where there was nothing to write."""

    plan: Plan
    commit: str


def write(
    workspace: Workspace, plan: Plan, signed_by: Signature | None = None, progress: Progress | None = None
) -> Imported:
    """Write what was planned, all or nothing. Raises `NotInTeam`, `NoIdentity`, and the errors of `repo.commit.write`.

    A file that changed since the plan was made is an error too, and nothing is written then.
    """
    actor(workspace, signed_by)
    files = {item.path: committing.FileEdit(item.before, item.content or b"") for item in plan.writes}
    files |= _kept(workspace, plan)
    if not files:
        return Imported(plan, "")
    made = committing.write(
        workspace.repository, [committing.NewCommit(files, _message(plan), signed_by)], None, progress
    )
    workspace.catalog.refresh()
    return Imported(plan, made[0].id)


def _kept(workspace: Workspace, plan: Plan) -> Mapping[str, committing.FileEdit]:
    """Return the edit of the call that keeps which column is what, and asks what it is to ask, if there is one."""
    path, name = layout.call(plan.meeting.id), plan.meeting.id
    raw = read_file(workspace.root, path)
    after = call_edit.add_questions(raw, path, name, plan.targets.asks)
    if plan.items and plan.export.kind != "email":
        others = [one for one in plan.meeting.imports if one.kind != plan.export.kind]
        with suppress(FileUnusable):  # a call that is written in an unusual way keeps nothing, and works all the same
            after = call_edit.set_imports(after, path, name, others + mapping.kept(plan.export, plan.targets))
    return {path: committing.FileEdit(raw, after)} if after != raw else {}


def _message(plan: Plan) -> str:
    new, changed = len(plan.of(NEW)), len(plan.of(CHANGED))
    if new:
        more = f" and changes of {changed}" if changed else ""
        subject = f"Import {counted(new, 'application')}{more} for {plan.meeting.id}"
    elif changed:
        subject = f"Import changes of {counted(changed, 'application')} for {plan.meeting.id}"
    else:
        subject = f"Note the columns of an import for {plan.meeting.id}"
    what = ", ".join([*([f"{new} new"] if new else []), *([f"{changed} changed"] if changed else [])]) or "none"
    return message.write(Record(subject, "", "", imported=f"{what} from {plan.export.kind}"))
