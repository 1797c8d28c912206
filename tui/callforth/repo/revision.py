"""Finding the commit that a person means, by a revision or a date; and the repository as it stood there.

Nothing that `git replace` would show in place of a commit is looked at: how it was is how it was committed.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from callforth.errors import UsageError
from callforth.model.text import clean_line
from callforth.repo import stored
from callforth.repo.repository import NotWritable, Repository, moment

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?")
_AGO = re.compile(r"-(\d{1,4})([dw])|(\d{1,4}) (day|week)s? ago", re.IGNORECASE)
_TIME = re.compile(r"[T ](\d{2}:\d{2})(:\d{2}(?:[.,]\d+)?)? ?(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE)
_HEAD = re.compile(rb"^Head: ([0-9a-f]{40}|[0-9a-f]{64})$", re.MULTILINE)
_COMMITTED = re.compile(rb"^committer .*> (-?\d+) ([+-]\d{4})$", re.MULTILINE)
_MOST_TAGS = 10  # a tag on a tag on a tag …


class UnknownRevision(UsageError):
    """What was given is neither a date nor anything that names a commit."""


class NothingYet(UsageError):
    """Nothing was committed yet at that time."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit, and when it was made: its committer's time, aware."""

    commit: str
    at: datetime

    @property
    def says(self) -> str:
        """The moment for a person: `22 Aug 2022 14:10, commit 7d1e0a2`."""
        return f"{self.when}, commit {self.commit[:7]}"

    @property
    def when(self) -> str:
        """When it was made, for a person: `22 Aug 2022 14:10`."""
        return shown(self.at)


def shown(at: datetime) -> str:
    """Return an aware time as a person reads it: `22 Aug 2022 14:10`, with its zone where that is not the one here."""
    zone = ""
    with suppress(ValueError, OverflowError, OSError):
        zone = "" if at.astimezone().utcoffset() == at.utcoffset() else f"{at: %z}"
    return f"{at.day} {at:%b %Y %H:%M}{zone}"


def find(repository: Repository, said: str) -> Revision:
    """Return the commit that a date, or whatever git takes for a commit, stands for.

    What looks like a date is one (`2022-08-20`, `2022-08-20 14:30`, with or without seconds and a zone): it stands for
    the last commit on the line of first parents that was not made later. What it leaves open counts to its end: the
    day, or the minute. What names no commit may count days back (`yesterday`, `-3d`, `2 weeks ago`). A seal stands for
    the commit that its `Head:` names. Raises `UnknownRevision`, `NothingYet`.
    """
    text = said.strip()
    if _DATE.fullmatch(text):
        return _by(repository, text, _end_of(text))
    named = _named(repository, text)
    if named is None and (day := _days_ago(text)) is not None:
        return _by(repository, text, _end_of(day))
    if named is None:
        what = clean_line(said)[:60]
        raise UnknownRevision(
            f"'{what}' is no revision and no date; give a commit, a branch, a tag, or a date like 2022-08-20"
        )
    return named


def _by(repository: Repository, text: str, end: float) -> Revision:
    """Return the last commit on the first parents' line that was made by `end`, in Unix seconds."""
    head = repository.head()
    if head is None:
        raise NothingYet("nothing is committed yet, so there is nothing to look back at")
    if end >= time.time():
        return at_commit(repository, head)
    arguments = ("--no-replace-objects", "rev-list", "--first-parent", "--timestamp", head)
    lines = repository.git.run(*arguments, doing="read the history")[1].decode().splitlines()
    for line in lines:
        seconds, commit = line.split(" ")
        if int(seconds) <= end:
            return at_commit(repository, commit)
    first = at_commit(repository, lines[-1].split(" ")[1])
    raise NothingYet(f"nothing was committed by {clean_line(text)}; the first commit is of {shown(first.at)}")


