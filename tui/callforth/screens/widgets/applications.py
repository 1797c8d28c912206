"""The list of applications, drawn line by line.

A `ScrollView` with `render_line`: only the lines on screen are ever made, so that 10,000 rows cost what 20 do (a
`DataTable` measures every cell first: two seconds). Strips are kept by row, look and width; moving the cursor draws two
lines. The habit is toolong's.
"""

from __future__ import annotations

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
TOOK_PART, APPLIED = "◆", "◇"  # in another meeting; to one
_SIGNS = {"corrected": "≈", "spread": "±"}


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
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(512)

    @property
    def current(self) -> Listed | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def show(self, rows: Narrowed, cursor: int, marks: frozenset[str], instead: str = "") -> None:
        """Show these rows with the cursor on one of them, or a sentence instead where there are none."""
        self.rows, self.marks, self._instead = rows, marks, "" if len(rows) else instead
        self._strips.clear()
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
        key = (index, id(row), selected, marked, sign, width, self.has_focus, self.app.theme)
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
        cells = self._cells(row, width)
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
        return Style() if selected else self.get_component_rich_style(name, partial=True)

    def _draw_problem(self, row: Problem, selected: bool, base: Style, width: int) -> Strip:
        style = base + self._style("list--problem", selected)
        text = f"  ! {row.where}  {row.says}"
        return Strip([Segment(fitted(text, width), style)])

    def _cells(self, row: Row, width: int) -> list[tuple[str, int, bool]]:
        """Return text, width and dimness of each column; columns come as the width allows."""
        left = width - _MARK_CELLS - 2
        wide = left >= 80
        number = self.rows.number
        fixed: list[tuple[str, int, bool]] = []
        if left >= 34:
            fixed.append((person.country(row), 4, True))
        if wide:
            fixed.append((f"{row.received:%d %b}", 7, True))
        # That by which the list is ordered is always in sight.
        if number and left >= (60 if number == "score" else 34):
            fixed.append((_number(row, number), 6, True))
        if wide and number:
            fixed.append((scores.in_letters(row.recommend), 9, not scores.disagree(row.recommend)))
        rest = left - sum(cell[1] for cell in fixed)
        tags = " ".join(row.tags)
        if wide:
            name = min(28, rest // 3)
            organisation = (rest - name) * 3 // 5
            return [
                (person.name(row), name, False), *fixed,
                (person.organisation(row), organisation, True), (tags, rest - name - organisation, True),
            ]  # fmt: skip
        if left >= 40:
            name = min(26, max(18, rest * 11 // 20))
            return [(person.name(row), name, False), *fixed, (person.organisation(row), rest - name, True)]
        return [(person.name(row), rest, False), *fixed]

    def _follow(self) -> None:
        height = self.size.height
        if not height:
            return
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True)


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
