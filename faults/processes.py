"""Children that are listened to and killed: alone, or with every git that works for them."""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faults.worker import Orders, order_line

TOP = Path(__file__).resolve().parent.parent
_PATIENCE = 90.0
_SET_CHILD_SUBREAPER = 36
_known: set[int] = set()


@dataclass
class Told:
    """What a child has told so far: what it was said to be done, what was refused, and what it is in the middle of."""

    done: list[dict[str, Any]] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)
    begun: dict[str, Any] | None = None

    @property
    def made(self) -> list[str]:
        """The commits that were reported done, in their order."""
        return [commit for one in self.done for commit in one["made"]]

    def take(self, line: dict[str, Any]) -> None:
        """Take in one line."""
        if "begin" in line:
            self.begun = line
        elif "done" in line:
            self.done.append({**line, "begun": self.begun})
            self.begun = None
        elif "refused" in line:
            self.refused[line["refused"]] += 1
            self.refusals.append(f"{line['refused']}: {line['says']}")
            self.begun = None


class Silent(Exception):
    """A child said nothing for too long."""


class Child:
    """A worker in a session of its own; it has imported all it needs and waits for orders."""

    def __init__(self, log: Path, user: int | None = None, command: Sequence[str] = ()) -> None:
        self.log = log
        self.told = Told()
        self._rest = b""
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [*(command or (sys.executable, "-m", "faults.worker"))],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, cwd=TOP, start_new_session=True,
                user=user, group=user, extra_groups=[] if user is not None else None,
            )  # fmt: skip
        self.pid = self.process.pid
        _known.add(self.pid)

    def order(self, orders: Orders) -> None:
        """Let it begin."""
        assert self.process.stdin
        with suppress(BrokenPipeError):
            self.process.stdin.write(order_line(orders))
            self.process.stdin.close()

    def lines(self, patience: float = _PATIENCE) -> Iterator[dict[str, Any]]:
        """Iterate over what it says, until it ends. Raises `Silent`."""
        for line in self.raw(patience):
            said = json.loads(line)
            self.told.take(said)
            yield said

    def raw(self, patience: float = _PATIENCE) -> Iterator[bytes]:
        """Iterate over the lines it prints, until it ends. Raises `Silent`."""
        assert self.process.stdout
        pipe = self.process.stdout.fileno()
        while True:
            while b"\n" in self._rest:
                line, self._rest = self._rest.split(b"\n", 1)
                yield line
            ready, _, _ = select.select([pipe], [], [], patience)
            if not ready:
                raise Silent(f"process {self.pid} said nothing for {patience:.0f} s")
            some = os.read(pipe, 65536)
            if not some:
                return
            self._rest += some

    def drain(self) -> None:
        """Take in what it has said so far, without waiting for more."""
        with suppress(Silent):
            for _ in self.lines(patience=0):
                pass

    def listen(self) -> Told:
        """Hear it out, wait for its end, and return all it told."""
        for _ in self.lines():
            pass
        self.ended()
        return self.told

    def ended(self) -> int:
        """Wait for its end and return its exit status."""
        status = self.process.wait(_PATIENCE)
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                with suppress(BrokenPipeError):
                    stream.close()
        _known.discard(self.pid)
        return status

    def kill(self, everything: bool) -> None:
        """Kill it at this instant; with `everything`, its git children too, else they go on without it."""
        with suppress(ProcessLookupError):
            if everything:
                os.killpg(self.pid, signal.SIGKILL)
                self.process.wait()
                sweep()  # those that are in a session of their own
            else:
                os.kill(self.pid, signal.SIGKILL)

    def complaints(self) -> str:
        """Return what it wrote to its standard error."""
        return self.log.read_text(errors="replace").strip()


def become_reaper() -> None:
    """Let the children of killed children become this process's own, so that they can be found and waited for."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def orphans() -> list[int]:
    """Return the processes that came to this one because who started them is dead."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):
            found += [int(pid) for pid in (task / "children").read_text().split()]
    return [pid for pid in found if pid not in _known]


def sweep() -> int:
    """Kill every orphan, and theirs; return how many there were."""
    count = 0
    while found := orphans():
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)
            count += 1
    return count


def wait_for_orphans(patience: float = 20.0) -> list[int]:
    """Wait until every orphan has come to its own end; return those that did not."""
    deadline = time.monotonic() + patience
    while found := orphans():
        for pid in found:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        if time.monotonic() > deadline:
            return found
        time.sleep(0.005)
    return []


class Spares:
    """One worker is always started ahead, so that the next round need not wait for an interpreter."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._next: Child | None = None

    def take(self) -> Child:
        """Return a worker that waits for orders, and start the next."""
        child = self._next or self._start()
        self._next = self._start()
        return child

    def close(self) -> None:
        """Let the one that waits go."""
        if self._next:
            assert self._next.process.stdin
            self._next.process.stdin.close()
            self._next.listen()
            self._next = None

    def _start(self) -> Child:
        return Child(self._log)
