"""What a careful colleague would say of a call before it goes out.

Grave is what cannot be meant: a call that closes after its meeting begins, a quota for a field that nobody is asked.
All else is a note.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from difflib import get_close_matches

from callforth.index.reading import read_file
from callforth.model.application import Problem
from callforth.model.finding import Finding
from callforth.model.meeting import Meeting
from callforth.model.text import clean_line, counted, fold
from callforth.plaintext import call as call_file
from callforth.plaintext import layout
from callforth.plaintext.document import Document, FileUnusable, read
from callforth.plaintext.document import Path as Place
from callforth.workflow import meeting_text
from callforth.workflow.site import words
from callforth.workflow.workspace import Workspace

# What new calls hold in place of what only their team can write.
UNWRITTEN = (
    "Write here who is invited, what happens, how to apply, and by when.",
    "Tell who is invited, what happens, and by when to apply.",
)
_FIRST = {"title": "Write the meeting's title here", "place": "Town, Country", "contact": "organisers@example.org"}
_NEEDED = {
    "title": "a title",
    "starts": "a time when it begins",
    "ends": "a time when it ends",
    "seats": "a number of seats",
    "closes": "a closing date",
}
_FIELDS = (
    *_NEEDED, "series", "place", "language", "published", "contact", "profile", "fields", "questions", "criteria",
    "quotas", "review", "related", "import",
)  # fmt: skip
_INNER = {
    "fields": ("name", "label", "required", "identity", "choices"),
    "questions": ("id", "text", "required", "parent"),
    "criteria": ("id", "text", "scale", "weight"),
    "quotas": ("field", "value", "least", "most"),
    "review": ("each", "blind", "fields"),
}
_YES_OR_NO = ("required", "identity", "blind")
_TO_APPLY = timedelta(days=14)
_TO_DECIDE = timedelta(days=14)
_ALIKE = 0.75  # how alike a misspelt name must be, from 0 to 1
_LONGEST = timedelta(days=31)
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>.]+(\.[^\s@<>.]+)+")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a call is checked against: the meetings there are, and how many people may review."""

    meetings: tuple[str, ...]
    reviewers: int


@dataclass(frozen=True, slots=True)
class _Call:
    """A call to be checked; `document` knows its lines."""

    meeting: Meeting
    document: Document
    around: Surroundings

    def finds(self, rule: str, where: tuple[str, ...] | int, says: str, remedy: str, grave: bool = True) -> Finding:
        line = where if isinstance(where, int) else self.document.lines.get(where, 1)
        return Finding(rule, says, remedy, path=self.document.path, line=line, meeting=self.meeting.id, grave=grave)


def check(workspace: Workspace, names: Sequence[str] = ()) -> list[Finding]:
    """Return what is to be said of these meetings' calls, of all where none is named: as they are in the work tree.

    The catalog must have been refreshed. Raises `UnknownMeeting`, and `FileUnusable` where the team cannot be read: a
    call that cannot be is a finding.
    """
    there = sorted(path.parent.name for path in (workspace.root / layout.MEETINGS).glob("*/call.md"))
    found: list[Finding] = []
    for name in names:
        if name not in there:
            workspace.catalog.meeting(name)
    around = surroundings(workspace)
    for name in names or there:
        path = layout.call(name)
        try:
            found += examine(read_file(workspace.root, path), name, around)
        except FileUnusable as error:
            found.append(_unusable(error.problem, name))
    return found


def surroundings(workspace: Workspace) -> Surroundings:
    """Return what calls of a workspace are checked against. Raises `FileUnusable` where the team cannot be read."""
    team = workspace.team()
    reviewers = sum(member.decides or "reviewer" in member.roles for member in team.members)
    return Surroundings(tuple(meeting.id for meeting in workspace.catalog.meetings), reviewers)


def examine(raw: bytes, name: str, around: Surroundings) -> list[Finding]:
    """Return what is to be said of a call's bytes: what is grave first, then by line. Raises nothing."""
    path = layout.call(name)
    try:
        document = read(raw, path)
    except FileUnusable as error:
        return [_unusable(error.problem, name)]
    found = [*_missing(document), *_unmarked(document)]
    if not found:
        try:
            call = _Call(call_file.parse(raw, path, name), document, around)
            found = [one for rule in _RULES for one in rule(call)]
        except FileUnusable as error:
            found = [_unusable(error.problem, name)]
    found += _spelled(document)
    return sorted((replace(one, path=path, meeting=name) for one in found), key=lambda one: (not one.grave, one.line))


