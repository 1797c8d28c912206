"""What a file does not tell, and somebody has to say."""

from __future__ import annotations

from callforth.errors import UsageError


class Unsaid(UsageError):
    """Something about a file must be said; `what` is the sentence without how to say it on the command line."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(f"{what}; {remedy}" if remedy else what)
        self.what = what
