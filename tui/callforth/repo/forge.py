"""Programs that forges give to people (`gh`, `glab`, `tea`): found on PATH, run where nobody is asked anything."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from callforth.repo.repository import Repository

_LIMIT = 60.0
_TO_END = 2.0
# They ask, colour and look for a newer version of themselves where a terminal is; nobody reads that here.
_QUIET = {"GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "GLAB_CHECK_UPDATE": "false", "NO_COLOR": "1"}


@dataclass(frozen=True, slots=True)
class ToolSaid:
    """How a program ended, and what it printed; a negative `status` where it did not end by itself."""

    status: int
    out: str
    err: str


def is_there(name: str) -> bool:
    """Tell whether there is a program of this name on PATH."""
    return shutil.which(name) is not None


def run_tool(repository: Repository, words: Sequence[str], stdin: bytes = b"", limit: float = _LIMIT) -> ToolSaid:
    """Run a program in the repository's folder and return what came of it; it is ended after `limit` seconds.

    It has no terminal, so that it can ask nothing. What cannot be started counts as one that failed.
    """
    try:
        process = subprocess.Popen(
            list(words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=repository.root,
            env={**os.environ, **_QUIET, "GIT_TERMINAL_PROMPT": "0"},
            start_new_session=True,
        )
    except OSError as error:
        return ToolSaid(-1, "", f"{words[0]} cannot be started ({error.strerror})")
    try:
        out, err = process.communicate(stdin, timeout=limit)
    except subprocess.TimeoutExpired:
        _end(process)
        return ToolSaid(-1, "", f"{words[0]} did not end within {limit:.0f} seconds")
    except BaseException:
        _end(process)
        raise
    return ToolSaid(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=_TO_END)  # what has left the session may hold the pipes open for longer
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
