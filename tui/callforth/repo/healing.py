"""Putting right what a write left behind that was cut off."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from callforth.repo import index_lock, intent, lately, left, offspring, pack, placing, staged, stale
from callforth.repo.durable import CannotWrite, beside
from callforth.repo.git import GitFailed
from callforth.repo.index_update import IndexUpdate
from callforth.repo.intent import Batch, Note
from callforth.repo.repository import Repository

_RESTORED = "restored"
_LISTED = ("--pathspec-from-file=-", "--pathspec-file-nul")
_DOING = "finish what was cut off"


def heal(repository: Repository, wait: float = offspring.WAIT) -> list[str]:
    """Do what `intent.heal` says; the workspace's lock must be held."""
    try:
        note = intent.noted(repository)
    except ValueError:
        offspring.outlive(repository, wait)
        offspring.tidy(repository)
        intent.drop(repository)  # cut off while noting: nothing else was touched yet
        return _follow(repository, wait)
    offspring.outlive(repository, wait)
    if note is None:
        offspring.tidy(repository)
        return _follow(repository, wait)
    _unlock(repository, note, wait)
    index_lock.wait(repository, min(wait, index_lock.WAIT))
    _clean_up(repository, note)
    if note.batch is not None:
        _take_back(repository, note.batch, note.made)
    ours = _in_line(repository, note)
    try:
        placing.settle_files(file for path in ours if (file := repository.root / path).exists())
    except OSError as error:
        raise CannotWrite(repository.root, error) from None
    offspring.tidy(repository)
    intent.drop(repository)
    return list(dict.fromkeys([*ours, *_follow(repository, wait)]))


def _follow(repository: Repository, wait: float) -> list[str]:
    """Bring entries of files that were written lately in line with HEAD, if another git wrote them back."""
    kept = lately.notes(repository.private)
    if not kept:
        return []
    index_lock.wait(repository, min(wait, index_lock.WAIT))  # who holds it may be about to do it
    index = left.stamp(repository.git_dir)
    notes = []
    for file in kept:
        with suppress(OSError, ValueError):
            notes.append(intent.read(file))
    behind = _written_back(repository, notes)
    if behind:
        with IndexUpdate.only(repository) as env:
            _git(repository, ["--literal-pathspecs", "reset", "--quiet", "HEAD", *_LISTED], behind, env)
    lately.looked(repository.private, kept, index)
    return behind


def _written_back(repository: Repository, notes: Sequence[Note]) -> list[str]:
    """Return the files whose entry is what was committed before a write, where HEAD has something else by now.

    Where the work tree has that as well, somebody has taken it back by hand.
    """
    paths = list(dict.fromkeys(path for note in notes for path in note.committed))
    entries, head = staged.entries(repository, paths), staged.in_head(repository, paths)
    return [
        path
        for path in paths
        if any(
            note.committed.get(path) == entries.get(path, "") != head.get(path, "")
            and _digest_of(repository.root / path) != note.contents[path][0]
            for note in notes
        )
    ]


def _unlock(repository: Repository, note: Note, wait: float) -> None:
    """Remove what the gits of the write have locked; all of them are dead."""
    batch = note.batch
    if not note.branch:
        return

    def follows(commit: str) -> bool:
        with suppress(GitFailed):
            return batch is not None and _is_next(repository, commit, batch, note.made)
        return False

    patience = min(wait, stale.LONG)
    stale.clear(repository, note.branch, offspring.dead(repository), follows, batch is not None, patience)


def _in_line(repository: Repository, note: Note) -> list[str]:
    """Bring work tree and index in line with HEAD, each where it still is what the write made or found."""
    paths = list(note.contents)
    head = staged.in_head(repository, paths)
    entries = staged.entries(repository, paths)
    ours = [path for path in paths if _digest_of(repository.root / path) in note.contents[path]]
    both: list[str] = []
    tree: list[str] = []
    index: list[str] = []
    for path in paths:
        entry = entries.get(path, "")
        in_tree = path in ours
        in_index = entry in (head.get(path, ""), *note.blobs[path]) or (
            in_tree and entry == _stored(repository, path, note)
        )
        if path in head and in_tree:
            (both if in_index else tree).append(path)
        elif in_index and entry != head.get(path, ""):
            index.append(path)
    # The lock on the index is our own file meanwhile: whatever ends these gits, it can be told whose it is.
    with IndexUpdate.only(repository) as env:
        _take_away(repository, [path for path in ours if path not in head])
        _restore(repository, both + tree)
        # New ones that no commit has, and what the user has edited since: only the index follows.
        _git(repository, ["--literal-pathspecs", "reset", "--quiet", "HEAD", *_LISTED], both + index, env)
    return ours


