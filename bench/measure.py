"""Timing two or more ways of doing one thing, by turns, and what a benchmark reports."""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Times:
    """How long one way took each time, in seconds."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.seconds)

    @property
    def p95(self) -> float:
        """The time that 95 of 100 stay under (nearest rank)."""
        return sorted(self.seconds)[math.ceil(0.95 * len(self.seconds)) - 1]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report: a way, its anchor of the same run, and the ratio aimed at (None: reported only)."""

    what: str
    way: Times
    anchor: Times
    anchored_to: str
    aim: float | None = None

    @property
    def ratio(self) -> float:
        """The way's median in medians of its anchor."""
        return self.way.median / self.anchor.median

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None where there is none."""
        return None if self.aim is None else self.ratio < self.aim


def by_turns(ways: Mapping[str, Callable[[int], object]], times: int, warm_up: int = 2) -> dict[str, Times]:
    """Call each way in turn, A B A B, each with the number of the round; the first `warm_up` rounds do not count.

    A way that sets something up outside the measured time returns the callable to be timed.
    """
    found: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(warm_up + times):
        for name, prepare in ways.items():
            timed = prepare(number)
            gc.collect()
            start = time.perf_counter()
            if callable(timed):
                timed()
            took = time.perf_counter() - start
            if number >= warm_up:
                found[name].append(took)
    return {name: Times(tuple(seconds)) for name, seconds in found.items()}


def table(figures: Sequence[Figure]) -> str:
    """Return the report: ratio, aim, medians and 95th percentiles in milliseconds."""
    head = ("ratio", "aim", "", "median", "p95", "anchor", "p95", "what")
    rows = [
        (
            f"{figure.ratio:.2f}",
            "" if figure.aim is None else f"< {figure.aim:g}",
            {True: "met", False: "MISSED", None: ""}[figure.met],
            f"{figure.way.median * 1e3:.1f} ms",
            f"{figure.way.p95 * 1e3:.1f} ms",
            f"{figure.anchor.median * 1e3:.1f} ms",
            f"{figure.anchor.p95 * 1e3:.1f} ms",
            f"{figure.what} / {figure.anchored_to} ({len(figure.way.seconds)} each)",
        )
        for figure in figures
    ]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = []
    for row in (head, *rows):
        cells = [cell.rjust(width) for cell, width in zip(row[:-1], widths[:-1], strict=True)]
        lines.append("  ".join([*cells, row[-1]]))
    return "\n".join(lines)
