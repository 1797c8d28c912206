"""The form of a review, beside the answers it is about: recommendation, scores, tags, remarks, conflict of interest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from callforth.errors import CallforthError
from callforth.index.rows import Row
from callforth.model.decision import Entry
from callforth.model.ids import is_tag
from callforth.model.meeting import Criterion, Meeting
from callforth.model.review import RECOMMENDATIONS, Review
from callforth.model.text import clean_line, counted
from callforth.screens.actions import bar_key
from callforth.screens.dialogs.ask import LastWord
from callforth.screens.dialogs.base import Window
from callforth.screens.engine import Beside
from callforth.screens.typing import looks_pasted
from callforth.screens.widgets.bars import KeyBar
from callforth.screens.widgets.fields import ROOMY, Pick, Press, Score, Tick
from callforth.screens.widgets.line import Line
from callforth.screens.widgets.preview import Preview
from callforth.screens.widgets.remarks import Remarks

LETTERS = {"accept": "a", "waitlist": "w", "decline": "d", "abstain": "b"}
_CHOICES = tuple((LETTERS[word], word) for word in RECOMMENDATIONS)
_KEYS = (
    bar_key("save", "ctrl+o", "save"),
    bar_key("save_next", "ctrl+n", "save, next one"),
    bar_key("app.focus_next", "tab", "next field"),
    bar_key("scroll(8)", "pagedown", "read on"),
    bar_key("leave", "escape", "back"),
)
_CONFLICT = "conflict of interest: I should not judge this one"
_HINTS = {
    "recommend": "a w d b, or ← →: what you recommend; the organisers decide",
    "conflict": "c or space: know them, work with them, are kin; scores then count for nothing",
    "tags": "tags that you suggest, separated by spaces; tab completes; may be left empty",
    "remarks": "what the organisers should know; an auditor may read it too; tab goes on",
    "save": "enter saves it as a commit of yours",
    "next": "enter saves it and goes on to the next one of your queue",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A review that was written, and whether to go on to the next one."""

    review: Review
    go_on: bool


class _Room(VerticalScroll, inherit_bindings=False, can_focus=False):
    """What scrolls by its fields taking the keys."""


