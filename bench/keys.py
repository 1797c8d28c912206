"""Keys: how long from pressing one until what it does is painted, in a real terminal.

Keys come some 130 ms apart, like those of somebody who reads names, in turn to the interface that is measured and to
its anchor. Both run all the time, as they do for people: what they do between keys (the answers follow the cursor
after 50 ms, files are looked at each second) is part of what a key may meet.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from bench import empty_input, shapes, workspaces
from bench.measure import Figure, NotMeasured, Times, say
from bench.startup import interface, usable, warm_up
from bench.terminal import Terminal, rest, titled
from bench.workspaces import Place

_PAUSE = (0.10, 0.16)
_SETTLED = 2.0
# How much of a name stands in the list at any width.
_NAME = 18
_KEYS_EACH = 5
_WORD_ROOM = 60


def figures(folder: Path, times: int, quick: bool = False) -> Iterator[Figure]:
    """Measure moving in lists of several lengths against one of 100 rows, and searching against an empty `Input`."""
    keys = times * _KEYS_EACH
    for shape in (shapes.FLAT,) if quick else (shapes.FLAT, shapes.LARGE_FLAT):
        yield _moving(workspaces.shared(folder, shape), workspaces.shared(folder, shapes.HUNDRED), keys)
    for shape in (shapes.FLAT,) if quick else (shapes.FLAT, shapes.LARGE):
        aim = 3.0 if shape is shapes.FLAT else None
        yield _searching(workspaces.shared(folder, shape), keys, aim)


class _Mover:
    """An interface, and the names in the order in which `j` goes through them."""

    def __init__(self, terminal: Terminal, place: Place) -> None:
        self.terminal, self.place = terminal, place
        names = [one.name for one in place.rows(place.latest)]
        self.first = names[0]
        self.names = [name[:_NAME] for name in names]
        self.at = 0

    def step(self) -> float | None:
        """Press `j` and return how long it took; None where the two names look alike, so that nothing can be told."""
        before, after = self.names[self.at], self.names[self.at + 1]
        self.at += 1
        if before in after or after in before:
            self.terminal.press(b"j")
            return None
        self.terminal.press(b"j")
        # Nothing else on the screen has the next row's name: the answers are still those of the row before. Where the
        # list has to scroll, all of its rows are painted with it.
        return self.terminal.painted(re.escape(after.encode()))

    def back(self) -> None:
        """Go to the first row again."""
        self.terminal.press(b"g")
        self.at = 0
        self.terminal.painted(titled(self.first))


def _moving(place: Place, small: Place, keys: int) -> Figure:
    chance = random.Random(1)
    found: dict[str, list[float]] = {"ours": [], "anchor": []}
    for one in (place, small):
        warm_up(one)
    with ExitStack() as stack:
        movers = {
            name: _Mover(stack.enter_context(Terminal(interface(of.root))), of)
            for name, of in (("ours", place), ("anchor", small))
        }
        terminals = [mover.terminal for mover in movers.values()]
        for mover in movers.values():
            mover.terminal.painted(*usable(mover.place))
        rest(terminals, _SETTLED)
        while min(len(times) for times in found.values()) < keys:
            for name, mover in list(movers.items())[:: chance.choice((1, -1))]:
                took = mover.step()
                if took is not None:
                    found[name].append(took)
                rest(terminals, chance.uniform(*_PAUSE))
            if min(len(mover.names) - mover.at for mover in movers.values()) < 2:
                for mover in movers.values():
                    mover.back()
                rest(terminals, _SETTLED)
    ours, anchor = (Times(tuple(times[:keys])) for times in found.values())
    return Figure(f"key j to painted, {place.shape.text}", ours, anchor, "the same on 100 rows", 1.2, at_p95=True)


def _searching(place: Place, keys: int, aim: float | None) -> Figure:
    """Type words, letter by letter, and take each letter's time until the list shows what it finds."""
    words = iter(place.words)
    rows = len(place.rows(place.latest))
    chance = random.Random(2)
    ours: list[float] = []
    echo: list[float] = []
    line = ""
    warm_up(place)
    with (
        Terminal(interface(place.root)) as terminal,
        Terminal([sys.executable, "-m", "bench.empty_input"]) as empty,
    ):
        terminals = [terminal, empty]
        terminal.painted(*usable(place))
        empty.painted(re.escape(empty_input.READY.encode()))
        rest(terminals, _SETTLED)
        while len(ours) < keys:
            word = next(words)
            terminal.press(b"/")
            rest(terminals, 0.3)
            counts: list[tuple[bytes, bytes]] = []
            for place_in_word, letter in enumerate(word):
                terminal.press(letter.encode())
                # Not the line it is typed in, but the list's title, which changes with its rows.
                ours.append(terminal.painted(titled(word[: place_in_word + 1])))
                counts += re.findall(rb"([\d,]+) of ([\d,]+)", terminal.seen)
                rest(terminals, chance.uniform(*_PAUSE))
                line += letter
                empty.press(letter.encode())
                echo.append(empty.painted(re.escape(line.encode())))
                rest(terminals, chance.uniform(*_PAUSE))
            _expect_found(word, counts, rows)
            terminal.press(b"\x1b")
            terminal.painted(titled("all"))
            if len(line) > _WORD_ROOM:
                empty.press(b"\x15")  # ctrl+u
                line = ""
            rest(terminals, 0.3)
    what = f"search key to painted, {place.shape.text}"
    return Figure(what, Times(tuple(ours)), Times(tuple(echo)), "an echo in an empty Input", aim, at_p95=True)


def _expect_found(word: str, counts: list[tuple[bytes, bytes]], rows: int) -> None:
    """Fail where the list does not say that it was narrowed to some of its rows."""
    told = [int(part.replace(b",", b"")) for part, whole in counts if int(whole.replace(b",", b"")) == rows]
    if not told or not 0 < told[-1] < rows:
        raise NotMeasured(f"a search for '{word}' was timed, but did not narrow {rows} rows: {told}")
    say(f"'{word}' is in {told[-1]} of {rows}")
