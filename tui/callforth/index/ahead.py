"""Reading a workspace on the other core while this process is still starting.

Parsing is what takes long, and importing the interface takes as long again; Python does one thing at a time. So a
child process is forked before anything heavy is imported, parses, and hands over what it read. What comes back is
only adopted, and checked against the files by the next `refresh`: should a child fail, nothing but time is lost.
"""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from callforth.index.catalog import Catalog
from callforth.index.reading import Part

Progress = Callable[[int, int], None]
_WORTH_IT = 100
_EACH = 3000
_PIPE = 1 << 20


class ReadAhead:
    """Children that read the workspace at `root`. Made early, in a process with one thread; used once."""

    def __init__(self, root: Path) -> None:
        self._streams: list[BinaryIO] = []
        self._children: list[int] = []
        files = _count(root)
        if files < _WORTH_IT:
            return
        parts = max(1, min(os.cpu_count() or 1, files // _EACH))
        for part in range(parts):
            self._fork(root, part, parts)

    def into(self, catalog: Catalog, progress: Progress | None = None) -> bool:
        """Wait for the children and give the catalog what they read; tell whether that was everything.

        `progress` gets files done and to do.
        """
        done = dict.fromkeys(range(len(self._streams)), (0, 0))
        parts: list[Part] = []
        for number, stream in enumerate(self._streams):
            with stream, suppress(EOFError, OSError, pickle.UnpicklingError):
                while True:
                    # Only ever what our own child wrote into a pipe that nobody else has.
                    answer = pickle.load(stream)  # noqa: S301
                    if isinstance(answer, Part):
                        parts.append(answer)
                        break
                    done[number] = answer
                    if progress:
                        progress(sum(d for d, _ in done.values()), sum(t for _, t in done.values()))
        whole = bool(self._streams) and len(parts) == len(self._streams)
        self._streams.clear()
        for child in self._children:
            with suppress(ChildProcessError):
                os.waitpid(child, 0)
        self._children.clear()
        if parts:
            catalog.adopt(parts)
        return whole

    def _fork(self, root: Path, part: int, parts: int) -> None:
        theirs, ours = os.pipe()
        # Every read gives up Python's lock for a while: few large ones. Where there are no such pipes, small ones do.
        with suppress(AttributeError, OSError):
            fcntl.fcntl(ours, fcntl.F_SETPIPE_SZ, _PIPE)
        child = os.fork()
        if child:
            os.close(ours)
            self._children.append(child)
            self._streams.append(os.fdopen(theirs, "rb", buffering=_PIPE))
            return
        # In the child: nothing of the parent's may run, not even its exit handlers.
        try:
            os.close(theirs)
            with os.fdopen(ours, "wb") as stream:
                _read(root, part, parts, stream)
        finally:
            os._exit(0)


def _read(root: Path, part: int, parts: int, stream: BinaryIO) -> None:
    def tell(done: int, total: int) -> None:
        pickle.dump((done, total), stream)
        stream.flush()

    pickle.dump(Catalog(root).read_part(part, parts, tell), stream, pickle.HIGHEST_PROTOCOL)


def _count(root: Path) -> int:
    """Return about how many applications there are, without looking at any."""
    total = 0
    with suppress(OSError):
        for folder in os.scandir(root / "applications"):
            if folder.is_dir(follow_symlinks=False):
                total += sum(1 for _ in os.scandir(folder))
    return total
