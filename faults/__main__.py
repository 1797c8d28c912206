"""`python -m faults [--short] [--seed N] [--kills N] [NAME …]`: mistreat workspaces, and count what was wrong."""

from __future__ import annotations

import argparse
import platform
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from faults.place import GitSaid, isolate, make
from faults.processes import Silent, become_reaper
from faults.report import Suite, tell

# Each is a module of this package with `run(suite)`; another kind of fault is one more name.
NAMES = {
    "kills": "killed at random instants",
    "crowd": "many processes deciding at once",
    "disk": "a full disk, and files that may not grow",
    "power": "cut off from power",
    "readonly": "nothing may be written",
    "clock": "a clock that jumps back",
    "index": "the index deleted, cut short, garbled, locked",
}
_KILLS, _KILLS_SHORT = 500, 16


def main() -> None:
    """Run the faults that were named, or all."""
    listed = "; ".join(f"{name}: {what}" for name, what in NAMES.items())
    parser = argparse.ArgumentParser(prog="python -m faults", description="See what callforth survives.", epilog=listed)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to do, of: {', '.join(NAMES)} (all)")
    parser.add_argument("--short", action="store_true", help="a few rounds of each")
    parser.add_argument("--seed", type=int, help="what chance begins with (a new one each time)")
    parser.add_argument("--kills", type=int, help=f"how many kills ({_KILLS}, short {_KILLS_SHORT})")
    parser.add_argument("--folder", type=Path, help="make the workspaces below this folder, on its disk")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.names if name not in NAMES]
    if unknown:
        parser.error(f"there is no '{unknown[0]}'; there is: {', '.join(NAMES)}")
    seed = chosen.seed if chosen.seed is not None else random.SystemRandom().randrange(10**6)
    kills = chosen.kills or (_KILLS_SHORT if chosen.short else _KILLS)
    git = subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout.strip()
    tell(f"{git}, Python {platform.python_version()}, seed {seed}")
    folder = Path(tempfile.mkdtemp(prefix="callforth-faults-", dir=chosen.folder)).resolve()
    isolate(folder / "home")
    become_reaper()
    suite = Suite(folder, seed, chosen.short, kills, make(folder / "base"))
    try:
        for name in chosen.names or NAMES:
            tell(f"{name}: {NAMES[name]} ...")
            act: Callable[[Suite], None] = import_module(f"faults.{name}").run
            try:
                act(suite)
            except (GitSaid, Silent) as error:
                suite.broke(name, error)
    finally:
        print(suite.table(), flush=True)
        if suite.kept:
            tell(f"kept: {folder / 'kept'}")
            for path in folder.iterdir():
                if path.name != "kept":
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        else:
            shutil.rmtree(folder)
    sys.exit(0 if suite.sound else 1)


if __name__ == "__main__":
    main()
