"""What starting costs before anything is done: the interpreter, and what is imported for a decision."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.measure import Figure, by_turns

_CODE = {
    "an interpreter": "pass",
    "importing what a decision needs": "import callforth.repo.commit, callforth.workflow.decide",
    "importing the interface": "import callforth.screens.app",
    "importing Textual alone": "import textual.app",
}


def figures(folder: Path, times: int, quick: bool = False) -> Iterator[Figure]:
    """Measure fresh interpreters in `folder`, each `times` times."""

    def fresh(code: str) -> Callable[[int], Callable[[], object]]:
        return lambda _: lambda: subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)

    taken = by_turns({name: fresh(code) for name, code in _CODE.items()}, times)
    for name in list(_CODE)[1:]:
        yield Figure(name, taken[name], taken["an interpreter"], "an interpreter's start")
