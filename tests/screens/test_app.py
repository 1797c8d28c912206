"""The application itself: how it begins and how it ends."""

from __future__ import annotations

import asyncio
import time

from callforth.errors import CallforthError
from callforth.screens.app import CallforthApp


async def _ended(app: CallforthApp) -> None:
    deadline = time.monotonic() + 10
    while app.is_running:
        assert time.monotonic() < deadline, "it does not end"
        await asyncio.sleep(0.02)


async def test_a_workspace_that_cannot_be_read_ends_it_with_the_error_and_its_exit_code(workspace, new_app) -> None:
    (workspace.root / "applications").rename(workspace.root / "real")
    (workspace.root / "applications").symlink_to("real")
    app = new_app(workspace.root)
    async with app.run_test():
        await _ended(app)
    assert isinstance(app.return_value, CallforthError)
    assert app.return_value.says == "applications/ is a symbolic link; put the real folder there"
    assert (app.return_value.exit_code, app.return_code) == (4, 4)


async def test_a_workspace_without_a_meeting_says_what_to_write(new_workspace, desk) -> None:
    empty = new_workspace()
    (empty.root / "meetings" / "oslo-2022" / "call.md").unlink()
    async with desk(empty) as it:
        assert it.lines()[0].strip() == "callforth  no meeting yet; 'callforth meeting new MEETING' begins one"
        await it.press("j", "a", "t", "h", "u", "e", "space", "asterisk", "f", "escape", "o")
        await it.until(lambda: not it.main.asking)
        assert it.top == "MainScreen"


async def test_a_meeting_without_applications_can_be_opened(new_workspace, desk) -> None:
    async with desk(new_workspace()) as it:
        assert (it.main.meeting_id, it.ids) == ("oslo-2022", [])
        await it.press("j", "G", "a", "t", "h", "e", "space", "asterisk", "enter", "pagedown")
        assert (it.top, it.app.is_running) == ("MainScreen", True)


async def test_leaving_at_any_moment_is_no_error(practice, new_app) -> None:
    for wait in (0, 0.05, 0.1, 0.2, 0.3):
        app = new_app(practice.root)
        async with app.run_test():
            await asyncio.sleep(wait)
            app.exit()
            await _ended(app)
        assert app.return_code == 0


async def test_opening_and_leaving_windows_quickly_is_no_error(practice, desk) -> None:
    async with desk(practice) as it:
        for keys in (("h", "j", "escape"), ("question_mark", "escape"), ("ctrl+p", "escape"), ("colon", "escape")):
            for pause in (0.0, 0.02, 0.06):
                for key in keys:
                    it.send(key)
                    await asyncio.sleep(pause)
                await it.settle()
                await asyncio.sleep(0.2)
                await it.press("escape")
        await it.until(lambda: not it.main.asking)
        assert it.app.is_running
