"""What a run counts, what it keeps of a failure, and how it tells."""

from __future__ import annotations

import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from faults.checks import Checker
from faults.place import Place
from faults.processes import Told

_COLUMNS = ("rounds", "told done", "refused", "lost", "wrong", "seconds")
_MOST = 8
_MOST_KEPT = 3


@dataclass
class Tally:
    """One line of the table: a kind of fault, how often it struck, what was told to be done, what was wrong."""

    kind: str
    rounds: int = 0
    done: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    wrong: int = 0
    seconds: float = 0.0
    notes: Counter[str] = field(default_factory=Counter)
    not_run: str = ""

    def take(self, told: Told) -> None:
        """Count what one child told."""
        self.done += len(told.made)
        self.refused.update(told.refused)

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count the time that is spent inside."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds += time.monotonic() - start

    def row(self) -> tuple[str, ...]:
        """Return the cells of the table."""
        if self.not_run:
            return ("not run", *[""] * (len(_COLUMNS) - 1), f"{self.kind}: {self.not_run}")
        numbers = (self.rounds, self.done, self.refused.total(), self.lost, self.wrong)
        return (*(str(number) for number in numbers), f"{self.seconds:.0f}", self.kind)


class Suite:
    """One run: its seed, its folder, the workspace that rounds begin with, and the table."""

    def __init__(self, folder: Path, seed: int, short: bool, kills: int, base: Place) -> None:
        self.folder = folder
        self.seed = seed
        self.short = short
        self.kills = kills
        self.base = base
        self.checker = Checker()
        self.tallies: list[Tally] = []
        self.kept: list[Path] = []

    def tally(self, kind: str) -> Tally:
        """Return the line of this kind, a new one where there is none."""
        for tally in self.tallies:
            if tally.kind == kind:
                return tally
        self.tallies.append(Tally(kind))
        return self.tallies[-1]

    def not_run(self, kind: str, why: str) -> None:
        """Count a kind of fault as not run."""
        self.tally(kind).not_run = why
        tell(f"  not run: {kind}: {why}")

    def judge(self, tally: Tally, number: int, findings: Sequence[str], keep: Mapping[str, Path], look: str) -> None:
        """Count a round, and where something was wrong tell it and keep copies of these folders or files.

        `look` says what each copy shows.
        """
        tally.rounds += 1
        if not findings:
            return
        tally.wrong += 1
        tell(f"\nWRONG after '{tally.kind}', round {number}, seed {self.seed}:")
        for finding in findings[:_MOST]:
            tell(f"  - {finding}")
        if len(findings) > _MOST:
            tell(f"  - and {len(findings) - _MOST} more")
        place = self.folder / "kept" / f"{len(self.kept) + 1:02}-{tally.kind.replace(' ', '-').replace(',', '')}"
        if tally.wrong > _MOST_KEPT:
            return
        place.mkdir(parents=True)
        (place / "findings.txt").write_text("\n".join(findings) + "\n")
        for name, source in keep.items():
            if source.is_dir():
                shutil.copytree(source, place / name, symlinks=True, dirs_exist_ok=True)
            elif source.exists():
                shutil.copyfile(source, place / name)
        self.kept.append(place)
        tell(f"  {look}:\n  cd {place}; cat findings.txt; ls -la */.git */.git/callforth")
        tell(f"  for each: git -C NAME status; {sys.executable} -m callforth --workspace NAME log | head")

    def broke(self, name: str, error: Exception) -> None:
        """Count a kind of fault as wrong because it could not be brought to its end."""
        tally = self.tally(f"{name}, cut off")
        self.judge(tally, 0, [str(error)], {"work": self.folder / "work"}, "'work' is the last workspace")

    def table(self) -> str:
        """Return the counts."""
        rows = [(*_COLUMNS, "fault"), *(tally.row() for tally in self.tallies)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
        lines = []
        for row in rows:
            cells = [cell.rjust(width) for cell, width in zip(row[:-1], widths, strict=True)]
            lines.append("  ".join([*cells, row[-1]]).rstrip())
        for tally in self.tallies:
            for name, counts in (("refused", tally.refused), ("", tally.notes)):
                if counts:
                    listed = ", ".join(f"{what} {count}" for what, count in sorted(counts.items()))
                    lines.append(f"  {tally.kind}: {name + ': ' if name else ''}{listed}")
        wrong = sum(tally.wrong for tally in self.tallies)
        not_run = sum(bool(tally.not_run) for tally in self.tallies)
        lines.append(
            f"{sum(tally.rounds for tally in self.tallies)} rounds, {wrong} wrong, {not_run} kinds not run; "
            f"seed {self.seed}"
        )
        return "\n".join(lines)

    @property
    def sound(self) -> bool:
        """True while nothing was wrong."""
        return not any(tally.wrong for tally in self.tallies)


def tell(text: str) -> None:
    """Say something to the person who runs it."""
    print(text, file=sys.stderr, flush=True)
