"""The audit of 50,000 decisions: from nothing, against `git log --raw -m`, and again after ten new ones."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import shapes, workspaces
from bench.measure import Figure, NotMeasured, by_turns, say
from bench.workspaces import Place

_START = [sys.executable, "-c", "pass"]
_NEW = 10
_MORE = 0.3  # seconds more than an interpreter's start
_LOG = ("--no-replace-objects", "log", "--raw", "-m", "--no-abbrev", "--full-history")


def figures(folder: Path, times: int, quick: bool = False) -> Iterator[Figure]:
    """Measure `callforth audit verify --fresh`, and `callforth audit verify` after new decisions."""
    shape = shapes.SPREAD_DECIDED
    place = workspaces.shared(folder, shape)
    found = by_turns(
        {"git": _runs(["git", "-C", str(place.root), *_LOG]), "ours": _fresh(place)}, max(3, times // 4), 1
    )
    what = f"audit verify from nothing, {shape.text}"
    yield Figure(what, found["ours"], found["git"], "git log --raw -m over the same history", 3.0)
    with tempfile.TemporaryDirectory(dir=folder) as other:
        yield _again(workspaces.copied(folder, shape, Path(other) / "audited"), times)


def _again(place: Place, times: int) -> Figure:
    ids = iter(one.id for one in place.all)
    _verify(place)

    def ours(_: int) -> Callable[[], None]:
        for _ in range(_NEW):
            _run([*_callforth(place), "tag", next(ids), "+audited"])
        return lambda: _verify(place)

    found = by_turns({"start": _runs(_START), "ours": ours}, times)
    more = found["ours"].median - found["start"].median
    say(f"that is {1000 * more:.0f} ms more than an interpreter's start; aimed at: {1000 * _MORE:.0f}")
    what = f"audit verify after {_NEW} new ones, {place.shape.text}"
    return Figure(what, found["ours"], found["start"], "an interpreter's start", None)


def _callforth(place: Place) -> list[str]:
    return [sys.executable, "-m", "callforth", "--workspace", str(place.root)]


def _fresh(place: Place) -> Callable[[int], Callable[[], None]]:
    return lambda _: lambda: _verify(place, "--fresh")


def _verify(place: Place, *options: str) -> None:
    command = [*_callforth(place), "audit", "verify", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not done.stderr.startswith("sound at "):
        raise NotMeasured(f"the audit did not find it sound: {done.stderr.strip() or done.stdout.strip()[:200]}")


def _run(command: list[str]) -> None:
    subprocess.run(command, capture_output=True, check=True)


def _runs(command: list[str]) -> Callable[[int], Callable[[], None]]:
    return lambda _: lambda: _run(command)
