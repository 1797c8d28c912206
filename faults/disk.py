"""A full disk, and files that may not grow: what cannot be written whole is refused, and nothing is half done."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from faults.checks import next_command
from faults.place import Place
from faults.processes import Child
from faults.report import Suite, Tally
from faults.worker import Orders

_ROUNDS, _ROUNDS_SHORT = 40, 2
_SIZE = "24m"
_REFUSALS = 2
_LOOK = "'after' is the workspace when there was room again and the next command had run"
# How such a refusal may be worded: the disk's; git's own, that it could not go on; or that it left its lock when it
# died of the limit.
_REASONS = ("cannot-write", "git-failed", "index-locked")


def run(suite: Suite) -> None:
    """Fill the disk, then limit what a process may write."""
    rounds = _ROUNDS_SHORT if suite.short else _ROUNDS
    kind = "disk full"
    if why := cannot_mount(suite.folder):
        suite.not_run(kind, why)
    else:
        tally = suite.tally(kind)
        for number in range(rounds):
            with tally.timed(), mounted(suite.folder / "small") as small:
                _full(suite, tally, number, suite.base.fresh(small / "work"), small)
    tally = suite.tally("files that may not grow")
    for number in range(rounds):
        with tally.timed():
            _limited(suite, tally, number)


def cannot_mount(folder: Path) -> str:
    """Return why no file system can be mounted here, '' where it can."""
    if os.geteuid():
        return "needs root, to mount a small file system"
    try:
        with mounted(folder / "tried"):
            return ""
    except subprocess.CalledProcessError as error:
        return f"mount does not work here ({error.stderr.decode(errors='replace').strip()})"


@contextmanager
def mounted(folder: Path) -> Iterator[Path]:
    """Mount a small file system in memory."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE},mode=755", "callforth-faults", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)


def _full(suite: Suite, tally: Tally, number: int, place: Place, disk: Path) -> None:
    chance = random.Random(f"{suite.seed} disk {number}")
    place.plant()
    start = place.head()
    child = Child(suite.folder / "disk.log")
    ballast = disk / "ballast"
    state = os.statvfs(disk)
    room = chance.randrange(chance.choice((12, 60, 240))) * state.f_bsize
    with ballast.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, state.f_bavail * state.f_frsize - room)
    child.order(
        Orders(str(place.root), f"{suite.seed} disk {number}", insist=_REFUSALS, interactive=chance.random() < 0.5)
    )
    told = child.listen()
    findings = _refusals(child)
    findings += [f"while the disk is full: {one}" for one in _still_whole(place)]
    ballast.unlink()
    _finish(suite, tally, number, place, start, child, findings)
    tally.notes["refused at once" if not told.done else "some fitted"] += 1


def _limited(suite: Suite, tally: Tally, number: int) -> None:
    chance = random.Random(f"{suite.seed} limit {number}")
    place = suite.base.fresh(suite.folder / "work")
    place.plant()
    start = place.head()
    child = Child(suite.folder / "disk.log")
    limit = chance.choice((1, 100, 500, 1000, 1500, 2000, 3000, 6000, 9000, 12_000, 15_000))
    seed = f"{suite.seed} limit {number}"
    child.order(
        Orders(str(place.root), seed, limit=limit, insist=_REFUSALS, interactive=chance.random() < 0.5, count=9)
    )
    child.listen()
    _finish(suite, tally, number, place, start, child, _refusals(child))


def _refusals(child: Child) -> list[str]:
    findings = [f"an unfitting refusal: {said}" for said in child.told.refusals if said.split(":")[0] not in _REASONS]
    status = child.process.returncode
    if status:
        findings.append(f"the process ended with {status}: {child.complaints()[-300:]}")
    return findings


def _still_whole(place: Place) -> list[str]:
    """Return what cannot be read while nothing can be written."""
    status, _, err = place.tried("fsck", "--connectivity-only", "--no-dangling", "--no-progress")
    return [f"git fsck: {err.strip()}"] if status else []


def _finish(
    suite: Suite, tally: Tally, number: int, place: Place, start: str, child: Child, findings: list[str]
) -> None:
    before = place.copy(suite.folder / "before")
    wrong, made = next_command(place)
    findings += [*wrong, *suite.checker.whole(place, start, child.told, made)]
    tally.take(child.told)
    tally.lost += any("not in history" in finding for finding in findings)
    keep = {"before": before.root, "after": place.root}
    suite.judge(tally, number, findings, keep, f"'before' is it when the last refusal had been told; {_LOOK}")
