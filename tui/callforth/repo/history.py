"""Walking history: every commit with the files it changed, newest first.

Fields are parted by NUL, which no message can hold, so that nothing in a message can pass for a field.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from callforth.model.decision import Actor
from callforth.repo.repository import Repository

_FIELDS = "%H%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%B%x00"
_COUNT = 8


@dataclass(frozen=True, slots=True)
class Change:
    """One file in one commit; a blob id is empty where the file was not there. `befores` has one for each parent."""

    path: str
    befores: tuple[str, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: author, author's time, whole message, and what it changed.

    A merge lists only files that differ from every parent, that is, what the merge itself decided.
    """

    id: str
    parents: tuple[str, ...]
    author: Actor
    at: datetime
    committer: Actor
    message: str
    changes: tuple[Change, ...]


def walk(repository: Repository, revision: str, paths: Sequence[str] = ()) -> Iterator[Commit]:
    """Iterate over the commits that lead to `revision` and touch `paths` (all where empty), newest first."""
    arguments = [
        "log",
        "-z",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "-c",
        "--full-history",
        f"--format={_FIELDS}",
    ]
    out = repository.git.run(*arguments, revision, "--", *paths, doing="read the history")[1]
    tokens = out.split(b"\0")
    at = 0
    while at + _COUNT <= len(tokens):
        fields = [token.decode(errors="replace") for token in tokens[at : at + _COUNT]]
        at += _COUNT
        changes: list[Change] = []
        while at < len(tokens) and (token := tokens[at].lstrip(b"\n"))[:1] in (b":", b""):
            at += 1
            if token:
                changes.append(_change(token.decode(), tokens[at].decode(errors="replace")))
                at += 1
        commit, parents, name, email, when, committer, committer_email, message = fields
        yield Commit(
            id=commit,
            parents=tuple(parents.split()),
            author=Actor(name, email),
            at=datetime.fromisoformat(when),
            committer=Actor(committer, committer_email),
            message=message,
            changes=tuple(changes),
        )


def _change(raw: str, path: str) -> Change:
    colons = len(raw) - len(raw.lstrip(":"))
    parts = raw[colons:].split(" ")
    blobs = parts[colons + 1 : 2 * colons + 2]
    known = ["" if set(blob) == {"0"} else blob for blob in blobs]
    return Change(path, tuple(known[:-1]), known[-1])
