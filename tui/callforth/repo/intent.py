"""What makes a killed write harmless: our own lock, and a note of what is about to change.

The lock is `flock` on a file in the git directory: it ends with its process, so it is never stale. The note (the
intent) is on disk before the first byte of the work tree changes and goes when the index has followed. If it is
still there at the next start, nobody holding the lock, the write was cut off: `heal` brings work tree and index of
exactly those files in line with HEAD, each only where it still is what the write made or found.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from callforth.errors import RepositoryError
from callforth.repo import lately, left
from callforth.repo.durable import CannotWrite, named, settle, write_file
from callforth.repo.repository import Repository

_WAIT = 10.0


class WorkspaceBusy(RepositoryError):
    """Another callforth is writing, and went on for too long."""


@contextmanager
def exclusive(repository: Repository, wait: float = _WAIT) -> Iterator[None]:
    """Hold the workspace's lock for a while; waits up to `wait` seconds, then raises `WorkspaceBusy`."""
    folder = repository.private
    try:
        folder.mkdir(exist_ok=True)
        handle = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise CannotWrite(folder, error) from None
    try:
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise WorkspaceBusy("another callforth is writing to this workspace; try again") from None
                time.sleep(0.01)
        yield
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class Batch:
    """Commits that git makes one by one and that stand or fall together: where they begin, and what each is.

    `commits` has each one's first line and its paths.
    """

    branch: str
    tip: str
    commits: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Note:
    """What a write was about to change: a branch ('' if that is not noted), and files.

    `contents` has, for each path, what is remembered of its bytes before and after each step ('' for no file), and
    `blobs` the ids that the index may have for it meanwhile ('' for none). `made` are the batch's commits so far.
    `committed` has the ids of what was committed before ('' for none), as far as that is noted.
    """

    branch: str
    contents: Mapping[str, Sequence[str]]
    blobs: Mapping[str, Sequence[str]]
    batch: Batch | None
    made: tuple[str, ...]
    committed: Mapping[str, str]


def digest(data: bytes) -> str:
    """Return what the intent remembers of a file's bytes."""
    return hashlib.sha256(data).hexdigest()


def declare(
    repository: Repository,
    files: Mapping[str, Sequence[bytes | None]],
    committed: Mapping[str, str] | None = None,
    batch: Batch | None = None,
    branch: str = "",
) -> None:
    """Write the intent, durably: what `draft` says, from now on. Raises `OSError`."""
    drafted = draft(repository, files, committed, batch, branch)
    settle([drafted])
    publish(repository, drafted)


def draft(
    repository: Repository,
    files: Mapping[str, Sequence[bytes | None]],
    committed: Mapping[str, str] | None = None,
    batch: Batch | None = None,
    branch: str = "",
) -> Path:
    """Write the intent into a file that nobody looks at yet, and return that: it is still to be waited for.

    It has for each path its bytes before (None: no file) and after each step; `committed` has the id of what is
    committed for each path, `branch` is the full name of the one that is to move. Raises `OSError`.
    """
    contents = {path: [digest(data) if data is not None else "" for data in steps] for path, steps in files.items()}
    blobs: dict[str, list[str]] = {}
    for path, steps in files.items():
        known = [repository.object_id("blob", data) if data is not None else "" for data in steps]
        if steps[0] is None:
            known.append(repository.object_id("blob", b""))  # noted as one to come (`git add --intent-to-add`)
        blobs[path] = list(dict.fromkeys([*known, *([committed[path]] if committed else [])]))
    note = {
        "branch": branch,
        "contents": contents,
        "blobs": blobs,
        "committed": {path: committed[path] for path in files} if committed else {},
        "batch": [batch.branch, batch.tip, batch.commits] if batch else None,
    }
    drafted = repository.private / "new.intent"
    write_file(drafted, json.dumps(note).encode() + b"\n", 0o644)
    return drafted


def publish(repository: Repository, drafted: Path) -> None:
    """Let a draft that is on the disk count from now on. Raises `OSError`."""
    drafted.replace(_file(repository))


def made(repository: Repository, commit: str) -> None:
    """Add a commit of the batch to the intent, durably. Raises `CannotWrite`."""
    try:
        with _file(repository).open("ab") as stream:
            stream.write(commit.encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise CannotWrite(_file(repository), error) from None


def noted(repository: Repository) -> Note | None:
    """Return the intent that is there, or None. Raises `ValueError` where it was itself cut off."""
    try:
        return read(_file(repository))
    except FileNotFoundError:
        return None


def read(file: Path) -> Note:
    """Return the note in a file. Raises `OSError`, and `ValueError` where it was cut off."""
    first, _, rest = file.read_bytes().partition(b"\n")
    note = json.loads(first)
    if not isinstance(note, dict) or not note.keys() >= {"contents", "blobs", "batch"}:
        raise ValueError("not an intent")
    batch = None
    if note["batch"]:
        branch, tip, commits = note["batch"]
        batch = Batch(branch, tip, tuple((subject, tuple(paths)) for subject, paths in commits))
    whole = rest[: rest.rfind(b"\n") + 1]
    made = tuple(whole.decode().split())
    return Note(note.get("branch", ""), note["contents"], note["blobs"], batch, made, note.get("committed", {}))


def needs_healing(repository: Repository) -> bool:
    """Tell whether a write is under way or was cut off, or its index may not be the one that it left."""
    return left.is_left_in(repository.private)


def fulfilled(repository: Repository, index: str = "") -> None:
    """Let the intent end: all is written. Where it cannot be, the next start finds that there is nothing to do.

    `index` is the stamp of the index that has followed, '' where another may have written it meanwhile.
    """
    with suppress(OSError):
        lately.keep(repository.private, _file(repository), index)


def drop(repository: Repository) -> None:
    """Take the intent away: nothing was written, or it has been put right."""
    with suppress(OSError):
        _file(repository).unlink(missing_ok=True)


def heal(repository: Repository, wait: float = _WAIT) -> list[str]:
    """Put right what a cut-off write left behind, and return the files that were brought in line with HEAD.

    It waits up to `wait` seconds for whoever writes or has left a git at work; with 0, as for a mere reader, another's
    write is not waited for, and none is reported.
    Raises `WorkspaceBusy`, `StillAtWork`, `IndexLocked`, `BranchLocked`, `CannotWrite`, `GitFailed`; the next one goes
    on then.
    """
    if not needs_healing(repository):
        return []
    from callforth.repo.healing import heal as put_right  # of no use on a usual day

    with ExitStack() as held:
        try:
            held.enter_context(exclusive(repository, wait))
        except WorkspaceBusy:
            if wait:
                raise
            return []
        with named(repository.git_dir):
            return put_right(repository, wait)


def _file(repository: Repository) -> Path:
    return repository.private / left.INTENT
