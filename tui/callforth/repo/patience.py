"""Waiting for a git that talks to another machine, with progress and with a limit to its silence; one can stop it.

Such a git may hang for ever where a network swallows what is sent. What counts is not how long it takes but for how
long it says nothing: a large fetch over a slow line says all the while how far it has come.
"""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, cast

_TICK = 0.1
_TO_END = 2.0
_LAST = 0.3
_LINE = re.compile(rb"[\r\n]")

# Called with each line that is said, and with an empty one ten times a second; may raise to stop.
Tell = Callable[[str], None]


class TooQuiet(Exception):
    """It said nothing for longer than allowed, and was ended."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit status, and all that it said on stdout and on stderr."""

    status: int
    out: str
    err: str


def wait(process: subprocess.Popen[bytes], tell: Tell, limit: float, own_session: bool) -> Ended:
    """Wait for a program that needs no input; `limit` is in seconds of silence on stderr.

    `own_session` tells that it was started as the leader of a session, so that what it started can be ended with it.
    Raises `TooQuiet`, and what `tell` raises; the program is ended then.
    """
    said: queue.Queue[bytes] = queue.Queue()
    out: list[bytes] = []
    cast(IO[bytes], process.stdin).close()
    readers = (
        threading.Thread(target=_read, args=(cast(IO[bytes], process.stderr), said.put), daemon=True),
        threading.Thread(target=_read, args=(cast(IO[bytes], process.stdout), out.append), daemon=True),
    )
    for reader in readers:
        reader.start()
    err = b""
    heard = time.monotonic()
    try:
        while process.poll() is None or not said.empty():
            try:
                more = said.get(timeout=_TICK)
            except queue.Empty:
                more = b""
            if more:
                heard = time.monotonic()
                err += more
            elif time.monotonic() - heard > limit:
                raise TooQuiet
            for line in _LINE.split(more):
                tell(line.decode(errors="replace"))
    except BaseException:
        _end(process, own_session)
        raise
    for reader in readers:
        reader.join(_LAST)  # what it has started may hold the streams open for longer: a shared SSH connection does
    while not said.empty():
        err += said.get()
    return Ended(process.returncode, b"".join(out).decode(errors="replace"), err.decode(errors="replace"))


def _read(stream: IO[bytes], take: Callable[[bytes], object]) -> None:
    with suppress(OSError, ValueError):
        while data := os.read(stream.fileno(), 1 << 16):
            take(data)
    with suppress(OSError):
        stream.close()


def _end(process: subprocess.Popen[bytes], own_session: bool) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            if own_session:
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_TO_END)
            return