class ReviewForm(Window[Written]):
    """Answers on the left (above, where narrow), the form on the right; `draft` is what is not saved."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o,ctrl+enter", "save", show=False, priority=True),
        Binding("ctrl+n", "save_next", show=False, priority=True),
        Binding("pagedown", "scroll(8)", show=False, priority=True),
        Binding("pageup", "scroll(-8)", show=False, priority=True),
        ("J", "scroll(3)"),
        ("K", "scroll(-3)"),
        ("enter,down", "app.focus_next"),
        ("up", "app.focus_previous"),
        *((letter, f"recommend('{word}')") for letter, word in _CHOICES),
        ("c", "conflict"),
    ]

    def __init__(
        self,
        meeting: Meeting,
        row: Row,
        beside: Beside,
        start: Review,
        written: Review | None = None,
        tags: Collection[str] = (),
        history: Callable[[], Awaitable[Sequence[Entry]]] | None = None,
        note: str = "",
    ) -> None:
        """`start` is the review as it is saved, or an empty one; `written` what was written before and not saved.

        `tags` are those in use; `history` tells what happened to the application, a moment later; `note` is what they
        should know before they begin.
        """
        super().__init__()
        self._meeting, self._row, self._beside, self._start = meeting, row, beside, start
        self._history = history
        again = "This is what you wrote before; it is not saved yet." if written is not None else ""
        self._first_words = " ".join(filter(None, (again, note)))  # in place of the first field's help, once
        self._missed: tuple[Widget | None, str] = (None, "")  # the field that something is wrong with, and what
        shown = written or start
        self._recommend = Pick(_CHOICES, shown.recommend, id="recommend")
        self._scores = [_score(one, shown) for one in meeting.criteria]
        self._conflict = Tick(_CONFLICT, shown.conflict, id="conflict")
        self._tags = Line(
            " ".join(shown.tags), placeholder="suggested tags", suggester=LastWord(tags), compact=True, id="tags"
        )
        self._remarks = Remarks(shown.remarks.strip("\n"), "remarks", id="remarks")
        # Scores by criteria that the call does not have any more stay as they are.
        here = {one.id for one in meeting.criteria}
        self._others = {name: score for name, score in shown.scores.items() if name not in here}

    def compose(self) -> ComposeResult:
        """The answers, the form, a line of help, the keys."""
        with Horizontal(id="review"):
            yield Preview(id="review-answers")
            with _Room(id="review-form"):
                yield Static(Content("I recommend to"), classes="form-title")
                yield self._recommend
                yield from self._scores
                yield self._conflict
                yield Static(Content("suggested tags"), classes="form-title")
                yield self._tags
                yield Static(Content("remarks"), classes="form-title")
                yield self._remarks
                with Horizontal(id="review-buttons"):
                    yield Press("save", id="save")
                    yield Press("save, next one", id="next")
        yield Static("", id="review-hint", classes="window-hint", markup=False)
        yield KeyBar(id="review-keys")

    def on_mount(self) -> None:
        """Show the answers, and begin with the recommendation."""
        answers, form = self.query_one(Preview), self.query_one("#review-form")
        answers.can_focus = False
        answers.show(self._row, self._beside, None)
        if self._history:
            self._show_history(self._history)
        form.border_title = Content(f"your review · {self._row.id}")
        self._recommend.focus()
        self.query_one(KeyBar).show(_KEYS)
        self._count()

    @work
    async def _show_history(self, find: Callable[[], Awaitable[Sequence[Entry]]]) -> None:
        with suppress(CallforthError):  # the answers are what it is about
            entries = await find()
            if self.is_attached:
                self.query_one(Preview).show(self._row, self._beside, entries)

    def on_resize(self, event: events.Resize) -> None:
        """Leave out what is between the fields where there is no room for it."""
        self.set_class(event.size.height < ROOMY, "-low")

    # What was written

    @property
    def draft(self) -> Review | None:
        """What stands in the form, where it is not what is saved."""
        said = self._said()
        return None if said == self._start else said

    def _said(self) -> Review:
        start = self._start
        remarks = self._remarks.text
        return Review(
            application=start.application,
            reviewer=start.reviewer,
            recommend=self._recommend.chosen,
            scores=self._others | {str(one.name): one.score for one in self._scores if one.score is not None},
            tags=tuple(self._tags.value.replace(",", " ").split()),
            conflict=self._conflict.on,
            # The newlines around remarks are the file's, not the reviewer's.
            remarks=start.remarks if remarks == start.remarks.strip("\n") else remarks,
        )

    # Help

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Say what the field is for."""
        field = event.widget
        missed, says = self._missed
        if field is missed:
            self.tell(says, error=True)
            return
        self._missed = (None, "")
        if self._first_words and field is self._recommend:
            self.tell(self._first_words)
            self._first_words = ""
        elif isinstance(field, Score):
            self.tell(f"{field.text}: {field.scale}; type it, or ← →; delete takes it away")
        else:
            self.tell(_HINTS.get(field.id or "", ""))

    def on_form_field_changed(self) -> None:
        """Count what is scored."""
        self._count()

    def _count(self) -> None:
        done = sum(one.score is not None for one in self._scores)
        said = f"{done} of {counted(len(self._scores), 'score')}" if self._scores else "no criteria in the call"
        self.query_one("#review-form").border_subtitle = Content(said)

    # Keys

    def action_recommend(self, word: str) -> None:
        """Choose a recommendation, wherever in the form one is."""
        if not looks_pasted(self.app):
            self._recommend.choose(word)

    def action_conflict(self) -> None:
        """Say that there is a conflict of interest, or that there is none."""
        if not looks_pasted(self.app):
            self._conflict.action_turn()

    def action_scroll(self, lines: int) -> None:
        """Scroll the answers, wherever in the form one is."""
        self.query_one(Preview).scroll_relative(y=lines, animate=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in a line goes on to the next field."""
        event.stop()
        self.focus_next()

    def on_press_pressed(self, event: Press.Pressed) -> None:
        """A button was pressed."""
        self._save(event.button.id == "next")

    def action_save(self) -> None:
        """Save and go back."""
        self._save(go_on=False)

    def action_save_next(self) -> None:
        """Save and go on to the next one."""
        self._save(go_on=True)

    def _save(self, go_on: bool) -> None:
        said = self._said()
        wrong = next((tag for tag in said.tags if not is_tag(tag)), None)
        if looks_pasted(self.app):
            self.tell("That came as a paste: read it, then save.", error=True)
        elif not said.recommend and not said.conflict:
            self._miss(
                self._recommend, "Say what you recommend (a w d b), or that you have a conflict of interest (c)."
            )
        elif wrong is not None:
            says = f"'{clean_line(wrong)[:40]}' is no tag; use letters, digits and hyphens, like youth-work"
            self._miss(self._tags, says)
        else:
            self.dismiss(Written(said, go_on))

    def _miss(self, field: Widget, says: str) -> None:
        """Go to a field and say what is wrong with it, in place of its help, until another one has the keys."""
        self._missed = (field, says)
        field.focus()
        self.tell(says, error=True)


def _score(criterion: Criterion, shown: Review) -> Score:
    weight = f"weight {criterion.weight:g}"
    score = shown.scores.get(criterion.id)
    return Score(criterion.id, criterion.text, criterion.least, criterion.most, weight, score)
