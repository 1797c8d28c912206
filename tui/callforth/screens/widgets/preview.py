"""The application under the cursor: who, answers, reviews, history. An applicant's text is only ever text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from callforth.index.rows import Row
from callforth.model import person, scores
from callforth.model.application import Application, Problem
from callforth.model.decision import Entry
from callforth.model.review import Review
from callforth.model.status import Status
from callforth.model.text import counted
from callforth.plaintext.application import answers
from callforth.screens.engine import Beside, Listed
from callforth.screens.themes import MUTED
from callforth.screens.widgets.applications import APPLIED, TOOK_PART, ApplicationList

# Laying out more than this at once would freeze the screen; the file itself is one key (e) away.
_MOST_SHOWN = 60_000


class Preview(VerticalScroll, inherit_bindings=False):
    """One application as text, scrolling by the main screen's keys."""

    id_shown = ""
    past = False  # what is shown is as it was: nothing can be done about it
    places: Mapping[str, str] = MappingProxyType({})  # the meetings in a word, as a header shows them

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = Static("", markup=False)

    def compose(self) -> ComposeResult:
        """One block of text."""
        yield self._text

    def on_focus(self) -> None:
        """Tell what the keys do while one reads."""
        self._tell()

    def on_blur(self) -> None:
        """The keys are elsewhere."""
        self.border_subtitle = ""

    def on_resize(self) -> None:
        """Tell as much as there is room for."""
        if self.has_focus:
            self._tell()

    def _tell(self) -> None:
        listing = next(iter(self.screen.query(ApplicationList)), None)
        if listing is None or not len(listing.rows):
            return  # the answers stand beside something else
        said = ("j k scroll", "J K next, previous", f"{listing.cursor + 1} of {len(listing.rows)}")
        fitting = [" · ".join(said[start:]) for start in range(len(said))]
        self.border_subtitle = Content(next((one for one in fitting if cell_len(one) <= self.size.width), ""))

    def say(self, title: str, text: str) -> None:
        """Show a sentence in place of an application."""
        self.border_title = Content(title)
        self._text.update(Content.styled(text, MUTED))

    def show(self, row: Listed, beside: Beside | None, history: Sequence[Entry] | None) -> None:
        """Show a row; its `history` may come later."""
        if isinstance(row, Problem):
            self.border_title, content = Content(row.path), _problem(row, self.past)
        elif beside is None or isinstance(beside.application, Problem):
            self.border_title = Content(person.name(row))
            content = Content()
            if beside and isinstance(beside.application, Problem):
                content = _problem(beside.application, self.past)
        else:
            self.border_title = Content(person.name(row))
            lines = _lines(beside.application, beside, history, row, self.past, self.places)
            content = Content("\n").join(lines)
        self._text.update(content)
        if self.has_focus:
            self._tell()


def _problem(problem: Problem, past: bool) -> Content:
    if past:
        heading = Content.styled("This file could not be used then.", "bold $error")
        return heading.append(f"\n\n{problem.where}\n{problem.says}")
    return Content("\n").join(
        [
            Content.styled("This file cannot be used.", "bold $error"),
            Content(f"\n{problem.where}\n{problem.says}\n"),
            Content.assemble(("What to do: ", "bold"), problem.remedy),
            Content.styled("\ne opens it in your editor; the rest of the workspace works as usual.", MUTED),
        ]
    )


