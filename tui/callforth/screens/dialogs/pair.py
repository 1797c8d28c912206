"""What two that may be one person have sent, beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from callforth.model.text import clean, clean_line
from callforth.screens.dialogs.base import Reading
from callforth.screens.themes import MUTED

Sent = Mapping[str, tuple[str, str]]
"""By what it stands under in an application: its heading, and what was written."""


class Both(Reading[None]):
    """Under each heading what one wrote and what the other wrote; once where it is the same."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("q,v,enter", "leave", "back"),
        ("j,down", "scroll(3)"),
        ("k,up", "scroll(-3)"),
    ]

    def __init__(self, one: tuple[str, Sent], other: tuple[str, Sent]) -> None:
        """Each is who it is, in a word or two, and what they sent."""
        super().__init__(f"{one[0]} and {other[0]}", " j k scroll · esc back")
        self._one, self._other = one, other

    def body(self) -> ComposeResult:
        """All that either of them wrote."""
        yield from self.room(Content("\n").join(list(self._lines())))

    def _lines(self) -> Iterator[Content]:
        (name, one), (name_of_other, other) = self._one, self._other
        for key in {**one, **other}:
            heading = one.get(key) or other[key]
            texts = [clean(sent[key][1]).strip() if key in sent else "" for sent in (one, other)]
            if not any(texts):
                continue
            yield Content.styled(clean_line(heading[0]), "bold $primary")
            if texts[0] == texts[1]:
                yield Content.assemble(("both  ", MUTED), texts[0])
            else:
                yield Content.assemble((f"{name}  ", MUTED), texts[0] or ("nothing", MUTED))
                yield Content.assemble((f"{name_of_other}  ", MUTED), texts[1] or ("nothing", MUTED))
