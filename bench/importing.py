"""Taking in 10,000 rows of a workbook, against calamine's reading of it, writing as many files and one `git commit`."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import openpyxl

from bench import shapes, workspaces
from bench.measure import Figure, NotMeasured, by_turns
from bench.workspaces import Place

_ROWS, _ROWS_QUICK = 10_000, 1_000
_WORDS = ("bridge", "river", "choir", "evening", "neighbour", "kitchen", "garden", "quarrel", "council", "school")
_HEADINGS = ("Submitted", "Your name", "E-mail", "Organisation", "Role", "Country")
_ANSWERS, _LONG = 4, 120


def figures(folder: Path, times: int, quick: bool = False) -> Iterator[Figure]:
    """Measure `callforth import`: the first time, each time into another copy of a workspace."""
    rows = _ROWS_QUICK if quick else _ROWS
    with tempfile.TemporaryDirectory(dir=folder) as other:
        place = workspaces.copied(folder, shapes.SMALL, Path(other) / "importing")
        book = Path(other) / "answers.xlsx"
        questions = _questions(place)
        _write(book, rows, questions)
        ways = {"anchor": _anchor(book, Path(other)), "ours": _ours(place, book)}
        found = by_turns(ways, max(3, times // 4), 1)
    what = f"import of {rows} rows"
    yield Figure(what, found["ours"], found["anchor"], "calamine, the same files written, one git commit of them", 1.5)


def _questions(place: Place) -> list[str]:
    from callforth.workflow.workspace import Workspace

    workspace = Workspace.find(place.root)
    workspace.catalog.refresh()
    asked = [question.ask for question in workspace.catalog.meetings[0].questions][:_ANSWERS]
    workspace.close()
    return asked


def _write(book: Path, rows: int, questions: list[str]) -> None:
    chance = random.Random(1)
    made = openpyxl.Workbook(write_only=True)
    sheet = made.create_sheet("Answers")
    sheet.append([*_HEADINGS, *questions])

    def words(many: int) -> str:
        return " ".join(chance.choices(_WORDS, k=many))

    for number in range(rows):
        name = f"{words(1).title()} {''.join(chance.choices('abcdefghijklmnop', k=9)).title()}"
        when = f"2022-08-{number % 28 + 1:02} {number % 24:02}:{number % 60:02}:00"
        who = [
            when,
            name,
            f"p{number}@example.org",
            words(3),
            "teacher",
            chance.choice(["Portugal", "Sverige", "Malta"]),
        ]
        sheet.append([*who, *(words(_LONG) for _ in questions)])
    made.save(book)


def _anchor(book: Path, folder: Path) -> Callable[[int], Callable[[], None]]:
    numbers = count()

    def prepare(_: int) -> Callable[[], None]:
        place = folder / f"anchor-{next(numbers)}"
        _run(["git", "init", "--quiet", str(place)])
        return lambda: _run([sys.executable, "-c", _ANCHOR, str(book), str(place)])

    return prepare


_ANCHOR = """
import subprocess, sys
from pathlib import Path
from python_calamine import CalamineWorkbook
book, place = sys.argv[1], Path(sys.argv[2])
rows = list(CalamineWorkbook.from_path(book).get_sheet_by_index(0).iter_rows())
(place / "applications").mkdir()
for number, row in enumerate(rows):
    (place / "applications" / f"{number:06}.md").write_text("\\n\\n".join(map(str, row)))
for words in (["add", "--all"], ["commit", "--quiet", "--message=Import"]):
    subprocess.run(["git", "-c", "core.fsync=all", *words], cwd=place, check=True)
"""


def _ours(place: Place, book: Path) -> Callable[[int], Callable[[], None]]:
    start = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=place.root, capture_output=True, text=True, check=True
    ).stdout.strip()
    meeting = sorted(path.name for path in (place.root / "meetings").iterdir())[0]

    def prepare(_: int) -> Callable[[], None]:
        _run(["git", "reset", "--quiet", "--hard", start], place.root)
        return lambda: _import(place, meeting, book)

    return prepare


def _import(place: Place, meeting: str, book: Path) -> None:
    command = [sys.executable, "-m", "callforth", "--workspace", str(place.root), "import", meeting, str(book), "--yes"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotMeasured(f"the import failed: {done.stderr.strip()[-200:]}")


def _run(command: list[str], cwd: Path | None = None) -> None:
    subprocess.run(command, cwd=cwd, capture_output=True, check=True)
