"""The anchor of start-up: a Textual app with the same kinds of widgets and one row, which does nothing."""

from __future__ import annotations

from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

READY = "ready to begin"


class Line(Widget):
    """A line of text."""

    DEFAULT_CSS = "Line { height: 1; }"

    def render(self) -> str:
        """Draw it."""
        return "a line"


class Rows(ScrollView):
    """One row."""

    def on_mount(self) -> None:
        """Make room for it."""
        self.virtual_size = Size(0, 1)

    def render_line(self, y: int) -> Strip:
        """Draw it."""
        return Strip([Segment("one row" if y == 0 else "")])


class EmptyApp(App[None]):
    """A header, a search line, three panes, two lines below."""

    def compose(self) -> ComposeResult:
        """The areas from top to bottom."""
        yield Line()
        yield Input(compact=True)
        with Horizontal():
            yield OptionList("one", "two", "three")
            yield Rows()
            with VerticalScroll():
                yield Static(READY)
        yield Line()
        yield Line()


if __name__ == "__main__":
    EmptyApp().run()
