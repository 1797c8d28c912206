"""Telling keys that a person types from keys that a paste fires.

A terminal without bracketed paste sends a pasted text as keys. People press at most some thirty keys a second, also by
holding one down; a paste sends hundreds. What decides or confirms is not listened to while keys come like that.
"""

from __future__ import annotations

from collections import deque
from time import monotonic
from typing import Any

KEYS_OF_A_PASTE = 5
TOO_FAST = "that came as fast as a paste"
_SPAN = 0.04
_QUIET = 0.15


class KeyClock:
    """Remembers when the last few keys came."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=KEYS_OF_A_PASTE)
        self._burst = float("-inf")

    def press(self, at: float | None = None) -> None:
        """Note a key that came at `at`, in seconds of the monotonic clock."""
        came = monotonic() if at is None else at
        self._times.append(came)
        if len(self._times) == KEYS_OF_A_PASTE and came - self._times[0] < _SPAN:
            self._burst = came

    def begin_burst(self) -> None:
        """Count the last key as the beginning of a burst: more than a person could type are waiting behind it."""
        if self._times:
            self._burst = self._times[-1]

    def forget(self) -> None:
        """Something else than a key was used: what is begun so is no paste."""
        self._burst = float("-inf")

    def in_burst(self) -> bool:
        """Tell whether the last key came with, or right after, ones that came faster than a person types.

        What counts is when keys came, not when they are handled: a screen that was held up is no paste, and a paste
        that is handled late is still one.
        """
        return bool(self._times) and self._times[-1] - self._burst < _QUIET


def looks_pasted(app: Any) -> bool:
    """Tell whether the key being handled came in a burst; `app` has a `key_clock`."""
    return bool(app.key_clock.in_burst())
