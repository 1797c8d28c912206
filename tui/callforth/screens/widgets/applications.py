"""The list of applications, drawn line by line.

A `ScrollView` with `render_line`: only the lines on screen are ever made, so that 10,000 rows cost what 20 do (a
`DataTable` measures every cell first: two seconds). Strips are kept by row, look and width; moving the cursor draws two
lines. The habit is toolong's. What the columns are stands in the frame above them, where it costs no line.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from callforth.index.rows import Row, Rows
from callforth.model import person, scores
from callforth.model.application import Problem
from callforth.screens.engine import Listed, Narrowed

_MARK_CELLS = 2
_BEFORE_NAME = _MARK_CELLS + 2  # the mark, and the letter of the status
_WIDE = 80
TOOK_PART, APPLIED = "◆", "◇"  # in another meeting; to one
_SIGNS = {"corrected": "≈", "spread": "±"}
_HEADINGS = {"country": "cc", "received": "date", "organisation": "organisation", "tags": "tags",
             "score": "score", "corrected": "corr.", "spread": "±", "reviews": "rev."}  # fmt: skip
_SHORT = {"organisation": "org."}
_KNOWN = "before"  # ends over the sign beside the name


class ApplicationList(ScrollView, can_focus=True, inherit_bindings=False):
    """The rows, with a cursor and marks; the keys are the main screen's. Posts `Moved`, `Chosen` and `Marked`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "list--cursor", "list--cursor-away", "list--mark", "list--dim", "list--problem",
        "status--received", "status--shortlisted", "status--accepted", "status--waitlisted", "status--declined",
        "status--confirmed", "status--withdrawn", "status--attended", "status--absent",
    }  # fmt: skip

    cursor: reactive[int] = reactive(0, repaint=False, init=False)

    class Moved(Message):
        """The cursor stands on another row."""

    class Chosen(Message):
        """A row was double-clicked."""

    class Marked(Message):
        """A row's mark was clicked."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = Narrowed("", Rows([]))
        self.marks: frozenset[str] = frozenset()
        self._applied: frozenset[str] = frozenset()
        self._took_part: frozenset[str] = frozenset()
        self._instead = ""
        self._letters = 0  # the cells of the longest recommendations that were in sight
        self._measured: tuple[int, int] | None = None
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(512)

    @property
    def current(self) -> Listed | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def show(self, rows: Narrowed, cursor: int, marks: frozenset[str], instead: str = "") -> None:
        """Show these rows with the cursor on one of them, or a sentence instead where there are none."""
        self.rows, self.marks, self._instead = rows, marks, "" if len(rows) else instead
        self._strips.clear()
        self._letters, self._measured = 0, None
        self.virtual_size = Size(0, len(rows))
        self.set_reactive(ApplicationList.cursor, max(0, min(cursor, len(rows) - 1)))
        self._follow()
        self.refresh()

    def set_marks(self, marks: frozenset[str]) -> None:
        """Show these applications (by id) as marked."""
        self.marks = marks
        self.refresh()

    def set_known(self, applied: frozenset[str], took_part: frozenset[str]) -> None:
        """Show a sign beside those (by id) whose applicants applied to another meeting, or took part in one."""
        if (applied, took_part) != (self._applied, self._took_part):
            self._applied, self._took_part = applied, took_part
            self.refresh()

    def move(self, to: int) -> None:
        """Put the cursor on a row, as near as there is one."""
        target = max(0, min(to, len(self.rows) - 1))
        if target != self.cursor:
            self.cursor = target

    def watch_cursor(self, before: int, after: int) -> None:
        """Draw the two lines anew, keep the cursor in sight, and tell."""
        for row in (before, after):
            self.refresh(Region(0, row - self.scroll_offset.y, self.size.width, 1))
        self._follow()
        self.post_message(self.Moved())

    def on_resize(self, event: events.Resize) -> None:
        """Keep the cursor in sight when the window changes."""
        self.virtual_size = Size(0, len(self.rows))
        self._follow()

    def on_focus(self) -> None:
        """Show the cursor as being here."""
        self.refresh()

    def on_blur(self) -> None:
        """Show the cursor as being elsewhere."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """One click moves the cursor (on the mark's place, marks); two open."""
        place = event.get_content_offset(self)
        if place is None or place.y + self.scroll_offset.y >= len(self.rows):
            return  # on the frame, or below the last row
        self.move(place.y + self.scroll_offset.y)
        if place.x < _MARK_CELLS:
            self.post_message(self.Marked())
        elif event.chain == 2:
            self.post_message(self.Chosen())

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return lines of the screen with the frame, and in the frame what the columns are."""
        self._measure()
        strips = super().render_lines(crop)
        if crop.y == 0 and crop.x == 0 and strips and len(self.rows.rows):
            strips[0] = self._headed(strips[0])
        return strips

    def _measure(self) -> None:
        """Find how wide the recommendations in sight are; while one scrolls, their column only grows."""
        now = (self.scroll_offset.y, self.size.height)
        if now == self._measured or not self.rows.number or self._room < _WIDE:
            return
        self._measured = now
        seen = self.rows.rows[now[0] : now[0] + now[1]]
        widest = max((len(scores.in_letters(row.recommend)) for row in seen), default=0)
        if widest > self._letters:
            self._letters = widest
            self.refresh()

    def _headed(self, frame: Strip) -> Strip:
        """Return the upper frame with a word over each column, where the title leaves room."""
        style = self.rich_style + self._style("list--dim", selected=False)
        free = cell_len(str(self.border_title or "")) + 5
        at = 1 + _BEFORE_NAME
        for name, width in self._columns:
            word = _HEADINGS.get(self.rows.number if name == "number" else name, "")
            start = at
            if name == "name":
                word, start = _KNOWN, at + width - 1 - len(_KNOWN)
            at += width
            if len(word) > width:
                word = _SHORT.get(word, "")
            if word and start > free and at < frame.cell_length:
                left, _, right = frame.divide([start - 1, start + len(word) + 1, frame.cell_length])
                frame = Strip.join([left, Strip([Segment(f" {word} ", style)]), right])
        return frame

    def render_line(self, y: int) -> Strip:
        """Return one line of the screen."""
        index = y + self.scroll_offset.y
        width = self.size.width
        if index >= len(self.rows):
            said = wrap(self._instead, max(width - 2, 1))[y : y + 1] if self._instead else []
            style = self.rich_style + self._style("list--dim", selected=False)
            return Strip([Segment(f" {line}", style) for line in said]).adjust_cell_length(width, self.rich_style)
        row = self.rows[index]
        selected = index == self.cursor
        marked = isinstance(row, Row) and row.id in self.marks
        sign = self._sign(row)
        key = (index, id(row), selected, marked, sign, width, self._letters, self.has_focus, self.app.theme)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._draw(row, selected, marked, sign, width)
        return strip

    def _sign(self, row: Listed) -> str:
        if isinstance(row, Problem):
            return ""
        return TOOK_PART if row.id in self._took_part else APPLIED if row.id in self._applied else " "

    def _draw(self, row: Listed, selected: bool, marked: bool, sign: str, width: int) -> Strip:
        base = self.rich_style
        if selected:
            base += self.get_component_rich_style(
                "list--cursor" if self.has_focus else "list--cursor-away", partial=True
            )
        if isinstance(row, Problem):
            return self._draw_problem(row, selected, base, width)
        cells = self._cells(row)
        segments = [Segment("● " if marked else "  ", base + self._style("list--mark", selected))]
        segments.append(Segment(row.status.letter + " ", base + self._style(f"status--{row.status}", selected)))
        name, name_width, _ = cells[0]
        segments.append(Segment(fitted(name, name_width - 2), base))
        segments.append(Segment(f"{sign} ", base + self._style("list--mark", selected)))
        for text, cell_width, dim in cells[1:]:
            style = base + self._style("list--dim", selected) if dim else base
            segments.append(Segment(fitted(text, cell_width - 1) + " ", style))
        return Strip(segments).adjust_cell_length(width, base)

    def _style(self, name: str, selected: bool) -> Style:
        # Under the cursor only its own colours keep enough contrast.
        if selected:
            return Style()
        style = self.get_component_rich_style(name, partial=True)
        color = self.get_component_styles(name).color
        if color.a < 1 and color.ansi is None:  # Rich knows no half colours
            style += Style.from_color((self.background_colors[1] + color).rich_color)
        return style

    def _draw_problem(self, row: Problem, selected: bool, base: Style, width: int) -> Strip:
        style = base + self._style("list--problem", selected)
        text = f"  ! {row.where}  {row.says}"
        return Strip([Segment(fitted(text, width), style)])

    @property
    def _room(self) -> int:
        return self.size.width - _BEFORE_NAME

    @property
    def _columns(self) -> Sequence[tuple[str, int]]:
        return columns(self._room, self.rows.number, self._letters)

    def _cells(self, row: Row) -> list[tuple[str, int, bool]]:
        """Return text, width and dimness of each column."""
        said = {
            "name": person.name(row),
            "country": person.country(row),
            "received": f"{row.received:%d %b}",
            "number": _number(row, self.rows.number) if self.rows.number else "",
            "letters": scores.in_letters(row.recommend),
            "organisation": person.organisation(row),
            "tags": " ".join(row.tags),
        }
        bright = ("name", "letters") if scores.disagree(row.recommend) else ("name",)
        return [(said[name], width, name not in bright) for name, width in self._columns]

    def _follow(self) -> None:
        height = self.size.height
        if not height:
            return
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True)


def columns(room: int, number: str, letters: int) -> Sequence[tuple[str, int]]:
    """Return what stands in a line from the name on, with its cells (a gap among them); more comes as there is room.

    `number` is the one that the list shows ("" for none), `letters` the cells that the longest recommendations take.
    """
    wide = room >= _WIDE
    fixed: list[tuple[str, int]] = []
    if room >= 34:
        fixed.append(("country", 4))
    if wide:
        fixed.append(("received", 7))
    # That by which the list is ordered is always in sight.
    if number and room >= (44 if number == "score" else 34):
        fixed.append(("number", 6))
    if wide and number and letters:
        fixed.append(("letters", letters + 2))
    rest = room - sum(width for _, width in fixed)
    if room < 46:
        return [("name", rest), *fixed]
    name = min(36, max(30, rest * 2 // 5)) if wide else 28 if room >= 51 else 26
    organisation = (rest - name) * 3 // 5 if wide else rest - name
    tags = [("tags", rest - name - organisation)] if wide else []
    return [("name", name), *fixed, ("organisation", organisation), *tags]


def _number(row: Row, name: str) -> str:
    """Return a number of a row's reviews in few cells: `4.2`, `≈4.1` (corrected), `±0.8` (spread), `3` (reviews)."""
    if name == "reviews":
        return str(row.reviews or "")
    number = {"score": row.score, "corrected": row.corrected, "spread": row.spread}[name]
    return "" if number is None else f"{_SIGNS.get(name, '')}{scores.shown(number)}"


def fitted(text: str, width: int) -> str:
    """Return a text cut or filled up to so many cells."""
    if width <= 0:
        return ""
    if cell_len(text) > width:
        return set_cell_size(text, width - 1) + "…"
    return set_cell_size(text, width)
