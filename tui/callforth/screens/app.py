"""The application: wires engine, screens and colours together, and holds nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import monotonic
from typing import ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.screen import Screen

from callforth.errors import CallforthError, keep_traceback
from callforth.screens.actions import ACTIONS, DEEDS, Action
from callforth.screens.engine import Engine, First
from callforth.screens.main import MainScreen, call_of
from callforth.screens.themes import OURS, THEMES, check
from callforth.screens.typing import KEYS_OF_A_PASTE, KeyClock, looks_pasted

_BY_KEY = {key: action for action in ACTIONS for key in action.keys}
_PEEKS = DEEDS | {"mark", "mark_all", "sort"}
_PEEK_SECONDS = 0.02
_QUESTION_SECONDS = 0.3
_TERMINAL_SECONDS = 2.0


class CallforthApp(App[CallforthError]):
    """callforth's interface on one workspace."""

    CSS_PATH = "callforth.tcss"
    TITLE = "callforth"
    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+c", "interrupt", "quit"), ("ctrl+z", "suspend", "suspend")]

    def __init__(self, engine: Engine, first: Future[First], theme: str = "dark") -> None:
        colourless = "NO_COLOR" in os.environ
        super().__init__(ansi_color=True if colourless else None)
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-folded"), (120, "-normal"), (150, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (16, "-tall")]
        self.key_clock = KeyClock()
        for ours in OURS:
            self.register_theme(ours)
        self.theme_name = "ansi" if colourless else theme
        self.theme = THEMES[self.theme_name]
        # The engine's thread may hold Python's lock no longer than a frame lasts.
        sys.setswitchinterval(0.001)
        self.engine = engine
        self._first = first  # under way since before Textual was imported

    def get_default_screen(self) -> Screen[None]:
        """The main screen."""
        return MainScreen(self.engine, self._first)

    async def on_event(self, event: events.Event) -> None:
        """Note when keys come, to tell typing from a paste; let the main screen's act at once, one after the other.

        Textual would queue a key at the widget that has the focus when it comes. Typed fast on a slow line, what
        follows `/` would then still reach the list, where letters are verbs.
        """
        if isinstance(event, events.Key) and not event.is_forwarded:
            self.key_clock.press(event.time)
            screen = self.screen
            if isinstance(screen, MainScreen) and event.key in _BY_KEY and screen.reads_keys:
                await self._act(screen, _BY_KEY[event.key])
                return
        elif isinstance(event, events.MouseDown):
            self.key_clock.forget()
        await super().on_event(event)

    async def _act(self, screen: MainScreen, action: Action) -> None:
        """Run the action of a key; a deed waits to see if it is the beginning of a paste, and for its question to open.

        Keys that come meanwhile wait in the queue, so what is typed ahead lands in the question, from its first letter.
        """
        if action.name not in _PEEKS or looks_pasted(self):
            await screen.run_action(call_of(action))
            return
        await asyncio.sleep(_PEEK_SECONDS)
        if self.message_queue_size >= KEYS_OF_A_PASTE - 1:
            self.key_clock.begin_burst()
        await screen.run_action(call_of(action))
        deadline = monotonic() + _QUESTION_SECONDS
        while screen.asking and self.screen is screen and monotonic() < deadline:
            await asyncio.sleep(0.002)

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
        """ctrl+c: leave, unless something is being written; what was written and not saved is asked about."""
        screen = self.screen_stack[0]
        if looks_pasted(self) or (isinstance(screen, MainScreen) and screen.busy):
            return
        if isinstance(screen, MainScreen) and screen.drafts:
            from callforth.screens import reviewing

            screen.do(reviewing.leaving(screen))
        else:
            self.exit()

    def action_suspend(self) -> None:
        """ctrl+z: stop, and with it whatever started callforth; the shell's `fg` goes on."""
        main = self.screen_stack[0]
        if not isinstance(main, MainScreen) or self._driver is None:
            return
        if main.busy or main.syncing:
            main.status.show("it cannot be stopped (ctrl+z) before this is done", error=True)
        elif not self._driver.can_suspend or os.getpgrp() == os.getsid(0):
            main.status.show("ctrl+z: no shell started this, so none could go on with it; q leaves", error=True)
        else:
            self.app_suspend_signal.publish(self)
            os.killpg(0, signal.SIGTSTP)

    def on_mount(self) -> None:
        """Leave properly when told to by a signal: with the terminal as it was, and with what is written whole."""
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))  # all of it: the screen was cleared
        for number in (signal.SIGTERM, signal.SIGHUP):
            # Only the main thread may ask for signals; elsewhere they are somebody else's to handle.
            with suppress(ValueError, RuntimeError):
                asyncio.get_running_loop().add_signal_handler(number, partial(self.exit, return_code=128 + number))

        if not self.is_headless:
            self.set_interval(_TERMINAL_SECONDS, self._leave_with_terminal)

    def _leave_with_terminal(self) -> None:
        # Of a terminal that is gone only the first process of its session is told, which may be `make` and tell nobody.
        if sys.__stdin__ is not None and not os.isatty(sys.__stdin__.fileno()):
            self.exit(return_code=128 + signal.SIGHUP)

    def on_unmount(self) -> None:
        """Let what is being written finish."""
        self.engine.close()

    def _fatal_error(self) -> None:
        # Textual would print a traceback of many screens; keep it in a file and say where. The first error is the
        # cause, and what fails after it while everything closes would only hide it.
        if not self._exit_renderables:
            self.panic(f"callforth: {keep_traceback()}")


def run(engine: Engine, first: Future[First], theme: str | None = None) -> int:
    """Open the interface and return the exit code. Raises `CallforthError` where nothing can be shown."""
    name = check(theme or os.environ.get("CALLFORTH_THEME") or _remembered())
    app = CallforthApp(engine, first, name)
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
