"""Killed at any instant: of one decision, of many, of tags, undo and imports; with its gits, or without them."""

from __future__ import annotations

import json
import random
import statistics
import time
from collections import defaultdict
from typing import Any

from faults import commands
from faults.checks import next_command
from faults.place import Place
from faults.processes import Child, Spares, Told, orphans, sweep, wait_for_orphans
from faults.report import Suite, Tally
from faults.worker import Orders

_EACH_WORKSPACE = 25
_MEASURED = (8, 6)
_MEASURED_SHORT = (2, 4)
_EVERY_COMMAND = 8
_BEYOND = 1.15
_LOOK = "'before' is the workspace at the instant after the kill, 'after' when the next command had run"


def run(suite: Suite) -> None:
    """Kill as often as was asked for."""
    spans = _Spans()
    spares = Spares(suite.folder / "workers.log")
    try:
        spans.measure(suite, spares)
        place = suite.base
        for number in range(suite.kills):
            if number % _EACH_WORKSPACE == 0:
                place = suite.base.fresh(suite.folder / "work")
                place.plant()
            chance = random.Random(f"{suite.seed} kills {number}")
            everything = chance.random() < 0.6
            at_once = not everything and chance.random() < 0.5
            if number % _EVERY_COMMAND == _EVERY_COMMAND - 1:
                kind = "command killed with its gits" if everything else "command killed, its gits go on"
                tally = suite.tally(kind)
                with tally.timed():
                    _command(suite, tally, place, number, chance, spans, everything)
                continue
            kind = "killed with its gits" if everything else "killed, its gits go on"
            tally = suite.tally(kind + (", next command at once" if at_once else ""))
            with tally.timed():
                _worker(suite, tally, place, number, chance, spans, spares, everything, at_once)
    finally:
        spares.close()


