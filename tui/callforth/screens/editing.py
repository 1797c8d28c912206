"""Editing an application's file by hand from the interface: `$EDITOR` on a copy, then the rules."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from callforth.errors import CallforthError
from callforth.index.reading import read_file
from callforth.index.rows import Row
from callforth.model.application import Application
from callforth.screens.deeds import attempt, reload
from callforth.screens.dialogs.ask import Ask, Confirm
from callforth.screens.engine import Listed
from callforth.workflow import change, decide, edit

if TYPE_CHECKING:
    from callforth.screens.main import MainScreen


async def editing(screen: MainScreen, row: Listed | None) -> None:
    """Edit the file under the cursor: an application's by the rules, an unusable one in its place."""
    if row is None:
        return
    workspace = screen.engine.workspace
    editor = await screen.engine.run(workspace.repository.editor)
    if isinstance(row, Row):
        application = await screen.engine.run(workspace.catalog.application, row.id)
        await _edit_copy(screen, application, editor)
        return
    _run_editor(screen, editor, workspace.root / row.path)
    await reload(screen)
    screen.status.show(f"{row.path} is as you left it; commit it with git when it is right")


async def _edit_copy(screen: MainScreen, row: Application, editor: str) -> None:
    """Edit a copy until it can be taken in, or the user gives up; a copy that is not taken in is kept."""
    workspace = screen.engine.workspace
    copy = Path(tempfile.mkdtemp(prefix="callforth-")) / f"{row.id}.md"
    before = read_file(workspace.root, change.path_of(row))
    copy.write_bytes(before)
    while True:
        code = _run_editor(screen, editor, copy)
        content = copy.read_bytes()
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
                Ask("Why?", [error.says], " enter go on · esc back", due="It needs a reason.")
            )
            error = await _take_in(screen, row, content, reason) if reason else error
        if error is None:
            break
        if not await screen.app.push_screen_wait(Confirm("Not taken in", [error.says, "", "Edit it again?"])):
            screen.status.show(f"nothing was changed; your edit is in {copy}", error=True)
            return
    copy.unlink()
    copy.parent.rmdir()


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
