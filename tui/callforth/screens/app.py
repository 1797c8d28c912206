"""The application: wires engine, screens and colours together, and holds nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.screen import Screen

from callforth.errors import CallforthError, UsageError, keep_traceback
from callforth.index.ahead import ReadAhead
from callforth.screens import engine as seeing
from callforth.screens.actions import ACTIONS
from callforth.screens.engine import Engine
from callforth.screens.main import MainScreen, call_of
from callforth.screens.themes import OURS, THEMES
from callforth.screens.typing import KeyClock
from callforth.workflow.workspace import Workspace


class UnknownTheme(UsageError):
    """There are no such colours."""


class CallforthApp(App[CallforthError]):
    """callforth's interface on one workspace."""

    CSS_PATH = "callforth.tcss"
    TITLE = "callforth"
    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+c", "interrupt", "quit")]

    def __init__(self, workspace: Workspace, theme: str = "dark", ahead: ReadAhead | None = None) -> None:
        colourless = "NO_COLOR" in os.environ
        super().__init__(ansi_color=True if colourless else None)
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (150, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (16, "-tall")]
        self.key_clock = KeyClock()
        for ours in OURS:
            self.register_theme(ours)
        self.theme_name = "ansi" if colourless else theme
        self.theme = THEMES[self.theme_name]
        self.engine = Engine(workspace)
        # Reading begins now, while Textual is still starting.
        self._first = self.engine.start(seeing.first_load, workspace, ahead, self._progress)

    def _progress(self, done: int, total: int) -> None:
        screen = self.screen_stack[-1] if self.is_running and self._screen_stack else None
        if isinstance(screen, MainScreen):
            self.call_later(screen.show_progress, done, total)

    def get_default_screen(self) -> Screen[None]:
        """The main screen."""
        return MainScreen(self.engine, self._first)

    async def on_event(self, event: events.Event) -> None:
        """Note when keys come, to tell typing from a paste."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self.key_clock.press()
        await super().on_event(event)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Fill the command palette from the registry of actions."""
        main = self.screen_stack[0]
        for action in ACTIONS:
            if isinstance(main, MainScreen) and action.name != "palette":
                keys = f"({action.shown_keys})"
                yield SystemCommand(f"{action.title} {keys}", action.help, partial(self.run_on, main, call_of(action)))

    def run_on(self, main: MainScreen, call: str) -> None:
        """Run an action of the main screen once the palette has gone."""
        self.call_later(main.run_action, call)

    def action_theme(self) -> None:
        """Change to the next colours and remember them."""
        names = list(THEMES)
        self.theme_name = names[(names.index(self.theme_name) + 1) % len(names)]
        self.theme = THEMES[self.theme_name]
        _remember(self.theme_name)
        screen = self.screen_stack[0]
        if isinstance(screen, MainScreen):
            screen.status.show(f"colours: {self.theme_name}")

    def action_interrupt(self) -> None:
        """ctrl+c: leave, unless something is being written."""
        screen = self.screen_stack[0]
        if not (isinstance(screen, MainScreen) and screen.busy):
            self.exit()

    def on_unmount(self) -> None:
        """Let what is being written finish."""
        self.engine.close()

    def _fatal_error(self) -> None:
        # Textual would print a traceback of many screens; keep it in a file and say where.
        self.panic(f"callforth: {keep_traceback()}")


def run(workspace: Workspace, theme: str | None = None, ahead: ReadAhead | None = None) -> int:
    """Open the interface and return the exit code. Raises `CallforthError` where nothing can be shown."""
    name = theme or os.environ.get("CALLFORTH_THEME") or _remembered()
    if name not in THEMES:
        raise UnknownTheme(f"there are no colours '{name}'; there are: {', '.join(THEMES)}")
    app = CallforthApp(workspace, name, ahead)
    error = app.run()
    if error is not None:
        raise error
    return app.return_code or 0


def _settings() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "callforth" / "theme"


def _remembered() -> str:
    try:
        name = _settings().read_text("utf-8").strip()
    except (OSError, ValueError):
        return "dark"
    return name if name in THEMES else "dark"


def _remember(name: str) -> None:
    try:
        _settings().parent.mkdir(parents=True, exist_ok=True)
        _settings().write_text(f"{name}\n", "utf-8")
    except OSError:
        return  # colours that are not remembered are no reason to disturb anyone