class _Spans:
    """How long each kind of write takes, in seconds, as it was measured; a worker's first one takes longer."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, bool, bool], list[float]] = defaultdict(list)

    def measure(self, suite: Suite, spares: Spares) -> None:
        """Let workers and some commands do their work unharmed."""
        place = suite.base.fresh(suite.folder / "measured")
        workers, each = _MEASURED_SHORT if suite.short else _MEASURED
        for number in range(workers):
            child = spares.take()
            child.order(Orders(str(place.root), f"{suite.seed} spans {number}", count=each))
            self.saw(child.listen())
        chance = random.Random(f"{suite.seed} command spans")
        for _ in range(3):
            chosen = commands.choose(place, chance, "spans")
            start = time.perf_counter()
            commands.run(place, *chosen.words)
            self._seen[_COMMAND].append(time.perf_counter() - start)

    def saw(self, told: Told) -> None:
        """Remember how long each took."""
        for number, one in enumerate(told.done):
            self._seen[_kind(one["begun"], first=number == 0)].append(one["seconds"])

    def of(self, kind: tuple[str, bool, bool]) -> float:
        """Return the usual span of such a write."""
        alike = [one for other, some in self._seen.items() for one in some if other[1:] == kind[1:]]
        return statistics.median(self._seen.get(kind) or alike or [0.05])


_COMMAND = ("command", False, True)


def _kind(begun: dict[str, Any], first: bool) -> tuple[str, bool, bool]:
    return begun["begin"], begun["commits"] > 9, first


def _until(place: Place, chance: random.Random, span: float) -> None:
    """Wait for the instant of the kill: any within the span; or, every third time, one after the note was written."""
    if chance.random() < 2 / 3:
        time.sleep(chance.uniform(0, span * _BEYOND))
        return
    deadline = time.monotonic() + span * 2
    while time.monotonic() < deadline and not noted(place):
        time.sleep(0.0002)
    time.sleep(chance.uniform(0, span * 0.6))


def noted(place: Place) -> bool:
    """Tell whether a write is noted."""
    return (place.private / "intent").exists()


def _worker(
    suite: Suite,
    tally: Tally,
    place: Place,
    number: int,
    chance: random.Random,
    spans: _Spans,
    spares: Spares,
    everything: bool,
    at_once: bool,
) -> None:
    start = place.head()
    child = spares.take()
    child.order(Orders(str(place.root), f"{suite.seed} kill {number}", interactive=chance.random() < 0.5))
    at = chance.choice((1, 1, 2, 3))
    for line in child.lines():
        if "begin" in line:
            at -= 1
            if at == 0:
                _until(place, chance, spans.of(_kind(line, first=not child.told.done)))
                child.kill(everything)
                break
    for _ in child.lines():
        pass
    status = child.ended()
    told = child.told
    _phase(tally, place, start, child)
    spans.saw(told)
    before = suite.folder / "before"
    if not at_once:
        place.copy(before)
    findings = [f"the worker ended by itself: {status}: {child.complaints()[-300:]}"] if status != -9 else []
    findings += [f"refused without a reason: {said}" for said in told.refusals]
    if everything and chance.random() < 0.2:
        _kill_the_healer(suite, tally, place, chance, spares)
    if not at_once:
        stuck = wait_for_orphans()
        findings += [f"git went on without us and does not end: {stuck}"] if stuck else []
    findings += _after(suite, tally, place, number, start, child, chance)
    tally.take(told)
    tally.lost += any("not in history" in finding for finding in findings)
    look = {"after": place.root} if at_once else {"before": before, "after": place.root}
    suite.judge(tally, number, findings, look, _LOOK)
    if findings:
        suite.base.fresh(place.root).plant()


def _kill_the_healer(suite: Suite, tally: Tally, place: Place, chance: random.Random, spares: Spares) -> None:
    """Kill the next session too, while it puts right what this one left."""
    child = spares.take()
    child.order(Orders(str(place.root), "heals only", does=(), count=1))
    time.sleep(chance.uniform(0, 0.05))
    child.kill(everything=True)
    for _ in child.lines():
        pass
    tally.notes["killed again while healing" if child.ended() else "healed before the second kill"] += 1


def _command(
    suite: Suite, tally: Tally, place: Place, number: int, chance: random.Random, spans: _Spans, everything: bool
) -> None:
    """The same with the command itself; what it prints at its end is its word that it is done."""
    start = place.head()
    chosen = commands.choose(place, chance, f"k{number}")
    child = Child(suite.folder / "commands.log", command=commands.line(place, *chosen.words))
    assert child.process.stdin
    child.process.stdin.close()
    begun = {"begin": chosen.what, "commits": len(chosen.paths), "paths": chosen.paths}
    child.told.begun = begun
    time.sleep(chance.uniform(0.3, 1.05) * spans.of(_COMMAND))
    child.kill(everything)
    printed = b"\n".join(child.raw())
    status = child.ended()
    findings = []
    if printed:
        try:
            made = [entry["commit"] for entry in json.loads(printed)]
        except (ValueError, KeyError, TypeError):
            findings.append(f"it printed {printed[:300]!r}")
        else:
            child.told.take({"done": chosen.what, "made": made})
    if status not in (0, -9):
        findings.append(f"it ended by itself with {status}: {child.complaints()[-600:]}")
    _phase(tally, place, start, child)
    before = place.copy(suite.folder / "before")
    stuck = wait_for_orphans()
    findings += [f"git went on without us and does not end: {stuck}"] if stuck else []
    findings += _after(suite, tally, place, number, start, child, chance)
    tally.take(child.told)
    tally.lost += any("not in history" in finding for finding in findings)
    suite.judge(tally, number, findings, {"before": before.root, "after": place.root}, _LOOK)
    if findings:
        suite.base.fresh(place.root).plant()


def _after(
    suite: Suite, tally: Tally, place: Place, number: int, start: str, child: Child, chance: random.Random
) -> list[str]:
    """Run the next command, then look at everything."""
    what = chance.choices(("decide", "log", "list", "command"), (6, 1, 1, 1))[0]
    made: list[str] = []
    if what == "decide":
        findings, made = next_command(place)
    else:
        words = {"log": ("log", "--json"), "list": ("list", "oslo-2022", "--json")}.get(what)
        ran = commands.run(place, *(words or commands.choose(place, chance, f"next-{number}").words))
        findings = [f"the next command, {what}, ended with {ran.code}: {ran.err.strip()}"] if ran.code else []
        made = [entry["commit"] for entry in json.loads(ran.out)] if what == "command" and not ran.code else []
    if orphans():
        tally.notes["gits still at work when the next command was done"] += 1
        stuck = wait_for_orphans()
        findings += [f"git went on without us and does not end: {stuck}"] if stuck else []
    whole = suite.checker.whole(place, start, child.told, made)
    findings += [f"after the next command ({what}): {one}" for one in whole]
    sweep()
    return findings


def _phase(tally: Tally, place: Place, start: str, child: Child) -> None:
    """Count how far the write was that was killed, and which locks it left."""
    if child.told.begun is None:
        tally.notes["in: no write"] += 1
        return
    made = child.told.made
    moved = place.head() != (made[-1] if made else start)
    is_noted = noted(place)
    changed = is_noted and _in_place(place, child.told.begun["paths"], start if not made else made[-1])
    if moved:
        phase = "branch moved, note still there" if is_noted else "all done but not told"
    elif is_noted:
        phase = "noted and files in place" if changed else "noted"
    else:
        phase = "before the note"
    tally.notes[f"in: {phase}"] += 1
    for name in ("index.lock", "refs/heads/main.lock", "HEAD.lock"):
        if (place.root / ".git" / name).exists():
            tally.notes[f"left: {name}"] += 1


def _in_place(place: Place, paths: list[str], tip: str) -> bool:
    path = place.root / paths[-1]
    committed = place.tried("show", f"{tip}:{paths[-1]}")
    return path.exists() and (committed[0] != 0 or path.read_text() != committed[1])
