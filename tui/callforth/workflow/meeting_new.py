"""A new meeting: its call is written from what it needs, checked as a colleague would, and committed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from callforth.errors import UsageError
from callforth.index.reading import read_file
from callforth.model.finding import Finding
from callforth.model.ids import is_slug
from callforth.model.meeting import Meeting
from callforth.model.text import clean_line
from callforth.plaintext import layout
from callforth.plaintext.arrival import scalar
from callforth.plaintext.document import NEWLINE, read
from callforth.repo import commit as committing
from callforth.repo.repository import Signature
from callforth.workflow import meeting_check
from callforth.workflow.change import actor
from callforth.workflow.meeting_check import Surroundings
from callforth.workflow.meeting_times import Times
from callforth.workflow.workspace import Workspace

# What one call takes over from another: what it asks, and how answers are judged.
_ASKED = ("fields", "questions", "criteria", "quotas", "review")

# What cannot be meant of the facts that were given; the rest can be put right in the file.
_REFUSED = ("unreadable", "missing", "question-mark", "times", "closes", "published", "seats")

_NOWHERE = Surroundings((), 0)

_FIELDS = """fields:
- name: name
  label: Your name
  required: true
  identity: true
- name: email
  label: Your e-mail address
  required: true
  identity: true
- name: organisation
  label: The organisation or group you work with
  identity: true
- name: role
  label: Your role there
- name: country
  label: The country you work in
  required: true
"""
_QUESTIONS = (
    ("motivation", "Why do you want to come?"),
    ("contribution", "What will you bring to the others?"),
)
_JUDGED = """criteria:
- id: fit
  text: Fits the purpose of the meeting
  scale: 1-5
  weight: 1
review:
  each: 1
  blind: false
"""


class MeetingExists(UsageError):
    """There is a meeting of this name already."""


class BadName(UsageError):
    """What was given cannot name a meeting, or a question."""


class BadContact(UsageError):
    """What was given for applicants to write to is no address."""


class Contradiction(UsageError):
    """What was said of a call does not go together."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What a new call needs: texts of one line; `questions` as `(id, wording)`, the usual two where there are none.

    `like` names a meeting whose call says what is asked; `published` is a day, '' where nobody is told yet.
    """

    title: str
    times: Times
    seats: int
    place: str = ""
    series: str = ""
    contact: str = ""
    language: str = "en"
    published: str = ""
    questions: tuple[tuple[str, str], ...] = ()
    like: str = ""


@dataclass(frozen=True, slots=True)
class New:
    """A call that was written and committed, and what a colleague would still say of it."""

    meeting: str
    path: str
    commit: str
    notes: tuple[Finding, ...]


def check_free(workspace: Workspace, name: str) -> None:
    """Raise `BadName` or `MeetingExists` where a new meeting cannot be called so."""
    if not is_slug(name):
        shown = clean_line(name)[:40]
        raise BadName(f"'{shown}' cannot name a meeting; use lower case words and hyphens, like oslo-2027")
    path = layout.call(name)
    if os.path.lexists(workspace.root / path) or workspace.repository.blob("HEAD", path) is not None:
        raise MeetingExists(f"{path} is there already; edit it, or choose another name")


def questions(said: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return `(id, wording)` of questions given as `ID=WORDING`. Raises `BadName`."""
    found: dict[str, str] = {}
    for one in said:
        name, equals, wording = (clean_line(part) for part in one.partition("="))
        if not equals or not is_slug(name) or not wording:
            shown = clean_line(one)[:40]
            raise BadName(f"'{shown}' is not ID=WORDING, as in --question 'why=Why do you want to come?'")
        if name in found:
            raise BadName(f"'{name}' is not a new id; give each question its own, which marks its answers")
        found[name] = wording
    return tuple(found.items())


def check_contact(said: str) -> None:
    """Raise `BadContact` where applicants could not write to it; that nobody is named is no mistake."""
    if said and not meeting_check.is_address(clean_line(said)):
        raise BadContact(f"'contact' is '{clean_line(said)[:40]}', which is no e-mail address; write one address")


def asks_the_usual(meeting: Meeting) -> bool:
    """Tell whether a call still asks the questions that a new one begins with, and no others."""
    return tuple((one.id, one.text) for one in meeting.questions) == _QUESTIONS


def make(workspace: Workspace, name: str, needed: Needed, signed_by: Signature | None = None) -> New:
    """Write the call of a new meeting and commit it.

    The catalog must have been refreshed. Raises `BadName`, `MeetingExists`, `UnknownMeeting` where there is none to be
    like, `Contradiction`, `BadContact`, `NotInTeam`, `NoIdentity`, `FileUnusable`, and the errors of
    `repo.commit.write`.
    """
    check_free(workspace, name)
    actor(workspace, signed_by)
    path = layout.call(name)
    asked = _asked_by(workspace, needed.like) if needed.like else ""
    found = check(needed, name, asked, meeting_check.surroundings(workspace))
    raw = render(needed, asked).encode()
    change = committing.NewCommit({path: committing.FileEdit(None, raw)}, f"Write the call of {name}\n", signed_by)
    made = committing.write(workspace.repository, [change])
    workspace.catalog.refresh()
    return New(name, path, made[0].id, tuple(found))


def check(needed: Needed, name: str = "", asked: str = "", around: Surroundings = _NOWHERE) -> list[Finding]:
    """Return what a colleague would say of a call; `asked` as for `render`. Raises `Contradiction`, `BadContact`."""
    check_contact(needed.contact)
    found = meeting_check.examine(render(needed, asked).encode(), name, around)
    wrong = next((one for one in found if one.grave and one.rule in _REFUSED), None)
    if wrong is not None:
        raise Contradiction(f"{wrong.says}; {wrong.remedy}")
    return found


def render(needed: Needed, asked: str = "") -> str:
    """Return the file of a call; `asked` are the lines that say what is asked, the usual ones where it is empty."""
    when = needed.times
    facts = {
        "title": needed.title,
        "series": needed.series,
        "starts": when.starts.isoformat(),
        "ends": when.ends.isoformat(),
        "place": needed.place,
        "language": needed.language,
        "seats": str(needed.seats),
        "published": needed.published,
        "closes": when.closes.isoformat(),
        "contact": needed.contact,
    }
    lines = [f"{field}: {_value(field, value)}".rstrip() for field, value in facts.items()]
    heading = clean_line(needed.title)
    text = f"# {heading}\n\n{meeting_check.UNWRITTEN[0]}\n"
    return "\n".join(["---", *lines, ""]) + (asked or _usual(needed.questions)) + f"---\n\n{text}"


def _value(field: str, value: str) -> str:
    # Times are of our own making, and plain in any YAML.
    line = clean_line(value)
    return scalar(line) if line and field not in ("starts", "ends", "closes") else line


def _usual(questions: Sequence[tuple[str, str]]) -> str:
    lines = ["questions:"]
    for name, wording in questions or _QUESTIONS:
        lines += [f"- id: {name}", f"  text: {scalar(wording)}", "  required: true"]
    return _FIELDS + "\n".join(lines) + "\n" + _JUDGED


def _asked_by(workspace: Workspace, name: str) -> str:
    """Return the lines of another call that say what is asked, as they stand there."""
    path = layout.call(workspace.catalog.meeting(name).id)
    raw = read_file(workspace.root, path)
    document = read(raw, path)
    lines = NEWLINE.sub("\n", raw.decode()).split("\n")
    places = sorted((document.lines[(field,)], document.ends[(field,)]) for field in _ASKED if field in document.data)
    return "".join(f"{line}\n" for first, end in places for line in lines[first - 1 : end - 1])
