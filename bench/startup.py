"""Start-up: how long until a person can work, and until a command has answered.

The interface is started in a pseudo-terminal, as a terminal would, and timed until the text that shows that it is
usable has been written to it: the rows, and the answers of the application under the cursor.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench import empty_app, workspaces
from bench.measure import Figure, Times, by_turns

_SIZE = (40, 140)
_PATIENCE = 60.0
# Stands in the answers of every measured application, and nowhere else on the screen.
_ANSWERS = b"What about bringing-together"


def figures(folder: Path, times: int) -> Iterator[Figure]:
    """Measure the interface on 500 and on 10,000 applications, and commands on 500."""
    python = sys.executable
    empty = [python, "-m", "bench.empty_app"]
    for meetings, each in ((1, 500), (20, 500)):
        root = folder / f"{meetings}x{each}"
        workspaces.make(root, meetings, each)
        ours = [python, "-m", "callforth", "--workspace", str(root)]
        found = by_turns(
            {
                "ours": lambda _, ours=ours: _painted(ours, _ANSWERS),
                "empty": lambda _: _painted(empty, empty_app.READY.encode()),
            },
            times,
        )
        what = f"interface usable, {meetings * each:,} applications"
        aim = 1.5 if meetings == 1 else None
        yield Figure(what, found["ours"], found["empty"], "an empty Textual app with the same kinds of widgets", aim)
    yield from _commands(python, folder / "1x500", times)


def _commands(python: str, root: Path, times: int) -> Iterator[Figure]:
    ways = {
        "start": [python, "-c", "pass"],
        "callforth --help": [python, "-m", "callforth", "--help"],
        "callforth list --json, 500": [
            python,
            "-m",
            "callforth",
            "--workspace",
            str(root),
            "list",
            "meeting-01",
            "--json",
        ],
    }
    found = by_turns({name: _runner(command) for name, command in ways.items()}, times)
    start: Times = found.pop("start")
    for name, taken in found.items():
        yield Figure(name, taken, start, "an interpreter start")


def _runner(command: Sequence[str]) -> Callable[[int], object]:
    return lambda _: lambda: subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def _painted(command: Sequence[str], until: bytes) -> Callable[[], None]:
    """Return what starts a command in a terminal and waits until it has painted `until`."""

    def run() -> None:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *_SIZE, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
        )
        os.close(theirs)
        seen = b""
        deadline = time.monotonic() + _PATIENCE
        try:
            while until not in seen:
                ready, _, _ = select.select([ours], [], [], max(0.0, deadline - time.monotonic()))
                if not ready:
                    raise SystemExit(f"{' '.join(command)} painted nothing usable within {_PATIENCE:.0f} s")
                seen = seen[-4096:] + os.read(ours, 65536)
        finally:
            process.kill()
            process.wait()
            os.close(ours)

    return run
