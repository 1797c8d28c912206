"""The history of one application among 50,000 decisions, against `git log -- path` with changed paths."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

from bench import shapes, workspaces
from bench.measure import Figure, NotMeasured, by_turns, say
from bench.workspaces import Place


def figures(folder: Path, times: int, quick: bool = False) -> Iterator[Figure]:
    """Measure each time the history of another application, which nothing has looked at before."""
    for shape in (shapes.SPREAD_DECIDED,) if quick else (shapes.SPREAD_DECIDED, shapes.FLAT_DECIDED):
        yield _measure(workspaces.shared(folder, shape), times)


def _measure(place: Place, times: int) -> Figure:
    from callforth.workflow.ledger import ledger
    from callforth.workflow.workspace import Workspace

    workspace = Workspace.find(place.root, interactive=False)
    workspace.catalog.refresh()
    start = perf_counter()
    entries = sum(1 for _ in ledger(workspace))  # what is kept of history is kept from now on
    say(f"reading all {entries:,} steps took {perf_counter() - start:.1f} s")

    def ours(number: int) -> Callable[[], None]:
        application = workspace.catalog.application(place.all[number].id)
        return lambda: _expect_whole(len(list(ledger(workspace, application=application))), place)

    def git(number: int) -> Callable[[], None]:
        command = ["git", "-C", str(place.root), "log", "--format=%H", "--", place.all[number].path]
        return lambda: _expect_whole(
            subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.count(b"\n"), place
        )

    found = by_turns({"git": git, "ours": ours}, times)
    workspace.close()
    what = f"history of one application, {place.shape.text}"
    return Figure(what, found["ours"], found["git"], "git log -- path with changed paths", 0.15)


def _expect_whole(steps: int, place: Place) -> None:
    """Fail where a history is not its arrival and every decision."""
    if steps != place.shape.decisions + 1:
        raise NotMeasured(f"{steps} steps were found where there are {place.shape.decisions + 1}")