def _lines(
    row: Application,
    beside: Beside,
    history: Sequence[Entry] | None,
    listed: Row,
    past: bool,
    places: Mapping[str, str],
) -> list[Content]:
    who = row.applicant
    shown = ("role", "organisation", "country")
    lines = [
        Content.assemble((row.status, "bold"), f" · {row.id}"),
        Content(" · ".join(who[name] for name in shown if who.get(name))),
        Content.styled(person.email(row), MUTED),
        Content(f"received {row.received:%d %b %Y %H:%M}"),
        *_scored(beside, listed),
    ]
    others = {**{k: v for k, v in who.items() if k not in (*shown, "name", "email")}, **row.extra}
    lines += [Content(f"{name}: {value}") for name, value in others.items() if value]
    if row.tags:
        lines.append(Content.assemble("tags ", ("  ".join(row.tags), "$accent")))
    lines += [_elsewhere(row, one, places.get(one.meeting, one.meeting)) for one in beside.elsewhere]
    lines += [_noted(f"applied twice: see {a.id} ({a.status})") for a in beside.again]
    left, cut = _MOST_SHOWN, " … (cut here)" if past else " … (cut here; e opens the file)"
    for answer in answers(row.body):
        lines.append(Content.styled(f"\n{answer.ask or 'Without a question'}", "bold $primary"))
        lines.append(Content(answer.text[:left] + (cut if len(answer.text) > left else "")))
        left = max(0, left - len(answer.text))
    for review in beside.reviews:
        lines += _review(review)
    lines.append(Content.styled("\nhistory", "bold $primary"))
    lines += [Content("…")] if history is None else [step(entry) for entry in history]
    return lines


def _scored(beside: Beside, row: Row) -> list[Content]:
    """Return what the reviews come to, where all of them may be seen: how they disagree, spread, each criterion."""
    if beside.hidden:
        return [Content.styled("others’ reviews show once yours is saved", MUTED)]
    if not row.reviews:
        return []
    score = f" · ▲ {scores.shown(row.score)}" if row.score is not None else ""
    style = "$warning" if scores.disagree(row.recommend) else ""
    lines = [Content.assemble(f"{counted(row.reviews, 'review')}{score} · ", (scores.in_words(row.recommend), style))]
    numbers = [
        f"{sign} {scores.shown(number)} {name}"
        for sign, number, name in (("≈", row.corrected, "corrected"), ("±", row.spread, "spread"))
        if number is not None and (row.reviews > 1 or number != row.score)
    ]
    criteria = [
        f"{name} {scores.shown(part.mean)}" + (f" ± {scores.shown(part.spread)}" if part.spread is not None else "")
        for name, part in row.criteria.items()
        if row.reviews > 1  # of a single review, its own lines below say as much
    ]
    return lines + [Content.styled(" · ".join(one), MUTED) for one in (numbers, criteria) if one]


def _elsewhere(row: Application, other: Row, place: str) -> Content:
    if other.status is Status.ATTENDED:
        return _noted(f"took part in {place}", TOOK_PART)
    when = "has applied before" if other.received < row.received else "also applied"
    return _noted(f"{when}: {place} ({other.status})", APPLIED)


def _noted(text: str, sign: str = "◆") -> Content:
    return Content.styled(f"{sign} {text}", "$warning")


def _review(review: Review) -> list[Content]:
    verdict = "conflict of interest" if review.conflict else review.recommend or "not yet reviewed"
    scores = ", ".join(f"{name} {value:g}" for name, value in review.scores.items())
    head = Content.styled(f"\nreview by {review.reviewer}: {verdict}", "bold $primary")
    return [head, *([Content(scores)] if scores else []), *([Content(review.remarks)] if review.remarks else [])]


def step(entry: Entry) -> Content:
    """Return one step of a history in one line, with its reason below."""
    if entry.before is None:
        did = "came in"
    elif entry.after is None:
        did = "removed, or made unreadable"
    elif entry.is_decision:
        did = f"{entry.before} → {entry.after}{' (undo)' if entry.reverts else ''}"
    else:
        did = " ".join(entry.tags) or entry.edited_how
    unsaid = "  (no record)" if not entry.recorded and (entry.is_decision or entry.tags) else ""
    line = Content.assemble((f"{entry.at:%d %b %y}  ", MUTED), (did, "bold"), f"{unsaid}  ", (entry.by.name, MUTED))
    if entry.reason:
        line = line.append(Content(f"\n           {' '.join(entry.reason.split())}"))
    return line
