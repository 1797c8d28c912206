"""How the program ends: every error becomes one sentence on stderr, JSON on stdout where it was asked for, a code."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from callforth.errors import CallforthError, keep_traceback
from callforth.model.text import clean


def open_streams() -> bool:
    """Give the program the streams that whoever called it left closed; tell whether what it prints can go anywhere."""
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
        return False
    return True


def drop_output() -> None:
    """Let what could not be printed go, so that Python does not complain of it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def ending(error: BaseException, as_json: bool) -> int:
    """Tell what went wrong and return the exit code; call it while the error is being handled."""
    if isinstance(error, CallforthError):
        return say(error.code, error.says, error.exit_code, as_json)
    if isinstance(error, KeyboardInterrupt):
        return say("cancelled", "cancelled; nothing was changed", 130, as_json)
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has gone (head, a pager): not an error.
        drop_output()
        return 0
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return say("system", f"{where}{error.strerror or error}; nothing more was done", 4, as_json)
    return say("defect", keep_traceback(), 1, as_json)


def say(code: str, says: str, exit_code: int, as_json: bool) -> int:
    """Print an error for whoever asked, and return its exit code."""
    if as_json:
        import json

        print(json.dumps({"error": {"code": code, "says": clean(says)}}, ensure_ascii=False), flush=True)
    print(f"callforth: {clean(says)}", file=sys.stderr, flush=True)
    return exit_code
