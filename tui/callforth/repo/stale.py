"""Locks on the branch, on HEAD and on the index that a dead git of ours may have left; and those of others.

A lock that nobody alive holds is only in the way, yet git never removes one. What a killed write may have left is told
by its note, which names the branch, and by the marks of its gits. Such a lock goes only where one of these is true:

- it is the branch's, and has the id of the commit that our git was to put there;
- it is HEAD's and empty, and lies beside such a one for longer than any git waits for that;
- it is older than the machine's start, and our git was started before that too;
- it was made after our git began, is empty and of our own user, and there is no git any more, nor any other program
  with a lock open, that is at work in this repository.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from callforth.errors import RepositoryError
from callforth.model.text import old
from callforth.repo import offspring
from callforth.repo.git import GitFailed
from callforth.repo.offspring import Dead
from callforth.repo.repository import Repository

# How long our git waits for a lock of another one.
PATIENCE = 2.0
RETRY = ("-c", f"core.filesRefLockTimeout={PATIENCE * 1000:.0f}")
_OLD = 2.5
LONG = PATIENCE + _OLD
_LONGEST = 1 << 12
# What callforth itself keeps running beside its decisions, and git by itself: neither ever takes a lock.
_NEVER_LOCK = {b"cat-file", b"hash-object", b"fsmonitor--daemon"}


class BranchLocked(RepositoryError):
    """Another git holds the branch or HEAD."""


def explained(repository: Repository, branch: str, error: GitFailed) -> RepositoryError:
    """Return an error of a move of the branch, with the lock that is in the way, its age and the remedy."""
    if "Unable to create" in error.stderr and "File exists" in error.stderr:
        for lock in _locks(repository, branch):
            if lock.exists() and str(lock) in error.stderr:
                return _locked(lock)
    return error


def clear(
    repository: Repository,
    branch: str,
    dead: Sequence[Dead],
    follows: Callable[[str], bool] = lambda commit: False,
    index: bool = False,
    patience: float = LONG,
) -> None:
    """Remove the locks that these gits of ours have left for certain; waits up to `patience` seconds for certainty.

    `follows` tells whether a commit is the one that git itself was about to make, `index` whether they were to write
    the index. The workspace's lock must be held. Raises `BranchLocked` where one stays.
    """
    if not dead:
        return
    deadline = time.monotonic() + patience
    # The branch's comes last: it is what tells whose HEAD's is.
    for lock in (*_locks(repository, branch), *([repository.git_dir / "index.lock"] if index else [])):
        while lock.exists():
            if _abandoned(repository, branch, lock, dead, follows):
                lock.unlink(missing_ok=True)
            elif time.monotonic() >= deadline:
                raise _locked(lock)
            else:
                time.sleep(0.05)


def _abandoned(
    repository: Repository, branch: str, lock: Path, dead: Sequence[Dead], follows: Callable[[str], bool]
) -> bool:
    head, of_branch = _locks(repository, branch)
    try:
        stat = lock.stat()
        if lock == of_branch and _is_ours(lock, dead, follows):
            return True
        if stat.st_size and lock in (head, of_branch):
            return False
        if any(one.before_boot for one in dead) and stat.st_mtime < _booted():
            return True
        if time.time() - stat.st_mtime < _OLD:
            return False
        if lock == head and _needs_the_branch(repository, branch, stat, dead, follows):
            return True
        began = min((one.since for one in dead if not one.before_boot), default=float("inf"))
        return stat.st_mtime >= began and stat.st_uid == os.geteuid() and not any(_others(repository))
    except OSError:
        return False


def _is_ours(lock: Path, dead: Sequence[Dead], follows: Callable[[str], bool]) -> bool:
    """Tell whether the branch's lock has the commit that our git was to put there, which nobody else was told."""
    with lock.open("rb") as stream:
        said = stream.read(_LONGEST).decode(errors="replace")
    commit = said.removesuffix("\n")
    return bool(commit) and commit != said and (any(one.new == commit for one in dead) or follows(commit))


def _needs_the_branch(
    repository: Repository, branch: str, stat: os.stat_result, dead: Sequence[Dead], follows: Callable[[str], bool]
) -> bool:
    """Tell whether whoever made HEAD's lock cannot have gone on: our dead git, or one that has long given up.

    A git that locks HEAD, and writes nothing into that lock, does so to move the branch that HEAD is on.
    """
    timeout = repository.config("core.filesRefLockTimeout", "int") or "100"
    waits = int(timeout) / 1000
    of_branch = _locks(repository, branch)[1]
    return (
        of_branch.exists()
        and 0 <= waits < time.time() - stat.st_mtime - 1
        and repository.branch() == branch
        and of_branch.stat().st_mtime <= stat.st_mtime
        and _is_ours(of_branch, dead, follows)
    )


def _others(repository: Repository) -> Iterator[int]:
    """Iterate over the processes that may hold a lock in this repository."""
    places = {os.fsencode(place.resolve()) for place in (repository.root, repository.git_dir, repository.common_dir)}
    if not Path("/proc/self/fd").is_dir():
        yield 0  # where the system does not tell, there may be one
        return
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        with suppress(FileNotFoundError, ProcessLookupError):
            is_git = (process / "comm").read_bytes().startswith(b"git")
            try:
                if (is_git and _works_in(process, places)) or _locks_in(process, places):
                    yield int(process.name)
            except PermissionError:
                if is_git:
                    yield int(process.name)


def _works_in(git: Path, places: set[bytes]) -> bool:
    words = (git / "cmdline").read_bytes().split(b"\0")
    parent = (git / "stat").read_bytes().rpartition(b")")[2].split()[1]
    if not _NEVER_LOCK.isdisjoint(words) or int(parent) == os.getpid():
        return False
    said = b"\0".join(words) + (git / "environ").read_bytes()
    return any(place in said for place in places) or _within(os.fsencode((git / "cwd").readlink()), places)


def _locks_in(process: Path, places: set[bytes]) -> bool:
    for file in (process / "fd").iterdir():
        with suppress(FileNotFoundError):
            name = os.fsencode(file.readlink())
            if name.endswith(b".lock") and _within(name, places):
                return True
    return False


def _within(name: bytes, places: set[bytes]) -> bool:
    return any(name == place or name.startswith(place + b"/") for place in places)


def _locks(repository: Repository, branch: str) -> tuple[Path, Path]:
    return repository.git_dir / "HEAD.lock", repository.common_dir / f"{branch}.lock"


def _locked(lock: Path) -> BranchLocked:
    try:
        age = old(time.time() - lock.stat().st_mtime)
    except OSError:
        age = "gone by now"
    return BranchLocked(
        f"another git is at work here, or was killed: {lock} is {age}; if no git runs in this workspace, "
        "delete that file"
    )


def _booted() -> float:
    """Return when the machine was started, in Unix seconds; 0 where it does not tell."""
    with suppress(OSError, StopIteration, ValueError):
        lines = Path("/proc/stat").read_text().splitlines()
        return float(next(line for line in lines if line.startswith("btime ")).split()[1])
    return 0.0


def move(repository: Repository, branch: str, new: str, old: str, note: str) -> None:
    """Move the branch back from `old` to `new`. Raises `BranchLocked`, `CannotWrite`, `GitFailed`."""
    doing = "take the batch back"
    running = repository.git.begin(*RETRY, "update-ref", "-m", note, "--stdin", doing=doing)
    offspring.mark(repository, running, new)
    running.feed(f"update {branch} {new} {old}\n".encode())
    try:
        running.end()
    except GitFailed as error:
        raise explained(repository, branch, error) from None
