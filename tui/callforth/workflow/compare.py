"""Comparing two moments of a meeting: what came in, was decided, tagged, edited or removed, and changed in the call.

Only the files that differ are read, a few at a time, so that whoever waits can watch and give up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum

from callforth.index.reading import place_of
from callforth.model import person
from callforth.model.application import Application
from callforth.model.meeting import Meeting
from callforth.model.status import Status
from callforth.model.text import clean_line
from callforth.plaintext import application as application_file
from callforth.plaintext import call as call_file
from callforth.plaintext import layout
from callforth.plaintext.document import MOST_BYTES, FileUnusable, check_size
from callforth.repo import committed
from callforth.repo.git import Git
from callforth.repo.revision import Revision, shown
from callforth.workflow.change import tag_changes

_AT_ONCE = 50
_LONG = 60


class Kind(Enum):
    """What kind of difference it is, in the order in which they are told."""

    CALL = "the call"
    NEW = "came in"
    DECIDED = "decided"
    CHANGED = "changed otherwise"
    UNUSABLE = "cannot be used"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Difference:
    """What is different about one application, or about the call: then `application` and `name` are empty."""

    kind: Kind
    application: str
    name: str
    says: str


@dataclass(frozen=True, slots=True)
class _Pair:
    """A file before and after; empty ids where it was not there."""

    path: str
    before: str
    after: str


_Said = Application | str | None
"""What a version of a file says; why it cannot be used; or None where it was not there."""


class Comparison:
    """What differs in `meeting` between two moments, as the repository has them."""

    def __init__(self, git: Git, meeting: str, before: Revision, after: Revision) -> None:
        self.meeting, self.before, self.after = meeting, before, after
        self.done, self.total = 0, 0
        self.differences: list[Difference] = []
        self._git = git
        self._steps = self._compare()

    def read_on(self) -> bool:
        """Read some more; True where that was all, and `differences` has them. Raises `GitFailed`."""
        return next(self._steps, None) is None

    def _compare(self) -> Iterator[int]:
        folder = f"{layout.MEETINGS}/{self.meeting}"
        places = (f"{layout.APPLICATIONS}/{self.meeting}", layout.call(self.meeting), f"{folder}/reviews")
        before, after = (
            {file.path: file.blob for file in committed.files(self._git, moment.commit, places) if file.is_file}
            for moment in (self.before, self.after)
        )
        pairs = [
            _Pair(path, before.get(path, ""), after.get(path, ""))
            for path in sorted(before.keys() | after.keys())
            if before.get(path) != after.get(path)
        ]
        reviews: dict[str, list[str]] = {}
        applications: list[_Pair] = []
        call: list[Difference] = []
        for pair in pairs:
            place = place_of(pair.path)
            if pair.path == layout.call(self.meeting):
                call = self._call(pair)
            elif isinstance(place, tuple) and len(place) == 3:
                reviews.setdefault(place[1], []).append(_review(pair, place[2]))
            elif isinstance(place, tuple) and len(place) == 2:
                applications.append(pair)
        self.total = len(applications)
        found: list[tuple[datetime | None, Difference]] = []
        for start in range(0, len(applications), _AT_ONCE):
            found += self._applications(applications[start : start + _AT_ONCE], reviews)
            self.done = min(start + _AT_ONCE, self.total)
            yield self.done
        found += self._reviewed(reviews)
        order = list(Kind)
        found.sort(key=lambda one: (order.index(one[1].kind), one[0] is None, one[0], one[1].application))
        self.differences = call + [difference for _, difference in found]

    def _call(self, pair: _Pair) -> list[Difference]:
        before, after = _contents(self._git, pair.path, (pair.before, pair.after))
        return [Difference(Kind.CALL, "", "", one) for one in call_changes(pair.path, self.meeting, before, after)]

    def _applications(
        self, pairs: Sequence[_Pair], reviews: dict[str, list[str]]
    ) -> Iterator[tuple[datetime | None, Difference]]:
        blobs = [blob for pair in pairs for blob in (pair.before, pair.after)]
        raws = iter(_contents(self._git, "", blobs))
        for pair in pairs:
            name = pair.path.rsplit("/", 1)[1].removesuffix(".md")
            was, now = (_parsed(pair.path, self.meeting, name, raw) for raw in (next(raws), next(raws)))
            kind, says = _change(was, now)
            one = next((one for one in (now, was) if isinstance(one, Application)), None)
            who = person.name(one) if one else ""
            more = sorted(reviews.pop(name, []))
            yield one.received if one else None, Difference(kind, name, who, " · ".join([*says, *more]))

    def _reviewed(self, reviews: dict[str, list[str]]) -> Iterator[tuple[datetime | None, Difference]]:
        """Iterate over the applications of which nothing but reviews is different."""
        paths = [layout.application(self.meeting, name) for name in reviews]
        there = {file.path: file.blob for file in committed.files(self._git, self.after.commit, paths)} if paths else {}
        for path, (name, says) in zip(paths, reviews.items(), strict=True):
            [raw] = _contents(self._git, path, [there.get(path, "")])
            one = _parsed(path, self.meeting, name, raw)
            known = one if isinstance(one, Application) else None
            difference = Difference(Kind.CHANGED, name, person.name(known) if known else "", " · ".join(sorted(says)))
            yield known.received if known else None, difference


def call_changes(path: str, meeting: str, before: bytes | str | None, after: bytes | str | None) -> list[str]:
    """Return what became of a call, field by field: `seats 25 → 30`, or `the criteria were changed`.

    A version is its file's bytes, None where there is none, or why there are no bytes of it.
    """
    was, now = (_parsed_call(path, meeting, raw) for raw in (before, after))
    if isinstance(now, str):
        return [f"cannot be used: {now}"]
    if now is None:
        return ["removed"]
    if was is None:
        return [f"written; {now.seats} seats, closes {shown(now.closes)}"]
    return ["can be used again"] if isinstance(was, str) else _fields_changed(was, now)


def _parsed_call(path: str, meeting: str, raw: bytes | str | None) -> Meeting | str | None:
    if not isinstance(raw, bytes):
        return raw
    try:
        return call_file.parse(raw, path, meeting)
    except FileUnusable as error:
        return error.problem.says


def _fields_changed(was: Meeting, now: Meeting) -> list[str]:
    found: list[str] = []
    for field in fields(Meeting):
        before, after = getattr(was, field.name), getattr(now, field.name)
        if before == after:
            continue
        name = field.name.replace("_", " ")
        if isinstance(after, datetime):
            found.append(f"{name} {shown(before)} → {shown(after)}")
        elif isinstance(after, tuple) or field.name == "text":
            found.append(f"the {name} {'was' if field.name in ('text', 'profile') else 'were'} changed")
        else:
            found.append(f"{name} {_short(before)} → {_short(after)}")
    return found or ["edited"]


def _short(value: object) -> str:
    text = clean_line(str(value)) or "nothing"
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


def _change(was: _Said, now: _Said) -> tuple[Kind, list[str]]:
    """Return what kind of change it is from one version of an application to another, and what to say of it."""
    if isinstance(now, str):
        return Kind.UNUSABLE, [now]
    if now is None:
        return Kind.REMOVED, [f"was {was.status}"] if isinstance(was, Application) else ["could not be used"]
    if was is None:
        said = [] if now.status is Status.RECEIVED else [f"{now.status} by now"]
        return Kind.NEW, [*said, *([" ".join(f"+{tag}" for tag in now.tags)] if now.tags else [])]
    if isinstance(was, str):
        return Kind.CHANGED, [f"can be used again: {now.status}"]
    tags = " ".join(tag_changes(was.tags, now.tags))
    edited = any(getattr(was, name) != getattr(now, name) for name in ("received", "applicant", "source", "extra"))
    said = [
        *([tags] if tags else []),
        *(["answers edited"] if was.body != now.body else []),
        *(["fields edited"] if edited else []),
        *([f"told ({now.informed})" if now.informed else "not told any more"] if was.informed != now.informed else []),
    ]
    if was.status is not now.status:
        return Kind.DECIDED, [f"{was.status} → {now.status}", *said]
    return Kind.CHANGED, said or ["edited"]


def _review(pair: _Pair, reviewer: str) -> str:
    did = "" if not pair.before else " taken back" if not pair.after else " changed"
    return f"review by {reviewer}{did}"


def _parsed(path: str, meeting: str, name: str, raw: bytes | str | None) -> _Said:
    if not isinstance(raw, bytes):
        return raw
    try:
        return application_file.parse(raw, path, meeting, name)
    except FileUnusable as error:
        return error.problem.says


def _contents(git: Git, path: str, blobs: Sequence[str]) -> list[bytes | str | None]:
    """Return the bytes of versions of files, or why there are none; None for a version that has no id."""
    found = iter(committed.contents(git, [blob for blob in blobs if blob], MOST_BYTES))
    return [_usable(next(found), path) if blob else None for blob in blobs]


def _usable(content: committed.Content, path: str) -> bytes | str:
    if content.size < 0:
        return "git has not got this version of the file"
    try:
        check_size(content.size, path)
    except FileUnusable as error:
        return error.problem.says
    return content.data
