"""Reading one file of a workspace: safely, whatever lies there, and into what its path says it is."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from callforth.model.application import Problem
from callforth.plaintext import application as application_file
from callforth.plaintext import call as call_file
from callforth.plaintext import layout
from callforth.plaintext import review as review_file
from callforth.plaintext.document import MOST_BYTES, FileUnusable, check_size

T = TypeVar("T")
Stamp = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """A file as it was read: what it says, or why it cannot be used, and how it looked then."""

    stamp: Stamp
    value: T | Problem


@dataclass(frozen=True, slots=True)
class Part:
    """What one process read for another: parsed files by path, and what lies where it should not."""

    kept: dict[str, Kept[Any]]
    misplaced: dict[str, Problem]


def read_file(root: Path, path: str) -> bytes:
    """Return the bytes of a file of the workspace, never following a link nor waiting for a pipe.

    Raises `FileUnusable`, also where there are more bytes than a file may have.
    """
    try:
        # Without O_NONBLOCK, to open a named pipe waits until somebody writes to it.
        handle = os.open(f"{root}/{path}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb", buffering=0) as stream:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise FileUnusable(Problem(path, 0, "this is not a file", "put the real file there"))
            raw = stream.read(MOST_BYTES + 1) or b""
    except OSError as error:
        raise FileUnusable(Problem(path, 0, f"it cannot be read ({error.strerror})", "check the file")) from None
    check_size(len(raw), path)
    return raw


def parse_file(root: Path, path: str, status: os.stat_result) -> Kept[Any]:
    """Read and parse one file of the workspace as what its path says it is."""
    name = layout.parse_application(path)
    parts = path.split("/")
    value: object
    if name:
        value = _read(root, path, status, lambda raw: application_file.parse(raw, path, *name))
    elif parts[-1] == "call.md" and len(parts) == 3:
        value = _read(root, path, status, lambda raw: call_file.parse(raw, path, parts[1]))
    else:
        reviewer = parts[-1].removesuffix(".md")
        value = _read(root, path, status, lambda raw: review_file.parse(raw, path, parts[3], reviewer))
    return Kept(stamp(status), value)


def _read(root: Path, path: str, status: os.stat_result, parse: Callable[[bytes], T]) -> T | Problem:
    try:
        check_size(status.st_size, path)
        return parse(read_file(root, path))
    except FileUnusable as error:
        return error.problem


def stamp(status: os.stat_result) -> Stamp:
    """Return what differs after a file was changed."""
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino
