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
    from callforth.index.ahead import ReadAhead
    from callforth.workflow.workspace import Workspace

    workspace = Workspace.find(folder, interactive=False)
    try:
        if not in_terminal():
            _print_overview(workspace)
            return 0
        # The files are read while the interface is imported.
        ahead = ReadAhead(workspace.root)
        gc.disable()  # importing makes much that stays and nothing that goes; the first screen turns it on again
        from callforth.screens.app import run

        return run(workspace, theme, ahead)
    finally:
        workspace.close()


def in_terminal() -> bool:
    """Tell whether a person sits at both ends: keys come in and a screen shows."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


def _print_overview(workspace: Workspace) -> None:
    from callforth.cli import render

    def narrate(text: str) -> None:
        print(clean(text), file=sys.stderr)

    workspace.catalog.refresh()
    for problem in workspace.catalog.problems:
        narrate(f"unusable: {problem.sentence}")
    meetings = workspace.catalog.meetings
    if not meetings:
        narrate("no meeting yet; write one in meetings/NAME/call.md")
        return
    live = [m for m in meetings if any(a.status.undecided for a in workspace.catalog.applications(m.id))]
    for meeting in live or meetings[:1]:
        print(render.overview(workspace, meeting), flush=True)
    narrate("the interface needs a terminal; 'callforth --help' shows what works without one")
