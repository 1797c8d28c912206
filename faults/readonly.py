"""Nothing may be written, or not in one part: decisions are refused and change nothing, and reading goes on."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from faults import commands, disk
from faults.checks import next_command
from faults.place import Place
from faults.processes import Child
from faults.report import Suite, Tally
from faults.worker import DOES, Orders

_LOOK = "'after' is the workspace when it could be written again and the next command had run"
# What may not be written, as folders in the workspace with all that is in them.
_PARTS = (".", ".git", ".git/objects", ".git/refs", ".git/refs/heads", "applications", "applications/oslo-2022")
_REASONS = ("cannot-write", "git-failed")


def run(suite: Suite) -> None:
    """Take the right to write away, part by part."""
    kind = "read-only, in whole and in part"
    why = "" if os.geteuid() else disk.cannot_mount(suite.folder)
    if why:
        suite.not_run(kind, f"runs as root, who may write what nobody may, and {why}")
        return
    tally = suite.tally(kind)
    for number, part in enumerate(_PARTS[:2] if suite.short else _PARTS):
        with tally.timed():
            place = suite.base.fresh(suite.folder / "work")
            place.plant()
            (place.root / "applications/oslo-2022").mkdir(exist_ok=True)
            with _without_write(place.root / part):
                findings = _refused(suite, tally, place, part)
            findings += next_command(place)[0]
            findings += suite.checker.sound(place)
        suite.judge(tally, number, [f"{part}: {one}" for one in findings], {"after": place.root}, _LOOK)


def _refused(suite: Suite, tally: Tally, place: Place, part: str) -> list[str]:
    """Let a worker try everything and a person look; return what was not as it must be."""
    before = _seen(place)
    findings = []
    told_any = 0
    for what in DOES:
        if what == "undo":  # there is nothing to undo yet
            continue
        child = Child(suite.folder / "readonly.log")
        child.order(Orders(str(place.root), f"{suite.seed} {what}", does=(what,), count=1, most=4))
        told = child.listen()
        tally.take(told)
        told_any += len(told.done)
        if child.process.returncode:
            findings.append(f"{what} ended with {child.process.returncode}: {child.complaints()[-400:]}")
        elif told.done and "oslo" not in part:
            findings.append(f"{what} was reported done")
        findings += [f"{what} was refused with {said}" for said in told.refusals if said.split(":")[0] not in _REASONS]
    for words in (("list", "oslo-2022", "--json"), ("log", "--json"), ("meetings", "--json")):
        ran = commands.run(place, *words)
        if ran.code:
            findings.append(f"'{' '.join(words)}' ended with {ran.code}: {ran.err.strip()[-400:]}")
        elif words[0] == "list":
            listed = {row["id"]: row["status"] for row in json.loads(ran.out)}
            if any(place.statuses()[id] != status for id, status in listed.items()) or len(listed) != 100:
                findings.append("'list' shows other statuses than the files have")
    if not told_any:
        after = _seen(place)
        changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
        findings += [f"a refused decision changed {path}" for path in sorted(changed)]
    return findings


def _seen(place: Place) -> dict[str, bytes]:
    """Return every file that counts: the work tree's, the branch, HEAD, and git's index as git tells it."""
    found = {
        str(path.relative_to(place.root)): path.read_bytes()
        for path in place.root.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(place.root).parts
    }
    found["what the index has"] = place.git("ls-files", "--stage").encode()
    found["the branch"] = place.head().encode()
    return found


@contextmanager
def _without_write(folder: Path) -> Iterator[None]:
    """Make a folder read-only, with all that is in it: by mounting it so as root, else by permissions."""
    if os.geteuid():
        modes = {path: path.lstat().st_mode for path in (folder, *folder.rglob("*")) if not path.is_symlink()}
        for path, mode in modes.items():
            path.chmod(stat.S_IMODE(mode) & ~0o222)
        try:
            yield
        finally:
            for path, mode in modes.items():
                path.chmod(stat.S_IMODE(mode))
        return
    subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True, capture_output=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True, capture_output=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)
