"""Telling keys that a person types from keys that a paste fires.

A terminal without bracketed paste sends a pasted text as keys. People press at most some thirty keys a second, also by
holding one down; a paste sends hundreds. What decides or confirms is not listened to while keys come like that.
"""

from __future__ import annotations

from collections import deque
from time import monotonic
from typing import Any

_KEYS = 5
_SPAN = 0.04
_QUIET = 0.15


class KeyClock:
    """Remembers when the last few keys came."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_KEYS)
        self._burst = float("-inf")

    def press(self, at: float | None = None) -> None:
        """Note a key; `at` is in seconds of the monotonic clock."""
        now = monotonic() if at is None else at
        self._times.append(now)
        if len(self._times) == _KEYS and now - self._times[0] < _SPAN:
            self._burst = now

    def in_burst(self, at: float | None = None) -> bool:
        """Tell whether keys come, or came a moment ago, faster than a person types."""
        now = monotonic() if at is None else at
        return now - self._burst < _QUIET


def looks_pasted(app: Any) -> bool:
    """Tell whether the key being handled came in a burst; `app` has a `key_clock`."""
    return bool(app.key_clock.in_burst())
