"""Whether a write has left something, told by names alone: cheap enough for every command."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

INTENT = "intent"
HOLDS_INDEX = "index.lock."
HOLDS_HEAD = "HEAD.lock."


def is_left_in(private: Path) -> bool:
    """Tell whether a write is under way or was cut off; `private` is the folder `callforth` in the git directory."""
    with suppress(OSError):
        names = [file.name for file in private.iterdir()]
        return any(name == INTENT or name.startswith((HOLDS_INDEX, HOLDS_HEAD)) for name in names)
    return False
