"""The interface, open on the workspace that is served, shows applications as they arrive."""

from __future__ import annotations

import asyncio

from callforth.screens.app import CallforthApp
from callforth.screens.engine import Engine
from callforth.workflow.workspace import Workspace

from .conftest import wait_until


async def test_what_comes_in_is_on_screen_while_the_list_is_open(serve, team):
    served = serve()
    await asyncio.to_thread(served.applied)
    workspace = Workspace.find(team.root, interactive=False)
    engine = Engine(workspace)
    app = CallforthApp(engine, engine.open(workspace.catalog.read_ahead()), "dark")
    async with app.run_test(size=(120, 40)):

        def listed() -> list[str]:
            return sorted(app.screen_stack[0].narrowed.rows.ids)

        await asyncio.to_thread(wait_until, lambda: listed() == served.files(), 15)
        await asyncio.to_thread(served.applied, name="Bo Ek", email="bo@example.org")
        await asyncio.to_thread(wait_until, lambda: len(listed()) == 2, 15)
        assert listed() == served.files()
        app.exit()
