"""Walking history: every commit with the files it changed.

Fields are parted by NUL, which no message can hold, so that nothing in a message can pass for a field. What is walked
is what was committed: objects that `git replace` would show in place of others are not looked at.
"""

from __future__ import annotations

import math
import os
import re
import select
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, cast

from callforth.model.decision import Actor
from callforth.repo import stored
from callforth.repo.git import GitFailed
from callforth.repo.repository import Repository, moment

_FIELDS = "%H%x00%T%x00%P%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%ct%x00%B%x00"
_COUNT = 10
_LOG = (
    "--no-replace-objects",
    "log",
    "-z",
    "--raw",
    "--no-abbrev",
    "--no-renames",
    "--root",
    "-c",
    "--full-history",
    "--date=raw",
    f"--format={_FIELDS}",
)
_PAIR = re.compile(r"[0-9a-f]{40,64} [0-9a-f]{40,64}\n")
UNTRUSTING = ("-c", "core.commitGraph=false")
_LATEST = 1 << 34  # the seconds that git's commit-graph can hold
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Change:
    """One file in one commit; a blob id is empty where the file was not there. `befores` has one for each parent.

    `mode` is what the file is afterwards, as git writes it: `100644` for a plain file.
    """

    path: str
    befores: tuple[str, ...]
    after: str
    mode: str


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: its tree, author, author's time, committer's time in Unix seconds, message, and what it changed.

    A merge lists only files that differ from every parent, that is, what the merge itself decided.
    """

    id: str
    tree: str
    parents: tuple[str, ...]
    author: Actor
    at: datetime
    committer: Actor
    committed: int
    message: str
    changes: tuple[Change, ...]


def walk(repository: Repository, revision: str, paths: Sequence[str] = (), grep: str = "") -> Iterator[Commit]:
    """Iterate over the commits that lead to `revision` and touch `paths` (all where empty), newest first.

    Where there is a `grep`, only those whose message has a line that this regular expression finds.
    """
    chosen = (f"--grep={grep}",) if grep else ()
    out = repository.git.run(*_LOG, *chosen, revision, "--", *paths, doing="read the history")[1]
    parser = _Parser()
    yield from parser.feed(out)
    yield from parser.end()


def dated(seconds: int, parents: Iterable[int]) -> int:
    """Return a commit's date for ordering: its committer's time, but later than all its parents' dates.

    So the order is one of history alone, whatever clocks said, and no commit comes before one that it builds on. It is
    what git calls the corrected commit date.
    """
    said = seconds if 0 <= seconds < _LATEST else 0
    return max([said, *(parent + 1 for parent in parents)])


def graph(repository: Repository, tip: str) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Iterate over the commits that lead to `tip`, parents first: id, parents, committer's time in Unix seconds."""
    arguments = ("--no-replace-objects", "rev-list", "--topo-order", "--reverse", "--parents", "--timestamp")
    out = repository.git.run(*arguments, tip, doing="read the history")[1]
    for line in out.decode().splitlines():
        seconds, commit, *parents = line.split(" ")
        yield commit, tuple(parents), int(seconds)


def count(repository: Repository, tip: str, known: Iterable[str]) -> int:
    """Return how many commits lead to `tip` and not to `known`."""
    arguments = ("--no-replace-objects", "rev-list", "--count", "--ignore-missing", "--stdin")
    return int(repository.git.run(*arguments, doing="read the history", stdin=_revisions(tip, known))[1])


def commits(repository: Repository, tip: str, known: Iterable[str]) -> frozenset[str]:
    """Return the commits that lead to `tip` and not to `known`. Raises `GitFailed`."""
    arguments = ("--no-replace-objects", "rev-list", "--ignore-missing", "--stdin")
    found = repository.git.run(*arguments, doing="read the history", stdin=_revisions(tip, known))[1]
    return frozenset(found.decode("ascii").split())


def tree_and_time(repository: Repository, commit: str) -> tuple[str, int]:
    """Return a commit's tree, and its committer's time in Unix seconds. Raises `GitFailed`."""
    arguments = ("--no-replace-objects", "show", "--no-patch", "--format=%T %ct", commit, "--")
    tree, seconds = repository.git.text(*arguments, doing="read a commit").split()
    return tree, int(seconds)


def merge_bases(repository: Repository, tips: Sequence[str], other: str) -> list[str]:
    """Return the best common ancestors of `other` and a merge of `tips`. Raises `GitFailed`."""
    arguments = (*UNTRUSTING, "--no-replace-objects", "merge-base", "--all", other, *tips)
    return repository.git.text(*arguments, doing="find where two lines come from", fails=(1,)).split()


def leads_to(repository: Repository, commit: str, tip: str) -> bool:
    """Tell whether `tip` is `commit`, or builds on it. Raises `GitFailed`."""
    arguments = (*UNTRUSTING, "--no-replace-objects", "merge-base", "--is-ancestor", commit, tip)
    return repository.git.run(*arguments, doing="compare two commits", fails=(1, 128))[0] == 0


def edges(repository: Repository) -> str:
    """Return what says where history is cut short or grafted; while it stays, a commit's parents stay."""
    said = ""
    for name in ("shallow", "info/grafts"):
        with suppress(OSError, UnicodeDecodeError):
            said += (repository.common_dir / name).read_text()
    return said


