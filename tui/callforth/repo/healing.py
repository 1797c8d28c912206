"""Putting right what a write left behind that was cut off."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from callforth.repo import index_lock, intent, offspring, pack, staged
from callforth.repo.durable import CannotWrite, beside, settle
from callforth.repo.intent import Batch, Note
from callforth.repo.repository import Repository

_AT_ONCE = 500


def heal(repository: Repository) -> list[str]:
    """Do what `intent.heal` says; the workspace's lock must be held."""
    try:
        note = intent.noted(repository)
    except ValueError:
        offspring.outlive(repository)
        intent.fulfilled(repository)  # cut off while noting: nothing else was touched yet
        return []
    offspring.outlive(repository)
    if note is None:
        return []
    index_lock.wait(repository)
    _clean_up(repository, note)
    if note.batch is not None:
        _take_back(repository, note.batch, note.made)
    ours = _in_line(repository, note)
    try:
        settle([file for path in ours if (file := repository.root / path).exists()])
    except OSError as error:
        raise CannotWrite(repository.root, error) from None
    intent.fulfilled(repository)
    return ours


def _in_line(repository: Repository, note: Note) -> list[str]:
    """Bring work tree and index in line with HEAD, each where it still is what the write made or found."""
    paths = list(note.contents)
    head = _in_head(repository, paths)
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
    _git(repository, ["restore", "--source=HEAD", "--staged", "--worktree"], both)
    _git(repository, ["restore", "--source=HEAD", "--worktree"], tree)
    # New ones that no commit has, and what the user has edited since: only the index follows.
    _git(repository, ["reset", "--quiet", "HEAD"], index)
    for path in ours:
        if path not in head:
            (repository.root / path).unlink(missing_ok=True)
    return ours


def _stored(repository: Repository, path: str, note: Note) -> str:
    """Return the id of what git stores for our file in the work tree, which a filter may have changed."""
    if not (repository.root / path).is_file():
        return ""
    said = repository.git.run("hash-object", "--", path, doing="finish what was cut off")[1]
    return said.decode().strip()


def _take_back(repository: Repository, batch: Batch, made: Sequence[str]) -> None:
    """Move the branch back to where a half-made batch began, if nobody has committed on top of it."""
    if repository.branch() != batch.branch:
        return
    head = repository.commit(batch.branch)
    last, count = (made[-1], len(made)) if made else (batch.tip, 0)
    if head != last and head is not None and count < len(batch.commits):
        # The process may have died before it could note its last commit.
        count += _is_next(repository, head, last, *batch.commits[count])
        last = head if count > len(made) else last
    if head != last or head == batch.tip or count == len(batch.commits):
        return
    note = "callforth: a batch that was cut off is taken back"
    repository.git.run("update-ref", "-m", note, batch.branch, batch.tip, head, doing="take the batch back")


def _is_next(repository: Repository, commit: str, parent: str, subject: str, paths: Sequence[str]) -> bool:
    command = ("log", "-1", "-z", "--name-only", "--no-renames", "--format=%P%x00%s", commit)
    said = os.fsdecode(repository.git.run(*command, doing="finish what was cut off")[1]).split("\0")
    changed = {item.lstrip("\n") for item in said[2:]} - {""}
    return said[0] == parent and said[1] == subject and changed == {path.lstrip("\n") for path in paths}


def _clean_up(repository: Repository, note: Note) -> None:
    pack.clean_up(repository)
    offspring.tidy(repository)
    disk = repository.private.stat().st_dev
    for path in note.contents:
        target = repository.root / path
        with suppress(OSError):
            if target.parent.stat().st_dev != disk:
                beside(target).unlink(missing_ok=True)


def _git(repository: Repository, command: list[str], paths: list[str]) -> None:
    if paths:
        listing = b"\0".join(os.fsencode(path) for path in paths)
        repository.git.run(
            "--literal-pathspecs", *command, "--pathspec-from-file=-", "--pathspec-file-nul",
            stdin=listing, doing="finish what was cut off",
        )  # fmt: skip


def _in_head(repository: Repository, paths: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    command = ("--literal-pathspecs", "ls-tree", "--full-tree", "-z", "HEAD", "--")
    for start in range(0, len(paths), _AT_ONCE):
        some = paths[start : start + _AT_ONCE]
        for item in repository.git.run(*command, *some, doing="finish what was cut off")[1].split(b"\0"):
            if item:
                meta, path = os.fsdecode(item).split("\t", 1)
                found[path] = meta.split(" ")[2]
    return found


def _digest_of(path: Path) -> str:
    try:
        return intent.digest(path.read_bytes())
    except OSError:
        return ""