def is_address(text: str) -> bool:
    """Tell whether a text is one e-mail address."""
    return bool(_ADDRESS.fullmatch(text))


def _unusable(problem: Problem, name: str) -> Finding:
    return Finding("unreadable", problem.says, problem.remedy, path=problem.path, line=problem.line, meeting=name)


# What keeps a call from being read: all of it is told at once


def _missing(document: Document) -> Iterator[Finding]:
    for field, what in _NEEDED.items():
        if not document.data.get(field):
            line = document.lines.get((field,), 1)
            alike = get_close_matches(field, [key for key in document.data if key not in _FIELDS], 1)
            remedy = f"rename '{clean_line(alike[0])}'" if alike else f"add '{field}: …'"
            yield Finding("missing", f"the call has no '{field}', so {what} is missing", remedy, line=line)


def _unmarked(document: Document) -> Iterator[Finding]:
    seen: set[str] = set()
    for where, item in _items(document, "questions"):
        name, line = item.get("id"), document.lines.get(where, 1)
        if not name:
            says = "a question has no id, so no answer can be marked as its own"
            yield Finding("question-mark", says, "add 'id: a-word' to it", line=line)
        elif isinstance(name, str) and name in seen:
            says = f"the id '{clean_line(name)}' marks two questions, so their answers could not be told apart"
            yield Finding("question-mark", says, "give this one another", line=line)
        seen.add(str(name))


def _items(document: Document, field: str) -> Iterator[tuple[Place, Mapping[str, object]]]:
    """Iterate over the mappings of a field, with their places: one, or those of a list."""
    value = document.data.get(field)
    listed = [((field, str(at)), one) for at, one in enumerate(value)] if isinstance(value, list) else []
    yield from ((where, item) for where, item in (((field,), value), *listed) if isinstance(item, dict))


def _spelled(document: Document) -> Iterator[Finding]:
    """Iterate over names of fields that were meant to be others, and answers that are neither yes nor no."""
    inner = [(where, item, known) for field, known in _INNER.items() for where, item in _items(document, field)]
    for where, item, known in ((), document.data, _FIELDS), *inner:
        unused = [key for key in known if key not in item]
        for key, value in item.items():
            line = document.lines.get((*where, key), 1)
            alike = get_close_matches(key, unused, 1, _ALIKE) if key not in known else []
            if alike and (where or alike[0] not in _NEEDED):  # what is needed and missing was said to be
                says = f"'{clean_line(key)[:40]}' is no field of {where[0] if where else 'calls'}, and is not read"
                yield Finding("spelling", says, f"if '{alike[0]}' is meant, rename it", line=line, grave=False)
            if where and key in _YES_OR_NO and value not in ("true", "yes", "false", "no", ""):
                says = f"'{key}' is '{clean_line(str(value))[:40]}', which is taken for no"
                yield Finding("spelling", says, "write true or false", line=line)


# When


def _times(call: _Call) -> Iterator[Finding]:
    meeting = call.meeting
    if meeting.ends <= meeting.starts:
        yield call.finds("times", ("ends",), "the meeting ends before it begins", "correct 'starts' or 'ends'")
    elif meeting.ends - meeting.starts > _LONGEST:
        days = (meeting.ends - meeting.starts).days
        yield call.finds("times", ("ends",), f"the meeting takes {days} days", "look at the months and years", False)
    if meeting.closes > meeting.starts:
        says = "the call closes after the meeting begins"
        yield call.finds("closes", ("closes",), says, "close it earlier, with time to decide and to travel")
    elif meeting.starts - meeting.closes < _TO_DECIDE:
        days = (meeting.starts - meeting.closes).days
        says = f"from the deadline to the meeting it is only {counted(days, 'day')}"
        yield call.finds("closes", ("closes",), says, "leave time to decide and to travel", False)


def _zones(call: _Call) -> Iterator[Finding]:
    for field in ("starts", "ends", "closes"):
        said = str(call.document.data[field])
        shown = clean_line(said)[:40]
        if len(said) <= len("2027-10-04"):
            says = f"'{field}' has no time, so it is taken for the first moment of the day (UTC)"
            yield call.finds("zones", (field,), says, f"write it like {shown}T23:59:00+02:00")
        elif datetime.fromisoformat(said).tzinfo is None:
            says = f"'{field}' has no time zone, so it is taken for UTC"
            yield call.finds("zones", (field,), says, f"write it like {shown}+02:00, or {shown}Z")


