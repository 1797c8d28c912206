"""An application: one person's answers to one call, with what the team has made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from callforth.model.status import Status


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: the question's id, the heading as the file has it, and what the applicant wrote."""

    question: str
    ask: str
    text: str


@dataclass(frozen=True, slots=True)
class Application:
    """One application as its file says; all text is cleaned.

    `applicant` holds what the call's fields asked, by field name. `extra` holds further one-line fields that the
    team added by hand. `informed` is empty until a letter went out. `body` is the Markdown after the frontmatter.
    """

    id: str
    meeting: str
    status: Status
    received: datetime
    applicant: Mapping[str, str]
    tags: tuple[str, ...]
    source: str
    informed: str
    extra: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that cannot be read as what it should be: where, why, and what to do about it."""

    path: str
    line: int
    says: str
    remedy: str

    @property
    def where(self) -> str:
        """The path, with the line where one is known."""
        return f"{self.path}:{self.line}" if self.line else self.path

    @property
    def sentence(self) -> str:
        """The whole of it in one line."""
        return f"{self.where}: {self.says}; {self.remedy}"
