"""The index deleted, cut short, garbled or held: what is shown and decided stays what files and history say."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from faults import commands
from faults.checks import next_command
from faults.place import MEETINGS, Place, status_in
from faults.processes import Child
from faults.report import Suite, Tally
from faults.worker import Orders

_ROUNDS, _ROUNDS_SHORT = 60, 3
_FILES = "index.sqlite*"
_PAGE = 512
_WRITES = 12
_LOOK = "'before' is the workspace as the fault left it, 'after' when the next commands had run"

Harm = Callable[[Path, random.Random], None]


def _deleted(file: Path, chance: random.Random) -> None:
    file.unlink()


def _cut_short(file: Path, chance: random.Random) -> None:
    os.truncate(file, chance.randrange(file.stat().st_size + 1))


def _emptied(file: Path, chance: random.Random) -> None:
    os.truncate(file, 0)


def _garbled(file: Path, chance: random.Random) -> None:
    """Write noise over some blocks, as a failing disk leaves them."""
    size = file.stat().st_size
    with file.open("r+b") as stream:
        for _ in range(chance.choice((1, 2, 8))):
            stream.seek(chance.randrange(max(1, size)) // _PAGE * _PAGE)
            stream.write(chance.randbytes(min(_PAGE, size)))


def _zeroed(file: Path, chance: random.Random) -> None:
    """Blocks of zeros, as a power cut leaves them."""
    size = file.stat().st_size
    with file.open("r+b") as stream:
        stream.seek(chance.randrange(max(1, size)) // _PAGE * _PAGE)
        stream.write(bytes(min(size, _PAGE * chance.choice((1, 8, 64)))))


def _replaced(file: Path, chance: random.Random) -> None:
    file.write_bytes(b"This is no database. " * 1000)


def _folder(file: Path, chance: random.Random) -> None:
    file.unlink()
    file.mkdir()


HARMS: dict[str, Harm] = {
    "deleted": _deleted,
    "cut short": _cut_short,
    "emptied": _emptied,
    "garbled": _garbled,
    "zeroed": _zeroed,
    "replaced by text": _replaced,
    "replaced by a folder": _folder,
}
_SHRINKING = ("cut short", "emptied", "replaced by text")


def run(suite: Suite) -> None:
    """Harm the index between commands and under a worker; then hold it."""
    place = suite.base.fresh(suite.folder / "work")
    commands.run(place, "list", "oslo-2022", "--json")
    if not list(place.private.glob(_FILES)):
        suite.not_run("index harmed", f"'callforth list' left no {_FILES} in .git/callforth")
        return
    rounds = _ROUNDS_SHORT if suite.short else _ROUNDS
    kinds: list[tuple[str, Callable[[Suite, Tally, Place, random.Random], list[str]]]] = [
        ("index harmed between commands", _between),
        ("index harmed under a worker", _under),
        ("index held by another process", _held),
    ]
    for kind, act in kinds:
        tally = suite.tally(kind)
        times = (rounds + 3) // 4 if act is _held else rounds
        for number in range(times):
            if number % 20 == 0:
                place = suite.base.fresh(suite.folder / "work")
                place.plant()
            chance = random.Random(f"{suite.seed} {kind} {number}")
            with tally.timed():
                findings = act(suite, tally, place, chance)
            tally.lost += any("not in history" in finding for finding in findings)
            suite.judge(tally, number, findings, {"before": suite.folder / "before", "after": place.root}, _LOOK)
            if findings:
                suite.base.fresh(place.root).plant()


def _between(suite: Suite, tally: Tally, place: Place, chance: random.Random) -> list[str]:
    findings = shown(place)  # which makes the index, or brings it up to date
    _harm(tally, place, chance)
    place.copy(suite.folder / "before")
    if chance.random() < 0.5:
        findings += next_command(place)[0]
    findings += shown(place) + suite.checker.sound(place)
    if not (place.private / "index.sqlite").is_file():
        tally.notes["no index could be made anew"] += 1
        for left in place.private.glob(_FILES):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    return findings


def _under(suite: Suite, tally: Tally, place: Place, chance: random.Random) -> list[str]:
    start = place.head()
    child = Child(suite.folder / "index.log")
    child.order(Orders(str(place.root), f"{suite.seed} index {chance.random()}", count=_WRITES, most=8))
    for line in child.lines():
        if "begin" in line and chance.random() < 0.3:
            threading.Event().wait(chance.uniform(0, 0.03))
            _harm(tally, place, chance, at_work=True)
    status = child.ended()
    told = child.told
    tally.take(told)
    place.copy(suite.folder / "before")
    findings = [f"refused without a reason: {said}" for said in told.refusals]
    findings += [f"the worker ended with {status}: {child.complaints()[-500:]}"] if status else []
    wrong, made = next_command(place)
    return [*findings, *wrong, *shown(place), *suite.checker.whole(place, start, told, made)]


def _held(suite: Suite, tally: Tally, place: Place, chance: random.Random) -> list[str]:
    findings = shown(place)
    place.copy(suite.folder / "before")
    how = chance.choice(("BEGIN EXCLUSIVE", "BEGIN IMMEDIATE", "PRAGMA locking_mode = EXCLUSIVE"))
    tally.notes[how] += 1
    db = sqlite3.connect(place.private / "index.sqlite", isolation_level=None)
    try:
        db.execute(how)
        if how.startswith("PRAGMA"):
            db.execute("BEGIN IMMEDIATE")
        findings += next_command(place)[0]
        findings += shown(place)
    finally:
        db.close()
    return [*findings, *shown(place), *suite.checker.sound(place)]


def _harm(tally: Tally, place: Place, chance: random.Random, at_work: bool = False) -> None:
    """Do one or two things to the index's files, whichever are there; `at_work` while somebody has them open."""
    for _ in range(chance.choice((1, 1, 2))):
        there = sorted(path for path in place.private.glob(_FILES) if path.is_file())
        if there:
            what = chance.choice(sorted(HARMS))
            file = chance.choice(there)
            if at_work and what in _SHRINKING and file.name.endswith("-shm"):
                continue  # that file is memory shared by SQLite's users: whoever shrinks it takes it from under them
            with suppress(OSError):  # it went meanwhile
                HARMS[what](file, chance)
                tally.notes[f"{what} ({file.name.removeprefix('index.sqlite') or 'itself'})"] += 1