def _publication(call: _Call) -> Iterator[Finding]:
    meeting = call.meeting
    if not meeting.published:
        says = "the call is not published, so it is on no site"
        yield call.finds("published", 1, says, "write 'published: DAY' when it may go out", False)
        return
    published = _published(meeting)
    if published is None:
        yield call.finds("published", ("published",), "'published' is no day", "write it like 2027-08-01")
    elif published > meeting.closes.date():
        says = "the call is published after it closes"
        yield call.finds("published", ("published",), says, "correct 'published' or 'closes'")
    elif meeting.closes.date() - published < _TO_APPLY:
        says = f"people have only {counted((meeting.closes.date() - published).days, 'day')} to apply"
        yield call.finds("published", ("closes",), says, "publish it earlier, or close it later", False)


def _published(meeting: Meeting) -> date | None:
    try:
        return date.fromisoformat(meeting.published[:10])
    except ValueError:
        return None


# Who and what


def _facts(call: _Call) -> Iterator[Finding]:
    meeting = call.meeting
    if not meeting.seats:
        yield call.finds("seats", ("seats",), "there are no seats", "write how many there are")
    if not meeting.place:
        yield call.finds(
            "place", ("place",), "it is not said where the meeting is", "add 'place: Town, Country'", False
        )
    if not meeting.contact:
        says = "it is not said whom to ask"
        yield call.finds("contact", ("contact",), says, "add 'contact:' with an address of the team's", False)
    elif not is_address(meeting.contact):
        says = "'contact' is no e-mail address"
        yield call.finds("contact", ("contact",), says, "write one address", False)


def _asked(call: _Call) -> Iterator[Finding]:
    fields = {field.name: field for field in call.meeting.fields}
    for name in ("name", "email"):
        if name not in fields or not fields[name].required:
            says = f"applicants need not say their '{name}'"
            remedy = f"add the field '{name}' with 'required: true': letters need it"
            yield call.finds("fields", ("fields",), says, remedy, False)
    for name in _twice(field.name for field in call.meeting.fields):
        yield call.finds("fields", ("fields",), f"the field '{name}' stands twice", "keep one of them")
    for number, field in enumerate(call.meeting.fields):
        written = {fold(choice): choice for choice in field.choices}
        for choice in _twice(map(fold, field.choices)):
            says = f"the choice '{written[choice]}' of '{field.name}' stands twice"
            yield call.finds("fields", ("fields", str(number), "choices"), says, "keep one of them")
    if not call.meeting.questions:
        yield call.finds("questions", ("questions",), "nothing is asked", "add questions to choose by")
    seen: dict[str, str] = {}
    for question in call.meeting.questions:
        wording = fold(question.ask)
        if wording in seen:
            says = f"the questions '{seen[wording]}' and '{question.id}' ask the same"
            yield call.finds("questions", ("questions",), says, "reword one of them, or take it out")
        seen[wording] = question.id


