"""The anchor of typing: a Textual app that is an `Input` and nothing else."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Input

READY = "ready for typing"


class EmptyInput(App[None]):
    """One line to write in."""

    def compose(self) -> ComposeResult:
        """That line."""
        yield Input(placeholder=READY, compact=True)


if __name__ == "__main__":
    EmptyInput().run()