def _end_of(text: str) -> float:
    """Return the last second of what a date names, in Unix seconds. Raises `UnknownRevision`."""
    day, rest = text[:10], text[10:]
    clock = _TIME.fullmatch(rest) if rest else None
    try:
        if rest and clock is None:
            raise ValueError
        zone = (clock[3] or "").upper() if clock else ""
        whole = f"{day}T{clock[1]}{(clock[2] or '').replace(',', '.')}" if clock else day
        first = datetime.fromisoformat(f"{whole}{zone}")
    except ValueError:
        raise UnknownRevision(
            f"'{clean_line(text)[:60]}' is not a date; write it like 2022-08-20 or '2022-08-20 14:30'"
        ) from None
    span = timedelta(days=1) if clock is None else timedelta(seconds=0 if clock[2] else 60)
    try:
        # Added before the zone is: a day on which clocks change ends at midnight too.
        return (first + span).timestamp() - (1 if span else 0)
    except (OverflowError, ValueError, OSError):
        return float("inf") if first.year > 5000 else float("-inf")


def _days_ago(text: str) -> str | None:
    """Return the date that `yesterday`, `-3d` or `2 weeks ago` means today, or None where the text means none."""
    match = _AGO.fullmatch(text)
    days = {"today": 0, "yesterday": 1}.get(text.lower())
    if match:
        days = int(match[1] or match[3]) * (7 if (match[2] or match[4]).lower().startswith("w") else 1)
    return None if days is None else (date.today() - timedelta(days=days)).isoformat()


def _named(repository: Repository, text: str) -> Revision | None:
    """Return the commit that git, or a seal, knows by a name, or None."""
    if not text or "\n" in text or "\0" in text:
        return None
    # The first form tells commits from other objects whose ids begin alike.
    for name in (f"{text}^{{commit}}", text):
        found = _object(repository, name)
        for _ in range(_MOST_TAGS):
            if found is None or found[1] != "tag":
                break
            target, sealed = re.match(rb"object ([0-9a-f]+)\ntype (\w+)\n", found[2]), _HEAD.search(found[2])
            if target is None:
                return None
            found = _object(repository, ((sealed if target[2] == b"blob" else target) or target)[1].decode())
        if found is not None and found[1] == "commit":
            return _made(found[0], found[2])
    return None


def at_commit(repository: Repository, commit: str) -> Revision:
    """Return a commit, by its whole id, with its time. Raises `UnknownRevision` where it is not there."""
    found = _object(repository, commit)
    if found is None or found[1] != "commit":
        raise UnknownRevision(f"the commit {commit[:12]} is not here any more; fetch it, or choose another")
    return _made(commit, found[2])


def _made(commit: str, data: bytes) -> Revision:
    head = data.split(b"\n\n", 1)[0]
    made = _COMMITTED.search(head)
    at = datetime.fromtimestamp(0, UTC)
    if made is not None:
        for zone in (made[2].decode(), "+0000"):
            with suppress(ValueError, OverflowError, OSError):
                at = moment(int(made[1]), zone)
                break
    return Revision(commit, at)


def _object(repository: Repository, name: str) -> tuple[str, str, bytes] | None:
    """Return `(id, type, bytes)` of an object, as it was stored, or None."""
    [found] = stored.read(repository.git, [name])
    return found[:3] if found else None


def seals(repository: Repository) -> list[tuple[str, Revision]]:
    """Return the seals whose commit is here, by name, the newest first. Raises `GitFailed`."""
    arguments = ("for-each-ref", "--format=%(refname:strip=2)", "refs/tags/seal/")
    names = repository.git.text(*arguments, doing="list the seals").split()
    found = ((name, _named(repository, f"refs/tags/{name}")) for name in sorted(names, reverse=True))
    return [(name, revision) for name, revision in found if revision is not None]


class AsOf(Repository):
    """The repository at `root` as if its HEAD stood at a commit. Nothing can be written from there."""

    def __init__(self, root: Path, interactive: bool, commit: str) -> None:
        """Raise what `Repository` does."""
        super().__init__(root, interactive)
        self._commit = commit

    def head(self) -> str | None:
        """Return the commit."""
        return self._commit

    def object(self, name: str) -> tuple[str, str, bytes] | None:
        """Return `(id, type, bytes)` of the object that `name` stands for, as it was stored, or None."""
        return _object(self, name)

    def tip(self) -> tuple[str, str]:
        """Raise `NotWritable`."""
        raise NotWritable("this is how it was; nothing can be decided there")