def shown(place: Place) -> list[str]:
    """Return where what commands show is not what the files, and git's history, say."""
    findings = []
    for meeting in MEETINGS:
        ran = commands.run(place, "list", meeting, "--json")
        if ran.code:
            findings.append(f"'list {meeting}' ended with {ran.code}: {ran.err.strip()[-400:]}")
            continue
        listed = {row["id"]: row["status"] for row in json.loads(ran.out)}
        wanted = {
            Path(path).stem: status_in(data) for path, data in place.files().items() if path.split("/")[1] == meeting
        }
        wrong = [id for id in sorted(listed.keys() | wanted.keys()) if listed.get(id) != wanted.get(id)]
        findings += [f"'list' says {listed.get(id)} of {id}, its file {wanted.get(id)}" for id in wrong]
    ran = commands.run(place, "log", "--json")
    if ran.code:
        return [*findings, f"'log' ended with {ran.code}: {ran.err.strip()[-400:]}"]
    logged = sorted((entry["commit"], entry["application"]) for entry in json.loads(ran.out))
    said = place.git("log", "--format=%x01%H", "--name-only", "HEAD", "--", "applications")
    commits = [part.split() for part in said.split("\x01")[1:]]
    happened = sorted((id, Path(path).stem) for id, *paths in commits for path in paths)
    if logged != happened:
        missing, more = set(happened) - set(logged), set(logged) - set(happened)
        findings.append(f"'log' lacks {len(missing)} of {len(happened)} entries and has {len(more)} that never were")
    return findings
