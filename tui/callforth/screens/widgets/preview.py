"""The application under the cursor: who, answers, reviews, history. An applicant's text is only ever text."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from callforth.model import person
from callforth.model.application import Application, Problem
from callforth.model.decision import Entry
from callforth.model.review import Review
from callforth.plaintext.application import answers
from callforth.screens.engine import Beside, Listed
from callforth.screens.themes import MUTED

# Laying out more than this at once would freeze the screen; the file itself is one key (e) away.
_MOST_SHOWN = 60_000


class Preview(VerticalScroll, inherit_bindings=False):
    """One application as text, scrolling by the main screen's keys."""

    id_shown = ""
    past = False  # what is shown is as it was: nothing can be done about it

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = Static("", markup=False)

    def compose(self) -> ComposeResult:
        """One block of text."""
        yield self._text

    def say(self, title: str, text: str) -> None:
        """Show a sentence in place of an application."""
        self.border_title = Content(title)
        self._text.update(Content.styled(text, MUTED))

    def show(self, row: Listed | None, beside: Beside | None, history: Sequence[Entry] | None) -> None:
        """Show a row; its `history` may come later."""
        if row is None:
            self.border_title, content = "", Content.styled("Nothing is found. esc clears the search.", MUTED)
        elif isinstance(row, Problem):
            self.border_title, content = Content(row.path), _problem(row, self.past)
        elif beside is None or isinstance(beside.application, Problem):
            self.border_title = Content(person.name(row))
            content = Content()
            if beside and isinstance(beside.application, Problem):
                content = _problem(beside.application, self.past)
        else:
            self.border_title = Content(person.name(row))
            content = Content("\n").join(_lines(beside.application, beside, history, row.score, self.past))
        self._text.update(content)


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
    row: Application, beside: Beside, history: Sequence[Entry] | None, score: float | None, past: bool
) -> list[Content]:
    who = row.applicant
    shown = ("role", "organisation", "country")
    lines = [
        Content.assemble((row.status, "bold"), f" · {row.id}"),
        Content(" · ".join(who[name] for name in shown if who.get(name))),
        Content.styled(person.email(row), MUTED),
        Content(f"received {row.received:%d %b %Y %H:%M}{_reviewed(beside, score)}"),
    ]
    others = {**{k: v for k, v in who.items() if k not in (*shown, "name", "email")}, **row.extra}
    lines += [Content(f"{name}: {value}") for name, value in others.items() if value]
    if row.tags:
        lines.append(Content.assemble("tags ", ("  ".join(row.tags), "$accent")))
    lines += [_noted(f"has been here before: {a.meeting} ({a.status})") for a in beside.elsewhere]
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


def _reviewed(beside: Beside, score: float | None) -> str:
    count = sum(review.counts for review in beside.reviews)
    if not count:
        return ""
    return f" · {count} review{'s' if count > 1 else ''}" + (f" · ▲ {score:.1f}" if score is not None else "")


def _noted(text: str) -> Content:
    return Content.styled(f"◆ {text}", "$warning")


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
        did = " ".join(entry.tags) or "edited"
    unsaid = "" if entry.recorded or entry.before is None else "  (no record)"
    line = Content.assemble((f"{entry.at:%d %b %y}  ", MUTED), (did, "bold"), f"{unsaid}  ", (entry.by.name, MUTED))
    if entry.reason:
        line = line.append(Content(f"\n           {' '.join(entry.reason.split())}"))
    return line
