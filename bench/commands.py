"""Commands: how long until one has answered, from its start."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench import shapes, workspaces
from bench.measure import Figure, NotMeasured, by_turns
from bench.workspaces import Place, expect_index

_START = [sys.executable, "-c", "pass"]


def figures(folder: Path, times: int, quick: bool = False) -> Iterator[Figure]:
    """Measure help and lists against an interpreter's start, with `git ls-files` for the large list."""
    help_ = [sys.executable, "-m", "callforth", "--help"]
    small, flat = (workspaces.shared(folder, shape) for shape in (shapes.SMALL, shapes.FLAT))
    for place in (small, flat):
        _expect_listed(place)
    found = by_turns({"start": _runs(_START), "help": _runs(help_), "list": _runs(_listing(small))}, times)
    yield Figure("callforth --help", found["help"], found["start"], "an interpreter's start", None)
    yield Figure("callforth list --json, warm, 500", found["list"], found["start"], "an interpreter's start", None)
    git = ["git", "-C", str(flat.root), "ls-files"]
    found = by_turns({"git": _runs(git, _START), "list": _runs(_listing(flat))}, times)
    what = f"callforth list --json, warm, {flat.shape.text}"
    yield Figure(what, found["list"], found["git"], "git ls-files and an interpreter's start", 2.0)


def _listing(place: Place) -> list[str]:
    return [sys.executable, "-m", "callforth", "--workspace", str(place.root), "list", place.latest, "--json"]


def _expect_listed(place: Place) -> None:
    """List, so that the next time is a warm one; fail where not every application is listed."""
    for _ in range(2):
        out = subprocess.run(_listing(place), stdout=subprocess.PIPE, check=True).stdout
    if {one["id"] for one in json.loads(out)} != {one.id for one in place.all}:
        raise NotMeasured(f"callforth list does not list all of {place.shape.text}")
    expect_index(place)


def _runs(*commands: Sequence[str]) -> Callable[[int], Callable[[], None]]:
    """Return a way that runs these commands one after the other, each read to its end."""

    def run() -> None:
        for command in commands:
            subprocess.run(command, capture_output=True, check=True)

    return lambda _: run
