"""What one decision costs, from enter until the branch has moved, against `git commit --only` of the same change.

Measured in the interface's process, through the workflow, and with keys in a terminal, where drawing and the dialog
come on top.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from bench import shapes, workspaces
from bench.measure import Figure, NotMeasured, Times, by_turns
from bench.shapes import Shape
from bench.startup import interface, usable, warm_up
from bench.terminal import Terminal, rest
from bench.workspaces import One, Place

REASON = "Off the subject of this meeting; asked to look at the one on schools next spring."
_ANCHOR = "git commit --only"
_WARM_UP = 2
_SETTLED = 2.0
# Faster than these, keys would pass for a paste, which decides nothing.
_BETWEEN_LETTERS = 0.03
_BEFORE_ENTER = 0.3
_AFTERWARDS = 0.7
_ROWS_FOR_KEYS = 100
_PATIENCE = 30.0


def figures(folder: Path, times: int, quick: bool = False) -> Iterator[Figure]:
    """Measure in workspaces of several sizes, each way in a copy of its own."""
    aims: dict[Shape, float | None] = {shapes.SMALL: 0.6, shapes.SPREAD: 0.35}
    if not quick:
        aims |= {shapes.FLAT: None, shapes.LARGE: 0.2}
    for shape, aim in aims.items():
        with tempfile.TemporaryDirectory(prefix="copies-", dir=folder) as copies:
            pair = _Pair(*(workspaces.copied(folder, shape, Path(copies) / name) for name in ("git", "ours")))
            os.sync()  # nothing that is left to be written shall be written while something is timed
            yield _in_the_interface(pair, aim, times)
            yield from _by_keys(pair, aim, times)
            if shape in (shapes.SMALL, shapes.SPREAD):
                yield _by_command(pair, times)


class _Pair:
    """A copy for each way, so that none has to take in what the other one did, and what is not decided on yet."""

    def __init__(self, git: Place, ours: Place) -> None:
        self.git, self.ours = git, ours
        self.made = 0
        # Keys decide from the top of the list on; all other ways on what lies below that, anywhere.
        rows = {one.id for one in ours.rows(ours.latest)[:_ROWS_FOR_KEYS]}
        self._undecided = iter([one for one in ours.all if one.id not in rows])
        self._undecided_in_git = iter(git.all)

    def another(self) -> One:
        """Return an application to decide on in our copy."""
        return next(self._undecided)

    def with_git(self, _: int = 0) -> Callable[[], None]:
        """Return what declines another application in git's copy."""
        return with_git(self.git, next(self._undecided_in_git))

    def expect(self, more: int) -> None:
        """Fail where not every one of so many more decisions is a commit in both."""
        self.made += more
        for one in (self.git, self.ours):
            one.expect_clean(self.made)


def with_git(place: Place, one: One, settings: tuple[str, ...] = ()) -> Callable[[], None]:
    """Return what declines an application as one would with git alone, as durably as callforth does."""
    message = (
        f"Decline {one.id} for {one.meeting}\n\n{REASON}\n\n"
        f"Application: {one.meeting}/{one.id}\nDecision: received -> declined\n"
    ).encode()
    file = place.root / one.path
    command = ["git", "-c", "core.fsync=all", *settings, "commit", "--quiet", "--only", "-F", "-", "--", one.path]

    def run() -> None:
        content = file.read_bytes()
        changed = content.replace(b"\nstatus: received\n", b"\nstatus: declined\n", 1)
        if changed == content:
            raise NotMeasured(f"{one.path} is declined already")
        file.write_bytes(changed)
        subprocess.run(command, cwd=place.root, input=message, check=True)

    return run


def _in_the_interface(pair: _Pair, aim: float | None, times: int) -> Figure:
    from callforth.repo import commit  # noqa: F401  (the interface has it loaded by then)
    from callforth.workflow.decide import decide
    from callforth.workflow.workspace import Workspace

    workspace = Workspace.find(pair.ours.root, interactive=False)
    workspace.catalog.refresh()

    def ours(_: int) -> Callable[[], object]:
        one = pair.another()
        return lambda: decide(workspace, "decline", [one.id], REASON)

    taken = by_turns({"git": pair.with_git, "ours": ours}, times, _WARM_UP)
    workspace.close()
    pair.expect(times + _WARM_UP)
    return Figure(f"a durable decision, {pair.ours.shape.text}", taken["ours"], taken["git"], _ANCHOR, aim)


def _by_keys(pair: _Pair, aim: float | None, times: int) -> Iterator[Figure]:
    """Decide on one row after the other with keys, and watch the branch."""
    place = pair.ours
    moved: list[float] = []
    told: list[float] = []
    git: list[float] = []
    warm_up(place)
    with Terminal(interface(place.root)) as terminal:
        terminal.painted(*usable(place))
        rest([terminal], _SETTLED)
        for one in place.rows(place.latest)[: times + _WARM_UP]:
            terminal.press(b"d")
            terminal.painted(re.escape(f"{one.id}  ".encode()), "→ declined".encode())
            for letter in "Off the subject.":
                terminal.press(letter.encode())
                rest([terminal], _BETWEEN_LETTERS)
            rest([terminal], _BEFORE_ENTER)
            before = place.git("rev-parse", "refs/heads/main")
            terminal.press(b"\r")
            moved.append(_until_moved(place, before, terminal))
            told.append(terminal.painted(f"Decline {one.id} for".encode()))
            rest([terminal], _AFTERWARDS)  # the cursor goes on to the next row
            deed = pair.with_git()
            start = time.perf_counter()
            deed()
            git.append(time.perf_counter() - start)
            rest([terminal], _BEFORE_ENTER)
    pair.expect(times + _WARM_UP)
    way, painted, base = (Times(tuple(found[_WARM_UP:])) for found in (moved, told, git))
    yield Figure(f"enter pressed to branch moved, {place.shape.text}", way, base, _ANCHOR, aim)
    yield Figure(f"enter pressed to 'Decline …' painted, {place.shape.text}", painted, base, _ANCHOR)


def _until_moved(place: Place, before: str, terminal: Terminal) -> float:
    """Wait until the branch is another one than before; return the seconds since the key."""
    branch = place.root / ".git" / "refs" / "heads" / "main"
    while time.perf_counter() - terminal.since < _PATIENCE:
        with suppress(FileNotFoundError):  # packed, until it moves
            now = branch.read_text()
            if now and now != before:
                return time.perf_counter() - terminal.since
        time.sleep(0.0002)
    raise NotMeasured(f"enter was pressed, and the branch did not move in {_PATIENCE:.0f} s: \n{terminal.text}")


def _by_command(pair: _Pair, times: int) -> Figure:
    # Not in the same turns: a whole interpreter in between would leave the two others with cold caches.
    def command(_: int) -> Callable[[], object]:
        words = [sys.executable, "-m", "callforth", "--workspace", str(pair.ours.root)]
        words += ["decline", pair.another().id, "-m", REASON, "--json", "--yes"]
        return lambda: subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)

    taken = by_turns({"git": pair.with_git, "ours": command}, times, _WARM_UP)
    pair.expect(times + _WARM_UP)
    what = f"the same as a command, from its start, {pair.ours.shape.text}"
    return Figure(what, taken["ours"], taken["git"], _ANCHOR)
