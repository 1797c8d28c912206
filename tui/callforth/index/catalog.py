"""Every file of a workspace, kept up with: the index has what they say by now, and answers questions about it.

The work tree is the truth. `refresh` asks git which files changed since last time and reads only those; a file that
cannot be read becomes a `Problem` and takes nothing else down. Where nothing is known yet, everything is read, by all
cores, and can be watched growing.
"""

from __future__ import annotations

import json
import sqlite3
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from callforth.errors import RepositoryError
from callforth.index import database, scoring, store
from callforth.index.database import Database
from callforth.index.oddities import FOLDERS, Oddities
from callforth.index.questions import LOST, Questions, UnknownId, UnknownMeeting
from callforth.index.readers import Readers, everything, in_order
from callforth.index.reading import Record, content_id, place_of, read_file
from callforth.repo.listing import Listing, WorkTree, git_dir_of, object_format
from callforth.repo.look import look_of, stamp

__all__ = ["Catalog", "UnknownId", "UnknownMeeting"]

T = TypeVar("T")
Progress = Callable[[int, int], None]

_LINK = "120000"
_GONE = "~"  # as far as is known, git has it neither
_MODE = 4  # of what `look_of` returns


class Catalog(Questions):
    """The files of the workspace at `root`. Not for use from several threads at once."""

    def __init__(self, root: Path, index: Database | None = None) -> None:
        super().__init__(index or Database(database.place_of(root)))
        self.root = root
        self._tree: WorkTree | None = None
        self._reading: Iterator[tuple[int, int]] | None = None
        self._oddities = Oddities(root)
        self._seen: tuple[object, ...] = ()

    def close(self) -> None:
        """Close the index."""
        self._reading = None
        self.database.close()

    # Reading

    def read_ahead(self) -> Readers | None:
        """Begin to read all files in other processes, where the index has nothing of them; for `read_on`."""
        if database.is_there(self.root) or git_dir_of(self.root) is None:
            return None
        return Readers.ahead(self.root, self._object_format)

    def refresh(self, progress: Progress | None = None) -> bool:
        """Read what is new or changed, here or by another process; tell whether anything did since last time.

        `progress` is called now and then with how many files were read and how many there are to read. Raises
        `WorkspaceError` where the workspace has no folders to read.
        """
        if self._reading is not None:
            self._read_all(progress)  # begun a while ago: it does not know what has changed since
        generation = -1
        while generation != self.database.generation:  # else what was read went with a damaged index
            self._run(store.edition)
            generation = self.database.generation
            self._read_all(progress)
        return self.changed()

    def read_on(self, progress: Progress | None = None, readers: Readers | None = None) -> bool:
        """Read some of what is new or changed, and tell whether that was all; what was read is there at once.

        `readers` have begun to read already. Raises what `refresh` does.
        """
        if self._reading is None:
            self._reading = self._look(readers)
        try:
            done, total = next(self._reading)
        except StopIteration:
            self._reading = None
            return True
        except BaseException:
            self._reading = None
            raise
        if progress:
            progress(done, total)
        return False

    def _read_all(self, progress: Progress | None) -> None:
        while not self.read_on(progress):
            continue

    def reread(self, paths: Iterable[str]) -> None:
        """Read these files again where they changed, and no other file."""
        wanted, now = list(paths), time.time_ns()
        records = Readers.here(self.root, wanted, self._object_format, self._contents(wanted))
        gone = dict.fromkeys(set(wanted) - {record.path for record in records} - set(self._lost()), _GONE)
        # Known by a stamp of ours until the next look, which compares it with what git says by then.
        self._store(records, gone, lambda record: _token(record, {}, now))
        self._settle_scores()
        read = {record.path: record.content for record in records}
        for path in wanted:
            if path in self._parsed and self._parsed[path][0] != read.get(path):
                del self._parsed[path]

    def note_words(self) -> bool:
        """Make searching faster for some more texts, for about a tenth of a second; tell whether that was all."""
        return not database.has_words() or self._change(store.note_words)

    def forget(self) -> None:
        """Throw the index away; the next refresh reads everything anew."""
        self._reading = None
        self.database.renew()

    def changed(self) -> bool:
        """Tell whether the index says anything else than when this was last asked, whoever has changed it."""
        edition = self._run(store.edition)
        before, self._seen = self._seen, (self.database.generation, edition, self._odd)
        if self._seen != before:
            self._parsed.clear()
        return self._seen != before

    def _look(self, readers: Readers | None) -> Iterator[tuple[int, int]]:
        """Read whatever differs from what the index knows, in batches, and yield files done and to do after each."""
        self._odd = self._oddities.find()
        now = time.time_ns()
        listing = self._listing(self._run(lambda db: store.get(db, "mark")))
        generation = self.database.generation
        found = self._differences(listing, now)
        if found is None:
            listing = self._listing("")
            found = self._differences(listing, now)
        todo, gone, tokens = found or ([], set(), {})

        def token(record: Record) -> str:
            return _token(record, tokens, now)

        with closing(readers or Readers(self.root, todo, self._object_format)) as reading:
            done = 0
            for batch in reading.batches(todo, self._contents(todo)):
                self._store(batch, {}, token)
                done += len(batch)
                yield done, len(todo)
            missing = reading.missing
        if gone or missing:
            # git goes on telling of those that are missing, until they are there again or their going is staged.
            left = {path: LOST if path in listing.changed else _GONE for path in missing}
            self._store((), dict.fromkeys(gone, "") | left, token)
        if todo or gone:
            self._settle_twins(token)
        self._settle_scores()
        if generation == self.database.generation:
            self._whole = generation
            if listing.tracked is not None:
                self._change(lambda db: store.put(db, "mark", listing.mark))

    def _listing(self, known: str) -> Listing:
        """Return what git says of the work tree, or, where it does not answer, all that lies there as changed."""
        try:
            if self._tree is None:
                folder = git_dir_of(self.root)
                if folder is None:
                    return Listing("", frozenset(), everything(self.root))
                self._tree = WorkTree(self.root, folder, FOLDERS)
            return self._tree.look(known)
        except RepositoryError:
            return Listing("", frozenset(), everything(self.root))

    def _store(self, records: Iterable[Record], gone: Mapping[str, str], token: store.Token) -> None:
        self._change(lambda db: store.keep(db, records, gone, token))

    @cached_property
    def _object_format(self) -> str:
        folder = git_dir_of(self.root)
        return object_format(folder) if folder else "sha1"

    def _differences(self, listing: Listing, now: int) -> tuple[list[str], set[str], dict[str, str]] | None:
        """Return the paths to read, the paths that are gone, and how git knows each file that is as its index says.

        None where that takes git's whole listing, and there is none.
        """
        dirty = {path: _dirty_token(self.root, path, path in listing.changed, now) for path in listing.dirty}
        keys = {store.key(path) for path in dirty}
        if listing.tracked is None:
            if not keys.issuperset(path for (path,) in self._run(lambda db: db.execute(_DIRTY).fetchall())):
                return None
            clean: dict[str, str] = {}
            known = dict(self._run(lambda db: db.execute(_AMONG, (json.dumps(list(keys)),)).fetchall()))
        else:
            entries = (entry.decode(errors="surrogateescape").partition("\t") for entry in listing.tracked)
            clean = {path: token for token, _, path in entries if path not in dirty}
            known = dict(self._run(lambda db: db.execute("SELECT path, token FROM file").fetchall()))
            keys.update(map(store.key, clean))
        stale = [
            path
            for tokens in (clean, dirty)
            for path, token in tokens.items()
            if token != known.get(store.key(path)) and _matters(path, token)
        ]
        return in_order(stale), known.keys() - keys, clean

    def _contents(self, paths: list[str]) -> dict[str, str]:
        """Return the ids of the bytes that were last read of these files, where they stand by themselves."""
        asked = "SELECT value FROM json_each(?)"
        wanted = f"SELECT path, content FROM file WHERE content <> '' AND NOT twin AND path IN ({asked})"
        keys = json.dumps([store.key(path) for path in paths])
        return dict(self._run(lambda db: db.execute(wanted, (keys,)).fetchall()))

    def _settle_twins(self, token: store.Token) -> None:
        paths = self._run(store.twins)
        if paths:
            records = self._read(paths)
            self._change(lambda db: store.keep_twins(db, records, token))

    def _settle_scores(self) -> None:
        # Always asked for: whoever stored the reviews may have been killed before.
        if self._run(scoring.unsettled):
            self._change(store.settle)

    def _read(self, paths: list[str]) -> list[Record]:
        return Readers.here(self.root, paths, self._object_format)

    def _raw(self, path: str) -> tuple[bytes, str]:
        raw = read_file(self.root, path)
        return raw, content_id(raw, self._object_format)

    def _again(self) -> None:
        self.refresh()

    def _change(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def whole(db: sqlite3.Connection) -> T:
            with self.database.changing(db):
                return work(db)

        return self.database.run(whole)


_DIRTY = "SELECT path FROM file WHERE token >= '~'"
_AMONG = "SELECT path, token FROM file WHERE path IN (SELECT value FROM json_each(?))"


def _dirty_token(root: Path, path: str, tracked: bool, now: int) -> str:
    try:
        return f"~{stamp(look_of((root / path).lstat()), now)}"
    except (FileNotFoundError, NotADirectoryError):
        return LOST if tracked else _GONE
    except OSError:
        return _GONE  # unless it turns out that it only cannot be looked at


def _token(record: Record, clean: dict[str, str], now: int) -> str:
    """Return by what the next look will know a file again, if it has not changed by then."""
    token = clean.get(record.path)
    if token is None:
        return f"~{stamp(record.looked, now)}" if record.looked else _GONE
    # Where git keeps other bytes than those that were read, it filters them, or the file has just changed: either way
    # it is read again when git's index next changes.
    return token if record.content in ("", token.split(" ")[1]) else f"?{token}"


def _matters(path: str, token: str) -> bool:
    return place_of(path) is not None or token.startswith(_LINK) or (token[:1] == "~" and _is_link(token))


def _is_link(token: str) -> bool:
    return token not in (_GONE, LOST) and stat.S_ISLNK(int(token[1:].split(" ")[_MODE]))
