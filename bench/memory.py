"""Memory: what the interface holds once it has settled, with all that it has started, against an empty app."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import empty_app, shapes, workspaces
from bench.measure import Figure, Times
from bench.shapes import Shape
from bench.startup import EMPTY, interface, usable, warm_up
from bench.terminal import Terminal, rest

_SETTLED = 3.0
_TIMES = 3


def figures(folder: Path, times: int, quick: bool = False) -> Iterator[Figure]:
    """Measure the interface on 10,000 and 100,000 applications, three times each: memory is not a matter of chance."""
    if sys.platform != "linux":
        return  # elsewhere it is not known where to look
    empty = _held(EMPTY, empty_app.READY.encode())
    aims: dict[Shape, float | None] = {shapes.FLAT: 2.5, shapes.SPREAD: 2.5}
    if not quick:
        aims[shapes.LARGE] = None
    for shape, aim in aims.items():
        place = workspaces.shared(folder, shape)
        warm_up(place)
        # Once read, the history is kept. Until it is, a git of its own reads it, with the pack in its memory.
        command = interface(place.root)
        subprocess.run([*command, "log", place.latest, "--json"], stdout=subprocess.DEVNULL, check=True)
        ours = _held(command, *usable(place))
        yield Figure(f"memory of the interface, {shape.text}", ours, empty, "an empty Textual app", aim, unit="MB")
        workspaces.forget_index(place.root)
        warm_up(place)
        ours = _held(command, *usable(place))
        what = f"the same, {shape.text}, while it first reads the history"
        yield Figure(what, ours, empty, "an empty Textual app", unit="MB")


def _held(command: Sequence[str], *until: bytes) -> Times:
    """Return the bytes that a program and its children hold, what they share counted for each (as `ps` shows it)."""
    found: list[float] = []
    for _ in range(_TIMES):
        with Terminal(command) as terminal:
            terminal.painted(*until)
            rest([terminal], _SETTLED)
            found.append(sum(_resident(process) for process in _family(terminal.process.pid)))
    return Times(tuple(found))


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task").glob("*/children")
    return [pid, *(one for of in children for child in of.read_text().split() for one in _family(int(child)))]


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
