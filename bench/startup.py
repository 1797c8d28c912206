"""Start-up: how long until a person can work, with and without an index of the last time.

The interface is started in a pseudo-terminal, as a terminal would, and timed until what shows that it is usable has
been written to it: the rows, and the answers of the application under the cursor.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench import empty_app, shapes, workspaces
from bench.measure import Figure, NotMeasured, by_turns
from bench.terminal import Terminal, rest
from bench.workspaces import Place, expect_index, forget_index

# The heading of the first answer, which stands in every application, and the count of rows below the list.
_ANSWERS = rb"What about bringing-together"
_SOME_ROWS = rb"[\d,]{3,} of [\d,]{3,}"
# The line of keys: the first thing that tells what can be done here.
_KEYS = rb"accept"
_SETTLED = 2.0
EMPTY = [sys.executable, "-m", "bench.empty_app"]
# Not later than a warm one's, as far as such starts are alike at all.
_NOT_LATER = 1.05
_ANCHOR = "an empty Textual app"


def interface(root: Path) -> list[str]:
    """Return the command that opens the interface on a workspace."""
    return [sys.executable, "-m", "callforth", "--workspace", str(root)]


def figures(folder: Path, times: int, quick: bool = False) -> Iterator[Figure]:
    """Measure the interface's start on 500, 10,000 and 100,000 applications."""
    aims = {shapes.SMALL: 1.5, shapes.SPREAD: 1.3, shapes.FLAT: 1.3} | ({} if quick else {shapes.LARGE: 2.5})
    for shape, aim in aims.items():
        yield _warm(workspaces.shared(folder, shape), aim, times)
    for shape in (shapes.SPREAD, shapes.FLAT):
        yield from _cold(workspaces.shared(folder, shape), times)


def usable(place: Place) -> tuple[bytes, ...]:
    """Return patterns of what is painted once all rows are there, the first on top, with its answers beside them."""
    names = [re.escape(one.name[:18].encode()) for one in place.rows(place.latest)[:3]]
    return _ANSWERS, _all_rows(place), *names


def _all_rows(place: Place) -> bytes:
    count = f"{len(place.rows(place.latest)):,}".replace(",", ",?").encode()
    return count + b" of " + count


def warm_up(place: Place) -> None:
    """List and open it, until it has settled, so that the next start finds all that callforth keeps."""
    listing = [*interface(place.root), "list", place.latest, "--json"]
    subprocess.run(listing, stdout=subprocess.DEVNULL, check=True)
    with Terminal(interface(place.root)) as terminal:
        terminal.painted(*usable(place))
        rest([terminal], _SETTLED)
        terminal.press(b"q")
        if terminal.ended():
            raise NotMeasured(f"the interface did not end well:\n{terminal.text}")
    expect_index(place)


def _warm(place: Place, aim: float, times: int) -> Figure:
    warm_up(place)
    found = by_turns(
        {
            "ours": lambda _: _start(interface(place.root), *usable(place)),
            "empty": lambda _: _start(EMPTY, empty_app.READY.encode()),
        },
        times,
    )
    what = f"warm start to rows and answers, {place.shape.text}"
    return Figure(what, found["ours"], found["empty"], _ANCHOR, aim)


def _cold(place: Place, times: int) -> Iterator[Figure]:
    """Measure starts without an index: to the first picture, against a warm one's, to some rows, and to all."""

    def cold(*until: bytes) -> Callable[[int], Callable[[], float]]:
        def prepare(_: int) -> Callable[[], float]:
            forget_index(place.root)
            return _start(interface(place.root), *until)

        return prepare

    def warm(_: int) -> Callable[[], float]:
        warm_up(place)  # the cold start before this one was ended as soon as it had painted
        return _start(interface(place.root), _KEYS)

    found = by_turns(
        {
            "first": cold(_KEYS),
            "warm": warm,
            "some": cold(_ANSWERS, _SOME_ROWS),
            "empty": lambda _: _start(EMPTY, empty_app.READY.encode()),
            # Not the first row on top: the cursor may have begun on one that was read earlier.
            "all": cold(_ANSWERS, _all_rows(place)),
        },
        max(3, times // 3),
        warm_up=1,
    )
    size = place.shape.text
    yield Figure(f"cold start to its first picture, {size}", found["first"], found["warm"], "a warm one's", _NOT_LATER)
    yield Figure(f"cold start to first rows and answers, {size}", found["some"], found["empty"], _ANCHOR)
    yield Figure(f"cold start to all rows and answers, {size}", found["all"], found["empty"], _ANCHOR)


def _start(command: Sequence[str], *until: bytes) -> Callable[[], float]:
    """Return what starts a command in a terminal and times it until it has painted all of `until`."""

    def run() -> float:
        with Terminal(command) as terminal:
            return terminal.painted(*until)

    return run
