"""Draws docs/screenshot.svg: the interface on the practice workspace, as it really is. `make screenshots`."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from callforth.errors import CallforthError
from callforth.screens.app import CallforthApp
from callforth.screens.engine import Engine
from callforth.screens.main import MainScreen
from callforth.workflow import practice
from callforth.workflow.workspace import Workspace

TARGET = Path(__file__).resolve().parent.parent / "docs" / "screenshot.svg"
_SIZE = (120, 34)


async def draw(folder: Path) -> str:
    """Return the picture of the main screen, narrowed to what is still to decide."""
    workspace = Workspace.find(folder, interactive=False)
    engine = Engine(workspace)
    app = CallforthApp(engine, engine.open(workspace.catalog.read_ahead()))
    async with app.run_test(size=_SIZE) as pilot:
        screen = app.screen
        assert isinstance(screen, MainScreen)
        await _until(pilot, lambda: screen.shown is not None and not screen.shown.left)
        await pilot.press("slash", *"status:received", "enter")
        await _until(pilot, lambda: screen.query_text == "status:received" and bool(screen.narrowed.rows))
        await pilot.press("colon", *"k7m2qx", "enter")
        await _until(pilot, lambda: screen.current is not None and screen.current.id == "k7m2qx")
        await pilot.pause(1.0)
        svg = app.export_screenshot(title="callforth")
    # Textual's template fetches a font from the network; a document of ours fetches nothing.
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code", "ui-monospace, DejaVu Sans Mono")


async def _until(pilot: Pilot[CallforthError], fact: Callable[[], bool]) -> None:
    for _ in range(200):
        if fact():
            return
        await pilot.pause(0.05)
    raise SystemExit("the interface did not come to show what was to be drawn")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        practice.make(Path(name) / "practice")
        TARGET.write_text(asyncio.run(draw(Path(name) / "practice")), encoding="utf-8")
    print(f"wrote {TARGET.name}")
