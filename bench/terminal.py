"""Programs in a pseudo-terminal, as a terminal runs them, timed by what they paint."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from bench.measure import NotMeasured

_SIZE = (40, 140)
_PATIENCE = 120.0
# A frame comes as one burst of writes; what comes after a silence of this length is another one.
_SILENCE = 0.002
_LONGEST_FRAME = 0.05
# Between two pieces of text there may be colours, but no other text and no moving about.
_COLOURS = rb"(?:\x1b\[[0-9;]*m)*"


def titled(text: str) -> bytes:
    """Return a pattern for the title of a pane: this text, and the frame's line after it."""
    return re.escape(text.encode()) + b" " + _COLOURS + "─".encode()


class Terminal:
    """A program in a terminal of 140x40. Leaving the context kills it."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command = command
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *_SIZE, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self._seen = b""
        self.since = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # a session of its own: with whatever it has started
        self.process.wait()
        os.close(self._ours)

    @property
    def seen(self) -> bytes:
        """What has been painted since the last key, as bytes."""
        return self._seen

    @property
    def text(self) -> str:
        """The end of that, in words, for people who look for what went wrong."""
        plain = re.sub(_COLOURS, b"", self._seen)
        words = re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]|\r", b"\n", plain).decode(errors="replace")
        lines = [re.sub(r"[\s─│╭╮╰╯▀-▟]+", " ", line).strip() for line in words.split("\n")]
        return "\n".join(line for line in lines if line)[-1500:]

    def __str__(self) -> str:
        return " ".join(self.command)

    def press(self, keys: bytes) -> None:
        """Send keys. Time counts from here, and only what is painted from here on counts."""
        rest([self], 0.0)
        self._seen = b""
        self.since = time.perf_counter()
        os.write(self._ours, keys)

    def painted(self, *patterns: bytes, patience: float = _PATIENCE) -> float:
        """Wait until all these patterns are painted; return the seconds from key or start to the end of that frame.

        Raises `NotMeasured` where that does not happen.
        """
        missing = [re.compile(pattern) for pattern in patterns]
        deadline = time.perf_counter() + patience
        last = time.perf_counter()
        while missing := [pattern for pattern in missing if not pattern.search(self._seen)]:
            if not self._read(max(0.0, deadline - time.perf_counter())):
                wanted = ", ".join(repr(pattern.pattern) for pattern in missing)
                raise NotMeasured(f"{self} did not paint {wanted} in {patience:.0f} s; it painted:\n{self.text}")
            last = time.perf_counter()
        first = last
        while last - first < _LONGEST_FRAME and self._read(_SILENCE):
            last = time.perf_counter()
        return last - self.since

    def ended(self, patience: float = _PATIENCE) -> int:
        """Wait until the program has ended by itself, and return its code. Raises `NotMeasured` where it does not."""
        deadline = time.perf_counter() + patience
        while self.process.poll() is None and time.perf_counter() < deadline:
            with suppress(NotMeasured):  # what it paints at the end must be read, or it waits
                self._read(0.05)
        if self.process.returncode is None:
            raise NotMeasured(f"{self} did not end in {patience:.0f} s; it painted:\n{self.text}")
        return self.process.returncode

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._ours], [], [], seconds)
        if not ready:
            return False
        try:
            self._seen += os.read(self._ours, 65536)
        except OSError:  # how Linux says that nobody has the other end any more
            raise NotMeasured(f"{self} ended; it painted:\n{self.text}") from None
        return True


def rest(terminals: Iterable[Terminal], seconds: float) -> None:
    """Let time pass, taking in what is painted, so that no program waits for its terminal."""
    by_file = {terminal._ours: terminal for terminal in terminals}
    deadline = time.perf_counter() + seconds
    while True:
        ready, _, _ = select.select(list(by_file), [], [], max(0.0, deadline - time.perf_counter()))
        if not ready:
            return
        for file in ready:
            by_file[file]._read(0.0)
