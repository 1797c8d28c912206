"""A document to hand over, as blocks, before it is written as HTML or Markdown.

All texts are plain: whoever writes them into a format escapes them there (`page_html.py`, `page_markdown.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

Cell = str | int


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """One paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of what something is called and what it is."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its first `texts` columns are texts, the others are numbers. `about` says what it shows."""

    about: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    texts: int = 1


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar for each of a chart's series, from 0 up, and what to write at the end of each."""

    label: str
    values: tuple[int, ...]
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, one below the other. A table with the same numbers follows: formats without pictures leave this out."""

    about: str
    series: tuple[str, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Commands:
    """Lines to type into a shell, each with what it shows."""

    lines: tuple[tuple[str, str], ...]


Block = Heading | Text | Facts | Table | Chart | Commands


@dataclass(frozen=True, slots=True)
class Page:
    """A whole document."""

    title: str
    blocks: tuple[Block, ...]
