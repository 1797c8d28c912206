"""What several shapes share: headings that stand there twice, answers joined in one cell, ids of several forms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC

from callforth.model.text import fold
from callforth.workflow.intake import values

_LONG_CHOICE = 300
# Semicolons of sentences, of addresses of pages, of HTML.
_PROSE = re.compile(r";\s|://|&#?\w+;")


def folded(words: str) -> frozenset[str]:
    """Return the words of a list that is parted by semicolons, as headings are compared."""
    return frozenset(fold(word) for word in words.split(";"))


def unique(labels: Iterable[str]) -> list[str]:
    """Return the labels with a number on those that stand there again: `Remarks`, `Remarks (2)`."""
    seen: Counter[str] = Counter()
    taken: set[str] = set()
    found = []
    for label in labels:
        seen[label] += 1
        name = label
        while name in taken or (name == label and seen[label] > 1):
            name = f"{label} ({seen[label]})"
            if name in taken:
                seen[label] += 1
        taken.add(name)
        found.append(name)
    return found


def stamp(text: str) -> str:
    """Return a time for telling apart the ids of two forms, '' for none; the same however the date is written.

    So the smaller of day and month comes first, and seconds are left out, as a CSV from Excel leaves them out.
    """
    for order in values.ORDERS:
        with suppress(values.NoDate):
            when = values.moment(text, order, UTC)
            return f"{when:%y}{min(when.day, when.month):02}{max(when.day, when.month):02}{when:%H%M}"
    return ""


def together(text: str) -> str:
    """Return a cell with `; ` between choices that a program has joined by `;`; other text as it is.

    People write a space after a semicolon, programs do not. Each cell is looked at by itself, so that it is read the
    same whoever else has answered.
    """
    at = text.find(";")
    if at < 0 or text[at + 1 : at + 2].isspace() or "\n" in text or _PROSE.search(text):
        return text
    parts = [part.strip() for part in text.split(";")]
    if not all(parts) or max(map(len, parts)) > _LONG_CHOICE:
        return text
    return "; ".join(parts)