def differences(repository: Repository, pairs: Sequence[tuple[str, str]], *paths: str) -> list[list[Change]]:
    """Return for each pair of trees the files in `paths` that differ, from the first to the second, in their order."""
    if not pairs:
        return []
    found: list[list[Change]] = []
    # One process for all: what two lines ask for is answered under a line that repeats them.
    out = repository.git.run(
        *("--no-replace-objects", "diff-tree", "--stdin", "-r", "-z", "--raw", "--no-abbrev", "--no-renames"),
        *("--", *paths),
        stdin="".join(f"{one} {other}\n" for one, other in pairs).encode(),
        doing="compare what merges brought together",
    )[1]
    raw = ""
    for token in out.split(b"\0"):
        text = token.decode(errors="replace")
        while not raw and (head := _PAIR.match(text)):
            found.append([])
            text = text[head.end() :]
        if raw:
            found[-1].append(_change(raw, text))
            raw = ""
        elif text:
            raw = text
    return found


def blobs(repository: Repository, ids: Sequence[str]) -> list[bytes | None]:
    """Return the bytes of these blobs, in this order; None for one that is not there, or no blob."""
    return _of_blobs(stored.read(repository.git, ids))


def many_blobs(repository: Repository, ids: Sequence[str]) -> list[bytes | None]:
    """Return the same as `blobs`, by a git of its own: quicker for thousands."""
    return _of_blobs(stored.read_many(repository.git, ids, "read versions of files"))


def _of_blobs(objects: Iterable[stored.Stored | None]) -> list[bytes | None]:
    return [one.data if one is not None and one.kind == "blob" else None for one in objects]


class Stream:
    """The commits that lead to `tip` and not to `known`, with what they change in `paths`: parents first, piecemeal.

    Commits that change nothing there are among them. What is known and missing by now is passed over.
    """

    def __init__(
        self, repository: Repository, tip: str, known: Iterable[str], *paths: str, trusting: bool = True
    ) -> None:
        """Where it is not `trusting`, commits are read, not what git has noted of them in its commit-graph."""
        self.tip = tip
        self.edges = edges(repository)
        self.ended = False
        self._parser = _Parser()
        with repository.git.lock:
            self._helper = repository.git.helper(
                *(() if trusting else UNTRUSTING),
                *_LOG,
                "--topo-order",
                "--reverse",
                "--sparse",
                "--ignore-missing",
                "--stdin",
            )
        stdin = cast(IO[bytes], self._helper.process.stdin)
        with suppress(BrokenPipeError):  # it ended with an error, which is told when it is read from
            stdin.write(_revisions(tip, known) + "\n".join(["--", *paths, ""]).encode())
            stdin.close()
        self._out = cast(IO[bytes], self._helper.process.stdout).fileno()
        self._poll = select.poll()
        self._poll.register(self._out, select.POLLIN)

    def take(self, until: float, most: int) -> list[Commit]:
        """Return what is there by the time `until` (of `time.monotonic`), but not many more than `most` commits.

        Sets `ended` with the last ones. Raises `GitFailed`.
        """
        found: list[Commit] = []
        while not self.ended and len(found) < most:
            left = until - time.monotonic()
            if not self._poll.poll(None if math.isinf(left) else max(0, left * 1000)):
                break
            piece = os.read(self._out, _PIECE)
            if piece:
                found += self._parser.feed(piece)
            else:
                found += self._parser.end()
                self._end()
        return found

    def close(self) -> None:
        """End git, wherever it is."""
        if not self.ended:
            self.ended = True
            self._helper.process.kill()
            self._helper.close()

    def _end(self) -> None:
        self.ended = True
        said = cast(IO[bytes], self._helper.process.stderr).read().decode(errors="replace")
        self._helper.close()
        if self._helper.process.returncode:
            raise GitFailed("read the history", said)


class _Parser:
    """Makes commits of what git's log says, in whatever pieces it comes."""

    def __init__(self) -> None:
        self._rest = b""
        self._fields: list[bytes] = []
        self._raw = b""
        self._changes: list[Change] = []

    def feed(self, piece: bytes) -> Iterator[Commit]:
        """Iterate over the commits that are known to be whole by now: each but the last."""
        tokens = (self._rest + piece).split(b"\0")
        self._rest = tokens.pop()
        for token in tokens:
            if len(self._fields) < _COUNT:
                self._fields.append(token)
            elif self._raw:
                self._changes.append(_change(self._raw.decode(), token.decode(errors="replace")))
                self._raw = b""
            elif (start := token.lstrip(b"\n"))[:1] == b":":
                self._raw = start
            elif start:
                yield self._made()
                self._fields.append(start)

    def end(self) -> Iterator[Commit]:
        """Iterate over the last commit, if there was any."""
        if len(self._fields) == _COUNT:
            yield self._made()

    def _made(self) -> Commit:
        fields = (field.decode(errors="replace") for field in self._fields)
        commit, tree, parents, name, email, at, committer, committer_email, committed, message = fields
        changes = tuple(sorted(self._changes, key=lambda change: change.path))
        self._fields, self._changes = [], []
        return Commit(
            id=commit,
            tree=tree,
            parents=tuple(parents.split()),
            author=Actor(name, email),
            at=_time(at),
            committer=Actor(committer, committer_email),
            committed=int(committed or 0),
            message=message,
            changes=changes,
        )


def _time(raw: str) -> datetime:
    """Return the time that a commit gives as `1660990320 +0200`; in UTC, or 1970, where that makes no sense."""
    seconds, _, zone = raw.partition(" ")
    for place in (zone, "+0000"):
        with suppress(ValueError, OverflowError, OSError):
            return moment(int(seconds), place)
    return datetime.fromtimestamp(0, UTC)


def _revisions(tip: str, known: Iterable[str]) -> bytes:
    return "\n".join([tip, *(f"^{commit}" for commit in known), ""]).encode()


def _change(raw: str, path: str) -> Change:
    colons = len(raw) - len(raw.lstrip(":"))
    parts = raw[colons:].split(" ")
    known = ["" if set(blob) == {"0"} else blob for blob in parts[colons + 1 : 2 * colons + 2]]
    return Change(path, tuple(known[:-1]), known[-1], parts[colons])
