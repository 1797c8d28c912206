"""Timing two or more ways of doing one thing, by turns, and what a benchmark reports."""

from __future__ import annotations

import gc
import math
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Times:
    """What one way took each time: seconds, or bytes where its figure says so."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.seconds)

    @property
    def p95(self) -> float:
        """What 95 of 100 stay under (nearest rank)."""
        return sorted(self.seconds)[math.ceil(0.95 * len(self.seconds)) - 1]

    def __add__(self, other: Times) -> Times:
        """Return one after the other, turn by turn."""
        return Times(tuple(a + b for a, b in zip(self.seconds, other.seconds, strict=True)))

    def __mul__(self, factor: float) -> Times:
        """Return as much of each, so many times."""
        return Times(tuple(one * factor for one in self.seconds))


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report: a way, its anchor of the same run, and the most that is aimed at (None: no aim).

    `at_p95` compares 95th percentiles instead of medians. `unit` is "ms" (of seconds) or "MB" (of bytes).
    """

    what: str
    way: Times
    anchor: Times
    anchored_to: str
    aim: float | None = None
    at_p95: bool = False
    unit: str = "ms"

    @property
    def ratio(self) -> float:
        """The way in anchors."""
        return self.way.p95 / self.anchor.p95 if self.at_p95 else self.way.median / self.anchor.median

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None where there is none."""
        return None if self.aim is None else self.ratio <= self.aim


def by_turns(ways: Mapping[str, Callable[[int], object]], times: int, warm_up: int = 2) -> dict[str, Times]:
    """Call each way in turn, A B A B, each with the number of the round; the first `warm_up` rounds do not count.

    A way that sets something up outside the measured time returns the callable to be timed; if that returns a float,
    it has timed itself, in seconds. Where one way is always the first of a round it would always meet the caches that
    the last one left: so every other round goes backwards.
    """
    found: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(warm_up + times):
        for name, prepare in list(ways.items())[:: 1 if number % 2 == 0 else -1]:
            timed = prepare(number)
            gc.collect()
            start = time.perf_counter()
            said = timed() if callable(timed) else timed
            took = time.perf_counter() - start
            if number >= warm_up:
                found[name].append(said if isinstance(said, float) else took)
    return {name: Times(tuple(seconds)) for name, seconds in found.items()}


class NotMeasured(Exception):
    """What was to be timed did not happen; says what did."""


def say(text: str) -> None:
    """Tell how far it has come, on stderr."""
    print(f"  {text}", file=sys.stderr, flush=True)


_SCALE = {"ms": 1e3, "MB": 1e-6}


def _shown(amount: float, unit: str) -> str:
    scaled = amount * _SCALE[unit]
    return f"{scaled:,.{0 if scaled >= 1000 else 1}f} {unit}"


def table(figures: Sequence[Figure]) -> str:
    """Return the report: ratio, aim, medians and 95th percentiles of way and anchor, and how often each was timed."""
    head = ("ratio", "aim", "", "median", "p95", "anchor", "p95", "each", "what / anchor")
    rows = [
        (
            f"{figure.ratio:.3g}" if figure.ratio < 0.1 else f"{figure.ratio:.2f}",
            "" if figure.aim is None else f"<= {figure.aim:g}",
            {True: "met", False: "MISSED", None: ""}[figure.met],
            _shown(figure.way.median, figure.unit),
            _shown(figure.way.p95, figure.unit),
            _shown(figure.anchor.median, figure.unit),
            _shown(figure.anchor.p95, figure.unit),
            str(len(figure.way.seconds)),
            f"{figure.what}{', p95' if figure.at_p95 else ''} / {figure.anchored_to}",
        )
        for figure in figures
    ]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = []
    for row in (head, *rows):
        cells = [cell.rjust(width) for cell, width in zip(row[:-1], widths[:-1], strict=True)]
        lines.append("  ".join([*cells, row[-1]]))
    return "\n".join(lines)


def summary(figures: Sequence[Figure]) -> str:
    """Return how many aims are met, and which are not, by how much."""
    aimed = [figure for figure in figures if figure.met is not None]
    missed = [figure for figure in aimed if not figure.met]
    lines = [f"{len(aimed) - len(missed)} of {len(aimed)} aims met"]
    for figure in missed:
        lines.append(f"missed: {figure.what}: {figure.ratio:.2f} where <= {figure.aim:g} is aimed at")
    return "\n".join(lines)
