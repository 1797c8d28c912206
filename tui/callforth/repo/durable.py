"""Getting bytes onto the disk, so that a power cut leaves a file as it was or as it shall be."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from callforth.errors import WorkspaceError
from callforth.repo.git import GitFailed

_FEW = 8
# What the system says through git.
_OF_THE_DISK = (
    "No space left on device",
    "Disk quota exceeded",
    "File too large",
    "Read-only file system",
    "Input/output error",
)


class CannotWrite(WorkspaceError):
    """The disk does not take what is to be written."""

    def __init__(self, path: Path, error: OSError, then: str = "nothing was changed") -> None:
        super().__init__(f"{path} cannot be written ({error.strerror}); {then}")


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Where git failed because of the disk that `path` is on, say so: raises `CannotWrite` instead of `GitFailed`."""
    try:
        yield
    except GitFailed as error:
        for said in _OF_THE_DISK:
            if said in error.stderr:
                raise CannotWrite(path, OSError(0, said)) from None
        raise


def beside(target: Path) -> Path:
    """Return the name of a new file on the disk of `target` until it takes its place."""
    return target.with_name(f".{target.name}.new")


def write_file(path: Path, data: bytes, mode: int) -> None:
    """Write a new file that nobody looks at before it is settled. Raises `OSError`; then there is none."""
    try:
        with path.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
    except OSError:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise


def settle(files: Iterable[Path]) -> None:
    """Wait until these files and folders are on the disk. Raises `OSError`."""
    disks: dict[int, Path] = {}
    one_by_one = list(files)
    if len(one_by_one) > _FEW:
        one_by_one = [file for file in one_by_one if not _settled_whole(file, disks)]
    if not one_by_one:
        return
    # All but one are waited for in threads, so that the disk does them together.
    errors: list[OSError] = []
    threads = [threading.Thread(target=_settle_one, args=(file, errors)) for file in one_by_one[1 : _FEW + 1]]
    for thread in threads:
        thread.start()
    for file in (one_by_one[0], *one_by_one[_FEW + 1 :]):
        _settle_one(file, errors)
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def _settle_one(file: Path, errors: list[OSError]) -> None:
    try:
        handle = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        errors.append(error)


def _settled_whole(file: Path, disks: dict[int, Path]) -> bool:
    """Settle the whole disk that the file is on, once for all the files on it; tell whether that was possible."""
    if not sys.platform.startswith("linux"):
        return False  # elsewhere such a call does not wait
    disk = file.stat().st_dev
    if disk not in disks:
        import ctypes

        handle = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if ctypes.CDLL(None, use_errno=True).syncfs(handle):
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number))
        finally:
            os.close(handle)
        disks[disk] = file
    return True
