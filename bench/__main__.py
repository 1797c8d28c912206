"""`python -m bench [--times N] [NAME …]`: measure, and print ratios to anchors of the same run."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from bench.measure import Figure, table
from bench.workspaces import isolate

# Each is a module of this package with `figures(folder, times)`; a new one is measured by adding its name here.
NAMES = ("decision", "imports", "startup")
_LEAST = 15


def main() -> None:
    """Run the benchmarks that were named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure callforth, as ratios.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure, of: {', '.join(NAMES)} (all)")
    parser.add_argument("--times", type=int, default=21, help=f"how often each way is timed, at least {_LEAST} (21)")
    parser.add_argument("--folder", type=Path, help="make the workspaces below this folder, on its disk")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.names if name not in NAMES]
    if unknown:
        parser.error(f"there is no '{unknown[0]}'; there is: {', '.join(NAMES)}")
    if chosen.times < _LEAST:
        parser.error(f"fewer than {_LEAST} times say nothing of the 95th percentile")
    git = subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout.strip()
    print(
        f"{git}, Python {platform.python_version()}, {os.cpu_count()} cores; by turns, {chosen.times} times each; "
        "trust ratios, not times",
        flush=True,
    )
    found: list[Figure] = []
    for name in chosen.names or NAMES:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        measure: Callable[[Path, int], Iterator[Figure]] = import_module(f"bench.{name}").figures
        with tempfile.TemporaryDirectory(prefix="callforth-bench-", dir=chosen.folder) as folder:
            isolate(Path(folder) / "home")
            found.extend(measure(Path(folder), chosen.times))
    print(table(found))


if __name__ == "__main__":
    main()
