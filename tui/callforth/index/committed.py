"""Every file of a workspace as one commit has it, in an index of its own that lives in memory.

All that can be asked of the files can be asked of a commit's. It is filled from git's objects, by all cores where that
is worth it, and never changes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from callforth.index import store
from callforth.index.catalog import Catalog
from callforth.index.database import Database
from callforth.index.oddities import FOLDERS
from callforth.index.readers import Readers, in_order
from callforth.index.reading import Record, place_of, said
from callforth.model.application import Problem
from callforth.model.text import clean_line
from callforth.plaintext.document import MOST_BYTES, FileUnusable, check_size
from callforth.repo import committed
from callforth.repo.committed import Committed, Content
from callforth.repo.git import Git

_AT_ONCE = 50


class CommitCatalog(Catalog):
    """The files of the workspace at `root` as `commit` has them, or those in some `places` of it.

    Not for use from several threads at once.
    """

    def __init__(self, root: Path, git: Git, commit: str, places: Sequence[str] = FOLDERS) -> None:
        super().__init__(root, Database(None))
        self._git, self._commit, self._places = git, commit, places
        self._files: dict[str, Committed] = {}

    def reread(self, paths: Iterable[str]) -> None:
        """Do nothing: a commit does not change."""

    def note_words(self) -> bool:
        """Do nothing: nobody looks for words in a moment of the past for long."""
        return True

    def _look(self, readers: Readers | None) -> Iterator[tuple[int, int]]:
        self._run(store.edition)
        if self._whole == self.database.generation:
            return
        generation = self.database.generation
        self._files = {file.path: file for file in committed.files(self._git, self._commit, self._places)}
        todo = in_order(path for path, file in self._files.items() if place_of(path) is not None or file.is_link)
        with closing(_CommitReaders(self.root, self._git, self._files, todo)) as reading:
            done = 0
            for batch in reading.batches(todo, {}):
                self._store(batch, {}, _token)
                done += len(batch)
                yield done, len(todo)
        self._settle_twins(_token)
        self._settle_scores()
        if generation == self.database.generation:
            self._whole = generation

    def _read(self, paths: list[str]) -> list[Record]:
        found = _read(self._git, [self._files[path] for path in paths if path in self._files])
        return [record for record in found if record is not None]

    def _raw(self, path: str) -> tuple[bytes, str]:
        file = self._files[path]
        [content] = committed.contents(self._git, [file.blob], MOST_BYTES)
        return _bytes(file, content), file.blob


class _CommitReaders(Readers):
    """Children that read files out of git's objects, each with a git of its own."""

    def __init__(self, root: Path, git: Git, files: Mapping[str, Committed], paths: Sequence[str]) -> None:
        self._git, self._files, self._owner = git, files, os.getpid()
        super().__init__(root, paths, "")

    def _read(self, paths: Sequence[str], known: Mapping[str, str]) -> Iterator[tuple[str, Record | None]]:
        if os.getpid() != self._owner:
            self._git, self._owner = Git(self._git.folder, self._git.interactive), os.getpid()
        for start in range(0, len(paths), _AT_ONCE):
            some = paths[start : start + _AT_ONCE]
            yield from zip(some, _read(self._git, [self._files[path] for path in some]), strict=True)


def _read(git: Git, files: Sequence[Committed]) -> list[Record | None]:
    """Read some files as what their paths say they are; None where there is nothing that the index keeps."""
    found = iter(committed.contents(git, [file.blob for file in files if file.is_file], MOST_BYTES))
    return [_record(file, next(found) if file.is_file else None) for file in files]


def _record(file: Committed, content: Content | None) -> Record | None:
    place = place_of(file.path)
    where = clean_line(file.path)
    if file.is_link:
        says = "this is a symbolic link"
        return (
            None if "/." in file.path else Record(file.path, "", Problem(where, 0, says, "put the real file there"), ())
        )
    if place is None:
        return None
    if isinstance(place, Problem):
        return Record(file.path, "", place, ())
    if content is None:
        return Record(file.path, "", Problem(where, 0, "this is not a file", "put the real file there"), ())
    try:
        return Record(file.path, file.blob, said(_bytes(file, content), file.path, place), ())
    except FileUnusable as error:
        return Record(file.path, file.blob, error.problem, ())


def _bytes(file: Committed, content: Content) -> bytes:
    """Return the bytes of a file. Raises `FileUnusable` where git has not got them, or they are too many."""
    if content.size < 0:
        says = "git has not got this version of the file"
        raise FileUnusable(Problem(clean_line(file.path), 0, says, "fetch it with git"))
    check_size(content.size, clean_line(file.path))
    return content.data


def _token(record: Record) -> str:
    return record.content or "-"
