"""A review in the user's editor: on a copy, until it can be taken in or the user gives up."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callforth.cli.common import can_ask, narrate
from callforth.errors import CallforthError, UsageError
from callforth.plaintext.document import FileUnusable
from callforth.workflow import review as reviewing

if TYPE_CHECKING:
    from callforth.model.team import Member
    from callforth.workflow.workspace import Workspace


class NotEdited(UsageError):
    """The editor failed, or nothing was changed."""


def in_editor(workspace: Workspace, application: str, me: Member) -> reviewing.Saved:
    """Open a review (of the application with this whole id) in the editor that git would use, and save what it becomes.

    What cannot be taken in can be edited again where somebody is there to ask; otherwise the copy is kept, and said
    where. Raises `NotEdited`, and what `review.save_file` raises.
    """
    editor = workspace.repository.editor()
    seen = reviewing.as_read(workspace, application, me.slug)
    before = reviewing.template(workspace, application, me.slug)
    folder = Path(tempfile.mkdtemp(prefix="callforth-"))
    copy = folder / f"{application}-{me.slug}.md"
    copy.write_bytes(before)
    kept = False
    try:
        while True:
            content = _edited(editor, copy)
            if content == before:
                raise NotEdited("nothing was changed in the editor, so nothing was saved")
            try:
                return reviewing.save_file(workspace, application, content, seen)
            except CallforthError as error:
                if not _again(error):
                    kept = True
                    narrate(f"nothing was saved; your edit is in {copy}")
                    raise
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


def _edited(editor: str, copy: Path) -> bytes:
    try:
        click.edit(filename=str(copy), editor=editor)
    except click.ClickException as error:  # as for git, an editor that fails (vim's :cq) means: not this
        raise NotEdited(f"the editor failed ({error.format_message().rstrip('.')}); nothing was saved") from None
    try:
        return copy.read_bytes()
    except OSError as gone:
        raise NotEdited(f"the editor left no file to save ({gone.strerror})") from None


def _again(error: CallforthError) -> bool:
    if not can_ask() or not isinstance(error, FileUnusable | reviewing.BadReview | reviewing.NothingSaid):
        return False
    narrate(f"not saved: {error.says}")
    return click.confirm("Edit it again?", default=True, err=True)
