"""Objects on the way to a commit: the trees along a path, and storing what is new through git."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from callforth.repo import intent, trees
from callforth.repo.git import GitFailed, Helper
from callforth.repo.repository import Repository

_SIDE_BY_SIDE = 3


@dataclass(frozen=True, slots=True)
class NewObject:
    """A tree or a commit that is not stored yet; its id is known from its bytes."""

    id: str
    kind: str
    data: bytes

    @classmethod
    def of(cls, repository: Repository, kind: str, data: bytes) -> NewObject:
        """Return the object of this kind with these bytes."""
        return cls(repository.object_id(kind, data), kind, data)


class Folder:
    """A tree on the way to a commit: loaded where a path leads through it, written where it changed."""

    def __init__(self, repository: Repository, data: bytes) -> None:
        self._repository = repository
        self._data = data
        self._below: dict[bytes, Folder | None] = {}
        self._changed: set[bytes] = set()

    @classmethod
    def load(cls, repository: Repository, name: str) -> Folder:
        """Return the tree that `name` stands for, an empty one where there is none."""
        found = repository.object(name)
        return cls(repository, found[2] if found and found[1] == "tree" else b"")

    def blob(self, path: Sequence[bytes]) -> str | None:
        """Return the id of the file at a path, or None."""
        if len(path) > 1:
            below = self._sub(path[0])
            return below.blob(path[1:]) if below else None
        entry = trees.find(self._data, path[0], self._repository.oid_size)
        return entry.oid.hex() if entry and not entry.is_folder else None

    def put(self, path: Sequence[bytes], blob: str) -> None:
        """Put a file at a path; its mode stays, a new one is a plain file."""
        name, size = path[0], self._repository.oid_size
        if len(path) > 1:
            below = self._sub(name) or Folder(self._repository, b"")
            self._below[name] = below
            self._changed.add(name)
            below.put(path[1:], blob)
            return
        entry = trees.find(self._data, name, size)
        mode = entry.mode if entry and entry.mode.startswith(b"100") else b"100644"
        self._data = trees.put(self._data, trees.TreeEntry(mode, name, bytes.fromhex(blob)), size)

    def write(self, new: list[NewObject]) -> str:
        """Add this tree, and those below it that changed, to `new`; return its id."""
        for name in sorted(self._changed):
            below = self._below[name]
            if below is not None:
                entry = trees.TreeEntry(b"40000", name, bytes.fromhex(below.write(new)))
                self._data = trees.put(self._data, entry, self._repository.oid_size)
        self._changed.clear()
        new.append(NewObject.of(self._repository, "tree", self._data))
        return new[-1].id

    def _sub(self, name: bytes) -> Folder | None:
        if name not in self._below:
            entry = trees.find(self._data, name, self._repository.oid_size)
            folder = entry is not None and entry.is_folder
            self._below[name] = Folder.load(self._repository, entry.oid.hex()) if entry and folder else None
        return self._below[name]


def store(repository: Repository, objects: Sequence[NewObject], file: str | None = None) -> str | None:
    """Store these through git, which checks them, and the file at a path of the work tree through its filters.

    Returns the id of the file's blob, None without a file. All are asked for at once and then waited for, so that they
    reach the disk together. The workspace's lock must be held. Raises `CannotWrite`, `GitFailed`.
    """
    scratch = [repository.private / f"object.{number}" for number in range(len(objects))]
    asked: list[tuple[str | None, Helper]] = []
    answers: list[tuple[str | None, str]] = []
    try:
        if file is not None:
            helper = repository.git.helper("hash-object", "-w", "--stdin-paths")
            helper.send(_quoted(file))
            asked.append((None, helper))
        for number, one in enumerate(objects):
            try:
                scratch[number].write_bytes(one.data)
            except OSError as error:
                raise intent.CannotWrite(scratch[number], error) from None
            command = ("hash-object", "-t", one.kind, "-w", "--no-filters", "--stdin-paths")
            helper = repository.git.helper(*command, number=number % _SIDE_BY_SIDE)
            helper.send(_quoted(str(scratch[number])))
            asked.append((one.id, helper))
    finally:
        failed: list[GitFailed] = []
        # What was asked must be answered, or the next question would get this one's answer.
        for wanted, helper in asked:
            try:
                answers.append((wanted, helper.line()))
            except GitFailed as error:
                failed.append(error)
        for path in scratch:
            path.unlink(missing_ok=True)
    if failed:
        raise GitFailed("store the change", failed[0].stderr)
    if any(wanted not in (None, stored) for wanted, stored in answers):
        raise AssertionError("git gave an object another id than its bytes have")
    return answers[0][1] if file is not None else None


def _quoted(path: str) -> str:
    if path.isprintable() and not path.startswith('"'):
        return path
    quoted = (f"\\{byte:03o}" if not 32 <= byte < 127 or byte in b'"\\' else chr(byte) for byte in os.fsencode(path))
    return f'"{"".join(quoted)}"'
