"""Whether the files of a decision are what the caller read, what is committed, and what is staged."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from callforth.repo import objects, staged
from callforth.repo.durable import CannotWrite
from callforth.repo.edits import FileEdit, FileMoved, UncommittedEdit
from callforth.repo.objects import Folder, NewObject
from callforth.repo.repository import Repository


def names(path: str) -> list[bytes]:
    """Return the names along a path, as git has them."""
    return os.fsencode(path).split(b"/")


def check(repository: Repository, root: Folder, files: Mapping[str, FileEdit]) -> dict[str, str]:
    """Refuse where a file differs from what the caller read, from the last commit, or in the index.

    Returns the id that is committed for each path, '' where nothing is. Raises `FileMoved`, `UncommittedEdit`,
    `CannotWrite`.
    """
    committed = {path: root.blob(names(path)) or "" for path in files}
    staged_blobs = staged.blobs(repository, committed)
    plain: dict[Path, bool] = {repository.root: True}
    for path, edit in files.items():
        target = repository.root / path
        if target.is_symlink() or not _is_plain(target.parent, plain):
            raise FileMoved(f"{path} is, or lies behind, a symbolic link; put a plain file there")
        try:
            now = target.read_bytes()
        except FileNotFoundError:
            now = None
        except OSError as error:
            raise CannotWrite(target, error) from None
        if now != edit.before:
            raise FileMoved(f"{path} changed while you looked at it; look again and decide anew")
        known = committed[path]
        if (not known) != (edit.before is None) or (
            edit.before is not None and not _same(repository, path, edit.before, known)
        ):
            if not known:
                raise UncommittedEdit(
                    f"{path} is not committed yet; commit it first ('git add {path} && git commit {path}')"
                )
            raise UncommittedEdit(
                f"{path} has edits that are not committed; commit them ('git commit {path}') or drop them first"
            )
        if staged_blobs[path] != known:
            raise UncommittedEdit(
                f"{path} has edits that are staged; commit or unstage them ('git restore --staged {path}') first"
            )
    return committed


def _same(repository: Repository, path: str, data: bytes, oid: str) -> bool:
    if repository.object_id("blob", data) == oid:
        return True
    # The plain hash differs where a filter (line endings, for one) changes what is stored: then git must say.
    said = repository.git.run("hash-object", "--stdin", f"--path={path}", stdin=data, doing=f"compare {path}")[1]
    return said.decode().strip() == oid


def _is_plain(folder: Path, known: dict[Path, bool]) -> bool:
    if folder not in known:
        known[folder] = not folder.is_symlink() and _is_plain(folder.parent, known)
    return known[folder]


class Filters:
    """Whether git stores bytes of these files as they are in the work tree, which it nearly always does."""

    _ATTRIBUTES = ("filter", "ident", "working-tree-encoding")
    _NONE = (b"unspecified", b"unset")

    def __init__(self, repository: Repository, paths: Iterator[str]) -> None:
        self._repository = repository
        listing = b"\0".join(map(os.fsencode, paths)) + b"\0"
        command = ("check-attr", "-z", "--stdin", *self._ATTRIBUTES)
        said = repository.git.run(*command, stdin=listing, doing="read the attributes")[1].split(b"\0")
        self._filtered = {
            os.fsdecode(path) for path, value in zip(said[::3], said[2::3], strict=False) if value not in self._NONE
        }
        # It refuses some line endings: let git do that.
        self._strict = repository.config("core.safecrlf") == "true"

    def plain(self, path: str, data: bytes) -> bool:
        """Tell whether these bytes of a file are stored as they are, for certain."""
        return not self._strict and path not in self._filtered and b"\r" not in data

    def blob(self, path: str, data: bytes, add: Callable[[NewObject], None]) -> str:
        """Return the id of the blob that these bytes become; `add` takes it where git has not stored it already."""
        if not self.plain(path, data):
            return objects.filtered(self._repository, path, data)
        blob = NewObject.of(self._repository, "blob", data)
        add(blob)
        return blob.id
