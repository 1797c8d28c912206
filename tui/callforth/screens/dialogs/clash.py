"""Two people changed the same thing, each in their own way: which one stands?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList, Static

from callforth.index.reading import place_of
from callforth.model.text import clean, clean_line
from callforth.screens.dialogs.base import Dialog
from callforth.screens.themes import MUTED
from callforth.screens.typing import looks_pasted
from callforth.screens.widgets.choices import Choices
from callforth.workflow.merging import OURS, THEIRS, Clash, Side

_MOST_SHOWN = 1500
_SIDES = (OURS, THEIRS)
_REVIEW = 3  # parts of a review's place
_ORDER = ("recommend", "scores", "tags", "conflict", "remarks")


class Chooser(Dialog[str]):
    """Both sides of a clash, or of all those of one review, with who, when and why. Answers `ours` or `theirs`."""

    BINDINGS: ClassVar[list[BindingType]] = [("q", "leave", "back")]

    def __init__(self, clashes: Sequence[Clash], name: str, place: str) -> None:
        """`clashes` are all of one file; `name` is whose application it is (empty where it is not about one).

        `place` is like `1 of 3`.
        """
        first = clashes[0]
        of = f"{first.application} {name}".strip() or first.path
        super().__init__(
            f"{of}: {about(clashes)}, {place}", " j k move · enter this one stands · esc back: nothing is changed"
        )
        self._clashes = sorted(clashes, key=_rank)

    def body(self) -> ComposeResult:
        """What it is about, and both sides."""
        yield Static(Content("Changed here and there, each in its own way. Which one stands?"), classes="dialog-about")
        sides = (("here", [one.ours for one in self._clashes]), ("there", [one.theirs for one in self._clashes]))
        names = [_field(one) for one in self._clashes] if len(self._clashes) > 1 else []
        yield Choices(
            [(_all_shown(where, names, both) if names else _shown(where, both[0]), True) for where, both in sides],
            id="sides",
        )

    def on_mount(self) -> None:
        """Begin with what is here."""
        self.query_one(Choices).focus()
        self.query_one(Choices).highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer, unless it came with a paste."""
        if not looks_pasted(self.app):
            self.dismiss(_SIDES[event.option_index])


def about(clashes: Sequence[Clash]) -> str:
    """Return what clashes of one file are about: the one thing, or the whole review."""
    return clashes[0].what if len(clashes) == 1 else f"the review by {_reviewer(clashes[0])}"


def by_question(clashes: Sequence[Clash]) -> list[list[Clash]]:
    """Return clashes in the order in which to ask: those of one review together, every other one by itself.

    A review is one person's: half of one version and half of the other is what nobody said.
    """
    found: dict[tuple[str, str], list[Clash]] = {}
    for one in clashes:
        found.setdefault((one.path, "" if _reviewer(one) else one.what), []).append(one)
    return list(found.values())


def _reviewer(clash: Clash) -> str:
    place = place_of(clash.path)
    return place[2] if isinstance(place, tuple) and len(place) == _REVIEW else ""


def _field(clash: Clash) -> str:
    return clash.what.removeprefix("field ").removeprefix("scores.")


def _rank(clash: Clash) -> int:
    what = clash.what.removeprefix("field ").split(".")[0]
    return _ORDER.index(what) if what in _ORDER else len(_ORDER)


def described(side: Side) -> str:
    """Return a side's value in one line."""
    return clean_line(side.value)[:80] or "not there"


def _cut(side: Side) -> str:
    value = clean(side.value)
    return f"{value[:_MOST_SHOWN]} …" if len(value) > _MOST_SHOWN else value


def _source(side: Side) -> str:
    who = clean_line(side.by) or "somebody"
    when = f" · {side.at.astimezone():%d %b %Y %H:%M}" if side.at else ""
    return f"{who}{when}{f' · {side.commit[:7]}' if side.commit else ''}"


def _all_shown(where: str, names: Sequence[str], sides: Sequence[Side]) -> Content:
    latest = max(sides, key=lambda side: side.at.timestamp() if side.at else 0.0)
    lines = [Content.styled(f"{where}  {_source(latest)}", MUTED)]
    for name, side in zip(names, sides, strict=True):
        lines.append(Content.assemble((f"  {clean_line(name)}  ", MUTED), (_cut(side) or "empty", "bold")))
    if where == "here":
        lines.append(Content(""))
    return Content("\n").join(lines)


def _shown(where: str, side: Side) -> Content:
    lines = [
        Content.assemble((f"{where}  ", MUTED), (_cut(side) or "not there", "bold")),
        Content.styled(f"  {_source(side)}", MUTED),
    ]
    if side.why.strip():
        lines.append(Content(f"  {clean_line(side.why)}"))
    if where == "here":
        lines.append(Content(""))
    return Content("\n").join(lines)