def _twice(names: Iterable[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)


def _judged(call: _Call) -> Iterator[Finding]:
    meeting = call.meeting
    if meeting.reviews_each and not meeting.criteria:
        yield call.finds("criteria", ("review",), "reviews have nothing to score", "add 'criteria:'", False)
    for name in _twice(criterion.id for criterion in meeting.criteria):
        says = f"the id '{name}' is of two criteria, so their scores could not be told apart"
        yield call.finds("criteria", ("criteria",), says, "give one of them another")
    if meeting.criteria and not any(criterion.weight for criterion in meeting.criteria):
        yield call.finds("criteria", ("criteria",), "no criterion has a weight, so there is no score", "weigh one")
    if meeting.reviews_each > call.around.reviewers:
        says = f"each application needs {meeting.reviews_each} reviews, and {call.around.reviewers} may review"
        yield call.finds(
            "review", ("review", "each"), says, f"ask for fewer, or add reviewers to {layout.CONFIG}", False
        )


def _quotas(call: _Call) -> Iterator[Finding]:
    fields = {field.name: field for field in call.meeting.fields}
    seats = call.meeting.seats
    least: Counter[str] = Counter()
    for number, quota in enumerate(call.meeting.quotas):
        where = ("quotas", str(number))
        if quota.field not in fields:
            says = f"a quota is for '{quota.field}', which nobody is asked"
            yield call.finds("quotas", where, says, "add it to 'fields', or correct the quota")
        elif quota.value and fields[quota.field].choices and quota.value not in fields[quota.field].choices:
            says = f"a quota is for '{quota.value}', which is no choice of '{quota.field}'"
            yield call.finds("quotas", where, says, "write it as the choice is written")
        if quota.least is not None and quota.most is not None and quota.least > quota.most:
            yield call.finds("quotas", where, "a quota's least is more than its most", "correct one of them")
        if (quota.least or 0) > seats:
            yield call.finds("quotas", where, "a quota asks for more than there are seats", "lower it, or add seats")
        elif quota.value:
            least[quota.field] += quota.least or 0
    too_many = [name for name, many in least.items() if many > seats]
    for name in too_many:
        says = f"the quotas for '{name}' ask for at least {least[name]} of {counted(seats, 'seat')}"
        yield call.finds("quotas", ("quotas",), says, "nobody fills two of them: lower them, or add seats")
    if not too_many and least.total() > seats:
        says = f"together, quotas ask for at least {least.total()} of {seats} seats"
        yield call.finds(
            "quotas", ("quotas",), says, "a person may fill several; if that is not meant, lower them", False
        )
    for name, field in fields.items():
        most = [_most(call.meeting, name, choice) for choice in field.choices if field.required]
        if most and sum(most) < seats:
            says = f"the quotas for '{name}' leave at most {sum(most)} of {seats} seats to be filled"
            yield call.finds("quotas", ("quotas",), says, "raise them, or take seats out", False)


def _most(meeting: Meeting, field: str, choice: str) -> int:
    """Return how many seats people with one choice may have."""
    limits = [one.most for one in meeting.quotas if one.field == field and one.value in ("", choice)]
    return min([limit for limit in limits if limit is not None], default=meeting.seats)


def _related(call: _Call) -> Iterator[Finding]:
    for number, name in enumerate(call.meeting.related):
        if name not in call.around.meetings:
            says = f"the related meeting '{name}' is not here"
            yield call.finds("related", ("related", str(number)), says, "correct its name, or take it out", False)


def _words(call: _Call) -> Iterator[Finding]:
    meeting = call.meeting
    for field, text in _FIRST.items():
        if call.document.data.get(field) == text:
            says = f"'{field}' is still what a new workspace's call begins with"
            yield call.finds(field, (field,), says, "write the meeting's own", False)
    if not meeting.text.strip() or any(text in meeting.text.split("\n") for text in UNWRITTEN):
        yield call.finds("text", 1, "the call's text is not written yet", "write it", False)
        return
    heading = re.match(r"\s*# (.+)", meeting.text)
    if heading and fold(clean_line(heading[1])) != fold(meeting.title):
        yield call.finds("text", ("title",), "the text's heading is not the title", "make them the same", False)


def _deadline(call: _Call) -> Iterator[Finding]:
    """The text names the last day to apply as people do, or else it names other days before the meeting."""
    meeting = call.meeting
    closing = {meeting.closes.date(), (meeting.closes - timedelta(minutes=1)).date()}
    begins, ends, since = meeting.starts.date(), meeting.ends.date(), _published(meeting)
    dates = meeting_text.days(meeting.text, meeting.language, meeting.closes.date())
    others = [one for one in dates if not any(begins <= day <= ends for day in one.days)]
    said = [one for one in others if one.last]
    if not said and not any(closing.intersection(one.days) for one in others):
        between = [one.days[0] for one in others if since and since < one.days[0] < begins]
        if between:
            says = f"the text names {words.day(min(between))}, and not the day on which the call closes"
            yield call.finds("text", ("closes",), says, "correct the one that is wrong, or name that day too", False)
    elif said and not any(closing.intersection(one.days) for one in said):
        says = f"the text says by {words.day(min(one.days[0] for one in said))}, and 'closes' another day"
        yield call.finds("text", ("closes",), says, "correct the one that is wrong", False)


_RULES: tuple[Callable[[_Call], Iterator[Finding]], ...] = (
    _times,
    _zones,
    _publication,
    _facts,
    _asked,
    _judged,
    _quotas,
    _related,
    _words,
    _deadline,
)
