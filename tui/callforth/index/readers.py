"""Reading many files on all cores.

Parsing is what takes long, and Python does one thing at a time: so children are forked, each reads its share, and hands
over what it read through a pipe. When an interface starts on a workspace that nothing is known of, they begin before
anything heavy is imported. What comes back is compared with what git says of each file: should a child fail, nothing
but time is lost, for what it did not read is read here.
"""

from __future__ import annotations

import fcntl
import gc
import os
import pickle
import signal
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from select import select

from callforth.index.reading import Record, read_record
from callforth.plaintext import layout

_WORTH_IT = 100
_A_CHILDS_SHARE = 400
_EACH = 100
_PIPE = 1 << 20
_PAUSE = 0.05  # seconds of reading after which what was read is handed on


class Readers:
    """Children that read files of the workspace at `root`; none where there are few files, or threads already."""

    def __init__(self, root: Path, paths: Sequence[str], algorithm: str) -> None:
        self.missing: set[str] = set()
        self._root = root
        self._algorithm = algorithm
        self._streams: list[int] = []
        self._children: list[int] = []
        count = min(os.cpu_count() or 1, max(1, len(paths) // _A_CHILDS_SHARE))
        # A child of a process with threads may wait for a lock that no thread of its own will ever give back.
        if len(paths) >= _WORTH_IT and threading.active_count() == 1:
            for part in range(count):
                self._fork(paths[part::count])

    @classmethod
    def ahead(cls, root: Path, algorithm: str) -> Readers:
        """Begin to read everything that lies where files of a workspace do."""
        return cls(root, in_order([path for path in everything(root) if path.endswith(".md")]), algorithm)

    @staticmethod
    def here(root: Path, paths: Sequence[str], algorithm: str, known: Mapping[str, str] | None = None) -> list[Record]:
        """Read these files in this process, and return those that are there; `known` is as for `batches`."""
        had = known or {}
        read = (read_record(root, path, algorithm, had.get(path, "")) for path in paths)
        return [record for record in read if record is not None]

    def batches(self, paths: Sequence[str], known: Mapping[str, str]) -> Iterator[list[Record]]:
        """Iterate over what these files say, some at a time; `missing` has those that are not there, in the end.

        `known` has the ids of the bytes that a file had: if it has them still, it is not parsed.
        """
        left = dict.fromkeys(paths)
        for records in self._handed_over():
            wanted = [record for record in records if record.path in left]
            for record in wanted:
                del left[record.path]
            if wanted:
                yield wanted
        batch: list[Record] = []
        pause = time.monotonic() + _PAUSE
        for path, one in self._read(list(left), known):
            if one is None:
                self.missing.add(path)
            else:
                batch.append(one)
            if time.monotonic() > pause:
                yield batch
                batch = []
                pause = time.monotonic() + _PAUSE
        if batch:
            yield batch

    def close(self) -> None:
        """End the children, whatever they are doing."""
        for stream in self._streams:
            os.close(stream)
        self._streams.clear()
        for child in self._children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(child, 0)
        self._children.clear()

    def _read(self, paths: Sequence[str], known: Mapping[str, str]) -> Iterator[tuple[str, Record | None]]:
        """Read these, in this process, and iterate over what each says, None where there is nothing."""
        for path in paths:
            yield path, read_record(self._root, path, self._algorithm, known.get(path, ""))

    def _handed_over(self) -> Iterator[list[Record]]:
        waiting = {stream: bytearray() for stream in self._streams}
        while waiting:
            for stream in select(list(waiting), [], [])[0]:
                said = waiting[stream]
                more = os.read(stream, _PIPE)
                said += more
                while len(said) >= 4 and len(said) >= (size := 4 + int.from_bytes(said[:4], "big")):
                    # Only ever what our own child wrote into a pipe that nobody else has.
                    yield pickle.loads(said[4:size])  # noqa: S301
                    del said[:size]
                if not more:
                    del waiting[stream]

    def _fork(self, paths: Sequence[str]) -> None:
        theirs, ours = os.pipe()
        # Every read gives up Python's lock for a while: few large ones. Where there are no such pipes, small ones do.
        with suppress(AttributeError, OSError):
            fcntl.fcntl(ours, fcntl.F_SETPIPE_SZ, _PIPE)
        child = os.fork()
        if child:
            os.close(ours)
            self._children.append(child)
            self._streams.append(theirs)
            return
        # In the child: nothing of the parent's may run, not even its exit handlers.
        try:
            os.nice(10)  # what is drawn meanwhile comes first
            gc.disable()  # nothing that is made here lives for long
            os.close(theirs)
            with os.fdopen(ours, "wb", buffering=_PIPE) as stream:
                for start in range(0, len(paths), _EACH):
                    found = self._read(paths[start : start + _EACH], {})
                    records = [record for _, record in found if record is not None]
                    said = pickle.dumps(records, pickle.HIGHEST_PROTOCOL)
                    stream.write(len(said).to_bytes(4, "big") + said)
                    stream.flush()
        finally:
            os._exit(0)


def in_order(paths: Iterable[str]) -> list[str]:
    """Return paths in the order in which to read them: what rows are made with first, then the latest meeting's."""
    paths = list(paths)
    applications = sorted((path for path in paths if path.startswith(layout.APPLICATIONS)), reverse=True)
    return sorted(path for path in paths if not path.startswith(layout.APPLICATIONS)) + applications


def everything(root: Path) -> frozenset[str]:
    """Return what lies where files of a workspace do, by name alone; links are listed and not followed."""
    found: list[str] = []
    for top in (layout.MEETINGS, layout.APPLICATIONS):
        for folder, folders, files in os.walk(root / top):
            folders[:] = [name for name in folders if not name.startswith(".")]
            place = os.path.relpath(folder, root)
            found += [f"{place}/{name}" for name in files]
            found += [f"{place}/{name}" for name in folders if Path(folder, name).is_symlink()]
    return frozenset(found)
