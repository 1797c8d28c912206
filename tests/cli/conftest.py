"""What the tests of this room share: the command as a program of its own, with and without a terminal."""

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
import time

import pytest


@pytest.fixture
def as_program():
    """Run `python -m callforth` with these arguments in a folder; nobody is at the keyboard."""

    def run(*arguments, cwd, input=b"", **more):
        command = [sys.executable, "-m", "callforth", *arguments]
        return subprocess.run(command, cwd=cwd, input=input, capture_output=True, timeout=60, check=False, **more)

    return run


@pytest.fixture
def in_terminal():
    """Run a command in a pseudo-terminal, type `keys` once `waits_for` is shown; return exit code and all it showed."""

    def run(command, cwd, keys=b"", waits_for=b"", limit=60.0):
        leader, follower = pty.openpty()
        environment = {**os.environ, "TERM": "xterm"}
        process = subprocess.Popen(
            command,
            cwd=cwd,
            stdin=follower,
            stdout=follower,
            stderr=follower,
            env=environment,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that ctrl+c reaches the program
        )
        os.close(follower)
        shown, deadline, again = b"", time.monotonic() + limit, 0.0
        try:
            while time.monotonic() < deadline:
                if keys and waits_for in shown and time.monotonic() >= again:
                    os.write(leader, keys)
                    # An interrupt just before Python begins to read is seen at the next key only: so press it again.
                    keys, again = (keys if keys == b"\x03" else b""), time.monotonic() + 0.5
                if select.select([leader], [], [], 0.05)[0]:
                    try:
                        data = os.read(leader, 65536)
                    except OSError:
                        break
                    if not data:
                        break
                    shown += data
                elif process.poll() is not None:
                    break
            return process.wait(timeout=10), shown
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            os.close(leader)

    return run