def _take_away(repository: Repository, paths: list[str]) -> None:
    try:
        placing.take_away(repository.root, paths)
    except OSError as error:
        raise CannotWrite(repository.root, error) from None


def _stored(repository: Repository, path: str, note: Note) -> str:
    """Return the id of what git stores for our file in the work tree, which a filter may have changed."""
    file = repository.root / path
    if file.is_symlink():
        return repository.object_id("blob", placing.content(file))
    if not file.is_file():
        return ""
    said = repository.git.run("hash-object", "--", path, doing=_DOING)[1]
    return said.decode().strip()


def _take_back(repository: Repository, batch: Batch, made: Sequence[str]) -> None:
    """Move the branch back to where a half-made batch began, if nobody has committed on top of it."""
    if repository.branch() != batch.branch:
        return
    head = repository.commit(batch.branch)
    last, count = (made[-1], len(made)) if made else (batch.tip, 0)
    # The process may have died before it could note its last commit.
    if head != last and head is not None and _is_next(repository, head, batch, made):
        last, count = head, count + 1
    if head != last or head is None or head == batch.tip or count == len(batch.commits):
        return
    stale.move(repository, batch.branch, batch.tip, head, "callforth: a batch that was cut off is taken back")


def _is_next(repository: Repository, commit: str, batch: Batch, made: Sequence[str]) -> bool:
    """Tell whether a commit is the one of the batch that comes after those that were made."""
    if len(made) == len(batch.commits):
        return False
    parent, (subject, paths) = made[-1] if made else batch.tip, batch.commits[len(made)]
    command = ("log", "-1", "-z", "--name-only", "--no-renames", "--format=%P%x00%s", commit)
    said = os.fsdecode(repository.git.run(*command, doing=_DOING)[1]).split("\0")
    changed = {item.lstrip("\n") for item in said[2:]} - {""}
    return said[0] == parent and said[1] == subject and changed == {path.lstrip("\n") for path in paths}


def _clean_up(repository: Repository, note: Note) -> None:
    pack.clean_up(repository)
    shutil.rmtree(repository.private / _RESTORED, ignore_errors=True)
    disk = repository.private.stat().st_dev
    for path in note.contents:
        target = repository.root / path
        with suppress(OSError):
            if target.parent.stat().st_dev != disk:
                beside(target).unlink(missing_ok=True)


def _restore(repository: Repository, paths: list[str]) -> None:
    """Put files into the work tree as HEAD has them, each at once, so that one more kill leaves none missing."""
    if not paths:
        return
    scratch = repository.private / _RESTORED
    shutil.rmtree(scratch, ignore_errors=True)
    made, env = scratch / "files", {"GIT_INDEX_FILE": str(scratch / "index")}
    try:
        made.mkdir(parents=True)
    except OSError as error:
        raise CannotWrite(scratch, error) from None
    repository.git.run("read-tree", "HEAD", env=env, doing=_DOING)
    _git(repository, ["checkout-index", f"--prefix={made}/", "-z", "--stdin"], paths, env)
    try:
        placing.settle_files(made / path for path in paths)
        for path in paths:
            placing.put(made / path, repository.root / path)
    except OSError as error:
        raise CannotWrite(repository.root, error) from None
    shutil.rmtree(scratch, ignore_errors=True)


def _git(repository: Repository, command: list[str], paths: list[str], env: dict[str, str]) -> None:
    if paths:
        listing = b"".join(os.fsencode(path) + b"\0" for path in paths)
        repository.git.run(*command, stdin=listing, env=env, doing=_DOING)


def _digest_of(path: Path) -> str:
    try:
        return intent.digest(placing.content(path))
    except OSError:
        return ""
