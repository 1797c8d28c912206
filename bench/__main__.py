"""`python -m bench [--quick] [--times N] [--folder DIR] [NAME …]`: measure, and print ratios to anchors."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from time import monotonic
from types import ModuleType

from bench.measure import Figure, NotMeasured, say, summary, table
from bench.workspaces import isolate

# Each is a module of this package with `figures(folder, times, quick)`; a new one is measured by adding its name here.
NAMES = (
    *("imports", "commands", "reading", "startup", "memory", "keys"),
    *("history", "audit", "decision", "bulk", "importing", "serving"),
)
_TIMES, _TIMES_QUICK, _LEAST = 21, 5, 15


def main() -> None:
    """Run the benchmarks that were named, or all of them; exit with 1 where something could not be measured."""
    chosen = _arguments()
    times = chosen.times or (_TIMES_QUICK if chosen.quick else _TIMES)
    git = subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout.strip()
    print(
        f"{git}, Python {platform.python_version()}, {os.cpu_count()} cores; by turns, {times} times each unless said "
        "otherwise; a ratio is a way's median in medians of its anchor; trust ratios, not times",
        flush=True,
    )
    if chosen.quick:
        print("quick: few times and no 100,000, so 95th percentiles say little", flush=True)
    with _place(chosen.folder) as folder:
        isolate(folder / "home")
        found, failed = _measure(chosen.names or NAMES, folder, times, chosen.quick)
    print(table(found))
    print(summary(found))
    if failed:
        print(f"could not be measured, as told above: {', '.join(failed)}")
        sys.exit(1)


def _arguments() -> argparse.Namespace:
    modules = "\n".join(f"  {name:<10}{(_module(name).__doc__ or '').split(chr(10))[0]}" for name in NAMES)
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure callforth in workspaces made for it, as ratios to what is timed beside it by turns.\n"
        "Everything takes about half an hour and 4 GB of disk; --quick some minutes. What there is:\n" + modules,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure (all)")
    parser.add_argument("--quick", action="store_true", help=f"{_TIMES_QUICK} times each, and nothing with 100,000")
    parser.add_argument("--times", type=int, help=f"how often each way is timed, at least {_LEAST} ({_TIMES})")
    parser.add_argument(
        "--folder", type=Path, help="make the workspaces here, on its disk, and leave them for the next run"
    )
    chosen = parser.parse_args()
    unknown = [name for name in chosen.names if name not in NAMES]
    if unknown:
        parser.error(f"there is no '{unknown[0]}'; there is: {', '.join(NAMES)}")
    if chosen.times is not None and chosen.times < (1 if chosen.quick else _LEAST):
        parser.error(f"fewer than {_LEAST} times say nothing of the 95th percentile; --quick takes fewer")
    return chosen


def _module(name: str) -> ModuleType:
    return import_module(f"bench.{name}")


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    """Give where workspaces are made: a folder that stays, or a new one that goes."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.resolve()
        return
    # /tmp may be memory, where durable writing costs nothing; /var/tmp is on a disk.
    disk = "/var/tmp" if os.access("/var/tmp", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="callforth-bench-", dir=disk) as made:
        yield Path(made)


def _measure(names: Sequence[str], folder: Path, times: int, quick: bool) -> tuple[list[Figure], list[str]]:
    """Run benchmarks one after the other; return what they found, and which of them failed."""
    found: list[Figure] = []
    failed: list[str] = []
    for number, name in enumerate(names, start=1):
        module = _module(name)
        summed_up = (module.__doc__ or "").split("\n")[0]
        print(f"[{number} of {len(names)}] {name}: {summed_up}", file=sys.stderr, flush=True)
        start = monotonic()
        measure: Callable[[Path, int, bool], Iterator[Figure]] = module.figures
        try:
            for figure in measure(folder, times, quick):
                found.append(figure)
                say(f"{figure.ratio:.3g}: {figure.what}")
        except NotMeasured as error:
            failed.append(name)
            say(f"NOT MEASURED: {error}")
        except Exception:
            # One that breaks must not cost the others' half an hour.
            failed.append(name)
            traceback.print_exc()
        say(f"took {monotonic() - start:.0f} s")
    return found, failed


if __name__ == "__main__":
    main()
