"""Reading: all files of a workspace into a catalog, with an index of the last time and without.

Each is measured inside a fresh process, from the moment its modules are loaded: what the interpreter and imports cost
is measured elsewhere.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import shapes, workspaces
from bench.measure import Figure, NotMeasured, by_turns
from bench.workspaces import Place, expect_index, forget_index

# Both print how many applications they read and how long that took, in seconds.
_CATALOG = """
import gc, sys, time
from pathlib import Path
from callforth.index.catalog import Catalog
root = Path(sys.argv[1])
gc.collect()
start = time.perf_counter()
catalog = Catalog(root)
catalog.refresh()
took = time.perf_counter() - start
print(len(catalog.ids()), took)
"""
_FRONTMATTER = """
import gc, glob, sys, time
import frontmatter
paths = glob.glob(sys.argv[1] + "/applications/*/*.md")
frontmatter.load(paths[0])
gc.collect()
start = time.perf_counter()
found = [frontmatter.load(path) for path in paths]
took = time.perf_counter() - start
print(len(found), took)
"""


def figures(folder: Path, times: int, quick: bool = False) -> Iterator[Figure]:
    """Measure warm reading against `git ls-files -s`, and cold reading against `frontmatter.load` of each file."""
    aims = {shapes.FLAT: 5.0, shapes.SPREAD: 5.0} | ({} if quick else {shapes.LARGE: 10.0})
    for shape, aim in aims.items():
        yield _warm(workspaces.shared(folder, shape), aim, times)
    for shape in (shapes.FLAT, shapes.SPREAD):
        yield _cold(workspaces.shared(folder, shape), max(3, times // 2))


def _warm(place: Place, aim: float, times: int) -> Figure:
    for _ in range(2):
        _inside(_CATALOG, place)
    expect_index(place)
    listing = ["git", "-C", str(place.root), "ls-files", "-s"]
    found = by_turns(
        {
            "ours": lambda _: lambda: _inside(_CATALOG, place),
            "git": lambda _: lambda: subprocess.run(listing, stdout=subprocess.PIPE, check=True),
        },
        times,
    )
    what = f"warm read with change check, {place.shape.text}"
    return Figure(what, found["ours"], found["git"], "git ls-files -s", aim)


def _cold(place: Place, times: int) -> Figure:
    def ours(_: int) -> Callable[[], float]:
        forget_index(place.root)
        return lambda: _inside(_CATALOG, place)

    ways = {"ours": ours, "frontmatter": lambda _: lambda: _inside(_FRONTMATTER, place)}
    found = by_turns(ways, times, warm_up=1)
    what = f"cold read, {place.shape.text}"
    return Figure(what, found["ours"], found["frontmatter"], "frontmatter.load of each", 0.45)


def _inside(code: str, place: Place) -> float:
    """Return how long a process said that it took; fail where it did not read every application."""
    done = subprocess.run([sys.executable, "-c", code, str(place.root)], stdout=subprocess.PIPE, check=True)
    count, took = done.stdout.split()
    if int(count) != place.shape.total:
        raise NotMeasured(f"{int(count)} applications were read where {place.shape.total} are there")
    return float(took)
