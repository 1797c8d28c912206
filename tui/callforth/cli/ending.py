"""How the program ends: every error becomes one sentence on stderr, JSON on stdout where it was asked for, a code."""

from __future__ import annotations

import os
import sys

from callforth.errors import CallforthError, keep_traceback
from callforth.model.text import clean


def ending(error: BaseException, as_json: bool) -> int:
    """Tell what went wrong and return the exit code; call it while the error is being handled."""
    if isinstance(error, CallforthError):
        return say(error.code, error.says, error.exit_code, as_json)
    if isinstance(error, KeyboardInterrupt):
        return say("cancelled", "cancelled; nothing was changed", 130, as_json)
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has gone (head, a pager): not an error. Keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
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
