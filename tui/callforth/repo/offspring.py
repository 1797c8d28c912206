"""The gits that a write has started, in case it is cut off before they end.

Each is marked in the private folder by its number, its birth, and the commit it is to move the branch to. One that
outlives the process that started it is waited for before anything is healed. One that died holding the index or HEAD
has left a lock behind: that file is its own for certain where it is the very one that it held, which is why it gets the
mark as a second name. Nobody else's lock can be that file for as long as it has that name.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from callforth.errors import RepositoryError
from callforth.repo.durable import CannotWrite
from callforth.repo.git import Running
from callforth.repo.left import HOLDS_HEAD, HOLDS_INDEX
from callforth.repo.repository import Repository

WAIT = 10.0
_RUNS = "git."
_PASSING = (_RUNS, HOLDS_INDEX, HOLDS_HEAD, "new", "old.", "object.", "copy.")


class StillAtWork(RepositoryError):
    """A git that a killed callforth started has not ended yet."""


@dataclass(frozen=True, slots=True)
class Dead:
    """A git of ours that has ended: the commit it was to move the branch to ('' where it made that itself).

    `since` is when it was marked, in Unix seconds; `before_boot` tells that the machine was started anew meanwhile.
    """

    new: str
    since: float
    before_boot: bool


def mark(repository: Repository, running: Running, new: str = "") -> None:
    """Mark a git that is about to change something, and the commit that the branch gets. Raises `CannotWrite`."""
    # All of it is in the name: that reaches the disk before whatever this git does, with nothing to wait for.
    born = _birth(running.pid)
    file = repository.private / f"{_RUNS}{running.pid}.{born}{f'.{new}' if new and born else ''}"
    try:
        file.touch()
    except OSError as error:
        raise CannotWrite(file, error) from None


def mark_of_lock(repository: Repository) -> Path:
    """Return the name of the mark for a lock on the index that this very process takes."""
    return repository.private / f"{HOLDS_INDEX}{os.getpid()}.{_birth(os.getpid())}"


def mark_lock(repository: Repository, running: Running, patience: float = 1.0) -> None:
    """Mark the lock that this git holds on the index; waits up to `patience` seconds for it to take it.

    Where the system does not tell which files a process has open, no lock is ever taken for ours.
    """
    deadline = time.monotonic() + patience
    while not _linked(repository, running.pid) and running.alive() and time.monotonic() < deadline:
        if not Path("/proc/self/fd").is_dir():
            return
        time.sleep(0.0005)


def mark_head(repository: Repository, running: Running) -> None:
    """Mark the lock on HEAD that this git holds now, if it needs one."""
    with suppress(OSError):
        lock, mark_ = repository.git_dir / "HEAD.lock", f"{HOLDS_HEAD}{running.pid}.{_birth(running.pid)}"
        (repository.private / mark_).hardlink_to(lock)


def tidy(repository: Repository) -> None:
    """Remove the marks, for all gits have ended, and scratch of any kind. The workspace's lock must be held."""
    for file in list(repository.private.iterdir()):
        if file.name.startswith(_PASSING):
            with suppress(OSError):
                file.unlink(missing_ok=True)


def outlive(repository: Repository, wait: float = WAIT) -> None:
    """Wait until those of a killed write have ended, and remove what the dead are seen to have locked.

    The workspace's lock must be held. Raises `StillAtWork` after `wait` seconds.
    """
    deadline = time.monotonic() + wait
    for file, pid, born in _marks(repository):
        if pid == os.getpid() and born == _birth(pid):
            continue
        while born and _birth(pid) == born:
            if time.monotonic() >= deadline:
                raise StillAtWork(
                    f"a git that was started here before (process {pid}) is still at work, perhaps in a hook; "
                    "wait for it, or end it"
                )
            time.sleep(0.01)
        (repository.git_dir / f"next-index-{pid}.lock").unlink(missing_ok=True)
        for kind in (HOLDS_INDEX, HOLDS_HEAD):
            if file.name.startswith(kind):
                lock = repository.git_dir / kind.removesuffix(".")
                with suppress(FileNotFoundError):
                    if file.samefile(lock):
                        lock.unlink()
                file.unlink(missing_ok=True)


def dead(repository: Repository) -> list[Dead]:
    """Return the gits that are marked and were outlived."""
    found = []
    for file, pid, born in _marks(repository):
        if file.name.startswith(_RUNS) and _birth(pid) != born:
            new = file.name.removeprefix(f"{_RUNS}{pid}.{born}").removeprefix(".")
            with suppress(OSError):
                found.append(Dead(new, file.stat().st_mtime, bool(born) and born.split(".")[0] != _boot()))
    return found


def _marks(repository: Repository) -> Iterator[tuple[Path, int, str]]:
    for file in list(repository.private.iterdir()) if repository.private.is_dir() else []:
        for kind in (_RUNS, HOLDS_INDEX, HOLDS_HEAD):
            if file.name.startswith(kind):
                pid, *born = file.name.removeprefix(kind).split(".")
                yield file, int(pid), ".".join(born[:2])


def _linked(repository: Repository, pid: int) -> bool:
    open_files, lock = Path(f"/proc/{pid}/fd"), repository.git_dir / "index.lock"
    with suppress(OSError):
        for file in open_files.iterdir():
            if file.readlink() == lock:
                born = _birth(pid)
                folder = os.open(open_files, os.O_RDONLY | os.O_CLOEXEC)
                try:
                    # By way of the open file, not of its name: that may be another's by now.
                    os.link(file.name, repository.private / f"{HOLDS_INDEX}{pid}.{born}", src_dir_fd=folder)
                finally:
                    os.close(folder)
                return True
    return False


def _birth(pid: int) -> str:
    """Return what no other process of this number has: the boot and the moment it was started in; '' for a dead one."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else f"{_boot()}.{fields[19]}"
    except OSError:
        return ""


@cache
def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
