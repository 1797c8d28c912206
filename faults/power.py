"""Cut off from power: what the disk had at an instant is mounted anew, without what was still in memory.

The workspace lies in a file system of its own, in an image behind a loop device. At a random instant the writers are
stopped and the image is copied: what no one has asked to reach the disk is not in it. Writers that are stopped still
leave the kernel to finish what it is at, so the copy is made until two in a row are the same.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from faults.checks import next_command
from faults.place import Place
from faults.processes import Child, Told, sweep
from faults.report import Suite, Tally
from faults.worker import Orders

_KIND = "cut off from power"
_CONTROL = "control: a git that syncs nothing, cut off from power"
_CUTS, _CUTS_SHORT = 30, 2
_EACH_DISK = 5
_SIZE = 48 * 2**20
_MOST_LOST = 1
_LOOK = "'cut.img' is the disk at the instant (mount -o loop), 'after' the workspace when the next command had run"
_NEEDED = ("losetup", "mkfs.ext4", "mount", "umount")


def run(suite: Suite) -> None:
    """Cut the power while a worker decides; then, to know that this finds anything, of a git that syncs nothing."""
    if why := _cannot(suite.folder):
        suite.not_run(_KIND, why)
        return
    cuts = _CUTS_SHORT if suite.short else _CUTS
    tally = suite.tally(_KIND)
    number = 0
    while number < cuts:
        number = _one_disk(suite, tally, number, cuts)
    if not suite.short:
        _control(suite)


def _cannot(folder: Path) -> str:
    if os.geteuid():
        return "needs root, to mount a file system"
    missing = [name for name in _NEEDED if shutil.which(name) is None]
    if missing:
        return f"needs {', '.join(missing)}"
    if not Path("/dev/loop-control").exists():
        return "needs loop devices (/dev/loop-control)"
    try:
        image = _image(folder / "tried.img")
        with _mounted(image, folder / "tried"):
            return ""
    except subprocess.CalledProcessError as error:
        return f"cannot mount an image here ({error.stderr.decode(errors='replace').strip()})"


def _image(path: Path) -> Path:
    with path.open("wb") as stream:
        stream.truncate(_SIZE)
    _do("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(path))
    return path


@contextmanager
def _mounted(image: Path, folder: Path) -> Iterator[Path]:
    folder.mkdir(exist_ok=True)
    # What is not synced stays in memory for as long as a round may take.
    _do("mount", "-o", "loop,commit=600", str(image), str(folder))
    try:
        yield folder
    finally:
        for _ in range(50):
            with suppress(subprocess.CalledProcessError):
                _do("umount", str(folder))
                break
            time.sleep(0.1)
        else:
            _do("umount", "--lazy", str(folder))


def _do(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _one_disk(suite: Suite, tally: Tally, number: int, cuts: int) -> int:
    """Make a few cuts on one disk, then look at each; return the number of the next."""
    made: list[tuple[Path, Told]] = []
    with tally.timed():
        with _mounted(_image(suite.folder / "disk.img"), suite.folder / "disk") as disk:
            place = suite.base.fresh(disk / "work")
            place.plant()
            start = place.head()
            _do("sync", "-f", str(disk))
            chance = random.Random(f"{suite.seed} power {number}")
            child = Child(suite.folder / "power.log")
            child.order(Orders(str(place.root), f"{suite.seed} power {number}", most=12))
            lines = child.lines()
            for turn in range(min(_EACH_DISK, cuts - number)):
                until = time.monotonic() + chance.uniform(0.05, 0.6)
                for line in lines:
                    if time.monotonic() > until and "begin" in line:
                        time.sleep(chance.uniform(0, 0.06))
                        break
                cut = suite.folder / f"cut-{turn}.img"
                made.append((cut, _cut(suite.folder / "disk.img", child, cut)))
            # All are gone before anybody looks, as after a cut: no process of that time may be found alive.
            child.kill(everything=True)
            sweep()
            child.ended()
            tally.done += len(child.told.made)
        for cut, told in made:
            _look_at(suite, tally, number, cut, start, told)
            number += 1
    return number


def _cut(image: Path, child: Child, target: Path) -> Told:
    """Stop the writers, copy what the disk has, and return what they told before they were stopped."""
    os.killpg(child.pid, signal.SIGSTOP)
    copies = [b"", image.read_bytes()]
    while copies[0] != copies[1]:
        copies = [copies[1], image.read_bytes()]
    target.write_bytes(copies[0])
    child.drain()  # it stands still: whatever it told is in the pipe
    told = child.told
    so_far = Told(list(told.done), told.refused.copy(), list(told.refusals), told.begun)
    os.killpg(child.pid, signal.SIGCONT)
    return so_far


def _look_at(suite: Suite, tally: Tally, number: int, cut: Path, start: str, told: Told) -> None:
    kept = suite.folder / "cut.img"
    shutil.copyfile(cut, kept)
    with _mounted(cut, suite.folder / "cut") as disk:
        place = Place(disk / "work")
        findings = [f"refused without a reason: {said}" for said in told.refusals]
        try:
            findings += _first_look(place)
            wrong, made = next_command(place)
            findings += [*wrong, *suite.checker.whole(place, start, told, made, losing=_MOST_LOST)]
            there = {one.id for one in place.since(start)}
            tally.notes["the last one reported done was gone"] += not there.issuperset(told.made)
        except Exception as error:  # whatever a broken disk makes of us
            findings.append(f"it could not even be looked at: {type(error).__name__}: {error}")
        tally.lost += any("not in history" in finding for finding in findings)
        suite.judge(tally, number, findings, {"cut.img": kept, "after": place.root}, _LOOK)


def _first_look(place: Place) -> list[str]:
    status, out, err = place.tried("fsck", "--full", "--no-dangling", "--no-progress")
    return [f"git fsck, before anything else ran: {(out + err).strip()}"] if status else []


def _control(suite: Suite) -> None:
    """Cut off a loop of plain commits without any sync: where nothing is damaged, these cuts prove nothing."""
    tally = suite.tally(_CONTROL)
    for _ in range(3):
        with tally.timed(), _mounted(_image(suite.folder / "disk.img"), suite.folder / "disk") as disk:
            place = suite.base.fresh(disk / "work")
            _do("sync", "-f", str(disk))
            for turn in range(10):
                (place.root / "notes/staged.md").write_text(f"{turn}\n")
                place.git("-c", "core.fsync=none", "commit", "--quiet", "--all", f"--message={turn}")
            target = suite.folder / "cut.img"
            shutil.copyfile(suite.folder / "disk.img", target)
        with _mounted(target, suite.folder / "cut") as disk:
            after = Place(disk / "work")
            count = after.tried("rev-list", "--count", "HEAD")[1].strip()
            whole = not _first_look(after) and count == str(10 + _commits(suite.base))
            tally.rounds += 1
            tally.notes["nothing was lost" if whole else "commits were lost or damaged, as they should be"] += 1


def _commits(place: Place) -> int:
    return int(place.git("rev-list", "--count", "HEAD"))
