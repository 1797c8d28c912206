"""What makes a killed write harmless: our own lock, and a note of what is about to change.

The lock is `flock` on a file in the git directory: it ends with its process, so it is never stale. The note (the
intent) is on disk before the first byte of the work tree changes and goes when the index has followed. If it is
still there at the next start, nobody holding the lock, the write was cut off: `heal` brings work tree and index of
exactly those files in line with HEAD, unless the user has edited them since.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from callforth.errors import RepositoryError, WorkspaceError
from callforth.repo.repository import Repository

_WAIT = 10.0
_AT_ONCE = 500


class WorkspaceBusy(RepositoryError):
    """Another callforth is writing, and went on for too long."""


class CannotWrite(WorkspaceError):
    """The disk does not take what is to be written."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"{path} cannot be written ({error.strerror}); nothing was changed")


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


def digest(data: bytes) -> str:
    """Return what the intent remembers of a file's bytes."""
    return hashlib.sha256(data).hexdigest()


def declare(repository: Repository, files: Mapping[str, Sequence[bytes | None]]) -> None:
    """Write the intent, durably: for each path its bytes before (None: no file) and after each step."""
    note = {path: [digest(data) if data is not None else "" for data in contents] for path, contents in files.items()}
    write_durably(_file(repository), json.dumps(note).encode(), repository.private)


def fulfilled(repository: Repository) -> None:
    """Take the intent away: all is written."""
    _file(repository).unlink(missing_ok=True)


def write_durably(target: Path, data: bytes, scratch: Path, mode: int = 0o644) -> None:
    """Replace `target` by a file with these bytes, all or nothing; the workspace's lock must be held.

    `scratch` is a folder on the same disk; on another one (a linked worktree may be), the new file is made beside the
    target. Raises `OSError` and leaves `target` as it was.
    """
    try:
        _replace(target, scratch / "new", data, mode)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _replace(target, target.with_name(f".{target.name}.new"), data, mode)


def _replace(target: Path, temporary: Path, data: bytes, mode: int) -> None:
    try:
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        temporary.replace(target)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def heal(repository: Repository) -> list[str]:
    """Bring the files of a cut-off write in line with HEAD and return their paths (none where all is well)."""
    file = _file(repository)
    if not file.exists():
        return []
    with exclusive(repository):
        try:
            note: dict[str, list[str]] = json.loads(file.read_bytes())
        except FileNotFoundError:
            return []
        except ValueError:
            fulfilled(repository)  # cut off while noting: nothing else was touched yet
            return []
        ours = [path for path, known in note.items() if _digest_of(repository.root / path) in known]
        in_head = _in_head(repository, list(note))
        back = [path for path in ours if path in in_head]
        _git(repository, ["restore", "--source=HEAD", "--staged", "--worktree"], back)
        # New ones that no commit has, and what the user has edited since: only the index follows.
        _git(repository, ["reset", "--quiet", "HEAD"], [path for path in note if path not in back])
        for path in ours:
            if path not in in_head:
                (repository.root / path).unlink(missing_ok=True)
        fulfilled(repository)
        return ours


def _git(repository: Repository, command: list[str], paths: list[str]) -> None:
    if paths:
        listing = b"\0".join(os.fsencode(path) for path in paths)
        repository.git.run(
            "--literal-pathspecs", *command, "--pathspec-from-file=-", "--pathspec-file-nul",
            stdin=listing, doing="finish what was cut off",
        )  # fmt: skip


def _in_head(repository: Repository, paths: list[str]) -> set[str]:
    found: set[str] = set()
    command = ("--literal-pathspecs", "ls-tree", "--full-tree", "--name-only", "-z", "HEAD", "--")
    for start in range(0, len(paths), _AT_ONCE):
        some = paths[start : start + _AT_ONCE]
        out = repository.git.run(*command, *some, doing="finish what was cut off")[1]
        found.update(os.fsdecode(path) for path in out.split(b"\0"))
    return found


def _digest_of(path: Path) -> str:
    try:
        return digest(path.read_bytes())
    except OSError:
        return ""


def _file(repository: Repository) -> Path:
    return repository.private / "intent"
