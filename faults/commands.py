"""The command line itself, as a shell runs it."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from faults.place import Place, status_in

_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """A command that changes something, and the files it shall change."""

    what: str
    words: tuple[str, ...]
    paths: tuple[str, ...]


def line(place: Place, *words: str) -> list[str]:
    """Return the whole command line."""
    return [sys.executable, "-m", "callforth", "--workspace", str(place.root), *words]


def run(place: Place, *words: str) -> Ran:
    """Run a command to its end, with nobody to answer."""
    done = subprocess.run(line(place, *words), stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE)
    return Ran(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def choose(place: Place, chance: random.Random, name: str) -> Chosen:
    """Choose a decision or a tagging of one or of several, by what is committed; `name` makes the tag a new one."""
    files = place.committed()
    first = chance.choice(sorted(files))
    count = chance.choice((1, 1, 2, 12))
    if chance.random() < 0.3:
        paths = {first, *chance.sample(sorted(files), count - 1)}
        words = ("tag", *_ids(paths), f"+{name}")
        return Chosen("tag-bulk" if len(paths) > 1 else "tag", (*words, "--yes", "--json"), tuple(sorted(paths)))
    before = status_in(files[first])
    verb = {"declined": "waitlist", "withdrawn": "reopen"}.get(before, "withdraw")
    if before in ("attended", "absent"):
        verb = "miss" if before == "attended" else "attend"
    same = [path for path, data in files.items() if status_in(data) == before and path != first]
    paths = {first, *chance.sample(same, min(count - 1, len(same)))}
    words = (verb, *_ids(paths), "-m", "Because.")
    return Chosen("bulk" if len(paths) > 1 else "decide", (*words, "--yes", "--json"), tuple(sorted(paths)))


def _ids(paths: set[str]) -> list[str]:
    return sorted(Path(path).stem for path in paths)
