"""A clock that jumps back while people decide: order is what history says, never what a clock says."""

from __future__ import annotations

import os
import random
from itertools import pairwise

from faults.checks import next_command
from faults.place import Place
from faults.processes import Child
from faults.report import Suite
from faults.worker import Orders

_ROUNDS, _ROUNDS_SHORT = 20, 2
_STEPS = (3.0, 90.0, 86_400.0, 400 * 86_400.0)
_LOOK = "'after' is the workspace when the next command had run"


def run(suite: Suite) -> None:
    """Let workers decide, tag and undo under such a clock, on one branch and on two that are merged."""
    tally = suite.tally("clock jumps back")
    for number in range(_ROUNDS_SHORT if suite.short else _ROUNDS):
        chance = random.Random(f"{suite.seed} clock {number}")
        with tally.timed():
            place = suite.base.fresh(suite.folder / "work")
            place.plant()
            start = place.head()
            findings: list[str] = []
            for turn in range(2):
                child = Child(suite.folder / "clock.log")
                before = place.head()
                orders = Orders(
                    str(place.root), f"{suite.seed} clock {number} {turn}", count=8, skew=chance.choice(_STEPS), most=8
                )
                child.order(orders)
                told = child.listen()
                findings += [f"refused without a reason: {said}" for said in told.refusals]
                findings += _ended(child)
                findings += suite.checker.whole(place, before, told)
                tally.take(told)
                _shake_times(place, chance)
            findings += next_command(place)[0]
            findings += suite.checker.sound(place)
            tally.notes["commits older than their parent"] += _backwards(place, start)
        tally.lost += any("not in history" in finding for finding in findings)
        suite.judge(tally, number, findings, {"after": place.root}, _LOOK)
    _merged(suite)


def _ended(child: Child) -> list[str]:
    status = child.process.returncode
    return [f"the worker ended with {status}: {child.complaints()[-300:]}"] if status else []


def _backwards(place: Place, start: str) -> int:
    times = [int(line) for line in place.git("log", "--reverse", "--format=%at", f"{start}..HEAD").split()]
    return sum(after < before for before, after in pairwise(times))


def _shake_times(place: Place, chance: random.Random) -> None:
    """Let files look older or newer than they are, as they do under such a clock."""
    for path in chance.sample(sorted(place.files()), 10):
        shift = chance.uniform(-1, 1) * 86_400
        status = (place.root / path).stat()
        os.utime(place.root / path, (status.st_atime + shift, status.st_mtime + shift))


def _merged(suite: Suite) -> None:
    """Two branches with clocks that disagree, merged: the ledger must still go forward for every application."""
    tally = suite.tally("clocks of two clones disagree, merged")
    for number in range(_ROUNDS_SHORT if suite.short else _ROUNDS):
        with tally.timed():
            place = suite.base.fresh(suite.folder / "work")
            start = place.head()
            findings: list[str] = []
            # The decisions before the branches part may be dated after those that follow, and the branches far apart.
            for branch, meeting, skew in (("main", "", 0.0), ("early", "turku-2022", 5e8), ("main", "oslo-2022", 3e7)):
                if branch != "main":
                    place.git("branch", "--quiet", branch)
                place.git("switch", "--quiet", branch)
                child = Child(suite.folder / "clock.log")
                child.order(
                    Orders(
                        str(place.root), f"{suite.seed} merged {number} {branch} {skew}",
                        does=("decide", "tag"), count=12, skew=skew, meeting=meeting,
                    )
                )  # fmt: skip
                told = child.listen()
                findings += [f"refused without a reason: {said}" for said in told.refusals] + _ended(child)
                tally.take(told)
            place.git("merge", "--quiet", "--no-edit", "early")
            tally.notes["commits"] += int(place.git("rev-list", "--count", f"{start}..HEAD"))
            place.plant()
            findings += suite.checker.sound(place)
        suite.judge(tally, number, findings, {"after": place.root}, _LOOK)
