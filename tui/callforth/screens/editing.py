"""Editing an application's file by hand from the interface: `$EDITOR` on a copy, then the rules."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from callforth.errors import CallforthError
from callforth.index.reading import read_file
from callforth.index.rows import Row
from callforth.model.application import Application, Problem
from callforth.plaintext.document import RESTORE, FileUnusable
from callforth.screens.deeds import attempt, refuse, reload
from callforth.screens.dialogs.ask import Ask, Confirm
from callforth.screens.engine import Listed
from callforth.workflow import change, decide, edit, ready

if TYPE_CHECKING:
    from callforth.screens.main import MainScreen


async def editing(screen: MainScreen, row: Listed | None) -> None:
    """Edit the file under the cursor: an application's by the rules, an unusable one in its place."""
    if row is None:
        screen.status.show("there is nothing here to edit")
        return
    workspace = screen.engine.workspace
    try:
        if isinstance(row, Row):
            await screen.engine.run(ready.check, workspace, [row])
        else:
            workspace.check_there()
        editor = await screen.engine.run(workspace.repository.editor)
        application = await screen.engine.run(workspace.catalog.application, row.id) if isinstance(row, Row) else None
    except CallforthError as error:
        await refuse(screen, "Edit", error)
        return
    if application is not None:
        await _edit_copy(screen, application, editor)
    elif isinstance(row, Problem):
        await _edit_in_place(screen, row, editor)


async def _edit_in_place(screen: MainScreen, row: Problem, editor: str) -> None:
    path = screen.engine.workspace.root / row.path
    if not path.is_file():  # an editor would begin a new one
        screen.status.show(row.sentence, error=True)
        return
    _run_editor(screen, editor, path)
    await reload(screen)
    screen.status.show(f"{row.path} is as you left it; commit it with git when it is right")


async def _edit_copy(screen: MainScreen, row: Application, editor: str) -> None:
    """Edit a copy until it can be taken in, or the user gives up; a copy that is not taken in is kept."""
    workspace = screen.engine.workspace
    copy = Path(tempfile.mkdtemp(prefix="callforth-")) / f"{row.id}.md"
    before = read_file(workspace.root, change.path_of(row))
    copy.write_bytes(before)
    reason: str | None = ""
    while True:
        code = _run_editor(screen, editor, copy)
        try:
            content = copy.read_bytes()
        except OSError as gone:
            screen.status.show(f"the editor left no file to take in ({gone.strerror}); nothing was changed", error=True)
            break
        if content == before:
            failed = f"the editor ({editor}) failed with {code}; nothing was changed"
            screen.status.show(failed if code else f"{row.id} is as it was", error=bool(code))
            break
        if code:  # as for git, an editor that fails (vim's :cq) means: not this
            said = f"the editor failed with {code}; nothing was changed; your edit is in {copy}"
            screen.status.show(said, error=True)
            return
        error = await _take_in(screen, row, content, "")
        if isinstance(error, decide.ReasonMissing):
            reason = await screen.app.push_screen_wait(
                Ask(
                    "Why?",
                    [error.says.split(" (")[0]],
                    " enter go on · esc back",
                    value=reason or "",
                    due="It needs a reason.",
                )
            )
            error = await _take_in(screen, row, content, reason) if reason else error
        if error is None:
            break
        if not await screen.app.push_screen_wait(Confirm("Not taken in", [_why(error), "", "Edit it again?"])):
            screen.status.show(f"nothing was changed; your edit is in {copy}", error=True)
            return
    shutil.rmtree(copy.parent, ignore_errors=True)


def _why(error: CallforthError) -> str:
    """Return why an edit is not taken in; it is a copy that was edited, which git does not have."""
    if isinstance(error, FileUnusable) and error.problem.remedy == RESTORE:
        return f"{error.problem.where}: {error.problem.says}"
    return error.says


async def _take_in(screen: MainScreen, row: Application, content: bytes, reason: str) -> CallforthError | None:
    workspace = screen.engine.workspace
    return await attempt(
        screen,
        lambda over, _: edit.take_in(workspace, row, content, reason, over),
        over_seats="Take it in all the same, over the seats?",
        stay=True,
    )


def _run_editor(screen: MainScreen, editor: str, path: Path) -> int:
    """Give the terminal to the editor until it ends, and return how; a shell reads the editor's line, as for git."""
    with screen.app.suspend():
        code = subprocess.run(["sh", "-c", f'{editor} "$@"', editor, str(path)], check=False).returncode
    screen.app.refresh(layout=True)
    return code
