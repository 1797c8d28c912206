"""What the tests of this room share: the interface on a workspace, with a pilot at the keys."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Input, Static

from callforth.index.rows import Row
from callforth.screens.app import CallforthApp
from callforth.screens.engine import Engine
from callforth.screens.main import MainScreen
from callforth.workflow.workspace import Workspace

# A fast typist's; a paste has none.
BETWEEN_KEYS = 0.011
TURN = 0.02
_CHARACTERS = {"space": " ", "enter": "\r", "tab": "\t"}


class Desk:
    """The interface in use, and what a test asks of it."""

    def __init__(self, app: CallforthApp, pilot: Pilot[Any], sandbox: Any) -> None:
        self.app, self.pilot, self.sandbox = app, pilot, sandbox
        self._handling = 0  # keys that the app has taken from its queue and is not done with: a deed waits a moment
        handle = app.on_event

        async def counted(event: events.Event) -> None:
            is_key = isinstance(event, events.Key)
            self._handling += is_key
            try:
                await handle(event)
            finally:
                self._handling -= is_key

        app.on_event = counted  # type: ignore[method-assign]

    @property
    def main(self) -> MainScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    @property
    def top(self) -> str:
        """The name of the window that has the keys."""
        return type(self.app.screen).__name__

    @property
    def ids(self) -> list[str]:
        """The ids in the list, in order (paths for files that cannot be used)."""
        return [*self.main.narrowed.rows.ids, *(problem.path for problem in self.main.narrowed.problems)]

    @property
    def at(self) -> str:
        """The id under the cursor."""
        row = self.main.listing.current
        return "" if row is None else row.id if isinstance(row, Row) else row.path

    @property
    def said(self) -> str:
        """What the status line says."""
        return self.main.status.text

    @property
    def hint(self) -> str:
        """What the open question says below its line."""
        return str(self.app.screen.query_one(".dialog-hint", Static).render())

    @property
    def line(self) -> Input:
        """The open question's line."""
        return self.app.screen.query_one(Input)

    @property
    def about(self) -> str:
        """What the open question is about."""
        return str(self.app.screen.query_one(".dialog-about", Static).render())

    @property
    def commits(self) -> int:
        return int(self.sandbox.git("rev-list", "--count", "HEAD"))

    def strips(self) -> list[Any]:
        """What is painted, line by line."""
        return self.app.screen._compositor.render_strips(self.app.size)

    def lines(self) -> list[str]:
        return [strip.text for strip in self.strips()]

    def shown(self) -> str:
        return "\n".join(self.lines())

    def send(self, *keys: str) -> None:
        """Let keys arrive all at once, as from a paste or a held key."""
        for key in keys:
            character = key if len(key) == 1 else _CHARACTERS.get(key)
            self.app.post_message(events.Key(_character_to_key(key) if len(key) == 1 else key, character))

    async def press(self, *keys: str) -> None:
        """Press keys as a person does: the next one when the one before has done its work."""
        for key in keys:
            self.send(key)
            await asyncio.sleep(BETWEEN_KEYS)
            await self.settle()

    async def type(self, text: str) -> None:
        """Write as fast as a person can, without looking at the screen in between."""
        for character in text:
            self.send(character)
            await asyncio.sleep(BETWEEN_KEYS)
        await self.settle()

    async def settle(self) -> None:
        """Wait until no message waits, the engine rests, and the screen has shown what it handed out."""
        quiet = 0
        deadline = time.monotonic() + 10
        while quiet < 4:
            assert time.monotonic() < deadline, "the interface does not come to rest"
            await asyncio.sleep(0.004)
            # A key goes to what has the focus first, and from there up.
            focused = self.app.focused
            handing_on = [focused, *focused.ancestors] if focused else []
            waiting = sum(one.message_queue_size for one in {self.app, *self.app.screen_stack, *handing_on})
            quiet = 0 if waiting or self._handling or self.app.engine.pending else quiet + 1

    def laid_out(self) -> bool:
        """Tell whether the first picture has its sizes: what is shown is known before, and cannot be scrolled yet."""
        preview = self.main.preview
        return self.main.listing.size.height > 0 and (preview.size.height == 0 or preview.virtual_size.height > 0)

    async def until(self, true: Callable[[], object], within: float = 5.0) -> None:
        """Wait until something is true; it must become so within so many seconds.

        A turn counts for what it takes on a quiet machine: that others keep this one busy is no delay of ours.
        """
        turns = math.ceil(within / TURN)
        while not true():
            assert turns > 0, f"it did not come true; on screen:\n{self.shown()}"
            turns -= 1
            await asyncio.sleep(TURN)

    async def until_asked(self, window: str) -> None:
        await self.until(lambda: self.top == window and self.app.screen.is_running)
        await self.settle()

    async def go(self, application: str) -> None:
        """Put the cursor on an application, as `j` would."""
        self.main.listing.move(self.ids.index(application))
        await self.settle()

    async def answer(self, text: str) -> None:
        """Write in the open question and press enter, which is not heard right behind keys that came all at once."""
        await self.type(text)
        if self.app.key_clock.in_burst():
            await asyncio.sleep(0.2)
        await self.press("enter")
        await self.settle()


@pytest.fixture
def new_app() -> Callable[..., CallforthApp]:
    """Make the interface on a workspace as the command makes it, without running it."""

    def make(root: Path, theme: str = "dark") -> CallforthApp:
        workspace = Workspace.find(root, interactive=False)
        engine = Engine(workspace)
        return CallforthApp(engine, engine.open(workspace.catalog.read_ahead()), theme)

    return make


Open = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture
def desk(new_app: Callable[..., CallforthApp]) -> Open:
    """Open the interface on a sandbox: `async with desk(practice, size=(80, 24)) as at_desk`."""

    @asynccontextmanager
    async def open_it(sandbox: Any, size: tuple[int, int] = (120, 40), theme: str = "dark") -> AsyncIterator[Desk]:
        app = new_app(Path(sandbox.root), theme)
        async with app.run_test(size=size) as pilot:
            opened = Desk(app, pilot, sandbox)
            await opened.until(lambda: opened.main.shown is not None and not opened.main.shown.left and opened.said)
            await opened.until(opened.laid_out)
            await opened.settle()
            yield opened
            if app.is_running:
                app.exit()
                await opened.until(lambda: not app.is_running)

    return open_it
