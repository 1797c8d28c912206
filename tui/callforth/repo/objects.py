"""Objects on the way to a commit: the trees along a path, and storing what is new through git."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from callforth.repo import trees
from callforth.repo.durable import CannotWrite
from callforth.repo.git import GitFailed, Helper
from callforth.repo.repository import Repository

_SIDE_BY_SIDE = 3
_FEW = 4


@dataclass(frozen=True, slots=True)
class Base:
    """An earlier version of an object: its id and size, and how many bytes at its head and tail are the same still."""

    id: str
    size: int
    head: int
    tail: int


@dataclass(frozen=True, slots=True)
class NewObject:
    """A blob, a tree or a commit that is not stored yet; its id is known from its bytes."""

    id: str
    kind: str
    data: bytes
    base: Base | None = None

    @classmethod
    def of(cls, repository: Repository, kind: str, data: bytes, base: Base | None = None) -> NewObject:
        """Return the object of this kind with these bytes."""
        return cls(repository.object_id(kind, data), kind, data, base)


class Folder:
    """A tree on the way to a commit: loaded where a path leads through it, written where it changed."""

    def __init__(self, repository: Repository, data: bytes) -> None:
        self._repository = repository
        self._data = data
        self._below: dict[bytes, Folder | None] = {}
        self._changed: set[bytes] = set()
        self._waiting: dict[bytes, trees.TreeEntry] = {}  # to be put in with the next `write`
        self._looked = 0
        self._starts: dict[bytes, int] | None = None
        self._base: Base | None = None  # what was written last

    @classmethod
    def load(cls, repository: Repository, name: str) -> Folder:
        """Return the tree that `name` stands for, an empty one where there is none; `name` has a whole id."""
        data = repository.trees.get(name)
        if data is None:
            found = repository.object(name)
            data = found[2] if found and found[1] == "tree" else b""
        return cls(repository, data)

    def remember(self, commit: str) -> None:
        """Let the next commit, on top of this one, find the trees that are known here without asking git."""
        self._repository.trees.clear()
        self._repository.trees[f"{commit}^{{tree}}"] = self._data
        for name, below in self._below.items():
            if below is not None:
                below._remember_as(self._oid(name))

    def _remember_as(self, tree: str) -> None:
        self._repository.trees[tree] = self._data
        for name, below in self._below.items():
            if below is not None:
                below._remember_as(self._oid(name))

    def _oid(self, name: bytes) -> str:
        entry = self._entry(name)
        return entry.oid.hex() if entry else ""

    def blob(self, path: Sequence[bytes]) -> str | None:
        """Return the id of the file at a path, or None."""
        if len(path) > 1:
            below = self._sub(path[0])
            return below.blob(path[1:]) if below else None
        entry = self._entry(path[0])
        return entry.oid.hex() if entry and not entry.is_folder else None

    def put(self, path: Sequence[bytes], blob: str) -> None:
        """Put a file at a path; its mode stays, a new one is a plain file."""
        name = path[0]
        if len(path) > 1:
            below = self._sub(name) or Folder(self._repository, b"")
            self._below[name] = below
            self._changed.add(name)
            below.put(path[1:], blob)
            return
        entry = self._entry(name)
        mode = entry.mode if entry and entry.mode.startswith(b"100") else b"100644"
        self._waiting[name] = trees.TreeEntry(mode, name, bytes.fromhex(blob))

    def write(self, new: list[NewObject]) -> str:
        """Add this tree, and those below it that changed, to `new`; return its id."""
        for name in sorted(self._changed):
            below = self._below[name]
            if below is not None:
                self._waiting[name] = trees.TreeEntry(b"40000", name, bytes.fromhex(below.write(new)))
        self._changed.clear()
        self._put_in()
        new.append(NewObject.of(self._repository, "tree", self._data, self._base))
        size = len(self._data)
        self._base = Base(new[-1].id, size, size, size)
        return new[-1].id

    def _start(self, name: bytes) -> int | None:
        self._looked += 1
        if self._starts is None and self._looked > _FEW:
            self._starts = trees.starts(self._data, self._repository.oid_size)
        if self._starts is None:
            return trees.start(self._data, name, self._repository.oid_size)
        return self._starts.get(name)

    def _entry(self, name: bytes) -> trees.TreeEntry | None:
        if name in self._waiting:
            return self._waiting[name]
        at = self._start(name)
        return None if at is None else trees.entry(self._data, at, self._repository.oid_size)

    def _put_in(self) -> None:
        if len(self._waiting) <= _FEW:
            for entry in self._waiting.values():
                self._put(entry)
        else:  # to splice each in takes as long as there are others, each time
            self._data = trees.joined(self._data, self._waiting, self._repository.oid_size)
            self._starts = self._base = None
        self._waiting.clear()

    def _put(self, entry: trees.TreeEntry) -> None:
        before = self._data
        at = self._start(entry.name)
        self._data, head, tail = trees.replaced(before, entry, self._repository.oid_size, at)
        if at is None or len(self._data) != len(before):
            self._starts = None
        if self._base is not None:
            base = self._base
            self._base = Base(base.id, base.size, min(base.head, head), min(base.tail, tail))

    def _sub(self, name: bytes) -> Folder | None:
        if name not in self._below:
            entry = self._entry(name)
            folder = entry is not None and entry.is_folder
            self._below[name] = Folder.load(self._repository, entry.oid.hex()) if entry and folder else None
        return self._below[name]


class Storing:
    """Objects that git is storing, and checking, while something else is done; `end` waits for it.

    All are asked for at once, so that they reach the disk together. The workspace's lock and git's must be held from
    beginning to end.
    """

    def __init__(self, repository: Repository, objects: Sequence[NewObject]) -> None:
        """Raise `CannotWrite`, `GitFailed`."""
        self._repository = repository
        self._scratch = [repository.private / f"object.{number}" for number in range(len(objects))]
        self._asked: list[tuple[str | None, Helper]] = []
        try:
            for number, one in enumerate(objects):
                try:
                    self._scratch[number].write_bytes(one.data)
                except OSError as error:
                    raise CannotWrite(self._scratch[number], error) from None
                command = ("hash-object", "-t", one.kind, "-w", "--no-filters", "--stdin-paths")
                self._ask(repository.git.helper(*command, number=number % _SIDE_BY_SIDE), self._scratch[number], one.id)
        except BaseException:
            self.drop()
            raise

    def end(self, file: str | None = None) -> str | None:
        """Store the file at a path of the work tree too, through its filters; return its blob's id, None without one.

        Raises `GitFailed`.
        """
        try:
            if file is not None:
                self._ask(self._repository.git.helper("hash-object", "-w", "--stdin-paths"), file, None)
        finally:
            answers, failed = self._answers()
        if failed:
            raise GitFailed("store the change", failed[0].stderr)
        if any(wanted not in (None, stored) for wanted, stored in answers):
            raise AssertionError("git gave an object another id than its bytes have")
        return answers[-1][1] if file is not None else None

    def drop(self) -> None:
        """Wait for what was asked, whatever comes of it; nothing where that is over."""
        self._answers()

    def _ask(self, helper: Helper, path: Path | str, wanted: str | None) -> None:
        helper.send(_line(str(path)))
        self._asked.append((wanted, helper))

    def _answers(self) -> tuple[list[tuple[str | None, str]], list[GitFailed]]:
        answers: list[tuple[str | None, str]] = []
        failed: list[GitFailed] = []
        # What was asked must be answered, or the next question would get this one's answer.
        for wanted, helper in self._asked:
            try:
                answers.append((wanted, helper.line()))
            except GitFailed as error:
                failed.append(error)
        self._asked.clear()
        for path in self._scratch:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        self._scratch.clear()
        return answers, failed


def store(repository: Repository, objects: Sequence[NewObject], file: str | None = None) -> str | None:
    """Store these, and the file at a path of the work tree, as `Storing` does."""
    return Storing(repository, objects).end(file)


def filtered(repository: Repository, path: str, data: bytes) -> str:
    """Store bytes as git would a file's at this path, through its filters; return the blob's id. Raises `GitFailed`."""
    command = ("hash-object", "-w", "--stdin", f"--path={path}")
    return repository.git.run(*command, stdin=data, doing="store a file")[1].decode().strip()


def _line(path: str) -> str:
    return path if path.isprintable() and not path.startswith('"') else quoted(path)


def quoted(path: str) -> str:
    """Return a path in quotes, as git reads one whatever is in it."""
    signs = (f"\\{byte:03o}" if not 32 <= byte < 127 or byte in b'"\\' else chr(byte) for byte in os.fsencode(path))
    return f'"{"".join(signs)}"'
