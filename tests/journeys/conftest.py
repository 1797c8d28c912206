"""A real terminal for journeys: tmux on a socket of its own, keys one at a time, and what it shows."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

LIMIT = 15.0


def available() -> bool:
    """Tell whether tmux is there; where it is not, fail under CI and skip elsewhere."""
    if shutil.which("tmux"):
        return True
    if os.environ.get("CI"):
        pytest.fail("tmux is missing; install it (Debian and Ubuntu: apt install tmux)")
    pytest.skip("tmux is missing, and a journey needs a real terminal")


class Terminal:
    """A window of tmux with a shell in it."""

    callforth = f"{shlex.quote(sys.executable)} -m callforth"

    def __init__(self, folder: Path, scratch: Path, size: tuple[int, int], environment: Mapping[str, str]) -> None:
        self.socket = f"callforth-{uuid.uuid4().hex[:12]}"
        self.raw = scratch / f"{self.socket}.raw"
        variables = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PS1": "$ ", **environment}
        for name in ("COLUMNS", "LINES", "TMUX"):
            variables.pop(name, None)
        width, height = size
        config = scratch / f"{self.socket}.conf"
        config.write_text("set -g default-terminal tmux-256color\nset -g set-clipboard on\nset -g status off\n")
        self._tmux("-f", str(config), "new-session", "-d", "-x", str(width), "-y", str(height), "-c", str(folder),
                   "env -u ENV sh", env=variables)  # fmt: skip
        self._tmux("pipe-pane", f"cat >> {shlex.quote(str(self.raw))}")
        self.until(lambda: self.text().strip(), "a prompt")

    def _tmux(self, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        done = subprocess.run(
            ["tmux", "-L", self.socket, *arguments], capture_output=True, text=True, check=True, env=env, timeout=30
        )
        return done.stdout

    def text(self, *, styled: bool = False) -> str:
        """What the terminal shows, as text, or with its colours."""
        return self._tmux("capture-pane", "-p", *(["-e"] if styled else []))

    def lines(self) -> list[str]:
        return self.text().split("\n")

    def until(self, true: Callable[[], object], what: str, within: float = LIMIT) -> None:
        deadline = time.monotonic() + within
        while not true():
            assert time.monotonic() < deadline, f"waited in vain for {what}; the terminal shows:\n{self.text()}"
            time.sleep(0.03)

    def sees(self, text: str, within: float = LIMIT) -> None:
        """Wait until the terminal shows a text."""
        self.until(lambda: text in self.text(), repr(text), within)

    def loses(self, text: str) -> None:
        self.until(lambda: text not in self.text(), f"{text!r} to go")

    def press(self, *keys: str) -> None:
        """Press keys (by tmux's names), one at a time, as fast as a person could."""
        for key in keys:
            if key == "Enter":
                time.sleep(0.2)  # an enter right behind many letters would be taken for part of a paste
            self._tmux("send-keys", key)
            # A terminal sends alt+x as esc and x: what follows an esc at once is taken for that.
            time.sleep(0.3 if key == "Escape" else 0.03)

    def type(self, text: str) -> None:
        for character in text:
            self._tmux("send-keys", "-l", character)
            time.sleep(0.03)

    def burst(self, text: str) -> None:
        """Let a text arrive at once, as keys."""
        self._tmux("send-keys", "-l", text)

    def paste(self, text: str) -> None:
        """Paste as a terminal does where the program asked for bracketed paste."""
        self._tmux("set-buffer", text)
        self._tmux("paste-buffer", "-p")

    def resize(self, width: int, height: int) -> None:
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def run(self, command: str) -> None:
        """Write a command into the shell."""
        self._tmux("send-keys", "-l", command)
        self.press("Enter")

    def open(self, arguments: str = "") -> None:
        """Open the interface and wait until it can be worked with; the shell then prints how it ended."""
        self.run(f"{self.callforth} {arguments}; echo ended with $?")
        self.until(lambda: "shows all keys" in self.text() or re.search(r"ended with \d", self.text()), "the list")
        assert " to decide" in self.text(), self.text()

    def clipboard(self) -> list[str]:
        return self._tmux("list-buffers", "-F", "#{buffer_sample}").split("\n")[:-1]

    def pid(self) -> int:
        """The process that the shell runs in the foreground."""
        shell = self._tmux("display-message", "-p", "#{pane_pid}").strip()
        found: list[str] = []

        def look() -> bool:
            listed = subprocess.run(["ps", "-o", "pid=", "--ppid", shell], capture_output=True, text=True, check=False)
            found[:] = listed.stdout.split()
            return bool(found)

        self.until(look, "a process of the shell")
        return int(found[0])

    def ended(self) -> int:
        """Wait until the program has ended and return how."""
        self.until(lambda: re.search(r"ended with \d", self.text()), "the end")
        found = re.search(r"ended with (\d+)", self.text())
        assert found
        return int(found[1])

    def close(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self._tmux("kill-server")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Open terminals: `terminal(practice, size=(80, 24), NO_COLOR="1")`; all are closed in the end."""
    available()
    opened: list[Terminal] = []

    def open_it(sandbox: Any, size: tuple[int, int] = (80, 24), **environment: str) -> Terminal:
        one = Terminal(sandbox.root, tmp_path, size, environment)
        opened.append(one)
        return one

    try:
        yield open_it
    finally:
        for one in opened:
            one.close()
