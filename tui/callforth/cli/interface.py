"""Opening the interface. It is the way to start most often gone, so nothing is imported that it does not need."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from callforth.cli.ending import ending
from callforth.model.text import clean

if TYPE_CHECKING:
    from callforth.workflow.workspace import Workspace


_DUMB = ("", "dumb")


def main() -> NoReturn:
    """Open the interface on the workspace one stands in, and exit with its code."""
    try:
        code = open_interface(Path())
    except BaseException as error:
        if isinstance(error, SystemExit):
            raise
        code = ending(error, as_json=False)
    sys.exit(code)


def open_interface(folder: Path, theme: str | None = None) -> int:
    """Open the interface and return its exit code; without a terminal, print the overview instead."""
    from callforth.workflow.workspace import Workspace

    workspace = Workspace.find(folder, interactive=False)
    try:
        if not in_terminal():
            if theme is not None:
                from callforth.screens import themes

                themes.check(theme)  # a slip shows here too
            _print_overview(workspace)
            return 0
        gc.disable()  # importing makes much that stays and nothing that goes; the first screen turns it on again
        # Where nothing is known of the files yet, they are read while the interface is imported; the first screen is
        # fetched meanwhile in any case.
        readers = workspace.catalog.read_ahead()
        from callforth.screens.engine import Engine

        engine = Engine(workspace)
        try:
            first = engine.open(readers)
            from callforth.screens.app import run

            return run(engine, first, theme)
        finally:
            engine.close()
    finally:
        workspace.close()


def in_terminal() -> bool:
    """Tell whether a person sits at both ends: keys come in and a screen shows."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") not in _DUMB


def _print_overview(workspace: Workspace) -> None:
    from callforth.cli import render

    def narrate(text: str) -> None:
        print(clean(text), file=sys.stderr)

    workspace.heal()
    workspace.catalog.refresh()
    for problem in workspace.catalog.problems:
        narrate(f"unusable: {problem.sentence}")
    meetings = workspace.catalog.meetings
    if not meetings:
        narrate("no meeting yet; 'callforth meeting new MEETING' writes the call of one")
        return
    for meeting in workspace.with_work() or meetings[:1]:
        print(render.overview(workspace, meeting), flush=True)
    dumb = sys.stdin.isatty() and sys.stdout.isatty()
    named = f" that can be drawn on, and TERM is '{os.environ.get('TERM', '')}' here" if dumb else ""
    narrate(f"the interface needs a terminal{named}; 'callforth --help' shows what works without one")
